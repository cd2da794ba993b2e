"""Grades: bands that leave no score without one, points from a scale, and shares of a group with fair rounding."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from typing import Literal

from nachim.core.exact import Number, exact, half_up, largest_remainder, text_of

SMALL_TEAM = 10
WORDS: dict[str, tuple[str, str]] = {
    "gap": ("{at}에 등급이 없습니다. 이상/초과를 확인하세요.", "{at} has no grade. Check which side takes it."),
    "overlap": ("{at}에 등급이 둘입니다. 이상/초과를 확인하세요.", "{at} has two grades. Check which side takes it."),
    "order": ("등급은 높은 것부터 낮은 것으로 적으세요.", "Write grades from the highest to the lowest."),
    "empty": ("등급이 없습니다.", "There is no grade."),
    "open_end": ("가장 높은 등급은 위로, 가장 낮은 등급은 아래로 열려 있어야 합니다.",
                 "The highest grade has to be open above and the lowest below."),
    "shares": ("배분율의 합은 100이어야 합니다.", "The shares have to sum to 100."),
    "scale": ("점수표는 달성률이 커질수록 점수도 커져야 합니다.", "In a scale points have to rise with achievement."),
}  # fmt: skip


class GradeError(ValueError):
    """Grades that cannot be; `code` says why, `at` where on the line."""

    def __init__(self, code: str, at: Fraction | None = None):
        super().__init__(WORDS[code][1].format(at="" if at is None else text_of(at)))
        self.code = code
        self.at = at

    def text(self, locale: str = "ko") -> str:
        return WORDS[self.code][locale == "en"].format(at="" if self.at is None else text_of(self.at))


@dataclass(frozen=True)
class Band:
    """A grade from `low` to `high` in percent; None is open. `low_in` 이상 (else 초과), `high_in` 이하 (else 미만)."""

    grade: str
    low: Fraction | None
    high: Fraction | None
    low_in: bool = True
    high_in: bool = False

    def holds(self, value: Fraction) -> bool:
        above = self.low is None or value > self.low or (self.low_in and value == self.low)
        below = self.high is None or value < self.high or (self.high_in and value == self.high)
        return above and below

    def text(self, locale: str = "ko") -> str:
        """S 120 이상, A 110 이상 120 미만."""
        parts = []
        if self.low is not None:
            word = ("at least" if self.low_in else "above") if locale == "en" else "이상" if self.low_in else "초과"
            parts.append(f"{word} {text_of(self.low)}" if locale == "en" else f"{text_of(self.low)} {word}")
        if self.high is not None:
            word = ("at most" if self.high_in else "below") if locale == "en" else "이하" if self.high_in else "미만"
            parts.append(f"{word} {text_of(self.high)}" if locale == "en" else f"{text_of(self.high)} {word}")
        return f"{self.grade} {' '.join(parts)}".strip()


@dataclass(frozen=True)
class Grades:
    """Bands from the highest to the lowest that give every number exactly one grade. Raises GradeError otherwise."""

    bands: tuple[Band, ...]

    def __post_init__(self) -> None:
        if not self.bands:
            raise GradeError("empty")
        if self.bands[0].high is not None or self.bands[-1].low is not None:
            raise GradeError("open_end")
        for better, worse in pairwise(self.bands):
            if better.low is None or worse.high is None:
                raise GradeError("order")
            if worse.high < better.low:
                raise GradeError("gap", worse.high)
            if worse.high > better.low:
                raise GradeError("overlap", better.low)
            if better.low_in and worse.high_in:
                raise GradeError("overlap", better.low)
            if not better.low_in and not worse.high_in:
                raise GradeError("gap", better.low)
        cuts = [band.low for band in self.bands if band.low is not None]
        if cuts != sorted(set(cuts), reverse=True):
            raise GradeError("order")

    @classmethod
    def cut(cls, cuts: Sequence[tuple[str, Number]], lowest: str, *, inclusive: bool = True) -> Grades:
        """(("S", 120), ("A", 110)) and what is left: each 이상, or with `inclusive` false 초과."""
        lows = [(grade, exact(low)) for grade, low in cuts]
        bands, high = [], None
        for grade, low in lows:
            bands.append(Band(grade, low, high, inclusive, not inclusive))
            high = low
        return cls((*bands, Band(lowest, None, high, True, not inclusive)))

    def of(self, share: Fraction, *, decimals: int | None = None) -> str:
        """The grade of an achieved share (1.2 is 120 %): of the exact number, or with `decimals` of the rounded one."""
        value = share * 100
        if decimals is not None:
            value = Fraction(half_up(value, decimals))
        return next(band.grade for band in self.bands if band.holds(value))


@dataclass(frozen=True)
class Scale:
    """Points by achievement in percent: ((70, 30), (80, 60), (110, 80), (120, 100)).

    Steps by default: from each level on its points, below the first none, which makes a cliff at each. `between`
    joins them by straight lines instead.
    """

    points: tuple[tuple[Fraction, Fraction], ...]
    between: bool = False

    @classmethod
    def of(cls, points: Sequence[tuple[Number, Number]], *, between: bool = False) -> Scale:
        return cls(tuple((exact(at), exact(given)) for at, given in points), between)

    def __post_init__(self) -> None:
        levels, given = [at for at, _given in self.points], [one for _at, one in self.points]
        if not levels or levels != sorted(set(levels)) or given != sorted(given):
            raise GradeError("scale")

    def at(self, share: Fraction) -> Fraction:
        value = share * 100
        if value < self.points[0][0]:
            return Fraction(0)
        for (low, less), (high, more) in pairwise(self.points):
            if low <= value < high:
                return less + (more - less) * (value - low) / (high - low) if self.between else less
        return self.points[-1][1]


def marks(rows: Sequence[tuple[Number, Number]], extra: Number = 0) -> Fraction:
    """배점 × 평점 ÷ 100, summed, and 가점: ((5, 84.6),) is 4.23."""
    return sum((exact(full) * exact(mark) / 100 for full, mark in rows), Fraction(0)) + exact(extra)


Ties = Literal["higher", "calibrate"]


@dataclass(frozen=True)
class Placed:
    """`seats` by grade after rounding; `grades` by name; `calibrate`: names of a tie that people have to break."""

    seats: dict[str, int]
    grades: dict[str, str]
    calibrate: tuple[str, ...] = ()


def relative(
    scores: Mapping[str, Number],
    shares: Sequence[tuple[str, Number]],
    *,
    ties: Ties = "higher",
    small_team: int = SMALL_TEAM,
) -> Placed:
    """Grades by rank within a group. `shares`: grades from the highest on, in percent, summing to 100.

    Seats are rounded by largest remainder, so they sum to the group. Below `small_team` people nobody is forced into
    the lowest grade: its seats go to the grade above. A tie over the border of two grades shares the higher one
    (`higher`), or takes the lower one and is named for people to break (`calibrate`). Raises GradeError.
    """
    if not shares:
        raise GradeError("empty")
    if sum((exact(share) for _grade, share in shares), Fraction(0)) != 100:
        raise GradeError("shares")
    counts = largest_remainder(len(scores), [share for _grade, share in shares])
    if len(scores) < small_team and len(counts) > 1:
        counts[-2] += counts[-1]
        counts[-1] = 0
    seats = dict(zip((grade for grade, _share in shares), counts, strict=True))
    row = [grade for grade, count in seats.items() for _seat in range(count)]
    values = {name: exact(score) for name, score in scores.items()}
    ranked = sorted(values, key=lambda name: (-values[name], name))
    grades, torn = {}, []
    for name in ranked:
        same = [at for at, other in enumerate(ranked) if values[other] == values[name]]
        first, last = row[same[0]], row[same[-1]]
        grades[name] = first if ties == "higher" else last
        if first != last and ties == "calibrate":
            torn.append(name)
    return Placed(seats, grades, tuple(sorted(torn)))


def shifted(shares: Sequence[tuple[str, Number]], top: Number) -> list[tuple[str, Fraction]]:
    """The distribution of a team whose own grade moves it: `top` points from the lowest grade to the highest.

    Never below zero: what the lowest grade does not have comes from the next one up. Negative moves down.
    """
    row = [(grade, exact(share)) for grade, share in shares]
    if exact(top) < 0:
        row = row[::-1]
    left, found = abs(exact(top)), dict(row)
    for grade, share in row[:0:-1]:
        taken = min(share, left)
        found[grade] -= taken
        found[row[0][0]] += taken
        left -= taken
    return [(grade, found[grade]) for grade, _share in shares]


def corrected(
    ratings: Mapping[str, Mapping[str, Number]], *, least: int = 5, places: int = 2
) -> dict[str, dict[str, tuple[Decimal, Decimal]]]:
    """Ratings of several raters made comparable: each × (mean of all ÷ mean of the rater), as (before, after).

    A rater of fewer than `least` people is left as they are: a mean of few says little. A mean of zero as well.
    """
    every = [exact(one) for by in ratings.values() for one in by.values()]
    if not every:
        return {}
    whole = sum(every, Fraction(0)) / len(every)
    found: dict[str, dict[str, tuple[Decimal, Decimal]]] = {}
    for rater, by in ratings.items():
        known = {name: exact(one) for name, one in by.items()}
        mean = sum(known.values(), Fraction(0)) / len(known) if known else Fraction(0)
        factor = whole / mean if len(known) >= least and mean else Fraction(1)
        found[rater] = {name: (half_up(one, places), half_up(one * factor, places)) for name, one in known.items()}
    return found
