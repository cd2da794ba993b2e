"""Trino. Its text is compiled and parsed back, not run."""

from __future__ import annotations

from sqlglot import exp

from nachim.metrics.dialects import CannotSay, Dialect
from nachim.metrics.dialects.rules import call, no_text_of


def _wall(node: exp.Expr) -> exp.Expr:
    """AT TIME ZONE keeps the instant here; without its zone it is what the clock shows."""
    return _clock(call("AT_TIMEZONE", node.this, node.args["zone"]))


def _clock(node: exp.Expr) -> exp.Expr:
    return exp.Cast(this=node, to=exp.DataType.build("TIMESTAMP(6)", dialect="trino"))


def _days(node: exp.Expr) -> exp.Expr:
    return call("DATE_DIFF", "day", node.expression, node.this)


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
    exp.Cast: no_text_of("trino", "double", "time"), exp.AtTimeZone: _wall, exp.DateDiff: _days,
    exp.FromTimeZone: _instant, exp.Median: _no_middle, exp.Is: _is,
})  # fmt: skip
