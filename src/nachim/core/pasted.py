"""Two columns of a spreadsheet as values of periods: every line read or told what is wrong with it."""

from __future__ import annotations

import csv
import math
import re
from dataclasses import dataclass
from datetime import date

from nachim.core.korean import josa
from nachim.core.named_period import PeriodRefused, read_period
from nachim.core.number import parse_number
from nachim.core.period import Calendar, Grain, Period

MOST_LINES, MOST, LONGEST_NOTE = 2000, 1e15, 300
# What spreadsheets put where there is no value.
EMPTY = frozenset({"", "-", "–", "—", "n/a", "na", "#n/a", "없음"})
TEXTS = {
    "one_column": ("기간과 값, 두 열이 있어야 합니다: “{text}”",
                   "Two columns are needed, a period and a value: “{text}”"),
    "no_number": ("“{text}”에서 수를 읽을 수 없습니다. 1억 2,000만, 1,000, 15%처럼 적으세요.",
                  "“{text}” is not a number. 1억 2,000만, 1,000 or 15% are."),
    "too_large": ("“{text}”: 너무 큰 수입니다. 1,000조까지 적을 수 있습니다.",
                  "“{text}” is too large: numbers go to a million billion."),
    "twice": ("{label:이/가} {first}번째 줄에도 있습니다.", "{label} stands in line {first} too."),
    "to_come": ("{label:은/는} 아직 시작하지 않은 기간입니다.", "{label} has not begun yet."),
    "long_note": ("메모가 너무 깁니다. {most}자까지 적을 수 있습니다.",
                  "The note is too long: {most} letters at most."),
    "too_many": ("한 번에 {most:,}줄까지 붙여 넣을 수 있습니다.", "At most {most:,} lines at once."),
}  # fmt: skip


@dataclass(frozen=True)
class Fault:
    """What is wrong with a line; the first is line 1."""

    line: int
    sentence: tuple[str, str]

    def text(self, locale: str = "ko") -> str:
        return self.sentence[1 if locale == "en" else 0]


@dataclass(frozen=True)
class Pasted:
    """One line: the value of a period, in the unit's own size (a percent is a share)."""

    line: int
    period: Period
    value: float
    note: str = ""


def read_pasted(
    text: str, grain: Grain, calendar: Calendar, unit: str, today: date
) -> tuple[list[Pasted], list[Fault]]:
    """The values and the faults. A header and lines without a value are passed over: a blank cell changes nothing."""
    found: list[Pasted] = []
    faults: list[Fault] = []
    first: dict[str, int] = {}
    lines = text.splitlines()
    if len(lines) > MOST_LINES:
        return [], [_fault(MOST_LINES + 1, "too_many", most=MOST_LINES)]
    for number, line in enumerate(lines, 1):
        if not line.strip(" \t,;") or (number == 1 and not re.search(r"\d", line)):
            continue
        if all(len(cells) < 2 for cells in ways(line)):
            faults.append(_fault(number, "one_column", text=line.strip()[:60]))
            continue
        try:
            period, cells = _split(line, grain, calendar)
        except PeriodRefused as refused:
            faults.append(Fault(number, (refused.text("ko"), refused.text("en"))))
            continue
        if cells[1].strip().lower() in EMPTY:
            continue
        made = _value(number, period, cells, unit, today, first.get(period.key))
        if isinstance(made, Fault):
            faults.append(made)
        else:
            found.append(made)
            first[period.key] = number
    return found, faults


def _value(number: int, period: Period, cells: list[str], unit: str, today: date, before: int | None) -> Pasted | Fault:
    written, note = cells[1].strip(), " ".join(" ".join(cells[2:]).split())
    label = (period.label("ko"), period.label("en"))
    try:
        value = parse_number(written, unit)
    except (ValueError, ArithmeticError):
        return _fault(number, "no_number", text=written[:60])
    if not math.isfinite(value) or abs(value) > MOST:
        return _fault(number, "too_large", text=written[:60])
    if before is not None:
        return _fault(number, "twice", label, first=before)
    if period.start.date() > today:
        return _fault(number, "to_come", label)
    if len(note) > LONGEST_NOTE:
        return _fault(number, "long_note", most=LONGEST_NOTE)
    return Pasted(number, period, value, note)


def _split(line: str, grain: Grain, calendar: Calendar) -> tuple[Period, list[str]]:
    """The period of a line, and its cells: the first way to split it of which the first cell is a period."""
    refusals = []
    for cells in ways(line):
        try:
            return read_period(cells[0], grain, calendar), cells
        except PeriodRefused as refused:
            refusals.append(refused)
    raise refusals[0]


def ways(line: str) -> list[list[str]]:
    """How a line may fall into cells: by tabs, by semicolons, by commas, or its last word is the value.

    What stands after the first comma is one number where it reads as one: 2026-03,1,234 is 1,234 in March.
    """
    for mark in ("\t", ";"):
        if mark in line:
            return [_cells(line, mark)]
    found = []
    head, comma, rest = line.partition(",")
    if comma:
        found.append([head, rest] if _reads(rest) else _cells(line, ","))
    words = line.rsplit(None, 1)
    if len(words) == 2 and _reads(words[1]):
        found.append(words)
    return found or [[line]]


def _cells(line: str, mark: str) -> list[str]:
    try:
        return next(csv.reader([line], delimiter=mark), [line])
    except csv.Error:
        return [line]


def _reads(text: str) -> bool:
    """Whether a text is one number, its commas every three digits."""
    if re.search(r"(?<!\d),|,(?!\d{3}(?!\d))", text):
        return False
    try:
        parse_number(text)
    except (ValueError, ArithmeticError):
        return False
    return True


def _fault(line: int, code: str, label: tuple[str, str] = ("", ""), **params: object) -> Fault:
    korean, english = TEXTS[code]
    for pair in ("이/가", "은/는"):
        korean = korean.replace(f"{{label:{pair}}}", josa(label[0], pair))
    return Fault(line, (korean.format(**params), english.format(label=label[1], **params)))
