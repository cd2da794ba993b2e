"""Trino. Its text is compiled and parsed back, not run."""

from __future__ import annotations

from sqlglot import exp

from nachim.metrics.dialects import CannotSay, Dialect
from nachim.metrics.dialects.rules import call, exactly, no_text_of


def _wall(node: exp.Expr) -> exp.Expr:
    """AT TIME ZONE keeps the instant here; without its zone it is what the clock shows."""
    return _clock(call("AT_TIMEZONE", node.this, node.args["zone"]))


def _clock(node: exp.Expr) -> exp.Expr:
    return exp.Cast(this=node, to=exp.DataType.build("TIMESTAMP(6)", dialect="trino"))


def _apart(node: exp.Expr) -> exp.Expr:
    """There are no microseconds in DATE_DIFF: whole seconds, and what each side has beyond them, from its text."""
    if not exactly(node):
        return call("DATE_DIFF", "day", node.expression, node.this)
    last, first = node.this, node.expression
    seconds = call("DATE_DIFF", "second", *(call("DATE_TRUNC", "second", one.copy()) for one in (first, last)))
    micros = exp.Mul(this=seconds, expression=exp.Literal.number(1_000_000))
    beyond = exp.Sub(this=_beyond(last), expression=_beyond(first))
    return exp.Paren(this=exp.Add(this=micros, expression=exp.Paren(this=beyond)))


def _beyond(instant: exp.Expr) -> exp.Expr:
    text = exp.Cast(this=_clock(call("AT_TIMEZONE", instant, "UTC")), to=exp.DataType.build("VARCHAR"))
    return exp.Cast(this=call("SUBSTR", text, exp.Neg(this=exp.Literal.number(6))), to=exp.DataType.build("BIGINT"))


def _instant(node: exp.Expr) -> exp.Expr:
    return call("WITH_TIMEZONE", _clock(node.this), node.args["zone"])


def _no_middle(node: exp.Expr) -> exp.Expr:
    """approx_percentile is all there is."""
    raise CannotSay("trino", node.sql(dialect="duckdb"))


def _is(node: exp.Expr) -> exp.Expr:
    """There is no IS TRUE, and null is neither."""
    if not isinstance(node.expression, exp.Boolean):
        return node
    return exp.Paren(this=exp.NullSafeEQ(this=node.this, expression=node.expression))


DIALECT = Dialect("trino", {
    exp.Cast: no_text_of("trino", "double", "time"), exp.AtTimeZone: _wall, exp.DateDiff: _apart,
    exp.FromTimeZone: _instant, exp.Median: _no_middle, exp.Is: _is,
})  # fmt: skip
