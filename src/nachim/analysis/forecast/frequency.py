"""What is known of a frequency before any series is seen: its seasons, how much history is used, how much is needed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Code = Literal["H", "D", "W", "M", "Q", "Y"]


@dataclass(frozen=True)
class Frequency:
    """`main`: the season smoothed along, in steps; `others`: longer ones, taken off as a fixed profile beforehand.

    `history`: the most recent steps a forecast looks at. `least`: the fewest values for a forecast to be `reliable`.
    `origins`: how many earlier forecasts are made again inside the history to weigh models and measure widths.
    """

    code: Code
    main: float
    others: tuple[float, ...]
    history: int
    least: int
    origins: int = 12

    def seasons(self, length: int) -> tuple[float, ...]:
        """The seasons a history of this many steps can show: it has to hold two whole ones."""
        return tuple(one for one in (self.main, *self.others) if one > 1 and length >= 2 * one + 1)


FREQUENCIES: dict[str, Frequency] = {
    "H": Frequency("H", 24, (168,), 1344, 72),
    "D": Frequency("D", 7, (365.25,), 1150, 42),
    "W": Frequency("W", 365.25 / 7, (), 800, 26),
    "M": Frequency("M", 12, (), 360, 18),
    "Q": Frequency("Q", 4, (), 160, 10),
    "Y": Frequency("Y", 1, (), 80, 8),
}
