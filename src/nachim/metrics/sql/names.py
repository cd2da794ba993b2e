"""Small pieces of trees, and the names inside the SQL that no table of the lake can have."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import count

from sqlglot import exp

MONEY = "DECIMAL(38, 6)"
WHOLE = "DECIMAL(38, 0)"
PART, SPINE, EACH, SPAN = "_part", "_spine", "_each", "_span"


def column(name: str, table: str = "") -> exp.Column:
    """A column of a user's: quoted."""
    quoted = exp.to_identifier(table, quoted=True) if table else None
    return exp.column(exp.to_identifier(name, quoted=True), table=quoted)


def kept(name: str, table: str) -> exp.Expr:
    """A user's column of one of our tables, under its own name."""
    return exp.alias_(
        exp.column(exp.to_identifier(name, quoted=True), table=table), exp.to_identifier(name, quoted=True)
    )


def own(name: str, table: str = "") -> exp.Column:
    """A column of ours."""
    return exp.column(name, table=table or None)


def named(value: exp.Expr, name: str) -> exp.Expr:
    """A value under a name of ours."""
    return exp.alias_(value, name)


def table(name: str, alias: str) -> exp.Expr:
    return exp.alias_(
        exp.Table(this=exp.to_identifier(name, quoted=True)), exp.to_identifier(alias, quoted=True), table=True
    )


def known(value: exp.Expr) -> exp.Expr:
    """value IS NOT NULL."""
    return exp.Not(this=exp.Is(this=value, expression=exp.Null()))


def number(value: int) -> exp.Expr:
    return exp.Literal.number(value) if value >= 0 else exp.Neg(this=exp.Literal.number(-value))


def rows_of(values: Sequence[tuple[int, ...]], alias: str, *columns: str) -> exp.Expr:
    """(VALUES (…), …) AS alias(columns): rows of integers."""
    tuples = [exp.Tuple(expressions=[number(one) for one in row]) for row in values]
    names = [exp.to_identifier(name) for name in columns]
    return exp.Values(
        expressions=tuples, alias=exp.TableAlias(this=exp.to_identifier(alias), columns=names)
    )  # fmt: skip


def inner(select: exp.Query, alias: str, *, quoted: bool = False) -> exp.Expr:
    """(SELECT …) AS alias."""
    return exp.Subquery(this=select, alias=exp.TableAlias(this=exp.to_identifier(alias, quoted=quoted or None)))


def apart(tree: exp.Select) -> exp.Select:
    """The tree with no two WITH names alike: some engines bring every WITH of a subquery to the top."""
    seen: set[str] = set()
    for clause in tree.find_all(exp.With):
        for cte in clause.expressions:
            name = cte.alias
            if name in seen:
                new = next(one for one in (f"{name}_{at}" for at in count(2)) if one not in seen)
                _renamed(clause.parent, cte, name, new)
                name = new
            seen.add(name)
    return tree


def _renamed(scope: exp.Expr | None, cte: exp.Expr, name: str, new: str) -> None:
    cte.args["alias"].set("this", exp.to_identifier(new))
    for node in scope.find_all(exp.Table, exp.Column) if scope is not None else ():
        if isinstance(node, exp.Table) and node.name == name and not node.this.args.get("quoted"):
            node.set("this", exp.to_identifier(new))
        elif isinstance(node, exp.Column) and node.table == name:
            node.set("table", exp.to_identifier(new))
