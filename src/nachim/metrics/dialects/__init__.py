"""One tree for every engine. The compiler writes DuckDB's SQL from a closed vocabulary; here each engine says in its
own words what it says otherwise, item by item, so that the numbers stay the same. What is outside the vocabulary, or
what an engine cannot say exactly, is refused with a sentence: nothing is translated on good faith.

`lower` gives the tree an engine runs, `render` its text. Rules may ask `kind` of a node; `typed` makes it known.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module

from sqlglot import exp
from sqlglot.optimizer.annotate_types import annotate_types
from sqlglot.schema import MappingSchema

from nachim.metrics.dialects.vocabulary import FEATURES, has
from nachim.metrics.messages import Issue, MetricError

Rule = Callable[[exp.Expr], exp.Expr]
# Engines that run in the tests, and engines whose text is only compiled and parsed back.
TESTED = ("duckdb", "postgres", "spark", "clickhouse")
COMPILED = ("trino", "bigquery", "snowflake", "databricks")
TITLES = {
    "duckdb": "DuckDB", "postgres": "PostgreSQL", "spark": "Spark", "clickhouse": "ClickHouse", "trino": "Trino",
    "bigquery": "BigQuery", "snowflake": "Snowflake", "databricks": "Databricks",
}  # fmt: skip


class CannotSay(MetricError):
    """An engine has no exact words for a part of a query."""

    def __init__(self, dialect: str, what: str):
        super().__init__([Issue("engine_cannot", params={"engine": TITLES.get(dialect, dialect), "what": what[:80]})])


@dataclass(frozen=True)
class Dialect:
    """An engine's rules by node, each given a node whose parts are lowered already; and a last one for the whole."""

    name: str
    rules: Mapping[type[exp.Expr], Rule]
    finish: Rule | None = None


def lower(tree: exp.Expr, dialect: str) -> exp.Expr:
    """The tree in an engine's own words. Raises CannotSay; the given tree is left as it is."""
    _check(tree, dialect)
    if dialect == "duckdb":
        return tree
    if dialect not in TITLES:
        raise CannotSay(dialect, dialect)
    spoken: Dialect = import_module(f"nachim.metrics.dialects.{dialect}").DIALECT
    lowered = _lowered(_instants_named(tree.copy()), spoken.rules)
    return spoken.finish(lowered) if spoken.finish is not None else lowered


def render(tree: exp.Expr, dialect: str, *, pretty: bool = True) -> str:
    """The text of a tree as an engine is given it."""
    return lower(tree, dialect).sql(dialect=dialect, pretty=pretty, comments=False)


def typed(tree: exp.Expr, tables: Mapping[str, Mapping[str, str]]) -> exp.Expr:
    """A copy whose nodes know their types, from the SQL types of each table's columns."""
    schema = MappingSchema(dialect="duckdb", normalize=False)
    for name, columns in tables.items():
        schema.add_table(exp.Table(this=exp.to_identifier(name, quoted=True)), dict(columns))
    return annotate_types(tree.copy(), schema=schema, dialect="duckdb")


def kind(node: exp.Expr) -> str:
    """integer, decimal, double, text, time, clock (a time without a zone), date, bool; empty where nobody knows."""
    if node.type is None:
        return ""
    this = node.type.this
    if this in exp.DataType.INTEGER_TYPES:
        return "integer"
    if this in (exp.DType.DECIMAL, exp.DType.DECIMAL128, exp.DType.BIGDECIMAL):
        return "decimal"
    if this in exp.DataType.FLOAT_TYPES:
        return "double"
    if this in exp.DataType.TEXT_TYPES:
        return "text"
    named = {
        exp.DType.TIMESTAMPTZ: "time", exp.DType.TIMESTAMP: "clock", exp.DType.DATETIME: "clock",
        exp.DType.DATE: "date", exp.DType.BOOLEAN: "bool",
    }  # fmt: skip
    return named.get(this, "")


def _check(tree: exp.Expr, dialect: str) -> None:
    for node in tree.walk():
        if not has(node, FEATURES.get(dialect, ())):
            raise CannotSay(dialect, f"{type(node).__name__}: {node.sql(dialect='duckdb')}")


def _instants_named(tree: exp.Expr) -> exp.Expr:
    """AT TIME ZONE of a wall time is FromTimeZone to the rules, so that the node says which way it goes."""
    for node in list(tree.find_all(exp.AtTimeZone)):
        if _wall(node.this):
            made = exp.FromTimeZone(this=node.this, zone=node.args["zone"])
            made.type = exp.DataType.build("TIMESTAMPTZ", dialect="duckdb")
            if node is tree:
                tree = made
            node.replace(made)
    return tree


def _wall(node: exp.Expr) -> bool:
    """Whether a node is a wall time that was made from an instant."""
    if isinstance(node, exp.AtTimeZone):
        return not _wall(node.this)
    return isinstance(node, exp.Paren | exp.Add | exp.Sub) and _wall(node.this)


def _lowered(node: exp.Expr, rules: Mapping[type[exp.Expr], Rule]) -> exp.Expr:
    """From the leaves up; what a rule makes keeps the type of what it stands for."""
    for key, value in list(node.args.items()):
        if isinstance(value, exp.Expr):
            node.set(key, _lowered(value, rules))
        elif isinstance(value, list):
            node.set(key, [_lowered(one, rules) if isinstance(one, exp.Expr) else one for one in value])
    rule = rules.get(type(node))
    if rule is None:
        return node
    made = rule(node)
    if made.type is None:
        made.type = node.type
    return made
