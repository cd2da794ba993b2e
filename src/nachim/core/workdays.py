"""Which days count: weekends, public holidays and the company's own days off, passed in by the caller."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from fractions import Fraction
from types import MappingProxyType

from nachim.core.exact import Number, exact

SATURDAY, SUNDAY = 5, 6


@dataclass(frozen=True)
class Days:
    """`off`: days nobody works besides `weekend` (0 is Monday). `named`: holidays by name with the days they fall on.

    `named` moves seasonal windows with the lunar year: {"설날": (date(2026, 2, 17), date(2027, 2, 7))}.
    """

    off: frozenset[date] = frozenset()
    weekend: frozenset[int] = frozenset({SATURDAY, SUNDAY})
    named: Mapping[str, tuple[date, ...]] = field(default_factory=lambda: MappingProxyType({}))

    def works(self, day: date) -> bool:
        return day.weekday() not in self.weekend and day not in self.off

    def count(self, first: date, last: date) -> int:
        """Business days from `first` through `last`; none where `last` lies before."""
        weeks, rest = divmod(max(0, (last - first).days + 1), 7)
        inside = weeks * (7 - len(self.weekend))
        inside += sum((first + timedelta(days=at)).weekday() not in self.weekend for at in range(rest))
        return inside - sum(first <= day <= last and day.weekday() not in self.weekend for day in self.off)


EVERY_DAY = Days(weekend=frozenset())


def prorate(
    level: Number, first: date, last: date, joined: date | None, left: date | None, days: Days, *, additive: bool
) -> Fraction:
    """A person's part of a target for a period: by the business days they were there, of all business days in it.

    `joined` and `left` are their first and last day; None: there all along. The parts of people who follow each other
    without a gap sum to `level` exactly. The *target* is prorated, never the score: whoever was there half a year and
    sold half a year's target is at 100 %. Raises ValueError for a target that does not add up over time (a rate, an
    average: it holds unchanged for everyone), and for a period without a business day.
    """
    if not additive:
        raise ValueError("a rate or an average is not prorated: the same level holds for everyone")
    whole = days.count(first, last)
    if whole == 0:
        raise ValueError("the period has no business day")
    here = days.count(max(first, joined or first), min(last, left or last))
    return exact(level) * here / whole
