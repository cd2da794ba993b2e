"""A bowler chart's cell: one month of one KPI, actual against what was expected of that month."""

from __future__ import annotations

from typing import Literal

from nachim.core.status import PACE_GOOD, pace_of
from nachim.core.target import HitRate, Levels, Range, Target

# `hit` met, `near` at least 95 % of what was expected, `miss` below; `none` where there is nothing to hold it against.
Mark = Literal["hit", "near", "miss", "none"]


def mark(target: Target | None, actual: float | None, expected: float | None) -> Mark:
    """How a month did. Equality is a hit; a range has only inside and outside."""
    if target is None or actual is None:
        return "none"
    if isinstance(target, Range):
        return "hit" if target.met(actual) else "miss"
    if isinstance(target, HitRate):
        return "hit" if target.hit(actual) else "miss"
    if expected is None or not isinstance(target, Levels):
        return "none"
    if target.reaches(actual, expected):
        return "hit"
    pace = pace_of(target, actual, expected)
    return "near" if pace is not None and pace >= PACE_GOOD else "miss"
