"""A target's path, and what cannot be a target."""

from datetime import date

import pytest

from nachim.core.scoring import ScoreRefused, score
from nachim.core.target import Keep, Reach, TargetError, target_from_json

YEAR = {"start": date(2026, 1, 1), "due": date(2026, 12, 31)}


def test_path_runs_straight_from_baseline_to_level():
    target = Reach(level=200, baseline=100, **YEAR)
    assert target.expected(date(2025, 12, 1)) == 100
    assert target.expected(date(2026, 7, 2)) == pytest.approx(150)
    assert target.expected(date(2027, 3, 1)) == 200


def test_without_baseline_or_when_kept_the_path_is_flat():
    assert Reach(level=5, **YEAR).expected(date(2026, 2, 1)) == 5
    assert Keep(level=5, baseline=9, direction="down", **YEAR).expected(date(2026, 2, 1)) == 5


@pytest.mark.parametrize(
    ("fields", "field", "code"),
    [
        ({"level": 1, "start": date(2026, 2, 1), "due": date(2026, 2, 1)}, "due", "before_start"),
        ({"level": 1, "baseline": 1, **YEAR}, "level", "equals_baseline"),
        ({"level": 1, "baseline": 2, **YEAR}, "level", "wrong_way"),
        ({"level": 3, "baseline": 2, "direction": "down", **YEAR}, "level", "wrong_way"),
    ],
)
def test_impossible_targets_are_refused(fields, field, code):
    with pytest.raises(TargetError) as caught:
        Reach(**fields)
    assert (caught.value.field, caught.value.code) == (field, code)


def test_equality_is_met_both_ways():
    assert Reach(level=10, **YEAR).reaches(10, 10)
    assert Reach(level=10, direction="down", **YEAR).reaches(10, 10)


def test_target_survives_json():
    target = Reach(level=200, baseline=100, **YEAR)
    assert target_from_json(target.to_json()) == target


@pytest.mark.parametrize(
    ("target", "actual", "value", "method"),
    [
        (Reach(level=100, baseline=80, **YEAR), 90, 0.5, "progress"),
        (Reach(level=20, baseline=80, direction="down", **YEAR), 50, 0.5, "progress"),
        (Reach(level=100, **YEAR), 110, 1.1, "ratio"),
        (Keep(level=1.0, direction="down", **YEAR), 1.5, 0.5, "ratio_linear"),
    ],
)
def test_score_names_its_method(target, actual, value, method):
    result = score(target, actual)
    assert result.value == pytest.approx(value)
    assert result.method == method


def test_no_percentage_where_it_would_mislead():
    with pytest.raises(ScoreRefused) as caught:
        score(Keep(level=0, direction="down", **YEAR), 2)
    assert caught.value.code == "no_bands"
    assert score(Reach(level=100, **YEAR), None) is None
