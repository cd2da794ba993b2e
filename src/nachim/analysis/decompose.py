"""Which drivers moved a number: contributions that add up to the change, for driver trees.

Sums of products go by LMDI-I (Ang 2005, "The LMDI approach to decomposition analysis"), exact and without an order of
the factors; its limits at zero are taken analytically (Ang & Liu 2007). Everything else, and factors that change
sign, go by the Shapley value over the leaves: each driver's average effect over all orders of changing.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from nachim.analysis.decompose_result import Contribution, Decomposition, Undecided, build

__all__ = [
    "Contribution", "Decomposition", "Driver", "Undecided", "decompose", "difference", "leaf", "product", "ratio",
    "total",
]  # fmt: skip

Floats = npt.NDArray[np.float64]
Kind = Literal["leaf", "sum", "difference", "product", "ratio"]
MOST_EXACT = 14  # leaves; 2^14 states of the tree are all looked at
ORDERS = 1000


@dataclass(frozen=True)
class Driver:
    """A node of a driver tree. `difference` and `ratio` have two parts; a name may stand in several places."""

    kind: Kind
    name: str = ""
    parts: tuple[Driver, ...] = ()

    def leaves(self) -> tuple[str, ...]:
        """The names of the drivers below, each once, in reading order."""
        return tuple(dict.fromkeys(self._leaves()))

    def _leaves(self) -> Iterator[str]:
        if self.kind == "leaf":
            yield self.name
        for part in self.parts:
            yield from part._leaves()

    def value(self, of: Mapping[str, Floats]) -> Floats:
        """The value of the tree for every state of its leaves; nan where something is divided by zero."""
        if self.kind == "leaf":
            return of[self.name]
        values = [part.value(of) for part in self.parts]
        if self.kind == "sum":
            return np.asarray(np.sum(values, axis=0), np.float64)
        if self.kind == "product":
            return np.asarray(np.prod(values, axis=0), np.float64)
        if self.kind == "difference":
            return values[0] - values[1]
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.where(values[1] != 0, values[0] / values[1], np.nan)


def leaf(name: str) -> Driver:
    """A driver with a value of its own."""
    return Driver("leaf", name)


def total(*parts: Driver) -> Driver:
    """The sum of its parts."""
    return Driver("sum", parts=parts)


def difference(whole: Driver, less: Driver) -> Driver:
    """One part less another."""
    return Driver("difference", parts=(whole, less))


def product(*parts: Driver) -> Driver:
    """The product of its parts: visits × conversion × average order."""
    return Driver("product", parts=parts)


def ratio(above: Driver, below: Driver) -> Driver:
    """One part over another."""
    return Driver("ratio", parts=(above, below))


def decompose(tree: Driver, before: Mapping[str, float], after: Mapping[str, float]) -> Decomposition | Undecided:
    """Each leaf's contribution to the change of the tree's value from `before` to `after`.

    KeyError where a leaf has no value. Undecided where a value is missing or a division by zero stands between.
    """
    names = tree.leaves()
    start = {name: float(before[name]) for name in names}
    end = {name: float(after[name]) for name in names}
    missing = [name for name in names if not (math.isfinite(start[name]) and math.isfinite(end[name]))]
    if missing:
        return Undecided("missing", {"names": ", ".join(missing)})
    value_before, value_after = (
        float(tree.value({name: np.array(x) for name, x in of.items()})) for of in (start, end)
    )
    if math.isnan(value_before) or math.isnan(value_after):
        return Undecided("undefined", {})
    terms = _products(tree)
    amounts: Floats | None
    if terms is not None and all(_same_signs(term, start, end) for term in terms):
        amounts, method = _lmdi(terms, names, start, end), "lmdi"
    else:
        amounts, method = _shapley(tree, names, start, end)
    if amounts is None:
        return Undecided("undefined_between", {})
    return build(names, start, end, amounts, value_before, value_after, method)


def _products(tree: Driver) -> list[tuple[str, ...]] | None:
    """The tree as a sum of products of leaves, or None."""
    terms = tree.parts if tree.kind == "sum" else (tree,)
    found = []
    for term in terms:
        factors = term.parts if term.kind == "product" else (term,)
        if any(factor.kind != "leaf" for factor in factors):
            return None
        found.append(tuple(factor.name for factor in factors))
    return found


def _same_signs(term: Sequence[str], before: Mapping[str, float], after: Mapping[str, float]) -> bool:
    return all(before[name] * after[name] > 0 or before[name] == 0 or after[name] == 0 for name in term)


def _lmdi(
    terms: Sequence[Sequence[str]], names: Sequence[str], before: Mapping[str, float], after: Mapping[str, float]
) -> Floats:
    amounts = dict.fromkeys(names, 0.0)
    for term in terms:
        start, end = math.prod(before[name] for name in term), math.prod(after[name] for name in term)
        if start == end:
            mean = start  # the logarithmic mean of equal values
        elif start == 0 or end == 0:
            # In the limit the factors that come from or go to zero outweigh all others, and each other not.
            movers = [name for name in term if (before[name] == 0) != (after[name] == 0)]
            for name in movers:
                amounts[name] += (end - start) / len(movers)
            continue
        else:
            mean = (end - start) / _log_ratio(start, end)
        if mean:
            for name in term:
                amounts[name] += mean * _log_ratio(before[name], after[name])
    return np.array([amounts[name] for name in names])


def _log_ratio(before: float, after: float) -> float:
    """log(after / before) without losing digits where they are nearly equal."""
    return math.log1p((after - before) / before) if abs(after - before) < abs(before) / 2 else math.log(after / before)


def _shapley(
    tree: Driver, names: Sequence[str], before: Mapping[str, float], after: Mapping[str, float]
) -> tuple[Floats | None, str]:
    moved = [name for name in names if before[name] != after[name]]
    start, end = (np.array([of[name] for name in moved]) for of in (before, after))
    fixed = {name: before[name] for name in names}

    def value(changed: npt.NDArray[np.bool_]) -> Floats:
        states = np.where(changed, end, start)
        columns = {name: np.full(len(changed), x) for name, x in fixed.items()}
        columns |= {name: states[:, at] for at, name in enumerate(moved)}
        return tree.value(columns)

    each = _all_orders(value, len(moved)) if len(moved) <= MOST_EXACT else _some_orders(value, len(moved))
    if each is None:
        return None, "shapley"
    found = dict(zip(moved, each.tolist(), strict=True))
    method = "shapley" if len(moved) <= MOST_EXACT else "shapley_sampled"
    return np.array([found.get(name, 0.0) for name in names]), method


def _all_orders(value: Callable[[npt.NDArray[np.bool_]], Floats], count: int) -> Floats | None:
    """Exact: every set of changed leaves, weighted by the orders that pass through it."""
    sets = np.arange(1 << count)
    changed = (sets[:, None] >> np.arange(count)) & 1 == 1
    values = value(changed)
    if np.isnan(values).any():
        return None
    size = changed.sum(1)
    weight = np.array([1 / (count * math.comb(count - 1, k)) if k < count else 0.0 for k in range(count + 1)])
    each = np.empty(count)
    for at in range(count):
        without = sets[~changed[:, at]]
        each[at] = (weight[size[without]] * (values[without | (1 << at)] - values[without])).sum()
    return each


def _some_orders(value: Callable[[npt.NDArray[np.bool_]], Floats], count: int) -> Floats | None:
    """Too many leaves for all orders: the same random orders each time, and each with its reverse. Each order adds up
    to the change by itself, so their mean does too."""
    rng = np.random.default_rng(0)
    each = np.zeros(count)
    for _ in range(ORDERS // 2):
        order = rng.permutation(count)
        for way in (order, order[::-1]):
            place = np.empty(count, int)
            place[way] = np.arange(count)
            values = value(place[None, :] < np.arange(count + 1)[:, None])
            if np.isnan(values).any():
                return None
            each[way] += np.diff(values)
    return each / (2 * (ORDERS // 2))
