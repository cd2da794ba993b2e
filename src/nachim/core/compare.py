"""Three comparisons that are never mixed: against the target, against the pace, against the period before."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Literal

from nachim.core.exact import Number, exact, half_up, percent
from nachim.core.number import format_difference

Against = Literal["target", "pace", "before", "last_year"]
WORDS = {
    "target": ("목표 대비", "vs target"),
    "pace": ("지금쯤 기대값 대비", "vs pace"),
    "before": ("지난 기간 대비", "vs before"),
    "last_year": ("지난해 대비", "vs last year"),
}


@dataclass(frozen=True)
class Comparison:
    """`form`: percent (of a positive earlier value), points (%p, of percentages) or difference (in the unit)."""

    against: Against
    form: Literal["percent", "points", "difference"]
    amount: Decimal
    unit: str

    def text(self, locale: str = "ko") -> str:
        name = WORDS[self.against][locale == "en"]
        if self.form == "difference":
            return f"{name} {format_difference(float(self.amount), self.unit, locale)}"
        sign = "+" if self.amount > 0 else ""
        return f"{name} {sign}{self.amount:,f}{'%p' if self.form == 'points' else '%'}"


def difference(against: Against, value: Number, other: Number, unit: str = "count") -> Comparison:
    """A signed difference: of percentages in %p, otherwise in the metric's unit."""
    gap = exact(value) - exact(other)
    if unit == "percent":
        return Comparison(against, "points", percent(gap), unit)
    return Comparison(against, "difference", half_up(gap, 6).normalize() + 0, unit)


def vs_target(value: Number, level: Number, unit: str = "count") -> Comparison:
    return difference("target", value, level, unit)


def vs_pace(value: Number, expected: Number, unit: str = "count") -> Comparison:
    return difference("pace", value, expected, unit)


def vs_before(value: Number, before: Number, unit: str = "count", *, against: Against = "before") -> Comparison:
    """The change since `before`: a percentage only where that was above zero, otherwise the difference."""
    old = exact(before)
    if unit == "percent" or old <= 0:
        return difference(against, value, before, unit)
    share: Fraction = exact(value) / old - 1
    return Comparison(against, "percent", percent(share), unit)
