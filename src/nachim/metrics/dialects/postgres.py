"""PostgreSQL (run in the tests on a real server)."""

from __future__ import annotations

from sqlglot import exp

from nachim.metrics.dialects import Dialect, kind
from nachim.metrics.dialects.rules import (
    ARITHMETIC,
    ORDER,
    doubled_backslashes,
    exactly,
    no_text_of,
    target,
    to,
    widened,
)


def _cast(node: exp.Expr) -> exp.Expr:
    """A float8 becomes numeric by fifteen digits; by way of its shortest text it keeps all it has."""
    no_text_of("postgres", "double")(node)
    if target(node) == "DECIMAL(38, 6)" and kind(node.this) not in ("integer", "decimal"):
        node.set("this", to(node.this, "TEXT"))
    return node


def _apart(node: exp.Expr) -> exp.Expr:
    """The difference of two dates is a number of days; the seconds of an interval are an exact numeric."""
    between = exp.Paren(this=exp.Sub(this=node.this, expression=node.expression))
    if not exactly(node):
        return between
    seconds = exp.Extract(this=exp.var("EPOCH"), expression=between)
    return to(exp.Mul(this=seconds, expression=exp.Literal.number(1_000_000)), "BIGINT")


def _whole(node: exp.Expr) -> exp.Expr:
    """EXTRACT is numeric here; the parts asked for are whole."""
    return to(node, "BIGINT")


def _middle(node: exp.Expr) -> exp.Expr:
    order = exp.Order(expressions=[exp.Ordered(this=node.this, nulls_first=False)])
    return exp.WithinGroup(this=exp.PercentileCont(this=exp.Literal.number("0.5")), expression=order)


def _rest(node: exp.Expr) -> exp.Expr:
    """There is no % for float8: its decimals are divided instead."""
    sides = [side if kind(side) in ("integer", "decimal") else _decimal(side) for side in (node.this, node.expression)]
    return exp.Mod(this=sides[0], expression=sides[1])


def _decimal(node: exp.Expr) -> exp.Expr:
    return node if isinstance(node, exp.Literal) else exp.Paren(this=to(to(node, "TEXT"), "DECIMAL"))


def _bytewise(node: exp.Expr) -> exp.Expr:
    """Text is compared letter by letter, not as the database's language sorts it."""
    if "text" in (kind(node.this), kind(node.expression)):
        node.set("expression", exp.Collate(this=node.expression, expression=exp.to_identifier("C", quoted=True)))
    return node


def _ordered(node: exp.Expr) -> exp.Expr:
    if kind(node.this) == "text":
        node.set("this", exp.Collate(this=node.this, expression=exp.to_identifier("C", quoted=True)))
    return node


def _between(node: exp.Expr) -> exp.Expr:
    low = exp.GTE(this=node.this, expression=node.args["low"])
    high = exp.LTE(this=node.this.copy(), expression=node.args["high"])
    return exp.Paren(this=exp.And(this=_bytewise(low), expression=_bytewise(high)))


def _instant(node: exp.Expr) -> exp.Expr:
    """A time without a zone, read in one."""
    return exp.Paren(this=exp.AtTimeZone(this=to(node.this, "TIMESTAMP"), zone=node.args["zone"]))


DIALECT = Dialect("postgres", {
    exp.Cast: _cast, exp.DateDiff: _apart, exp.Extract: _whole, exp.Median: _middle, exp.Mod: _rest,
    exp.Like: doubled_backslashes, exp.ILike: doubled_backslashes, exp.FromTimeZone: _instant, exp.Between: _between,
    exp.Ordered: _ordered,
    **dict.fromkeys(ORDER, _bytewise), **dict.fromkeys(ARITHMETIC, widened("BIGINT")),
})  # fmt: skip
