"""Faults of the data come before any reading of the numbers: missing, stale, frozen, and zeros that cannot be."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.intp]
MISSING, STALE, FROZEN, ZERO = "missing", "stale", "frozen", "zero"
RARE = 1e-3  # chance of a fault among what is usual for the series
FEWEST_KNOWN = 28
SELDOM, CHANCE = 0.015, 0.01


@dataclass(frozen=True)
class Fault:
    """From `first` to `last` (places in time, both included) the series has no usable data."""

    series: int
    kind: str
    first: int
    last: int


def faults(values: Floats, season: Ints, special: Ints) -> tuple[list[Fault], Bools]:
    """All faults, and where values must not be read. What a weekday or a holiday usually lacks is no fault."""
    absent = ~np.isfinite(values)
    usual = np.zeros_like(absent)
    for one in range(int(season.max()) + 1):
        days = season == one
        usual[:, days] = absent[:, days].mean(1, keepdims=True) > 0.5
    usual |= (special > 0) & (absent[:, special > 0].mean(1, keepdims=True) > 0.2 if (special > 0).any() else False)
    begun = np.cumsum(~absent, axis=1) > 0
    # Sparse series lack values all the time; only the data's own end can be stale there.
    sparse = (absent & begun & ~usual).sum(1) > 0.2 * np.maximum(begun.sum(1), 1)
    found = []
    ends = np.where((~absent).any(1), values.shape[1] - 1 - np.argmax(~absent[:, ::-1], axis=1), -1)
    lacking = absent & begun & ~usual & ~sparse[:, None]
    lacks = lacking.sum(1)
    for series, first, last in runs(lacking):
        length, days = last - first + 1, int(begun[series].sum())
        rate = (lacks[series] - length) / days
        # A slice that now and then has nothing to average lacks a day by chance, a table that is complete does not.
        if rate < SELDOM or days * rate**length < CHANCE:
            found.append(Fault(series, STALE if first > ends[series] else MISSING, first, last))
    zero = (values == 0) & ~absent & (special == 0)
    rarely = zero.sum(1) <= 0.03 * (~absent).sum(1)
    with np.errstate(invalid="ignore"):
        middle = np.array(
            [np.median(row[~gone]) if (~gone).any() else 0.0 for row, gone in zip(values, absent, strict=True)]
        )
        low = np.array(
            [np.quantile(row[~gone], 0.05) if (~gone).any() else 0.0 for row, gone in zip(values, absent, strict=True)]
        )
    impossible = zero & (rarely & (middle > 20) & (low > 5))[:, None]
    found += [Fault(series, ZERO, first, last) for series, first, last in runs(impossible)]
    stuck = _frozen(values, absent)
    found += [Fault(series, FROZEN, first, last) for series, first, last in runs(stuck & ~impossible)]
    return found, absent | impossible | stuck


def _frozen(values: Floats, absent: Bools) -> Bools:
    """The same value again and again, longer than chance repeats it (chance: how often this series repeats). What has
    one value for most of its life is so by its nature: a share that is always whole, a price."""
    same = np.zeros_like(absent)
    same[:, 1:] = (values[:, 1:] == values[:, :-1]) & ~absent[:, 1:]
    known = np.maximum((~absent).sum(1), 1)
    stuck = np.zeros_like(absent)
    for series in np.flatnonzero(same.any(1)):
        lengths = list(runs(same[series : series + 1]))
        # One run does not make repeating usual: the longest is left out of the chance.
        longest = max(last - first + 1 for _, first, last in lengths)
        chance = (same[series].sum() - longest + 1) / known[series]
        if chance > 0.5 or known[series] < FEWEST_KNOWN or longest > known[series] / 2:
            continue
        needed = max(4, int(np.ceil(np.log(RARE / known[series]) / np.log(chance))))
        for _, first, last in lengths:
            if last - first + 1 >= needed:
                stuck[series, first : last + 1] = True
    return stuck


def runs(flags: Bools) -> list[tuple[int, int, int]]:
    """Row, first and last place of every run of true."""
    edge = np.zeros((len(flags), 1), bool)
    change = np.diff(np.concatenate([edge, flags, edge], axis=1).astype(np.int8), axis=1)
    row, first = np.nonzero(change == 1)
    last = np.nonzero(change == -1)[1] - 1
    return list(zip(row.tolist(), first.tolist(), last.tolist(), strict=True))
