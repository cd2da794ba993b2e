"""Special days: which they are, and what a series shows they are worth."""

from datetime import date, timedelta

import numpy as np

from nachim.analysis.forecast import forecast, history
from nachim.analysis.holiday import calendar, effects, kinds_of_days, kinds_of_weeks, korea

FIRST = date(2023, 1, 2)


def test_the_feasts_move_with_the_moon_and_have_windows():
    found = kinds_of_days(date(2026, 2, 13), 9)
    assert found.tolist() == [0, 1, 2, 3, 4, 5, 6, 7, 0]
    assert kinds_of_days(date(2026, 9, 25), 1).tolist() == [14]


def test_public_holidays_substitutes_and_company_days_are_kinds_of_their_own():
    assert kinds_of_days(date(2026, 5, 5), 1).tolist() == [20]
    assert kinds_of_days(date(2026, 5, 25), 1).tolist() == [21]
    assert kinds_of_days(date(2026, 5, 14), 2, [date(2026, 5, 15)]).tolist() == [0, 22]
    assert date(2026, 5, 25) in korea(2026, 2026).off


def test_weeks_before_of_and_after_a_feast():
    found = kinds_of_weeks(date(2026, 2, 2), 5)
    assert found.tolist() == [0, 1, 2, 3, 0]
    assert calendar("M", FIRST, 10) is None


def shop(days, factor, seed=1):
    """Daily sales with a weekday rhythm; 설날 and 추석 windows sell `factor` of an ordinary day."""
    chance = np.random.default_rng(seed)
    kinds = kinds_of_days(FIRST, days)
    weekday = np.array([1, 0.9, 0.95, 1, 1.2, 1.5, 1.3])[np.arange(days) % 7]
    values = 1000 * weekday * chance.normal(1, 0.05, days)
    feast = (kinds > 0) & (kinds < 20)
    return np.where(feast, values * factor, values), kinds


def test_an_effect_is_learnt_where_there_is_one():
    values, kinds = shop(800, 0.3)
    found = effects(values, kinds, 7)
    clear = {kind: factor for kind, factor in found.factors.items() if abs(factor - 1) > 0.1}
    assert set(clear) == {1, 2, 3, 4, 5, 6, 7, 11, 12, 13, 14, 15, 16, 17}
    assert np.allclose(list(clear.values()), 0.3, atol=0.05)


def test_nothing_is_learnt_where_there_is_nothing():
    assert sum(len(effects(*shop(800, 1.0, seed), 7).factors) for seed in range(20)) <= 20


def test_series_below_zero_and_short_ones_have_no_effects():
    values, kinds = shop(800, 0.3)
    assert not effects(values - 2000, kinds, 7)
    assert not effects(values[:40], kinds[:40], 7)


def test_the_forecast_of_a_feast_is_that_of_the_year_before():
    """Before 설날 2025 of two years' history: with the calendar the dip is foreseen, without it is not."""
    until = (date(2025, 1, 24) - FIRST).days
    values, _kinds = shop(until + 14, 0.3)
    known, came = values[:until], values[until:]
    knowing = forecast(history(known, "D", FIRST), 14)
    blind = forecast(history(known, "D", FIRST), 14, korean=False)
    feast = (date(2025, 1, 29) - FIRST).days - until
    assert abs(knowing.mean[feast] / came[feast] - 1) < 0.3
    assert blind.mean[feast] / came[feast] > 2
    assert np.abs(knowing.mean - came).mean() < 0.3 * np.abs(blind.mean - came).mean()


def test_a_company_day_counts_as_the_company_says():
    days = [FIRST + timedelta(days=at) for at in range(0, 700, 91)]
    values, _kinds = shop(700, 1.0)
    for day in days:
        values[(day - FIRST).days] *= 2.5
    following = FIRST + timedelta(days=700 + 3)
    made = forecast(history(values, "D", FIRST, company=[*days, following]), 7)
    assert made.mean[3] > 1.8 * made.mean[2]
