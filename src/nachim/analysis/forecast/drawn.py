"""A forecast kept as the paths it drew, so that odds and intervals of any target follow without forecasting again."""

from __future__ import annotations

import io
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
import numpy.typing as npt

from nachim.analysis.forecast.refusal import Refusal
from nachim.analysis.forecast.result import Forecast
from nachim.analysis.forecast.series import History

Floats = npt.NDArray[np.float64]
DRAWN = 2000


class Ahead(Protocol):
    """What odds need of a forecast, whether it was just made or comes out of a store."""

    @property
    def history(self) -> History: ...
    @property
    def steps(self) -> int: ...
    @property
    def mean(self) -> Floats: ...
    @property
    def origins(self) -> int: ...
    @property
    def doubt(self) -> Refusal | None: ...
    def paths(self, count: int = ..., seed: int = ...) -> Floats: ...


@dataclass(frozen=True, eq=False)
class Drawn:
    """`courses` (paths, steps) of a forecast with this `mean` (steps); the rest as in `Forecast`."""

    history: History
    mean: Floats
    courses: Floats
    origins: int
    doubt: Refusal | None = None

    @property
    def steps(self) -> int:
        return len(self.mean)

    @property
    def reliable(self) -> bool:
        return self.doubt is None

    def paths(self, count: int = DRAWN, seed: int = 0) -> Floats:
        """At most `count` of the paths that were drawn; `seed` says nothing here."""
        return self.courses[:count]

    def until(self, steps: int) -> Drawn:
        """Its first `steps` alone. ValueError beyond its horizon."""
        if not 1 <= steps <= self.steps:
            raise ValueError(f"this forecast reaches 1 to {self.steps} steps ahead, not {steps}")
        return replace(self, mean=self.mean[:steps], courses=self.courses[:, :steps])

    def interval(self, level: float) -> tuple[Floats, Floats]:
        """(low, high), each (steps,): the share `level` of the paths lies between them."""
        if not 0 < level < 1:
            raise ValueError("a level lies between 0 and 1")
        low, high = np.quantile(self.courses, [(1 - level) / 2, (1 + level) / 2], axis=0)
        return low, high

    def packed(self) -> bytes:
        """Mean and paths as bytes; whole numbers below 2^24 come back exactly."""
        out = io.BytesIO()
        np.savez_compressed(out, mean=self.mean, courses=self.courses.astype(np.float32))
        return out.getvalue()


def drawn(of: Forecast, count: int = DRAWN) -> Drawn:
    """The forecast as `count` of its paths."""
    return Drawn(of.history, of.mean, of.paths(count), of.origins, of.doubt)


def unpacked(data: bytes, history: History, origins: int, doubt: Refusal | None) -> Drawn:
    """What `Drawn.packed` wrote, of this history."""
    with np.load(io.BytesIO(data), allow_pickle=False) as found:
        return Drawn(history, found["mean"], found["courses"].astype(np.float64), origins, doubt)
