"""Periods: the SQL that cuts time and the calendar that names it must never disagree."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import duckdb
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from sqlglot import exp

from nachim.core.period import Calendar, Grain, Period
from nachim.metrics.engine import ColumnType
from nachim.metrics.run import encode
from nachim.metrics.scope import Ref
from nachim.metrics.sql import bucket

CUT = [grain for grain in Grain if grain is not Grain.ALL]
ZONES = [
    "Asia/Seoul",
    "America/New_York",
    "Europe/London",
    "Asia/Kathmandu",
    "Australia/Lord_Howe",
    "Pacific/Apia",
    "America/Sao_Paulo",
]
CALENDARS = st.builds(
    Calendar,
    tz=st.sampled_from(ZONES),
    week_start=st.integers(0, 6),
    fiscal_year_start=st.integers(1, 12),
    day_start=st.sampled_from([time(0), time(5), time(2, 30), time(23)]),
)
INSTANTS = st.datetimes(datetime(1999, 12, 25), datetime(2032, 3, 5), timezones=st.just(UTC))
NEW_YORK = Calendar("America/New_York", 6, 4, time(2, 30))


@pytest.fixture(scope="module")
def duck():
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        yield connection


def in_sql(duck, instant, grain, calendar):
    """The period of an instant as the engine computes it."""
    tree = bucket(Ref("t", "at", ColumnType.TIME, ()), grain, calendar)
    row = exp.select(exp.cast(exp.Placeholder(), "TIMESTAMPTZ").as_("at")).subquery("t")
    return duck.execute(exp.select(tree).from_(row).sql(dialect="duckdb"), [instant]).fetchone()[0]


@settings(max_examples=300, deadline=None)
@given(instant=INSTANTS, calendar=CALENDARS, grain=st.sampled_from(CUT))
@example(instant=datetime(2024, 2, 29, 14, 59, 59, tzinfo=UTC), calendar=Calendar(), grain=Grain.DAY)
@example(instant=datetime(2024, 3, 10, 7, 0, tzinfo=UTC), calendar=NEW_YORK, grain=Grain.DAY)  # the clocks go forward
@example(instant=datetime(2024, 11, 3, 5, 59, tzinfo=UTC), calendar=NEW_YORK, grain=Grain.HOUR)  # and back
@example(
    instant=datetime(2023, 12, 31, 20, 0, tzinfo=UTC), calendar=Calendar("Asia/Seoul", 6, 4, time(5)), grain=Grain.WEEK
)
def test_sql_and_calendar_cut_time_alike(duck, instant, calendar, grain):
    assert in_sql(duck, instant, grain, calendar) == encode(calendar.period(grain, instant))


@settings(max_examples=300, deadline=None)
@given(instant=INSTANTS, calendar=CALENDARS, grain=st.sampled_from(CUT))
@example(instant=datetime(2024, 3, 10, 7, 10, tzinfo=UTC), calendar=NEW_YORK, grain=Grain.DAY)
def test_a_period_holds_its_instants_and_its_key_leads_back(instant, calendar, grain):
    period = calendar.period(grain, instant)
    first, last = calendar.bounds(period)
    twice = instant.astimezone(calendar.zone).fold or first.astimezone(calendar.zone).fold  # an hour that comes twice
    assert twice or first <= instant < last
    assert Period.parse(grain, period.key, calendar) == period


@settings(max_examples=200, deadline=None)
@given(
    start=st.dates(date(2019, 1, 1), date(2026, 1, 1)),
    days=st.integers(1, 500),
    calendar=CALENDARS,
    grain=st.sampled_from(CUT[1:]),
)
def test_periods_cover_a_range_without_gap_or_overlap(start, days, calendar, grain):
    end = start + timedelta(days=days)
    periods = calendar.periods(grain, start, end)
    assert periods[0].start.date() <= start
    assert periods[-1].end.date() >= end
    assert all(one.end == two.start and one.next() == two and two.previous() == one for one, two in pairwise(periods))
    assert [one.key for one in periods] == sorted(one.key for one in periods)
    bounds = [calendar.bounds(one) for one in periods]
    assert all(one[1] == two[0] for one, two in pairwise(bounds))


def test_a_day_has_as_many_hours_as_the_clocks_give_it():
    calendar = Calendar("America/New_York")
    hours = {}
    for day in (date(2024, 3, 10), date(2024, 11, 3), date(2024, 7, 1)):
        first, last = calendar.bounds(calendar.period(Grain.DAY, day))
        hours[day] = (last - first) / timedelta(hours=1)
    assert list(hours.values()) == [23, 25, 24]


def test_a_day_that_begins_in_an_hour_the_clocks_skip_begins_at_the_skip():
    first, _last = NEW_YORK.bounds(NEW_YORK.period(Grain.DAY, date(2024, 3, 10)))
    assert first == datetime(2024, 3, 10, 7, 0, tzinfo=UTC)
    assert NEW_YORK.today(first) == date(2024, 3, 10)
    assert NEW_YORK.today(first - timedelta(seconds=1)) == date(2024, 3, 9)


def test_three_in_the_morning_belongs_to_the_day_before_when_days_begin_at_five():
    calendar = Calendar(day_start=time(5))
    night = datetime(2026, 11, 24, 3, 0, tzinfo=ZoneInfo("Asia/Seoul"))
    assert calendar.today(night) == date(2026, 11, 23)
    hour = calendar.period(Grain.HOUR, night)
    assert (hour.key, hour.label("ko")) == ("2026-11-24T03:00", "2026.11.24 03시")


@pytest.mark.parametrize(
    ("grain", "day", "fiscal", "ko", "en"),
    [
        (Grain.DAY, date(2026, 11, 24), 1, "2026.11.24(화)", "Tue 2026-11-24"),
        (Grain.WEEK, date(2026, 11, 24), 1, "26년 11월 4주차", "2026-W48"),
        (Grain.WEEK, date(2026, 12, 31), 1, "26년 12월 5주차", "2026-W53"),
        (Grain.MONTH, date(2026, 11, 24), 1, "26.11", "Nov 2026"),
        (Grain.QUARTER, date(2026, 11, 24), 1, "'26 4Q", "'26 4Q"),
        (Grain.QUARTER, date(2026, 11, 24), 4, "FY27 3Q", "FY27 3Q"),
        (Grain.YEAR, date(2026, 11, 24), 1, "2026년", "2026"),
        (Grain.YEAR, date(2026, 3, 31), 4, "FY26", "FY26"),
        (Grain.ALL, date(2026, 11, 24), 1, "전체", "All time"),
    ],
)
def test_labels_are_as_people_write_them(grain, day, fiscal, ko, en):
    period = Calendar(fiscal_year_start=fiscal).period(grain, day)
    assert (period.label("ko"), period.label("en")) == (ko, en)


@pytest.mark.parametrize(
    ("grain", "key", "fiscal"),
    [
        (Grain.WEEK, "2026-11-24", 1),
        (Grain.MONTH, "2026-11-02", 1),
        (Grain.QUARTER, "2026-11-01", 1),
        (Grain.YEAR, "2026-01-01", 4),
    ],
)
def test_a_key_that_begins_no_period_is_refused(grain, key, fiscal):
    with pytest.raises(ValueError, match="first day"):
        Period.parse(grain, key, Calendar(fiscal_year_start=fiscal))
