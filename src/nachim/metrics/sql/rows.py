"""The rows of a plan: tables, what they look up, what they keep, and what is made of events."""

from __future__ import annotations

from sqlglot import exp

from nachim.core.period import Calendar
from nachim.metrics.plan import Cohort, Filter, Join, Node, Scan, Sequence
from nachim.metrics.scope import Lookup
from nachim.metrics.sql.events import cohort, sequence
from nachim.metrics.sql.names import column, table

ALL: frozenset[str] = frozenset()


def rows(node: Node, calendar: Calendar | None = None, used: frozenset[str] = ALL) -> exp.Select:
    """A SELECT without its columns. `used`: those that are read of rows made from events."""
    match node:
        case Scan():
            return exp.Select().from_(table(node.table, node.source))
        case Join():
            select = rows(node.input, calendar, used)
            for one in node.lookups:
                select = select.join(table(one.table, one.alias), on=_on(one), join_type="left", copy=False)
            return select
        case Filter():
            conditions = [condition.copy() for condition in node.conditions]
            return rows(node.input, calendar, used).where(*conditions, copy=False)
        case Sequence() if calendar is not None:
            return exp.Select().from_(sequence(node, used, calendar, rows), copy=False)
        case Cohort() if calendar is not None:
            return exp.Select().from_(cohort(node, used, calendar, rows), copy=False)
    raise TypeError(f"{type(node).__name__} gives no rows")


def _on(one: Lookup) -> exp.Expr:
    return exp.EQ(this=column(one.left, one.left_alias), expression=column(one.key, one.alias))


def duplicates(one: Lookup, limit: int = 5) -> exp.Select:
    """The key values a lookup finds more than once, most frequent first."""
    key = column(one.key)
    return (
        exp.select(exp.alias_(exp.cast(key, "VARCHAR"), "key"), exp.alias_(exp.Count(this=exp.Star()), "n"))
        .from_(exp.Table(this=exp.to_identifier(one.table, quoted=True)))
        .where(exp.Not(this=exp.Is(this=key.copy(), expression=exp.Null())))
        .group_by(exp.Literal.number(1))
        .having(exp.GT(this=exp.Count(this=exp.Star()), expression=exp.Literal.number(1)))
        .order_by(exp.Ordered(this=exp.column("n"), desc=True), exp.column("key"))
        .limit(limit)
    )
