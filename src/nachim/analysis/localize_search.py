"""The search behind `localize`: every conjunction up to a depth, scored at once with bincounts."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.intp]
MEDIAN_OF_SQUARE = 0.4549  # of a squared standard normal


@dataclass(frozen=True)
class Search:
    """How to search. The values lie in the middle of what cross-validation chose in benchmarks/bench_localize.py.

    `unevenness`: how far (log scale, one sd) leaves of a struck segment may differ from its common factor.
    `naming`: weight of the description length of a segment. `next_gain`: a further segment needs this part of the
    first one's gain. `half_unit`: the value added before taking logs, in units of the noise of one count.
    `prior`: units that pull a leaf's expected rate to the whole rate. `least_explained`: part of the change that the
    segments must account for together, else abstain. `deepest`: dimensions in a conjunction. `most`: segments.
    """

    unevenness: float = 0.4
    naming: float = 1.0
    next_gain: float = 0.4
    half_unit: float = 0.25
    prior: float = 2.0
    least_explained: float = 0.1
    deepest: int = 3
    most: int = 4


@dataclass(frozen=True)
class Cuboid:
    """One choice of dimensions: the segment number of every leaf, and the labels of each segment number."""

    names: tuple[str, ...]
    of_leaf: Ints
    first_leaf: Ints
    labels: tuple[npt.NDArray[np.str_], ...]
    bits: float

    def where(self, segment: int) -> dict[str, str]:
        leaf = self.first_leaf[segment]
        return {name: str(column[leaf]) for name, column in zip(self.names, self.labels, strict=True)}


@dataclass(frozen=True)
class FoundSegment:
    where: dict[str, str]
    leaves: npt.NDArray[np.bool_]
    factor: float
    gain: float


@dataclass(frozen=True)
class Found:
    """`uniform`: the factor on everything, where that described the change before or beside the segments."""

    segments: tuple[FoundSegment, ...]
    uniform: float | None


def cuboids(columns: Mapping[str, npt.NDArray[np.str_]], deepest: int) -> list[Cuboid]:
    """All choices of up to `deepest` dimensions. Naming a segment costs the log of the choices there were."""
    coded = {name: np.unique(column, return_inverse=True) for name, column in columns.items()}
    found = []
    for depth in range(1, min(deepest, len(columns)) + 1):
        for names in combinations(columns, depth):
            shape = [len(coded[name][0]) for name in names]
            if math.prod(shape) >= 2**62:
                continue
            key = np.ravel_multi_index([coded[name][1] for name in names], shape)
            first, of_leaf = _number(key, math.prod(shape))
            bits = math.log(math.comb(len(columns), depth)) + sum(map(math.log, shape))
            found.append(Cuboid(names, of_leaf, first, tuple(columns[name] for name in names), bits))
    return found


def _number(key: Ints, size: int) -> tuple[Ints, Ints]:
    """Segments numbered 0.. without gaps: a leaf of each segment, the segment of each leaf."""
    if size > 4 * len(key) + 1000:
        _, first, of_leaf = np.unique(key, return_index=True, return_inverse=True)
        return first, of_leaf
    a_leaf = np.full(size, -1)
    a_leaf[key[::-1]] = np.arange(len(key))[::-1]
    used = a_leaf >= 0
    return a_leaf[used], (np.cumsum(used) - 1)[key]


def search(
    over: Sequence[Cuboid], real: Floats, expected: Floats, how: Search,
    shrink: tuple[Floats, Floats, Floats] | None = None,
) -> Found:  # fmt: skip
    """Greedy cover. `real`, `expected` are not negative; `shrink` = expected numerators and denominators and actual
    denominators of a ratio, whose expected rates of thin leaves are pulled to the whole rate."""
    unit = _unit(real, expected)
    if shrink is not None:
        expected = _shrunk(shrink, unit * how.prior, expected)
        unit = _unit(real, expected)
    towards = np.sign(math.fsum(real) - math.fsum(expected))
    if unit == 0 or towards == 0:
        return Found((), None)
    half, of_number = how.half_unit * unit, how.naming * 0.5 * math.log(len(real))
    segments: list[FoundSegment] = []
    uniform: float | None = None
    now = expected
    for _ in range(2 * how.most):
        log = np.log((real + half) / (now + half))
        weight = 1 / (unit / ((real + now) / 2 + half) + how.unevenness**2)
        score, best = 0.0, None
        for cuboid in over:
            pull, mass = np.bincount(cuboid.of_leaf, weight * log), np.bincount(cuboid.of_leaf, weight)
            gain = np.where(pull * towards > 0, 0.5 * pull * pull / mass, 0.0)
            at = int(np.argmax(gain))
            net = float(gain[at]) - how.naming * cuboid.bits - of_number
            if net > score * (1 + 1e-9):
                score, best = net, (cuboid, at, math.exp(pull[at] / mass[at]), float(gain[at]))
        if uniform is None:
            all_pull, all_mass = float((weight * log).sum()), float(weight.sum())
            if all_pull * towards > 0 and 0.5 * all_pull**2 / all_mass - of_number > score:
                uniform = math.exp(all_pull / all_mass)
                now = now * uniform
                continue
        if best is None or (segments and best[3] < how.next_gain * segments[0].gain) or len(segments) == how.most:
            break
        cuboid, at, factor, won = best
        leaves, where = cuboid.of_leaf == at, cuboid.where(at)
        # What was nothing before has no proportion to change in: the segment accounts for it as it is.
        now = np.where(leaves, np.where(now > 0, now * factor, real), now)
        again = next((at for at, one in enumerate(segments) if one.where == where), None)
        if again is None:
            segments.append(FoundSegment(where, leaves, factor, won))
        else:  # its factor was not the whole of it, seen through the half unit
            segments[again] = replace(segments[again], factor=segments[again].factor * factor)
    return Found(tuple(segments), uniform)


def _unit(real: Floats, expected: Floats) -> float:
    """Noise of the leaves as the size of one independent count: variance = unit × mean, about the factor that most
    share. Medians over the larger half of the leaves, so that a struck minority does not count; never below a
    thousandth of a mean leaf."""
    large = (expected >= np.median(expected)) & (expected > 0)
    if not large.any():
        return 1e-3 * float(real.mean()) / 2
    shared = float(np.median(real[large] / expected[large])) or 1.0
    mean = (real + expected * shared) / 2
    raw = float(np.median((real - expected * shared)[large] ** 2 / mean[large])) / MEDIAN_OF_SQUARE
    return max(raw, 1e-3 * float(mean.mean()))


def _shrunk(shrink: tuple[Floats, Floats, Floats], prior: float, expected: Floats) -> Floats:
    numerator, denominator, actual = shrink
    whole = math.fsum(numerator) / math.fsum(denominator)
    if whole <= 0:
        return expected
    weight = prior / whole
    return actual * (numerator + prior) / (denominator + weight)
