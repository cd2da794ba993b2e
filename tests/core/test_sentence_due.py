"""Dates of sentences against oracles that walk the days of the calendar."""

from calendar import monthrange
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nachim.catalog.vocabulary import vocabulary
from nachim.core.period import Calendar, Grain
from nachim.core.sentence import read

WORDS = vocabulary()
read("매출", date(2026, 11, 24), WORDS)  # Patterns are compiled at the first sentence, which may take a while.
DAYS = st.dates(date(2001, 1, 1), date(2098, 12, 31))
STARTS = st.sampled_from([1, 2, 4, 7, 10])


def due(phrase, today, calendar=None):
    english = phrase.isascii()
    sentence = f"Increase revenue by 10% {phrase}" if english else f"{phrase} 매출 10% 증가"
    return read(sentence, today, WORDS, calendar).first.due


def last_day(today, same):
    """The last day from today on, of an unbroken run, that is still the same."""
    day = today
    while same(day + timedelta(days=1)):
        day += timedelta(days=1)
    return day


def months_later(today, months):
    year, month = today.year, today.month
    for _ in range(months):
        year, month = (year, month + 1) if month < 12 else (year + 1, 1)
    return date(year, month, min(today.day, monthrange(year, month)[1]))


@given(DAYS, st.integers(1, 36))
def test_months_count_from_the_day_and_are_clamped(today, months):
    expected = months_later(today, months)
    for phrase in (
        f"{months}개월 내",
        f"{months}개월 안에",
        f"{months}개월 이내에",
        f"향후 {months}개월간",
        f"within {months} months",
    ):
        assert due(phrase, today) == expected, phrase


@given(DAYS, st.integers(1, 9))
def test_years_count_from_the_day(today, years):
    assert due(f"{years}년 안에", today) == due(f"in {years} years", today) == months_later(today, 12 * years)


@given(DAYS, st.integers(1, 400))
def test_days_and_weeks_count_from_the_day(today, count):
    assert due(f"{count}일 안에", today) == due(f"within {count} days", today) == today + timedelta(days=count)
    assert due(f"{count}주 내", today) == today + timedelta(weeks=count)


@given(DAYS)
def test_a_week_ends_on_its_sunday(today):
    sunday = last_day(today, lambda day: day.isocalendar()[:2] == today.isocalendar()[:2])
    assert sunday.weekday() == 6
    assert due("이번 주까지", today) == due("금주 내", today) == due("by the end of this week", today) == sunday
    assert (
        due("다음 주까지", today) == due("차주까지", today) == due("by next week", today) == sunday + timedelta(days=7)
    )


@given(DAYS, STARTS)
def test_a_period_ends_on_its_last_day(today, start):
    calendar = Calendar(fiscal_year_start=start)

    def end(grain):
        return last_day(today, lambda day: calendar.period(grain, day) == calendar.period(grain, today))

    quarter, month = end(Grain.QUARTER), last_day(today, lambda day: day.month == today.month)
    for phrase in (
        "이번 분기 안에",
        "이번 분기 동안",
        "분기 말까지",
        "분기마다",
        "this quarter",
        "by the end of the quarter",
    ):
        assert due(phrase, today, calendar) == quarter, phrase
    for phrase in ("이번 달까지", "이달 말까지", "월말까지", "매월", "by the end of this month", "this month"):
        assert due(phrase, today, calendar) == month, phrase
    following = calendar.period(Grain.QUARTER, quarter + timedelta(days=1))
    assert due("다음 분기까지", today, calendar) == (following.end - timedelta(days=1)).date()
    assert due("이번 회계연도 안에", today, calendar) == end(Grain.YEAR)
    assert due("올해 말까지", today, calendar) == due("연내", today, calendar) == date(today.year, 12, 31)
    assert due("내년까지", today, calendar) == due("by next year", today, calendar) == date(today.year + 1, 12, 31)


@given(DAYS, STARTS, st.integers(1, 4))
def test_a_quarter_without_a_year_is_the_running_one_or_the_next_to_come(today, start, number):
    calendar = Calendar(fiscal_year_start=start)
    day = today
    while calendar.period(Grain.QUARTER, day).label("ko").split()[1] != f"{number}Q":
        day = (calendar.period(Grain.QUARTER, day).end).date()
    expected = (calendar.period(Grain.QUARTER, day).end - timedelta(days=1)).date()
    for phrase in (f"{number}분기까지", f"{number}Q까지", f"Q{number} 안에", f"{number}분기 내", f"by Q{number}"):
        assert due(phrase, today, calendar) == expected, phrase


@given(DAYS, st.integers(1, 12))
def test_a_month_without_a_year_is_the_running_one_or_the_next_to_come(today, month):
    day = today.replace(day=1)
    while day.month != month:
        day = months_later(day, 1)
    expected = date(day.year, month, monthrange(day.year, month)[1])
    assert due(f"{month}월까지", today) == due(f"{month}월 말까지", today) == expected
    assert due(f"by the end of {day:%B}", today) == expected


@given(DAYS, DAYS)
def test_a_written_date_is_that_date(today, day):
    korean = (
        f"{day:%Y-%m-%d}까지",
        f"{day.year}년 {day.month}월 {day.day}일까지",
        f"{day.year}.{day.month}.{day.day}까지",
    )
    for phrase in (*korean, f"by {day:%B} {day.day}, {day.year}", f"by {day.day} {day:%B} {day.year}"):
        assert due(phrase, today) == day, phrase


@given(DAYS, st.integers(1, 12), st.integers(1, 28))
def test_a_date_without_a_year_comes_today_or_later(today, month, number):
    this = date(today.year, month, number)
    expected = this if this >= today else date(today.year + 1, month, number)
    assert due(f"{month}/{number}까지", today) == due(f"{month}월 {number}일까지", today) == expected


COMPARISONS = """작년 대비 · 전월보다 · 최근 3개월 평균 대비 · 2025년 대비 · 전년 동기 대비 · 1월부터 · 언젠가 ·
3개월 연속 · 월 단위로 · over last year · compared to Q3 2025 · someday · year over year"""


@pytest.mark.parametrize("phrase", [one.strip() for one in COMPARISONS.split("·")])
def test_a_comparison_or_a_wish_is_no_date(phrase):
    assert due(phrase, date(2026, 11, 24)) is None


@pytest.mark.parametrize("phrase", ["2월 30일까지", "13월까지", "2026-13-01까지", "99999개월 내", "32일까지"])
def test_a_date_that_does_not_exist_is_none(phrase):
    found = due(phrase, date(2026, 11, 24))
    assert found is None or found >= date(2026, 11, 24)
