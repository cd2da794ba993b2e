"""Frames: where each evaluates a cell, as a table; and whole cells in frames against plain Python."""

from datetime import date, datetime
from pathlib import Path

import pytest
import yaml

from nachim.core.period import Grain
from nachim.metrics.cells import State
from nachim.metrics.duration import duration, shift
from nachim.metrics.frame import Frame, Span
from nachim.metrics.messages import MetricError
from nachim.metrics.run import Query, evaluate
from nachim.metrics.spec import CalendarSpec, Model
from tests.metrics.company import SPEC, Tables, at, orders

LINES = (Path(__file__).parent / "fixtures" / "places.txt").read_text(encoding="utf-8").splitlines()
PLACES = [line for line in LINES if line and not line.startswith("#")]


def frame(text):
    """`shift -1 year, window 7 days, max over 2 days` as a frame."""
    made = {}
    for part in text.split(", "):
        word, _space, rest = part.partition(" ")
        if word == "shift":
            made["shift"] = shift(rest)
        elif word == "window":
            made["window"] = duration(rest)
        elif rest == "to date":
            made["to_date"] = Grain(word)
        else:
            made["eval"] = word
            if rest:
                made["over"] = duration(rest.removeprefix("over "))
    return Frame(**made)


@pytest.mark.parametrize("line", PLACES)
def test_a_frame_evaluates_here(line):
    text, rules, asked, expected = (part.strip() for part in line.split("|"))
    until = datetime.fromisoformat(rules.removeprefix("until ")) if rules.startswith("until") else None
    calendar = CalendarSpec(**({} if until else yaml.safe_load(rules or "{}"))).calendar()
    grain, _space, moment = asked.partition(" ")
    if grain == "between":
        span = Span(*map(datetime.fromisoformat, moment.split()))
    else:
        period = calendar.period(Grain(grain), datetime.fromisoformat(moment))
        span = Span(period.start, period.end)
    found = frame(text).places(span, calendar, until)
    said = [part.split("..") for part in expected.removesuffix(" short").split()]
    assert [tuple(one) for one in found.spans] == [tuple(map(datetime.fromisoformat, one)) for one in said]
    assert found.cut_short == expected.endswith(" short")


FAR = orders(
    (1, at("2023-12-31 01:00"), "a", "app", 10.0, "paid"),
    (2, at("2024-06-15 02:00"), "c", "web", 20.0, "paid"),
    (3, at("2024-12-30 01:00"), "b", "app", 20.0, "paid"),
    (4, at("2024-12-30 02:00"), "c", "app", 20.0, "paid"),
    (5, at("2025-12-30 02:00"), "c", "app", 40.0, "paid"),
    (6, None, "d", "app", 1000.0, "paid"),
)
FRAMED = Model.load(SPEC + "  wau: {at: buyers, window: 7 days}\n  prev: {at: revenue, shift: -1 year}\n")


@pytest.mark.parametrize("rewrites", [True, False])
def test_windows_that_lie_far_apart_are_each_read(rewrites):
    query = Query(("wau",), Grain.YEAR)
    found = evaluate(FRAMED, query, Tables(orders=FAR), as_of=at("2030-01-01"), rewrites=rewrites).cells
    assert [(cell.value, cell.n) for cell in found] == [(1, 1), (2, 2), (1, 1)]


def test_a_total_without_a_range_is_of_all_rows_but_its_frames_are_of_theirs():
    query = Query(("revenue", "wau", "prev"), Grain.ALL)
    found = evaluate(FRAMED, query, Tables(orders=FAR), as_of=at("2030-01-01")).cells
    assert [(cell.metric, cell.value, cell.state) for cell in found] == [
        ("revenue", 1110, State.OK),
        ("wau", 1, State.OK),
        ("prev", 70, State.OK),
    ]


SLICED = orders(
    (1, at("2026-01-10"), "a", "web", 1.0, "paid"),
    (2, at("2026-01-30"), "a", "app", 2.0, "paid"),
    (3, at("2026-02-27"), "a", "app", 4.0, "paid"),
)
WEEKLY = Model.load(SPEC + "  week: {at: revenue, window: 7 days}\n")


@pytest.mark.parametrize("rewrites", [True, False])
@pytest.mark.parametrize("beside", [(), ("revenue",)])
def test_a_slice_is_one_of_a_metric_where_its_stretches_have_rows_whatever_is_asked_beside_it(rewrites, beside):
    query = Query(("week", *beside), Grain.MONTH, by=("channel",))
    found = evaluate(WEEKLY, query, Tables(orders=SLICED), as_of=at("2030-01-01"), rewrites=rewrites).cells
    assert [(cell.period, *cell.slices[0], cell.value) for cell in found if cell.metric == "week"] == [
        ("2026-01-01", "channel", "app", 2),
        ("2026-02-01", "channel", "app", 4),
    ]


@pytest.mark.parametrize("text", ["-1 month align lunar", "-7 days align lunar", "-1 quarter align lunar"])
def test_within_a_year_there_is_no_other_feast_to_compare_with(text):
    assert shift(text) is None
    assert shift("-12 months align lunar")


def test_rows_of_days_that_are_not_known_are_not_behind_a_number():
    model = Model.load(SPEC + "  best: {at: revenue, eval: max}\n")
    query = Query(("best",), Grain.MONTH, date(2026, 1, 1), date(2026, 2, 1))
    late = at("2026-01-30 15:00")  # the 31st is not known yet, though a row of it is there
    table = orders(*((day, at(f"2026-01-{day} 01:00"), "a", "app", float(day), "paid") for day in (10, 29, 31)))
    (found,) = evaluate(model, query, Tables(orders=table), as_of=late).cells
    assert (found.value, found.n, found.state) == (29, 2, State.PARTIAL_PERIOD)


STOCK = """
calendar: {tz: UTC}
sources:
  orders: {lake: orders, key: order_id, time: ordered_at, dims: [channel]}
metrics:
  stock: {agg: sum(orders.amount), over_time: last}
  mean: {agg: avg(orders.amount), over_time: avg}
  kinds: {agg: count_distinct(orders.channel), over_time: last}
  stock_36: {at: stock, window: 36 hours}
  mean_36: {at: mean, window: 36 hours}
  kinds_36: {at: kinds, window: 36 hours}
"""


def test_a_stock_in_a_window_of_hours_is_still_of_days():
    moments = ["2026-01-01 05:00", "2026-01-01 13:00", "2026-01-02 08:00", "2026-01-02 20:00", "2026-01-03 01:00"]
    rows = [(n, at(moment), "a", "app", 2.0**n, "paid") for n, moment in enumerate(moments)]
    query = Query(("stock_36", "mean_36"), Grain.DAY, date(2026, 1, 2), date(2026, 1, 3))
    found = evaluate(Model.load(STOCK), query, Tables(orders=orders(*rows)), as_of=at("2030-01-01")).cells
    # From noon of the 1st: the whole 2nd is the last day; the mean is of 2 and of (4 + 8) / 2.
    assert [(cell.value, cell.n) for cell in found] == [(12, 2), (4, 3)]


def test_what_does_not_follow_from_hours_is_refused_in_hours():
    query = Query(("kinds_36",), Grain.DAY, date(2026, 1, 2), date(2026, 1, 3))
    with pytest.raises(MetricError, match="하루"):
        evaluate(Model.load(STOCK), query, Tables(orders=FAR), as_of=at("2030-01-01"))
