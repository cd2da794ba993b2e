"""Is growth healthy: each guardrail shown not to be worse than its margin allows, or shown to be, or undecided.

Two one-sided tests a guardrail (non-inferiority and its mirror; Schuirmann 1987), each family by Holm over the
guardrails. Values are taken in blocks of whole weeks, so that weekdays cancel, and days that correlate count for less;
ratios are ratios of sums, with the delta method over blocks.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
from scipy.special import stdtr, stdtrit

from nachim.analysis.multiple import holm
from nachim.core.korean import josa
from nachim.core.number import format_difference

__all__ = ["Guardrails", "Rail", "RailVerdict", "change_between", "guardrails"]

Floats = npt.NDArray[np.float64]
FEWEST_BLOCKS = 3


@dataclass(frozen=True)
class Rail:
    """A guardrail's values by day (or any even step), before and after. Shape (n,), or (n, 2) numerator and
    denominator for a ratio; nan for missing. `margin`: how much worse it may get, in the value's own unit (0.01 is one
    percentage point of a share). `better`: up or down."""

    name: str
    before: npt.ArrayLike
    after: npt.ArrayLike
    margin: float
    better: Literal["up", "down"] = "up"
    unit: str = "percent"


@dataclass(frozen=True)
class RailVerdict:
    """`change` with its interval at twice the one-sided level; `held` and `broken` are adjusted chances.

    `state`: held (not worse than the margin), broken (worse than the margin), or undecided.
    """

    name: str
    state: Literal["held", "broken", "undecided"]
    change: float
    interval: tuple[float, float]
    margin: float
    held: float
    broken: float
    better: str
    unit: str

    def sentence(self, locale: str = "ko") -> str:
        english = locale == "en"
        change, allowed = (format_difference(one, self.unit, locale) for one in (self.change, self._allowed))
        if math.isnan(self.change):
            return f"{self.name}: too little data." if english else f"{self.name}: 자료가 부족해 판단하지 않습니다."
        if english:
            said = {
                "held": f"{self.name} held: {change}, allowed {allowed}.",
                "broken": f"{self.name} is broken: {change}, allowed {allowed}.",
                "undecided": f"{self.name} is undecided: {change} so far, allowed {allowed}.",
            }
        else:
            said = {
                "held": f"{josa(self.name, '은/는')} 허용 폭({allowed}) 안에 있습니다: {change}.",
                "broken": f"{josa(self.name, '이/가')} 허용 폭({allowed})을 넘어 나빠졌습니다: {change}.",
                "undecided": f"{josa(self.name, '은/는')} 아직 판단할 수 없습니다: {change}, 허용 폭 {allowed}.",
            }
        return said[self.state]

    @property
    def _allowed(self) -> float:
        return -self.margin if self.better == "up" else self.margin


@dataclass(frozen=True)
class Guardrails:
    """`verdict`: healthy when every guardrail held, unhealthy when any is broken, else undecided."""

    verdict: Literal["healthy", "unhealthy", "undecided"]
    rails: tuple[RailVerdict, ...]

    def sentence(self, locale: str = "ko") -> str:
        english = locale == "en"
        head = {
            "healthy": ("건전한 성장입니다.", "Healthy growth."),
            "unhealthy": ("불건전한 성장입니다.", "Unhealthy growth."),
            "undecided": ("아직 판단할 수 없습니다.", "Undecided."),
        }[self.verdict][1 if english else 0]
        state = {"unhealthy": "broken", "undecided": "undecided"}.get(self.verdict)
        return " ".join([head, *(one.sentence(locale) for one in self.rails if one.state == state)])


def guardrails(rails: Sequence[Rail], *, level: float = 0.05, block: int = 7) -> Guardrails:
    """`level`: chance of a wrong claim in each family. `block`: days taken together, 1 where values are weekly or
    monthly already. At least three blocks on either side, else undecided. ValueError for a margin below zero."""
    found = []
    for rail in rails:
        if not rail.margin >= 0:
            raise ValueError(f"the margin of {rail.name} is zero or more, not {rail.margin}")
        change, se, df = change_between(rail.before, rail.after, block)
        worse = -change if rail.better == "up" else change
        held, broken = _chance(worse - rail.margin, se, df), _chance(rail.margin - worse, se, df)
        half = float(stdtrit(df, 1 - level)) * se if df > 0 else math.nan
        found.append((rail, change, (change - half, change + half), held, broken))
    held_all, broken_all = (holm([one[at] for one in found]) for at in (3, 4))  # type: ignore[misc]
    verdicts = []
    for (rail, change, interval, _, _), held, broken in zip(found, held_all.tolist(), broken_all.tolist(), strict=True):
        state: Literal["held", "broken", "undecided"] = (
            "held" if held < level else "broken" if broken < level else "undecided"
        )
        verdicts.append(
            RailVerdict(rail.name, state, change, interval, rail.margin, held, broken, rail.better, rail.unit)
        )
    states = {one.state for one in verdicts}
    verdict: Literal["healthy", "unhealthy", "undecided"] = (
        "unhealthy" if "broken" in states else "healthy" if states == {"held"} else "undecided"
    )
    return Guardrails(verdict, tuple(verdicts))


def _chance(beyond: float, se: float, df: float) -> float:
    """That an estimate as low as `beyond` comes from something at or above zero."""
    if not df > 0:
        return 1.0
    if se == 0:
        return 0.0 if beyond < 0 else 1.0
    return float(stdtr(df, beyond / se))


def change_between(before: npt.ArrayLike, after: npt.ArrayLike, block: int = 7) -> tuple[float, float, float]:
    """Change of the mean (or ratio of sums), its standard error, and Welch's degrees of freedom; nan and 0 where a
    side has fewer than three blocks. The last days of a side that fill no block are not used."""
    sides = [_side(np.asarray(one, np.float64), block) for one in (before, after)]
    if any(one is None for one in sides):
        return math.nan, math.nan, 0.0
    (mean, variance, blocks), (mean_after, variance_after, blocks_after) = sides  # type: ignore[misc]
    total = variance + variance_after
    if total == 0:
        return mean_after - mean, 0.0, float(blocks + blocks_after - 2)
    df = total**2 / (variance**2 / (blocks - 1) + variance_after**2 / (blocks_after - 1))
    return mean_after - mean, math.sqrt(total), df


def _side(values: Floats, block: int) -> tuple[float, float, int] | None:
    """Mean or ratio, variance of it, number of blocks."""
    pairs = values if values.ndim == 2 else np.stack([values, np.ones(len(values))], 1)
    pairs = np.where(np.isfinite(pairs).all(1, keepdims=True), pairs, 0.0)
    count = len(pairs) // block
    if count < FEWEST_BLOCKS:
        return None
    sums = pairs[: count * block].reshape(count, block, 2).sum(1)
    sums = sums[sums[:, 1] > 0]
    if len(sums) < FEWEST_BLOCKS:
        return None
    n, whole = len(sums), float(sums[:, 1].sum())
    ratio = float(sums[:, 0].sum()) / whole
    left = sums[:, 0] - ratio * sums[:, 1]
    more = inflation(pairs[:, 0] - ratio * pairs[:, 1], block)
    return ratio, more * float((left**2).sum()) * n / (n - 1) / whole**2, n


def inflation(left: Floats, block: int) -> float:
    """How much the variance of the mean exceeds what independent blocks would have, by the lag-one correlation of the
    days free of weekdays, where that is beyond chance: an AR(1) for the days, summed over all of them and over a block.
    """
    n = len(left)
    free = left.copy()
    for at in range(block):
        free[at::block] -= free[at::block].mean()
    power = float(free @ free)
    lag = float(free[1:] @ free[:-1]) / power if power > 0 else 0.0
    if lag * math.sqrt(n) < 2:
        return 1.0
    lag = min(lag + (1 + 3 * lag) / n, 0.95)
    return _summed(lag, n) / _summed(lag, block)


def _summed(lag: float, n: int) -> float:
    """Variance of a sum of n, over n times that of one."""
    k = np.arange(1, n)
    return 1 + 2 * float(((1 - k / n) * lag**k).sum())
