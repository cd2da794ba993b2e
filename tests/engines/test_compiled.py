"""What is compiled for engines that are not run here: it parses back, and stands in golden/ to be read.

To write the files again, delete them and run this test once (it then fails, to be seen).
"""

from datetime import date
from pathlib import Path

import pytest
import sqlglot

from nachim.core.period import Grain
from nachim.metrics.dialects import COMPILED, TESTED, TITLES, CannotSay, lower, render, typed
from nachim.metrics.run import Query, evaluate
from nachim.metrics.spec import Model
from tests.engines.company import NOW, duck, model, tables
from tests.engines.test_same_cells import FEW, NEW_YORK, WINTER

GOLDEN = Path(__file__).parent / "golden"
SQL_TYPES = {"string": "VARCHAR", "int64": "BIGINT", "double": "DOUBLE", "bool": "BOOLEAN",
             "timestamp[us, tz=UTC]": "TIMESTAMPTZ"}  # fmt: skip
DAYS = (date(2026, 1, 3), date(2026, 1, 6))
CASES = {
    "orders by week": ({}, Query(("orders", "paid_revenue", "average", "app_buyers"), Grain.WEEK,
                                 *WINTER, ("채널",))),
    "two facts by month": ({}, Query(("orders", "visits", "conversion"), Grain.MONTH, *WINTER, ("채널",))),
    "hours of New York": (NEW_YORK, Query(("orders",), Grain.HOUR, *WINTER)),
    "looked up": ({}, Query(("orders", "shop"), Grain.ALL, *WINTER, ("city",))),
    "rest": ({}, Query(("rest",), Grain.ALL, *WINTER)),
    "conditions": ({}, Query(("like", "backslash", "is_true", "is_false", "between", "math"), Grain.ALL, *WINTER)),
    "median": ({}, Query(("middle",), Grain.ALL, *WINTER)),
    "ilike": ({}, Query(("ilike",), Grain.ALL, *WINTER)),
    "a sequence of three steps": ({}, Query(("step_three", "step_two"), Grain.MONTH, *FEW)),
    "a sequence within a month": (NEW_YORK, Query(("returned", "longest"), Grain.WEEK, *FEW)),
    "a cohort": ({}, Query(("kept", "kept_units"), Grain.MONTH, *WINTER, ("k",))),
    "a union window": ({}, Query(("buyers_28",), Grain.DAY, *DAYS, ("채널",))),
    "a range join": ({}, Query(("each_sum_28",), Grain.DAY, *DAYS)),
    "per entity": ({}, Query(("each_mean", "each_twice"), Grain.MONTH, *FEW)),
}  # fmt: skip
KINDS = {name: {field.name: SQL_TYPES[str(field.type)] for field in table.schema} for name, table in tables().items()}


class Heard:
    """DuckDB without what only it can do, remembering the trees it was given."""

    dialect = ""

    def __init__(self):
        self.inner, self.trees = duck(), []

    def __getattr__(self, name):
        return getattr(self.inner, name)

    def execute(self, tree, versions=None):
        self.trees.append(tree)
        return self.inner.execute(tree, versions)


def tree_of(name):
    calendar, query = CASES[name]
    heard = Heard()
    evaluate(Model.load(model(calendar)), query, heard, as_of=NOW)
    return typed(heard.trees[-1], KINDS)


def said(dialect: str) -> str:
    parts = []
    for name in CASES:
        try:
            text = render(tree_of(name), dialect)
            sqlglot.parse_one(text, read=dialect)
        except CannotSay as refusal:
            text = f"-- {refusal.text('en')}"
        parts.append(f"-- {name}\n{text};\n")
    return "\n".join(parts)


@pytest.mark.parametrize("dialect", COMPILED)
def test_the_text_for_an_engine_parses_back_and_is_the_one_in_golden(dialect):
    path, text = GOLDEN / f"{dialect}.sql", said(dialect)
    if not path.exists():
        path.write_text(text, "utf-8")
        pytest.fail(f"{path.name} was written: read it")
    assert text == path.read_text("utf-8")


@pytest.mark.parametrize("dialect", [one for one in TITLES if one != "duckdb"])
def test_what_is_outside_the_vocabulary_is_refused(dialect):
    assert set(TITLES) == {*TESTED, *COMPILED}
    for text in ("SELECT read_csv('x')", "SELECT approx_count_distinct(x) FROM t", "SELECT dayofweek(x) FROM t",
                 "SELECT CAST(x AS INT) FROM t", "INSERT INTO t SELECT 1", "SELECT x + INTERVAL '1' YEAR FROM t",
                 "SELECT SUM(x) OVER (ORDER BY y) FROM t", "SELECT DATE_DIFF('hour', x, y) FROM t",
                 "SELECT MIN(x) OVER (ORDER BY y RANGE BETWEEN 1 PRECEDING AND CURRENT ROW) FROM t",
                 "SELECT a.x FROM a ASOF LEFT JOIN b ON a.k = b.k AND a.x >= b.x"):  # fmt: skip
        with pytest.raises(CannotSay) as refusal:
            lower(sqlglot.parse_one(text, read="duckdb"), dialect)
        assert TITLES[dialect] in refusal.value.text("ko")


def test_lowering_leaves_the_tree_as_it_was():
    tree = tree_of("conditions")
    before = tree.sql("duckdb")
    for dialect in ("postgres", "spark", "clickhouse", "snowflake"):
        lower(tree, dialect)
    assert tree.sql("duckdb") == before
    assert lower(tree, "duckdb") is tree
