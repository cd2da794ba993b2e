"""Observations as points on a time line."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

from django.db.models import Q

from nachim.app.models import Observation, Series
from nachim.app.sight import EVERYTHING, Own, Sight
from nachim.core.period import Calendar, Grain, Period

CLOSED = "ok"
# Still under way: the period itself, or the windows of what began in it.
OPEN = ("partial_period", "immature")
# The same period a year before, in periods: a week or a day is compared with the same weekday.
YEAR_BACK = {Grain.DAY: timedelta(days=364), Grain.WEEK: timedelta(days=364)}


@dataclass(frozen=True)
class Point:
    period: Period
    value: float | None
    numerator: float | None
    denominator: float | None
    n: int
    state: str
    refresh_id: int | None = None

    @property
    def closed(self) -> bool:
        return self.state == CLOSED

    @property
    def partial(self) -> bool:
        return self.state in OPEN

    def label(self, locale: str) -> str:
        return self.period.label(locale)


def anchor(series: Series, calendar: Calendar, today: date) -> date:
    """The last business day the series knows about: today, or where its data ends."""
    if series.complete_through is None:
        return today
    return min(today, calendar.today(series.complete_through - timedelta(microseconds=1)))


@lru_cache(1024)
def last_periods(calendar: Calendar, grain: Grain, day: date, count: int) -> tuple[Period, ...]:
    """The `count` periods up to the one that holds `day`, oldest first."""
    periods = [calendar.period(grain, day)]
    while len(periods) < count:
        periods.append(periods[-1].previous())
    return tuple(periods[::-1])


def last_day(period: Period) -> date:
    """The last business day inside a period, where a target's path is read."""
    return (period.end - timedelta(microseconds=1)).date()


@lru_cache(4096)
def year_before(calendar: Calendar, period: Period) -> Period:
    """The comparable period of last year: same month or quarter; for days and weeks the same weekday."""
    if period.grain in YEAR_BACK:
        return calendar.period(period.grain, (period.start - YEAR_BACK[period.grain]).date())
    day = period.start.date()
    return calendar.period(period.grain, day.replace(year=day.year - 1, day=min(day.day, 28)))


def load(
    wanted: Iterable[tuple[Series, Grain, Iterable[Period]]], sight: Sight = EVERYTHING
) -> dict[tuple[int, Grain], dict[str, Point]]:
    """Points by (series, grain), then by period key, for several series in one query: of the part that is in sight.

    The grain is part of the key: a week and a month may begin on the same day.
    """
    grouped: dict[tuple[Grain, tuple[str, ...], Own], set[int]] = defaultdict(set)
    periods: dict[tuple[Grain, str], Period] = {}
    for series, grain, some in wanted:
        part = sight.part(series)
        if part is None:
            continue
        some = list(some)
        periods.update({(grain, period.key): period for period in some})
        grouped[grain, tuple(sorted({period.key for period in some})), part].add(series.pk)
    found: dict[tuple[int, Grain], dict[str, Point]] = defaultdict(dict)
    if not grouped:
        return found
    condition = Q()
    for (grain, keys, (dim, value)), ids in grouped.items():
        own = {"dim": dim, "part": value} if dim else {"dim": ""}
        condition |= Q(series__in=ids, grain=grain.value, period__in=keys, **own)
    fields = ("series_id", "grain", "period", "value", "numerator", "denominator", "n", "state", "refresh_id")
    for series_id, grain, key, *rest in Observation.objects.filter(condition).values_list(*fields):
        found[series_id, Grain(grain)][key] = Point(periods[Grain(grain), key], *rest)
    return found
