"""The closed vocabulary of the SQL trees that `sql` builds: what a dialect must be able to say, and nothing else.

Trees are SQLGlot nodes in DuckDB's shape. A dialect (`metrics/dialects/<engine>.py`) turns each entry below into its
engine's own form; a node outside of it is refused before it reaches an engine. Rules that hold in every tree:

- a division is `CAST(a AS DOUBLE) / NULLIF(b, 0)`; `%` only stands between integers whose right side is not zero;
- dates become integers (`DATE_DIFF('day', DATE '1970-01-01', d)`) before anything is subtracted from them;
- windows are `ROWS` frames over dense or fully ordered rows, never `RANGE`; every `ORDER BY` says `NULLS FIRST|LAST`;
- weeks, fiscal periods and series of days come as literals (`VALUES`) or integer arithmetic, never as engine functions;
- text in a slice is `CAST(… AS TEXT)`; sums add `DECIMAL(38, 0)` or `DECIMAL(38, 6)`; counts of counts are `BIGINT`;
- names of tables and columns are quoted; aliases that begin with `_`, and m0, m0_n, s0, period and the like, are ours.
"""

from __future__ import annotations

from sqlglot import exp

QUERIES: dict[type[exp.Expr], str] = {
    exp.Select: "SELECT … FROM … WHERE … GROUP BY positions … HAVING … ORDER BY … LIMIT",
    exp.Union: "UNION, UNION ALL",
    exp.With: "WITH a AS (…), b AS (…), not recursive",
    exp.CTE: "one of a WITH",
    exp.Subquery: "(SELECT …) AS alias, as a table",
    exp.Table: 'a table by name, "alias" quoted',
    exp.TableAlias: "the name of a table, with columns for VALUES",
    exp.Values: "(VALUES (1, 2), …) AS _span(place, begins, ends): rows of integers and nothing else",
    exp.Join: "LEFT JOIN, JOIN … ON, CROSS JOIN; ASOF LEFT JOIN only where `Engine.features` has “asof”",
    exp.From: "",
    exp.Where: "",
    exp.Having: "",
    exp.Group: "by position: GROUP BY 1, 2",
    exp.Order: "",
    exp.Ordered: "ASC|DESC NULLS FIRST|LAST",
    exp.Limit: "",
    exp.Alias: "",
    exp.Distinct: "SELECT DISTINCT, COUNT(DISTINCT one column)",
}
VALUES: dict[type[exp.Expr], str] = {
    exp.Column: "", exp.Identifier: "", exp.Star: "COUNT(*), and all columns of a subquery of ours",
    exp.Literal: "", exp.Boolean: "", exp.Null: "", exp.Paren: "", exp.Tuple: "a row of VALUES",
    exp.And: "", exp.Or: "", exp.Not: "", exp.EQ: "", exp.NEQ: "", exp.GT: "", exp.GTE: "", exp.LT: "", exp.LTE: "",
    exp.Is: "IS NULL, IS TRUE, IS FALSE", exp.In: "a list of literals", exp.Between: "",
    exp.Like: "", exp.ILike: "", exp.NullSafeEQ: "IS NOT DISTINCT FROM",
    exp.Add: "", exp.Sub: "", exp.Mul: "", exp.Div: "", exp.Mod: "integers only", exp.Neg: "",
    exp.Case: "", exp.If: "a branch of CASE", exp.Coalesce: "", exp.Nullif: "", exp.Lower: "", exp.Upper: "",
    exp.Abs: "", exp.Greatest: "of two integers that are never null",
    exp.Cast: "AS TEXT, BIGINT, DOUBLE, DECIMAL(38, 0|6), DATE, TIMESTAMPTZ", exp.DataType: "", exp.DataTypeParam: "",
    exp.AtTimeZone: "an instant to the zone's wall time, and (of a wall time) back to an instant",
    exp.Interval: "added to or taken from a wall time or an instant; MINUTE, HOUR, DAY, MONTH",
    exp.Extract: "YEAR, MONTH of a date; HOUR of a wall time",
    exp.DateDiff: "day between two dates; microsecond between two instants",
    exp.Var: "a unit",
}  # fmt: skip
AGGREGATES: dict[type[exp.Expr], str] = {
    exp.Sum: "", exp.Count: "", exp.Min: "", exp.Max: "",
    exp.Median: "the middle of the sorted values, the mean of two middles",
    exp.Filter: "aggregate FILTER (WHERE …): one that lacks it says CASE WHEN … inside the aggregate",
    exp.Window: "SUM, MIN, LAG, ROW_NUMBER OVER (PARTITION BY … ORDER BY … ROWS BETWEEN …)",
    exp.WindowSpec: "ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW | CURRENT ROW AND UNBOUNDED FOLLOWING",
    exp.Lag: "LAG(x): the row before, null for the first",
    exp.RowNumber: "",
}  # fmt: skip
KNOWN: frozenset[type[exp.Expr]] = frozenset({*QUERIES, *VALUES, *AGGREGATES})


def outside(tree: exp.Expr) -> list[str]:
    """The nodes of a tree that the vocabulary does not have, by name; empty for every tree of ours."""
    return sorted({type(node).__name__ for node in tree.walk() if type(node) not in KNOWN})
