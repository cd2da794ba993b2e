"""Stretches of time as definitions write them: `7 days`, `-1 month`, `-1 year align weekday`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

Align = Literal["", "weekday", "lunar"]
UNITS = ("hour", "day", "week", "month", "quarter", "year")
WRITTEN = re.compile(r"\s*(?P<count>[-+]?\d{1,4})\s*(?P<unit>hour|day|week|month|quarter|year)s?\s*", re.I)
SHIFTED = re.compile(WRITTEN.pattern + r"(?:align\s+(?P<align>weekday|lunar)\s*)?", re.I)
IN_MONTHS = {"month": 1, "quarter": 3, "year": 12}
IN_HOURS = {"hour": 1, "day": 24, "week": 168}


@dataclass(frozen=True)
class Duration:
    """So many hours, days, weeks, months, quarters or years. A day is 24 hours of wall time, a month a calendar one."""

    count: int
    unit: str

    @property
    def months(self) -> int:
        return self.count * IN_MONTHS.get(self.unit, 0)

    @property
    def hours(self) -> int:
        return self.count * IN_HOURS.get(self.unit, 0)

    @property
    def longest(self) -> timedelta:
        """No duration of this kind is longer, whatever its months and daylight saving."""
        return timedelta(days=31 * abs(self.months), hours=abs(self.hours) + 2)

    def after(self, moment: datetime, times: int = 1) -> datetime:
        """Wall time so much later (times: -1 earlier); a month from the 31st is the last day of a shorter month."""
        if self.months:
            return add_months(moment, self.months * times)
        return moment + timedelta(hours=self.hours * times)

    def __str__(self) -> str:
        return f"{self.count} {self.unit}{'s' if abs(self.count) != 1 else ''}"


@dataclass(frozen=True)
class Shift:
    """A duration back or forth; aligned, it lands on the same weekday or the same day from 설날 or 추석."""

    by: Duration
    align: Align = ""

    def __str__(self) -> str:
        return f"{self.by}{f' align {self.align}' if self.align else ''}"


def duration(text: str) -> Duration | None:
    """None where the text is not a positive duration."""
    found = WRITTEN.fullmatch(text)
    made = Duration(int(found["count"]), found["unit"].lower()) if found else None
    return made if made and made.count > 0 else None


def shift(text: str) -> Shift | None:
    """None where the text is not a shift."""
    found = SHIFTED.fullmatch(text)
    if not found or int(found["count"]) == 0:
        return None
    align = (found["align"] or "").lower()
    kind: Align = "weekday" if align == "weekday" else "lunar" if align == "lunar" else ""
    by = Duration(int(found["count"]), found["unit"].lower())
    # A feast comes once a year: within the year a day would be compared with itself.
    return None if kind == "lunar" and (not by.months or by.months % 12) else Shift(by, kind)


def add_months(moment: datetime, months: int) -> datetime:
    """The same day of another month, or its last day where that month is shorter."""
    year, month = divmod(moment.year * 12 + moment.month - 1 + months, 12)
    following = datetime(year + (month == 11), (month + 1) % 12 + 1, 1)
    last = (following - timedelta(days=1)).day
    return moment.replace(year=year, month=month + 1, day=min(moment.day, last))
