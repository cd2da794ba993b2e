"""Series of many zeros: how often something happens and how much it then is, smoothed apart."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
OFTEN, SIZES = np.meshgrid((0.02, 0.05, 0.1, 0.2), (0.02, 0.1, 0.2))
ZEROS = 0.3


def sporadic(rows: Floats) -> npt.NDArray[np.bool_]:
    """Rows of values not below zero of which three in ten or more are zero."""
    known = np.isfinite(rows)
    zero = (rows == 0).sum(axis=1)
    found: npt.NDArray[np.bool_] = (
        (zero >= ZEROS * np.maximum(known.sum(axis=1), 1)) & ~(rows < 0).any(axis=1) & (zero > 0)
    )
    return found


def intermittent(rows: Floats, steps: int) -> Floats:
    """(rows, steps): a flat forecast, how often × how much (Teunter, Syntetos and Babai 2011, without obsolescence)."""
    known = np.isfinite(rows)
    values = np.where(known, rows, 0.0)
    some = known & (values != 0)
    seen = np.maximum(known.sum(axis=1), 1)
    happened = np.maximum(some.sum(axis=1), 1)
    settings = OFTEN.size
    often = np.repeat((some.sum(axis=1) / seen)[:, None], settings, axis=1)
    size = np.repeat((values.sum(axis=1) / happened)[:, None], settings, axis=1)
    quick, slow = OFTEN.ravel()[None, :], SIZES.ravel()[None, :]
    loss = np.zeros_like(often)
    for at in range(rows.shape[1]):
        here, event = known[:, at, None], some[:, at, None]
        if not here.any():
            continue
        loss += here * (values[:, at, None] - often * size) ** 2
        often += here * quick * (event - often)
        size += event * slow * (values[:, at, None] - size)
    weight = np.exp(-0.5 * (np.log(loss + 1e-12) - np.log(loss + 1e-12).min(axis=1, keepdims=True)) * seen[:, None])
    weight /= weight.sum(axis=1, keepdims=True)
    return np.repeat((weight * often * size).sum(axis=1)[:, None], steps, axis=1)
