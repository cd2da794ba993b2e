"""Two KPIs that tell the same are told so with an interval that holds; trends and memory alone are not taken for it."""

import numpy as np
import pytest

from nachim.analysis.alike import LEAST, alike


def test_the_same_number_twice_is_surely_alike_whatever_its_sign():
    rng = np.random.default_rng(1)
    x = np.cumsum(rng.standard_normal(60))
    noise = 0.1 * rng.standard_normal(60)
    assert alike(x, 3 * x + noise).surely > 0.85
    assert alike(x, -x + noise).surely > 0.85 and alike(x, -x + noise).correlation < 0


def test_two_trends_that_share_nothing_are_seldom_called_alike():
    rng = np.random.default_rng(2)
    sure = 0
    for _each in range(400):
        walks = [np.zeros(40), np.zeros(40)]
        for walk in walks:
            change = 0.0
            for at in range(1, 40):
                change = 0.7 * change + rng.standard_normal()
                walk[at] = walk[at - 1] + 1.0 + change
        sure += alike(*walks).surely > 0
    assert sure / 400 < 0.08


def test_what_everything_does_at_the_same_time_is_no_likeness():
    rng = np.random.default_rng(3)
    common = np.cumsum(rng.standard_normal(80))
    rows = [common + 0.6 * np.cumsum(rng.standard_normal(80)) for _each in range(6)]
    assert abs(alike(rows[0], rows[1], rows[2:]).correlation) < abs(alike(rows[0], rows[1]).correlation)


def test_the_interval_covers_the_truth_nineteen_times_of_twenty():
    rng, held, truth = np.random.default_rng(4), 0, 0.6
    for _each in range(400):
        a, b = rng.standard_normal((2, 30))
        found = alike(np.cumsum(a), np.cumsum(truth * a + np.sqrt(1 - truth**2) * b))
        held += found.low <= truth <= found.high
    assert held / 400 == pytest.approx(0.95, abs=0.04)


def test_too_few_changes_or_none_at_all_say_nothing():
    assert alike(range(LEAST + 1), range(LEAST + 1)) is None
    assert alike([1.0] * 30, np.random.default_rng(5).standard_normal(30)) is None
