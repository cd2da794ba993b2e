"""Sub-targets: a total spread over its drivers so that they make it again, and the others moved when one is changed.

A product takes its growth in powers: with equal shares every factor grows by the same percentage (the split that LMDI
measures afterwards). A sum takes it in proportion. One part takes the rounding, with as few decimals as are needed.
What cannot be balanced stays as it is and shows as a gap (`driver_tree.gaps`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Context, Decimal
from fractions import Fraction

from nachim.core.driver_tree import Driver, How, exactly
from nachim.core.exact import half_up

# Powers are only a proposal, rounded to the step afterwards; the exact part is fractions.
PRECISE = Context(prec=40)
MOST_PLACES = 60


def decompose(tree: Driver, total: Decimal) -> Driver:
    """The tree with `total` at its root, spread from where the parts stand now; held parts keep their value."""
    return _spread(tree, total)


def change(tree: Driver, name: str, value: Decimal, *, keep_total: bool = True) -> Driver:
    """One driver set to `value` and held.

    `keep_total`: its siblings make up for it, as far as they are not held, and what stands above stays; where none can,
    the gap shows. Otherwise everything above it becomes what the parts now make.
    """
    tree.find(name)
    return _placed(tree, name, value, keep_total)


def release(tree: Driver) -> Driver:
    """Nothing held any more."""
    return replace(tree, held=False, parts=tuple(release(part) for part in tree.parts))


def _placed(tree: Driver, name: str, value: Decimal, keep_total: bool) -> Driver:
    if tree.name == name:
        return replace(_spread(tree, value), held=True)
    how = tree.how
    if how is None:
        return tree
    inside = next((part for part in tree.parts if any(one.name == name for one in part.walk())), None)
    if inside is None:
        return tree
    parts = tuple(_placed(part, name, value, keep_total) if part is inside else part for part in tree.parts)
    tree = replace(tree, parts=parts)
    if keep_total:
        return _spread(tree, tree.value) if inside.name == name else tree
    made = exactly(parts, how)
    return tree if made is None else tree.with_value(half_up(made, _places(tree)))


def _spread(tree: Driver, total: Decimal) -> Driver:
    tree = tree.with_value(total)
    if tree.how is None:
        return tree
    places = tree.places
    made = exactly(tree.parts, tree.how)
    if made is not None and half_up(made, places) == total:
        return tree
    values = _product(tree, total) if tree.how == "product" else _sum(tree, total)
    if values is None:
        return tree
    parts = tuple(
        part if value == part.value else _spread(part, value) for part, value in zip(tree.parts, values, strict=True)
    )
    return replace(tree, parts=parts)


def _free(tree: Driver) -> list[int]:
    return [at for at, part in enumerate(tree.parts) if not part.held]


def _sum(tree: Driver, total: Decimal) -> list[Decimal] | None:
    """Values of the parts that add up to `total` exactly; None when nothing is free to move."""
    values = [part.value for part in tree.parts]
    free = _free(tree)
    if not free:
        return None
    # A part that nobody lets fall below zero stops there, and the others take what it could not.
    while True:
        missing = Fraction(total) - _made(tree, values, "sum")
        weights = _weights([tree.parts[at] for at in free])
        whole = sum(weights, Fraction(0))
        proposed = list(values)
        for at, weight in zip(free, weights, strict=True):
            part = tree.parts[at]
            moved = Fraction(values[at]) + (-1 if part.against else 1) * missing * weight / whole
            proposed[at] = half_up(moved, _places(part))
        below = [at for at in free if proposed[at] < 0 <= tree.parts[at].value]
        if not below:
            break
        for at in below:
            values[at] = Decimal(0)
        free = [at for at in free if at not in below]
        if not free:
            return values
    # What rounding left goes to the largest part, whole.
    last = max(free, key=lambda at: (abs(proposed[at]), -at))
    rest = Fraction(total) - _made(tree, proposed, "sum")
    signed = -rest if tree.parts[last].against else rest
    proposed[last] = half_up(Fraction(proposed[last]) + signed, MOST_PLACES).normalize()
    return [_plain(value) for value in proposed]


def _product(tree: Driver, total: Decimal) -> list[Decimal] | None:
    """Values of the factors whose product rounds to `total`; None when they cannot make it."""
    free = _free(tree)
    if not free:
        return None
    values = [part.value for part in tree.parts]
    made = exactly(tree.parts, "product")
    if made and total and (growth := Fraction(total) / made) > 0:
        shares = [part.share for part in (tree.parts[at] for at in free)]
        given = [Decimal(1) if share is None else share for share in shares]
        whole = sum(given, Decimal(0))
        for at, share in zip(free, given, strict=True):
            if whole <= 0:
                break
            power = PRECISE.power(_decimal(growth), PRECISE.divide(share, whole))
            factor = PRECISE.divide(Decimal(1), power) if tree.parts[at].against else power
            moved = half_up(Fraction(values[at]) * Fraction(factor), _places(tree.parts[at]))
            values[at] = moved or values[at]
    # The factor that takes the rounding: one without parts of its own, and the one whose step is the finest.
    order = sorted(free, key=lambda at: (bool(tree.parts[at].parts), tree.parts[at].step, at))
    for at in order:
        found = _fitting(tree, values, at, total)
        if found is not None:
            values[at] = found
            return values
    return None


def _fitting(tree: Driver, values: list[Decimal], at: int, total: Decimal) -> Decimal | None:
    """The shortest decimal for one factor with which the product rounds to `total`; None when there is none."""
    others = tuple(
        part.with_value(value) for i, (part, value) in enumerate(zip(tree.parts, values, strict=True)) if i != at
    )
    rest = exactly(others, "product")
    if rest is None:
        return None
    against = tree.parts[at].against
    if rest == 0 or (against and total == 0):
        return None
    wanted = rest / Fraction(total) if against else Fraction(total) / rest
    for places in range(_places(tree.parts[at]), MOST_PLACES):
        tried = half_up(wanted, places)
        if against and tried == 0:
            continue
        made = rest / Fraction(tried) if against else rest * Fraction(tried)
        if half_up(made, tree.places) == total:
            return _plain(tried)
    return None


def _made(tree: Driver, values: Sequence[Decimal], how: How) -> Fraction:
    parts = tuple(part.with_value(value) for part, value in zip(tree.parts, values, strict=True))
    return exactly(parts, how) or Fraction(0)


def _weights(parts: Sequence[Driver]) -> list[Fraction]:
    """Shares where people gave them; else in proportion to the size, and equal where everything is zero."""
    if any(part.share for part in parts):
        return [Fraction(part.share or 0) for part in parts]
    sizes = [abs(Fraction(part.value)) for part in parts]
    return sizes if any(sizes) else [Fraction(1)] * len(parts)


def _places(part: Driver) -> int:
    return max(0, -part.step.adjusted())


def _decimal(value: Fraction) -> Decimal:
    return PRECISE.divide(Decimal(value.numerator), Decimal(value.denominator))


def _plain(value: Decimal) -> Decimal:
    """Without trailing zeros and without an exponent: 1.2E+9 is 1200000000."""
    short = value.normalize()
    exponent = short.as_tuple().exponent
    return short.quantize(Decimal(1)) if isinstance(exponent, int) and exponent > 0 else short
