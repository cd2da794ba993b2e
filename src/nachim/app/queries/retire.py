"""Which of too many KPIs to retire: what each alone tells, who reads it, and whether it ever moved anything."""

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
from django.utils import timezone

from nachim.app import language, policy
from nachim.app.actions.series import slice_key
from nachim.app.models import CheckIn, Kpi, KpiRead, Series, Team
from nachim.app.queries.points import anchor, last_periods, load
from nachim.core.alignment import MOST
from nachim.core.period import Grain

LOOK_BACK, LEAST_POINTS, ALIKE = 13, 6, 0.85
RECENT = timedelta(days=60)


@dataclass(frozen=True)
class Candidate:
    """A KPI with the evidence against it. `twin`: the one it moves with most, `alike` their correlation (-1 to 1)."""

    kpi: Kpi
    twin: Kpi | None
    alike: float | None
    last_read: date | None
    readers: int
    moved: int

    @property
    def redundant(self) -> bool:
        return self.alike is not None and abs(self.alike) >= ALIKE

    @property
    def unread(self) -> bool:
        return self.readers == 0

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
    alike = _alike(kpis)
    since = language.calendar().today(timezone.now()) - RECENT
    found = []
    for at, kpi in enumerate(kpis):
        twin, value = alike.get(at, (None, None))
        reads = KpiRead.objects.filter(kpi=kpi)
        last = reads.order_by("-day").values_list("day", flat=True).first()
        readers = reads.filter(day__gte=since).values("user").distinct().count()
        moved = kpi.targets.filter(version__gt=1).count() + kpi.versions.filter(version__gt=1).count()
        moved += CheckIn.objects.filter(key_result__kpi=kpi).count()
        found.append(Candidate(kpi, None if twin is None else kpis[twin], value, last, readers, moved))
    return sorted(found, key=lambda one: (-one.weight, -abs(one.alike or 0)))


def _alike(kpis: list[Kpi]) -> dict[int, tuple[int, float]]:
    """For each, the other whose monthly changes go with its own most; changes, since two trends always look alike."""
    calendar = language.calendar()
    today = calendar.today(timezone.now())
    wanted, own = [], {}
    for at, kpi in enumerate(kpis):
        series = Series.objects.filter(metric=kpi.metric, slice_key=slice_key(kpi.slice)).first()
        if series is not None:
            own[at] = series
            periods = last_periods(calendar, Grain.MONTH, anchor(series, calendar, today), LOOK_BACK)
            wanted.append((series, Grain.MONTH, periods))
    points = load(wanted)
    values = {
        at: {
            key: point.value
            for key, point in points.get((series.pk, Grain.MONTH), {}).items()
            if point.closed and point.value is not None
        }
        for at, series in own.items()
    }
    found: dict[int, tuple[int, float]] = {}
    for one in values:
        for other in values:
            keys = sorted(values[one].keys() & values[other].keys())
            if one == other or len(keys) < LEAST_POINTS:
                continue
            first, second = (np.diff([values[at][key] for key in keys]) for at in (one, other))
            if not first.std() or not second.std():
                continue
            value = float(np.corrcoef(first, second)[0, 1])
            if one not in found or abs(value) > abs(found[one][1]):
                found[one] = (other, value)
    return found
