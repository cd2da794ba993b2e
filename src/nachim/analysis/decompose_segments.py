"""Which segments moved a number. A sum splits into their changes; a ratio into mix, rate and interaction."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from nachim.analysis.decompose_result import Decomposition, Undecided, build

Floats = npt.NDArray[np.float64]


def by_segment(before: Mapping[str, float], after: Mapping[str, float]) -> Decomposition | Undecided:
    """A sum over segments: each one's own change. A segment absent from one side counts as zero there."""
    names = tuple(dict.fromkeys([*before, *after]))
    start, end = ({name: float(of.get(name, 0.0)) for name in names} for of in (before, after))
    missing = [name for name in names if not math.isfinite(start[name] + end[name])]
    if missing:
        return Undecided("missing", {"names": ", ".join(missing)})
    amounts = np.array([end[name] - start[name] for name in names])
    return build(names, start, end, amounts, math.fsum(start.values()), math.fsum(end.values()), "sum")


@dataclass(frozen=True)
class SegmentEffect:
    """How one segment moved a ratio.

    `mix`: it became a larger or smaller part of the whole while differing from the average. `rate`: its own ratio
    moved. `interaction`: both at once. A segment that appears or vanishes is all mix: it had no rate to move.
    """

    name: str
    mix: float
    rate: float
    interaction: float

    @property
    def total(self) -> float:
        return self.mix + self.rate + self.interaction


@dataclass(frozen=True)
class RatioChange:
    """The ratio of the sums in both periods; the effects of all segments add up to its change."""

    before: float
    after: float
    segments: tuple[SegmentEffect, ...]

    @property
    def change(self) -> float:
        return self.after - self.before

    @property
    def mix(self) -> float:
        return math.fsum(one.mix for one in self.segments)

    @property
    def rate(self) -> float:
        return math.fsum(one.rate for one in self.segments)

    @property
    def interaction(self) -> float:
        return math.fsum(one.interaction for one in self.segments)


Parts = Mapping[str, tuple[float, float]]


def by_ratio(before: Parts, after: Parts) -> RatioChange | Undecided:
    """A ratio of sums from each segment's (numerator, denominator); absent segments count as (0, 0).

    With weights w = dᵢ/Σd, rates r = nᵢ/dᵢ and R the whole ratio before: mix (w₁-w₀)(r₀-R₀), rate w₀(r₁-r₀),
    interaction (w₁-w₀)(r₁-r₀). What a segment brings without a denominator of its own is rate.
    """
    names = tuple(dict.fromkeys([*before, *after]))
    start, end = (
        np.array([of.get(name, (0.0, 0.0)) for name in names], float).reshape(-1, 2) for of in (before, after)
    )
    missing = [name for at, name in enumerate(names) if not np.isfinite([start[at], end[at]]).all()]
    if missing:
        return Undecided("missing", {"names": ", ".join(missing)})
    whole_before, whole_after = math.fsum(start[:, 1]), math.fsum(end[:, 1])
    if whole_before == 0 or whole_after == 0:
        return Undecided("undefined", {})
    ratio_before, ratio_after = math.fsum(start[:, 0]) / whole_before, math.fsum(end[:, 0]) / whole_after
    weight_before, weight_after = start[:, 1] / whole_before, end[:, 1] / whole_after
    heavier = weight_after - weight_before
    total = end[:, 0] / whole_after - start[:, 0] / whole_before - ratio_before * heavier
    had, has = start[:, 1] != 0, end[:, 1] != 0
    rate_before = np.divide(start[:, 0], start[:, 1], out=np.zeros(len(names)), where=had)
    rate_after = np.divide(end[:, 0], end[:, 1], out=np.zeros(len(names)), where=has)
    both = had & has
    only = had ^ has
    rate = np.where(both, weight_before * (rate_after - rate_before), 0.0)
    interaction = np.where(both, heavier * (rate_after - rate_before), 0.0)
    mix = np.where(both, heavier * (rate_before - ratio_before), 0.0)
    # One side only: the weight that came or went, at its own rate. A numerator left over has no denominator.
    own = np.where(has, rate_after, rate_before)
    mix = np.where(only, heavier * (own - ratio_before), mix)
    rate += total - (mix + rate + interaction)
    if len(names):
        rate[int(np.argmax(np.abs(rate)))] += ratio_after - ratio_before - math.fsum([*mix, *rate, *interaction])
    effects = zip(names, mix.tolist(), rate.tolist(), interaction.tolist(), strict=True)
    return RatioChange(ratio_before, ratio_after, tuple(SegmentEffect(*one) for one in effects))
