"""Customer lifetime value: how often customers will still buy (BG/NBD) and how much each time (Gamma-Gamma).

BG/NBD: Fader, Hardie & Lee (2005), "Counting Your Customers the Easy Way". Gamma-Gamma: Fader & Hardie (2013).
Both by maximum likelihood with standard errors. Where the data cannot carry a model, the answer is a Refusal.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import betaln, gammaln, hyp2f1

from nachim.analysis.lifetime_history import Cohorts, Histories, cohorts, histories
from nachim.analysis.lifetime_likelihood import Fitted, maximise
from nachim.analysis.lifetime_refusal import Refusal

__all__ = ["Cohorts", "Estimate", "Histories", "Lifetime", "Refusal", "cohorts", "fit", "histories"]

Floats = npt.NDArray[np.float64]
FEWEST_CUSTOMERS, FEWEST_REPEATERS = 100, 40
HIGHEST_CORRELATION = 0.3
SIMULATED_CUSTOMERS, REPLICATES = 20_000, 64


@dataclass(frozen=True)
class Estimate:
    """A total or mean with its 95 % interval, which holds both the parameters' doubt and, for totals, chance."""

    value: float
    se: float
    low: float
    high: float


def _estimate(value: float, variance: float) -> Estimate:
    se = float(np.sqrt(variance))
    spread = float(np.exp(1.959964 * se / value)) if value > 0 else 1.0
    return Estimate(value, se, value / spread, value * spread)


def fit(of: Histories) -> Lifetime | Refusal:
    """Fit both models. Without a model of purchases there is no result; without one of spend, `spend` says why."""
    if len(of) < FEWEST_CUSTOMERS:
        return Refusal("too_few_customers", {"found": len(of), "needed": FEWEST_CUSTOMERS})
    repeaters = int((of.repeats > 0).sum())
    if repeaters < FEWEST_REPEATERS:
        return Refusal("too_few_repeats", {"found": repeaters, "needed": FEWEST_REPEATERS})
    purchases = _fit_purchases(of)
    return purchases if isinstance(purchases, Refusal) else Lifetime(of, purchases, _fit_spend(of))


def _fit_purchases(of: Histories) -> Fitted | Refusal:
    rows, weight = np.unique(np.column_stack([of.repeats, of.recency, of.age]), axis=0, return_counts=True)
    repeats, recency, age = rows.T
    typical = max(float(np.median(of.age)), 1e-9)

    def log_likelihood(parameters: Floats) -> float:
        r, alpha, a, b = parameters
        alive = -(r + repeats) * np.log(alpha + age)
        gone = np.full(len(repeats), -np.inf)
        some = repeats > 0
        gone[some] = np.log(a / (b + repeats[some] - 1)) - (r + repeats[some]) * np.log(alpha + recency[some])
        each = (
            gammaln(r + repeats) - gammaln(r) + r * np.log(alpha)
            + betaln(a, b + repeats) - betaln(a, b) + np.logaddexp(alive, gone)
        )  # fmt: skip
        return float(weight @ each)

    starts = [[0.5, typical / 4, 1.0, 2.0], [2.0, typical, 0.3, 3.0]]
    return maximise(log_likelihood, ("r", "alpha", "a", "b"), starts, "BG/NBD")


def _fit_spend(of: Histories) -> Fitted | Refusal:
    known = (of.repeats > 0) & np.isfinite(of.spend)
    below = int((of.spend[known] < 0).sum())
    if below:
        return Refusal("negative_value", {"found": below})
    # A customer whose repeat purchases were all free has no logarithm: the published fit leaves such rows out too.
    known &= of.spend > 0
    repeats, spend = of.repeats[known], of.spend[known]
    if len(spend) < FEWEST_REPEATERS:
        return Refusal("too_few_repeats", {"found": len(spend), "needed": FEWEST_REPEATERS})
    if repeats.std() > 0 and spend.std() > 0:
        together = float(np.corrcoef(repeats, spend)[0, 1])
        if abs(together) > HIGHEST_CORRELATION:
            return Refusal("frequency_and_value", {"found": together, "needed": HIGHEST_CORRELATION})
    level = float(np.median(spend))
    scaled = spend / level

    def log_likelihood(parameters: Floats) -> float:
        p, q, gamma = parameters
        each = (
            gammaln(p * repeats + q) - gammaln(p * repeats) - gammaln(q) + q * np.log(gamma)
            + (p * repeats - 1) * np.log(scaled) + p * repeats * np.log(repeats)
            - (p * repeats + q) * np.log(gamma + repeats * scaled)
        )  # fmt: skip
        return float(each.sum()) - len(scaled) * float(np.log(level))

    found = maximise(log_likelihood, ("p", "q", "gamma"), [[3.0, 3.0, 1.0], [10.0, 2.0, 0.2]], "Gamma-Gamma")
    if isinstance(found, Refusal):
        return found
    if found["q"] <= 1:
        return Refusal("infinite_mean")
    unscale = np.array([1.0, 1.0, level])
    return Fitted(
        found.names, found.values * unscale, found.se * unscale, found.log_covariance, found.log_likelihood
    )  # fmt: skip


@dataclass(frozen=True)
class Lifetime:
    """Both models over the customers of `histories`. Horizons are in their unit of time (weeks, by default)."""

    histories: Histories
    purchases: Fitted
    spend: Fitted | Refusal

    def probability_alive(self) -> Floats:
        """For each customer, the probability of not having left for good."""
        return _alive(self.purchases.values, self.histories.repeats, self.histories.recency, self.histories.age)

    def expected_purchases(self, horizon: float) -> Floats:
        """For each customer, the expected purchases in the coming `horizon`."""
        return _expected(self.purchases.values, self.histories, horizon)

    def expected_spend(self) -> Floats | Refusal:
        """For each customer, the expected value of one purchase: their own mean drawn towards everybody's."""
        return self.spend if isinstance(self.spend, Refusal) else _spend(self.spend.values, self.histories)

    def expected_value(self, horizon: float, yearly_discount: float = 0.0) -> Floats | Refusal:
        """For each customer, the value of the coming `horizon`, discounted to now (0.1 is 10 % a year)."""
        if isinstance(self.spend, Refusal):
            return self.spend
        purchases = self._discounted(self.purchases.values, self.histories, horizon, yearly_discount)
        return purchases * _spend(self.spend.values, self.histories)

    def total_purchases(self, horizon: float, seed: int = 0) -> Estimate:
        """Purchases of all these customers in the coming `horizon`."""
        doubt = self.purchases.variance_of(lambda one: float(_expected(one, self.histories, horizon).sum()))
        chance = self._chance(horizon, 0.0, None, seed)
        return _estimate(float(self.expected_purchases(horizon).sum()), doubt + chance)

    def total_value(self, horizon: float, yearly_discount: float = 0.0, seed: int = 0) -> Estimate | Refusal:
        """Discounted value of all these customers in the coming `horizon`."""
        if isinstance(self.spend, Refusal):
            return self.spend
        each, prices = self._discounted, _spend(self.spend.values, self.histories)
        counts = each(self.purchases.values, self.histories, horizon, yearly_discount)
        doubt = self.purchases.variance_of(
            lambda one: float(each(one, self.histories, horizon, yearly_discount) @ prices)
        ) + self.spend.variance_of(lambda one: float(counts @ _spend(one, self.histories)))
        chance = self._chance(horizon, yearly_discount, self.spend.values, seed)
        return _estimate(float(counts @ prices), doubt + chance)

    def newcomer_value(self, horizon: float, yearly_discount: float = 0.0) -> Estimate | Refusal:
        """Lifetime value of a new customer over `horizon`, the first purchase included: the KPI "LTV"."""
        if isinstance(self.spend, Refusal):
            return self.spend
        nobody = np.zeros(1)
        new = Histories(np.array([None], object), nobody, nobody, nobody, np.full(1, np.nan), self.histories.unit_days)

        def worth(purchases: Floats, spend: Floats) -> float:
            later = self._discounted(purchases, new, horizon, yearly_discount)
            return float((1 + later[0]) * _spend(spend, new)[0])

        prices, rates = self.spend.values, self.purchases.values
        doubt = self.purchases.variance_of(lambda one: worth(one, prices))
        return _estimate(worth(rates, prices), doubt + self.spend.variance_of(lambda one: worth(rates, one)))

    def _discounted(self, parameters: Floats, of: Histories, horizon: float, yearly_discount: float) -> Floats:
        """Expected purchases, each step's counted at the worth of its middle."""
        edges, worth = self._steps(horizon, yearly_discount)
        reached = [_expected(parameters, of, edge) for edge in edges[1:]]
        steps = np.diff(np.array(reached), axis=0, prepend=0)
        return np.asarray(worth @ steps, float)

    def _steps(self, horizon: float, yearly_discount: float) -> tuple[Floats, Floats]:
        years = horizon * self.histories.unit_days / 365.25
        count = 1 if yearly_discount == 0 else max(int(np.ceil(years * 12)), 1)
        edges = np.linspace(0, horizon, count + 1)
        middles = (edges[1:] + edges[:-1]) / 2 * self.histories.unit_days / 365.25
        return edges, (1 + yearly_discount) ** -middles

    def _chance(self, horizon: float, yearly_discount: float, spend: Floats | None, seed: int) -> float:
        """Variance of the total around its expectation when the parameters are true, by simulating customers."""
        rng, of = np.random.default_rng(seed), self.histories
        some = np.arange(len(of))
        if len(of) > SIMULATED_CUSTOMERS:
            some = rng.choice(some, SIMULATED_CUSTOMERS, replace=False)
        r, alpha, a, b = self.purchases.values
        repeats, age = of.repeats[some], of.age[some]
        shape = (REPLICATES, len(some))
        alive = rng.random(shape) < self.probability_alive()[some]
        rate = rng.gamma(r + repeats, 1 / (alpha + age), shape)
        leaving = rng.beta(a, b + repeats, shape)
        last = np.where(alive, rng.geometric(np.clip(leaving, 1e-9, 1), shape), 0)
        edges, worth = self._steps(horizon, yearly_discount)
        if spend is not None:
            p, q, gamma = spend
            seen = np.nan_to_num(of.spend[some]) * (of.spend[some] > 0)
            known = np.where(seen > 0, repeats, 0)
            inverse_scale = rng.gamma(p * known + q, 1 / (gamma + known * seen), shape)
        total, before = np.zeros(shape), np.zeros(shape)
        arrived = np.zeros(shape)
        for width, factor in zip(np.diff(edges), worth, strict=True):
            arrived += rng.poisson(rate * width)
            bought = np.minimum(arrived, last)
            now = bought - before
            if spend is not None:
                now = np.where(now > 0, rng.gamma(np.maximum(p * now, 1e-9)) / inverse_scale, 0.0)
            total += factor * now
            before = bought
        return float(total.var(0, ddof=1).sum()) * len(of) / len(some)


def _alive(parameters: Floats, repeats: Floats, recency: Floats, age: Floats) -> Floats:
    r, alpha, a, b = parameters
    odds = np.zeros(len(repeats))
    some = repeats > 0
    far = (alpha + age[some]) / (alpha + recency[some])
    odds[some] = a / (b + repeats[some] - 1) * np.exp(np.minimum((r + repeats[some]) * np.log(far), 600))
    return 1 / (1 + odds)


def _expected(parameters: Floats, of: Histories, horizon: float) -> Floats:
    """Fader, Hardie & Lee (2005), equation 10, after Euler's transformation: no large powers remain, so long histories
    neither overflow nor lose digits."""
    a = float(parameters[2])
    if abs(a - 1) < 1e-5:  # a removable gap in the formula
        return (_at(parameters, of, horizon, 1 - 1e-5) + _at(parameters, of, horizon, 1 + 1e-5)) / 2
    return _at(parameters, of, horizon, a)


def _at(parameters: Floats, of: Histories, horizon: float, a: float) -> Floats:
    r, alpha, _, b = parameters
    elapsed = alpha + of.age
    kept = elapsed / (elapsed + horizon)
    top = a + b + of.repeats - 1
    series = hyp2f1(a + b - 1 - r, a - 1, top, 1 - kept)
    alive = _alive(np.array([r, alpha, a, b]), of.repeats, of.recency, of.age)
    return np.asarray(top / (a - 1) * (1 - kept ** (a - 1) * series) * alive, float)


def _spend(parameters: Floats, of: Histories) -> Floats:
    """Fader & Hardie (2013), equation 5: the posterior mean of a customer's own average purchase."""
    p, q, gamma = parameters
    seen = np.where(of.spend > 0, of.spend, 0.0)
    repeats = np.where(of.spend > 0, of.repeats, 0.0)
    return np.asarray(p * (gamma + repeats * seen) / (p * repeats + q - 1), float)
