"""What the models see in series whose future is known."""

import numpy as np
import pytest

from nachim.analysis.forecast import forecast, history
from nachim.analysis.forecast.combine import origins, weigh
from nachim.analysis.forecast.frequency import FREQUENCIES
from nachim.analysis.forecast.intermittent import intermittent, sporadic
from nachim.analysis.forecast.models import MODELS, naive, seasonal_naive, theta
from nachim.analysis.forecast.profile import moving_average, places, profile
from nachim.analysis.forecast.regress import autoregress
from nachim.analysis.forecast.smooth import PLAIN, Grid, smooth

NAN = np.nan


def test_naive_is_the_last_known_value():
    assert naive(np.array([[1.0, 2.0, NAN], [NAN, NAN, NAN]]), 2).tolist() == [[2, 2], [0, 0]]


def test_seasonal_naive_repeats_the_season_and_half_of_the_lift_between_the_last_two():
    rows = np.array([[1.0, 5, 3, 9, 3, 7, 5, 11]])
    assert seasonal_naive(rows, 5, 4).tolist() == [[4, 8, 6, 12, 4]]


def test_theta_goes_on_with_half_of_the_slope():
    made = theta(np.arange(60, dtype=float)[None, :], 3)
    assert np.allclose(made[0], [59.5, 60, 60.5], atol=0.05)


def test_one_setting_of_the_grid_is_the_recursion_written_out():
    """Against exponential smoothing with damped trend in plain Python, from the state the grid begins with."""
    values = np.array([3.0, 4, 6, 5, 7, 9, 8, 10, 12, 11, 13, 12, 14, 15, 13, 16])
    alpha, beta, phi = 0.4, 0.1, 0.9
    made = smooth(values[None, :], 4, Grid(np.array([alpha]), np.array([beta]), np.array([0.0]), np.array([phi])))[0]
    x = np.arange(12)
    slope = 0.5 * np.polyfit(x, values[:12], 1)[0]
    level = values[:12].mean() - slope * x.mean() - slope
    trend = slope
    change = np.abs(np.diff(values))
    noise = max(1.4826 * np.median(change), 0.5 * np.sqrt((change**2).mean()))
    for value in values:
        before = level + phi * trend
        error = min(max(value - before, -6 * noise), 6 * noise)
        level, trend = before + alpha * error, phi * trend + beta * error
    expected = [level + sum(phi**power for power in range(1, step + 1)) * trend for step in (1, 2, 3, 4)]
    assert np.allclose(made, expected)


def test_gaps_are_passed_over_and_do_not_pull_to_zero():
    values = np.full(80, 50.0) + np.tile([1.0, -1.0], 40)
    values[20:60:3] = NAN
    assert np.allclose(smooth(values[None, :], 3, PLAIN), 50, atol=1.5)


def test_a_profile_is_found_and_noise_has_none():
    season = np.array([3.0, -1, -2, 0, 4, -3, -1])
    at = places(7, -140, 0)
    found = profile((10 + season[at])[None, :], 7)
    assert np.allclose(found[0] - found[0].mean(), season - season.mean(), atol=0.1)
    noise = np.random.default_rng(1).standard_normal((50, 140))
    assert np.abs(profile(noise, 7)).mean() < 0.08


def test_the_place_in_a_season_counts_back_from_the_present():
    assert places(7, -3, 4).tolist() == [4, 5, 6, 0, 1, 2, 3]
    assert places(52.18, 52, 54).tolist() == [52, 0]


def test_a_moving_average_is_the_mean_of_a_whole_season():
    rows = np.array([[1.0, 2, 3, 4, 5, 6, 7, 8]])
    assert np.isnan(moving_average(rows, 4)[0, 0])
    assert np.allclose(moving_average(rows, 4)[0, 2:6], [3, 4, 5, 6])


def test_an_autoregression_goes_on_with_what_alternates():
    rows = np.tile([1.0, -1.0], 100)[None, :]
    made = autoregress(rows, 4, (1, 2, 3), pull=False)
    assert np.allclose(made[0], [1, -1, 1, -1], atol=0.2)


def test_an_intermittent_series_is_forecast_by_how_often_times_how_much():
    rows = np.tile([0.0, 0.0, 0.0, 8.0], 60)[None, :]
    assert sporadic(rows).all() and not sporadic(np.abs(rows) + 1).any()
    assert np.allclose(intermittent(rows, 3), 2, atol=0.4)


@pytest.mark.parametrize("code", "HDWMQY")
@pytest.mark.parametrize("length", [1, 2, 5, 9, 20, 60, 300])
@pytest.mark.parametrize("steps", [1, 6, 30])
def test_origins_lie_inside_the_history_newest_first(code, length, steps):
    frequency = FREQUENCIES[code]
    found = origins(length, steps, frequency)
    assert found == sorted(set(found)) and len(found) <= frequency.origins
    assert all(1 <= back < length for back in found)
    if length >= 60 and steps <= 6:
        assert len(found) >= 4 and found[0] >= min(steps, found[0])


def test_the_better_a_model_was_the_more_it_weighs():
    loss = np.linspace(1, 3, len(MODELS))
    weights = weigh(loss * 10, 10)
    assert np.isclose(weights.sum(), 1) and weights[0] == weights.max() and weights[-1] < weights[0] / 5


@pytest.mark.parametrize(
    ("code", "period", "count", "steps"), [("D", 7, 120, 14), ("M", 12, 72, 12), ("Q", 4, 40, 6), ("H", 24, 480, 48)]
)
def test_a_clear_season_with_a_trend_goes_on(code, period, count, steps):
    chance = np.random.default_rng(5)
    at = np.arange(count + steps)
    whole = 200 + 0.3 * at + 30 * np.sin(2 * np.pi * at / period) + chance.normal(0, 2, count + steps)
    made = forecast(history(whole[:count], code), steps)
    assert made.reliable, made.doubt
    assert np.abs(made.mean - whole[count:]).mean() < 5
    low, high = made.interval(0.95)
    assert ((low <= whole[count:]) & (whole[count:] <= high)).mean() > 0.8


def test_a_jump_is_followed_and_the_width_remembers_it():
    chance = np.random.default_rng(6)
    values = np.concatenate([100 + chance.normal(0, 3, 100), 160 + chance.normal(0, 3, 60)])
    made = forecast(history(values, "W"), 8)
    assert np.abs(made.mean - 160).max() < 8
