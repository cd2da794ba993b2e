"""A series as a regular grid: from points in time, with gaps where nothing was measured."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

import numpy as np
import numpy.typing as npt

from nachim.analysis.forecast.frequency import FREQUENCIES, Code, Frequency
from nachim.analysis.forecast.refusal import SeriesError

Floats = npt.NDArray[np.float64]
MONTHS = {"M": 1, "Q": 3, "Y": 12}
HOURS = {"H": 1, "D": 24, "W": 168}
# The longest gap a grid is stretched over: a date of the year 202 is a slip, not a history.
LONGEST = 200_000


@dataclass(frozen=True, eq=False)
class History:
    """`values`: one a step, oldest first, NaN for gaps, ending with a known value.

    `first`: when it begins, if known; `number`: the step number it begins with, for series counted in steps.
    `company`: the company's own special days, of a daily series.
    """

    values: Floats
    code: Code
    first: datetime | None = None
    company: tuple[date, ...] = ()
    name: str = ""
    month_end: bool = field(default=False, repr=False)
    number: int = 0

    @property
    def frequency(self) -> Frequency:
        return FREQUENCIES[self.code]

    def time(self, step: int) -> datetime | None:
        """When a step begins; 0 is the first of the history. None for a series without dates."""
        return None if self.first is None else moved(self.first, step, self.code, self.month_end)


def moved(moment: datetime, steps: int, code: str, month_end: bool = False) -> datetime:
    """`steps` periods later. Months keep their day, or their last day."""
    if code in HOURS:
        return moment + timedelta(hours=HOURS[code] * steps)
    year, month = divmod(moment.year * 12 + moment.month - 1 + MONTHS[code] * steps, 12)
    if not month_end:
        return moment.replace(year=year, month=month + 1, day=min(moment.day, 28))
    following = moment.replace(year=year + (month == 11), month=(month + 1) % 12 + 1, day=1)
    return following - timedelta(days=1)


def history(values: Iterable[float | None], code: Code, first: datetime | date | None = None, *, name: str = "",
            company: Sequence[date] = (), month_end: bool = False, number: int = 0) -> History:  # fmt: skip
    """A series already on a grid: one value a period, None or NaN for a gap. Raises SeriesError."""
    if code not in FREQUENCIES:
        raise SeriesError("frequency", {"code": str(code)})
    found = np.array([np.nan if value is None else float(value) for value in values], dtype=np.float64)
    if np.isinf(found).any():
        raise SeriesError("infinite")
    known = np.flatnonzero(np.isfinite(found))
    if not len(known):
        raise SeriesError("empty")
    begin, end = int(known[0]), int(known[-1]) + 1
    at = None
    if first is not None:
        start = first if isinstance(first, datetime) else datetime(first.year, first.month, first.day)
        at = moved(start, begin, code, month_end)
    return History(found[begin:end], code, at, tuple(company), name, month_end, number + begin)


def regular(points: Iterable[tuple[datetime | int, float | None]], code: Code, *, until: datetime | None = None,
            name: str = "", company: Sequence[date] = ()) -> History:  # fmt: skip
    """A grid from points in any order: whole numbers are steps, moments fall into the period that holds them.

    `until`: the first moment that is not over yet; a period that reaches beyond it is partial and left out. Raises
    SeriesError for two values in one period, for nothing at all, and for spans no history has.
    """
    if code not in FREQUENCIES:
        raise SeriesError("frequency", {"code": str(code)})
    given = list(points)
    if not given:
        raise SeriesError("empty")
    moments = [at for at, _value in given if isinstance(at, datetime)]
    if moments and len(moments) < len(given):
        raise SeriesError("mixed")
    if not moments:
        numbers = [at for at, _value in given if isinstance(at, int)]
        start, month_end = None, False
    else:
        start = _anchor(moments, code)
        numbers = [_number(at, start, code) for at in moments]
        month_end = code in MONTHS and all((at + timedelta(days=1)).day == 1 for at in moments)
    low = min(numbers)
    if max(numbers) - low > LONGEST:
        raise SeriesError("span", {"steps": max(numbers) - low})
    values: list[float | None] = [None] * (max(numbers) - low + 1)
    taken = [False] * len(values)
    for (at, value), number in zip(given, numbers, strict=True):
        if taken[number - low]:
            raise SeriesError("twice", {"time": _said(at)})
        taken[number - low] = True
        values[number - low] = value
    if start is None:
        return history(values, code, name=name, company=company, number=low)
    first = moved(start, low, code)
    if month_end:
        first = moved(first, 0, code, month_end=True)
    if until is not None:
        while values and moved(moved(start, low, code), len(values), code) > until:
            values.pop()
    return history(values, code, first, name=name, company=company, month_end=month_end)


def _anchor(moments: list[datetime], code: str) -> datetime:
    """The beginning of a period that all moments are counted from."""
    first = min(moments)
    if code == "H":
        return first.replace(minute=0, second=0, microsecond=0)
    day = datetime(first.year, first.month, first.day)
    if code == "D":
        return day
    if code == "W":
        # Weeks begin on the day all values bear, else on Monday.
        same = all(at.weekday() == first.weekday() for at in moments)
        return day if same else day - timedelta(days=day.weekday())
    own = {at.day for at in moments}
    day = day.replace(day=own.pop() if len(own) == 1 and max(own) <= 28 else 1)
    months = {at.month for at in moments}
    step = MONTHS[code]
    aligned = len({month % step for month in months}) == 1
    return day if aligned else day.replace(month=(day.month - 1) // step * step + 1)


def _number(at: datetime, start: datetime, code: str) -> int:
    if code in HOURS:
        return (at - start) // timedelta(hours=HOURS[code])
    return (at.year * 12 + at.month - start.year * 12 - start.month) // MONTHS[code]


def _said(at: datetime | int) -> str:
    if isinstance(at, int):
        return str(at)
    return at.date().isoformat() if not (at.hour or at.minute) else at.isoformat(sep=" ", timespec="minutes")
