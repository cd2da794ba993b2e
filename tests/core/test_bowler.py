"""A month of a bowler: equality is met, near is 95 %, and nothing is judged without something to hold it against."""

from datetime import date

import pytest

from nachim.core.bowler import mark
from nachim.core.target import HitRate, Keep, Range

SPAN = {"start": date(2026, 1, 1), "due": date(2026, 12, 31)}
UP, DOWN = Keep(level=100, **SPAN), Keep(level=100, direction="down", **SPAN)


@pytest.mark.parametrize(
    ("target", "actual", "expected", "found"),
    [
        (UP, 100, 100, "hit"), (UP, 95, 100, "near"), (UP, 94.9, 100, "miss"), (DOWN, 100, 100, "hit"),
        (DOWN, 105, 100, "near"), (DOWN, 106, 100, "miss"), (UP, None, 100, "none"), (UP, 5, None, "none"),
        (None, 5, 5, "none"), (Range(low=1, high=2, **SPAN), 2, None, "hit"),
        (Range(low=1, high=2, **SPAN), 2.1, None, "miss"), (HitRate(level=10, rate=0.5, **SPAN), 10, None, "hit"),
        (UP, -5, -10, "hit"), (UP, -11, -10, "miss"),
    ],
)  # fmt: skip
def test_marks(target, actual, expected, found):
    assert mark(target, actual, expected) == found
