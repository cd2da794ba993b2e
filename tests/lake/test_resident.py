"""A question asked again is answered from memory, with the same cells."""

import tempfile
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pytest
from deltalake import write_deltalake
from hypothesis import given, settings
from hypothesis import strategies as st

from nachim.core.period import Grain
from nachim.lake.store import Lake
from nachim.metrics.run import Query, evaluate
from nachim.metrics.spec import Model

MODEL = Model.load("""
calendar: {tz: Asia/Seoul}
sources:
  people: {lake: people, key: who, entities: {customer: who}, dims: [country]}
  orders:
    lake: orders
    key: id
    time: at
    entities: {customer: who}
    dims: [channel, people.country]
    joins: {people: who}
  visits: {lake: visits, key: id, time: at, entities: {customer: who}, dims: [channel]}
rows:
  bought: {sequence: {by: customer, start: visits, end: orders, within: 2 days}}
metrics:
  revenue: {agg: sum(orders.amount)}
  orders: {agg: count(orders)}
  aov: {calc: revenue / orders}
  buyers: {agg: count_distinct(orders.customer)}
  active: {at: buyers, window: 3 days}
  in_app: {agg: count_distinct(orders.customer), where: "channel = 'app'"}
  active_in_app: {at: in_app, window: 3 days}
  conversion: {agg: avg(bought.converted)}
""")
BEGINS = datetime(2024, 2, 27, tzinfo=UTC)
AS_OF = datetime(2024, 4, 1, tzinfo=UTC)
TIME = pa.timestamp("us", "UTC")
KINDS = {
    "people": {"who": pa.int64(), "country": pa.string()},
    "orders": {"id": pa.int64(), "at": TIME, "who": pa.int64(), "channel": pa.string(), "amount": pa.float64()},
    "visits": {"id": pa.int64(), "at": TIME, "who": pa.int64(), "channel": pa.string()},
}
PEOPLE = [{"who": who, "country": country} for who, country in ((1, "KR"), (2, "JP"), (3, None), (4, "KR"))]
QUERIES = [
    Query(("revenue", "orders", "aov"), Grain.MONTH),
    Query(("revenue",), Grain.MONTH, by=("country",)),
    Query(("aov",), Grain.ALL, by=("channel", "country")),
    Query(("active", "active_in_app"), Grain.DAY),
    Query(("active",), Grain.DAY, date(2024, 2, 29), date(2024, 3, 4)),
    Query(("active",), Grain.DAY, by=("channel",)),
    Query(("buyers",), Grain.WEEK),
    Query(("conversion",), Grain.DAY),
    Query(("conversion",), Grain.WEEK, where="channel = 'web'"),
    Query(("conversion",), Grain.DAY, date(2024, 2, 29), date(2024, 3, 3), by=("channel",)),
]


@st.composite
def events(draw, kind):
    hours = st.integers(0, 9 * 24).map(lambda one: BEGINS + timedelta(hours=one))
    one = {"at": hours, "who": st.sampled_from([1, 2, 3, 9, None]), "channel": st.sampled_from(["app", "web", None])}
    if "amount" in KINDS[kind]:
        one["amount"] = st.sampled_from([0.1, 2.25, -1.0, None])
    rows = draw(st.lists(st.fixed_dictionaries(one), min_size=1, max_size=12))
    return [{"id": at, **row} for at, row in enumerate(rows)]


def write(root, table, rows, mode="overwrite"):
    kinds = KINDS[table]
    columns = {name: pa.array([row[name] for row in rows], kind) for name, kind in kinds.items()}
    write_deltalake(str(root / table), pa.table(columns), mode=mode)


def ask(engine, query):
    return evaluate(MODEL, query, engine, as_of=AS_OF).cells


def fresh(lake, query):
    with lake.engine() as engine:
        return ask(engine, query)


@settings(max_examples=5)
@given(events("orders"), events("orders"), events("visits"), st.permutations(QUERIES))
def test_asked_again_and_after_new_rows_the_cells_are_the_same(orders, later, visits, queries):
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        for table, rows in (("people", PEOPLE), ("orders", orders), ("visits", visits)):
            write(root, table, rows)
        lake = Lake(root)
        with lake.engine() as engine:
            expected = [fresh(lake, query) for query in queries]
            for _ in range(4):
                assert [ask(engine, query) for query in queries] == expected
            write(root, "orders", [{**row, "id": row["id"] + 100} for row in later], "append")
            expected = [fresh(lake, query) for query in queries]
            for _ in range(4):
                assert [ask(engine, query) for query in queries] == expected


@pytest.fixture
def lake(tmp_path):
    at = BEGINS + timedelta(hours=5)
    write(tmp_path, "people", PEOPLE)
    write(
        tmp_path, "orders",
        [
            {"id": n, "at": at + timedelta(hours=7 * n), "who": n % 3, "channel": "app", "amount": n / 4}
            for n in range(30)
        ],
    )  # fmt: skip
    write(
        tmp_path, "visits",
        [{"id": n, "at": at + timedelta(hours=5 * n), "who": n % 4, "channel": "web"} for n in range(40)],
    )  # fmt: skip
    return Lake(tmp_path)


def ran(engine, query, times=6):
    """The statement that runs once everything is held."""
    said = []
    run = engine._run

    def kept(statement):
        said.append(statement)
        return run(statement)

    engine._run = kept
    for _ in range(times):
        cells = ask(engine, query)
    return cells, said[-1]


@pytest.mark.parametrize(
    ("query", "gone"), [(QUERIES[3], "OVER"), (QUERIES[7], "ASOF"), (QUERIES[0], "DECIMAL"), (QUERIES[1], "//")]
)
def test_what_is_dear_is_made_once(lake, query, gone):
    query = Query(("active",), Grain.DAY) if gone == "OVER" else query
    with lake.engine() as engine:
        cells, statement = ran(engine, query)
        first = fresh(lake, query)
    assert gone not in statement and "_made" in statement
    assert cells == first


def test_a_number_of_an_earlier_version_is_not_taken_from_memory(lake):
    query = QUERIES[0]
    before = fresh(lake, query)
    with lake.engine() as engine:
        ran(engine, query)
        write(lake.root, "orders", [{"id": 99, "at": BEGINS, "who": 1, "channel": "app", "amount": 1000.0}], "append")
        ran(engine, query)
        tree = 'SELECT SUM("orders"."amount") AS m FROM "orders"'
        totals = [engine.sql(tree, {"orders": at}).to_pylist()[0]["m"] for at in (0, 1, 0, 1, 0, 0, 1)]
    assert fresh(lake, query) != before
    less, more = totals[:2]
    assert more == less + 1000 and totals == [less, more, less, more, less, less, more]


def test_a_number_that_does_not_fit_spoils_only_the_question_that_reads_it(lake):
    far = BEGINS - timedelta(days=400)
    write(lake.root, "orders", [{"id": 99, "at": far, "who": 1, "channel": "app", "amount": float("inf")}], "append")
    query = Query(("revenue",), Grain.MONTH, date(2024, 1, 1), date(2024, 4, 1))
    with lake.engine() as engine:
        cells, _statement = ran(engine, query)
    assert cells == fresh(lake, query) and any(cell.value for cell in cells)


def test_what_has_no_room_is_read_from_the_files(lake):
    with lake.engine() as engine:
        engine._resident.room = 100  # thirty orders of three columns, and nothing beside
        for query in QUERIES:
            cells, _statement = ran(engine, query, 4)
            assert cells == fresh(lake, query)
            assert sum(held.values for held in engine._resident._held.values()) <= 100
        assert engine._resident._held
        engine._resident.clear()
        assert [ask(engine, query) for query in QUERIES] == [fresh(lake, query) for query in QUERIES]
