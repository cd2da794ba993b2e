"""Everything the compiler may write, node by node, and the types it may cast to. A dialect answers for all of it."""

from __future__ import annotations

from sqlglot import exp

STRUCTURE = (
    exp.Select, exp.From, exp.Join, exp.Where, exp.Group, exp.Having, exp.Order, exp.Ordered, exp.Limit, exp.With,
    exp.CTE, exp.Union, exp.Subquery, exp.Table, exp.TableAlias, exp.Alias, exp.Column, exp.Identifier, exp.Star,
    exp.Paren,
)  # fmt: skip
VALUES = (exp.Literal, exp.Boolean, exp.Null, exp.Interval, exp.Var, exp.DataType, exp.DataTypeParam)
LOGIC = (
    exp.And, exp.Or, exp.Not, exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE, exp.In, exp.Between, exp.Like,
    exp.ILike, exp.Is, exp.NullSafeEQ, exp.Case, exp.If, exp.Coalesce, exp.Nullif,
)  # fmt: skip
NUMBERS = (exp.Add, exp.Sub, exp.Mul, exp.Div, exp.Mod, exp.Neg, exp.Abs, exp.Cast)
TEXTS = (exp.Lower, exp.Upper)
TIMES = (exp.AtTimeZone, exp.Extract, exp.DateDiff)
AGGREGATES = (exp.Count, exp.Distinct, exp.Sum, exp.Min, exp.Max, exp.Median, exp.Filter)

NODES: frozenset[type[exp.Expr]] = frozenset(
    (*STRUCTURE, *VALUES, *LOGIC, *NUMBERS, *TEXTS, *TIMES, *AGGREGATES, exp.FromTimeZone)
)
CASTS = frozenset(("DECIMAL(38, 6)", "DECIMAL(38, 0)", "DOUBLE", "TEXT", "DATE", "TIMESTAMPTZ", "BIGINT"))
# What an engine can do beyond this: rewrites use it where the rows are.
FEATURES: dict[str, tuple[str, ...]] = {"duckdb": ("asof",)}
