"""ClickHouse (run in the tests, in process by chdb)."""

from __future__ import annotations

from sqlglot import exp

from nachim.metrics.dialects import Dialect, Rule, kind
from nachim.metrics.dialects.rules import (
    ARITHMETIC,
    call,
    doubled_backslashes,
    exactly,
    integers,
    length,
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


def _apart(node: exp.Expr) -> exp.Expr:
    return call("dateDiff", "microsecond" if exactly(node) else "day", node.expression, node.this)


def _interval(node: exp.Expr) -> exp.Expr:
    count, unit = length(node)
    return call(f"toInterval{unit.title()}", count)


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
    """A date, read in a zone; or a wall time as `_wall` makes it, by way of its text.

    Of a wall time that comes twice the text means the earlier instant, and one in a gap the time before it: wherever
    the hour after shows the same, or this hour does not show it, it is the hour after.
    """
    wall, zone = node.this, node.args["zone"]
    if isinstance(wall, exp.Column):
        return call("toDateTime64", wall, 6, zone)
    earlier = call("toDateTime64", call("toString", wall), 6, zone)
    later = call("addHours", earlier.copy(), 1)
    shown = [_wall(exp.AtTimeZone(this=one.copy(), zone=zone.copy())) for one in (earlier, later)]
    only = exp.and_(
        exp.EQ(this=shown[0], expression=wall.copy()), exp.NEQ(this=shown[1], expression=wall.copy()), copy=False
    )
    return call("if", only, earlier, later)


def _rows(node: exp.Expr) -> exp.Expr:
    """Rows of integers as one array: VALUES has no names here."""
    alias = node.args["alias"]
    names = [column.name for column in alias.columns]
    rows = [one[0] if len(names) == 1 else exp.Tuple(expressions=one) for one in integers(node)]
    each = exp.select(exp.alias_(call("arrayJoin", exp.Array(expressions=rows)), "_row"))
    row = exp.column("_row")
    parts = [row] if len(names) == 1 else [call("tupleElement", row, at + 1) for at in range(len(names))]
    chosen = [exp.alias_(call("toInt64", part), name) for part, name in zip(parts, names, strict=True)]
    made = exp.select(*chosen).from_(exp.Subquery(this=each, alias=exp.TableAlias(this=exp.to_identifier("_rows"))))
    return exp.Subquery(this=made, alias=exp.TableAlias(this=alias.this))


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
    exp.Cast: _cast, exp.AtTimeZone: _wall, exp.DateDiff: _apart, exp.Interval: _interval, exp.FromTimeZone: _instant,
    exp.Sum: _sum, exp.Min: _named("minOrNull"), exp.Max: _named("maxOrNull"), exp.Count: _count, exp.Median: _middle,
    exp.Values: _rows, exp.Is: _is, exp.Lower: _named("lowerUTF8"), exp.Upper: _named("upperUTF8"),
    exp.Like: doubled_backslashes, exp.ILike: doubled_backslashes, exp.Div: _arithmetic,
    **dict.fromkeys(ARITHMETIC, _arithmetic),
}, _finish)  # fmt: skip
