"""ClickHouse (run in the tests, in process by chdb)."""

from __future__ import annotations

from sqlglot import exp

from nachim.metrics.dialects import Dialect, Rule, kind
from nachim.metrics.dialects.rules import (
    ARITHMETIC,
    call,
    doubled_backslashes,
    minutes,
    moment,
    no_text_of,
    target,
    to,
    widened,
)


def _cast(node: exp.Expr) -> exp.Expr:
    no_text_of("clickhouse", "double", "time")(node)
    instant = moment(node)
    if instant is not None:
        return call("toDateTime64", f"{instant:%Y-%m-%d %H:%M:%S.%f}", 6, "UTC")
    if target(node) == "DATE":
        return call("toDate32", node.this)
    if target(node) == "DECIMAL(38, 6)" and kind(node.this) not in ("integer", "decimal"):
        return _rounded(node.this)
    return node


def _rounded(value: exp.Expr) -> exp.Expr:
    """Casting a float to a decimal cuts digits off here, and round() goes to the even: halves go away from zero.

    Under a null may lie an infinity that a cast would trip over, so nulls are set aside first.
    """
    known = exp.func("COALESCE", value.copy(), exp.Literal.number(0))
    millionths = exp.Mul(this=call("abs", known), expression=exp.Literal.number(1_000_000))
    nearest = call("floor", exp.Add(this=millionths, expression=exp.Literal.number("0.5")))
    signed = exp.Mul(this=call("sign", known.copy()), expression=nearest)
    exact = exp.Mul(this=to(signed, "DECIMAL(38, 0)"), expression=call("toDecimal128", "0.000001", 6))
    return call("if", call("isNull", value), exp.null(), exact)


def _wall(node: exp.Expr) -> exp.Expr:
    """What the clock on the wall shows, as if it were UTC's, so that taking hours away is not bent by summer time."""
    offset = call("timeZoneOffset", call("toTimeZone", node.this.copy(), node.args["zone"]))
    return call("addSeconds", call("toTimeZone", node.this, "UTC"), offset)


def _days(node: exp.Expr) -> exp.Expr:
    return call("dateDiff", "day", node.expression, node.this)


def _interval(node: exp.Expr) -> exp.Expr:
    return call("toIntervalMinute", minutes(node))


def _sum(node: exp.Expr) -> exp.Expr:
    """Nothing added up is null, not zero; the sum is wide enough never to wrap around."""
    scale = node.this.args["to"].expressions[1].name if isinstance(node.this, exp.Cast) else "6"
    return call("sumOrNull", to(node.this, f"DECIMAL(76, {scale})"))


def _arithmetic(node: exp.Expr) -> exp.Expr:
    """Whole numbers wrap around silently at 64 bits, so they get 128; those do not meet floats by themselves."""
    sides = {key: kind(node.args[key]) for key in ("this", "expression")}
    if "double" in sides.values() or isinstance(node, exp.Div):
        for key, side in sides.items():
            if side == "integer":
                node.set(key, to(node.args[key], "DOUBLE"))
        return node
    return widened("INT128")(node)


def _named(name: str) -> Rule:
    return lambda node: call(name, node.this)


def _count(node: exp.Expr) -> exp.Expr:
    """Different values are counted exactly, whatever the server's default is."""
    return call("uniqExact", *node.this.expressions) if isinstance(node.this, exp.Distinct) else node


def _middle(node: exp.Expr) -> exp.Expr:
    """Halfway between the two in the middle, and null where there is nothing."""
    return exp.ParameterizedAgg(
        this="quantileExactInclusiveOrNull", expressions=[exp.Literal.number("0.5")], params=[node.this]
    )


def _is(node: exp.Expr) -> exp.Expr:
    """There is no IS TRUE."""
    if not isinstance(node.expression, exp.Boolean):
        return node
    whole = node.this if node.expression.this else exp.Not(this=exp.Paren(this=node.this))
    return exp.func("COALESCE", whole, exp.false())


def _instant(node: exp.Expr) -> exp.Expr:
    """A date, read in a zone; times always have one here."""
    return call("toDateTime64", node.this, 6, node.args["zone"])


def _finish(tree: exp.Expr) -> exp.Expr:
    """A LEFT JOIN that finds nothing gives nulls, not zeros and empty texts; GROUP BY 1 means the first column.

    A column chosen from a join would carry its table in its name.
    """
    for select in tree.find_all(exp.Select):
        named = [exp.alias_(one, one.this.copy()) if isinstance(one, exp.Column) else one for one in select.expressions]
        select.set("expressions", named)
    last = tree
    while isinstance(last, exp.SetOperation):
        last = last.expression
    names = ("join_use_nulls", "enable_positional_arguments")
    last.set("settings", [exp.EQ(this=exp.var(name), expression=exp.Literal.number(1)) for name in names])
    return tree


DIALECT = Dialect("clickhouse", {
    exp.Cast: _cast, exp.AtTimeZone: _wall, exp.DateDiff: _days, exp.Interval: _interval, exp.FromTimeZone: _instant,
    exp.Sum: _sum, exp.Min: _named("minOrNull"), exp.Max: _named("maxOrNull"), exp.Count: _count, exp.Median: _middle,
    exp.Is: _is, exp.Lower: _named("lowerUTF8"), exp.Upper: _named("upperUTF8"), exp.Like: doubled_backslashes,
    exp.ILike: doubled_backslashes, exp.Div: _arithmetic,
    **dict.fromkeys(ARITHMETIC, _arithmetic),
}, _finish)  # fmt: skip
