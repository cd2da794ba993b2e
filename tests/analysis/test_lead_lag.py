"""Leads: a planted one is found with its lag and sign, rhythms alone give none, and neither chains nor units matter."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nachim.analysis.lead_lag import _adjusted, _cross, _gain, _scores, lead_lag


def noise(seed, series=6, times=200):
    return np.random.default_rng(seed).standard_normal((series, times))


def lead(x, y, lag, strength):
    y[lag:] += strength * x[:-lag]


def wandering(shocks):
    """Levels with a season, far from white: what naive correlation falls for."""
    season = np.sin(2 * np.pi * np.arange(shocks.shape[1]) / 52.18)
    return np.exp(5 + 0.02 * np.cumsum(shocks, axis=1) + 0.2 * season)


def pairs(found):
    return {(one.leader, one.follower, one.lag) for one in found.links}


@pytest.mark.parametrize(("lag", "strength"), [(1, 0.8), (3, -0.8), (8, 0.8)])
def test_a_planted_lead_is_found_with_its_lag_and_sign(lag, strength):
    shocks = noise(1)
    lead(shocks[0], shocks[1], lag, strength)
    found = lead_lag(wandering(shocks), list("abcdef"))
    assert ("a", "b", lag) in pairs(found)
    link = next(one for one in found.links if one.follower == "b")
    assert np.sign(link.correlation) == np.sign(strength) and link.gain > 0.1 and link.q < 0.01


def test_rhythms_alone_give_no_evidence():
    with_links = sum(bool(lead_lag(wandering(noise(seed)), list("abcdef")).links) for seed in range(20))
    assert with_links <= 4
    nothing = lead_lag(wandering(noise(3)), list("abcdef"))
    assert nothing.tested == 30
    if not nothing.links:
        assert nothing.sentence() == "아직 근거가 없습니다." and nothing.sentence("en") == "No evidence yet."


def test_a_chain_and_a_common_cause_are_not_leads_of_their_own():
    shocks = noise(5, times=400)
    lead(shocks[0], shocks[1], 2, 1.0)
    lead(shocks[1], shocks[2], 3, 1.0)
    lead(shocks[0], shocks[3], 6, 1.0)
    found = pairs(lead_lag(wandering(shocks), list("abcdef")))
    assert {("a", "b", 2), ("b", "c", 3), ("a", "d", 6)} <= found
    assert not {("a", "c", 5), ("b", "d", 4)} & found


def test_missing_values_short_and_constant_series():
    shocks = noise(7)
    lead(shocks[0], shocks[1], 2, 1.0)
    values = wandering(shocks)
    values[0, 30:33] = np.nan
    values[4, 40:] = np.nan
    values[5] = 3.0
    found = lead_lag(values, list("abcdef"))
    assert found.too_short == ("e", "f") and found.tested == 12 and ("a", "b", 2) in pairs(found)
    assert lead_lag(values[4:], list("ef")).links == ()


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 1000), st.floats(1e-3, 1e6))
def test_order_of_series_and_units_do_not_matter(seed, scale):
    shocks = noise(seed)
    lead(shocks[0], shocks[1], 3, 0.9)
    values, names = wandering(shocks), list("abcdef")
    order = np.random.default_rng(seed).permutation(6)
    one = lead_lag(values, names)
    other = lead_lag(values[order] * scale, [names[at] for at in order])
    assert pairs(one) == pairs(other)


def test_sentences_name_lag_and_direction():
    shocks = noise(2)
    lead(shocks[0], shocks[1], 3, 0.9)
    found = lead_lag(wandering(shocks), ["방문", "매출", *"cdef"])
    link = next(one for one in found.links if one.follower == "매출")
    assert link.sentence().startswith("방문이 오르면 3주 뒤 매출이 오르는 편입니다(상관 +0.")
    assert "rise 3 weeks later" in link.sentence("en") and "선행이 보입니다" in found.sentence()


def test_correlations_are_those_of_numpy():
    x = noise(4, series=3)
    correlation, chance = _cross(x, np.zeros(3, int), 4)
    for lag in range(1, 5):
        early, late = x[0, :-lag], x[2, lag:]
        assert correlation[lag - 1, 0, 2] == pytest.approx((early @ late) / np.sqrt((early @ early) * (late @ late)))
    assert (chance[:, np.eye(3, dtype=bool)] == 1).all() and ((chance >= 0) & (chance <= 1)).all()


def by_steps(p, q):
    """Benjamini-Yekutieli as written: the largest k with p(k) ≤ k q / (m Σ1/i)."""
    m, ordered = len(p), np.sort(p)
    fits = [k for k in range(1, m + 1) if ordered[k - 1] <= k * q / (m * sum(1 / i for i in range(1, m + 1)))]
    return set() if not fits else {at for at in range(m) if p[at] <= ordered[max(fits) - 1]}


@given(st.lists(st.floats(1e-9, 1), min_size=6, max_size=6), st.sampled_from([0.05, 0.1, 0.2]))
def test_adjusted_values_decide_as_the_procedure_does(p, q):
    pair = np.ones((3, 3))
    off = ~np.eye(3, dtype=bool)
    pair[off] = p
    adjusted = _adjusted(pair)[off]
    if (np.abs(adjusted - q) > 1e-9).all():
        assert {at for at in range(6) if adjusted[at] <= q} == by_steps(np.array(p), q)


def test_gain_is_what_a_loop_says():
    x, y = noise(9, series=2, times=60)
    lead(x, y, 2, 1.0)
    without = with_it = 0.0
    shifted, target = x[:-2], y[2:]
    for at in range(len(target) // 2, len(target)):
        slope = (shifted[:at] @ target[:at]) / (shifted[:at] @ shifted[:at])
        without += target[at] ** 2
        with_it += (target[at] - slope * shifted[at]) ** 2
    assert _gain(x, y, 2) == pytest.approx(1 - with_it / without)


def test_scores_are_symmetric_and_keep_order():
    scores = _scores(np.array([5.0, -100.0, np.nan, 7.0]))
    assert np.isnan(scores[2]) and scores[1] < scores[0] < scores[3] and scores[0] == pytest.approx(0)


def test_calls_that_do_not_fit_are_errors():
    with pytest.raises(ValueError, match="grain"):
        lead_lag(noise(1), list("abcdef"), grain="hour")
    with pytest.raises(ValueError, match="as many rows"):
        lead_lag(noise(1), ["a"])
