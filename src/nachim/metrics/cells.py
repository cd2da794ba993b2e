"""What an evaluation gives: one cell a metric, period and slice, each with the state that says how far to trust it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    """ok: closed and complete. Status, alerts and rewards act on nothing else."""

    OK = "ok"
    NO_DATA = "no_data"
    UNDEFINED = "undefined"
    PARTIAL_PERIOD = "partial_period"
    IMMATURE = "immature"
    LATE_OPEN = "late_open"


@dataclass(frozen=True)
class Cell:
    """`value` is None unless there is a number to show; `n` counts the rows behind it.

    numerator and denominator are the parts of a ratio or an average, from which it re-aggregates.
    """

    metric: str
    period: str
    slices: tuple[tuple[str, str | None], ...]
    value: float | None
    numerator: float | None
    denominator: float | None
    n: int
    state: State
