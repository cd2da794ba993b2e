"""Exact numbers: what a score, a grade or a payment hangs on is never a binary fraction.

Values come in as people write them (0.1 is one tenth, not 0.1000000000000000055), are computed as fractions, and are
rounded once, at display, half up.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction

Number = int | float | str | Decimal | Fraction


def exact(value: Number) -> Fraction:
    """The number as it is written; ValueError where it is none (not a number, endless)."""
    if isinstance(value, float):
        if not math.isfinite(value):
            raise ValueError(f"{value} is not a number")
        value = repr(value)
    elif isinstance(value, Decimal) and not value.is_finite():
        raise ValueError(f"{value} is not a number")
    return Fraction(value)


def half_up(value: Fraction, places: int) -> Decimal:
    """Rounded as people round (0.05 to 0.1, -0.05 to -0.1), exactly; never a negative zero."""
    scaled = abs(value) * 10**places
    whole = (2 * scaled.numerator + scaled.denominator) // (2 * scaled.denominator)
    number = Decimal(whole).scaleb(-places)
    return -number if value < 0 and whole else number


def text_of(value: Fraction, places: int = 12) -> str:
    """A plain decimal without trailing zeros, for files: 5/6 is 0.833333333333."""
    shown = f"{half_up(value, places):f}"
    return (shown.rstrip("0").rstrip(".") if "." in shown else shown) or "0"


def percent(share: Fraction, places: int = 1) -> Decimal:
    """A share as a percentage, rounded half up: 1.1995 is 120.0."""
    return half_up(share * 100, places)


def largest_remainder(total: int, weights: Sequence[Number]) -> list[int]:
    """Whole parts of `total` in proportion to `weights` that sum to it exactly (Hamilton's method).

    Every part gets its share rounded down; what is left goes one by one to the largest remainders, of equal ones to
    the one that stands first. ValueError for a negative weight, or where all weights are zero and something is left.
    """
    sizes = [exact(weight) for weight in weights]
    if any(size < 0 for size in sizes):
        raise ValueError("a weight is negative")
    whole = sum(sizes, Fraction(0))
    if whole == 0:
        if total:
            raise ValueError("all weights are zero: nothing to divide by")
        return [0] * len(sizes)
    shares = [total * size / whole for size in sizes]
    parts = [share.numerator // share.denominator for share in shares]
    order = sorted(range(len(sizes)), key=lambda at: (parts[at] - shares[at], at))
    for at in order[: total - sum(parts)]:
        parts[at] += 1
    return parts


def split_money(total: int, weights: Sequence[Number], unit: int = 1) -> tuple[list[int], int]:
    """`total` won in whole `unit`s (1, 10, 1,000) in proportion to `weights`, and what is below one unit.

    The parts and the rest sum to `total` exactly; what happens to the rest is the plan's to say. ValueError as above.
    """
    if unit < 1 or total < 0:
        raise ValueError("money is split in positive units of a sum that is not negative")
    parts = largest_remainder(total // unit, weights)
    return [part * unit for part in parts], total % unit
