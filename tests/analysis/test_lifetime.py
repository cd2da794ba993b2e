"""Lifetime models: published answers, exact formulas against simulation, honest intervals, and refusals."""

from datetime import date, timedelta

import numpy as np
import pytest
from scipy.stats import binom

from nachim.analysis import lifetime
from nachim.analysis.lifetime import Histories, Lifetime, Refusal
from nachim.analysis.lifetime_refusal import SENTENCES
from tests.analysis import cdnow


@pytest.fixture(scope="module")
def tenth():
    if not cdnow.FILE.exists():
        pytest.skip("the shared data folder is not beside the repository")
    customer, day, value = cdnow.purchases()
    keep = np.isin(customer, cdnow.sample())
    return customer[keep], day[keep], value[keep]


@pytest.fixture(scope="module")
def fitted(tenth):
    return lifetime.fit(lifetime.histories(*tenth, cdnow.CUT))


def simulated(rng, customers=2000, truth=(0.25, 4.4, 0.8, 2.4), spend=(6.0, 4.0, 15.0), age=39.0, until=39.0):
    """Histories of a company that is as the models say, and what its customers do in the `until` after."""
    r, alpha, a, b = truth
    p, q, gamma = spend
    born = rng.uniform(0, 12, customers)
    rate, leaving = rng.gamma(r, 1 / alpha, customers), rng.beta(a, b, customers)
    scale = rng.gamma(q, 1 / gamma, customers)
    repeats, recency, mean, later, money = (np.zeros(customers) for _ in range(5))
    for one in range(customers):
        now, paid = born[one], []
        for _ in range(rng.geometric(max(leaving[one], 1e-9)) if leaving[one] < 1 else 1):
            now += rng.exponential(1 / max(rate[one], 1e-12))
            if now > age + until:
                break
            price = rng.gamma(p, 1 / scale[one])
            if now <= age:
                repeats[one] += 1
                recency[one] = now - born[one]
                paid.append(price)
            else:
                later[one] += 1
                money[one] += price
        mean[one] = np.mean(paid) if paid else np.nan
    return Histories(np.arange(customers).astype(object), repeats, recency, age - born, mean, 7.0), later, money


def test_cdnow_gives_the_published_purchase_parameters(fitted):
    assert isinstance(fitted, Lifetime) and len(fitted.histories) == 2357
    for name, published in {"r": 0.2426, "alpha": 4.4135, "a": 0.7929, "b": 2.4258}.items():
        assert fitted.purchases[name] == pytest.approx(published, rel=0.005)
    assert fitted.purchases.log_likelihood == pytest.approx(-9582.4, abs=0.05)


def test_cdnow_gives_the_published_spend_parameters(fitted):
    for name, published in {"p": 6.25, "q": 3.74, "gamma": 15.44}.items():
        assert fitted.spend[name] == pytest.approx(published, rel=0.005)
    assert int((fitted.histories.spend > 0).sum()) == 946


def test_cdnow_holdout_forecast_is_nearer_than_going_on_at_the_same_rate(fitted, tenth):
    weeks = (cdnow.END - cdnow.CUT).days / 7
    actual = lifetime.histories(*tenth, cdnow.END).repeats - fitted.histories.repeats
    assert actual.sum() == 1882
    total = fitted.total_purchases(weeks)
    assert total.value == pytest.approx(1653, abs=1)
    same_rate = (fitted.histories.repeats / fitted.histories.age).sum() * weeks
    assert abs(total.value - 1882) < 0.25 * abs(same_rate - 1882)
    assert np.corrcoef(fitted.expected_purchases(weeks), actual)[0, 1] > 0.6


def test_purchases_of_one_day_are_one_purchase():
    rows = [("a", "2026-01-01", 5), ("a", "2026-01-01", 7), ("a", "2026-01-15", 4), ("a", "2026-01-15", 6),
            ("b", "2026-01-08", 3), ("a", "2026-03-01", 99)]  # fmt: skip
    found = lifetime.histories(*zip(*rows, strict=True), until=date(2026, 1, 29))
    assert list(found.customers) == ["a", "b"]
    assert found.repeats.tolist() == [1, 0]
    assert found.recency.tolist() == [2, 0]
    assert found.age.tolist() == [4, 3]
    assert found.spend[0] == 10 and np.isnan(found.spend[1])


def test_cohorts_show_months_that_have_ended_only():
    rows = [("a", "2026-01-05", 10), ("b", "2026-01-20", 20), ("a", "2026-02-03", 30), ("c", "2026-02-10", 8),
            ("a", "2026-03-02", 100)]  # fmt: skip
    found = lifetime.cohorts(*zip(*rows, strict=True), until=date(2026, 3, 15))
    assert found.customers.tolist() == [2, 1, 0]
    assert found.cumulative[0, :2].tolist() == [15, 30] and np.isnan(found.cumulative[0, 2])
    assert found.cumulative[1, 0] == 8 and np.isnan(found.cumulative[1, 1])
    assert found.pooled[0] == pytest.approx(38 / 3) and found.pooled[1] == pytest.approx(38 / 3 + 15)


def test_expected_purchases_equal_the_average_of_simulated_futures():
    rng = np.random.default_rng(5)
    truth = np.array([0.7, 5.0, 1.2, 3.0])
    repeats, recency, age, horizon, n = 4.0, 20.0, 30.0, 26.0, 200_000
    alive_share = lifetime._alive(truth, *(np.array([one]) for one in (repeats, recency, age)))[0]
    rate, leaving = rng.gamma(truth[0] + repeats, 1 / (truth[1] + age), n), rng.beta(truth[2], truth[3] + repeats, n)
    future = np.minimum(rng.poisson(rate * horizon), rng.geometric(leaving)) * (rng.random(n) < alive_share)
    one = Histories(*(np.array([x]) for x in (None, repeats, recency, age, np.nan)), 7.0)
    expected = lifetime._expected(truth, one, horizon)[0]
    assert expected == pytest.approx(future.mean(), abs=4 * future.std() / np.sqrt(n))


def test_the_probability_of_being_alive_follows_from_the_whole_story():
    """Bayes by simulation: customers who by chance have exactly this history, and how many are still there."""
    rng = np.random.default_rng(6)
    n, truth = 400_000, (1.0, 4.0, 1.0, 2.0)
    rate, leaving = rng.gamma(truth[0], 1 / truth[1], n), rng.beta(truth[2], truth[3], n)
    first = rng.exponential(1 / rate)
    gone = rng.random(n) < leaving
    second = first + rng.exponential(1 / rate)
    match = (first > 4.5) & (first < 5.5) & (gone | (second > 15))
    share = (~gone[match]).mean()
    found = lifetime._alive(np.array(truth), np.array([1.0]), np.array([5.0]), np.array([15.0]))[0]
    assert found == pytest.approx(share, abs=4 * np.sqrt(share * (1 - share) / match.sum()) + 0.01)


@pytest.mark.parametrize("a", [1 - 1e-3, 1 - 1e-9, 1.0, 1 + 1e-9, 1 + 1e-3])
def test_the_formula_has_no_gap_where_a_is_one(a):
    of = Histories(*(np.array([x]) for x in (None, 3.0, 10.0, 20.0, 5.0)), 7.0)
    smooth = lifetime._expected(np.array([0.5, 4.0, 1.01, 2.0]), of, 30)[0]
    assert lifetime._expected(np.array([0.5, 4.0, a, 2.0]), of, 30)[0] == pytest.approx(smooth, rel=0.01)


def test_a_thousand_purchases_do_not_overflow():
    of = Histories(*(np.array([x]) for x in (None, 1000.0, 500.0, 500.1, 5.0)), 7.0)
    found = lifetime._expected(np.array([0.5, 4.0, 0.8, 2.4]), of, 52)[0]
    assert 90 < found < 104


def test_intervals_hold_the_truth_as_often_as_they_say():
    """Thirty companies: parameters and next-year totals inside their 95 % intervals, beyond binomial doubt."""
    rng, runs, truth = np.random.default_rng(11), 30, (0.25, 4.4, 0.8, 2.4)
    inside = {"r": 0, "alpha": 0, "p": 0, "gamma": 0, "purchases": 0, "value": 0}
    for _ in range(runs):
        of, later, money = simulated(rng, 800, truth)
        found = lifetime.fit(of)
        assert isinstance(found, Lifetime)
        for name, value in (("r", 0.25), ("alpha", 4.4)):
            low, high = found.purchases.interval(name)
            inside[name] += low <= value <= high
        for name, value in (("p", 6.0), ("gamma", 15.0)):
            low, high = found.spend.interval(name)
            inside[name] += low <= value <= high
        for name, total, actual in (("purchases", found.total_purchases(39.0), later.sum()),
                                    ("value", found.total_value(39.0), money.sum())):  # fmt: skip
            inside[name] += total.low <= actual <= total.high
    fewest = int(binom.ppf(0.001, runs, 0.95))
    assert min(inside.values()) >= fewest, inside


def test_discount_lowers_value_and_no_discount_is_count_times_spend(fitted):
    plain = fitted.expected_value(52)
    assert np.allclose(plain, fitted.expected_purchases(52) * fitted.expected_spend())
    discounted = fitted.expected_value(52, yearly_discount=0.15)
    ratio = discounted.sum() / plain.sum()
    assert 1 / 1.15 < ratio < 1
    newcomer = fitted.newcomer_value(52, 0.15)
    p, q, gamma = fitted.spend.values
    assert newcomer.value > p * gamma / (q - 1)
    assert newcomer.low < newcomer.value < newcomer.high


def test_the_unit_of_money_and_time_changes_nothing_but_the_unit(tenth):
    customer, day, value = tenth
    weeks = lifetime.fit(lifetime.histories(customer, day, value, cdnow.CUT))
    days = lifetime.fit(lifetime.histories(customer, day, value * 1300, cdnow.CUT, unit_days=1))
    assert days.purchases["alpha"] == pytest.approx(7 * weeks.purchases["alpha"], rel=1e-3)
    assert days.spend["gamma"] == pytest.approx(1300 * weeks.spend["gamma"], rel=1e-3)
    assert np.allclose(days.expected_value(273), 1300 * weeks.expected_value(39), rtol=2e-3)


def company(repeats, spend, age=50.0):
    repeats, n = np.asarray(repeats, float), len(repeats)
    recency = np.where(repeats > 0, age / 2, 0.0)
    return Histories(np.arange(n).astype(object), repeats, recency, np.full(n, age), np.asarray(spend, float), 7.0)


def test_refusals_say_which_assumption_fails_in_both_languages():
    rng = np.random.default_rng(2)
    few = lifetime.fit(company([1] * 20, [5.0] * 20))
    once = lifetime.fit(company([0] * 500 + [1] * 10, [np.nan] * 500 + [5.0] * 10))
    assert (few.code, once.code) == ("too_few_customers", "too_few_repeats")
    of, _, _ = simulated(rng)
    tied = Histories(of.customers, of.repeats, of.recency, of.age, of.repeats * 10 + 1, 7.0)
    minus = Histories(of.customers, of.repeats, of.recency, of.age, -of.spend, 7.0)
    same = Histories(of.customers, of.repeats, of.recency, of.age, np.where(of.repeats > 0, 10.0, np.nan), 7.0)
    for histories, code in ((tied, "frequency_and_value"), (minus, "negative_value"), (same, "not_identified")):
        found = lifetime.fit(histories)
        assert isinstance(found, Lifetime) and isinstance(found.spend, Refusal)
        assert found.spend.code == code
        assert found.expected_value(52) == found.spend == found.total_value(52) == found.newcomer_value(52)
        assert found.expected_purchases(52).sum() > 0
    assert "20명" in few.sentence() and "20 customers" in few.sentence("en")
    assert set(SENTENCES) >= {few.code, once.code}


def test_customers_who_never_leave_leave_the_model_unsettled():
    """A subscription: everyone buys at one rate and stays, so neither heterogeneity nor departure can be told."""
    rng = np.random.default_rng(3)
    repeats = rng.poisson(20, 400)
    of = Histories(np.arange(400).astype(object), repeats.astype(float), np.full(400, 49.5), np.full(400, 50.0),
                   np.full(400, 5.0), 7.0)  # fmt: skip
    found = lifetime.fit(of)
    assert isinstance(found, Refusal) and found.code == "not_identified"


def test_every_refusal_has_a_sentence_in_both_languages():
    facts = {"found": 3, "needed": 5, "model": "BG/NBD"}
    for code in SENTENCES:
        texts = {Refusal(code, facts).sentence(locale) for locale in ("ko", "en")}
        assert len(texts) == 2 and all(text.endswith(".") and "{" not in text for text in texts)


def test_a_future_purchase_is_not_seen(tenth):
    customer, day, value = tenth
    until = cdnow.CUT - timedelta(days=30)
    cut = day <= np.datetime64(until)
    early = lifetime.histories(customer[cut], day[cut], value[cut], until)
    assert np.array_equal(early.repeats, lifetime.histories(*tenth, until).repeats)
