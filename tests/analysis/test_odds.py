"""The odds of a target, what it would take, which targets they propose, and how good they were."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nachim.analysis.forecast import forecast, history
from nachim.analysis.odds import Aim, level_at, measure, outlook, precedent, propose, required
from nachim.analysis.odds_record import pace_call, record, wilson

CHANCE = np.random.default_rng(21)


@pytest.fixture(autouse=True)
def _the_same_draws_whatever_ran_before():
    CHANCE.bit_generator.state = np.random.default_rng(21).bit_generator.state


STEADY = forecast(history(100 + CHANCE.normal(0, 5, 150), "W"), 8)
SHORT = forecast(history([1.0, 2.0, 3.0], "W"), 8)
OVERS = ["last", "sum", "average", "rate", "every", "share"]


def aim(level, over="last", direction="up", so_far=0, **more):
    if over == "rate":
        more = {"weights": tuple(range(1, 9 + so_far))} | more
    return Aim(level, direction, over, **more)


PATHS = np.array([[1.0, 2, 3, 4], [4, 3, 2, 1], [5, 5, 5, 5]])


@pytest.mark.parametrize(
    ("given_aim", "done", "expected"),
    [
        (Aim(3), [], [4, 1, 5]),
        (Aim(3, "up", "sum"), [10], [20, 20, 30]),
        (Aim(3, "up", "average"), [0], [2, 2, 4]),
        (Aim(3, "up", "rate", weights=(6, 1, 1, 1, 1)), [0], [1, 1, 2]),
        (Aim(3, "up", "every"), [3], [1, 1, 3]),
        (Aim(3, "down", "every"), [3], [4, 4, 5]),
        (Aim(3, "up", "share"), [3, 2], [0.5, 0.5, 5 / 6]),
    ],
)
def test_what_a_target_speaks_of(given_aim, done, expected):
    assert np.allclose(measure(PATHS, given_aim, np.array(done, dtype=float)), expected)


@pytest.mark.parametrize(
    ("given_aim", "done", "needed"),
    [
        (Aim(120), [], 120),
        (Aim(100, "up", "sum"), [20, 30], 12.5),
        (Aim(10, "up", "average"), [4, 4], 13),
        (Aim(10, "up", "rate", weights=(2, 2, 1, 1, 1, 1)), [5, 5], 15),
        (Aim(10, "up", "every"), [12, 10], 10),
        (Aim(10, "up", "every"), [12, 9], None),
        (Aim(10, "down", "share", share=0.5), [11, 11], 10),
        (Aim(10, "down", "share", share=0.9), [11, 11], None),
    ],
)
def test_what_each_remaining_period_has_to_bring(given_aim, done, needed):
    assert required(given_aim, np.array(done, dtype=float), 4) == needed


@pytest.mark.parametrize("over", OVERS)
@pytest.mark.parametrize("direction", ["up", "down"])
def test_a_harder_target_never_has_better_odds(over, direction):
    levels = sorted([0.0, 60, 90, 95, 100, 105, 110, 200, 900, 1500], reverse=direction == "down")
    odds = [outlook(STEADY, aim(level, over, direction, share=0.7)).p for level in levels]
    assert all(one >= other for one, other in pairwise(odds))
    assert odds[0] == 1 and odds[-1] == 0


def test_odds_come_with_what_it_takes_and_how_sure_they_are():
    found = outlook(STEADY, Aim(1210, "up", "sum"), [100.0, 104, 98, 101])
    assert 0 <= found.low <= found.p <= found.high <= 1
    assert found.needed == pytest.approx((1210 - 403) / 8) and 95 < found.recent < 105
    assert found.odds().p == found.p


def test_an_unreliable_forecast_has_no_odds_and_proposes_nothing():
    found = outlook(SHORT, Aim(5))
    assert found.p is None and found.refusal.code == "too_short" and found.needed == 5
    assert found.odds().p is None and found.odds().reason == "too_short"
    proposed = propose(SHORT, Aim(0))
    assert proposed.likely is None and proposed.refusal.code == "too_short"


@pytest.mark.parametrize("over", OVERS)
@pytest.mark.parametrize("direction", ["up", "down"])
def test_proposed_levels_have_the_odds_they_are_proposed_with(over, direction):
    wanted = aim(0, over, direction, share=0.75)
    found = propose(STEADY, wanted)
    for level, p in ((found.safe, 0.7), (found.likely, 0.5), (found.ambitious, 0.2), (found.stretch, 0.1)):
        back = outlook(STEADY, aim(level, over, direction, share=0.75)).p
        assert back == pytest.approx(p, abs=0.01)
    order = [found.safe, found.likely, found.ambitious, found.stretch]
    assert order == sorted(order, reverse=direction == "down")


def test_odds_of_a_known_law_are_its_probabilities():
    """White noise around 100: the average of 8 more weeks is normal with a known spread."""
    said, came = [], []
    chance = np.random.default_rng(5)
    for _ in range(60):
        values = chance.normal(100, 10, 150 + 8)
        made = forecast(history(values[:150], "W"), 8)
        level = 100 + chance.normal(0, 4)
        found = outlook(made, Aim(level, "up", "average"))
        said.append(found.p)
        came.append(float(values[150:].mean() >= level))
    assert record(np.array(said), np.array(came)).brier < 0.22


def test_a_level_for_odds_beyond_0_and_1_is_refused():
    with pytest.raises(ValueError, match="between 0 and 1"):
        level_at(STEADY, Aim(0), 1.0)
    with pytest.raises(ValueError, match="denominators"):
        outlook(STEADY, Aim(1, "up", "rate", weights=(1, 2)))


def test_how_often_it_happened_before():
    assert precedent([100, 110, 121, 100, 130], 1, 0.15, relative=True) == precedent(
        [0, 0, 0, 0, 1], 1, 1, relative=False
    )
    found = precedent([100, 110, 121, 100, 130], 1, 0.15, relative=True)
    assert (found.times, found.of) == (1, 4)
    assert precedent([5, 4, 3], 1, -1, relative=False).times == 2
    assert precedent([1.0], 3, 0.1, relative=True).of == 0


def test_perfect_calls_and_the_climate():
    came = np.array([1.0, 0, 1, 0])
    perfect = record(came, came, 1 - came)
    assert perfect.ece == 0 and perfect.brier == 0 and perfect.pace == 1 and perfect.better
    climate = record(np.full(4, 0.5), came)
    assert climate.brier == climate.climatology == 0.25 and climate.ece == 0 and not climate.better


def test_calls_too_sure_of_themselves_have_an_error():
    came = np.tile([1.0, 0.0], 50)
    found = record(np.full(100, 0.95), came)
    assert found.ece == pytest.approx(0.45) and found.bins[0].count == 100
    assert found.bins[0].came_low < 0.5 < found.bins[0].came_high


@given(st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=1, max_size=80))
@settings(max_examples=60, deadline=None)
def test_the_record_adds_up(pairs):
    said, came = np.array([p for p, _ in pairs]), np.array([float(hit) for _, hit in pairs])
    found = record(said, came)
    assert sum(one.count for one in found.bins) == found.count == len(pairs)
    assert 0 <= found.ece <= 1 and 0 <= found.brier <= 1
    assert found.ece**2 <= found.brier + 1e-9


@pytest.mark.parametrize(("said", "came"), [([], []), ([0.5], []), ([1.5], [1]), ([0.5], [0.5])])
def test_what_is_no_call_is_refused(said, came):
    with pytest.raises(ValueError, match="call"):
        record(np.array(said), np.array(came))


def test_the_interval_of_a_share():
    low, high = wilson(0.5, 100)
    assert low == pytest.approx(0.4038, abs=1e-3) and high == pytest.approx(0.5962, abs=1e-3)


@pytest.mark.parametrize(
    ("over", "level", "met"),
    [
        ("last", 10, 1),
        ("last", 11, 0),
        ("sum", 45, 1),
        ("sum", 46, 0),
        ("average", 9, 1),
        ("every", 5, 1),
        ("every", 6, 0),
    ],
)
def test_the_pace_rule_goes_on_as_lately(over, level, met):
    assert pace_call(level, "up", np.array([5.0]), np.array([10.0, 10.0]), 4, over) == met
