"""Stretches of time against plain Python, after any number of rewrites: range join, daily parts, interval union."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nachim.core.period import Grain
from nachim.metrics.answers import Answers
from nachim.metrics.bind import Binder
from nachim.metrics.frame import Span
from nachim.metrics.plan import Aggregate, Align, Join, Scan, Spans
from nachim.metrics.reads import unit_of
from nachim.metrics.rewrite import PASSES
from nachim.metrics.spec import Model
from nachim.metrics.sql import compile_plan
from tests.metrics import reference
from tests.metrics.test_sequences import SOURCES
from tests.metrics.worlds import calendars, companies, engine

METRICS = """
metrics:
  m0: {agg: count(orders)}
  m1: {agg: sum(orders.amount), where: "channel = 'app'"}
  m2: {agg: avg(orders.amount)}
  m3: {agg: min(orders.amount)}
  m4: {agg: max(orders.amount), where: "amount < 5"}
  m5: {agg: median(orders.amount)}
  m6: {agg: count_distinct(orders.customer)}
  m7: {agg: count_distinct(orders.amount), where: "channel = 'app'"}
  m8: {agg: avg(sum(orders.amount)), per: customer}
  m9: {agg: max(count(orders)), per: customer, where: "amount > 0"}
  m10: {agg: median(avg(orders.amount)), per: customer}
  m11: {agg: count_distinct(orders.channel)}
"""
MODEL = Model.load(SOURCES + METRICS)


# Beginnings and lengths, in days or hours from midnight before the first row; a rolling window is of one length.
scattered = st.lists(st.tuples(st.integers(-3, 12), st.integers(1, 9)), min_size=1, max_size=6, unique=True)
rolling = st.builds(
    lambda begin, size, step, count: [(begin + step * one, size) for one in range(count)],
    st.integers(-6, 4), st.integers(1, 8), st.integers(1, 3), st.integers(1, 10),
)  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(
    tables=companies(days=10),
    calendar=calendars,
    chosen=st.lists(st.sampled_from(["m6", "m7", *MODEL.metrics]), min_size=2, max_size=5, unique=True),
    stretches=st.one_of(rolling, scattered),
    unit=st.sampled_from([Grain.DAY, Grain.HOUR]),
    by=st.sampled_from([(), ("channel",)]),
    passes=st.just(list(PASSES)) | st.lists(st.sampled_from(PASSES), unique=True, max_size=len(PASSES)),
)
def test_stretches_are_what_plain_python_makes_of_their_rows(tables, calendar, chosen, stretches, unit, by, passes):
    duck = engine(tables)
    binder = Binder(Model.load({**MODEL.dump(), "calendar": calendar}), duck)
    zero = min((row["at"].replace(tzinfo=None) for row in tables["orders"]), default=datetime(2024, 1, 1))
    zero = zero.replace(hour=0, minute=0)
    step = timedelta(hours=1) if unit is Grain.HOUR else timedelta(days=1)
    scale = 12 if unit is Grain.HOUR else 1
    spans = sorted(Span(zero + step * begin * scale, zero + step * (begin + size) * scale) for begin, size in stretches)
    ranges = Spans(tuple((unit_of(one.start, unit), unit_of(one.end, unit)) for one in spans))
    run = Span(min(one.start for one in spans), max(one.end for one in spans))
    parts = []
    for name in chosen:
        for measure in binder.metric(name).measures.values():
            scope = binder.scope("orders")
            refs = tuple((name, scope.dim(name)) for name in by)
            rows = Join(Scan("orders", "orders"), measure.lookups) if measure.lookups else Scan("orders", "orders")
            parts.append(Aggregate(rows, unit, scope.time(), refs, (measure,), ranges))
    read = Align(tuple(parts), 0, run)
    expected = reference.align(read, tables, binder.calendar)
    for step_ in sorted(passes, key=PASSES.index):
        read = step_(read)
    answers, names = Answers(), {}
    table = duck.execute(compile_plan(read, binder.calendar, names)).to_pylist()
    for part in read.parts:
        answers.take(part, 0, run, binder.calendar, table, names)
    slices = {key[1:] for key in expected} | {("app",) if by else ()}
    for part in parts:
        (measure,) = part.measures
        for place, span in enumerate(spans):
            for values in slices:
                got = answers.get(measure, 0, span, values)
                value, n, divisor = expected.get((place, *values), {}).get(measure.id, (None, 0, None))
                assert got.n == n, (measure.id, span, values)
                if n:
                    assert (None if got.value is None else float(got.value)) == (
                        None if value is None else pytest.approx(float(value))
                    ), (measure.id, span, values)
                    assert not divisor or got.divisor == divisor
