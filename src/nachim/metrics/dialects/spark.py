"""Spark (run in the tests on a real cluster); Databricks speaks the same."""

from __future__ import annotations

from sqlglot import exp

from nachim.metrics.dialects import Dialect, Rule
from nachim.metrics.dialects.rules import (
    ARITHMETIC,
    call,
    doubled_backslashes,
    exactly,
    later_of_two,
    no_text_of,
    to,
    widened,
)


def _wall(node: exp.Expr) -> exp.Expr:
    """What the clock on the wall shows, as a time without a zone: right whatever the zone of the session is."""
    return call("CONVERT_TIMEZONE", node.args["zone"], node.this)


def _apart(node: exp.Expr) -> exp.Expr:
    if exactly(node):
        ends = [call("UNIX_MICROS", one) for one in (node.this, node.expression)]
        return exp.Paren(this=exp.Sub(this=ends[0], expression=ends[1]))
    return call("DATEDIFF", node.this, node.expression)


def _instant(node: exp.Expr) -> exp.Expr:
    """A time without a zone, read in one; a time with none becomes an instant in the zone of the session."""
    current = exp.Anonymous(this="CURRENT_TIMEZONE")
    clock = exp.Cast(this=node.this, to=exp.DataType.build("TIMESTAMP_NTZ", dialect="spark"))
    earlier = to(call("CONVERT_TIMEZONE", node.args["zone"], current, clock), "TIMESTAMPTZ")
    return later_of_two(earlier, clock.copy(), _wall, node.args["zone"].copy())


RULES: dict[type[exp.Expr], Rule] = {
    exp.Cast: no_text_of("spark", "double", "time"), exp.AtTimeZone: _wall, exp.DateDiff: _apart,
    exp.FromTimeZone: _instant, exp.Like: doubled_backslashes, exp.ILike: doubled_backslashes,
    **dict.fromkeys(ARITHMETIC, widened("BIGINT")),
}  # fmt: skip
DIALECT = Dialect("spark", RULES)
