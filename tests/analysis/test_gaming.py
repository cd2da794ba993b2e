"""Signs of gaming: planted ones are seen, ordinary data rarely are, and size counts beside chance."""

from datetime import date, timedelta

import numpy as np
import pytest

from nachim.analysis.gaming import (
    SENTENCES,
    Signal,
    definition_change,
    gaming_signals,
    heaping,
    pair_diverging,
    period_end,
    shrinking_denominator,
)

DAYS = [date(2025, 1, 1) + timedelta(at) for at in range(365)]


def rng(seed):
    return np.random.default_rng(seed)


def stands(signal):
    return bool(gaming_signals([signal]))


def test_results_pushed_over_a_threshold_are_seen():
    values = rng(1).normal(100, 15, 3000)
    pushed = np.where((values > 98) & (values < 100) & (rng(2).random(3000) < 0.7), values + 2, values)
    signal = heaping("계약 금액", pushed, 100, 2)
    assert stands(signal) and signal.facts["size"] > 1.5
    assert "몰려 있습니다" in signal.sentence() and "heaps just above 100" in signal.sentence("en")
    assert not stands(heaping("계약 금액", values, 100, 2))


def test_a_last_days_rush_is_seen():
    last = np.array([(day + timedelta(3)).month != day.month for day in DAYS])
    quiet = rng(3).poisson(100, 365) * np.where(np.array([day.weekday() for day in DAYS]) >= 5, 0.4, 1)
    assert stands(period_end("매출", quiet * np.where(last, 1.5, 1), DAYS))
    assert not stands(period_end("매출", quiet, DAYS))
    # Certain, but too small to matter.
    small = period_end("매출", 100 + 5 * last + 0.01 * rng(4).random(365), DAYS)
    assert small.chance < 1e-6 and not small.large
    assert period_end("매출", quiet[:60], DAYS[:60]) is None


def test_a_new_definition_that_moves_the_value_is_seen():
    values = 100 + 3 * rng(5).standard_normal(365)
    versions = [(DAYS[0], "a"), (DAYS[200], "b")]
    moved = definition_change("전환율", values + 20 * (np.arange(365) >= 200), DAYS, versions)
    assert stands(moved) and moved.facts["day"] == DAYS[200] and moved.facts["size"] == pytest.approx(0.2, abs=0.03)
    assert not stands(definition_change("전환율", values, DAYS, versions))
    assert definition_change("전환율", values, DAYS, [(DAYS[0], "a"), (DAYS[200], "a")]) is None


def test_a_conversion_that_rises_because_visits_fall_is_seen():
    visits = rng(6).poisson(1000, 112).astype(float)
    orders = rng(7).poisson(50, 112).astype(float)
    before = np.stack([orders[:56], visits[:56]], 1)
    fewer = np.stack([orders[56:], 0.7 * visits[56:]], 1)
    signal = shrinking_denominator("전환율", before, fewer)
    assert stands(signal) and signal.facts["size"] == pytest.approx(-0.3, abs=0.02)
    more_orders = np.stack([1.4 * orders[56:], visits[56:]], 1)
    assert not stands(shrinking_denominator("전환율", before, more_orders))
    # A return rate that falls because deliveries rise.
    assert stands(shrinking_denominator("반품률", before, np.stack([orders[56:], 1.4 * visits[56:]], 1), better="down"))


def test_a_companion_that_turns_is_seen():
    handled, happy = rng(8).normal(100, 5, 112), rng(9).normal(80, 3, 112)
    args = ("처리 건수", handled[:56], 1.3 * handled[56:], "만족도", happy[:56])
    signal = pair_diverging(*args, 0.8 * happy[56:])
    assert stands(signal)
    assert signal.sentence() == f"처리 건수는 좋아졌는데 짝 지표 만족도는 나빠졌습니다({signal.facts['size']:+.0%})."
    assert not stands(pair_diverging(*args, happy[56:]))
    assert pair_diverging(*args, happy[56:60]) is None


def test_ordinary_data_raise_a_signal_in_at_most_one_of_fifty_companies():
    raised = 0
    for seed in range(150):
        one = rng([seed, 1])
        values, visits = one.normal(100, 15, 365), one.poisson(1000, 112).astype(float)
        orders = one.binomial(visits.astype(int), 0.05).astype(float)
        pairs = np.stack([orders, visits], 1)
        raised += bool(gaming_signals([
            heaping("a", values, 110, 5), period_end("b", values, DAYS),
            definition_change("c", values, DAYS, [(DAYS[0], "a"), (DAYS[180], "b")]),
            shrinking_denominator("d", pairs[:56], pairs[56:]),
            pair_diverging("e", pairs[:56], pairs[56:], "f", values[:56], values[56:112]),
        ]))  # fmt: skip
    assert raised <= 3


def test_many_checks_make_each_harder_and_missing_ones_count_for_nothing():
    facts = {"name": "x", "days": 3, "size": 1.5}
    signal = Signal("period_end", 0.004, True, facts)
    assert gaming_signals([signal, None]) == (signal,)
    assert gaming_signals([signal, *[Signal("period_end", 0.9, True, facts)] * 4]) == ()
    assert gaming_signals([]) == ()


def test_every_sentence_is_whole():
    facts = {"name": "x", "name_topic": "x는", "pair": "y", "pair_topic": "y는", "threshold": 1.0, "size": 0.1,
             "days": 3, "day": DAYS[0], "numerator": 0.0}  # fmt: skip
    for code in SENTENCES:
        assert "{" not in Signal(code, 0, True, facts).sentence() + Signal(code, 0, True, facts).sentence("en")
