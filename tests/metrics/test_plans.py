"""Every plan node against its reference in plain Python, before and after every rewrite."""

from datetime import UTC, datetime, time
from fractions import Fraction

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlglot import exp

from nachim.core.period import Calendar, Grain
from nachim.metrics.bind import Binder
from nachim.metrics.cells import State
from nachim.metrics.engine import ColumnType
from nachim.metrics.formula import Number, evaluate
from nachim.metrics.plan import Aggregate, Align, Filter, Join, Scan, aggregates, show
from nachim.metrics.rewrite import PASSES, rewrite
from nachim.metrics.scope import Lookup, Ref
from nachim.metrics.spec import Model
from nachim.metrics.sql import compile_plan
from nachim.metrics.sql import rows as rows_sql
from tests.metrics import reference
from tests.metrics.company import Tables

UTC_TIME = pa.timestamp("us", "UTC")
SALES = {
    "n": pa.int64(),
    "at": UTC_TIME,
    "kind": pa.string(),
    "store": pa.string(),
    "amount": pa.float64(),
    "paid": pa.bool_(),
}
STORES = {"id": pa.string(), "city": pa.string(), "region": pa.string()}
VISITS = {"at": UTC_TIME, "kind": pa.string(), "who": pa.string()}
REGIONS = {"id": pa.string(), "name": pa.string()}

SPEC = Model.load("""
sources:
  sales: {lake: sales, key: n, time: at, dims: [kind, stores.city, regions.name], joins: {stores: store}}
  visits: {lake: visits, time: at, entities: {who: who}, dims: [kind]}
  stores: {lake: stores, key: id, joins: {regions: region}}
  regions: {lake: regions, key: id}
""")
# Measures and the source each reads; every function, conditions of every kind, look-ups one and two steps away.
MEASURES = [
    ("sales", "count(sales)", None),
    ("sales", "count(kind)", None),
    ("sales", "count_distinct(store)", "paid"),
    ("sales", "sum(amount)", "kind = 'a'"),
    ("sales", "sum(amount * 2 + 1)", "not (paid or amount > 3)"),
    ("sales", "avg(amount)", None),
    ("sales", "avg(paid and amount > 2)", None),
    ("sales", "avg(paid or kind = 'a')", None),
    ("sales", "min(amount)", "kind is null"),
    ("sales", "max(amount)", "kind in ('a', 'b')"),
    ("sales", "median(amount)", None),
    ("sales", "sum(case when stores.city = 'X' then amount else 0 end)", None),
    ("sales", "count(sales)", "regions.name = 'P'"),
    ("sales", "sum(amount / n)", "stores.city is null"),
    ("visits", "count(visits)", None),
    ("visits", "count_distinct(who)", "kind <> 'a'"),
]
CALENDARS = [Calendar(), Calendar("America/New_York", 6, 4, time(5))]

names = st.sampled_from(["a", "b", "c", None])
moments = st.datetimes(datetime(2024, 2, 25), datetime(2024, 3, 20), timezones=st.just(UTC)).map(
    lambda one: one.replace(microsecond=0)
)
amounts = st.one_of(st.none(), st.integers(-8, 8).map(lambda one: one / 4))
sales = st.lists(
    st.tuples(
        st.integers(1, 5),
        moments,
        names,
        st.sampled_from(["s", "t", "u", None]),
        amounts,
        st.sampled_from([True, False, None]),
    ),
    max_size=12,
)
visits = st.lists(st.tuples(moments, names, names), max_size=8)
stores = st.lists(
    st.tuples(st.sampled_from(["s", "t"]), st.sampled_from(["X", "Y", None]), st.sampled_from(["p", "q", None])),
    unique_by=lambda one: one[0],
)
regions = st.lists(st.tuples(st.sampled_from(["p", "q"]), st.sampled_from(["P", "Q"])), unique_by=lambda one: one[0])


@st.composite
def worlds(draw):
    """Four small tables, as an engine and as lists of dicts."""
    plain, arrow = {}, {}
    for name, columns, kinds in (
        ("sales", sales, SALES),
        ("visits", visits, VISITS),
        ("stores", stores, STORES),
        ("regions", regions, REGIONS),
    ):
        found = draw(columns)
        plain[name] = [dict(zip(kinds, row, strict=True)) for row in found]
        arrow[name] = pa.table({key: pa.array([row[key] for row in plain[name]], kind) for key, kind in kinds.items()})
    return plain, Tables(**arrow)


def keyed(tables):
    """A looked-up row that is not there gives nulls under the names of its table."""
    kinds = {"sales": SALES, "visits": VISITS, "stores": STORES, "regions": REGIONS}
    return {
        name: rows or [dict.fromkeys(kinds[name])] if name in ("stores", "regions") else rows
        for name, rows in tables.items()
    }


def bound(engine, source, agg, where):
    data = SPEC.dump()
    data["metrics"] = {"it": {"agg": agg, "from": source} | ({"where": where} if where else {})}
    return Binder(Model.load(data), engine).metric("it")


def test_rows_of_scan_look_up_and_filter():
    steps = (Lookup("stores", "stores", "sales", "store", "id"), Lookup("regions", "regions", "stores", "region", "id"))
    column = Ref("regions", "name", ColumnType.TEXT, steps).sql()

    @settings(max_examples=40, deadline=None)
    @given(world=worlds(), depth=st.integers(0, 2), only=st.booleans())
    def check(world, depth, only):
        plain, engine = world
        node = Scan("sales", "sales")
        node = Join(node, steps[:depth]) if depth else node
        if only:
            condition = (
                column.is_(exp.null()) if depth == 2 else Ref("sales", "amount", ColumnType.NUMBER, ()).sql() > 0
            )
            node = Filter(node, (condition,))
        found = engine.execute(
            rows_sql(node).select('"sales"."n"', *(['"regions"."name"'] if depth == 2 else []))
        ).to_pylist()
        expected = [
            [row["sales.n"], *([row["regions.name"]] if depth == 2 else [])]
            for row in reference.rows(node, keyed(plain))
        ]
        assert sorted(map(str, expected)) == sorted(str(list(row.values())) for row in found)

    check()


@settings(max_examples=120, deadline=None)
@given(
    world=worlds(),
    chosen=st.lists(st.sampled_from(MEASURES), min_size=1, max_size=6, unique=True),
    grain=st.sampled_from(list(Grain)),
    by=st.sampled_from([(), ("kind",)]),
    calendar=st.sampled_from(CALENDARS),
    passes=st.integers(0, len(PASSES)),
)
def test_aggregates_and_their_alignment_equal_the_reference(world, chosen, grain, by, calendar, passes):
    plain, engine = world
    binder = Binder(SPEC, engine)
    parts = []
    for source, agg, where in chosen:
        for measure in bound(engine, source, agg, where).measures.values():
            scope = binder.scope(source)
            refs = tuple((name, scope.dim(name)) for name in by)
            rows = Join(Scan(source, source), measure.lookups) if measure.lookups else Scan(source, source)
            parts.append(Aggregate(rows, grain, scope.time() if grain is not Grain.ALL else None, refs, (measure,)))
    plan = Align(tuple({part.measures[0].id: part for part in parts}.values()))
    expected = reference.align(plan, keyed(plain), calendar)
    changed = plan
    for step in PASSES[:passes]:
        changed = step(changed)
    columns = {}
    found = {}
    for row in engine.execute(compile_plan(changed, calendar, columns)).to_pylist():
        key = (*([int(row["period"])] if grain is not Grain.ALL else []), *(row[f"s{at}"] for at in range(len(by))))
        found[key] = {
            id_: (row[name], row[f"{name}_n"], row.get(f"{name}_d"))
            for id_, name in columns.items()
            if row[f"{name}_n"]
        }
    # A measure of no rows may be there or not: pushed-down filters drop it, and the cell is the same.
    expected = {key: {id_: one for id_, one in values.items() if one[1]} for key, values in expected.items()}
    found, expected = ({key: values for key, values in both.items() if values} for both in (found, expected))
    assert {key: set(values) for key, values in found.items()} == {key: set(values) for key, values in expected.items()}
    for key, values in expected.items():
        for id_, (number, n, divisor) in values.items():
            given_, n_, divisor_ = found[key][id_]
            assert (n_, divisor_) == (n, divisor), (key, id_)
            assert (None if given_ is None else float(given_)) == (
                None if number is None else pytest.approx(float(number))
            ), (key, id_)


numbers = st.one_of(st.none(), st.integers(-4, 4))


@st.composite
def formulas(draw, depth=3):
    """A formula over a, b and c, with its value by fractions: a number, None (a part is missing) or 'x/0'."""
    if depth == 0 or draw(st.booleans()):
        return draw(st.sampled_from("abc"))
    return f"({draw(formulas(depth - 1))} {draw(st.sampled_from('+-*/'))} {draw(formulas(depth - 1))})"


def exactly(text, leaves):
    """The value by Python itself, in fractions; or the state of a division by zero or of a missing part."""
    if any(leaves[name] is None for name in leaves if name in text):
        return State.NO_DATA
    try:
        return eval(text, {"__builtins__": {}}, {key: Fraction(one) for key, one in leaves.items() if one is not None})  # noqa: S307
    except ZeroDivisionError:
        return State.UNDEFINED


@settings(max_examples=200, deadline=None)
@given(text=formulas(), leaves=st.fixed_dictionaries(dict.fromkeys("abc", numbers)))
def test_formulas_equal_fractions_and_know_null_from_zero(text, leaves):
    from decimal import Decimal

    import sqlglot

    tree = sqlglot.parse_one(text, dialect="duckdb")
    parts = {
        key: Number(None if one is None else Decimal(one), State.NO_DATA if one is None else State.OK)
        for key, one in leaves.items()
    }
    found, expected = evaluate(tree, parts), exactly(text, leaves)
    if isinstance(expected, State):
        assert (found.value, found.state) == (None, expected)
    else:
        assert (float(found.value), found.state) == (pytest.approx(float(expected)), State.OK)


def test_a_plan_prints_as_an_indented_tree_and_sharing_reads_a_table_once():
    engine = Tables(
        **{
            name: pa.table({key: pa.array([], kind) for key, kind in kinds.items()})
            for name, kinds in (("sales", SALES), ("visits", VISITS), ("stores", STORES), ("regions", REGIONS))
        }
    )
    parts = []
    for agg, where in (("count(sales)", "paid"), ("sum(amount)", "paid")):
        measure = next(iter(bound(engine, "sales", agg, where).measures.values()))
        parts.append(Aggregate(Scan("sales", "sales"), Grain.ALL, None, (), (measure,)))
    plan = rewrite(Align(tuple(parts)))
    assert len(list(aggregates(plan))) == 1
    assert show(plan).splitlines() == [
        "align on period and slices",
        '  aggregate [] count(*) of sales where "sales"."paid"; sum("sales"."amount") of sales where "sales"."paid"',
        '    keep "sales"."paid"',
        "      scan sales as sales",
    ]
