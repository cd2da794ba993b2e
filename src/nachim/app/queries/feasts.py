"""설날 and 추석 on a time line: what the same place around last year's feast was worth against ordinary periods."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from itertools import pairwise
from statistics import median

from nachim.analysis.holiday import korea
from nachim.app.queries.points import Point
from nachim.core.period import Calendar, Grain, Period
from nachim.core.seasons import REACH, WIDE
from nachim.core.status import Feast

# The feast is Korea's: elsewhere nothing is excused by it.
ZONE = "Asia/Seoul"
# Ordinary periods around last year's, in periods from it: of days the same weekday, beyond the feast's own window.
AROUND = {Grain.DAY: (-21, -14, 14, 21), Grain.WEEK: (-4, -3, 3, 4), Grain.MONTH: (-2, -1, 1, 2)}


@dataclass(frozen=True)
class Place:
    """The feast a period lies at, the period at the same place a year before, and ordinary ones around that."""

    name: str
    before: Period
    ordinary: list[Period]


@lru_cache(4096)
def place(calendar: Calendar, period: Period) -> Place | None:
    """None where there is no feast near, or the calendar is not Korea's."""
    grain = period.grain
    if calendar.tz != ZONE or grain not in AROUND:
        return None
    first = period.start.date()
    named = korea(first.year - 1, first.year).named
    for name in WIDE:
        feasts = sorted(named.get(name, ()))
        for last, feast in pairwise(feasts):
            away = _away(calendar, period, feast)
            if away is not None:
                before = calendar.period(grain, last).moved(away)
                return Place(name, before, [before.moved(by) for by in AROUND[grain]])
    return None


def _away(calendar: Calendar, period: Period, feast: date) -> int | None:
    """How many periods after the feast's own this one is; None where it is not near."""
    own = calendar.period(period.grain, feast)
    if period.grain is Grain.DAY:
        days = (period.start - own.start).days
        return days if abs(days) <= REACH else None
    if period.grain is Grain.WEEK:
        weeks = (period.start - own.start) // timedelta(days=7)
        return weeks if abs(weeks) <= 1 else None
    return 0 if period == own else None


def periods(calendar: Calendar, some: Iterable[Period]) -> list[Period]:
    """What has to be loaded to know what feasts were worth in these periods."""
    found = [one for one in (place(calendar, period) for period in some) if one is not None]
    return [period for one in found for period in (one.before, *one.ordinary)]


def feast(calendar: Calendar, point: Point | None, known: Mapping[str, Point]) -> Feast | None:
    """The feast a closed period lies at; None where there is none, or the year before does not tell."""
    if point is None or point.value is None:
        return None
    at = place(calendar, point.period)
    if at is None:
        return None
    before = known.get(at.before.key)
    ordinary = [
        one.value for key in at.ordinary if (one := known.get(key.key)) and one.closed and one.value is not None
    ]
    if before is None or not before.closed or before.value is None or len(ordinary) < 2:
        return None
    usual = median(ordinary)
    return Feast(at.name, before.value / usual, point.value) if usual > 0 and before.value >= 0 else None
