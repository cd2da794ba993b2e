"""Which of too many KPIs to retire: what each alone tells, who reads it, and whether it ever moved anything."""

import math
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Sum
from django.utils import timezone

from nachim.analysis.alike import Alike, alike
from nachim.app import language, policy
from nachim.app.actions.series import slice_key
from nachim.app.models import CheckIn, Kpi, KpiRead, Series, Team
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
    twins = _alike(kpis)
    since = language.calendar().today(timezone.now()) - RECENT
    found = []
    for at, kpi in enumerate(kpis):
        twin, value = twins.get(at, (None, None))
        reads = KpiRead.objects.filter(kpi=kpi)
        last = reads.order_by("-day").values_list("day", flat=True).first()
        opened = reads.filter(day__gte=since).aggregate(all=Sum("times"))["all"] or 0
        moved = kpi.targets.filter(version__gt=1).count() + kpi.versions.filter(version__gt=1).count()
        moved += CheckIn.objects.filter(key_result__kpi=kpi).count()
        found.append(Candidate(kpi, None if twin is None else kpis[twin], value, last, opened, moved))
    return sorted(found, key=lambda one: (-one.weight, -(one.alike.surely if one.alike else 0)))


def _alike(kpis: list[Kpi]) -> dict[int, tuple[int, Alike]]:
    """For each, the other that surely tells most of the same, by the week; where none does, the closest."""
    calendar = language.calendar()
    today = calendar.today(timezone.now())
    wanted, own = [], {}
    for at, kpi in enumerate(kpis):
        series = Series.objects.filter(metric=kpi.metric, slice_key=slice_key(kpi.slice)).first()
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
