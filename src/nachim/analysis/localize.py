"""Which segments moved a number: few conjunctions like channel=app & region=부산 that account for a change.

Generalised ripple effect (Li et al. 2019, "Generic and Robust Localization of Multi-Dimensional Root Causes"): what
strikes a segment changes all its leaves in the same proportion. So a segment is good when one factor on the log scale
describes its leaves. Segments are taken one after another (set cover) while each shortens the description: the gain in
log likelihood pays for naming the segment and its factor (Rissanen 1978). A factor on everything competes with the
segments at the cost of its number alone; that is how "it fell everywhere" is told from "it fell here".

A ratio is searched with the mix held fixed: its numerators against actual denominators × expected rates. What the mix
did is an amount of its own.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from nachim.analysis.decompose_result import settle
from nachim.analysis.localize_result import Abstained, Localization, Segment
from nachim.analysis.localize_search import Found, FoundSegment, Search, cuboids, search

__all__ = ["Abstained", "Localization", "Search", "Segment", "attribute", "localize"]

Floats = npt.NDArray[np.float64]
FEWEST_LEAVES = 4


def localize(
    dimensions: Mapping[str, Sequence[object] | npt.NDArray[np.generic]],
    real: npt.ArrayLike,
    expected: npt.ArrayLike,
    *,
    how: Search | None = None,
) -> Localization | Abstained:
    """The segments behind the change of a total from `expected` to `real`.

    `dimensions`: a column of n labels each, together the leaf of every row; a leaf may come in several rows.
    `real`, `expected`: shape (n,) for a sum, or (n, 2) with numerator and denominator for a ratio of sums. For a
    ratio near 1 give the rarer part as the numerator (failures, not successes). Leaves below zero are searched as
    zero and counted as they are. ValueError where shapes differ; Abstained where there is nothing sure to say.
    """
    how = how or Search()
    columns = {name: np.asarray(labels).astype(str) for name, labels in sorted(dimensions.items())}
    now, then = np.asarray(real, np.float64), np.asarray(expected, np.float64)
    if now.shape != then.shape or not (now.ndim == 1 or (now.ndim == 2 and now.shape[1] == 2)):
        raise ValueError(f"real and expected are both (n,) or both (n, 2), not {now.shape} and {then.shape}")
    if wrong := {name: len(x) for name, x in columns.items() if x.shape != (len(now),)}:
        raise ValueError(f"every dimension has one label a row ({len(now)}), not {wrong}")
    if not np.isfinite(now).all() or not np.isfinite(then).all():
        return Abstained("missing", {"found": int((~np.isfinite(now + then)).reshape(len(now), -1).any(1).sum())})
    if not columns or len(now) < FEWEST_LEAVES:
        return Abstained("few_leaves", {"found": len(now), "needed": FEWEST_LEAVES})
    if now.ndim == 2:
        return _ratio(columns, now, then, how)
    found = search(cuboids(columns, how.deepest), np.maximum(now, 0), np.maximum(then, 0), how)
    return _result(found, now - then, 0.0, math.fsum(then), math.fsum(now), how)


def attribute(
    dimensions: Mapping[str, Sequence[object] | npt.NDArray[np.generic]],
    real: npt.ArrayLike,
    expected: npt.ArrayLike,
    segments: Sequence[Mapping[str, str]],
) -> Localization | Abstained:
    """The part of segments that are known from elsewhere in the change of the whole; arguments as of `localize`.

    A leaf counts for the first segment that holds it. Abstained where none holds a leaf, or where together they moved
    against the change.
    """
    columns = {name: np.asarray(labels).astype(str) for name, labels in dimensions.items()}
    now, then = np.asarray(real, np.float64), np.asarray(expected, np.float64)
    if now.ndim == 2 and not (now[:, 1].sum() > 0 and then[:, 1].sum() > 0):
        return Abstained("undefined", {})
    effect, mix, before, after = _effect(now, then)
    found = []
    for where in segments:
        leaves = np.all([columns[name] == value for name, value in where.items()], axis=0)
        if leaves.any():
            found.append(FoundSegment(dict(where), leaves, math.nan, 0.0))
    if not found:
        return Abstained("few_leaves", {"found": 0, "needed": 1})
    return _result(Found(tuple(found), None), effect, mix, before, after, Search(least_explained=0.0))


def _effect(now: Floats, then: Floats) -> tuple[Floats, float, float, float]:
    """What each leaf did to the whole, what the mix did, and the whole before and after."""
    if now.ndim == 1:
        return now - then, 0.0, math.fsum(then), math.fsum(now)
    whole_now, whole_then = math.fsum(now[:, 1]), math.fsum(then[:, 1])
    before, after = math.fsum(then[:, 0]) / whole_then, math.fsum(now[:, 0]) / whole_now
    kept = _kept(now, then, before)
    return (now[:, 0] - kept) / whole_now, math.fsum(kept) / whole_now - before, before, after


def _kept(now: Floats, then: Floats, before: float) -> Floats:
    """Numerators at the rates from before; leaves that were not there have the whole's."""
    rate = np.divide(then[:, 0], then[:, 1], out=np.full(len(then), before), where=then[:, 1] > 0)
    return np.asarray(rate * now[:, 1])


def _ratio(columns: Mapping[str, npt.NDArray[np.str_]], now: Floats, then: Floats, how: Search
           ) -> Localization | Abstained:  # fmt: skip
    whole_now, whole_then = math.fsum(now[:, 1]), math.fsum(then[:, 1])
    if whole_now == 0 or whole_then == 0 or (now[:, 1] < 0).any() or (then[:, 1] < 0).any():
        return Abstained("undefined", {})
    effect, mix, before, after = _effect(now, then)
    kept = _kept(now, then, before)
    found = search(
        cuboids(columns, how.deepest), np.maximum(now[:, 0], 0), np.maximum(kept, 0), how,
        shrink=(then[:, 0].clip(0), then[:, 1], now[:, 1]),
    )  # fmt: skip
    return _result(found, effect, mix, before, after, how)


def _result(
    found: Found, effect: Floats, mix: float, before: float, after: float, how: Search
) -> Localization | Abstained:
    """Leaves' effects summed by the first segment that covers them; rounding goes to the largest amount."""
    change, moved = after - before, math.fsum(effect)
    free, amounts, taken = np.ones(len(effect), bool), [], []
    for one in found.segments:
        mine = one.leaves & free
        amounts.append(math.fsum(effect[mine]))
        taken.append(int(mine.sum()))
        free &= ~mine
    explained = math.fsum(amounts) / moved if moved else 0.0
    if not found.segments and not found.uniform:
        mostly_mix = change != 0 and mix / change > 0.5
        if not mostly_mix:
            return Abstained("nothing_stands_out", {"change": change})
    elif not found.uniform and explained < how.least_explained:
        return Abstained("scattered", {"explained": explained, "needed": how.least_explained})
    amounts = settle(np.array([*amounts, math.fsum(effect[free]), mix]), change).tolist()
    segments = tuple(
        Segment(one.where, amount, one.factor, one.gain, leaves)
        for one, amount, leaves in zip(found.segments, amounts, taken, strict=False)
    )
    return Localization(before, after, segments, amounts[-2], amounts[-1], found.uniform, explained)
