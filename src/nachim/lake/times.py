"""Which texts are times, and which instant each one is.

Yes: `2026-11-24`, `2026.11.24`, `2026. 11. 24.`, `2026/11/24 15:05:00`, `2026년 11월 24일`, `20261124`,
`2026-11-24 오후 3:05`, `3:05 PM` after a date, ISO with `T`, fractions and a zone; `24.11.2026` is day first by
convention; `24/11/2026` only with the order the column's evidence gives; an Excel serial (`46350.5`) only in a column
that is otherwise a time. A text without a zone is in the workspace's zone. Impossible dates are not times.
"""

import re
import unicodedata
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta, timezone
from functools import partial
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.compute as pc

from nachim.lake.numbers import by_unique, no_faults

STAMP = pa.timestamp("us", tz="UTC")

_CLOCK = (
    r"(?:(?:\s*T\s*|\s+)(?P<half>오전|오후|AM|PM)?\s*(?P<h>\d{1,2})(?::|시\s*)(?P<mi>\d{1,2})?(?:분)?"
    r"(?:(?::|\s*)(?P<s>\d{1,2})(?:초)?(?:[.,](?P<f>\d{1,9}))?)?\s*(?P<half2>AM|PM)?"
    r"\s*(?P<zone>Z|UTC|GMT|KST|[+-]\d{2}:?\d{2}|[+-]\d{2})?)?"
)
_WEEKDAY = r"(?:\s*\(?[월화수목금토일](?:요일)?\)?)?"
_YEAR_FIRST = re.compile(
    r"(?P<y>\d{4})(?:\s*[-./]\s*(?P<m>\d{1,2})\s*[-./]\s*(?P<d>\d{1,2})\.?"
    r"|\s*년\s*(?P<m2>\d{1,2})\s*월\s*(?P<d2>\d{1,2})\s*일)" + _WEEKDAY + _CLOCK,
    re.IGNORECASE,
)
_PACKED = re.compile(r"(?P<y>\d{4})(?P<m>\d{2})(?P<d>\d{2})(?:[T ]?(?P<h>\d{2})(?P<mi>\d{2})(?P<s>\d{2})?)?")
_YEAR_LAST = re.compile(r"(?P<a>\d{1,2})(?P<sep>[-./])(?P<b>\d{1,2})(?P=sep)(?P<y>\d{4})" + _CLOCK, re.IGNORECASE)
_MONTH = re.compile(r"(?P<y>\d{4})(?:[-./](?P<m>\d{1,2})|\s*년\s*(?P<m2>\d{1,2})\s*월)")
_SERIAL = re.compile(r"\d{5}(?:\.\d+)?")
_SHAPE = re.compile(
    r"\d{4}\s*[-./년]\s*\d{1,2}\s*[-./월]\s*\d{1,2}.*|\d{1,2}[-./]\d{1,2}[-./]\d{4}(?:[ T].*)?|\d{4}년\s*\d{1,2}월",
    re.DOTALL,
)
_ZONES = {"Z": 0, "UTC": 0, "GMT": 0, "KST": 540}
_EXCEL_EPOCH = datetime(1899, 12, 30)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def looks_like_time(text: str) -> bool:
    """Written like a date, possible or not: decides the type of a column, so that 2026-02-30 is a wrong *time*."""
    return _SHAPE.fullmatch(text.strip()) is not None


def day_or_month_first(texts: Iterable[str]) -> str | None:
    """`dmy` or `mdy` if the year-last dates of a column agree on it, else None (also if they contradict)."""
    votes = set()
    for text in texts:
        match = _YEAR_LAST.fullmatch(text.strip())
        if match is None:
            continue
        if match["sep"] == "." or int(match["a"]) > 12:
            votes.add("dmy")
        elif int(match["b"]) > 12:
            votes.add("mdy")
    return votes.pop() if len(votes) == 1 else None


def is_ambiguous(text: str) -> bool:
    """A year-last date whose day and month could be swapped."""
    match = _YEAR_LAST.fullmatch(text.strip())
    return match is not None and match["sep"] != "." and int(match["a"]) <= 12 and int(match["b"]) <= 12


def parse_time(text: str, zone: ZoneInfo, order: str | None = None) -> datetime | None:
    """The instant in UTC, or None if the text is not a possible time."""
    text = unicodedata.normalize("NFKC", text).strip()
    try:
        if match := _YEAR_FIRST.fullmatch(text):
            return _instant(match, int(match["m"] or match["m2"]), int(match["d"] or match["d2"]), zone)
        if match := _PACKED.fullmatch(text):
            return _local(datetime(*(int(part or 0) for part in match.group("y", "m", "d", "h", "mi", "s"))), zone)
        if match := _YEAR_LAST.fullmatch(text):
            first, second = int(match["a"]), int(match["b"])
            if order is None and match["sep"] != ".":
                return None
            day, month = (second, first) if order == "mdy" else (first, second)
            return _instant(match, month, day, zone)
        if match := _MONTH.fullmatch(text):
            return _local(datetime(int(match["y"]), int(match["m"] or match["m2"]), 1), zone)
        if _SERIAL.fullmatch(text):
            # a serial is a day count; to the second, since Excel's doubles carry noise below it
            return _local(_EXCEL_EPOCH + timedelta(seconds=round(float(text) * 86400)), zone)
    except (ValueError, OverflowError):
        return None
    return None


def _instant(match: re.Match[str], month: int, day: int, zone: ZoneInfo) -> datetime | None:
    hour = int(match["h"] or 0)
    half = (match["half"] or match["half2"] or "").upper()
    if half:
        if not 0 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if half in ("오후", "PM") else 0)
    micro = int((match["f"] or "0")[:6].ljust(6, "0"))
    when = datetime(int(match["y"]), month, day, hour, int(match["mi"] or 0), int(match["s"] or 0), micro)
    if not match["zone"]:
        return _local(when, zone)
    name = match["zone"].upper()
    if name in _ZONES:
        minutes = _ZONES[name]
    else:
        digits = name[1:].replace(":", "").ljust(4, "0")
        minutes = (int(digits[:2]) * 60 + int(digits[2:])) * (-1 if name[0] == "-" else 1)
    return when.replace(tzinfo=timezone(timedelta(minutes=minutes))).astimezone(UTC)


def _local(when: datetime, zone: ZoneInfo) -> datetime:
    return when.replace(tzinfo=zone).astimezone(UTC)


def _micros(text: str, zone: ZoneInfo, order: str | None) -> int | None:
    when = parse_time(text, zone, order)
    return None if when is None else (when - _EPOCH) // timedelta(microseconds=1)


def to_times(texts: pa.Array, zone: str, order: str | None = None) -> tuple[pa.Array, pa.Array]:
    """Texts as UTC instants, and a mask of the texts that are not times. Arrow first, Python for the rest."""
    try:
        naive = texts.cast(pa.timestamp("us"))
    except pa.ArrowInvalid:
        values, bad = by_unique(texts, partial(_micros, zone=ZoneInfo(zone), order=order), pa.int64())
        return values.cast(STAMP), bad
    made = pc.assume_timezone(naive, zone, ambiguous="earliest", nonexistent="earliest").cast(STAMP)
    return made, no_faults(len(texts))


def local_days(times: pa.Array | pa.ChunkedArray, zone: str) -> list[date]:
    """The distinct local days of instants, in order."""
    if len(times) > 10_000:
        times = _quarters(times)
    local = pc.local_timestamp(times.cast(pa.timestamp("us", tz=zone)))
    days = pc.unique(local.cast(pa.date32(), safe=False)).drop_null()
    return sorted(days.to_pylist())


def _quarters(times: pa.Array | pa.ChunkedArray) -> pa.Array | pa.ChunkedArray:
    """A distinct instant for each quarter of an hour: since 1970 all zones are cut at quarters, so days stay apart."""
    micros = times.cast(pa.int64())
    if (pc.min(micros).as_py() or 0) < 0:
        return times
    quarter = pa.scalar(15 * 60 * 1_000_000)
    distinct = pc.unique(pc.divide(micros, quarter))
    return pc.multiply(distinct, quarter).cast(STAMP)


def day_ranges(days: Iterable[date]) -> list[tuple[date, date]]:
    """Days as half-open ranges: [24th, 25th, 27th] → [(24th, 26th), (27th, 28th)]."""
    ranges: list[tuple[date, date]] = []
    for day in sorted(set(days)):
        if ranges and ranges[-1][1] == day:
            ranges[-1] = (ranges[-1][0], day + timedelta(days=1))
        else:
            ranges.append((day, day + timedelta(days=1)))
    return ranges


def merged_ranges(ranges: Iterable[tuple[date, date]]) -> list[tuple[date, date]]:
    """Half-open ranges, joined where they touch or overlap."""
    merged: list[tuple[date, date]] = []
    for start, end in sorted(ranges):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], end))
        else:
            merged.append((start, end))
    return merged
