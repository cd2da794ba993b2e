"""How many scales an interval has to reach for each probability: the usual multiples, and those of many series pooled.

The usual multiples were measured on rolling origins inside training data (see docs/forecast.md); a batch of series of
one frequency replaces them in the measure that it has series to speak with.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import ndtri

Floats = npt.NDArray[np.float64]
# Probabilities at which multiples are known; between and beyond them they run straight over the normal quantile.
PROBABILITIES = np.array([0.005, 0.025, 0.1, 0.25, 0.5, 0.75, 0.9, 0.975, 0.995])
USUAL = np.array([-3.9, -2.4, -1.33, -0.62, 0.0, 0.62, 1.33, 2.4, 3.9])
# How many series a batch needs for its own multiples to weigh as much as the usual ones.
OPINION = 30.0


@dataclass(frozen=True, eq=False)
class Calibration:
    """`multiples` (thirds of the horizon, PROBABILITIES), rising along the second axis, zero in the middle.

    Each side is a half of its own: the multiple at 0.975 is what 95 % of the errors above the mean stay within.
    """

    multiples: Floats

    def quantile(self, probabilities: Floats, steps: int, above: float = 0.5) -> Floats:
        """(steps, probabilities): multiples of the scale, negative below the mean, which `above` of all lie above."""
        below = 1 - above
        halves = np.where(probabilities < below, 0.5 * probabilities / below, 1 - 0.5 * (1 - probabilities) / above)
        x = ndtri(np.clip(halves, 1e-6, 1 - 1e-6))
        knots = ndtri(PROBABILITIES)
        out = np.empty((steps, len(x)))
        thirds = third_of(steps)
        for third in range(3):
            here = thirds == third
            if here.any():
                out[here] = _line(x, knots, self.multiples[third])
        return out


def third_of(steps: int) -> npt.NDArray[np.int64]:
    """The third of the horizon (0, 1, 2) each step lies in."""
    return np.minimum(np.arange(steps) * 3 // max(steps, 1), 2)


def _line(x: Floats, knots: Floats, values: Floats) -> Floats:
    inside: Floats = np.interp(x, knots, values)
    first = (values[1] - values[0]) / (knots[1] - knots[0])
    last = (values[-1] - values[-2]) / (knots[-1] - knots[-2])
    below, above = x < knots[0], x > knots[-1]
    inside[below] = values[0] + first * (x[below] - knots[0])
    inside[above] = values[-1] + last * (x[above] - knots[-1])
    return inside


COMMON = Calibration(np.tile(USUAL, (3, 1)))


def pooled(scores: Iterable[Floats], steps: int) -> Calibration:
    """The calibration of a batch: quantiles of all its scores (origins, steps; NaN unknown), drawn to the usual ones.

    Every series has one voice, however many origins it has.
    """
    thirds = third_of(steps)
    values: list[list[Floats]] = [[], [], []]
    weights: list[list[Floats]] = [[], [], []]
    count = 0
    for one in scores:
        if np.isfinite(one).any(axis=1).sum() < 4:
            continue
        count += 1
        for third in range(3):
            own = one[:, thirds == third]
            own = own[np.isfinite(own)]
            values[third].append(own)
            weights[third].append(np.full(len(own), 1 / max(len(own), 1)))
    multiples = COMMON.multiples.copy()
    if not count:
        return COMMON
    share = count / (count + OPINION)
    for third in range(3):
        if values[third] and sum(map(len, values[third])):
            found = _halves(np.concatenate(values[third]), np.concatenate(weights[third]))
            multiples[third] = share * found + (1 - share) * USUAL
    return Calibration(np.maximum.accumulate(multiples, axis=1))


def _halves(values: Floats, weights: Floats) -> Floats:
    """The multiple at each of PROBABILITIES, from the values on its own side; the usual one where a side is empty."""
    found = USUAL.copy()
    for sign, side in ((-1, PROBABILITIES < 0.5), (1, PROBABILITIES > 0.5)):
        here = sign * values > 0
        if here.sum() >= 10:
            found[side] = sign * _quantiles(sign * values[here], weights[here], np.abs(2 * PROBABILITIES[side] - 1))
    return found


def _quantiles(values: Floats, weights: Floats, probabilities: Floats) -> Floats:
    order = np.lexsort((weights, values))
    values, weights = values[order], weights[order]
    reached = (np.cumsum(weights) - 0.5 * weights) / weights.sum()
    found: Floats = np.interp(probabilities, reached, values)
    return found
