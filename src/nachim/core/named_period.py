"""A period as people and spreadsheets write it: 2026년 3월, 2026-03, 3/2026, 26.03, Mar-26, 2026.3.15, '26 1Q, FY26.

Every label nachim itself shows of a day, week, month, quarter or year reads back to it. A day stands for the period
that holds it, since a spreadsheet dates a month by its first or last day; any other period has to be of the grain that
is asked for: the month 2026-03 is no quarter.
"""

# ruff: noqa: E501 (a pattern stays on its line)

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from datetime import date, timedelta

from nachim.core.period import Calendar, Grain, Period
from nachim.core.sentence_due import Days, full_year
from nachim.core.sentence_due_en import MONTHS

NAME = r"(?P<name>jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\.?"
QUARTER = r"(?:Q(?P<q>[1-4])|(?P<number>[1-4])\s*(?:Q|분기))"
LAST_YEAR = r"(?P<y>(?:19|20)\d{2}|'?\d{2})"
AFTER = r"\s*(?:\(?[월화수목금토일](?:요일)?\)?)?(?:[ T]\s*0{1,2}:00(?::00(?:\.0+)?)?)?"
Found = tuple[Grain, date]


class PeriodRefused(ValueError):
    """What is written is no period (`unread`, `ambiguous`), or one of another grain (`other_grain`)."""

    def __init__(self, code: str, text: str, wanted: Grain, named: Grain | None = None):
        super().__init__(code, text)
        self.code, self.written, self.wanted, self.named = code, text[:60], wanted, named

    def text(self, locale: str = "ko") -> str:
        which = 1 if locale == "en" else 0
        named = GRAINS[self.named][which] if self.named else ""
        return TEXTS[self.code][which].format(
            text=self.written, wanted=GRAINS[self.wanted][which], named=named, example=EXAMPLES[self.wanted][which]
        )


GRAINS = {
    Grain.DAY: ("하루", "day"), Grain.WEEK: ("한 주", "week"), Grain.MONTH: ("한 달", "month"),
    Grain.QUARTER: ("한 분기", "quarter"), Grain.YEAR: ("한 해", "year"),
}  # fmt: skip
EXAMPLES = {
    Grain.DAY: ("2026-03-15, 2026년 3월 15일", "2026-03-15, 15 Mar 2026"),
    Grain.WEEK: ("2026년 3월 2주차, 그 주의 아무 날", "2026-W11, or any day of it"),
    Grain.MONTH: ("2026년 3월, 2026-03, 그달의 아무 날", "2026-03, Mar 2026, or any day of it"),
    Grain.QUARTER: ("2026년 1분기, 2026 1Q, 그 분기의 아무 날", "2026 Q1, or any day of it"),
    Grain.YEAR: ("2026년, FY26, 그해의 아무 날", "2026, FY26, or any day of it"),
}  # fmt: skip
TEXTS = {
    "unread": ("“{text}”에서 기간을 읽을 수 없습니다. {example}처럼 적으세요.",
               "“{text}” is no period that can be read. Write it as {example}."),
    "ambiguous": ("“{text}”에서 어느 쪽이 달인지 알 수 없습니다. 해를 앞에 적으세요.",
                  "“{text}” could be read with the day or the month first. Write the year first."),
    "other_grain": ("“{text}”: {named}입니다. 이 값은 {wanted}에 하나씩 적습니다.",
                    "“{text}” is a {named}; these values are one a {wanted}."),
}  # fmt: skip


def read_period(text: str, grain: Grain, calendar: Calendar) -> Period:
    """The period of `grain` that a text names. Raises PeriodRefused."""
    even = unicodedata.normalize("NFKC", text).strip().strip('"“”').strip().replace("’", "'")
    for pattern, read in RULES:
        match = pattern.fullmatch(even)
        if match is None:
            continue
        try:
            named, first = read(match, calendar)
        except (ValueError, OverflowError):
            break
        if named not in (grain, Grain.DAY):
            raise PeriodRefused("other_grain", text.strip(), grain, named)
        return calendar.period(grain, first)
    if re.fullmatch(r"\d{1,2}([-/])\d{1,2}\1\d{4}", even):
        raise PeriodRefused("ambiguous", text.strip(), grain)
    raise PeriodRefused("unread", text.strip(), grain)


def _day(match: re.Match[str], calendar: Calendar) -> Found:
    return Grain.DAY, date(full_year(match["y"].lstrip("'")), int(match["m"]), int(match["d"]))


def _swapped(match: re.Match[str], calendar: Calendar) -> Found:
    """Year last: 15/3/2026 and 3/15/2026 tell themselves which is the day; with dots the day comes first."""
    one, two, year = int(match["a"]), int(match["b"]), int(match["y"])
    if match["sep"] != "." and one <= 12 and two <= 12:
        raise ValueError("day or month first")
    day, month = (two, one) if two > 12 and match["sep"] != "." else (one, two)
    return Grain.DAY, date(year, month, day)


def _named_day(match: re.Match[str], calendar: Calendar) -> Found:
    return Grain.DAY, date(int(match["y"]), MONTHS.index(match["name"].lower()[:3]) + 1, int(match["d"]))


def _month(match: re.Match[str], calendar: Calendar) -> Found:
    return Grain.MONTH, date(full_year(match["y"].lstrip("'")), int(match["m"]), 1)


def _named_month(match: re.Match[str], calendar: Calendar) -> Found:
    return Grain.MONTH, date(full_year(match["y"].lstrip("'")), MONTHS.index(match["name"].lower()[:3]) + 1, 1)


def _quarter(match: re.Match[str], calendar: Calendar) -> Found:
    """Of a fiscal year, which is named by the year it ends in, where the company has one."""
    year = full_year(match["y"].lstrip("'"))
    return Grain.QUARTER, Days(date(year, 1, 1), calendar).part(year, 3, int(match["q"] or match["number"]))[0]


def _year(match: re.Match[str], calendar: Calendar) -> Found:
    year = full_year(match["y"].lstrip("'"))
    return Grain.YEAR, Days(date(year, 1, 1), calendar).part(year, 12, 1)[0]


def _iso_week(match: re.Match[str], calendar: Calendar) -> Found:
    """The week whose middle day lies in the ISO week of this number."""
    first = date.fromisocalendar(int(match["y"]), int(match["w"]), 1)
    return Grain.WEEK, _middle(first, calendar) - timedelta(days=3)


def _week_of_month(match: re.Match[str], calendar: Calendar) -> Found:
    """3월 2주차: the week whose middle day is the second such weekday of March."""
    first = date(full_year(match["y"].lstrip("'")), int(match["m"]), 1)
    middle = _middle(first + timedelta(days=7 * (int(match["w"]) - 1)), calendar)
    if middle.month != first.month:
        raise ValueError("no such week in this month")
    return Grain.WEEK, middle - timedelta(days=3)


def _middle(first: date, calendar: Calendar) -> date:
    """The first middle day of a week on or after a day."""
    return first + timedelta(days=(calendar.week_start + 3 - first.weekday()) % 7)


Read = Callable[[re.Match[str], Calendar], Found]
RULES: tuple[tuple[re.Pattern[str], Read], ...] = tuple(
    (re.compile(pattern, re.IGNORECASE), read)
    for pattern, read in (
        (
            rf"(?:(?:mon|tue|wed|thu|fri|sat|sun)\w*,?\s+)?(?P<y>\d{{4}})\s*[-./]\s*(?P<m>\d{{1,2}})\s*[-./]\s*(?P<d>\d{{1,2}})\.?{AFTER}",
            _day,
        ),
        (rf"(?P<y>\d{{4}}|'?\d{{2}})\s*년\s*(?P<m>\d{{1,2}})\s*월\s*(?P<d>\d{{1,2}})\s*일{AFTER}", _day),
        (r"(?P<y>(?:19|20)\d{2})(?P<m>\d{2})(?P<d>\d{2})", _day),
        (rf"(?P<y>\d{{2}})\.\s?(?P<m>\d{{1,2}})\.\s?(?P<d>\d{{1,2}})\.?{AFTER}", _day),
        (r"(?P<a>\d{1,2})(?P<sep>[-./])(?P<b>\d{1,2})(?P=sep)(?P<y>\d{4})", _swapped),
        (rf"(?P<d>\d{{1,2}})(?:st|nd|rd|th)?[\s-]+{NAME}[\s,-]+(?P<y>\d{{4}})", _named_day),
        (rf"{NAME}\s+(?P<d>\d{{1,2}})(?:st|nd|rd|th)?,?\s+(?P<y>\d{{4}})", _named_day),
        (r"(?P<y>\d{4}|'?\d{2})\s*년\s*(?P<m>\d{1,2})\s*월(?:\s*분)?", _month),
        (r"(?P<y>\d{4})\s*[-./]\s*(?P<m>\d{1,2})\.?", _month),
        (r"(?P<y>\d{2})\.(?P<m>\d{1,2})\.?", _month),
        (r"(?P<y>(?:19|20)\d{2})(?P<m>\d{2})", _month),
        (r"(?P<m>\d{1,2})\s*[-./]\s*(?P<y>\d{4})", _month),
        (rf"{NAME}[\s,-]+{LAST_YEAR}", _named_month),
        (rf"(?P<y>\d{{4}})[\s-]+{NAME}", _named_month),
        (rf"(?:FY\s*)?(?P<y>\d{{4}}|'?\d{{2}})\s*(?:년\s*)?[-\s]?{QUARTER}", _quarter),
        (rf"{QUARTER}[\s-]*(?:FY\s*)?(?P<y>\d{{4}}|'?\d{{2}})", _quarter),
        (r"(?P<y>\d{4})-?\s?W(?P<w>\d{1,2})", _iso_week),
        (r"(?P<y>\d{4}|'?\d{2})\s*년\s*(?P<m>\d{1,2})\s*월\s*(?P<w>[1-5])\s*주\s*차?", _week_of_month),
        (r"(?:FY\s*)?(?P<y>\d{4})(?:\s*년(?:도)?)?", _year),
        (r"(?:FY\s*|')(?P<y>\d{2})", _year),
        (r"(?P<y>\d{2})\s*년(?:도)?", _year),
    )
)


def up_to(day: date, grain: Grain, calendar: Calendar, count: int) -> list[Period]:
    """The `count` periods up to the one that holds a day, newest first."""
    newest = calendar.period(grain, day)
    return [newest.moved(-back) for back in range(count)]
