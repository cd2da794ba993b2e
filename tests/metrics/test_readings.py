"""“MAU of December” and “7-day conversion of January”: which of the possible readings it is, and that lineage says so.

December has four plausible answers and January two (other products give each of them); the numbers here tell all apart.
"""

from datetime import date, timedelta

import pyarrow as pa
import pytest

from nachim.core.period import Grain
from nachim.metrics.cells import State
from nachim.metrics.run import Query, evaluate
from nachim.metrics.spec import Model
from tests.metrics.company import Tables, at

MODEL = Model.load("""
calendar: {tz: UTC}
sources:
  visits: {lake: visits, key: id, time: at, entities: {customer: who}}
  orders: {lake: orders, key: id, time: at, entities: {customer: who}}
rows:
  visit_to_order: {sequence: {by: customer, start: visits, end: orders, within: 7 days}}
metrics:
  active: {agg: count_distinct(visits.customer)}
  mau: {at: active, window: 28 days}
  mau_first: {at: active, window: 28 days, eval: start}
  mau_mean: {at: active, window: 28 days, eval: avg}
  conversion: {unit: percent, agg: avg(visit_to_order.converted)}
""")


def table(*rows):
    ids = pa.array(range(len(rows)), pa.int64())
    moments = pa.array([at(moment) for moment, _who in rows], pa.timestamp("us", "UTC"))
    return pa.table({"id": ids, "at": moments, "who": [who for _moment, who in rows]})


def cell(name, month, **tables):
    end = date(month.year + month.month // 12, month.month % 12 + 1, 1)
    result = evaluate(MODEL, Query((name,), Grain.MONTH, month, end), Tables(**tables), as_of=at("2030-01-01"))
    (found,) = result.cells
    return found, [note.text("en") for note in result.notes], [note.text("ko") for note in result.notes]


# Who came when. The 28 days that end with December begin on the 4th.
VISITS = table(
    ("2024-10-01", "z"),
    ("2024-11-10", "n1"), ("2024-11-20", "n2"), ("2024-11-30", "n3"),
    ("2024-12-01", "d1"), ("2024-12-03 23:59", "d2"),
    ("2024-12-04", "d3"), ("2024-12-15", "d6"), ("2024-12-20", "d4"), ("2024-12-20", "n1"), ("2024-12-31 23:59", "d5"),
    ("2025-03-01", "z"),
)  # fmt: skip
NONE = table(("2024-10-01", "z"))


def test_mau_of_december_is_of_the_28_days_that_end_with_it():
    found, english, korean = cell("mau", date(2024, 12, 1), visits=VISITS, orders=NONE)
    assert (found.value, found.n, found.state) == (5, 5, State.OK)  # d3, d6, d4, n1, d5
    assert "mau: window 28 days. The value of a period is the one as of its end." in english
    assert "mau: window 28 days. 기간의 값은 그 끝에서 본 것입니다." in korean


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("active", 7, ""),  # the calendar month: d1 to d6 and n1
        # 4 November through 1 December: n1, n2, n3, d1
        ("mau_first", 4, "window 28 days start. The value of a period is the one as of its first day."),
        ("mau_mean", None, "window 28 days avg. The value of a period is the mean over the days."),
    ],
)
def test_the_other_readings_of_december_have_names_of_their_own(name, value, said):
    found, english, _korean = cell(name, date(2024, 12, 1), visits=VISITS, orders=NONE)
    if value is None:
        # Each day of December looks back 28: counted by hand, day by day.
        seen = [(row["at"].date(), row["who"]) for row in VISITS.to_pylist()]
        counts = [
            len({who for day, who in seen if timedelta(0) <= date(2024, 12, one) - day < timedelta(28)})
            for one in range(1, 32)
        ]
        value = sum(counts) / 31
        assert value not in (4, 5, 7)
    assert found.value == pytest.approx(value)
    frames = [note for note in english if note.startswith(f"{name}:")]
    assert frames == ([f"{name}: {said}"] if said else [])


STARTS = table(
    ("2025-01-01 10:00", "a"), ("2025-01-03 10:00", "a"),  # one order after two visits: both were followed by it
    ("2025-01-10 00:00", "b"),  # ordered exactly seven days later: the window excludes its end
    ("2025-01-12 08:00", "c"),  # ordered three times
    ("2025-01-31 09:00", "d"),  # ordered in February, inside the window
    ("2025-01-20 09:00", "e"),  # ordered before only
    ("2025-02-20 09:00", "f"), ("2025-06-01", "z"),
)  # fmt: skip
ENDS = table(
    ("2025-01-05 10:00", "a"), ("2025-01-17 00:00", "b"),
    ("2025-01-12 09:00", "c"), ("2025-01-13 09:00", "c"), ("2025-01-14 09:00", "c"),
    ("2025-02-03 09:00", "d"), ("2025-01-19 09:00", "e"), ("2025-06-01", "z"),
)  # fmt: skip


def test_conversion_of_january_is_the_share_of_its_visits_that_an_order_followed_in_seven_days():
    found, english, korean = cell("conversion", date(2025, 1, 1), visits=STARTS, orders=ENDS)
    # a, a, c, d of six visits. Orders credited to a visit would be a, c, c, c, d: five of six.
    assert (found.value, found.numerator, found.denominator, found.n) == (pytest.approx(4 / 6), 4, 6, 6)
    assert found.state is State.OK
    assert (
        "visit_to_order: for each of visits, whether orders of the same customer followed within 7 days of it "
        "(the window excludes its end, pick: first). A share counts visits and never exceeds 100 %; "
        "periods whose windows are still open are immature."
    ) in english
    told = next(note for note in korean if note.startswith("visit_to_order:"))
    assert "visits 하나하나에 대해" in told
    assert "visits: taken as complete through 2025-06-02 00:00 (the end of its last row's day, by default)." in english
    assert "100%를 넘지 않습니다" in told


def test_january_is_immature_until_the_window_of_its_last_visit_has_closed():
    states = []
    for now in ("2025-02-01", "2025-02-07 23:59", "2025-02-08"):
        query = Query(("conversion",), Grain.MONTH, date(2025, 1, 1), date(2025, 2, 1))
        (found,) = evaluate(MODEL, query, Tables(visits=STARTS, orders=ENDS), as_of=at(now)).cells
        states.append(found.state)
    assert states == [State.IMMATURE, State.IMMATURE, State.OK]
