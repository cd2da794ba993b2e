"""BigQuery. Its text is compiled and parsed back, not run."""

from __future__ import annotations

from sqlglot import exp

from nachim.metrics.dialects import CannotSay, Dialect, kind
from nachim.metrics.dialects.rules import (
    call,
    doubled_backslashes,
    exactly,
    filtered_by_case,
    length,
    no_text_of,
    target,
    to,
)


def _cast(node: exp.Expr) -> exp.Expr:
    """DECIMAL(38, 6) has more digits before the point than NUMERIC; BIGNUMERIC holds them."""
    no_text_of("bigquery", "double", "time")(node)
    if target(node).startswith("DECIMAL"):
        wide = exp.Cast(this=node.this, to=exp.DataType.build("BIGDECIMAL"))
        return call("ROUND", wide, 6) if target(node).endswith("6)") else wide
    return node


def _wall(node: exp.Expr) -> exp.Expr:
    return call("DATETIME", node.this, node.args["zone"])


def _apart(node: exp.Expr) -> exp.Expr:
    name, unit = ("TIMESTAMP_DIFF", "MICROSECOND") if exactly(node) else ("DATE_DIFF", "DAY")
    return exp.Anonymous(this=name, expressions=[node.this, node.expression, exp.var(unit)])


def _instant(node: exp.Expr) -> exp.Expr:
    return call("TIMESTAMP", exp.Cast(this=node.this, to=exp.DataType.build("DATETIME")), node.args["zone"])


def _no_middle(node: exp.Expr) -> exp.Expr:
    """Exact percentiles are window functions only, and APPROX_QUANTILES is what it says."""
    raise CannotSay("bigquery", node.sql(dialect="duckdb"))


def _no_ilike(node: exp.Expr) -> exp.Expr:
    raise CannotSay("bigquery", node.sql(dialect="duckdb"))


def _rest(node: exp.Expr) -> exp.Expr:
    """MOD is of whole numbers and decimals only."""
    if "double" in (kind(node.this), kind(node.expression)):
        raise CannotSay("bigquery", node.sql(dialect="duckdb"))
    return node


def _interval(node: exp.Expr) -> exp.Expr:
    count, unit = length(node)
    return exp.Interval(this=exp.Literal.number(count), unit=exp.var(unit))


def _same(node: exp.Expr) -> exp.Expr:
    """LEFT JOIN wants plain equalities: two texts, and two answers to whether there is a value."""
    sides = (node.this, node.expression)
    texts = [exp.func("COALESCE", to(side.copy(), "TEXT"), exp.Literal.string("")) for side in sides]
    empty = [exp.Paren(this=exp.Is(this=side, expression=exp.Null())) for side in sides]
    same, both = (exp.EQ(this=left, expression=right) for left, right in (texts, empty))
    return exp.Paren(this=exp.And(this=same, expression=both))


DIALECT = Dialect("bigquery", {
    exp.Cast: _cast, exp.AtTimeZone: _wall, exp.DateDiff: _apart, exp.FromTimeZone: _instant, exp.Median: _no_middle,
    exp.Filter: filtered_by_case, exp.ILike: _no_ilike, exp.Like: doubled_backslashes, exp.NullSafeEQ: _same,
    exp.Mod: _rest, exp.Interval: _interval,
})  # fmt: skip
