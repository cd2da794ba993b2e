"""The closed vocabulary of the SQL trees that the compiler builds, in DuckDB's shape: a dialect answers for all of it.

Rules that hold in every tree:

- a division is `CAST(a AS DOUBLE) / NULLIF(b, 0)`; `%` only stands between integers whose right side is not zero;
- dates become integers (`DATE_DIFF('day', DATE '1970-01-01', d)`) before anything is subtracted from them;
- windows are `ROWS` frames over dense or fully ordered rows, never `RANGE`; every `ORDER BY` says `NULLS FIRST|LAST`;
- weeks, fiscal periods and stretches come as rows of integers (`VALUES`) or integer arithmetic, never as functions;
- text in a slice is `CAST(… AS TEXT)`; sums add `DECIMAL(38, 0)` or `DECIMAL(38, 6)`; counts of counts are `BIGINT`;
- names of tables and columns are quoted; aliases that begin with `_`, and m0, m0_n, s0, period and the like, are ours.
"""

from __future__ import annotations

from sqlglot import exp

QUERIES: dict[type[exp.Expr], str] = {
    exp.Select: "SELECT … FROM … WHERE … GROUP BY positions … HAVING … ORDER BY … LIMIT",
    exp.Union: "UNION, UNION ALL",
    exp.With: "WITH a AS (…), b AS (…), not recursive; also in a subquery",
    exp.CTE: "one of a WITH",
    exp.Subquery: "(SELECT …) AS alias, as a table",
    exp.Table: 'a table by name, "alias" quoted',
    exp.TableAlias: "the name of a table, with columns for VALUES",
    exp.Values: "(VALUES (1, 2), …) AS _span(place, begins, ends): rows of integers and nothing else",
    exp.Join: "LEFT JOIN, JOIN … ON (also a range), CROSS JOIN; ASOF LEFT JOIN only where FEATURES has “asof”",
    exp.From: "", exp.Where: "", exp.Having: "", exp.Group: "by position: GROUP BY 1, 2", exp.Order: "",
    exp.Ordered: "ASC|DESC NULLS FIRST|LAST", exp.Limit: "", exp.Alias: "",
    exp.Distinct: "SELECT DISTINCT, COUNT(DISTINCT one column)",
}  # fmt: skip
VALUES: dict[type[exp.Expr], str] = {
    exp.Column: "", exp.Identifier: "", exp.Star: "COUNT(*)", exp.Literal: "", exp.Boolean: "", exp.Null: "",
    exp.Paren: "", exp.Tuple: "a row of VALUES",
    exp.And: "", exp.Or: "", exp.Not: "", exp.EQ: "", exp.NEQ: "", exp.GT: "", exp.GTE: "", exp.LT: "", exp.LTE: "",
    exp.Is: "IS NULL, IS TRUE, IS FALSE", exp.In: "a list of literals", exp.Between: "",
    exp.Like: "", exp.ILike: "", exp.NullSafeEQ: "IS NOT DISTINCT FROM",
    exp.Add: "", exp.Sub: "", exp.Mul: "", exp.Div: "", exp.Mod: "", exp.Neg: "",
    exp.Case: "", exp.If: "a branch of CASE", exp.Coalesce: "", exp.Nullif: "", exp.Lower: "", exp.Upper: "",
    exp.Abs: "", exp.Greatest: "of two integers that are never null",
    exp.Cast: "AS one of CASTS", exp.DataType: "", exp.DataTypeParam: "",
    exp.AtTimeZone: "of an instant the zone's wall time; of a wall time the instant (FromTimeZone to a dialect)",
    exp.FromTimeZone: "a time without a zone as an instant: the later of two, the one after a gap by its offset before",
    exp.Interval: "one of UNITS, added to or taken from a wall time or an instant; months end with the month",
    exp.Extract: "YEAR, MONTH of a date; HOUR of a wall time",
    exp.DateDiff: "DAY between two dates; MICROSECOND between two instants",
    exp.Var: "a unit",
}  # fmt: skip
AGGREGATES: dict[type[exp.Expr], str] = {
    exp.Sum: "", exp.Count: "", exp.Min: "", exp.Max: "",
    exp.Median: "the middle of the sorted values, the mean of two middles",
    exp.Filter: "aggregate FILTER (WHERE …)",
    exp.Window: "MIN, MAX, ROW_NUMBER OVER (PARTITION BY … ORDER BY … ROWS …)",
    exp.WindowSpec: "ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING | UNBOUNDED PRECEDING AND 1 PRECEDING",
    exp.RowNumber: "",
}  # fmt: skip
NODES: frozenset[type[exp.Expr]] = frozenset({*QUERIES, *VALUES, *AGGREGATES})
CASTS = frozenset(("DECIMAL(38, 6)", "DECIMAL(38, 0)", "DOUBLE", "TEXT", "DATE", "TIMESTAMPTZ", "BIGINT"))
UNITS: dict[type[exp.Expr], frozenset[str]] = {
    exp.Interval: frozenset(("MINUTE", "HOUR", "MONTH")), exp.DateDiff: frozenset(("DAY", "MICROSECOND")),
}  # fmt: skip
# What an engine can do beyond this: rewrites use it where the rows are.
FEATURES: dict[str, tuple[str, ...]] = {"duckdb": ("asof",)}


def has(node: exp.Expr, features: tuple[str, ...] = ()) -> bool:
    """Whether the vocabulary, with an engine's features, has this node (its parts are asked for themselves)."""
    match node:
        case exp.Cast():
            return node.to.sql(dialect="duckdb") in CASTS
        case exp.Interval() | exp.DateDiff():
            unit = node.args.get("unit")
            return unit is not None and unit.name.upper() in UNITS[type(node)]
        case exp.Window():
            return isinstance(node.this, exp.Min | exp.Max | exp.RowNumber)
        case exp.WindowSpec():
            return node.args.get("kind") == "ROWS"
        case exp.Values():
            return all(isinstance(one, exp.Tuple) for one in node.expressions)
        case exp.Join() if node.method:
            return node.method.lower() in features
    return type(node) in NODES
