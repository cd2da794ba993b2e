"""What holds for every series of finite numbers, whatever it looks like."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nachim.analysis.forecast import forecast, forecast_many, history

NUMBERS = st.floats(allow_nan=False, allow_infinity=False)
USUAL = st.floats(min_value=-1e6, max_value=1e6, allow_nan=False).map(lambda one: round(one, 3))
CODES = st.sampled_from("HDWMQY")


@given(st.lists(st.one_of(NUMBERS, st.none()), min_size=1, max_size=60), CODES, st.integers(1, 20))
@settings(max_examples=60, deadline=None)
def test_any_series_gives_finite_ordered_intervals(values, code, steps):
    if all(value is None for value in values):
        values = [*values, 0.0]
    made = forecast(history(values, code), steps)
    (low95, high95), (low80, high80), (low50, high50) = (made.interval(level) for level in (0.95, 0.8, 0.5))
    columns = [low95, low80, low50, made.mean, high50, high80, high95]
    assert all(len(column) == steps and np.isfinite(column).all() for column in columns)
    for lower, upper in pairwise(columns):
        assert (lower <= upper).all()
    paths = made.paths(40)
    assert paths.shape == (40, steps) and np.isfinite(paths).all()
    known = [value for value in values if value is not None]
    if min(known) >= 0:
        assert (low95 >= 0).all() and (paths >= 0).all()


@given(st.lists(USUAL, min_size=3, max_size=50), CODES, st.sampled_from([2.0**-20, 0.5, 1024.0, 2.0**30]))
@settings(max_examples=40, deadline=None)
def test_in_another_unit_the_forecast_is_the_same_in_that_unit(values, code, factor):
    one = forecast(history(values, code), 5)
    other = forecast(history([value * factor for value in values], code), 5)
    size = float(np.abs(values).max()) * factor + 1e-300
    assert np.allclose(other.mean, one.mean * factor, rtol=1e-7, atol=1e-7 * size)
    for ours, theirs in zip(one.interval(0.9), other.interval(0.9), strict=True):
        assert np.allclose(theirs, ours * factor, rtol=1e-6, atol=1e-6 * size)
    assert one.reliable == other.reliable


@given(st.lists(st.lists(USUAL, min_size=1, max_size=40), min_size=2, max_size=6), CODES, st.randoms())
@settings(max_examples=25, deadline=None)
def test_the_order_of_series_does_not_matter(series, code, chance):
    order = list(range(len(series)))
    chance.shuffle(order)
    histories = [history(values, code) for values in series]
    straight = forecast_many(histories, 4, processes=1)
    mixed = forecast_many([histories[at] for at in order], 4, processes=1)
    for place, at in enumerate(order):
        size = float(np.abs(series[at]).max()) + 1e-300
        assert np.allclose(mixed[place].mean, straight[at].mean, rtol=1e-7, atol=1e-7 * size)
        assert np.allclose(mixed[place].interval(0.8), straight[at].interval(0.8), rtol=1e-6, atol=1e-6 * size)


def test_a_series_alone_is_forecast_as_among_others_when_nothing_is_pooled():
    chance = np.random.default_rng(3)
    histories = [history(100 + chance.standard_normal(count).cumsum(), "W") for count in (40, 200, 130)]
    many = forecast_many(histories, 6, together=False)
    for one, among in zip(histories, many, strict=True):
        alone = forecast(one, 6)
        assert np.allclose(alone.mean, among.mean) and np.allclose(alone.interval(0.95), among.interval(0.95))


def test_processes_change_nothing():
    chance = np.random.default_rng(4)
    histories = [history(50 + chance.standard_normal(30).cumsum(), "M") for _ in range(40)]
    for one, other in zip(
        forecast_many(histories, 3, processes=1), forecast_many(histories, 3, processes=2), strict=True
    ):
        assert np.allclose(one.mean, other.mean)


@pytest.mark.parametrize("code", "HDWMQY")
def test_one_value_is_enough_for_a_forecast_and_too_few_to_rely_on_it(code):
    made = forecast(history([7.0], code), 3)
    assert np.allclose(made.mean, 7)
    assert not made.reliable and made.doubt.code == "too_short"


def test_there_is_no_forecast_of_no_steps():
    with pytest.raises(ValueError, match="at least one"):
        forecast(history([1.0, 2.0], "D"), 0)
