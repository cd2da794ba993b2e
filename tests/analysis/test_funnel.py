"""Funnels: parts add up exactly, intervals are the published ones, and chance names no step."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binom

from nachim.analysis.funnel import REASONS, Funnel, Refused, funnel, newcombe, wilson
from nachim.analysis.multiple import holm

STEPS = ("방문", "장바구니", "결제", "완료")


def nested(draw, steps=4):
    counts = [draw(st.integers(1, 10**7))]
    for _ in range(steps - 1):
        counts.append(draw(st.integers(0, counts[-1])))
    return counts


@settings(max_examples=300)
@given(st.data())
def test_parts_of_any_funnel_add_up_to_the_change(data):
    before, after = nested(data.draw), nested(data.draw)
    found = funnel(STEPS, before, after)
    assert isinstance(found, Funnel)
    counts = [found.entered, *(one.of_count for one in found.steps)]
    rates = [one.of_rate for one in found.steps]
    assert abs(math.fsum(counts) - (after[-1] - before[-1])) <= 4e-16 * max(map(abs, counts))
    # A rate is at most 1, and so is what a float of it leaves out.
    assert abs(math.fsum(rates) - (after[-1] / after[0] - before[-1] / before[0])) <= 4e-16
    assert found.sentence() and found.sentence("en")
    for one in found.steps:
        low, high = one.change_interval
        assert math.isnan(one.change) or low - 1e-12 <= one.change <= high + 1e-12


def test_the_step_that_moved_is_named_with_its_interval():
    found = funnel(STEPS, [10_000, 2000, 800, 700], [12_000, 2400, 720, 640])
    assert [(one.start, one.end) for one in found.moved] == [("장바구니", "결제")]
    assert found.sentence() == (
        "전체 전환율이 1.7%p 내렸습니다. 가장 크게 움직인 단계: 장바구니 → 결제, 40.0% → 30.0%(-12.8%p~-7.2%p)."
    )
    assert "moved most: 장바구니 → 결제" in found.sentence("en")
    assert found.entered > 0 > found.moved[0].of_count


def test_more_visitors_alone_move_no_step():
    found = funnel(STEPS, [1000, 200, 80, 70], [2000, 400, 160, 140])
    assert found.moved == () and found.entered == pytest.approx(70)
    assert "우연을 넘어 움직인 단계는 없습니다" in found.sentence()


def test_chance_names_a_step_in_about_one_of_twenty_funnels():
    rng = np.random.default_rng(1)
    named = 0
    for _ in range(600):
        sides = []
        for _ in range(2):
            counts = [800]
            for share in (0.4, 0.5, 0.6):
                counts.append(int(rng.binomial(counts[-1], share)))
            sides.append(counts)
        named += bool(funnel(STEPS, *sides).moved)
    assert named <= binom.ppf(0.999, 600, 0.05)


@pytest.mark.parametrize(
    ("one", "other", "low", "high"),
    # Newcombe (1998), table II, method 10: 56/70 − 48/80, 9/10 − 3/10, 10/10 − 0/10, 5/56 − 0/29.
    [((56, 70), (48, 80), 0.0524, 0.3339), ((9, 10), (3, 10), 0.1705, 0.8090), ((10, 10), (0, 10), 0.6075, 1.0),
     ((5, 56), (0, 29), -0.0381, 0.1926)],
)  # fmt: skip
def test_intervals_of_differences_are_newcombes(one, other, low, high):
    assert newcombe(*other, *one) == pytest.approx((low, high), abs=5e-5)
    assert newcombe(*one, *other) == pytest.approx((-high, -low), abs=5e-5)


def test_intervals_of_shares_are_wilsons():
    # Newcombe (1998), table I, method 3: 81/263 and 0/20.
    assert wilson(81, 263) == pytest.approx((0.2553, 0.3662), abs=5e-5)
    assert wilson(0, 20) == pytest.approx((0, 0.1611), abs=5e-5)
    assert wilson(0, 0) == (0.0, 1.0) and newcombe(1, 2, 0, 0) == (-1.0, 1.0)


def test_refusals_say_why():
    assert funnel(["a"], [1], [1]).code == "too_few_steps"
    assert funnel(["a", "b"], [1, 2], [1, 1]).facts == {"step": "b"}
    assert funnel(["a", "b"], [0, 0], [1, 1]).code == "empty"
    assert funnel(["a", "b"], [2, 1.5], [1, 1]).code == "not_counts"
    for code in REASONS:
        assert "{" not in Refused(code, {"step": "x"}).sentence() + Refused(code, {"step": "x"}).sentence("en")


def test_holm_adjusts_as_written():
    assert holm([0.01, 0.04, 0.03]).tolist() == pytest.approx([0.03, 0.06, 0.06])
    assert holm([0.9, 0.5]).tolist() == [1.0, 1.0] and holm([]).tolist() == []


@given(st.lists(st.floats(0, 1), min_size=1, max_size=8), st.floats(0.001, 0.5))
def test_holm_claims_what_its_steps_claim(chances, level):
    claimed, left = set(), sorted(range(len(chances)), key=lambda at: chances[at])
    while left and chances[left[0]] * len(left) < level:
        claimed.add(left.pop(0))
    adjusted = holm(chances)
    if all(abs(one - level) > 1e-9 for one in adjusted):
        assert {at for at, one in enumerate(adjusted) if one < level} == claimed
