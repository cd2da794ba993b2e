"""Whole cells against plain Python: metrics of every kind in frames of every kind, with rewrites and without."""

from datetime import UTC, datetime, timedelta
from itertools import zip_longest

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nachim.core.period import Grain
from nachim.metrics.run import Query, evaluate
from nachim.metrics.spec import Model
from tests.metrics.reference_cells import Company, number
from tests.metrics.worlds import calendars, companies, engine

DEFINITIONS = {
    "sources": {
        "orders": {"lake": "orders", "key": "id", "time": "at", "entities": {"customer": "who"}, "dims": ["channel"]},
        "visits": {"lake": "visits", "key": "id", "time": "at", "entities": {"customer": "who"}, "dims": ["channel"]},
        "stock": {"lake": "stock", "key": "id", "time": "at", "entities": {"item": "item"}, "dims": ["channel"]},
    },
    "rows": {
        "bought": {"sequence": {"by": "customer", "start": "visits", "end": "orders", "within": "2 days"}},
        "again": {
            "sequence": {"by": "customer", "start": "orders", "end": "orders", "within": "36 hours", "pick": "next"}
        },
        "funnel": {
            "sequence": {
                "by": "customer",
                "steps": ["visits", {"from": "orders", "where": "amount > 1"}, "visits"],
                "within": "1 month",
            }
        },
        "weekly": {
            "cohort": {
                "by": "customer",
                "born": "first(orders)",
                "activity": "orders",
                "period": "week",
                "value": "amount",
            }
        },
    },
}
METRICS = {
    "revenue": {"agg": "sum(orders.amount)"},
    "paid": {"agg": "sum(orders.amount)", "where": "amount > 1"},
    "orders": {"agg": "count(orders)"},
    "buyers": {"agg": "count_distinct(orders.customer)"},
    "visitors": {"agg": "count_distinct(visits.customer)"},
    "average": {"agg": "avg(orders.amount)"},
    "biggest": {"agg": "max(orders.amount)"},
    "middle": {"agg": "median(orders.amount)"},
    "spend": {"agg": "avg(sum(orders.amount))", "per": "customer"},
    "most": {"agg": "max(count(orders))", "per": "customer", "where": "amount > 0"},
    "stock": {"agg": "sum(stock.amount)", "over_time": "last"},
    "opening": {"agg": "count(stock)", "over_time": "first"},
    "level": {"agg": "sum(stock.amount)", "over_time": "avg"},
    "told": {"agg": "sum(stock.amount)", "over_time": "sum"},
    "conversion": {"agg": "avg(bought.converted)"},
    "wait": {"agg": "avg(bought.lag)"},
    "longest": {"agg": "max(again.lag)"},
    "again": {"agg": "avg(again.converted)", "where": "amount > 0"},
    "deep": {"agg": "sum(funnel.reached)"},
    "retention": {"agg": "avg(weekly.active)", "where": "k < 2"},
    "worth": {"agg": "sum(weekly.value)", "where": "k < 3"},
    "alive": {"agg": "avg(weekly.active)"},
    "aov": {"calc": "revenue / orders"},
    "pace": {"calc": "orders / visitors - 1"},
}
SHIFTS = ["-1 month", "-1 day", "-1 year align weekday", "1 week", "-1 month align weekday", "-36 hours", "-1 quarter"]
WINDOWS = ["1 day", "3 days", "36 hours", "1 month", "2 weeks"]


@st.composite
def frames(draw, of):
    made = {"at": of}
    if draw(st.integers(0, 2)) == 0:
        made["shift"] = draw(st.sampled_from(SHIFTS))
    reach = draw(st.integers(0, 3))
    if reach == 0:
        made["window"] = draw(st.sampled_from(WINDOWS))
    if reach == 1:
        made["to_date"] = draw(st.sampled_from(["week", "month", "quarter", "year"]))
    if draw(st.integers(0, 2)) == 0:
        made["eval"] = draw(st.sampled_from(["start", "avg", "max", "min"]))
        if made["eval"] != "start" and draw(st.booleans()):
            made["over"] = draw(st.sampled_from(["2 days", "1 week"]))
    if draw(st.integers(0, 4)) == 0:
        made["all"] = ["channel"]
    return made if len(made) > 1 else made | {"window": "3 days"}


@st.composite
def metrics(draw, names=tuple(METRICS)):
    """Definitions, and the metric to ask for: a plain one, in one frame or two, or arithmetic over such."""
    made, name = dict(METRICS), draw(st.sampled_from(names))
    for depth in range(draw(st.sampled_from([0, 1, 1, 1, 2]))):
        made[f"it{depth}"] = draw(frames(name))
        name = f"it{depth}"
    if draw(st.integers(0, 2)) == 0:
        text = draw(st.sampled_from(["it / other", "other - it", "(it + 1) / (other + it)"]))
        part = draw(frames(name)) if draw(st.booleans()) else METRICS["revenue"]
        made["made"] = {"calc": text.replace("it", name), "with": {"other": part}}
        name = "made"
    return made, name


LENGTHS = {Grain.HOUR: 1, Grain.DAY: 5, Grain.WEEK: 20, Grain.MONTH: 60, Grain.QUARTER: 120, Grain.YEAR: 400}


ASKED = {
    "calendar": calendars,
    "grain": st.sampled_from([*LENGTHS, Grain.DAY, Grain.ALL]),
    "begin": st.integers(-6, 14),
    "by": st.sampled_from([(), ("channel",)]),
    "only": st.sampled_from([{}, {}, {"channel": "app"}]),
    "waited": st.integers(2, 45),
}


@settings(max_examples=50, deadline=None)
@given(tables=companies(days=12), chosen=metrics(), **ASKED)
def test_a_cell_is_what_plain_python_makes_of_its_rows(tables, chosen, **asked):
    check_cells(tables, chosen, **asked)


@settings(max_examples=15, deadline=None)
@given(tables=companies(days=12), chosen=metrics(("stock", "opening", "level", "told")), **ASKED)
def test_a_stock_is_of_the_days_that_have_rows(tables, chosen, **asked):
    check_cells(tables, chosen, **asked)


@settings(max_examples=15, deadline=None)
@given(
    tables=companies(days=12, people=("a",)),
    chosen=metrics(("retention", "worth", "alive", "conversion", "again", "deep", "spend")),
    **ASKED,
)
def test_a_company_with_one_customer_has_the_same_rules(tables, chosen, **asked):
    check_cells(tables, chosen, **asked)


def check_cells(tables, chosen, calendar, grain, begin, by, only, waited):
    """The cells of one query against the reference, and with rewrites as without."""
    definitions, name = chosen
    moments = [row["at"] for rows in tables.values() for row in rows]
    first = min(moments, default=datetime(2024, 1, 1, tzinfo=UTC))
    as_of, start = first + timedelta(days=waited), first.date() + timedelta(days=begin)
    end = start + timedelta(days=LENGTHS.get(grain, 9))
    data = {**DEFINITIONS, "metrics": definitions}
    model = Model.load({**data, "calendar": calendar})
    where = "channel = 'app'" if only else None
    query = Query((name,), grain, start, end, by, where)
    duck = engine(tables)
    found = evaluate(model, query, duck, as_of=as_of).cells
    plain = evaluate(model, query, duck, as_of=as_of, rewrites=False).cells
    assert found == plain, [pair for pair in zip_longest(found, plain) if pair[0] != pair[1]][:2]
    company = Company(tables, data, model.calendar.calendar(), as_of, only)
    assert_cells(found, company, name, query)


def assert_cells(found, company, name, query):
    """Every cell of one metric, and no more slices than it has."""
    calendar, metric = company.calendar, company.metrics[name]
    at = {period.key: (period.start, period.end) for period in calendar.periods(query.grain, query.start, query.end)}
    if query.grain is Grain.ALL:
        at = {"all": tuple(datetime.combine(day, datetime.min.time()) for day in (query.start, query.end))}
    slices = [{}]
    if query.by:
        every = [{"channel": one} for one in ("app", "web", None)]
        slices = [one for one in every if any(company.occurs(metric, span, one) for span in at.values())]
    expected = {(key, *one.values()): company.value(metric, span, one) for key, span in at.items() for one in slices}
    keys = {(cell.period, *(one for _name, one in cell.slices)) for cell in found}
    assert keys == set(expected), (keys, slices)
    for cell in found:
        said = expected[cell.period, *(one for _name, one in cell.slices)]
        told = (cell.period, cell.slices, cell.value, cell.state, cell.n, said)
        assert (cell.state, cell.n) == (said.state, said.n), told
        assert close(cell.value, said.value), told
        if said.bottom is not None:
            assert close(cell.numerator, said.top), told
            assert close(cell.denominator, said.bottom), told


def close(one, other):
    return one is None if other is None else one == pytest.approx(number(other), abs=1e-6)
