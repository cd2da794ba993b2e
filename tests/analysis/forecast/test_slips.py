"""A slip is passed over; what comes again, stays, or is a holiday is not."""

import numpy as np
import pytest

from nachim.analysis.forecast import forecast, history
from nachim.analysis.forecast.slips import without_slips

PLAIN = 100 + np.random.default_rng(1).normal(0, 5, 120)


def with_(*at, times=10.0):
    values = PLAIN.copy()
    values[list(at)] *= times
    return values


@pytest.mark.parametrize("at", [40, 117, 118])
@pytest.mark.parametrize("times", [10.0, 1e7, -10.0])
def test_a_zero_too_many_is_passed_over(at, times):
    assert np.flatnonzero(np.isnan(without_slips(with_(at, times=times)))).tolist() == [at]


@pytest.mark.parametrize(
    "values",
    [
        PLAIN,
        with_(20, 50, 80, 110),  # comes again
        np.where(np.arange(120) < 60, PLAIN, 10 * PLAIN),  # stays
        with_(119),  # nobody knows yet
        (np.arange(120) % 30 == 0) * 50.0,  # mostly zeros
        np.full(120, 7.0),
        with_(5)[:8],
    ],
)
def test_what_is_no_slip_stays(values):
    assert without_slips(values) is values


def test_a_holiday_is_no_slip():
    ordinary = np.ones(120, dtype=bool)
    ordinary[40] = False
    assert not np.isnan(without_slips(with_(40), ordinary)).any()


def test_gaps_stay_gaps():
    values = with_(40)
    values[[10, 41]] = np.nan
    assert np.flatnonzero(np.isnan(without_slips(values))).tolist() == [10, 40, 41]


@pytest.mark.parametrize("code", ["D", "W", "M"])
def test_one_slip_does_not_widen_the_forecast(code):
    plain, slipped = (forecast(history(values, code), 6) for values in (PLAIN, with_(60, times=1e4)))
    assert np.allclose(slipped.mean, plain.mean, rtol=0.05)
    low, high = slipped.interval(0.95)
    assert (high - low < 1.5 * np.subtract(*plain.interval(0.95)[::-1])).all()


@pytest.mark.parametrize("values", [[100.0], [100.0, 100.0], [5.0] * 3, [-3.0, -3.0]])
def test_of_hardly_any_values_nobody_is_certain(values):
    made = forecast(history(values, "M"), 3)
    low, high = made.interval(0.8)
    assert (low < made.mean).all() and (made.mean < high).all() and not made.reliable
