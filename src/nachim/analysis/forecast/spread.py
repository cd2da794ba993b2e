"""How wide a forecast has to be: the scale of a series' own past errors by horizon, on either side.

Scales are power means of the errors made from earlier origins, growing with the horizon by a power of it that is
shrunk to what is usual for the frequency; newer origins weigh more. A short record is filled up with the size of the
series' own steps. Multiples of the scale for each probability come from `calibration`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import ndtri, stdtrit

Floats = npt.NDArray[np.float64]
POWER = 1.5
FADING = 0.9
# Usual growth of errors with the horizon, by frequency, and how many origins of record that opinion is worth.
GROWTH = {"H": 0.15, "D": 0.15, "W": 0.4, "M": 0.35, "Q": 0.45, "Y": 0.6}
GROWTH_OPINION, STEP_OPINION, SIDE_OPINION = 10.0, 1.0, 8.0
STEP_SHARE = 0.75
# How steps usually err together, by frequency: the part of the variance the whole horizon shares, and how much
# neighbours have in common of the rest; and how many origins of record that is worth for the mean and for neighbours.
TOGETHER = {"H": (0.2, 0.5), "D": (0.15, 0.3), "W": (0.3, 0.5), "M": (0.2, 0.6), "Q": (0.3, 0.7), "Y": (0.4, 0.8)}
MEAN_OPINION, NEXT_OPINION = 6.0, 2.0
# Degrees of freedom a scale has for each horizon that it was measured on, of those that do not overlap.
FREE_EACH = 7.0


@dataclass(frozen=True)
class Spread:
    """`down`, `up` (steps): one scale below and above the mean. `shared`: the part of the errors' variance that all
    steps have in common; `together`: the correlation of neighbours in the rest.

    `scores` (origins, steps): past errors in scales that did not know them, signed, NaN where unknown. `above`: how
    often what comes lies above the mean. `free`: degrees of freedom of the scale.
    """

    down: Floats
    up: Floats
    together: float
    scores: Floats
    above: float = 0.5
    shared: float = 0.0
    free: float = np.inf

    def tails(self, probabilities: Floats) -> Floats:
        """How many times further each quantile lies than if the scale were known: Student's over the normal one."""
        if not np.isfinite(self.free):
            return np.ones_like(probabilities)
        normal = ndtri(probabilities)
        middle = np.abs(normal) < 1e-6
        found: Floats = np.where(middle, 1.0, stdtrit(self.free, probabilities) / np.where(middle, 1.0, normal))
        return found


def spread(errors: Floats, step: float, code: str, apart: float = np.inf) -> Spread:
    """The spread of a forecast with this record. `step`: mean of |change between neighbours| ^ 1.5 of the history.

    `apart`: how many horizons that do not overlap the record holds.
    """
    count, steps = errors.shape
    known = np.isfinite(errors)
    size: Floats = np.where(known, np.abs(errors), 0.0) ** POWER
    fading: Floats = np.float64(FADING) ** np.arange(count)[:, None] * known
    share = known.sum(axis=1) / steps
    growth = _growth(size, fading, GROWTH[code], float(share.sum()))
    curve = np.arange(1, steps + 1) ** growth
    scaled = size / curve**POWER
    weight = fading.sum(axis=1) / steps
    total = (fading * scaled).sum(axis=1) / steps
    fallback = step * STEP_SHARE**POWER
    scale = _scale(total.sum(), weight.sum(), fallback)
    higher = known & (errors > 0)
    upper = (fading * np.where(higher, scaled, 0.0)).sum(axis=1) / steps
    more = (fading * higher).sum(axis=1) / steps
    lean = _lean(upper.sum(), total.sum(), more.sum(), weight.sum())
    scores = np.full_like(errors, np.nan)
    for number in range(count):
        without = _scale(total.sum() - total[number], weight.sum() - weight[number], fallback)
        side = _lean(
            upper.sum() - upper[number], total.sum() - total[number],
            more.sum() - more[number], weight.sum() - weight[number],
        )  # fmt: skip
        own = np.where(errors[number] > 0, side, 2 - side)
        scores[number] = errors[number] / np.maximum(without * own * curve, 1e-12)
    above = (more.sum() + 0.5 * SIDE_OPINION) / (weight.sum() + SIDE_OPINION)
    down, up = scale * (2 - lean) * curve, scale * lean * curve
    shared, together = _together(scores, code)
    return Spread(down, up, together, scores, float(above), shared, FREE_EACH * max(apart, 0.5))


def _growth(size: Floats, fading: Floats, usual: float, count: float) -> float:
    steps = size.shape[1]
    third = max(1, steps // 3)
    if steps < 3:
        return usual
    early, late = slice(0, third), slice(steps - third, steps)
    seen_early, seen_late = fading[:, early].sum(), fading[:, late].sum()
    if seen_early <= 0 or seen_late <= 0:
        return usual
    first = (fading * size)[:, early].sum() / seen_early
    last = (fading * size)[:, late].sum() / seen_late
    if first <= 0 or last <= 0:
        return usual
    distance = np.log((steps - (third - 1) / 2) / ((third + 1) / 2))
    own = np.log(last / first) / POWER / distance
    return float(np.clip((own * count + usual * GROWTH_OPINION) / (count + GROWTH_OPINION), 0.0, 1.0))


def _scale(total: float, weight: float, fallback: float) -> float:
    return float(((max(total, 0.0) + STEP_OPINION * fallback) / (max(weight, 0.0) + STEP_OPINION)) ** (1 / POWER))


def _lean(upper: float, total: float, more: float, weight: float) -> float:
    """Between 0.4 and 1.6: how much wider the errors above are than an even share; what lies below is the rest to 2."""
    if total <= 1e-300 or weight <= 1e-9:
        return 1.0
    usual = total / weight
    high = (max(upper, 0.0) + 0.5 * SIDE_OPINION * usual) / (max(more, 0.0) + 0.5 * SIDE_OPINION)
    low = (max(total - upper, 0.0) + 0.5 * SIDE_OPINION * usual) / (max(weight - more, 0.0) + 0.5 * SIDE_OPINION)
    high, low = high ** (1 / POWER), low ** (1 / POWER)
    return float(np.clip(2 * high / (high + low), 0.4, 1.6))


def _together(scores: Floats, code: str) -> tuple[float, float]:
    """(shared, together) with which paths vary in their mean, and from step to step, as past errors did."""
    usual, steps = TOGETHER[code], scores.shape[1]
    if steps < 2:
        return usual
    bounded = np.clip(scores[np.isfinite(scores).all(axis=1)], -4, 4)
    single = float((bounded**2).mean(axis=1).sum())
    mean = float((bounded.mean(axis=1) ** 2).sum())
    following = float((bounded[:, 1:] * bounded[:, :-1]).mean(axis=1).sum())
    shared, together = usual
    wanted = _drawn(mean, single, shared + (1 - shared) * mean_variance(together, steps), MEAN_OPINION)
    neighbours = _drawn(following, single, shared + (1 - shared) * together, NEXT_OPINION)
    # What is shared raises the mean's variance more than what fades: the more is shared, the less is left to fade.
    fading = np.linspace(0.0, 0.98, 99)
    alone = np.array([mean_variance(one, steps) for one in fading])
    if wanted <= np.interp(max(neighbours, 0.0), fading, alone):
        return 0.0, float(np.interp(wanted, alone, fading))
    common = np.clip((neighbours - fading) / (1 - fading), 0.0, 1.0)
    found = common + (1 - common) * alone
    if wanted >= found[0]:
        return float(min((wanted - alone[0]) / (1 - alone[0]), 0.98)), 0.0
    at = int(np.argmin(np.abs(found - wanted)))
    return float(common[at]), float(fading[at])


def _drawn(total: float, weight: float, usual: float, opinion: float) -> float:
    return (total + opinion * usual) / (weight + opinion)


def mean_variance(together: float, steps: int) -> float:
    """Variance of the mean of `steps` values of variance one, each correlated with the next by `together`."""
    lags = np.arange(1, steps)
    return float((steps + 2 * ((steps - lags) * together**lags).sum()) / steps**2)
