"""How much of a target is achieved. Each score names the method that made it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from nachim.core.target import Target

Method = Literal["ratio", "ratio_linear", "progress"]


@dataclass(frozen=True)
class Score:
    """`value` is the achieved share, 1.0 at the target, neither capped nor rounded."""

    value: float
    method: Method


def score(target: Target, actual: float | None) -> Score | None:
    """The achieved share of `target`; None where a percentage would mislead (no value, a zero or negative level).

    progress: (a - b) / (t - b) when there is a baseline; ratio: a / t for more is better;
    ratio_linear: 2 - a / t for less is better (reference: Stratec's and Cascade's published formulas).
    """
    if actual is None:
        return None
    if target.kind == "reach" and target.baseline is not None:
        return Score((actual - target.baseline) / (target.level - target.baseline), "progress")
    if target.level <= 0:
        return None
    if target.direction == "up":
        return Score(actual / target.level, "ratio")
    return Score(2 - actual / target.level, "ratio_linear")
