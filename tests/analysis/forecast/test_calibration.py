"""Widths: what the record of a series says, and what many series together say."""

import numpy as np
import pytest

from nachim.analysis.forecast import forecast, forecast_many, history
from nachim.analysis.forecast.calibration import COMMON, PROBABILITIES, USUAL, pooled, third_of
from nachim.analysis.forecast.spread import mean_variance, spread

CHANCE = np.random.default_rng(11)


@pytest.fixture(autouse=True)
def _the_same_draws_whatever_ran_before():
    CHANCE.bit_generator.state = np.random.default_rng(11).bit_generator.state


def test_the_usual_multiples_come_back_at_their_probabilities():
    assert np.allclose(COMMON.quantile(PROBABILITIES, 9), np.tile(USUAL, (9, 1)), atol=1e-9)


def test_multiples_rise_with_the_probability_and_the_share_above_moves_the_middle():
    grid = np.linspace(0.001, 0.999, 200)
    for above in (0.2, 0.5, 0.7):
        found = COMMON.quantile(grid, 3, above)
        assert (np.diff(found, axis=1) >= -1e-12).all()
        assert np.allclose(COMMON.quantile(np.array([1 - above]), 3, above), 0, atol=1e-9)


def test_thirds_of_a_horizon():
    assert third_of(7).tolist() == [0, 0, 0, 1, 1, 2, 2] and third_of(1).tolist() == [0]


def test_a_batch_whose_errors_are_larger_gets_wider_intervals():
    scores = [3 * CHANCE.standard_normal((12, 6)) for _ in range(200)]
    found = pooled(scores, 6)
    assert (found.multiples[:, -2] > 4).all() and (found.multiples[:, 1] < -4).all()
    few = pooled(scores[:1], 6).multiples
    assert np.abs(few - USUAL).max() < np.abs(found.multiples - USUAL).max()


def test_nothing_to_pool_leaves_the_usual_multiples():
    assert pooled([], 4) is COMMON
    assert pooled([np.full((3, 4), np.nan)], 4) is COMMON


def test_the_scale_is_that_of_the_errors_and_each_side_has_its_own():
    even = spread(CHANCE.normal(0, 4, (400, 6)), 4.0, "W")
    assert np.allclose(even.up, even.down, rtol=0.15) and 3 < even.up.mean() < 6
    # One record of 400 errors says little of how far they lean: 1.1 to 1.7 times, 1.4 in the middle of sixty.
    leans = [spread(CHANCE.exponential(4, (400, 6)) - 4, 4.0, "W") for _ in range(20)]
    assert all((lean.up > lean.down).all() and lean.above < 0.5 for lean in leans)
    assert np.mean([lean.up / lean.down for lean in leans]) > 1.3


def test_errors_that_grow_make_intervals_that_grow():
    growing = CHANCE.standard_normal((100, 9)) * np.arange(1, 10)
    flat = CHANCE.standard_normal((100, 9))
    assert spread(growing, 1.0, "W").up[-1] / spread(growing, 1.0, "W").up[0] > 5
    assert spread(flat, 1.0, "W").up[-1] / spread(flat, 1.0, "W").up[0] < 1.6


def test_no_record_gives_the_width_of_the_series_own_steps():
    found = spread(np.empty((0, 5)), 8.0, "M")
    assert (found.up > 0).all() and np.allclose(found.up, found.down) and found.scores.shape == (0, 5)


def test_paths_vary_over_the_horizon_as_past_errors_did():
    together = np.repeat(CHANCE.standard_normal((200, 1)), 8, axis=1)
    apart = CHANCE.standard_normal((200, 8))
    assert spread(together, 1.0, "W").together > 0.9 > 0.3 > spread(apart, 1.0, "W").together


@pytest.mark.parametrize("together", [0.0, 0.5, 0.9])
def test_the_variance_of_a_mean_is_that_of_simulated_paths(together):
    draws = CHANCE.standard_normal((40_000, 6))
    for step in range(1, 6):
        draws[:, step] = together * draws[:, step - 1] + np.sqrt(1 - together**2) * draws[:, step]
    assert np.isclose(mean_variance(together, 6), draws.mean(axis=1).var(), rtol=0.05)


def test_paths_are_spread_as_the_intervals_say():
    made = forecast(history(500 + CHANCE.normal(0, 5, 120).cumsum(), "W"), 8)
    paths = made.paths(20_000, seed=1)
    for level in (0.5, 0.8, 0.95):
        low, high = made.interval(level)
        assert np.allclose(((paths >= low) & (paths <= high)).mean(axis=0), level, atol=0.02)
    assert np.array_equal(paths, made.paths(20_000, seed=1))


def test_sums_of_a_series_of_many_zeros_are_not_raised_by_what_is_cut_off():
    values = CHANCE.poisson(0.7, 400).astype(float)
    made = forecast(history(values, "D"), 28)
    assert np.isclose(made.paths(8000).mean(), made.mean.mean(), rtol=0.12)


@pytest.mark.parametrize("code", ["D", "M"])
def test_intervals_hold_what_they_promise_on_series_of_known_law(code):
    count, steps = 120, 8
    series = [100 + CHANCE.normal(0, 1, 110 + steps).cumsum() + CHANCE.normal(0, 3, 110 + steps) for _ in range(count)]
    made = forecast_many([history(one[:110], code) for one in series], steps, processes=1)
    actual = np.array([one[110:] for one in series])
    for level, least, most in ((0.8, 0.74, 0.86), (0.95, 0.915, 0.98)):
        inside = [(low <= came) & (came <= high)
                  for (low, high), came in zip((one.interval(level) for one in made), actual, strict=True)]  # fmt: skip
        assert least <= np.mean(inside) <= most


def test_paths_of_a_slow_seller_are_values_it_had_and_as_often_zero():
    values = np.where(CHANCE.random(300) < 0.4, 5.0, 0.0)
    paths = forecast(history(values, "D"), 10).paths(6000)
    assert np.isclose((paths == 0).mean(), (values[-180:] == 0).mean(), atol=0.02)
    assert all(len(np.unique(paths[:, step])) == 2 for step in range(10))
