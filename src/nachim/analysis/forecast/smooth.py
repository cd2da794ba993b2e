"""Exponential smoothing of many rows under many settings at once; the settings are averaged by how well they fit.

The error-correction form of the additive models with damped trend and season (Hyndman et al. 2008, Forecasting with
Exponential Smoothing, table 2.2). Instead of an optimiser per row, a grid of settings runs through all rows side by
side, and forecasts are averaged with weights proportional to the likelihood of each setting.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
# How many numbers one state may hold, so that it stays in the processor's cache.
ROOM = 100_000


@dataclass(frozen=True)
class Grid:
    """Settings side by side: weights of the newest error in level, trend and season, and the trend's damping."""

    alpha: Floats
    beta: Floats
    gamma: Floats
    phi: Floats

    def __len__(self) -> int:
        return len(self.alpha)


def grid(alphas: tuple[float, ...], trends: tuple[tuple[float, float], ...], gammas: tuple[float, ...]) -> Grid:
    """All combinations; `trends` are (share of alpha, damping), a damping of 0 being no trend."""
    rows = [(a, a * b, (1 - a) * g, phi) for a, (b, phi), g in product(alphas, trends, gammas)]
    return Grid(*(np.array(column) for column in zip(*rows, strict=True)))


LEVELS = (0.02, 0.05, 0.1, 0.2, 0.3, 0.45, 0.6, 0.75, 0.9, 0.999)
TRENDS = ((0.0, 0.0), (0.05, 0.98), (0.2, 0.98), (0.1, 0.9), (0.3, 0.9), (0.3, 0.8), (0.0, 1.0), (0.03, 1.0))
PLAIN = grid(LEVELS, TRENDS, (0.0,))
SEASONAL = grid((0.05, 0.1, 0.25, 0.5, 0.8, 0.99), ((0.0, 0.0), (0.1, 0.95), (0.3, 0.8), (0.0, 1.0)), (0.0, 0.1, 0.3))


def smooth(rows: Floats, steps: int, settings: Grid, seasons: tuple[Floats, Ints, Ints] | None = None) -> Floats:
    """(rows, steps): the forecast of each row. `rows` end at the present; NaN are gaps the state passes over.

    `seasons`: the profile to begin with (rows, places), the place of each column and of each step ahead.
    """
    places = seasons[0].shape[1] if seasons else 1
    size = max(1, ROOM // (len(settings) * min(places, 8)))
    parts = []
    for first in range(0, len(rows), size):
        part = slice(first, first + size)
        own = (seasons[0][part], seasons[1], seasons[2]) if seasons else None
        parts.append(_smooth(rows[part], steps, settings, own))
    return np.concatenate(parts) if parts else np.zeros((0, steps))


def _smooth(rows: Floats, steps: int, settings: Grid, seasons: tuple[Floats, Ints, Ints] | None) -> Floats:
    count, length = rows.shape
    begin, first_level, first_trend, noise = _start(rows, seasons)
    alpha, beta, gamma, phi = settings.alpha, settings.beta, settings.gamma, settings.phi
    trending = phi > 0
    level = np.zeros((count, len(settings)))
    trend = np.zeros_like(level)
    loss = np.zeros_like(level)
    error, moved = np.empty_like(level), np.empty_like(level)
    season: Floats | None = None
    if seasons:
        season = np.repeat(seasons[0].T[:, :, None], len(settings), axis=2)
    known = np.isfinite(rows)
    values = np.where(known, rows, 0.0)
    starts = set(begin.tolist())
    limit = (3 * noise)[:, None]
    adapting = seasons is not None and bool((gamma > 0).any())
    for at in range(length):
        if at in starts:
            new = begin == at
            level[new] = first_level[new, None]
            trend[new] = first_trend[new, None] * trending
        trend *= phi
        level += trend
        here = known[:, at]
        if not here.any():
            continue
        np.subtract(values[:, at, None], level, out=error)
        if season is not None and seasons:
            place = seasons[1][at]
            error -= season[place]
        error *= here[:, None]
        # What is further off than any error should be counts as a spike: it moves the state as far as the limit.
        np.minimum(np.maximum(error, -limit, out=moved), limit, out=moved)
        moved *= moved
        loss += moved
        np.minimum(np.maximum(error, -2 * limit, out=error), 2 * limit, out=error)
        level += np.multiply(alpha, error, out=moved)
        trend += np.multiply(beta, error, out=moved)
        if adapting and season is not None:
            season[place] += np.multiply(gamma, error, out=moved)
    seen = known.sum(axis=1)[:, None]
    fit = np.log(np.maximum(loss, 1e-12 * np.maximum(noise[:, None] ** 2, 1e-300) * seen) + 1e-300)
    fit -= fit.min(axis=1, keepdims=True)
    # Errors in a row are not as many independent witnesses as there are steps.
    weight = np.exp(-0.5 * np.minimum(seen, 150) * fit)
    weight /= weight.sum(axis=1, keepdims=True)
    out = np.zeros((count, steps))
    way = np.zeros_like(phi)
    power = np.ones_like(phi)
    for ahead in range(steps):
        power = power * phi
        way = way + power
        found = level + way * trend
        if season is not None and seasons:
            found = found + season[seasons[2][ahead]]
        out[:, ahead] = (weight * found).sum(axis=1)
    return out


def _start(rows: Floats, seasons: tuple[Floats, Ints, Ints] | None) -> tuple[Ints, Floats, Floats, Floats]:
    """Where each row begins, a line through its first values, and the usual size of its changes."""
    length = rows.shape[1]
    plain = rows if seasons is None else rows - seasons[0][:, seasons[1]]
    known = np.isfinite(plain)
    begin = np.where(known.any(axis=1), known.argmax(axis=1), length)
    order = np.cumsum(known, axis=1)
    used = known & (order <= 12)
    weight = used.astype(float)
    total = np.maximum(weight.sum(axis=1), 1)
    x = np.arange(length)[None, :] - begin[:, None]
    filled = np.where(used, plain, 0.0)
    mean_x, mean_y = (weight * x).sum(axis=1) / total, filled.sum(axis=1) / total
    off_x = weight * (x - mean_x[:, None])
    below = (off_x * (x - mean_x[:, None])).sum(axis=1)
    slope = np.where(below > 0, (off_x * np.where(used, plain - mean_y[:, None], 0.0)).sum(axis=1), 0.0)
    slope = 0.5 * slope / np.maximum(below, 1e-12)
    # One line of a short beginning is not to be trusted whole: half of its slope.
    return begin, mean_y - slope * mean_x - slope, slope, change_size(plain)


def change_size(rows: Floats) -> Floats:
    """A robust standard deviation of the change from one known value to the next."""
    filled = carried(rows)
    change = np.abs(np.diff(filled, axis=1))
    change = np.where(np.isfinite(rows[:, 1:]) & np.isfinite(filled[:, :-1]), change, np.nan)
    out = np.zeros(len(rows))
    some = np.isfinite(change).any(axis=1)
    if some.any():
        out[some] = 1.4826 * np.nanmedian(change[some], axis=1)
        out[some] = np.maximum(out[some], 0.5 * np.sqrt(np.nanmean(change[some] ** 2, axis=1)))
    return out


def carried(rows: Floats) -> Floats:
    """Gaps filled with the value before; before the first value NaN."""
    known = np.isfinite(rows)
    last = np.maximum.accumulate(np.where(known, np.arange(rows.shape[1])[None, :], -1), axis=1)
    found = np.take_along_axis(rows, np.maximum(last, 0), axis=1)
    return np.where(last >= 0, found, np.nan)
