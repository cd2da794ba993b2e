"""Snowflake. Its text is compiled and parsed back, not run."""

from __future__ import annotations

from sqlglot import exp

from nachim.metrics.dialects import Dialect
from nachim.metrics.dialects.rules import call, exactly, filtered_by_case, no_text_of


def _wall(node: exp.Expr) -> exp.Expr:
    """Without its offset a converted time is what the clock shows."""
    return exp.Cast(this=call("CONVERT_TIMEZONE", node.args["zone"], node.this), to=_ntz())


def _ntz() -> exp.DataType:
    return exp.DataType.build("TIMESTAMP_NTZ", dialect="snowflake")


def _apart(node: exp.Expr) -> exp.Expr:
    return call("DATEDIFF", "microsecond" if exactly(node) else "day", node.expression, node.this)


def _instant(node: exp.Expr) -> exp.Expr:
    clock = exp.Cast(this=node.this, to=_ntz())
    made = call("CONVERT_TIMEZONE", node.args["zone"], "UTC", clock)
    return exp.Cast(this=made, to=exp.DataType.build("TIMESTAMPTZ", dialect="duckdb"))


def _is(node: exp.Expr) -> exp.Expr:
    if not isinstance(node.expression, exp.Boolean):
        return node
    return call("EQUAL_NULL", node.this, node.expression)


def _quoted(node: exp.Expr) -> exp.Expr:
    """Names without quotes would come back in capitals."""
    node.set("quoted", True)
    return node


DIALECT = Dialect("snowflake", {
    exp.Cast: no_text_of("snowflake", "double", "time"), exp.AtTimeZone: _wall, exp.DateDiff: _apart,
    exp.FromTimeZone: _instant, exp.Filter: filtered_by_case, exp.Is: _is, exp.Identifier: _quoted,
})  # fmt: skip
