"""What each cell says: values, states, totals, slices; against ten lines of plain Python."""

from collections import defaultdict
from datetime import date, datetime, time, timedelta
from statistics import median
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nachim.core.period import Calendar, Grain
from nachim.metrics.cells import State
from nachim.metrics.run import Query, evaluate
from nachim.metrics.spec import Model
from tests.metrics.company import SPEC, Tables, at, orders

MODEL = Model.load(SPEC)
LATER = at("2030-01-01")


def cells(table, *metrics, model=MODEL, as_of=LATER, **query):
    result = evaluate(model, Query(metrics, **query), Tables(orders=table), as_of=as_of)
    return {(cell.metric, cell.period, *(value for _name, value in cell.slices)): cell for cell in result.cells}


THREE = orders(
    (1, at("2026-01-01 01:00"), "a", "app", 10.0, "paid"),
    (2, at("2026-01-01 15:30"), "b", "web", 20.0, "paid"),  # already 2 January in Seoul
    (3, at("2026-01-04 01:00"), "a", None, 30.0, "cancelled"),
)


def test_days_are_cut_in_the_companys_zone():
    found = cells(THREE, "all_orders", grain=Grain.DAY)
    assert [found["all_orders", f"2026-01-0{day}"].value for day in (1, 2, 3, 4)] == [1, 1, 0, 1]


def test_no_rows_is_zero_for_counts_and_nothing_for_averages():
    found = cells(THREE, "all_orders", "average", "aov", grain=Grain.DAY)
    assert (found["all_orders", "2026-01-03"].value, found["all_orders", "2026-01-03"].state) == (0, State.OK)
    assert (found["average", "2026-01-03"].value, found["average", "2026-01-03"].state) == (None, State.NO_DATA)
    assert (found["aov", "2026-01-03"].value, found["aov", "2026-01-03"].state) == (None, State.UNDEFINED)


def test_outside_the_data_there_is_no_data_and_an_unfinished_period_says_so():
    query = {"grain": Grain.MONTH, "start": date(2025, 12, 1), "end": date(2026, 3, 1)}
    found = cells(THREE, "all_orders", **query)
    states = [found["all_orders", key].state for key in ("2025-12-01", "2026-01-01", "2026-02-01")]
    assert states == [State.NO_DATA, State.PARTIAL_PERIOD, State.NO_DATA]


def test_today_is_unfinished_until_it_is_over():
    found = cells(THREE, "all_orders", grain=Grain.DAY, as_of=at("2026-01-04 05:00"))
    assert found["all_orders", "2026-01-04"].state is State.PARTIAL_PERIOD
    assert found["all_orders", "2026-01-02"].state is State.OK


def test_a_source_may_say_how_far_it_is_complete():
    spec = SPEC.replace("dims: [channel]}", "dims: [channel], complete_through: max(ordered_at) - 1 day}")
    found = cells(THREE, "all_orders", model=Model.load(spec), grain=Grain.DAY)
    assert found["all_orders", "2026-01-03"].state is State.PARTIAL_PERIOD
    assert found["all_orders", "2026-01-04"].state is State.NO_DATA


def test_totals_are_recomputed_and_a_slice_without_value_is_a_slice():
    found = cells(THREE, "buyers", grain=Grain.ALL)
    assert found["buyers", "all"].value == 2
    found = cells(THREE, "buyers", grain=Grain.ALL, by=("channel",))
    assert {key[2]: cell.value for key, cell in found.items()} == {"app": 1, "web": 1, None: 1}


def test_a_ratio_carries_its_parts():
    cell = cells(THREE, "aov", grain=Grain.ALL)["aov", "all"]
    assert (cell.value, cell.numerator, cell.denominator) == (15, 30, 2)


def test_sums_are_exact_whatever_the_order():
    rows = [(at_, at("2026-01-01"), "a", "app", 0.1, "paid") for at_ in range(1000)]
    assert cells(orders(*rows), "revenue", grain=Grain.ALL)["revenue", "all"].value == 100.0


def test_a_filter_of_the_query_joins_the_metrics_own():
    found = cells(THREE, "all_orders", "revenue", grain=Grain.ALL, where="channel = 'web'")
    assert (found["all_orders", "all"].value, found["revenue", "all"].value) == (1, 20)


CALENDARS = st.builds(
    Calendar,
    tz=st.sampled_from(["Asia/Seoul", "America/New_York", "Europe/London"]),
    week_start=st.sampled_from([0, 6]),
    fiscal_year_start=st.integers(1, 12),
    day_start=st.sampled_from([time(0), time(5)]),
)
ROWS = st.lists(
    st.tuples(
        st.datetimes(datetime(2023, 12, 25), datetime(2024, 3, 20)),
        st.sampled_from("abc"),
        st.sampled_from(["app", "web", None]),
        st.integers(0, 12),
        st.sampled_from(["paid", "cancelled", None]),
    ),
    min_size=1,
    max_size=25,
)
GRAINS = st.sampled_from([grain for grain in Grain if grain not in (Grain.ALL, Grain.HOUR)])


def model_for(calendar):
    days = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
    data = MODEL.dump() | {
        "calendar": {
            "tz": calendar.tz,
            "week_start": days[calendar.week_start],
            "fiscal_year_start": calendar.fiscal_year_start,
            "day_start": calendar.day_start.isoformat(),
        }
    }
    return Model.load(data)


def oracle(rows, calendar, grain, by_channel):
    """Every metric of SPEC, in plain Python."""
    groups = defaultdict(list)
    paying = {row[2] for row in rows if row[4] == "paid"}
    for moment, customer, channel, amount, status in rows:
        local = moment.replace(tzinfo=ZoneInfo("UTC")).astimezone(ZoneInfo(calendar.tz)).replace(tzinfo=None)
        day = (local - timedelta(hours=calendar.day_start.hour)).date()
        key = (calendar.period(grain, day).key, *((channel,) if by_channel else ()))
        groups[key].append((customer, amount, status))
    found = {}
    for key, group in groups.items():
        amounts = [amount for _customer, amount, _status in group]
        paid = [amount for _customer, amount, status in group if status == "paid"]
        known = [status for _customer, _amount, status in group if status is not None]
        found[key] = {
            "revenue": sum(paid),
            "orders": len(paid),
            "all_orders": len(group),
            "buyers": len({row[0] for row in group}),
            "average": sum(amounts) / len(amounts),
            "biggest": max(amounts),
            "middle": median(amounts),
            "aov": sum(paid) / len(paid) if paid else None,
            "paid_share": sum(status == "paid" for status in known) / len(known) if known else None,
            "score": 100 * (sum(a >= 9 for a in amounts) - sum(a <= 6 for a in amounts)) / len(amounts),
        }
        if by_channel and key[1] not in paying:
            # A slice in which no row ever meets a metric's own condition is not a slice of that metric.
            found[key] = {name: value for name, value in found[key].items() if name not in ("revenue", "orders", "aov")}
    return found


@settings(max_examples=25, deadline=None)
@given(rows=ROWS, calendar=CALENDARS, grain=GRAINS, by_channel=st.booleans(), rewrites=st.booleans())
def test_every_metric_equals_plain_python(rows, calendar, grain, by_channel, rewrites):
    table = orders(
        *(
            (n, moment.replace(tzinfo=ZoneInfo("UTC")), *rest[:2], float(rest[2]), rest[3])
            for n, (moment, *rest) in enumerate(rows)
        )
    )
    names = tuple(MODEL.metrics)
    query = Query(names, grain, by=("channel",) if by_channel else ())
    result = evaluate(model_for(calendar), query, Tables(orders=table), as_of=LATER, rewrites=rewrites)
    expected = oracle(rows, calendar, grain, by_channel)
    seen = {(cell.metric, cell.period, *(value for _name, value in cell.slices)): cell for cell in result.cells}
    for key, values in expected.items():
        for name, value in values.items():
            assert seen[name, *key].value == (pytest.approx(value) if value is not None else None), (name, key)


@settings(max_examples=120, deadline=None)
@given(
    moment=st.datetimes(datetime(2019, 1, 1), datetime(2027, 1, 1)), calendar=CALENDARS, grain=st.sampled_from(Grain)
)
def test_periods_hold_their_moment_and_follow_one_another(moment, calendar, grain):
    instant = moment.replace(tzinfo=ZoneInfo("UTC"))
    period = calendar.period(grain, instant)
    assert period.start <= calendar.local(instant) < period.end
    if grain is not Grain.ALL:
        assert period.next().start == period.end
        assert period.previous().next() == period
        assert calendar.period(grain, period.start) == period
