"""Formulas over measures, cell by cell, in exact decimals. Done here and not in SQL, so that null, zero and an
unfinished period mean the same whatever engine added the rows up."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, NamedTuple

from sqlglot import exp

from nachim.metrics.cells import State
from nachim.metrics.measure import Measure

# The worst state of the parts is the state of the whole.
_WORST = (State.NO_DATA, State.UNDEFINED, State.IMMATURE, State.LATE_OPEN, State.PARTIAL_PERIOD, State.OK)
_RANK = {state: rank for rank, state in enumerate(_WORST)}


class Number(NamedTuple):
    value: Decimal | None
    state: State


def worst(*states: State) -> State:
    return min(states, key=_RANK.__getitem__)


def decimal(value: Any) -> Decimal | None:
    """An engine's number as a decimal: floats by their shortest text, so 0.1 stays 0.1."""
    if value is None:
        return None
    number = (
        value if isinstance(value, Decimal) else Decimal(repr(value)) if isinstance(value, float) else Decimal(value)
    )
    return number if number.is_finite() else None


def leaf(measure: Measure, value: Any, divisor: Any, n: int, covered: State) -> Number:
    """A measure in one cell. No rows is zero only for sums and counts, and only where the source is complete."""
    if covered is State.NO_DATA:
        return Number(None, State.NO_DATA)
    number = decimal(value) if n else None
    if measure.function == "avg":
        count = decimal(divisor) if n else None
        return Number(number / count, covered) if number is not None and count else Number(None, State.NO_DATA)
    if number is not None:
        return Number(number, covered)
    return Number(Decimal(0), covered) if measure.additive else Number(None, State.NO_DATA)


def evaluate(node: exp.Expr, leaves: dict[str, Number]) -> Number:
    """The value of a formula; `leaves` holds each measure's number by its id. Dividing by zero is undefined."""
    if isinstance(node, exp.Paren):
        return evaluate(node.this, leaves)
    if isinstance(node, exp.Column):
        return leaves[node.name]
    if isinstance(node, exp.Literal):
        return Number(Decimal(node.this), State.OK)
    if isinstance(node, exp.Neg):
        one = evaluate(node.this, leaves)
        return Number(None if one.value is None else -one.value, one.state)
    left, right = evaluate(node.this, leaves), evaluate(node.expression, leaves)
    state = worst(left.state, right.state)
    if left.value is None or right.value is None:
        return Number(None, state)
    match node:
        case exp.Add():
            return Number(left.value + right.value, state)
        case exp.Sub():
            return Number(left.value - right.value, state)
        case exp.Mul():
            return Number(left.value * right.value, state)
    if right.value == 0:
        return Number(None, worst(state, State.UNDEFINED))
    return Number(left.value / right.value, state)


def ratio(node: exp.Expr) -> tuple[exp.Expr, exp.Expr] | None:
    """Numerator and denominator of a formula that is a ratio at its top; a change of unit is none."""
    node = node.unnest()
    if not isinstance(node, exp.Div) or isinstance(node.expression.unnest(), exp.Literal):
        return None
    return node.this, node.expression


def single(node: exp.Expr) -> tuple[str, Decimal] | None:
    """The one measure or frame a formula is, and by what its unit divides it."""
    node = node.unnest()
    if isinstance(node, exp.Column):
        return node.name, Decimal(1)
    if isinstance(node, exp.Div) and isinstance(node.expression.unnest(), exp.Literal):
        inner = node.this.unnest()
        return (inner.name, Decimal(node.expression.unnest().this)) if isinstance(inner, exp.Column) else None
    return None
