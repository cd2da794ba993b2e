"""What stands still and then moves: a price, a fee, a commission. It has no noise, so no model is needed to see it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from itertools import groupby, pairwise
from operator import itemgetter

HELD, NEW = 28, 3  # times that a value stood before it moved, and stands since


@dataclass(frozen=True)
class Step:
    """From `before`, which had stood for `held` times, to `after` on the day `since`; sure on the day `noticed`, when
    it had stood three times, until `last`."""

    before: float
    after: float
    held: int
    since: date
    noticed: date
    last: date


def steps(values: Mapping[date, float]) -> list[Step]:
    """Moves of a series that stands still, oldest first; what fills in between the two values is passed over."""
    runs = [(value, [day for day, _value in days]) for value, days in groupby(sorted(values.items()), itemgetter(1))]
    stood = [(value, days) for value, days in runs if len(days) >= NEW]
    found = []
    held, before = 0, None
    for value, days in stood:
        if before is not None and value != before and held >= HELD:
            found.append(Step(before, value, held, days[0], days[NEW - 1], days[-1]))
        held = held + len(days) if value == before else len(days)
        before = value
    return found


def stands_still(values: Mapping[date, float]) -> bool:
    """Whether nearly all times repeat the one before, but for a few moves."""
    ordered = [value for _day, value in sorted(values.items())]
    same = sum(one == other for one, other in pairwise(ordered))
    return len(ordered) >= HELD and same >= 0.9 * (len(ordered) - 1) and all(ordered)


__all__ = ["Step", "stands_still", "steps"]
