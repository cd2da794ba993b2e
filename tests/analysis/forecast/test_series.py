"""From points in time to a regular grid."""

from datetime import datetime, timedelta

import numpy as np
import pytest

from nachim.analysis.forecast import SeriesError, history, regular


def at(text):
    return datetime.fromisoformat(text)


def test_missing_periods_are_gaps_and_never_zeros():
    found = regular(
        [(at("2026-01-05"), 1), (at("2026-01-07"), 3), (at("2026-01-08"), None), (at("2026-01-09"), 0)], "D"
    )
    assert np.isnan(found.values[[1, 3]]).all() and found.values[[0, 2, 4]].tolist() == [1, 3, 0]
    assert found.time(5) == at("2026-01-10")


def test_order_does_not_matter_and_the_ends_are_known_values():
    points = [(at("2026-03-01"), 3), (at("2026-01-01"), None), (at("2026-02-01"), 2), (at("2026-04-01"), None)]
    found = regular(points, "M")
    assert found.values.tolist() == [2, 3] and found.time(0) == at("2026-02-01") and found.time(2) == at("2026-04-01")


def test_a_partial_last_period_is_left_out():
    points = [(at("2026-09-01"), 30), (at("2026-10-01"), 31), (at("2026-11-01"), 8)]
    assert regular(points, "M", until=at("2026-11-09")).values.tolist() == [30, 31]
    assert regular(points, "M", until=at("2026-12-01")).values.tolist() == [30, 31, 8]


@pytest.mark.parametrize(
    ("code", "first", "second", "third"),
    [
        ("H", "2026-01-01 23:00", "2026-01-02 00:00", "2026-01-02 01:00"),
        ("W", "2026-01-07", "2026-01-14", "2026-01-21"),
        ("M", "2026-01-15", "2026-02-15", "2026-03-15"),
        ("M", "2026-01-31", "2026-02-28", "2026-03-31"),
        ("Q", "2026-02-01", "2026-05-01", "2026-08-01"),
        ("Q", "2025-12-31", "2026-03-31", "2026-06-30"),
        ("Y", "2024-06-01", "2025-06-01", "2026-06-01"),
    ],
)
def test_periods_go_on_as_they_were_written(code, first, second, third):
    found = regular([(at(first), 1), (at(second), 2)], code)
    assert found.values.tolist() == [1, 2] and found.time(2) == at(third)


def test_weeks_on_different_days_begin_on_monday():
    found = regular([(at("2026-01-07"), 1), (at("2026-01-13"), 2), (at("2026-01-25"), 3)], "W")
    assert found.values.tolist() == [1, 2, 3] and found.time(0) == at("2026-01-05")


def test_steps_are_counted():
    found = regular([(11, 5), (13, 7)], "D")
    assert found.number == 11 and len(found.values) == 3 and found.time(0) is None


@pytest.mark.parametrize(
    ("points", "code", "why"),
    [
        ([], "D", "empty"),
        ([(1, None)], "D", "empty"),
        ([(1, 2.0), (1, 3.0)], "D", "twice"),
        ([(at("2026-01-01"), 2.0), (at("2026-01-20"), 3.0)], "M", "twice"),
        ([(1, 2.0), (at("2026-01-20"), 3.0)], "D", "mixed"),
        ([(1, 2.0), (10**9, 3.0)], "D", "span"),
        ([(1, float("inf"))], "D", "infinite"),
        ([(1, 1.0)], "S", "frequency"),
    ],
)
def test_what_cannot_be_a_series_says_why_in_both_languages(points, code, why):
    with pytest.raises(SeriesError) as error:
        regular(points, code)
    assert error.value.code == why
    assert error.value.text("ko") != error.value.text("en")


def test_a_history_is_cut_to_known_values_and_keeps_its_time():
    found = history([None, 1, None, 2, None], "D", at("2026-01-01"))
    assert len(found.values) == 3 and found.time(0) == at("2026-01-02")
    assert found.time(3) - found.time(0) == timedelta(days=3)
