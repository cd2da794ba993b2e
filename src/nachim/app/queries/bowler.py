"""The bowler: months across, KPIs down, each month's actual against its target."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Prefetch
from django.utils import timezone

from nachim.app import language, policy
from nachim.app.actions.series import slice_key
from nachim.app.models import Kpi, Series, Target
from nachim.app.queries import feasts
from nachim.app.queries.points import Point, last_day, load
from nachim.app.sight import EVERYTHING, WHOLE, Sight
from nachim.app.workdays import closed, days
from nachim.core.bowler import Mark, mark
from nachim.core.period import Calendar, Grain, Period
from nachim.core.revision import in_force
from nachim.core.status import Feast
from nachim.core.target import HitRate, Levels, Reach
from nachim.core.target import Target as TargetRule

MONTHS = 12
LENGTH = {Grain.DAY: 1, Grain.WEEK: 7}


@dataclass(frozen=True)
class Cell:
    """`expected`: the target of this month; `running`: the month is not over, so it is not judged."""

    period: Period
    value: float | None
    expected: float | None
    mark: Mark
    running: bool


@dataclass(frozen=True)
class Line:
    kpi: Kpi
    target: TargetRule | None
    cells: list[Cell | None]

    @property
    def unit(self) -> str:
        return self.kpi.metric.unit


@dataclass(frozen=True)
class Bowler:
    months: list[Period]
    lines: list[Line]
    before: date
    after: date | None


def bowler(user, *, until: date | None = None, now: datetime | None = None) -> Bowler:
    """Twelve months up to the one that holds `until` (now, unless said), of every live KPI this person may see."""
    calendar = language.calendar()
    today = calendar.today(now or timezone.now())
    last = calendar.period(Grain.MONTH, min(until or today, today))
    months = [last]
    while len(months) < MONTHS:
        months.append(months[-1].previous())
    months.reverse()
    kpis = policy.visible(user, Kpi.objects.filter(archived_at=None, goal__archived_at=None))
    kpis = list(
        kpis.select_related("metric", "goal", "owner").prefetch_related(
            Prefetch("targets", Target.objects.order_by("-version"))
        )
    )
    series = {(one.metric_id, one.slice_key): one for one in Series.objects.all()}
    first = months[0].start.date()
    end = last.end.date()
    quarters = calendar.periods(Grain.QUARTER, first, end)
    wanted = []
    for kpi in kpis:
        own = series.get((kpi.metric_id, slice_key(kpi.slice)))
        if own is not None:
            grain = Grain.QUARTER if kpi.cadence == "quarter" else Grain.MONTH
            wanted.append((own, grain, quarters if grain is Grain.QUARTER else months))
    sight = policy.sight(user) or EVERYTHING
    wanted += [(own, grain, feasts.periods(calendar, some)) for own, grain, some in wanted]
    points = load(wanted, sight)
    off = closed()
    lines = [_line(kpi, months, series, points, calendar, off, sight) for kpi in kpis]
    following = last.next().start.date()
    return Bowler(months, lines, first - timedelta(days=1), following if following <= today else None)


def _line(
    kpi: Kpi, months: list[Period], series, points, calendar: Calendar, off: frozenset[date], sight: Sight
) -> Line:
    own = series.get((kpi.metric_id, slice_key(kpi.slice)))
    versions = list(kpi.targets.all()) if own is None or sight.part(own) == WHOLE else []
    cells: list[Cell | None] = []
    for month in months:
        period = month
        if kpi.cadence == "quarter":
            period = calendar.period(Grain.QUARTER, month.start.date())
            # A quarter stands in its last month.
            if period.end != month.end:
                cells.append(None)
                continue
        known = points.get((own.pk, period.grain), {}) if own else {}
        point = known.get(period.key)
        # Each month by the version that held when it ended.
        held = in_force(versions, last_day(period))
        cells.append(_cell(kpi, held.rule if held else None, period, point, off, feasts.feast(calendar, point, known)))
    return Line(kpi, versions[0].rule if versions else None, cells)


def _cell(
    kpi: Kpi, target: TargetRule | None, period: Period, point: Point | None, off: frozenset[date], feast: Feast | None
) -> Cell:
    value = point.value if point is not None and (point.closed or point.partial) else None
    running = point is not None and point.partial
    expected = _expected(kpi, target, period, off)
    judged = None if running else value
    # Levels of a day mean nothing of a month that adds its days up.
    if isinstance(target, HitRate) and kpi.metric.additive and Grain(kpi.cadence) in LENGTH:
        judged = None
    outside = target is None or last_day(period) < target.start or period.start.date() > target.due
    found = "none" if outside else mark(target, judged, expected)
    # A month that fell as the same feast made it fall the year before is not missed.
    if found == "miss" and feast is not None and judged is not None and feast.share > 0:
        found = "near" if mark(target, judged / feast.share, expected) in ("hit", "near") else found
    return Cell(period, value, expected, found, running)


def _expected(kpi: Kpi, target: TargetRule | None, period: Period, off: frozenset[date]) -> float | None:
    """The target of a month: of a KPI judged by day or week that adds up, what its days come to."""
    if not isinstance(target, Levels):
        return None
    first, last = max(period.start.date(), target.start), last_day(period)
    if last < target.start or period.start.date() > target.due:
        return None
    workdays = days(target.start.year, target.due.year, off)
    if isinstance(target, Reach) and target.total:
        before = target.expected(first - timedelta(days=1), first, workdays)
        return target.expected(last, first, workdays) - before
    length = LENGTH.get(Grain(kpi.cadence))
    if length is None or not kpi.metric.additive:
        return target.expected(last, period.start.date(), workdays)
    each = [period.start.date() + timedelta(days=at) for at in range((last - period.start.date()).days + 1)]
    return sum(target.expected(day, day, workdays) or 0.0 for day in each) / length
