"""Suggested metrics can be saved as they are, and compute."""

from datetime import date

import pyarrow as pa
import pytest

from nachim.core.period import Grain
from nachim.metrics.check import check
from nachim.metrics.run import Query, evaluate
from nachim.metrics.spec import Model
from nachim.metrics.suggest import suggest
from tests.metrics.company import TYPES, Tables, at

ROWS = {"id": [1, 2, 3], "customer": ["a", "b", "a"], "amount": [1000.0, 2000.0, 3000.0], "at": [at("2026-01-05")] * 3}
NAMES = {
    "orders": ("id", "customer", "amount", "at"),
    "주문": ("주문번호", "고객 번호", "결제금액", "주문 일시"),
    "shop_sales": ("id", "customer", "amount", "at"),
}


@pytest.mark.parametrize("table", NAMES)
def test_the_usual_five_are_suggested_and_compute(table):
    columns = NAMES[table]
    kinds = (pa.int64(), pa.string(), pa.float64(), pa.timestamp("us", "UTC"))
    rows = pa.table(
        {
            name: pa.array(ROWS[key], kind)
            for name, key, kind in zip(columns, ("id", "customer", "amount", "at"), kinds, strict=True)
        }
    )
    source = {"lake": table, "key": columns[0], "time": columns[3], "entities": {"customer": columns[1]}}
    types = {field.name: TYPES[str(field.type)] for field in rows.schema}
    found = suggest(table, source, types, [columns[2]], set())
    assert [one.label_ko for one in found] == ["매출", "주문 수", "객단가", "구매 고객 수", "1인당 구매액"]
    model = Model.load(
        {
            "sources": {table: source},
            "metrics": {one.name: {"unit": one.unit, "better": one.better, **one.spec} for one in found},
        }
    )
    engine = Tables(**{table: rows})
    assert check(model, engine) == []
    names = tuple(one.name for one in found)
    cells = evaluate(
        model, Query(names, Grain.MONTH, date(2026, 1, 1), date(2026, 2, 1)), engine, as_of=at("2026-03-01")
    ).cells
    assert [cell.value for cell in cells] == [6000, 3, 2000, 2, 3000]


def test_what_exists_is_not_suggested_again_and_without_an_amount_only_rows_are_counted():
    source = {"time": "at", "entities": {"customer": "who"}}
    assert [one.name for one in suggest("visits", source, {"at": "time", "who": "text"}, [], set())] == [
        "visits_count",
        "visits_buyers",
    ]
    assert [one.name for one in suggest("visits", source, {"at": "time", "who": "text"}, [], {"visits_count"})] == [
        "visits_buyers"
    ]
