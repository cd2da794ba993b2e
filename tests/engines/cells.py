"""What it means that two engines give the same cells."""

import pytest


def same(found, wanted):
    """The same cells, with the same counts and states; numbers to the last digit that adding up floats leaves."""
    one = {(cell.metric, cell.period, cell.slices): cell for cell in found}
    two = {(cell.metric, cell.period, cell.slices): cell for cell in wanted}
    assert one.keys() == two.keys()
    for key, cell in two.items():
        for part in ("value", "numerator", "denominator"):
            left, right = getattr(one[key], part), getattr(cell, part)
            assert left == right or left == pytest.approx(right, rel=1e-13), (key, part, left, right)
        assert (one[key].n, one[key].state) == (cell.n, cell.state), key
