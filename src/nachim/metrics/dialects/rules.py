"""Rules that several engines share."""

from __future__ import annotations

from datetime import datetime

from sqlglot import exp

from nachim.metrics.dialects import CannotSay, Rule, kind

ARITHMETIC = (exp.Add, exp.Sub, exp.Mul)
ORDER = (exp.GT, exp.GTE, exp.LT, exp.LTE)


def call(name: str, *arguments: exp.Expr | str | int) -> exp.Anonymous:
    """A function by an engine's own name; text and numbers are literals."""
    return exp.Anonymous(this=name, expressions=[literal(one) for one in arguments])


def literal(value: exp.Expr | str | int) -> exp.Expr:
    if isinstance(value, exp.Expr):
        return value
    made: exp.Expr = exp.Literal.number(value) if isinstance(value, int) else exp.Literal.string(value)
    return made


def target(node: exp.Expr) -> str:
    """What a cast makes, as the vocabulary names it."""
    return str(node.args["to"].sql(dialect="duckdb"))


def to(node: exp.Expr, type_: str) -> exp.Expr:
    return exp.Cast(this=node, to=exp.DataType.build(type_, dialect="duckdb"))


def filtered_by_case(node: exp.Expr) -> exp.Expr:
    """SUM(x) FILTER (WHERE c) for engines without FILTER: SUM(CASE WHEN c THEN x END); rows are counted as ones."""
    aggregate: exp.Expr = node.this
    condition: exp.Expr = node.expression.this
    inner = aggregate.this
    if isinstance(inner, exp.Distinct):
        inner.set("expressions", [_when(condition, one) for one in inner.expressions])
    else:
        aggregate.set("this", _when(condition, exp.Literal.number(1) if isinstance(inner, exp.Star) else inner))
    return aggregate


def _when(condition: exp.Expr, value: exp.Expr) -> exp.Case:
    return exp.Case().when(condition.copy(), value)


def doubled_backslashes(node: exp.Expr) -> exp.Expr:
    """DuckDB's LIKE knows no escape sign; where a backslash is one, it is written twice to mean itself."""
    node.expression.set("this", str(node.expression.this).replace("\\", "\\\\"))
    return node


def widened(type_: str) -> Rule:
    """Arithmetic of whole numbers in a wider type: DuckDB's are 64 bits wide, and it says so where they overflow."""

    def rule(node: exp.Expr) -> exp.Expr:
        if kind(node.this) == "integer" and kind(node.expression) == "integer" and _has_whole_column(node):
            node.set("this", to(node.this, type_))
        return node

    return rule


def _has_whole_column(node: exp.Expr) -> bool:
    return any(kind(column) == "integer" for column in node.find_all(exp.Column))


def no_text_of(dialect: str, *kinds: str) -> Rule:
    """Casts to text of these kinds are refused: engines write such values each in its own way."""

    def rule(node: exp.Expr) -> exp.Expr:
        if target(node) == "TEXT" and kind(node.this) in kinds:
            raise CannotSay(dialect, f"{node.this.sql(dialect='duckdb')} → text")
        return node

    return rule


def moment(node: exp.Expr) -> datetime | None:
    """The instant of CAST('… +00:00' AS TIMESTAMPTZ), the only way the compiler writes one; None for other nodes."""
    if isinstance(node, exp.Cast) and target(node) == "TIMESTAMPTZ" and isinstance(node.this, exp.Literal):
        return datetime.fromisoformat(node.this.this)
    return None


def length(node: exp.Expr) -> tuple[int, str]:
    """How many of which unit an interval is."""
    return int(node.this.this), node.args["unit"].name.upper()


def exactly(node: exp.Expr) -> bool:
    """Whether a difference is in microseconds; else it is in days."""
    return bool(node.args["unit"].name.upper() == "MICROSECOND")


def integers(node: exp.Expr) -> list[list[exp.Expr]]:
    """The rows of VALUES."""
    return [list(one.expressions) for one in node.expressions]


def later_of_two(instant: exp.Expr, wall: exp.Expr, shown: Rule, zone: exp.Expr) -> exp.Expr:
    """DuckDB takes the later instant of a wall time that comes twice; this engine gave the earlier one."""
    hour = exp.Interval(this=exp.Literal.string("1"), unit=exp.var("HOUR"))
    later = exp.Paren(this=exp.Add(this=instant, expression=hour))
    again = exp.EQ(this=shown(exp.AtTimeZone(this=later, zone=zone)), expression=wall)
    return exp.Case().when(again, later.copy()).else_(instant.copy())
