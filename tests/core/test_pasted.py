"""Two columns of a spreadsheet: each line is a value or a fault, and no line is lost."""

import re
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nachim.core.named_period import EXAMPLES
from nachim.core.named_period import TEXTS as PERIOD_TEXTS
from nachim.core.pasted import EMPTY, MOST_LINES, TEXTS, read_pasted, ways
from nachim.core.period import Calendar, Grain

LINES = (Path(__file__).parent / "pasted.txt").read_text(encoding="utf-8").splitlines()
CASES = [line for line in LINES if line and not line.startswith("#")]
TODAY = date(2026, 11, 27)


def shape(text):
    """The fixed words of a sentence, by which a fault is known."""
    return re.compile(".*".join(re.escape(part) for part in re.split(r"\{[^}]*\}", text)), re.DOTALL)


CODES = {code: shape(texts[1]) for code, texts in {**PERIOD_TEXTS, **TEXTS}.items()}


def code_of(fault):
    return next(code for code, pattern in CODES.items() if pattern.fullmatch(fault.text("en")))


@pytest.mark.parametrize("line", CASES)
def test_pasted_lines_become_values_or_faults(line):
    pasted, unit, expected = (part.strip(" ") for part in line.split("|"))
    text = pasted.replace("⏎", "\n").replace("⇥", "\t")
    found, faults = read_pasted(text, Grain.MONTH, Calendar(), unit, TODAY)
    said = {one.line: f"{one.period.key} = {one.value:.15g}" + (f" ({one.note})" if one.note else "") for one in found}
    said |= {fault.line: f"{fault.line}: {code_of(fault)}" for fault in faults}
    assert "; ".join(said[number] for number in sorted(said)) == expected


@given(st.lists(st.text(alphabet='2026-0.1,3\t;월 년%억"x', max_size=14), max_size=6))
def test_no_line_is_lost(lines):
    found, faults = read_pasted("\n".join(lines), Grain.MONTH, Calendar(), "count", TODAY)
    told = [one.line for one in found] + [fault.line for fault in faults]
    assert len(told) == len(set(told))
    for number, line in enumerate(lines, 1):
        if number not in told and not (number == 1 and not re.search(r"\d", line)):
            blank = any(len(cells) > 1 and cells[1].strip() in EMPTY for cells in ways(line))
            assert blank or not line.strip(" \t,;"), line


def test_too_many_lines_are_refused_at_once():
    found, faults = read_pasted("2026-01\t1\n" * (MOST_LINES + 1), Grain.MONTH, Calendar(), "count", TODAY)
    assert not found and code_of(faults[0]) == "too_many"


def test_every_fault_is_said_in_both_languages():
    assert all(len(texts) == 2 and all(texts) for texts in {**TEXTS, **PERIOD_TEXTS, **EXAMPLES}.values())
