"""The bar for one's own odds: below it they are not given any more.

Calls keep being made and scored in silence, so that the odds come back when they keep their word again.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import pi, sqrt
from typing import Literal

from nachim.analysis.odds_record import Record

# As many calls have to be settled, about as many different ends, before a record says anything.
FEWEST_CALLS, FEWEST_ENDS = 30, 8
ECE = 0.03
# Times the distance that chance alone makes.
CHANCE = 2.0
Code = Literal["holds", "few", "no_skill", "off"]


@dataclass(frozen=True)
class Bar:
    """`holds`: the record is good enough. `few`: too few settled calls to say. `no_skill`: not better than the pace
    rule or climatology. `off`: what was said and what came lie `ece` apart, more than `allowed`."""

    code: Code
    ece: float | None
    allowed: float | None

    @property
    def below(self) -> bool:
        return self.code in ("no_skill", "off")


def bar(found: Record | None, ends: int) -> Bar:
    """Judge a record of calls about `ends` different ends (a target and its date). Calls about one end err together."""
    if found is None or found.count < FEWEST_CALLS or ends < FEWEST_ENDS:
        return Bar("few", found.ece if found else None, None)
    allowed = ECE + CHANCE * by_chance(found, ends)
    if not found.better:
        return Bar("no_skill", found.ece, allowed)
    return Bar("off" if found.ece > allowed else "holds", found.ece, allowed)


def by_chance(found: Record, ends: int) -> float:
    """The ECE that perfect odds would show with so few different ends.

    In a bin of n the share that came is off by √(2/π · s(1 − s)/n) on average, s what was said.
    """
    shrink = min(1.0, ends / found.count)
    return sum(
        one.count / found.count * sqrt(2 / pi * one.said * (1 - one.said) / max(1.0, one.count * shrink))
        for one in found.bins
    )
