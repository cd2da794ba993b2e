"""How much of a target is achieved: ten methods, each chosen by name and printed beside its number.

What the methods are, where they come from and where they break: docs/scoring.md. Percentages that would mislead are
refused with the method to use instead, never shown.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from typing import Literal

from nachim.core.exact import Number, exact, percent
from nachim.core.scoring_words import REASONS, REFUSALS
from nachim.core.target import Binary, HitRate, Keep, Levels, Method, Milestone, Range, Reach, Target
from nachim.core.target_kinds import Done, Entry

Flag = Literal["at_cap", "below_floor", "clipped"]
CAP: Fraction | None = Fraction(6, 5)
FLOOR = Fraction(0)
# What the inverse ratio gives for an actual of zero or below where a plan caps nothing.
INVERSE_CAP = Fraction(6, 5)
ONE = Fraction(1)
Actual = Number | Sequence[Done] | Sequence[Entry]


class ScoreRefused(ValueError):
    """No honest percentage: `code` says why, `alternative` which method to use instead."""

    def __init__(self, code: str, method: Method, alternative: Method | None):
        super().__init__(f"{method}: {REFUSALS[code][1]} {alternative or ''}".strip())
        self.code = code
        self.method = method
        self.alternative = alternative

    def text(self, locale: str = "ko") -> str:
        """What is wrong and what to do, in the reader's language."""
        said = REFUSALS[self.code][locale == "en"]
        if self.alternative is None:
            return said
        return (
            f"{said} Use {self.alternative} instead."
            if locale == "en"
            else f"{said} 대신 {self.alternative} 방법을 쓰세요."
        )


@dataclass(frozen=True)
class Score:
    """Shares, 1 at the target. `raw` is what the method gives; `capped` is what roll-ups and pay take.

    `displayed` is `raw` as a percentage, rounded half up, once. `proposed`: the target named no method, so the
    proposed one was used. `measured` is the actual as it was scored.
    """

    method: Method
    raw: Fraction
    capped: Fraction
    displayed: Decimal
    proposed: bool = False
    flags: tuple[Flag, ...] = ()
    measured: Fraction = field(default=Fraction(0), compare=False)

    @property
    def value(self) -> float:
        """`raw` for drawings and sorting; nothing that counts is computed from it."""
        return float(self.raw)

    @property
    def exceeded(self) -> bool:
        return self.raw > 1


@dataclass(frozen=True)
class Proposal:
    """The method nachim would choose, and why."""

    method: Method
    code: str

    def text(self, locale: str = "ko") -> str:
        return REASONS[self.code][locale == "en"]


def propose(target: Target, *, money: bool = False) -> Proposal:
    """The method that fits a target. `money`: a grade or a payment hangs on it.

    In order: the kind's own method; bands for money and where the level is zero or negative, or the sign changes on
    the way from a baseline that is not on the same side; progress where there is a baseline to move from; then the
    ratio, for less-is-better the linear one.
    """
    match target:
        case Range():
            return Proposal("range", "range")
        case Milestone():
            return Proposal("milestone", "milestone")
        case Binary():
            return Proposal("binary", "binary")
        case HitRate():
            return Proposal("hit_rate", "hit_rate")
    if money:
        return Proposal("bands", "money")
    if isinstance(target, Reach) and target.baseline is not None:
        return Proposal("progress", "progress")
    if target.level == 0:
        return Proposal("bands", "zero")
    if target.level < 0:
        return Proposal("bands", "negative")
    return Proposal("ratio", "up") if target.direction == "up" else Proposal("ratio_linear", "down")


def score(
    target: Target,
    actual: Actual | None,
    *,
    cap: Number | None = CAP,
    places: int = 1,
    today: date | None = None,
) -> Score | None:
    """The achieved share of `target`; None without a value: no data is not zero.

    `actual`: a number; for a milestone its `Done` steps (or the share done as a number); for a hit rate its `Entry`s,
    judged on the day `today` (or the share as a number). `cap`: the most that counts, None for no cap; below zero
    nothing counts less. Raises ScoreRefused where a percentage would mislead, ValueError for no number.
    """
    if actual is None:
        return None
    method = target.method or propose(target).method
    limit = None if cap is None else exact(cap)
    flags: list[Flag] = []
    measured, raw = _raw(target, method, actual, limit, today, flags)
    if raw is None:
        return None
    capped = max(FLOOR, raw if limit is None else min(raw, limit))
    if raw < FLOOR:
        flags.append("below_floor")
    elif capped < raw and "at_cap" not in flags:
        flags.append("at_cap")
    return Score(method, raw, capped, percent(raw, places), target.method is None, tuple(flags), measured)


def _raw(
    target: Target, method: Method, actual: Actual, cap: Fraction | None, today: date | None, flags: list[Flag]
) -> tuple[Fraction, Fraction | None]:
    """The actual as a number and the share it makes; no share where nothing was due yet."""
    if not isinstance(actual, int | float | str | Decimal | Fraction):
        if isinstance(target, Milestone):
            done = _steps_done(target, [one for one in actual if isinstance(one, Done)])
            return done, done
        if not isinstance(target, HitRate):
            raise TypeError(f"{target.kind} takes one number")
        if today is None:
            raise TypeError("a hit rate needs the day it is judged on")
        hits, due = target.counted(tuple(one for one in actual if isinstance(one, Entry)), today)
        return Fraction(hits), Fraction(hits, due) if due else None
    value = exact(actual)
    match target:
        case Milestone() | HitRate():
            return value, min(ONE, max(FLOOR, value))
        case Range():
            return value, Fraction(target.met(float(value))) if method == "binary" else _range(target, value)
        case _:
            return value, _level(target, method, value, cap, flags)


def _level(
    target: Reach | Keep | Binary, method: Method, a: Fraction, cap: Fraction | None, flags: list[Flag]
) -> Fraction:
    """a: actual, t: target, b: baseline. Sources of the formulas: docs/scoring.md."""
    t, up = exact(target.level), target.direction == "up"
    match method:
        case "ratio":
            _refuse_unless(up, "ratio_down", method, "ratio_linear")
            _positive(t, method)
            return a / t
        case "ratio_inverse":
            _refuse_unless(not up, "inverse_up", method, "ratio")
            _positive(t, method)
            if a <= 0:
                flags.append("at_cap")
                return INVERSE_CAP if cap is None else cap
            return t / a
        case "ratio_linear":
            _refuse_unless(not up, "linear_up", method, "ratio")
            _positive(t, method)
            return 2 - a / t
        case "abs_scaled":
            _refuse_unless(t != 0, "scaled_zero", method, "bands")
            return 1 + (a - t) / abs(t) if up else 1 - (a - t) / abs(t)
        case "progress":
            base = target.baseline if isinstance(target, Reach) else None
            if base is None:
                raise ScoreRefused("no_baseline", method, propose(target).method)
            return (a - exact(base)) / (t - exact(base))
        case "bands":
            return _bands(target, a, flags)
        case "binary":
            return ONE if (a >= t if up else a <= t) else FLOOR
        case _:
            raise ScoreRefused("misfit", method, propose(target).method)


def _refuse_unless(fine: bool, code: str, method: Method, alternative: Method) -> None:
    if not fine:
        raise ScoreRefused(code, method, alternative)


def _positive(t: Fraction, method: Method) -> None:
    if t <= 0:
        raise ScoreRefused("ratio_zero" if t == 0 else "ratio_negative", method, "bands")


def _bands(target: Levels, a: Fraction, flags: list[Flag]) -> Fraction:
    """Straight between the points threshold, level and stretch; outside them the score of the last one."""
    levels = (target.threshold, target.level, target.stretch)
    points = [
        (exact(level), exact(points)) for level, points in zip(levels, target.scores, strict=True) if level is not None
    ]
    if len(points) < 2 or target.threshold is None:
        raise ScoreRefused("no_bands", "bands", "binary")
    sign = 1 if target.direction == "up" else -1
    inside = [(sign * level, points) for level, points in points]
    at = sign * a
    if at < inside[0][0] or at > inside[-1][0]:
        flags.append("clipped")
    if at <= inside[0][0]:
        return inside[0][1]
    for (low, less), (high, more) in pairwise(inside):
        if at <= high:
            return less + (more - less) * (at - low) / (high - low)
    return inside[-1][1]


def _range(target: Range, a: Fraction) -> Fraction:
    """1 inside; outside falling straight to 0 at the tolerance from the nearest edge; without a tolerance 0."""
    low, high = exact(target.low), exact(target.high)
    if low <= a <= high:
        return ONE
    width, distance = (target.tolerance_low, low - a) if a < low else (target.tolerance_high, a - high)
    return max(FLOOR, 1 - distance / exact(width)) if width is not None else FLOOR


def _steps_done(target: Milestone, done: Sequence[Done]) -> Fraction:
    """Σ weight × done ÷ Σ weight, late steps by the table."""
    steps = {step.name: step for step in target.steps}
    found = FLOOR
    seen: set[str] = set()
    for one in done:
        if one.name not in steps or one.name in seen:
            raise ScoreRefused("unknown_step" if one.name not in steps else "step_twice", "milestone", None)
        if not 0 <= one.share <= 1 or (one.share < 1 and not target.partial):
            raise ScoreRefused("partial", "milestone", None)
        seen.add(one.name)
        step = steps[one.name]
        late = (one.on - (step.due or target.due)).days
        found += exact(step.weight) * exact(one.share) * (target.kept(late) if late > 0 else 1)
    return found / target.weight


def formula(method: Method, locale: str = "ko") -> str:
    """The method in words, to stand beside its number."""
    return REASONS[f"formula_{method}"][locale == "en"]


__all__ = [
    "CAP", "Done", "Entry", "Keep", "Method", "Proposal", "Score", "ScoreRefused", "formula", "propose", "score",
]  # fmt: skip
