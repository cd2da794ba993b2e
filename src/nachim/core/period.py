"""How a company cuts time: grains, its calendar, and the periods they give.

Everything is business wall time, naive and half-open; only `Calendar.today`, `.period` (of an aware moment) and
`.bounds` touch instants. A business day is named by the date it begins on: with a day start of 05:00, 03:00 belongs
to the day before.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from functools import lru_cache
from zoneinfo import ZoneInfo


class Grain(StrEnum):
    HOUR = "hour"
    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"
    ALL = "all"


MONTHS = {Grain.MONTH: 1, Grain.QUARTER: 3, Grain.YEAR: 12}
FIRST, LAST = datetime(1, 1, 1), datetime(9999, 12, 31)


@dataclass(frozen=True, order=True)
class Period:
    """`start` is in the period, `end` is not; both are naive business time, so midnight is the day's start."""

    start: datetime
    end: datetime
    grain: Grain
    fiscal_year_start: int = field(default=1, repr=False)
    day_start: timedelta = field(default=timedelta(0), repr=False)

    @property
    def key(self) -> str:
        """The first business day in ISO form, an hour as the clock shows it; sortable within a grain."""
        if self.grain is Grain.ALL:
            return "all"
        return self.clock.isoformat(timespec="minutes") if self.grain is Grain.HOUR else self.start.date().isoformat()

    @property
    def clock(self) -> datetime:
        """What the clock on the wall shows when the period begins."""
        return self.start + self.day_start

    def next(self) -> Period:
        return self.moved(1)

    def previous(self) -> Period:
        return self.moved(-1)

    def moved(self, by: int) -> Period:
        """The period so many after this one; before it, if `by` is negative."""
        if self.grain is Grain.ALL:
            return self
        if self.grain in MONTHS:
            step = MONTHS[self.grain] * by
            start, end = _add_months(self.start, step), _add_months(self.end, step)
        else:
            length = (self.end - self.start) * by
            start, end = self.start + length, self.end + length
        return Period(start, end, self.grain, self.fiscal_year_start, self.day_start)

    def label(self, locale: str = "ko") -> str:
        """As people write it: '26.11', '11월 4주차', 'FY26'. A fiscal year is named by the year it ends in."""
        first, korean = self.start, locale == "ko"
        if self.grain is Grain.ALL:
            return "전체" if korean else "All time"
        if self.grain is Grain.HOUR:
            return f"{self.clock:%Y.%m.%d %H}시" if korean else f"{self.clock:%Y-%m-%d %H:00}"
        if self.grain is Grain.DAY:
            weekday = "월화수목금토일"[first.weekday()] if korean else f"{first:%a}"
            return f"{first:%Y.%m.%d}({weekday})" if korean else f"{weekday} {first:%Y-%m-%d}"
        if self.grain is Grain.WEEK:
            middle = first + timedelta(days=3)
            if korean:
                return f"{middle.year % 100:02d}년 {middle.month}월 {(middle.day - 1) // 7 + 1}주차"
            iso = middle.isocalendar()
            return f"{iso.year}-W{iso.week:02d}"
        if self.grain is Grain.MONTH:
            return f"{first:%y.%m}" if korean else f"{first:%b %Y}"
        fiscal = self.fiscal_year_start != 1
        shifted = _add_months(first, 1 - self.fiscal_year_start)
        year = shifted.year + (1 if fiscal else 0)
        if self.grain is Grain.QUARTER:
            quarter = (shifted.month - 1) // 3 + 1
            return f"FY{year % 100:02d} {quarter}Q" if fiscal else f"'{year % 100:02d} {quarter}Q"
        return f"FY{year % 100:02d}" if fiscal else f"{year}년" if korean else f"{year}"

    @classmethod
    def parse(cls, grain: Grain, key: str, calendar: Calendar) -> Period:
        """The period with this key; ValueError where the key is not the start of one."""
        if grain is Grain.ALL:
            return calendar.period(grain, FIRST)
        moment = datetime.fromisoformat(key)
        period = calendar.period(grain, moment - calendar.day_offset if grain is Grain.HOUR else moment)
        if period.key != key:
            raise ValueError(f"{key!r} is not the first day of a {grain}; {period.key!r} is")
        return period


@dataclass(frozen=True)
class Calendar:
    """A zone, the weekday weeks begin on (0 is Monday), the month fiscal years begin in, the hour days begin at."""

    tz: str = "Asia/Seoul"
    week_start: int = 0
    fiscal_year_start: int = 1
    day_start: time = time(0)

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.tz)

    @property
    def day_offset(self) -> timedelta:
        return timedelta(hours=self.day_start.hour, minutes=self.day_start.minute)

    def local(self, moment: datetime) -> datetime:
        """The business wall time of an aware instant: zone time less the day start."""
        return moment.astimezone(self.zone).replace(tzinfo=None) - self.day_offset

    def instant(self, wall: datetime) -> datetime:
        """The UTC instant of a business wall time: of one that comes twice the first, of one skipped the skip."""
        return _instant(self.zone, wall + self.day_offset)

    def today(self, now: datetime) -> date:
        """The business day that holds the instant `now`."""
        return self.local(now).date()

    def period(self, grain: Grain, moment: date | datetime) -> Period:
        """The period that holds a business day, a naive business time, or an aware instant."""
        if not isinstance(moment, datetime):
            moment = datetime(moment.year, moment.month, moment.day)
        elif moment.tzinfo is not None:
            moment = self.local(moment)
        start = self._start(grain, moment)
        return Period(start, self._end(grain, start), grain, self.fiscal_year_start, self.day_offset)

    def periods(self, grain: Grain, start: date, end: date) -> list[Period]:
        """All periods that overlap the business days [start, end), oldest first."""
        if grain is Grain.ALL:
            return [self.period(grain, start)] if start < end else []
        last = datetime(end.year, end.month, end.day)
        found, period = [], self.period(grain, start)
        while period.start < last:
            found.append(period)
            period = period.next()
        return found

    def bounds(self, period: Period) -> tuple[datetime, datetime]:
        """The instants a period begins and ends at, in UTC, half-open."""
        if period.grain is Grain.ALL:
            return FIRST.replace(tzinfo=UTC), LAST.replace(tzinfo=UTC)
        return self.instant(period.start), self.instant(period.end)

    def _start(self, grain: Grain, moment: datetime) -> datetime:
        day = datetime(moment.year, moment.month, moment.day)
        match grain:
            case Grain.ALL:
                return FIRST
            case Grain.HOUR:
                return day.replace(hour=moment.hour)
            case Grain.DAY:
                return day
            case Grain.WEEK:
                return day - timedelta(days=(day.weekday() - self.week_start) % 7)
            case Grain.MONTH:
                return day.replace(day=1)
            case Grain.QUARTER:
                return _add_months(day.replace(day=1), -((day.month - self.fiscal_year_start) % 3))
            case Grain.YEAR:
                return _add_months(day.replace(day=1), -((day.month - self.fiscal_year_start) % 12))

    def _end(self, grain: Grain, start: datetime) -> datetime:
        if grain in MONTHS:
            return _add_months(start, MONTHS[grain])
        lengths = {Grain.HOUR: timedelta(hours=1), Grain.DAY: timedelta(days=1), Grain.WEEK: timedelta(days=7)}
        return start + lengths[grain] if grain in lengths else LAST


def _add_months(day: datetime, months: int) -> datetime:
    """`day` is a first of the month."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return day.replace(year=year, month=month + 1)


@lru_cache(8192)
def _instant(zone: ZoneInfo, wall: datetime) -> datetime:
    clock = wall.replace(tzinfo=zone)
    found = clock.astimezone(UTC)
    if found.astimezone(zone).replace(tzinfo=None) == wall:
        return found
    # The clocks jump over it somewhere between its readings with the offset after and before the jump.
    low, high = clock.replace(fold=1).astimezone(UTC), found
    before = low.astimezone(zone).utcoffset()
    while high - low > timedelta(seconds=1):
        middle = low + (high - low) // 2
        low, high = (middle, high) if middle.astimezone(zone).utcoffset() == before else (low, middle)
    return high.replace(microsecond=0)
