"""A forecast: its mean, its intervals, its sample paths, and whether it can be relied on."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import gammaincinv, ndtr, stdtr, stdtrit

from nachim.analysis.forecast.calibration import Calibration
from nachim.analysis.forecast.intermittent import sporadic
from nachim.analysis.forecast.models import MODELS
from nachim.analysis.forecast.refusal import Refusal
from nachim.analysis.forecast.series import History
from nachim.analysis.forecast.spread import Spread

Floats = npt.NDArray[np.float64]
HUGE = 1e308
# Values of a series of many zeros that its paths are made of.
RECENT = 180
# Degrees of freedom with which the steps of a path are wide or narrow together; normal draws miss a target that every
# period has to keep too often. Where a draw stands, and its probability.
FREE = 8.0
CHANCES = ndtr(np.linspace(-4.5, 4.5, 181))
STANDS = stdtrit(FREE, CHANCES)


@dataclass(frozen=True, eq=False)
class Forecast:
    """`mean` (steps). `doubt`: why it cannot be relied on, None where it can. `unit`: the size one stands for inside.

    `origins`: from how many earlier points the forecast was made again to weigh models and measure widths.
    """

    history: History
    unit: float
    center: Floats
    spread: Spread
    weights: Floats
    calibration: Calibration
    doubt: Refusal | None

    @property
    def reliable(self) -> bool:
        return self.doubt is None

    @property
    def steps(self) -> int:
        return len(self.center)

    @property
    def origins(self) -> int:
        return int(np.isfinite(self.spread.scores).any(axis=1).sum())

    @property
    def models(self) -> dict[str, float]:
        """How much of the mean comes from each model, largest first."""
        found = sorted(zip(MODELS, self.weights.tolist(), strict=True), key=lambda pair: -pair[1])
        return dict(found)

    @property
    def mean(self) -> Floats:
        return self._outside(self.center)

    def interval(self, level: float) -> tuple[Floats, Floats]:
        """(low, high), each (steps,): what comes lies inside with probability `level` (0 to 1), and the mean does."""
        if not 0 < level < 1:
            raise ValueError("a level lies between 0 and 1")
        tails = np.array([(1 - level) / 2, (1 + level) / 2])
        multiples = self.calibration.quantile(tails, self.steps, self.spread.above) * self.spread.tails(tails)
        low = np.minimum(self._at(multiples[:, 0]), self.center)
        high = np.maximum(self._at(multiples[:, 1]), self.center)
        return self._outside(low), self._outside(high)

    def paths(self, count: int = 2000, seed: int = 0) -> Floats:
        """(count, steps): courses the series may take. Each step is spread as its intervals say; steps err together."""
        chance = np.random.default_rng(seed)
        half = chance.standard_normal((-(-count // 2), self.steps + 1))
        # With each draw its opposite, so that few paths already have the right middle.
        draws, common = np.split(np.concatenate([half, -half])[:count], [self.steps], axis=1)
        rho, shared = self.spread.together, self.spread.shared
        for step in range(1, self.steps):
            draws[:, step] = rho * draws[:, step - 1] + np.sqrt(1 - rho**2) * draws[:, step]
        draws = np.sqrt(1 - shared) * draws + np.sqrt(shared) * common
        # Quiet and unquiet stretches: the steps of a path are wide or narrow together (a Student copula).
        ranks = (chance.permutation(len(half)) + 0.5) / len(half)
        size = np.sqrt(2 * gammaincinv(FREE / 2, ranks) / FREE)
        draws /= np.concatenate([size, size])[:count, None]
        out = np.empty_like(draws)
        if sporadic(self.history.values[None, :]).any():
            return self._outside(self._sold(stdtr(FREE, draws)))
        knots = self.calibration.quantile(CHANCES, self.steps, self.spread.above) * self.spread.tails(CHANCES)
        for step in range(self.steps):
            out[:, step] = np.interp(draws[:, step], STANDS, knots[step])
        return self._outside(self._lowered(self._at(out)))

    def _sold(self, chances: Floats) -> Floats:
        """Paths of a series of many zeros: values it had lately, zeros among them, at the size of the mean."""
        values = self.history.values
        recent = values[np.isfinite(values)][-RECENT:] / self.unit
        usual = float(recent.mean())
        size = np.maximum(self.center, 0.0) / usual if usual > 0 else np.ones(self.steps)
        found: Floats = np.quantile(recent, chances, method="inverted_cdf") * size
        return found

    def _lowered(self, inside: Floats) -> Floats:
        """Paths of a series never below zero: what is cut off there would raise sums, so the rest comes down."""
        if np.nanmin(self.history.values) < 0:
            return inside
        raised = np.maximum(inside, 0.0)
        added = raised.mean(axis=0) - inside.mean(axis=0)
        total = raised.mean(axis=0)
        share: Floats = np.clip(1 - np.divide(added, total, out=np.zeros_like(total), where=total > 0), 0.3, 1.0)
        return raised * share

    def _at(self, multiples: Floats) -> Floats:
        return self.center + multiples * np.where(multiples > 0, self.spread.up, self.spread.down)

    def _outside(self, inside: Floats) -> Floats:
        """In the series' own unit; not below zero where nothing ever was, and always finite."""
        with np.errstate(over="ignore"):
            found = np.clip(np.nan_to_num(inside * self.unit, posinf=HUGE, neginf=-HUGE), -HUGE, HUGE)
        if np.nanmin(self.history.values) >= 0:
            found = np.maximum(found, 0.0)
        return found
