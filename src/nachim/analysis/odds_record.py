"""How good odds were: what was said held against what came."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Bin:
    """Calls between `low` and `high`: how many, what they said on average, how often it came, with a 95 % interval."""

    low: float
    high: float
    count: int
    said: float
    came: float
    came_low: float
    came_high: float


@dataclass(frozen=True)
class Record:
    """`ece`: mean distance between what was said and what came, by bin. `brier`: mean squared error, 0 is perfect.

    `climatology`: the Brier score of always saying how often it came; `pace`: of the pace rule, if it was given.
    """

    count: int
    ece: float
    brier: float
    climatology: float
    pace: float | None
    bins: tuple[Bin, ...]

    @property
    def better(self) -> bool:
        """Better than climatology and, where it was given, than the pace rule."""
        return self.brier < self.climatology and (self.pace is None or self.brier < self.pace)


def record(said: Floats, came: Floats, pace: Floats | None = None, bins: int = 10) -> Record:
    """Score calls `said` (probabilities) against outcomes `came` (0 or 1); `pace`: what the pace rule said (0 or 1).

    Raises ValueError without a call, or with something that is no probability or outcome.
    """
    said, came = np.asarray(said, dtype=np.float64), np.asarray(came, dtype=np.float64)
    if not len(said) or said.shape != came.shape:
        raise ValueError("each call needs its outcome, and there has to be one")
    if ((said < 0) | (said > 1)).any() or not np.isin(came, (0, 1)).all():
        raise ValueError("calls are probabilities and outcomes are 0 or 1")
    edges = np.linspace(0, 1, bins + 1)
    place = np.clip(np.digitize(said, edges[1:-1]), 0, bins - 1)
    found = []
    for at in range(bins):
        here = place == at
        count = int(here.sum())
        if count:
            rate = float(came[here].mean())
            low, high = wilson(rate, count)
            found.append(Bin(float(edges[at]), float(edges[at + 1]), count, float(said[here].mean()), rate, low, high))
    ece = sum(one.count * abs(one.said - one.came) for one in found) / len(said)
    rate = float(came.mean())
    paced = None if pace is None else float(((np.asarray(pace, dtype=np.float64) - came) ** 2).mean())
    return Record(len(said), ece, float(((said - came) ** 2).mean()), rate * (1 - rate), paced, tuple(found))


def wilson(rate: float, count: int, z: float = 1.959964) -> tuple[float, float]:
    """The 95 % interval of a share (Wilson 1927)."""
    below = 1 + z**2 / count
    middle = (rate + z**2 / (2 * count)) / below
    half = z * np.sqrt(rate * (1 - rate) / count + z**2 / (4 * count**2)) / below
    return max(0.0, float(middle - half)), min(1.0, float(middle + half))


def pace_call(level: float, direction: str, so_far: Floats, recent: Floats, ahead: int, over: str) -> float:
    """The plain pace rule: 1 where going on as in the `recent` periods meets the target, else 0."""
    usual = float(recent.mean())
    match over:
        case "sum":
            reached = float(so_far.sum()) + usual * ahead
        case "average":
            reached = (float(so_far.sum()) + usual * ahead) / (len(so_far) + ahead)
        case "every":
            values = np.append(so_far, usual)
            reached = float(values.min() if direction == "up" else values.max())
        case _:
            reached = usual
    return float(reached >= level if direction == "up" else reached <= level)
