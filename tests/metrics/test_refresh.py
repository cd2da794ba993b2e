"""What a refresh must compute again: what it leaves alone has to be what a full computation would give."""

from datetime import UTC, date, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from nachim.core.period import Grain
from nachim.metrics.bind import Binder
from nachim.metrics.refresh import fact_times, merged, reach_of, stale, within
from nachim.metrics.run import Query, evaluate
from nachim.metrics.spec import Model
from tests.metrics.company import SPEC, Tables, orders

MODEL = Model.load(SPEC)
GRAINS = [Grain.DAY, Grain.WEEK, Grain.MONTH, Grain.QUARTER]
FIRST, LAST = date(2025, 12, 1), date(2026, 7, 1)
rows = st.lists(
    st.tuples(
        st.datetimes(datetime(2026, 1, 1), datetime(2026, 5, 30), timezones=st.just(UTC)),
        st.sampled_from("ab"),
        st.sampled_from(["app", "web"]),
        st.integers(0, 9),
        st.sampled_from(["paid", "cancelled"]),
    ),
    min_size=1,
    max_size=12,
)


def table(found):
    return orders(
        *(
            (n, moment, who, channel, float(amount), status)
            for n, (moment, who, channel, amount, status) in enumerate(found)
        )
    )


def state(found, as_of):
    """Every cell, and what the refresh knows of the data: its first day and the day it is complete through."""
    engine = Tables(orders=table(found))
    cells = {}
    for grain in GRAINS:
        for cell in evaluate(
            MODEL, Query(("revenue", "all_orders", "average", "aov"), grain, FIRST, LAST), engine, as_of=as_of
        ).cells:
            cells[grain, cell.metric, cell.period] = cell
    binder = Binder(MODEL, engine)
    reach = reach_of(binder, "all_orders", as_of)
    calendar = binder.calendar
    return cells, calendar.today(reach.first), calendar.today(reach.through - timedelta(microseconds=1)), calendar


@settings(max_examples=15, deadline=None)
@given(before=rows, more=rows.map(lambda found: found[:3]), dropped=st.integers(0, 2), waited=st.integers(0, 40))
def test_cells_outside_what_is_stale_have_not_changed(before, more, dropped, waited):
    then = datetime(2026, 4, 10, 3, tzinfo=UTC)
    now = then + timedelta(days=waited)
    kept = before[min(dropped, len(before) - 1) :]
    old, was_first, was, calendar = state(before, then)
    new, first, through, _calendar = state([*kept, *more], now)
    gone = before[: len(before) - len(kept)]
    touched = [(calendar.today(row[0]), calendar.today(row[0]) + timedelta(days=1)) for row in [*gone, *more]]
    ranges = stale([touched], was, through, was_first=was_first, now_first=first)
    again = {
        (grain, period.key)
        for grain in GRAINS
        for days in within(ranges, (FIRST, LAST))
        for period in calendar.periods(grain, *days)
    }
    for key, cell in new.items():
        if (key[0], key[2]) not in again:
            assert cell == old[key], (key, ranges)


def test_nothing_touched_and_no_time_gone_by_leaves_nothing_to_do():
    assert stale([[]], date(2026, 3, 1), date(2026, 3, 1)) == []


def test_unknown_changes_and_a_first_refresh_compute_everything():
    day = date(2026, 3, 1)
    assert stale([[], None], day, day) is None
    assert stale([[]], None, day) is None
    assert within(None, (FIRST, LAST)) == [(FIRST, LAST)]


def test_near_ranges_become_one_and_there_are_few():
    day = date(2026, 1, 1)
    one, two = (day, day + timedelta(days=1)), (day + timedelta(days=5), day + timedelta(days=6))
    assert merged([two, one]) == [(day, day + timedelta(days=6))]
    many = [(day + timedelta(days=40 * at), day + timedelta(days=40 * at + 1)) for at in range(30)]
    found = merged(many)
    assert len(found) <= 6
    assert all(any(start <= one and two <= end for start, end in found) for one, two in many)


def test_a_looked_up_table_touches_every_period():
    model = Model.load("""
sources:
  orders: {lake: orders, key: order_id, time: ordered_at}
  lines: {lake: lines, time: orders.ordered_at, joins: {orders: order_id}}
  visits: {lake: visits, time: visited_at}
metrics:
  sold: {agg: sum(lines.n)}
  visits: {agg: count(visits)}
""")
    assert fact_times(model, "sold") == {"lines": {None}, "orders": {None}}
    assert fact_times(model, "visits") == {"visits": {"visited_at"}}
