"""Forecasts combined from all models, weighed by how each did when the forecast was made again from earlier origins.

Nothing but the history given is used. Rows are (series, origin) pairs of equal seasons and similar length, so that
one pass of a model serves thousands of them; a series' result depends on no other series.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from nachim.analysis.forecast.frequency import Frequency
from nachim.analysis.forecast.models import MODELS, pool
from nachim.analysis.holiday import Effects, effects

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
# How much worse than the best of the pool a model usually is, before its own record speaks; how many origins of
# record that opinion is worth; how sharply a worse record lowers a weight.
USUAL = np.array([{"seasonal_naive": 1.3, "naive": 1.15}.get(name, 1.05) for name in MODELS])
OPINION, SHARPNESS = 4.0, 5.0


@dataclass(frozen=True)
class Track:
    """A combined forecast and its record: `errors` (origins, steps), newest origin first, NaN where not yet known.

    Each error is of a combination whose weights did not know that origin. `weights` by MODELS. `apart`: how many
    horizons without a step in common the record spans.
    """

    mean: Floats
    errors: Floats
    weights: Floats
    apart: float


def origins(length: int, steps: int, frequency: Frequency) -> list[int]:
    """How many steps before the end of a history of `length` the forecast is made again, newest first."""
    training = max(5, min(int(2 * frequency.main) + 1, length // 2))
    furthest = length - training
    count = frequency.origins
    if furthest < 1:
        return []
    if furthest >= steps + 3:
        stride = max(1, min(steps, (furthest - steps) // (count - 1)))
        return list(range(steps, furthest + 1, stride))[:count]
    # Too short for whole horizons: as many part ones as there are.
    nearest = max(1, furthest // 3)
    stride = max(1, -(-(furthest - nearest + 1) // count))
    return list(range(nearest, furthest + 1, stride))


def combine(
    histories: Sequence[Floats], steps: int, frequency: Frequency, kinds: Sequence[Ints | None] = ()
) -> list[Track]:
    """The combined forecast of each history (NaN are gaps, the last value is known) for the next `steps`.

    `kinds`: for each history the kinds of days it has through the end of the horizon (`analysis.holiday`), or None.
    What they are worth is learnt anew at every origin.
    """
    plans = [[0, *origins(len(one), steps, frequency)] for one in histories]
    groups: dict[tuple[int, tuple[float, ...]], list[tuple[int, int]]] = defaultdict(list)
    for at, (one, backs) in enumerate(zip(histories, plans, strict=True)):
        for number, back in enumerate(backs):
            length = len(one) - back
            groups[_bucket(length), frequency.seasons(length)].append((at, number))
    learnt: dict[tuple[int, int], Effects] = {}
    for at, own in enumerate(kinds):
        if own is not None and own.any():
            for number, back in enumerate(plans[at]):
                seen = histories[at][: len(histories[at]) - back]
                learnt[at, number] = effects(seen, own, 7 if frequency.code == "D" else 1)
    made = [np.zeros((len(MODELS), len(backs), steps)) for backs in plans]
    for (width, seasons), members in groups.items():
        size = max(1, 600_000 // width)
        for first in range(0, len(members), size):
            part = members[first : first + size]
            rows = np.full((len(part), width), np.nan)
            for place, (at, number) in enumerate(part):
                seen = histories[at][: len(histories[at]) - plans[at][number]]
                rows[place, width - len(seen) :] = _ordinary(
                    seen, learnt.get((at, number)), kinds[at] if kinds else None
                )
            found = pool(rows, steps, seasons)
            for place, (at, number) in enumerate(part):
                worth = learnt.get((at, number))
                own = kinds[at] if kinds else None
                if worth and own is not None:
                    now = len(histories[at]) - plans[at][number]
                    made[at][:, number] = found[:, place] * worth.of(own[now : now + steps])
                else:
                    made[at][:, number] = found[:, place]
    return [_track(one, out, backs[1:]) for one, out, backs in zip(histories, made, plans, strict=True)]


def _ordinary(seen: Floats, worth: Effects | None, kinds: Ints | None) -> Floats:
    """The history without its special days, which the models pass over as gaps."""
    if not worth or kinds is None:
        return seen
    return np.where(worth.special(kinds[: len(seen)]), np.nan, seen)


def _bucket(length: int) -> int:
    """A width for rows of about this length, so that they can run side by side: at most a third wider."""
    width = 12
    while width < length:
        width = -(-width * 4 // 3)
    return width


def _track(history: Floats, made: Floats, backs: list[int]) -> Track:
    steps = made.shape[2]
    actual = np.full((len(backs), steps), np.nan)
    for number, back in enumerate(backs):
        known = history[len(history) - back :][:steps]
        actual[number, : len(known)] = known
    miss = np.abs(made[:, 1:] - actual)
    there = np.isfinite(actual).sum(axis=1)
    loss = np.where(np.isfinite(miss), miss, 0.0).sum(axis=2) / np.maximum(there, 1)
    # An origin counts by the part of its horizon that is known.
    counted = there / steps
    total = (loss * counted).sum(axis=1)
    errors = np.full_like(actual, np.nan)
    for number in range(len(backs)):
        others = weigh(total - loss[:, number] * counted[number], counted.sum() - counted[number])
        errors[number] = actual[number] - others @ made[:, number + 1]
    weights = weigh(total, counted.sum())
    return Track(weights @ made[:, 0], errors, weights, max(backs, default=0) / steps)


def weigh(loss: Floats, count: float) -> Floats:
    """Weights of the models from their summed losses over `count` origins."""
    best = loss.min()
    if count < 0.5 or best <= 0:
        relative = np.where(loss <= best, 1.0, USUAL) if count >= 0.5 else USUAL
    else:
        relative = (loss / best * count + USUAL * OPINION) / (count + OPINION)
    weights: Floats = relative**-SHARPNESS
    total: Floats = weights / weights.sum()
    return total
