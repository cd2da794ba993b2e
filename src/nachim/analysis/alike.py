"""Whether two KPIs tell the same: the correlation of what is new in each, with its interval.

Levels of growing companies all look alike, and so do series that remember their past. So changes are compared, freed
from what each one's own last change tells and from what all of the others do at the same time (partial correlation).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import ndtri

Floats = npt.NDArray[np.float64]
LEAST = 8  # changes


@dataclass(frozen=True)
class Alike:
    """`correlation` of what is new, with its 95 % interval by Fisher's z, over `times` changes."""

    correlation: float
    low: float
    high: float
    times: int

    @property
    def surely(self) -> float:
        """How strong the link is at least, whichever its sign; 0 where the interval holds 0."""
        return 0.0 if self.low <= 0 <= self.high else min(abs(self.low), abs(self.high))


def alike(first: Sequence[float], second: Sequence[float], others: Sequence[Sequence[float]] = ()) -> Alike | None:
    """Two series of the same times, oldest first, nan for missing; `others` move beside them and are taken out where
    there are times enough for it. None with fewer than eight changes known of both, or one that never moves."""
    new = [_new(np.asarray(one, np.float64)) for one in (first, second, *others)]
    known = np.isfinite(new[0]) & np.isfinite(new[1])
    if known.sum() < LEAST:
        return None
    x, y = new[0][known], new[1][known]
    beside = [one[known] for one in new[2:] if np.isfinite(one[known]).all() and one[known].std() > 0]
    taken = 0
    if beside and known.sum() >= 3 * LEAST:
        design = np.column_stack([np.ones(len(x)), np.mean([one / one.std() for one in beside], axis=0)])
        x, y = (one - design @ np.linalg.lstsq(design, one, rcond=None)[0] for one in (x, y))
        taken = 1
    if x.std() < 1e-12 or y.std() < 1e-12:
        return None
    r = float(np.corrcoef(x, y)[0, 1])
    z, half = math.atanh(min(max(r, -0.999999), 0.999999)), float(ndtri(0.975)) / math.sqrt(len(x) - 3 - taken)
    return Alike(r, math.tanh(z - half), math.tanh(z + half), len(x))


def _new(values: Floats) -> Floats:
    """Changes less what the change before told of them."""
    change = np.diff(values)
    before, after = change[:-1], change[1:]
    known = np.isfinite(before) & np.isfinite(after)
    if known.sum() < LEAST:
        return after
    a, b = before[known] - before[known].mean(), after[known] - after[known].mean()
    slope = float(a @ b / (a @ a)) if float(a @ a) > 0 else 0.0
    return np.asarray(after - slope * before)


__all__ = ["Alike", "alike"]
