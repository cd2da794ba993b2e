"""When, as a sentence says it: the last day of what is named, counted from a given day in a company's calendar.

A stretch (3개월 내, within 3 months) counts from the day, clamped to the month's end; a week ends on its Sunday, other
periods on their last day; a month, quarter or half without a year is the running one or the next to come.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from nachim.core.period import Calendar, Grain
from nachim.core.sentence_text import Span

# What a phrase of time does: sets the due date · comes again and again · lies behind · begins · may as well be a value.
DUE, CADENCE, PAST, START, STRETCH = "due", "cadence", "past", "start", "stretch"


@dataclass(frozen=True)
class Due:
    """A phrase of time. `day` is its last day; `since` the first, from which the change has been going on."""

    span: Span
    role: str
    day: date | None = None
    since: date | None = None
    grain: Grain | None = None


@dataclass(frozen=True)
class Days:
    """The arithmetic of one sentence: `today` and the company's calendar."""

    today: date
    calendar: Calendar

    def after(self, months: int = 0, days: int = 0) -> date:
        """Months and days later, clamped to the month's end."""
        return moved(self.today, months) + timedelta(days=days)

    def month(self, year: int, month: int) -> tuple[date, date]:
        return date(year, month, 1), date(year, month, monthrange(year, month)[1])

    def year(self, year: int) -> tuple[date, date]:
        return date(year, 1, 1), date(year, 12, 31)

    def week(self, ahead: int = 0) -> tuple[date, date]:
        monday = self.today - timedelta(days=self.today.weekday()) + timedelta(weeks=ahead)
        return monday, monday + timedelta(days=6)

    @property
    def fiscal(self) -> int:
        """The fiscal year that holds today, named by the calendar year it ends in."""
        first = self.calendar.fiscal_year_start
        return self.today.year + (1 if first > 1 and self.today.month >= first else 0)

    def part(self, year: int, months: int, number: int) -> tuple[date, date]:
        """The `number`th part of `months` months (3 a quarter, 6 a half, 12 the whole) of a fiscal year."""
        first = self.calendar.fiscal_year_start
        start = moved(date(year if first == 1 else year - 1, first, 1), months * (number - 1))
        return start, moved(start, months) - timedelta(days=1)

    def running(self, months: int, ahead: int = 0) -> tuple[date, date]:
        """The part of `months` months that holds today, or one further on."""
        passed = (self.today.month - self.calendar.fiscal_year_start) % 12
        start = moved(self.today.replace(day=1), months * ahead - passed % months)
        return start, moved(start, months) - timedelta(days=1)

    def coming(self, months: int, number: int) -> tuple[date, date]:
        """The part of this name that is running or comes next."""
        this = self.part(self.fiscal, months, number)
        return this if this[1] >= self.today else self.part(self.fiscal + 1, months, number)

    def coming_month(self, month: int) -> int:
        """The year in which a month of this name is running or comes next."""
        return self.today.year + (1 if month < self.today.month else 0)


def moved(day: date, months: int) -> date:
    """A day so many months later, clamped to the month's end. OverflowError beyond the calendar."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    if not 1 <= year <= 9999:
        raise OverflowError("beyond the calendar")
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


Rule = tuple[re.Pattern[str], Callable[[re.Match[str], Days], Due | None]]


def spoken(text: str, today: date, calendar: Calendar) -> list[Due]:
    """Every phrase of time in an even text, left to right, the longest at each place."""
    from nachim.core.sentence_due_en import RULES as ENGLISH
    from nachim.core.sentence_due_ko import RULES as KOREAN

    days, found = Days(today, calendar), []
    for pattern, made in (*KOREAN, *ENGLISH):
        for match in pattern.finditer(text):
            try:
                due = made(match, days)
            except (ValueError, OverflowError):
                continue
            if due is not None:
                found.append(due)
    return _apart(found)


def _apart(found: Iterable[Due]) -> list[Due]:
    kept: list[Due] = []
    for due in sorted(found, key=lambda one: (one.span.start, -one.span.end)):
        if not kept or not due.span.overlaps(kept[-1].span):
            kept.append(due)
    return kept


def full_year(written: str) -> int:
    """26 and 2026 are the same year."""
    number = int(written)
    return number + 2000 if number < 100 else number


def span_of(match: re.Match[str]) -> Span:
    """The match without the space around it."""
    text = match[0]
    return Span(match.start() + len(text) - len(text.lstrip()), match.end() - len(text) + len(text.rstrip()))
