"""Sequences against plain Python: by ASOF join and by window, whatever ties, nulls, duplicates and clocks do."""

from dataclasses import replace
from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from nachim.metrics.bind import Binder
from nachim.metrics.made import SEQUENCE, sequence_node
from nachim.metrics.spec import Model
from nachim.metrics.sql.rows import rows as rows_sql
from tests.metrics import reference
from tests.metrics.worlds import calendars, companies, engine, lines

SOURCES = """
sources:
  orders: {lake: orders, key: id, time: at, entities: {customer: who}, dims: [channel]}
  visits: {lake: visits, key: id, time: at, entities: {customer: who}, dims: [channel]}
"""
EVENTS = ["visits", "orders", {"from": "orders", "where": "amount > 1"}, {"from": "visits", "where": "channel = 'app'"}]
WITHIN = ["1 hour", "24 hours", "2 days", "1 week", "1 month"]


def nodes(tables, calendar, made, through):
    """The node that makes the rows, and the engine that runs it."""
    duck = engine(tables)
    model = Model.load({**Model.load(SOURCES).dump(), "calendar": calendar, "rows": {"it": {"sequence": made}}})
    binder = Binder(model, duck)
    return sequence_node(model.rows["it"].sequence, "it", binder.steps("it"), through), binder.calendar, duck


def found(node, calendar, duck):
    names = ["id", *SEQUENCE]
    select = rows_sql(node, calendar, frozenset(names)).select(*(f'"it"."{name}"' for name in names))
    return lines([row[name] for name in names] for row in duck.execute(select).to_pylist())


def expected(node, calendar, tables):
    rows = reference.rows(node, tables, calendar)
    return lines([row[f"it.{name}"] for name in ("id", *SEQUENCE)] for row in rows)


@st.composite
def sequences(draw):
    made = {"by": "customer", "within": draw(st.sampled_from(WITHIN)), "pick": draw(st.sampled_from(["first", "next"]))}
    events = draw(st.lists(st.sampled_from(EVENTS), min_size=2, max_size=4))
    return made | ({"steps": events} if len(events) > 2 else {"start": events[0], "end": events[1]})


@settings(max_examples=60, deadline=None)
@given(tables=companies(), calendar=calendars, made=sequences(), wait=st.integers(-3, 20) | st.none())
def test_a_sequence_is_what_plain_python_makes_of_the_events(tables, calendar, made, wait):
    moments = [row["at"] for rows in tables.values() for row in rows]
    through = None if wait is None or not moments else min(moments) + timedelta(days=wait)
    node, calendar, duck = nodes(tables, calendar, made, through)
    said = expected(node, calendar, tables)
    assert found(node, calendar, duck) == said
    assert found(replace(node, asof=True), calendar, duck) == said
