"""Maximum likelihood in logarithms of positive parameters, with standard errors from the curvature at the top."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize

from nachim.analysis.lifetime_refusal import Refusal

Floats = npt.NDArray[np.float64]
LogLikelihood = Callable[[Floats], float]
# Beyond e^12 (or below e^-12) a shape or scale says only that the data do not hold it.
FARTHEST = 12.0


@dataclass(frozen=True)
class Fitted:
    """Positive parameters at the maximum; `se` by the delta method; `log_covariance` of their logarithms."""

    names: tuple[str, ...]
    values: Floats
    se: Floats
    log_covariance: Floats
    log_likelihood: float

    def __getitem__(self, name: str) -> float:
        return float(self.values[self.names.index(name)])

    def interval(self, name: str, z: float = 1.959964) -> tuple[float, float]:
        """A confidence interval, symmetric in the logarithm so that it stays positive."""
        at = self.names.index(name)
        spread = float(np.exp(z * np.sqrt(self.log_covariance[at, at])))
        return float(self.values[at]) / spread, float(self.values[at]) * spread

    def variance_of(self, function: Callable[[Floats], float]) -> float:
        """Variance of a function of the parameters by the delta method (central differences in the logarithms)."""
        slope, logs, step = np.empty(len(self.values)), np.log(self.values), 1e-4
        for at in range(len(logs)):
            move = np.zeros(len(logs))
            move[at] = step
            slope[at] = (function(np.exp(logs + move)) - function(np.exp(logs - move))) / (2 * step)
        return float(slope @ self.log_covariance @ slope)


def maximise(
    log_likelihood: LogLikelihood, names: tuple[str, ...], starts: list[list[float]], model: str
) -> Fitted | Refusal:
    """The best of several starts; refuses a top that is not one (a ridge, a border, no end)."""

    def loss(logs: Floats) -> float:
        value = log_likelihood(np.exp(np.clip(logs, -30, 30)))
        return -value if np.isfinite(value) else 1e300

    found = [minimize(loss, np.log(start), method="BFGS") for start in starts]
    found.sort(key=lambda one: float(one.fun))
    # Finite differences stall short of a flat top; the simplex does not, and starts from the best of them.
    rough = minimize(loss, found[0].x, method="Nelder-Mead", options={"maxiter": 1000, "fatol": 1e-6, "xatol": 1e-4})
    found.append(minimize(loss, rough.x, method="BFGS"))
    best = min(found, key=lambda one: float(one.fun))
    if not np.isfinite(best.fun) or best.fun >= 1e299:
        return Refusal("no_convergence", {"model": model})
    logs = np.asarray(best.x, float)
    if np.any(np.abs(logs) > FARTHEST):
        return Refusal("not_identified", {"model": model})
    curvature = hessian(loss, logs)
    try:
        np.linalg.cholesky(curvature)
    except np.linalg.LinAlgError:
        return Refusal("not_identified", {"model": model})
    covariance: Floats = np.asarray(np.linalg.inv(curvature), np.float64)
    # A spread of e^5 on any parameter means that the top is a ridge.
    if np.any(np.diag(covariance) > 25):
        return Refusal("not_identified", {"model": model})
    slope = gradient(loss, logs)
    # The step Newton would still take, in standard errors: near zero at a true maximum.
    if float(slope @ covariance @ slope) > 1e-3:
        return Refusal("no_convergence", {"model": model})
    values = np.exp(logs)
    return Fitted(names, values, values * np.sqrt(np.diag(covariance)), covariance, -float(best.fun))


def gradient(function: Callable[[Floats], float], at: Floats, step: float = 1e-5) -> Floats:
    """Central differences."""
    moves = np.eye(len(at)) * step
    return np.array([(function(at + move) - function(at - move)) / (2 * step) for move in moves])


def hessian(function: Callable[[Floats], float], at: Floats, step: float = 1e-3) -> Floats:
    """Second derivatives by central differences."""
    size = len(at)
    moves = np.eye(size) * step
    result = np.empty((size, size))
    for i in range(size):
        for j in range(i, size):
            up, down = moves[i] + moves[j], moves[i] - moves[j]
            value = function(at + up) - function(at + down) - function(at - down) + function(at - up)
            result[i, j] = result[j, i] = value / (4 * step * step)
    return result
