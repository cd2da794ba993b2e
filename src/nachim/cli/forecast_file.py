"""A long file of series as histories: series,time,value in, the times of the forecast out in the form they came in."""

from __future__ import annotations

import codecs
import csv
import gzip
import io
import math
import re
import sys
from array import array
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from pathlib import Path

from nachim.analysis.forecast.refusal import SeriesError
from nachim.analysis.forecast.series import History, regular
from nachim.cli.words import say

PIECE = 1 << 20
COLUMNS = ("series", "time", "value")
MISSING = {"", "na", "n/a", "nan", "null", "none", "-"}
MONTH = re.compile(r"(\d{4})[-./](\d{1,2})$")
QUARTER = re.compile(r"(\d{4})[-. ]?[qQ]([1-4])$")
DAY = re.compile(r"(\d{4})[-./](\d{1,2})[-./](\d{1,2})\.?(?:[T ](\d{1,2})(?::(\d{2}))?(?::(\d{2}))?)?$")
WEEK = re.compile(r"(\d{4})-?W(\d{2})$")


class FileError(Exception):
    """A file that cannot be worked with at all, with the sentence."""


@dataclass
class Found:
    """What a file holds: histories in the order their series first appear, what is wrong with the others, the form."""

    histories: list[History] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    form: str = "step"


@dataclass
class Points:
    """The points of one series as they came, in as little room as they need; NaN where a value is missing."""

    times: list[datetime | int] = field(default_factory=list)
    values: array[float] = field(default_factory=lambda: array("d"))


def read(path: str, code: str) -> Found:
    """Raises OSError where the file cannot be opened, FileError where it is not such a file."""
    points: dict[str, Points] = {}
    bad: dict[str, str] = {}
    found = Found()
    # Series of a file share their times: each is read once, and held once.
    known = lru_cache(maxsize=100_000)(moment)
    for line, name, time, value in _rows(path):
        if name in bad:
            continue
        try:
            at, form = known(time, code)
            number = amount(value)
        except ValueError as error:
            bad[name] = f"{name}: {say(f'{line}행', f'line {line}')}: {error}"
            points.pop(name, None)
            continue
        if not points:
            found.form = form
        own = points.setdefault(name, Points())
        own.times.append(at)
        own.values.append(math.nan if number is None else number)
    if not points and not bad:
        raise FileError(say("제목 줄 아래에 값이 없습니다.", "There are no values below the header."))
    for name in list(points):
        own = points.pop(name)
        try:
            found.histories.append(regular(zip(own.times, own.values, strict=True), code, name=name))  # type: ignore[arg-type]
        except SeriesError as error:
            bad[name] = f"{name}: {error.text('en' if say('ko', 'en') == 'en' else 'ko')}"
    found.problems = list(bad.values())
    return found


def _rows(path: str) -> Iterator[tuple[int, str, str, str]]:
    raw = sys.stdin.buffer.read() if path == "-" else Path(path).read_bytes()
    try:
        if raw[:2] == b"\x1f\x8b":
            raw = gzip.decompress(raw)
        text = io.TextIOWrapper(io.BytesIO(raw), encoding=_encoding(raw), newline="")
    except (OSError, EOFError, UnicodeDecodeError):
        raise FileError(say("글자로 된 CSV 파일이 아닙니다.", "This is not a CSV file of text.")) from None
    first = text.readline()
    comma = max(",;\t", key=first.count)
    text.seek(0)
    lines = csv.reader(text, delimiter=comma)
    try:
        names = [name.strip().lower() for name in next(lines, [])]
        lacking = [name for name in COLUMNS if name not in names]
        if lacking:
            has = ", ".join(names) or say("없음", "none")
            raise FileError(say(
                f"제목 줄에 {', '.join(lacking)} 열이 없습니다(있는 열: {has}). series,time,value가 있어야 합니다.",
                f"The header lacks {', '.join(lacking)} (it has: {has}); series,time,value are needed.",
            ))  # fmt: skip
        series, time, value = (names.index(name) for name in COLUMNS)
        width = max(series, time, value)
        for cells in lines:
            if not cells or not any(cells):
                continue
            if len(cells) <= width:
                at, has = lines.line_num, len(cells)
                raise FileError(say(f"{at}행의 칸이 {has}개뿐입니다. {width + 1}개가 있어야 합니다.",
                                    f"Line {at} has only {has} cells; {width + 1} are needed."))  # fmt: skip
            yield lines.line_num, cells[series].strip(), cells[time].strip(), cells[value].strip()
    except csv.Error as error:
        raise FileError(say(f"{lines.line_num}행을 CSV로 읽을 수 없습니다.",
                            f"Line {lines.line_num} cannot be read as CSV.")) from error  # fmt: skip


def _encoding(raw: bytes) -> str:
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        return _readable(raw, "utf-16")
    if b"\x00" in raw:
        raise UnicodeDecodeError("utf-8", b"", 0, 0, "binary")
    try:
        return _readable(raw, "utf-8-sig")
    except UnicodeDecodeError:
        return _readable(raw, "cp949")


def _readable(raw: bytes, encoding: str) -> str:
    """The encoding, if all of it is; read piece by piece, so that no second copy of a large file is held."""
    decoder = codecs.getincrementaldecoder(encoding)()
    for at in range(0, len(raw), PIECE):
        decoder.decode(raw[at : at + PIECE])
    decoder.decode(b"", final=True)
    return encoding


def amount(text: str) -> float | None:
    """A number; None for a cell that says nothing. ValueError with a sentence otherwise."""
    if text.lower() in MISSING:
        return None
    try:
        number = float(text.replace(",", ""))
    except ValueError:
        raise ValueError(say(f"“{text}”은(는) 숫자가 아닙니다.", f"“{text}” is not a number.")) from None
    if not math.isfinite(number):
        raise ValueError(say(f"“{text}”: 유한한 숫자만 받습니다.", f"“{text}”: only finite numbers can be used."))
    return number


def moment(text: str, code: str) -> tuple[datetime | int, str]:
    """A moment or a step number, and the form it is written in. ValueError with a sentence otherwise."""
    if text.isascii() and text.isdigit() and len(text) != 8:
        if len(text) == 6 and code == "M" and 1 <= int(text[4:]) <= 12 and 1900 <= int(text[:4]) < 2200:
            return datetime(int(text[:4]), int(text[4:]), 1), "%Y%m"
        return int(text), "step"
    try:
        return _date(text)
    except (ValueError, OverflowError):
        try:
            number = float(text)
            if number.is_integer():
                return int(number), "step"
        except (ValueError, OverflowError):
            pass
    raise ValueError(say(f"“{text}”은(는) 시각이 아닙니다. 2026-11-24처럼 적으세요.",
                         f"“{text}” is not a time; write it like 2026-11-24.")) from None  # fmt: skip


def _date(text: str) -> tuple[datetime, str]:
    if found := MONTH.match(text):
        return datetime(int(found[1]), int(found[2]), 1), "%Y-%m"
    if found := QUARTER.match(text):
        return datetime(int(found[1]), 3 * int(found[2]) - 2, 1), "quarter"
    if found := WEEK.match(text):
        return datetime.fromisocalendar(int(found[1]), int(found[2]), 1), "week"
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        parts = DAY.match(text)
        if not parts:
            raise
        at = datetime(*(int(part or 0) for part in parts.groups()))  # type: ignore[arg-type]
    if at.tzinfo is not None:
        return at.astimezone(UTC).replace(tzinfo=None), "utc"
    if len(text) <= 11:
        return at, "%Y%m%d" if text.isdigit() else "%Y-%m-%d"
    return at, f"%Y-%m-%d{'T' if 'T' in text else ' '}%H:%M{':%S' if text.count(':') == 2 else ''}"


def said(of: History, step: int, form: str) -> str:
    """The time of a step ahead (1 is the first) in the form of the file."""
    place = len(of.values) + step - 1
    if of.first is None:
        return str(of.number + place)
    at = of.time(place)
    assert at is not None  # noqa: S101 - a history with a beginning has times
    if form == "quarter":
        return f"{at.year}Q{(at.month + 2) // 3}"
    if form == "week":
        year, week, _day = (at + timedelta(0)).isocalendar()
        return f"{year}-W{week:02d}"
    if form == "utc":
        return at.strftime("%Y-%m-%dT%H:%M:%SZ")
    if of.code == "H" and form == "%Y-%m-%d":
        form = "%Y-%m-%d %H:%M"
    return at.strftime("%Y-%m-%d" if form == "step" else form)
