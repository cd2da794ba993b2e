"""Guardrails: claims at their level, ratios of sums, and a verdict that waits for evidence."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binom, ttest_ind

from nachim.analysis.guardrail import Rail, _summed, change_between, guardrails, inflation


def days(seed, weeks, mean=0.05, sd=0.005):
    rng = np.random.default_rng(seed)
    return mean + 0.01 * np.sin(2 * np.pi * np.arange(7 * weeks) / 7) + sd * rng.standard_normal(7 * weeks)


def verdict(before, after, margin=0.01, better="down"):
    return guardrails([Rail("반품률", before, after, margin, better)])


def test_a_guardrail_is_held_broken_or_undecided():
    before = days(1, 8)
    held, broken = verdict(before, days(2, 8, 0.052)), verdict(before, days(2, 8, 0.08))
    near, wide = verdict(before, days(2, 8, 0.06)), verdict(before, days(2, 4, 0.052, sd=0.15))
    assert [one.verdict for one in (held, broken, near, wide)] == ["healthy", "unhealthy", "undecided", "undecided"]
    assert held.sentence() == "건전한 성장입니다."
    assert broken.sentence().startswith("불건전한 성장입니다. 반품률이 허용 폭(+1.0%p)을 넘어 나빠졌습니다: +3.0%p")
    assert "is broken: +3.0" in broken.sentence("en") and "허용 폭(+1.0%p) 안에" in held.rails[0].sentence()
    low, high = broken.rails[0].interval
    assert 0.01 < low < broken.rails[0].change < high


def test_better_up_is_the_mirror_of_better_down():
    before, after = days(1, 8, 0.5), days(2, 8, 0.46)
    up, down = verdict(before, after, 0.01, "up"), verdict(-before, -after, 0.01, "down")
    assert up.verdict == down.verdict == "unhealthy"
    assert up.rails[0].broken == pytest.approx(down.rails[0].broken)


def test_one_broken_among_many_makes_growth_unhealthy_and_one_undecided_leaves_it_open():
    good, bad = Rail("a", days(1, 8), days(2, 8), 0.01, "down"), Rail("b", days(3, 8), days(4, 8, 0.1), 0.01, "down")
    short = Rail("c", days(1, 2), days(2, 8), 0.01, "down")
    assert guardrails([good, bad, short]).verdict == "unhealthy"
    open_ = guardrails([good, short])
    assert open_.verdict == "undecided" and open_.rails[0].state == "held"
    assert "자료가 부족해" in open_.sentence() and "too little data" in open_.sentence("en")
    assert guardrails([]).verdict == "undecided"


def test_more_guardrails_make_each_claim_harder():
    rail = Rail("a", days(1, 6), days(2, 6, 0.055), 0.01, "down")
    assert guardrails([rail] * 10).rails[0].held == pytest.approx(min(10 * guardrails([rail]).rails[0].held, 1))


@settings(deadline=None)
@given(st.integers(0, 10**6), st.integers(21, 60), st.integers(21, 60), st.floats(1e-3, 1e6))
def test_the_change_is_welchs_over_weeks_and_follows_the_unit(seed, first, second, scale):
    rng = np.random.default_rng(seed)
    before, after = rng.normal(10, 1, first), rng.normal(10.5, 2, second)
    weeks = [one[: len(one) // 7 * 7].reshape(-1, 7).mean(1) for one in (before, after)]
    expected = ttest_ind(weeks[1], weeks[0], equal_var=False)
    change, se, df = change_between(before, after)
    assert change == pytest.approx(weeks[1].mean() - weeks[0].mean())
    # Days that correlate beyond chance only make it wider.
    assert abs(change / se) <= abs(expected.statistic) * (1 + 1e-9) and df > 0
    plain = all(inflation(one - one[: len(one) // 7 * 7].mean(), 7) == 1 for one in (before, after))
    if plain:
        assert change / se == pytest.approx(expected.statistic) and df == pytest.approx(expected.df)
    scaled = change_between(before * scale, after * scale)
    assert scaled[0] == pytest.approx(change * scale) and scaled[1] == pytest.approx(se * scale)


def test_a_ratio_is_the_ratio_of_sums():
    rng = np.random.default_rng(3)
    orders = rng.integers(50, 500, 56).astype(float)
    back = rng.binomial(orders.astype(int), 0.1).astype(float)
    change, se, _ = change_between(np.stack([back, orders], 1), np.stack([back * 2, orders], 1))
    assert change == pytest.approx(back.sum() / orders.sum()) and 0 < se < 0.02
    gone = np.stack([back, orders], 1)
    gone[3] = math.nan
    assert change_between(gone, gone)[0] == 0


def correlated(rng, count, times, lag):
    noise = rng.standard_normal((count, times))
    for at in range(1, times):
        noise[:, at] = lag * noise[:, at - 1] + math.sqrt(1 - lag**2) * noise[:, at]
    return noise


def test_the_variance_of_correlated_days_is_that_of_their_matrix():
    for lag in (0.3, 0.8):
        matrix = lag ** np.abs(np.subtract.outer(np.arange(56), np.arange(56)))
        week = matrix[:7, :7]
        noise = correlated(np.random.default_rng(2), 1, 20_000, lag)[0]
        assert inflation(noise[:56], 7) >= 1
        assert _summed(lag, 56) / _summed(lag, 7) == pytest.approx(matrix.sum() / 56 / (week.sum() / 7))


@pytest.mark.parametrize(("lag", "most"), [(0.0, 0.05), (0.5, 0.05), (0.8, 0.06)])
def test_a_change_of_exactly_the_margin_is_claimed_held_at_most_at_the_level(lag, most):
    """Days with a weekday pattern that correlate by `lag`."""
    rng = np.random.default_rng(5)
    noise = correlated(rng, 1000, 7 * 14, lag) + 2 * np.sin(2 * np.pi * np.arange(98) / 7)
    claims = sum(guardrails([Rail("x", one[:56], one[56:] + 0.5, 0.5, "down")]).verdict == "healthy" for one in noise)
    assert claims <= binom.ppf(0.999, 1000, most)
    assert claims >= binom.ppf(0.001, 1000, 0.03)


def test_a_negative_margin_is_an_error():
    with pytest.raises(ValueError, match="margin of x"):
        guardrails([Rail("x", days(1, 4), days(2, 4), -1)])
