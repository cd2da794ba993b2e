"""Seasonal profiles of many rows at once: how far each place in the season lies from the moving average around it."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


def places(period: float, start: int, stop: int) -> Ints:
    """The place in the season of steps [start, stop); step 0 is the first after the history. Periods may be 52.18."""
    return np.floor(np.mod(np.arange(start, stop), period)).astype(np.int64)


def profile(rows: Floats, period: float) -> Floats:
    """(rows, places): the seasonal profile of each row, zero where the row does not hold two whole seasons.

    `rows` end at the present, NaN where nothing is known. Each harmonic is shrunk by what noise alone would give
    (an empirical Wiener filter), so that no season is found where there is none.
    """
    count, length = rows.shape
    bins = int(np.ceil(period))
    at = places(period, -length, 0)
    off = rows - moving_average(rows, period)
    known = np.isfinite(off)
    cut = np.where(known, off, 0.0)
    spread = _middle_spread(off, known)
    # One outlier must not make a season: what lies further than four spreads counts as four.
    cut = np.clip(cut, -4 * spread[:, None], 4 * spread[:, None])
    total, seen = np.zeros((count, bins)), np.zeros((count, bins))
    np.add.at(total.T, at, cut.T)
    np.add.at(seen.T, at, known.T.astype(float))
    means = np.divide(total, seen, out=np.zeros_like(total), where=seen > 0)
    left = np.where(known, cut - means[:, at], 0.0)
    cycles = np.maximum(seen.mean(axis=1), 1e-9)
    free = np.maximum(known.sum(axis=1) - (seen > 0).sum(axis=1), 1)
    noise = (left**2).sum(axis=1) / free
    waves = np.fft.rfft(means - means.mean(axis=1, keepdims=True), axis=1)
    # The power of white noise of this variance in one harmonic of a mean over so many cycles.
    alone = noise * bins / cycles
    power = np.abs(waves) ** 2
    kept = np.clip(1 - alone[:, None] / np.maximum(power, 1e-300), 0.0, 1.0)
    found = np.fft.irfft(waves * kept, n=bins, axis=1)
    enough = known.sum(axis=1) >= max(period + 1, 4)
    return np.where(enough[:, None], found, 0.0)


def moving_average(rows: Floats, period: float) -> Floats:
    """The mean of the season around each step, NaN where less than four fifths of it is known."""
    half = max(round(period) // 2, 1)
    count, length = rows.shape
    known = np.isfinite(rows)
    ends = 1.0 if round(period) % 2 else 0.5
    weights = np.ones(2 * half + 1)
    weights[0] = weights[-1] = ends
    values = np.pad(np.where(known, rows, 0.0), ((0, 0), (half, half)))
    there = np.pad(known.astype(float), ((0, 0), (half, half)))
    total = _weighted(values, half, ends)
    seen = _weighted(there, half, ends)
    enough = seen >= 0.8 * weights.sum()
    mean: Floats = np.divide(total, seen, out=np.full((count, length), np.nan), where=enough)
    return mean


def _weighted(padded: Floats, half: int, ends: float) -> Floats:
    sums = np.cumsum(np.pad(padded, ((0, 0), (1, 0))), axis=1)
    width = 2 * half + 1
    whole = sums[:, width:] - sums[:, :-width]
    found: Floats = whole - (1 - ends) * (padded[:, : whole.shape[1]] + padded[:, width - 1 :])
    return found


def _middle_spread(off: Floats, known: npt.NDArray[np.bool_]) -> Floats:
    """A robust standard deviation of each row; of a row with more zeros than not its plain one."""
    size = np.where(known, np.abs(off), np.nan)
    spread = np.zeros(len(off))
    some = known.any(axis=1)
    if some.any():
        spread[some] = 1.4826 * np.nanmedian(size[some], axis=1)
        plain = np.sqrt(np.nanmean(size[some] ** 2, axis=1))
        spread[some] = np.maximum(spread[some], 0.5 * plain)
    return spread
