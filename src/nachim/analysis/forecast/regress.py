"""Autoregression of many rows at once by ridge regression, the forecast of each step feeding the next."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from nachim.analysis.forecast.smooth import carried

Floats = npt.NDArray[np.float64]
RIDGE = 4.0
ROOM = 4_000_000


def autoregress(rows: Floats, steps: int, lags: tuple[int, ...], pull: bool) -> Floats:
    """(rows, steps): the change from one step to the next regressed on the changes `lags` before it.

    `pull`: also on how far the level lies from its mean, so that what always came back is expected to come back.
    Coefficients are shrunk towards none, which is the naive forecast.
    """
    size = max(1, ROOM // (rows.shape[1] * (len(lags) + 1)))
    parts = [_autoregress(rows[at : at + size], steps, lags, pull) for at in range(0, len(rows), size)]
    return np.concatenate(parts) if parts else np.zeros((0, steps))


def _autoregress(rows: Floats, steps: int, lags: tuple[int, ...], pull: bool) -> Floats:
    filled = carried(rows)
    count = len(filled)
    change = np.diff(filled, axis=1)
    spread = np.sqrt(_mean(change**2))
    spread = np.where(spread > 0, spread, 1.0)[:, None]
    scaled = np.clip(change / spread, -4, 4)
    mean = _mean(filled)[:, None]
    deviation = np.sqrt(_mean((filled - mean) ** 2))[:, None]
    deviation = np.where(deviation > 0, deviation, 1.0)
    far = (filled - mean) / deviation
    longest = max(lags)
    if scaled.shape[1] <= longest + 2:
        return np.repeat(filled[:, -1:], steps, axis=1)
    target = scaled[:, longest:]
    columns = [scaled[:, longest - lag : scaled.shape[1] - lag] for lag in lags]
    if pull:
        columns.append(far[:, longest:-1])
    design = np.stack(columns, axis=2)
    good = np.isfinite(target) & np.isfinite(design).all(axis=2)
    design = np.where(good[:, :, None], design, 0.0)
    wanted = np.where(good, target, 0.0)
    gram = np.matmul(design.transpose(0, 2, 1), design) + RIDGE * np.eye(design.shape[2])
    coefficients = np.linalg.solve(gram, np.matmul(design.transpose(0, 2, 1), wanted[:, :, None]))[:, :, 0]
    recent = np.where(np.isfinite(scaled), scaled, 0.0)
    recent = np.concatenate([recent, np.zeros((count, steps))], axis=1)
    level = np.where(np.isfinite(filled[:, -1]), filled[:, -1], 0.0)
    mean, deviation = mean[:, 0], deviation[:, 0]
    out = np.zeros((count, steps))
    for ahead in range(steps):
        now = scaled.shape[1] + ahead
        features = [recent[:, now - lag] for lag in lags]
        if pull:
            features.append((level - mean) / deviation)
        step = np.clip((np.stack(features, axis=1) * coefficients).sum(axis=1), -4, 4)
        recent[:, now] = step
        level = level + step * spread[:, 0]
        out[:, ahead] = level
    return out


def _mean(values: Floats) -> Floats:
    """The mean of what is known in each row, zero where nothing is."""
    known = np.isfinite(values)
    found: Floats = np.where(known, values, 0.0).sum(axis=1) / np.maximum(known.sum(axis=1), 1)
    return found
