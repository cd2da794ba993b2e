"""What stands still is seen to move, and what never stood still is none of it."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from nachim.analysis.still import HELD, NEW, Step, stands_still, steps

FIRST = date(2026, 1, 1)


def series(*runs):
    values = [value for value, times in runs for _each in range(times)]
    return {FIRST + timedelta(days=at): float(value) for at, value in enumerate(values)}


def test_a_new_price_is_seen_when_it_has_stood_three_times():
    values = series((29_000, 40), (33_000, 5))
    since = FIRST + timedelta(days=40)
    assert steps(values) == [Step(29_000, 33_000, 40, since, since + timedelta(days=2), since + timedelta(days=4))]
    assert stands_still(values)
    assert steps(series((29_000, 40), (33_000, 2))) == []


def test_an_odd_day_between_is_passed_over():
    assert steps(series((9, 20), (7, 1), (9, 20))) == []
    assert [(one.before, one.held) for one in steps(series((9, 20), (7, 1), (9, 20), (8, 4)))] == [(9, 40)]


def test_what_had_not_stood_long_does_not_move():
    assert steps(series((9, HELD - 1), (8, 10))) == []
    assert not stands_still(series(*((at, 1) for at in range(1, 60))))
    assert not stands_still(series((0, 60)))


@given(st.lists(st.tuples(st.integers(1, 4), st.integers(1, 45)), min_size=1, max_size=8))
def test_a_step_goes_from_one_value_that_stood_to_another(runs):
    values = series(*runs)
    for one in steps(values):
        assert one.before != one.after and one.held >= HELD
        assert all(values[one.since + timedelta(days=at)] == one.after for at in range(NEW))
        assert one.since <= one.noticed <= one.last
