"""Chances of many tests at once."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt


def holm(chances: Sequence[float]) -> npt.NDArray[np.float64]:
    """Holm's (1979) adjusted chances: what stays below a level is claimed with that family-wise error."""
    p = np.asarray(chances, np.float64)
    order = np.argsort(p, kind="stable")
    adjusted = np.empty(len(p))
    adjusted[order] = np.minimum(np.maximum.accumulate(p[order] * np.arange(len(p), 0, -1)), 1)
    return adjusted
