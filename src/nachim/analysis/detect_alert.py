"""From residuals to alerts: how surprising each day is, the threshold that an alert budget buys, and episodes."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.intp]
Bools = npt.NDArray[np.bool_]
TAIL, FAR = 0.05, 0.01  # of the pooled values
CLIPPED = 4.0
PRIOR_SUMS = 20
PARTS = 4
STILL = 0.5  # scales


@dataclass(frozen=True)
class Surprises:
    """`level` (series, time): -log10 of the chance of a value as far out, for the window that is furthest out;
    0 where not judged. `window`: which one; `upward`: its sign."""

    level: Floats
    window: npt.NDArray[np.int8]
    upward: Bools


def surprises(z: Floats, windows: Sequence[int], warm: int, until: int) -> Surprises:
    """Sums of residuals over the last day, week, month. A spike stands in the first, a level that stays in the second,
    a trend in the third. Each series is measured in its own spread, chances are pooled over all series."""
    known = np.isfinite(z)
    best = np.zeros(z.shape)
    which, upward = np.zeros(z.shape, np.int8), np.zeros(z.shape, bool)
    # The past is measured, part by part, in the spread of its other parts: as new days will be measured.
    edges = np.linspace(warm, until, PARTS + 1).astype(int)
    parts = [slice(first, last) for first, last in itertools.pairwise(edges.tolist())]
    daily: list[Floats] = []
    for at, window in enumerate(windows):
        sums = _sums(z, known, window)
        past = sums[:, warm:until]
        spreads = [_spread(past)] + [
            _spread(np.delete(past, np.s_[one.start - warm : one.stop - warm], 1)) for one in parts
        ]
        # A history holds few independent sums: the fewer, the more of the spread is the typical series'.
        trust = (until - warm) / window / ((until - warm) / window + PRIOR_SUMS)
        spreads = [_pulled(own, one, trust) for own, one in zip(spreads, daily or spreads, strict=True)]
        daily = daily or spreads
        size = np.abs(sums) / spreads[0][:, None]
        for one, own in zip(parts, spreads[1:], strict=True):
            size[:, one] = np.abs(sums[:, one]) / own[:, None]
        level = _surprise(size, size[:, warm:until])
        more = level > best
        best = np.where(more, level, best)
        which[more], upward = at, np.where(more, sums > 0, upward)
    return Surprises(best, which, upward)


def _pulled(own: Floats, daily: Floats, trust: float) -> Floats:
    """Spreads pulled towards what is typical beside the daily ones; nan where a series never moves."""
    own, daily = (np.where(one > 0, one, np.nan) for one in (own, daily))
    if not np.isfinite(own).any():
        return own
    return np.asarray(own**trust * (float(np.nanmedian(own / daily)) * daily) ** (1 - trust))


def _sums(z: Floats, known: Bools, window: int) -> Floats:
    """Sum over the last `window` residuals by the root of how many are known; nan where today or most are not, and
    nothing where the latest quarter of them does not go along: what is over is not still happening."""
    if window == 1:
        return z
    clipped = np.clip(np.nan_to_num(z), -CLIPPED, CLIPPED)
    total, count = _last(clipped, window), _last(known.astype(float), window)
    quarter = max(window // 4, 1)
    still = np.sign(total) * _last(clipped, quarter) > STILL * np.sqrt(quarter)
    enough = known & (count >= window / 2)
    return np.where(enough, np.where(still, total / np.sqrt(np.maximum(count, 1)), 0.0), np.nan)


def _last(values: Floats, window: int) -> Floats:
    total = np.cumsum(np.pad(values, ((0, 0), (window, 0))), axis=1)
    return np.asarray(total[:, window:] - total[:, :-window])


def _spread(sums: Floats) -> Floats:
    """Root mean square with the largest two in a hundred clipped, by series; 0 where there is nothing."""
    size = np.abs(sums)
    count = np.isfinite(size).sum(1)
    ordered = np.sort(np.where(np.isfinite(size), size, np.inf), axis=1)
    at = np.minimum((0.98 * count).astype(int), np.maximum(count - 1, 0))
    top = np.where(count > 0, ordered[np.arange(len(size)), at], 0.0)
    part = np.where(np.isfinite(size), np.minimum(size, top[:, None]), 0.0)
    return np.asarray(np.sqrt((part**2).sum(1) / np.maximum(count, 1)))


def _surprise(size: Floats, past: Floats) -> Floats:
    """-log10 of the part of all past values at or above. Beyond the 95 % quantile an exponential tail through it and
    the 99 % one, so that the events of the past do not make themselves look usual."""
    pool = np.sort(past[np.isfinite(past)])
    if not len(pool):
        return np.zeros(size.shape)
    # Interpolated through a grid of quantiles: millions of look-ups, and no jumps.
    chance = 1 - np.linspace(0, 1 - TAIL, 2000)
    grid = pool[((1 - chance) * (len(pool) - 1)).astype(int)]
    edge, far = grid[-1], pool[int((1 - FAR) * (len(pool) - 1))]
    decay = max(float(far - edge), 1e-12) / np.log(TAIL / FAR)
    known = np.where(np.isfinite(size), size, 0.0)
    tail = -np.log10(TAIL) + (known - edge) / decay / np.log(10)
    return np.where(np.isfinite(size), np.where(known > edge, tail, -np.log10(np.interp(known, grid, chance))), 0.0)


def threshold(
    level: Floats, episodes: float, gap: int, least: float, families: Sequence[str] | None = None
) -> tuple[float, int]:
    """The lowest level above which `level` has at most so many episodes, and how many it has; never below `least`."""
    low, high = least, max(float(level.max(initial=0)), least) + 1
    if count(level > low, gap, families) <= episodes:
        return low, count(level > low, gap, families)
    for _ in range(40):
        middle = (low + high) / 2
        low, high = (middle, high) if count(level > middle, gap, families) > episodes else (low, middle)
        if high - low < 1e-4:
            break
    return high, count(level > high, gap, families)


def count(flags: Bools, gap: int, families: Sequence[str] | None = None) -> int:
    """Episodes: flagged days of a series with at most `gap` quiet days between them are one, and so are those that
    begin in series of one family within `gap` days."""
    starts = begins(flags, gap)
    if families is None:
        return int(starts.sum())
    _names, which = np.unique(np.asarray(families[: len(flags)]), return_inverse=True)
    rows, days = np.nonzero(starts)
    order = np.lexsort((days, which[rows]))
    family, day = which[rows][order], days[order]
    number, last = 0, (-1, 0)
    for one, at in zip(family.tolist(), day.tolist(), strict=True):
        if one != last[0] or at - last[1] > gap:
            number, last = number + 1, (one, at)
    return number


def begins(flags: Bools, gap: int) -> Bools:
    """Flagged days with no flag in the `gap` days before."""
    total = np.cumsum(np.pad(flags, ((0, 0), (gap + 1, 0))).astype(np.int32), axis=1)
    before = total[:, gap:-1] - total[:, : -gap - 1]
    return np.asarray(flags & (before == 0))


def spans(flags: Bools, gap: int) -> list[tuple[int, int, int]]:
    """Row, first and last flagged day of every episode."""
    firsts = begins(flags, gap)
    found = []
    for row in np.flatnonzero(firsts.any(1)):
        days, starts = np.flatnonzero(flags[row]), np.flatnonzero(firsts[row])
        ends = days[np.concatenate([np.searchsorted(days, starts[1:]) - 1, [len(days) - 1]])]
        found += [(int(row), int(first), int(last)) for first, last in zip(starts, ends, strict=True)]
    return found
