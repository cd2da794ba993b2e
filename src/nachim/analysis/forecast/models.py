"""The models a forecast is combined from, each run over many rows at once.

A row is the history of one series up to one origin: it ends at the last column, NaN where nothing is known. Every
model returns (rows, steps). `pool` decides which models a frequency and a length of history can carry.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from nachim.analysis.forecast.intermittent import intermittent, sporadic
from nachim.analysis.forecast.profile import places, profile
from nachim.analysis.forecast.regress import autoregress
from nachim.analysis.forecast.smooth import PLAIN, SEASONAL, carried, smooth

Floats = npt.NDArray[np.float64]
SHORT_LAGS = (1, 2, 3, 4, 5, 6)


def naive(rows: Floats, steps: int) -> Floats:
    """The last known value; zero where nothing is known."""
    last = carried(rows)[:, -1:]
    return np.repeat(np.where(np.isfinite(last), last, 0.0), steps, axis=1)


def seasonal_naive(rows: Floats, steps: int, period: float) -> Floats:
    """The value one season before, or two or three where that is not known, moved to the level of the last season."""
    whole = round(period)
    length = rows.shape[1]
    filled = carried(rows)
    back = np.array([length + at - whole * (at // whole + 1) for at in range(steps)])
    last = filled[:, -whole:]
    before = filled[:, -2 * whole : -whole]
    lift = np.median(last, axis=1) - np.median(before, axis=1) if length >= 2 * whole else np.zeros(len(rows))
    found = filled[:, back] + 0.5 * np.where(np.isfinite(lift), lift, 0.0)[:, None]
    return np.where(np.isfinite(found), found, naive(rows, steps))


def theta(rows: Floats, steps: int) -> Floats:
    """Smoothing plus half of the long-run slope (Assimakopoulos and Nikolopoulos 2000; Hyndman and Billah 2003)."""
    length = rows.shape[1]
    known = np.isfinite(rows)
    x = np.arange(length, dtype=float)[None, :]
    seen = np.maximum(known.sum(axis=1), 1)
    mean_x = (known * x).sum(axis=1) / seen
    values = np.where(known, rows, 0.0)
    off = known * (x - mean_x[:, None])
    below = (off**2).sum(axis=1)
    slope = (off * values).sum(axis=1) / np.where(below > 0, below, 1.0)
    ahead = np.arange(1, steps + 1)[None, :]
    # The line is taken off before smoothing and half of it put back on, so that the smoothed level lags nothing.
    straight = slope[:, None] * (x - (length - 1))
    flat = smooth(rows - 0.5 * straight, steps, LEVEL_ONLY)
    found: Floats = flat + 0.5 * slope[:, None] * ahead
    return found


LEVEL_ONLY = type(PLAIN)(*(column[PLAIN.phi == 0] for column in (PLAIN.alpha, PLAIN.beta, PLAIN.gamma, PLAIN.phi)))


# Where a model cannot be run its place is taken by the one it grew from.
BASE = {
    "level": "", "theta": "", "auto": "", "pull": "", "naive": "", "seasonal_naive": "naive", "season": "level",
    "lagged": "auto", "lagged_pull": "pull", "intermittent": "level",
}  # fmt: skip
LOGS = ("level", "theta", "auto", "pull", "season", "lagged", "lagged_pull")
MODELS = (*BASE, *(f"log_{name}" for name in LOGS))


def pool(rows: Floats, steps: int, seasons: tuple[float, ...]) -> Floats:
    """(models, rows, steps): forecasts in the order of MODELS; models of ratios only where all values are positive."""
    found = _additive(rows, steps, seasons)
    found["naive"] = naive(rows, steps)
    if seasons:
        found["seasonal_naive"] = seasonal_naive(rows, steps, seasons[0])
    rare = sporadic(rows)
    if rare.any():
        found["intermittent"] = found["level"].copy()
        found["intermittent"][rare] = intermittent(rows[rare], steps)
    for name, base in BASE.items():
        found.setdefault(name, found[base or name])
    positive = ~(rows <= 0).any(axis=1) & np.isfinite(rows).any(axis=1)
    logs: dict[str, Floats] = {}
    if positive.any():
        logged = np.log(rows[positive])
        top, low = np.nanmax(logged, axis=1)[:, None] + 1.5, np.nanmin(logged, axis=1)[:, None] - 3
        logs = {name: np.exp(np.clip(out, low, top)) for name, out in _additive(logged, steps, seasons).items()}
        for name in LOGS:
            logs.setdefault(name, logs[BASE[name] or name])
    for name in LOGS:
        found[f"log_{name}"] = found[name].copy()
        if logs:
            found[f"log_{name}"][positive] = logs[name]
    every = np.stack([found[name] for name in MODELS])
    high, low = np.nanmax(rows, axis=1, initial=-np.inf)[:, None], np.nanmin(rows, axis=1, initial=np.inf)[:, None]
    room = np.where(np.isfinite(high - low), 2 * (high - low), 0.0)
    # A trend that runs away is no forecast: nothing further than twice the range seen beyond its ends.
    return np.clip(every, np.where(np.isfinite(low), low, 0) - room, np.where(np.isfinite(high), high, 0) + room)


def _additive(rows: Floats, steps: int, seasons: tuple[float, ...]) -> dict[str, Floats]:
    length = rows.shape[1]
    fixed, ahead = np.zeros_like(rows), np.zeros((len(rows), steps))
    main: tuple[Floats, Floats] | None = None
    # The longest season first would take the shorter ones with it: shortest first, each on what is left.
    for period in seasons:
        found = profile(rows - fixed, period)
        own, next_ones = found[:, places(period, -length, 0)], found[:, places(period, 0, steps)]
        if main is None:
            main = found, own
        fixed, ahead = fixed + own, ahead + next_ones
    flat = rows - fixed
    out: dict[str, Floats] = {"level": smooth(flat, steps, PLAIN) + ahead, "theta": theta(flat, steps) + ahead}
    shift: Callable[[Floats], Floats] = lambda part: part + ahead  # noqa: E731
    out["auto"] = shift(autoregress(flat, steps, SHORT_LAGS, pull=False))
    out["pull"] = shift(autoregress(flat, steps, SHORT_LAGS, pull=True))
    if main is not None:
        period = seasons[0]
        start, own = main
        others = flat + own
        at, to = places(period, -length, 0), places(period, 0, steps)
        out["season"] = smooth(others, steps, SEASONAL, (start, at, to)) + ahead - start[:, to]
        whole = round(period)
        lags = tuple(sorted({*SHORT_LAGS, whole - 1, whole, whole + 1}))
        out["lagged"] = autoregress(others, steps, lags, pull=False) + ahead - start[:, to]
        lags = tuple(sorted({*lags, whole // 2, 2 * whole}))
        out["lagged_pull"] = autoregress(others, steps, lags, pull=True) + ahead - start[:, to]
    return out
