"""Definitions as specification: compile.sql has the SQL of each, mistakes.txt the sentences of mistakes.

A case of compile.sql is a line with the metric and how it is asked for, and the SQL under it; of mistakes.txt the
definition, and the sentence in Korean and in English. Blank lines and lines that begin with # count for nothing.
"""

from datetime import date
from pathlib import Path

import pyarrow as pa
import pytest
import yaml

from nachim.core.period import Grain
from nachim.metrics.check import check
from nachim.metrics.messages import MetricError
from nachim.metrics.run import Query, evaluate
from nachim.metrics.spec import Model
from tests.metrics.company import Tables, at

FIXTURES = Path(__file__).parent / "fixtures"
MODEL = (FIXTURES / "shop.yaml").read_text(encoding="utf-8")
TIME = pa.timestamp("us", "UTC")
ENGINE = Tables(
    orders=pa.table(
        {
            "order_id": pa.array([1], pa.int64()),
            "ordered_at": pa.array([at("2026-01-05")], TIME),
            "customer_id": ["a"],
            "channel": ["app"],
            "amount": pa.array([10.5]),
            "quantity": pa.array([1], pa.int64()),
            "paid": pa.array([True]),
            "store_id": ["s"],
        }
    ),
    visits=pa.table(
        {"visit_id": ["v"], "visited_at": pa.array([at("2026-01-05")], TIME), "customer_id": ["a"], "channel": ["app"]}
    ),
    stores=pa.table({"store_id": ["s"], "city": ["서울"], "region_id": ["r"]}),
    regions=pa.table({"region_id": ["r"], "name": ["수도권"]}),
    주문=pa.table(
        {
            "주문번호": pa.array([1], pa.int64()),
            "주문일시": pa.array([at("2026-01-05")], TIME),
            "결제 금액": pa.array([10.5]),
        }
    ),
)


def cases(name, lines_each):
    lines = [
        line for line in (FIXTURES / name).read_text(encoding="utf-8").splitlines() if line and not line.startswith("#")
    ]
    assert len(lines) % lines_each == 0, f"{name}: a case has {lines_each} lines"
    return [tuple(lines[at_ : at_ + lines_each]) for at_ in range(0, len(lines), lines_each)]


def compiled(case):
    """The SQL, in one line, of `agg or calc [| key: value …]`; keys: grain, by, only, calendar, from, where."""
    definition, *options = [part.strip() for part in case.split(" | ")]
    asked = dict(option.split(": ", 1) for option in options)
    data = yaml.safe_load(MODEL)
    data["calendar"] = yaml.safe_load(asked.pop("calendar", "{}"))
    by, grain, filter_ = tuple(asked.pop("by", "").split()), Grain(asked.pop("grain", "all")), asked.pop("only", None)
    kind = "calc" if asked.pop("kind", "") == "calc" else "agg"
    data["metrics"]["it"] = {kind: definition, **asked}
    query = Query(("it",), grain, date(2026, 1, 1), date(2026, 2, 1), by, filter_)
    sql = evaluate(Model.load(data), query, ENGINE, as_of=at("2030-01-01")).sql
    return " ".join(sql.split())


@pytest.mark.parametrize(("case", "sql"), cases("compile.sql", 2))
def test_a_definition_becomes_this_sql(case, sql):
    assert compiled(case) == sql


@pytest.mark.parametrize(("definition", "korean", "english"), cases("mistakes.txt", 3))
def test_a_mistake_is_told_like_this(definition, korean, english):
    text = f"{MODEL}\n  it: {definition}\n"
    line = text.count("\n")
    try:
        issues = check(Model.load(text, file="shop.yaml"), ENGINE)
    except MetricError as error:
        issues = error.issues
    place = f"shop.yaml:{line} metrics.it: "
    assert [issue.text("ko").removeprefix(place) for issue in issues] == korean.split(" ¶ ")
    assert [issue.text("en").removeprefix(place) for issue in issues] == english.split(" ¶ ")
    assert all(issue.file == "shop.yaml" and issue.line == line for issue in issues)
