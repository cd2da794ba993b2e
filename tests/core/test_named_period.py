"""Periods as people write them: a table of cases, and every label reads back."""

from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nachim.core.named_period import PeriodRefused, read_period, up_to
from nachim.core.period import Calendar, Grain

LINES = (Path(__file__).parent / "named_periods.txt").read_text(encoding="utf-8").splitlines()
CASES = [line for line in LINES if line and not line.startswith("#")]
CALENDARS = {"": Calendar(), "sunday": Calendar(week_start=6), "april": Calendar(fiscal_year_start=4)}
GRAINS = [Grain.DAY, Grain.WEEK, Grain.MONTH, Grain.QUARTER, Grain.YEAR]


@pytest.mark.parametrize("line", CASES)
def test_what_people_write_is_this_period(line):
    grain, calendar, text, expected = (part.strip() for part in line.split("|"))
    try:
        found = read_period(text, Grain(grain), CALENDARS[calendar]).key
    except PeriodRefused as refused:
        found = refused.code
        assert all(text in refused.text(locale) and "{" not in refused.text(locale) for locale in ("ko", "en"))
    assert found == expected


@given(
    st.dates(date(2000, 1, 8), date(2099, 12, 20)), st.sampled_from(GRAINS), st.sampled_from(["ko", "en"]),
    st.integers(0, 6), st.integers(1, 12),
)  # fmt: skip
def test_every_label_reads_back_to_its_period(day, grain, locale, week_start, fiscal):
    calendar = Calendar(week_start=week_start, fiscal_year_start=fiscal)
    period = calendar.period(grain, day)
    if period.start.year >= 2000 and (period.end - timedelta(days=1)).year <= 2099:
        assert read_period(period.label(locale), grain, calendar) == period


@given(st.text(max_size=12), st.sampled_from(GRAINS))
def test_any_text_is_a_period_or_refused_with_a_sentence(text, grain):
    try:
        period = read_period(text, grain, Calendar())
    except PeriodRefused as refused:
        assert refused.text("ko") and refused.text("en")
    else:
        assert period.grain is grain


def test_the_periods_up_to_a_day_come_newest_first():
    found = up_to(date(2026, 3, 15), Grain.MONTH, Calendar(), 3)
    assert [one.key for one in found] == ["2026-03-01", "2026-02-01", "2026-01-01"]
