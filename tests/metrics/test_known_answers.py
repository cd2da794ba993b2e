"""Real data with known answers, from file to number."""

from datetime import UTC, date, datetime

import pandas as pd
import pytest

from nachim.core.period import Grain
from nachim.lake.importing import import_file
from nachim.lake.mapping import Role
from nachim.lake.preview import inspect
from nachim.lake.store import Lake
from nachim.metrics.messages import DuplicateKeys
from nachim.metrics.run import Query, evaluate
from nachim.metrics.spec import Model

CLEAN = "\"CustomerID is not null and Quantity > 0 and UnitPrice > 0 and not InvoiceNo like 'C%'\""
RETAIL = f"""
sources:
  lines: {{lake: lines, time: InvoiceDate, entities: {{customer: CustomerID}}, dims: [Country]}}
metrics:
  revenue: {{agg: sum(lines.Quantity * lines.UnitPrice)}}
  invoices: {{agg: count_distinct(lines.InvoiceNo)}}
  customers: {{agg: count_distinct(lines.customer)}}
  rows: {{agg: count(lines)}}
  clean_revenue: {{agg: sum(Quantity * UnitPrice), from: lines, where: {CLEAN}}}
  clean_invoices: {{agg: count_distinct(InvoiceNo), from: lines, where: {CLEAN}}}
  clean_customers: {{agg: count_distinct(CustomerID), from: lines, where: {CLEAN}}}
  clean_rows: {{agg: count(lines), where: {CLEAN}}}
"""
NOW = datetime(2026, 1, 1, tzinfo=UTC)


def put(lake, path, table):
    return import_file(lake, path, table, inspect(path).mapping)


@pytest.fixture(scope="module")
def retail(tmp_path_factory):
    from tests.conftest import SHARED

    path = SHARED / "online_retail" / "online_retail.csv.gz"
    if not path.exists():
        pytest.skip("the shared data folder is not beside the repository")
    lake = Lake(tmp_path_factory.mktemp("retail") / "lake")
    assert put(lake, path, "lines").inserted == 541_909
    return lake, path


def totals(lake, model, *names):
    result = evaluate(model, Query(names, Grain.ALL), lake.engine(), as_of=NOW)
    return [round(cell.value, 2) for cell in result.cells]


def test_online_retail_totals(retail):
    model = Model.load(RETAIL)
    assert totals(retail[0], model, "revenue", "invoices", "customers", "rows") == [
        9_747_747.93,
        25_900,
        4_372,
        541_909,
    ]
    clean = totals(retail[0], model, "clean_rows", "clean_revenue", "clean_invoices", "clean_customers")
    assert clean == [397_884, 8_911_407.90, 18_532, 4_338]


def test_online_retail_months_equal_pandas(retail):
    lake, path = retail
    frame = pd.read_csv(path, parse_dates=["InvoiceDate"], dtype={"InvoiceNo": str})
    frame["value"] = frame.Quantity * frame.UnitPrice
    months = frame.groupby(frame.InvoiceDate.dt.strftime("%Y-%m-01"))
    expected = pd.DataFrame(
        {
            "revenue": months.value.sum(),
            "invoices": months.InvoiceNo.nunique(),
            "customers": months.CustomerID.nunique(),
        }
    )
    result = evaluate(Model.load(RETAIL), Query(("revenue", "invoices", "customers")), lake.engine(), as_of=NOW)
    found = {(cell.metric, cell.period): cell.value for cell in result.cells}
    assert len(found) == 3 * len(expected)
    for (name, period), value in found.items():
        assert value == pytest.approx(expected.loc[period, name], abs=0.005), (name, period)


def test_the_same_file_again_changes_nothing(retail):
    lake, path = retail
    version = lake.table("lines").version
    again = put(lake, path, "lines")
    assert again.already
    assert lake.table("lines").version == version
    assert lake.table("lines").rows == 541_909


PIZZA = """
sources:
  orders: {lake: orders, key: order_id, time: date}
  pizzas: {lake: pizzas, key: pizza_id, joins: {types: pizza_type_id}}
  types: {lake: types, key: pizza_type_id}
  lines:
    lake: lines
    key: order_details_id
    time: orders.date
    dims: [pizzas.size, types.category]
    joins: {orders: order_id, pizzas: pizza_id}
metrics:
  revenue: {agg: sum(lines.quantity * pizzas.price)}
  orders: {agg: count_distinct(lines.order_id)}
  average_order: {calc: revenue / orders}
  sold: {agg: sum(lines.quantity)}
"""


@pytest.fixture
def pizza(shared, tmp_path):
    lake = Lake(tmp_path / "lake")
    for name, file in {
        "orders": "orders",
        "pizzas": "pizzas",
        "types": "pizza_types",
        "lines": "order_details",
    }.items():
        put(lake, shared / "pizza_place" / f"{file}.csv", name)
    return lake


def test_pizza_place_by_looking_up_orders_and_prices(pizza):
    model = Model.load(PIZZA)
    assert totals(pizza, model, "revenue", "sold") == [817_860.05, 49_574]
    cell = evaluate(model, Query(("average_order",), Grain.ALL), pizza.engine(), as_of=NOW).cells[0]
    assert (round(cell.value, 4), cell.numerator, cell.denominator) == (38.3073, 817_860.05, 21_350)
    by_size = evaluate(model, Query(("revenue",), Grain.ALL, by=("size",)), pizza.engine(), as_of=NOW).cells
    assert round(sum(cell.value for cell in by_size), 2) == 817_860.05
    days = evaluate(
        model, Query(("sold",), Grain.DAY, date(2015, 1, 1), date(2016, 1, 1)), pizza.engine(), as_of=NOW
    ).cells
    assert (len(days), sum(cell.value > 0 for cell in days)) == (365, 358)


def test_pizza_place_with_a_price_twice_is_refused(pizza, tmp_path):
    path = tmp_path / "more.csv"
    path.write_text("pizza_id,pizza_type_id,size,price\nhawaiian_m,hawaiian,M,14.00\n")
    keyless = inspect(_file(pizza, "pizzas")).mapping
    columns = tuple(column.model_copy(update={"role": Role.NONE}) for column in keyless.columns)
    other = Lake(tmp_path / "other")
    for name, file in {"orders": "orders", "types": "pizza_types", "lines": "order_details"}.items():
        put(other, _file(pizza, file), name)
    for source in (_file(pizza, "pizzas"), path):
        import_file(other, source, "pizzas", keyless.model_copy(update={"columns": columns}))
    with pytest.raises(DuplicateKeys, match="hawaiian_m ×2"):
        evaluate(Model.load(PIZZA), Query(("revenue",), Grain.ALL), other.engine(), as_of=NOW)


def _file(_lake, name):
    from tests.conftest import SHARED

    return SHARED / "pizza_place" / f"{name}.csv"
