"""Which state a stretch of a source has, as a table."""

from datetime import datetime, time, timedelta

import pytest

from nachim.core.period import Calendar
from nachim.metrics.coverage import Coverage
from nachim.metrics.duration import duration
from nachim.metrics.frame import Span
from tests.metrics.company import at

UTC_DAYS = Calendar("UTC")
NEW_YORK = Calendar("America/New_York", day_start=time(5))
# Rows from 10 March 2024 15:00 through the end of the 20th; windows followed as far as each case says (UTC).
FIRST, THROUGH = at("2024-03-10 15:00"), at("2024-03-21")
# fmt: off
STATES = [
    # stretch, window, followed, state
    ("2024-03-09 2024-03-10", None, None, "no_data"),
    ("2024-03-09 2024-03-10T15", None, None, "no_data"),  # it ends where the first row is
    ("2024-03-10 2024-03-11", None, None, "ok"),  # the first row's day, though it began before it
    ("2024-03-01 2024-04-01", None, None, "partial_period"),
    ("2024-03-20 2024-03-21", None, None, "ok"),
    ("2024-03-20 2024-03-21T01", None, None, "partial_period"),
    ("2024-03-21 2024-03-22", None, None, "no_data"),
    ("2024-03-10 2024-03-14", "7 days", "2024-03-21", "ok"),  # the window of the last start closes as it must
    ("2024-03-10 2024-03-14T01", "7 days", "2024-03-21", "immature"),
    ("2024-03-10 2024-03-14", "7 days", "2024-03-20T23", "immature"),
    ("2024-03-10 2024-03-14", "169 hours", "2024-03-21", "immature"),
    ("2024-03-10 2024-04-01", "1 hour", "2024-03-21", "immature"),  # under way, and its windows open
    ("2024-03-10 2024-04-01", "1 hour", "2025-01-01", "partial_period"),
    ("2024-03-21 2024-03-22", "1 hour", "2025-01-01", "no_data"),
    ("2024-03-10 2024-03-14", "7 days", None, "immature"),  # nothing is known of the ends
    ("2024-03-10 2024-03-14", "1 month", "2024-04-14", "ok"),
    ("2024-03-10 2024-03-14", "1 month", "2024-04-13T23", "immature"),
]
# fmt: on


@pytest.mark.parametrize(("stretch", "within", "followed", "state"), STATES)
def test_a_stretch_has_this_state(stretch, within, followed, state):
    cover = Coverage(FIRST, FIRST, THROUGH, False, within and duration(within), followed and at(followed))
    assert cover.state(Span(*map(datetime.fromisoformat, stretch.split())), UTC_DAYS) == state


@pytest.mark.parametrize(
    ("within", "closes"),
    [
        # From the end of Friday 8 March 2024 in New York, 10:00 UTC; in the night to Sunday the clocks jump.
        ("24 hours", "2024-03-10 10:00"),
        ("2 days", "2024-03-11 10:00"),
        ("1 month", "2024-04-09 09:00"),
    ],
)
def test_a_window_of_hours_passes_and_one_of_months_is_on_the_calendar(within, closes):
    span = Span(datetime(2024, 3, 8), datetime(2024, 3, 9))
    for followed, state in ((at(closes), "ok"), (at(closes) - timedelta(minutes=1), "immature")):
        cover = Coverage(at("2024-01-01"), FIRST, at("2025-01-01"), False, duration(within), followed)
        assert cover.state(span, NEW_YORK) == state


def test_no_rows_are_no_data_and_what_has_no_time_always_counts():
    span = Span(datetime(2024, 3, 10), datetime(2024, 3, 11))
    assert Coverage(None, None, None).state(span, UTC_DAYS) == "no_data"
    assert Coverage(None, None, None, timeless=True).state(span, UTC_DAYS) == "ok"
