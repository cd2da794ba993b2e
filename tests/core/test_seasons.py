"""Seasons from a KPI's own history, found where they were planted."""

from datetime import date, timedelta

import pytest

from nachim.core.seasons import SeasonError, Seasons, seasonal_weights, window_of
from nachim.core.target import Reach, TargetError, target_from_json
from nachim.core.trajectory import Seasonal
from nachim.core.workdays import Days

NAMED = {
    "설날": (date(2024, 2, 10), date(2025, 1, 29), date(2026, 2, 17)),
    "추석": (date(2024, 9, 17), date(2025, 10, 6), date(2026, 9, 25)),
    "광복절": (date(2024, 8, 15), date(2025, 8, 15), date(2026, 8, 15)),
}
PLANTED = Seasons(
    weekday=(1.1, 1.0, 1.0, 1.0, 1.2, 0.9, 0.8),
    month=(0.8, 0.8, 0.9, 1.0, 1.0, 1.1, 1.1, 1.0, 1.0, 1.0, 1.1, 1.2),
    windows={"추석": {-1: 0.5, 0: 0.2, 1: 0.6}},
)


def history(years=2, growth=1.0, start=date(2024, 1, 1)):
    days = [start + timedelta(days=at) for at in range(365 * years + 1)]
    return [(day, 1000 * growth ** ((day - start).days / 365) * PLANTED.of(day, NAMED)) for day in days]


def test_planted_factors_are_found_again():
    found = seasonal_weights(history(), NAMED)
    assert found.weekday == pytest.approx(PLANTED.weekday, abs=0.02)
    assert found.month == pytest.approx(PLANTED.month, abs=0.02)
    assert found.windows["추석"][0] == pytest.approx(0.2, abs=0.02)
    assert found.windows["광복절"][0] == pytest.approx(1.0, abs=0.02)


def test_growth_is_no_season():
    found = seasonal_weights(history(growth=1.5), NAMED)
    assert found.month == pytest.approx(PLANTED.month, abs=0.03)


def test_below_a_year_months_say_nothing():
    assert seasonal_weights(history(years=1)[:120], NAMED).month == (1.0,) * 12


@pytest.mark.parametrize(
    ("some", "code"),
    [(history()[:20], "too_short"), ([(day, -1.0) for day, _value in history()], "negative"),
     ([(day, 0.0) for day, _value in history()], "all_zero")],
)  # fmt: skip
def test_a_history_that_gives_no_seasons_says_why(some, code):
    with pytest.raises(SeasonError) as caught:
        seasonal_weights(some, NAMED)
    assert caught.value.code == code


def test_windows_move_with_the_lunar_year_and_the_nearest_feast_wins():
    assert window_of(date(2026, 9, 26), NAMED) == ("추석", 1)
    assert window_of(date(2025, 9, 26), NAMED) is None
    assert window_of(date(2026, 8, 15), NAMED) == ("광복절", 0)


def test_a_path_expects_little_of_a_holiday_week_and_as_much_as_before_over_the_year():
    target = Reach(level=100, start=date(2026, 1, 1), due=date(2026, 12, 31), total=True, trajectory=Seasonal(PLANTED))
    days = Days(named=NAMED)

    def week(first):
        return target.expected(first + timedelta(days=6), None, days) - target.expected(
            first - timedelta(days=1), None, days
        )

    assert week(date(2026, 9, 21)) < 0.8 * week(date(2026, 9, 7))
    assert target.expected(date(2026, 12, 31), None, days) == 100
    assert target_from_json(target.to_json()) == target


def test_negative_factors_are_refused():
    spec = {"level": 1, "start": "2026-01-01", "due": "2026-12-31", "trajectory": {"seasonal": {"weekday": [-1] * 7}}}
    with pytest.raises(TargetError) as caught:
        target_from_json(spec)
    assert caught.value.field == "trajectory"
