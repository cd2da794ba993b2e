"""Rows that could not go in, as a CSV a person can repair and import again.

Beside the original columns it has `_file`, `_line`, `_column`, `_reason` (and `_extra` where a row had too many cells).
Texts a spreadsheet would run as formulas are escaped with `'`, and reading such a file undoes exactly that.
"""

import csv
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from nachim.lake.messages import sentence
from nachim.lake.numbers import parse_number

_FORMULA = r"'*[=+\-@\t\r＝＋－＠]"
_RISKY = re.compile(_FORMULA)
_ESCAPED = r"^'('*[=+\-@\t\r＝＋－＠])"


def escape_formula(text: str) -> str:
    """The text so that no spreadsheet runs it; plain numbers such as -500 stay numbers."""
    if _RISKY.match(text) is None or (text[0] != "'" and parse_number(text) is not None):
        return text
    return "'" + text


def unescape_formula(text: str) -> str:
    """Undoes `escape_formula`."""
    return re.sub(_ESCAPED, r"\1", text)


def unescape_column(texts: pa.Array) -> pa.Array:
    return pc.replace_substring_regex(texts, _ESCAPED, r"\1")


@dataclass(frozen=True)
class Fault:
    """One quarantined row: its line, its texts, the column at fault ("" = the whole row), and why."""

    line: int
    cells: Sequence[str | None]
    column: str
    code: str
    params: dict[str, Any]


def write_quarantine(
    path: Path,
    filename: str,
    columns: Sequence[str],
    faults: Sequence[Fault],
    *,
    delimiter: str = ",",
    locale: str = "ko",
) -> None:
    """Writes the file whole or not at all; the same import writes the same file again, so a re-run doubles nothing."""
    path.parent.mkdir(parents=True, exist_ok=True)
    width = len(columns)
    extra = any(len(fault.cells) > width for fault in faults)
    shown = [*columns, "_file", "_line", "_column", "_reason", *(["_extra"] if extra else [])]
    draft = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    # a BOM, because Excel takes a CSV without one for CP949 and shows Hangul as noise
    with draft.open("w", encoding="utf-8-sig", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(shown)
        for fault in sorted(faults, key=lambda each: each.line):
            cells = [escape_formula((cell or "").replace("\0", "")) for cell in fault.cells]
            row = (cells + [""] * width)[:width]
            why = sentence(fault.code, locale, {"column": fault.column, **fault.params})
            row += [escape_formula(filename), str(fault.line), escape_formula(fault.column), why]
            writer.writerow(row + ([delimiter.join(cells[width:])] if extra else []))
        stream.flush()
        os.fsync(stream.fileno())
    os.replace(draft, path)
