"""What a refresh must compute again: what it leaves alone has to be what a full computation would give."""

from datetime import UTC, date, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from nachim.core.period import Grain
from nachim.metrics.bind import Binder
from nachim.metrics.refresh import Staleness, merged, placed_by, reach_of
from nachim.metrics.run import Query, evaluate
from nachim.metrics.spec import Model
from tests.metrics.company import SPEC, Tables, orders

SPEC += """
  growth: {unit: percent, calc: revenue / before - 1, with: {before: {at: revenue, shift: -1 month}}}
  lately: {at: buyers, window: 10 days}
  so_far: {at: revenue, to_date: quarter}
  usual: {at: all_orders, eval: avg}
  last_year: {at: lately, shift: -30 days align weekday}
  again: {agg: avg(again.converted)}
  soon: {agg: avg(again.lag), where: "channel = 'app'", unit: days}
  repeat: {agg: avg(count(orders) >= 2), per: customer}
  kept: {agg: avg(buyers_by_week.active), where: "k = 2"}
  spent: {agg: avg(sum(buyers_by_week.value)), per: customer, where: "k < 4"}
  newest: {agg: sum(orders.amount), over_time: last}
rows:
  again: {sequence: {by: customer, start: orders, end: orders, within: 5 days, pick: next}}
  buyers_by_week: {cohort: {by: customer, born: first(orders), activity: orders, period: week, value: amount}}
"""
MODEL = Model.load(SPEC)
NAMES = tuple(MODEL.metrics)
NOW = datetime(2026, 4, 10, tzinfo=UTC)
THEN = datetime(2026, 4, 10, 3, tzinfo=UTC)
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


def state(found, as_of, name, grain):
    """Every cell, and what the refresh knows of the data: its first day and the day it is complete through."""
    engine = Tables(orders=table(found))
    binder = Binder(MODEL, engine)
    cells = {
        cell.period: cell for cell in evaluate(MODEL, Query((name,), grain, FIRST, LAST), engine, as_of=as_of).cells
    }
    reach, today = reach_of(binder, name, as_of), binder.calendar.today
    return cells, today(reach.first), today(reach.through - timedelta(microseconds=1)), binder


@settings(max_examples=50, deadline=None)
@given(
    before=rows, more=rows.map(lambda found: found[:3]), dropped=st.integers(0, 2), waited=st.integers(0, 40),
    name=st.sampled_from(NAMES), grain=st.sampled_from(GRAINS),
)  # fmt: skip
def test_cells_outside_what_is_stale_have_not_changed(before, more, dropped, waited, name, grain):
    now = THEN + timedelta(days=waited)
    kept = before[min(dropped, len(before) - 1) :]
    old, was_first, was, binder = state(before, THEN, name, grain)
    new, first, through, binder = state([*kept, *more], now, name, grain)
    gone, today = before[: len(before) - len(kept)], binder.calendar.today
    touched = {"orders": [(today(row[0]), today(row[0]) + timedelta(days=1)) for row in [*gone, *more]]}
    stale = Staleness(binder, name, now, touched, was, through, was_first=was_first, now_first=first)
    days = stale.days(grain, (FIRST, LAST))
    again = {period.key for one in days for period in binder.calendar.periods(grain, *one)}
    for key, cell in new.items():
        if key not in again:
            assert cell == old[key], key


def binder_of(found=()):
    return Binder(MODEL, Tables(orders=table(found)))


def test_nothing_touched_and_no_time_gone_by_leaves_nothing_to_do():
    day = date(2026, 3, 1)
    found = Staleness(binder_of(), "revenue", NOW, {"orders": []}, day, day)
    assert found.nothing and found.days(Grain.DAY, (FIRST, LAST)) == []


def test_unknown_changes_and_a_first_refresh_compute_everything():
    day = date(2026, 3, 1)
    for found in (
        Staleness(binder_of(), "revenue", NOW, {"orders": None}, day, day),
        Staleness(binder_of(), "revenue", NOW, {"orders": []}, None, day),
    ):
        assert found.touched is None and found.days(Grain.DAY, (FIRST, LAST)) == [(FIRST, LAST)]


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
    assert placed_by(model, "sold") == {"lines": ("lines", None), "orders": ("orders", None)}
    assert placed_by(model, "visits") == {"visits": ("visits", "visited_at")}
