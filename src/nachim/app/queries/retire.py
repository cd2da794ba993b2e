"""Which of too many KPIs to retire: what each alone tells, who reads it, and whether it ever moved anything."""

import math
from collections import Counter
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Count, Max, Q, Sum
from django.db.models.functions import Coalesce
from django.utils import timezone

from nachim.analysis.alike import Alike, alike
from nachim.app import language, policy
from nachim.app.actions.series import slice_key
from nachim.app.models import CheckIn, Kpi, KpiRead, KpiVersion, Series, Target, Team
from nachim.app.queries.points import anchor, last_periods, load
from nachim.core.alignment import MOST
from nachim.core.period import Grain

GRAIN, LOOK_BACK, ALIKE, SURELY = Grain.WEEK, 52, 0.8, 0.5
RECENT = timedelta(days=60)


@dataclass(frozen=True)
class Candidate:
    """A KPI with the evidence against it. `twin`: the one it moves with most, `alike` how surely."""

    kpi: Kpi
    twin: Kpi | None
    alike: Alike | None
    last_read: date | None
    opened: int
    moved: int

    @property
    def redundant(self) -> bool:
        return self.alike is not None and abs(self.alike.correlation) >= ALIKE and self.alike.surely >= SURELY

    @property
    def unread(self) -> bool:
        return self.opened == 0

    @property
    def weight(self) -> int:
        """How much speaks for retiring it."""
        return 2 * self.redundant + self.unread + (self.moved == 0)


def crowded(goal, teams=(), *, user=policy.SYSTEM) -> list[Kpi]:
    """The KPIs among which one more would be too many: of the goal, else of a team; empty where there is room."""
    live = policy.visible(user, Kpi.objects.filter(archived_at=None).select_related("metric"))
    own = list(live.filter(goal=goal))
    if len(own) >= MOST:
        return own
    for team in Team.objects.filter(pk__in=[one.pk for one in teams]):
        theirs = list(live.filter(teams=team))
        if len(theirs) >= MOST:
            return theirs
    return []


def candidates(kpis: list[Kpi]) -> list[Candidate]:
    """Every KPI with its evidence, the one to retire first on top."""
    twins, reads, moves = _alike(kpis), _reads(kpis), _moves(kpis)
    found = []
    for at, kpi in enumerate(kpis):
        twin, value = twins.get(at, (None, None))
        last, opened = reads.get(kpi.pk, (None, 0))
        found.append(Candidate(kpi, None if twin is None else kpis[twin], value, last, opened, moves[kpi.pk]))
    return sorted(found, key=lambda one: (-one.weight, -(one.alike.surely if one.alike else 0)))


def _reads(kpis: list[Kpi]) -> dict[int, tuple[date, int]]:
    """When each was last opened, and how often lately."""
    since = language.calendar().today(timezone.now()) - RECENT
    lately = Coalesce(Sum("times", filter=Q(day__gte=since)), 0)
    rows = KpiRead.objects.filter(kpi__in=kpis).values_list("kpi").annotate(last=Max("day"), lately=lately).order_by()
    return {kpi: (last, opened) for kpi, last, opened in rows}


def _moves(kpis: list[Kpi]) -> Counter[int]:
    """How often each was changed or spoken of: new targets, new definitions, check-ins."""
    asked = (
        Target.objects.filter(kpi__in=kpis, version__gt=1).values_list("kpi"),
        KpiVersion.objects.filter(kpi__in=kpis, version__gt=1).values_list("kpi"),
        CheckIn.objects.filter(key_result__kpi__in=kpis).values_list("key_result__kpi"),
    )
    return sum((Counter(dict(rows.annotate(n=Count("pk")).order_by())) for rows in asked), Counter())


def _alike(kpis: list[Kpi]) -> dict[int, tuple[int, Alike]]:
    """For each, the other that surely tells most of the same, by the week; where none does, the closest."""
    calendar = language.calendar()
    today = calendar.today(timezone.now())
    wanted, own = [], {}
    every = {
        (one.metric_id, one.slice_key): one for one in Series.objects.filter(metric__in={k.metric_id for k in kpis})
    }
    for at, kpi in enumerate(kpis):
        series = every.get((kpi.metric_id, slice_key(kpi.slice)))
        if series is not None:
            periods = last_periods(calendar, GRAIN, anchor(series, calendar, today), LOOK_BACK)
            own[at] = series, periods
            wanted.append((series, GRAIN, periods))
    points = load(wanted)
    values = {at: points.get((series.pk, GRAIN), {}) for at, (series, _periods) in own.items()}
    keys = sorted({key for some in values.values() for key, point in some.items() if point.closed})
    rows = {
        at: [math.nan if (point := some.get(key)) is None or point.value is None else point.value for key in keys]
        for at, some in values.items()
    }
    found: dict[int, tuple[int, Alike]] = {}
    for one in rows:
        for other in rows:
            beside = [rows[at] for at in rows if at not in (one, other)]
            value = alike(rows[one], rows[other], beside) if one != other else None
            if value is None:
                continue
            if one not in found or _strength(value) > _strength(found[one][1]):
                found[one] = (other, value)
    return found


def _strength(value: Alike) -> tuple[float, float]:
    return value.surely, abs(value.correlation)
