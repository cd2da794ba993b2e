"""The robust seasonal model behind `detect`: for every series at once, what the next value should be.

A level, a factor for each weekday (or month) and one for each kind of holiday, all updated by exponential smoothing of
residuals clipped at CLIP scales, so that a spike does not bend what comes after it (robust Holt-Winters; Gelper, Fried
& Croux 2010). Each series takes the smoothing constant that predicted it best, and its residuals are freed from their
own lag-one correlation.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.intp]
Bools = npt.NDArray[np.bool_]
LOG, ROOT, PLAIN, SHARE = range(4)
FEW = 30  # things; of fewer, a count swings by its root
LEVELS = (0.03, 0.1, 0.3)
BEYOND = 1.0  # standard error
SEASONAL, SCALING, CLIP = 0.1, 0.02, 2.5
JUMP, JUMP_DAYS = 3.0, 7
RARE_GAIN = 0.3  # of what a holiday adds
FEWEST_MONTHS, ALIKE, RECURS = 3, 0.8, 4.0  # of what a day of the month adds; the last in standard errors


@dataclass(frozen=True)
class Fit:
    """`residual` (series, time): one step ahead, in scales, nan where not judged. `scale`: of the transformed values.
    `season`: what weekday and holiday add on that scale. `how`: LOG, ROOT, PLAIN or SHARE, by series."""

    how: Ints
    values: Floats
    season: Floats
    scale: Floats
    residual: Floats


def transform(values: Floats, behind: Floats | None = None) -> tuple[Ints, Floats]:
    """Positive series go by their log, those with zeros (and no negatives) by Anscombe's root, others as they are.

    A share of few among many (`behind`) is a count too and goes by the root: by the log, weeks with fewer than usual
    would swing so widely that twice as many would be nothing."""
    with np.errstate(invalid="ignore"):
        low = np.nanmin(np.where(np.isfinite(values), values, np.inf), axis=1)
        high = np.nanmax(np.where(np.isfinite(values), values, -np.inf), axis=1)
    counts = (np.nan_to_num(values) % 1 == 0).all(1) & (np.nan_to_num(values).mean(1) < FEW)
    how = np.where((low > 0) & ~counts, LOG, np.where(low >= 0, ROOT, PLAIN)).astype(np.intp)
    changed = values.copy()
    if behind is not None:
        of = np.where(np.isfinite(values) & (behind > 0), values * behind, 0.0)
        whole = (np.abs(of - np.round(of)) < 1e-6 * np.maximum(of, 1)).all(1)
        some = (of > 0).any(1) & whole & (of.mean(1) < FEW) & (low >= 0) & (high <= 1)
        how[some] = SHARE
        with np.errstate(divide="ignore", invalid="ignore"):
            changed[some] = 2 * np.sqrt(values[some] + 0.375 / behind[some])
    changed[how == LOG] = np.log(values[how == LOG])
    changed[how == ROOT] = 2 * np.sqrt(values[how == ROOT] + 0.375)
    return how, changed


def back(values: Floats, how: int) -> Floats:
    """From the transformed scale to the values'."""
    if how == LOG:
        return np.exp(values)
    if how == SHARE:
        return (np.maximum(values, 0) / 2) ** 2
    return np.maximum((np.maximum(values, 0) / 2) ** 2 - 0.375, 0) if how == ROOT else values


def fit(
    values: Floats, season: Ints, special: Ints, warm: int, until: int, noise: Floats | None = None,
    behind: Floats | None = None,
) -> Fit:  # fmt: skip
    """`values` (series, time) with nan for missing; `season`, `special`: class of every time, special 0 is none.
    `noise`: by how much each value is known worse than the typical one of its series (1); None where all are alike.
    `behind`: how many things each value is of.

    The first `warm` times start the model; choices of each series look at times before `until` only.
    """
    how, y = transform(values, behind)
    worse = np.ones((1, 1)) if noise is None else noise
    runs = [_run(y, season, special, warm, level, np.broadcast_to(worse, y.shape)) for level in LEVELS]
    best = _steadiest([error for error, _scale, _season in runs], warm, until)
    at = np.arange(len(y))
    residual, scale, seasonal = (np.stack([run[part] for run in runs])[best, :, at] for part in (0, 1, 2))
    with np.errstate(divide="ignore", invalid="ignore"):
        z = np.where(scale > 0, residual / scale, np.nan)
    return Fit(how, y, seasonal, scale, _whitened(z, warm, until))


def _steadiest(errors: list[Floats], warm: int, until: int) -> Ints:
    """Which smoothing constant each series takes: the next faster one only where it predicts better beyond chance. A
    level that follows noise has swallowed a change before a week says so. Large errors are clipped alike for all."""
    size = np.abs(np.stack([one[warm:until] for one in errors]))
    best = np.zeros(size.shape[2], np.intp)
    if not size.shape[1]:
        return best
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # a series without any value here
        size = np.minimum(size, 4 * np.nanmedian(size, axis=(0, 1)))
        for faster in range(1, len(size)):
            won = size[best, :, np.arange(len(best))].T - size[faster]
            chance = np.nanstd(won, axis=0) / np.sqrt(np.maximum(np.isfinite(won).sum(0), 1))
            best = np.where(np.nanmean(won, axis=0) > BEYOND * chance, faster, best)
    return best


def _run(
    y: Floats, season: Ints, special: Ints, warm: int, gain: float, noise: Floats
) -> tuple[Floats, Floats, Floats]:
    """Residuals, scales and seasonal terms, each (time, series)."""
    count, times = y.shape
    level, seasonal, scale, ready = _beginning(y, season, special, warm)
    extra, seen = np.zeros((int(special.max()) + 1, count)), np.zeros(int(special.max()) + 1)
    residuals, scales, terms = (np.full((times, count), np.nan) for _ in range(3))
    recent = np.zeros((JUMP_DAYS, count))
    for now in range(times):
        day, kind = season[now], special[now]
        term = seasonal[day] + extra[kind]
        error = y[:, now] - level - term
        known = np.isfinite(error)
        error = np.where(known, error, 0.0)
        judged = kind == 0 or seen[kind] > 1
        # What a holiday adds is known from few days.
        doubt = 1.0 if kind == 0 else np.sqrt(1 + max(RARE_GAIN / (2 - RARE_GAIN), 1 / max(seen[kind], 1.0)))
        here = scale * noise[:, now]
        scales[now], terms[now] = here * doubt, term
        residuals[now] = np.where(known & judged & (now >= ready), error, np.nan)
        bent = np.clip(error, -CLIP * here, CLIP * here) / np.maximum(noise[:, now], 1)
        if judged:
            level = level + gain * bent
            size = np.abs(error) / noise[:, now]
            scale = np.where(known, scale + SCALING * (1.25 * np.minimum(size, 3 * scale) - scale), scale)
        if kind == 0:
            seasonal[day] += SEASONAL * bent
            recent[now % JUMP_DAYS] = error / np.maximum(noise[:, now], 1)
            # A new level is learned at once when a week says so, not over months.
            middle = np.sort(recent, axis=0)[JUMP_DAYS // 2]
            jumped = np.abs(middle) > JUMP * scale
            if jumped.any():
                level = np.where(jumped, level + middle, level)
                recent[:, jumped] = 0.0
        else:
            seen[kind] += 1
            step = max(RARE_GAIN, 1 / (seen[kind] + 0.5))
            extra[kind] += step * (error if seen[kind] < 3 else bent)
    return residuals, scales, terms


def _beginning(y: Floats, season: Ints, special: Ints, warm: int) -> tuple[Floats, Floats, Floats, Ints]:
    """Level, seasonal terms and scale from each series' own first `warm` times, and when those are over."""
    known = np.isfinite(y)
    begin = np.minimum(np.argmax(known, axis=1), max(y.shape[1] - warm, 0))
    at = np.minimum(begin[:, None] + np.arange(warm), y.shape[1] - 1)
    start, classes = y[np.arange(len(y))[:, None], at], season[at]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # a class that a series lacks altogether
        level = np.nan_to_num(np.nanmedian(start, axis=1))
        seasonal = np.zeros((int(season.max()) + 1, len(y)))
        for one in range(len(seasonal) if len(seasonal) > 1 else 0):
            days = np.where((classes == one) & (special[at] == 0), start - level[:, None], np.nan)
            seasonal[one] = np.nan_to_num(np.nanmedian(days, axis=1))
        left = np.abs(start - level[:, None] - seasonal[classes, np.arange(len(y))[:, None]])
        scale = np.maximum(1.4826 * np.nanmedian(left, axis=1), 0.5 * np.nanmean(left, axis=1))
    fitted = len(seasonal) if len(seasonal) > 1 else 1
    return level, seasonal, np.nan_to_num(scale) * np.sqrt(warm / (warm - fitted)), begin + warm


def _whitened(z: Floats, warm: int, until: int) -> Floats:
    """Residuals less what their own predecessor told, by a correlation that outliers do not make."""
    part = np.clip(np.nan_to_num(z[:, warm:until]), -3, 3)
    power = (part**2).sum(1)
    lag = np.divide((part[:, 1:] * part[:, :-1]).sum(1), power, out=np.zeros(len(z)), where=power > 0).clip(-0.5, 0.9)
    before = np.zeros_like(z)
    before[:, 1:] = np.clip(np.nan_to_num(z[:, :-1]), -3, 3)
    return np.asarray(z - lag[:, None] * before)


def without_monthly(z: Floats, of_month: Ints, until: int) -> Floats:
    """Residuals without what recurs on the same day of every month (subscriptions are paid on the 28th, wages on the
    25th): where that stood out on `FEWEST_MONTHS` and nearly always the same way before `until`, only what lies beyond
    the past ones is left."""
    z = z.copy()
    for day in range(1, 32):
        here = of_month == day
        past = z[:, :until][:, here[:until]]
        known = np.isfinite(past).sum(1)
        if past.shape[1] < FEWEST_MONTHS:
            continue
        middle = np.nanmedian(np.where(known[:, None] > 0, past, 0.0), axis=1)
        alike = (np.sign(past) == np.sign(middle)[:, None]).sum(1) >= ALIKE * known
        recurs = alike & (known >= FEWEST_MONTHS) & (np.abs(middle) * np.sqrt(known) > RECURS)
        some = np.ix_(recurs, here)
        low, high = np.nanmin(past[recurs], axis=1)[:, None], np.nanmax(past[recurs], axis=1)[:, None]
        z[some] -= np.clip(z[some], low, high)
    return z


def without_shared(z: Floats, until: int) -> tuple[Floats, Floats, Floats]:
    """Residuals without the factor that moves many series on the same days; the factor (time,); its loadings.

    Loadings come from times before `until`, the factor of a day from that day's series, both with large values
    clipped. Loadings are all zero where no factor stands out of noise (Marchenko & Pastur's edge).
    """
    count, times = z.shape
    past = np.clip(np.nan_to_num(z[:, :until]), -3, 3)
    days = max(int((np.abs(past).sum(0) > 0).sum()), 1)
    size = np.sqrt((past**2).mean(1))
    past = past / np.where(size > 0, size, 1)[:, None]
    loading = np.ones(count) / np.sqrt(count)
    for _ in range(30):
        loading = past @ (past.T @ loading)
        loading /= max(float(np.linalg.norm(loading)), 1e-300)
    largest = float(((past.T @ loading) ** 2).sum()) / days
    if largest < 1.3 * (1 + np.sqrt(count / days)) ** 2 * float((past**2).sum()) / (count * days):
        return z, np.zeros(times), np.zeros(count)
    loading = loading * np.sqrt(largest) * size
    known = np.isfinite(z)
    scaled = np.nan_to_num(z)
    factor = np.zeros(times)
    for _ in range(8):
        left = scaled - loading[:, None] * factor
        trust = known * np.minimum(1, 1.5 / np.maximum(np.abs(left), 1e-12))
        power = (trust * loading[:, None] ** 2).sum(0)
        factor = np.divide((trust * loading[:, None] * scaled).sum(0), power, out=np.zeros(times), where=power > 0)
    return z - loading[:, None] * factor, factor, loading
