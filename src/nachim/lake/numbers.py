"""Which texts are numbers, as Korean business files write them.

Yes: `1,000` `₩1,000` `1,000원` `$5` `(500)` = -500 `△700` = -700 `-₩1` `12.5%` = 0.125 `1e5` `１２`.
No, so the row is quarantined: `NaN` `inf` `1e400` `1.234.567` `1,00` `▲700` (a rise on a stock page, a fall in a
ledger: we do not guess). Empty, so the cell is null: blank `-` `–` `N/A` `NA` `null` `None` `없음` `#N/A`.
"""

import math
import re
import unicodedata
from collections.abc import Callable
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

EMPTY = frozenset({"", "-", "–", "—", "n/a", "na", "null", "none", "없음", "#n/a", "해당없음"})
"""Texts (lower case) that mean "no value" in a number, time or yes/no column."""

_BODY = r"(?P<body>(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d*)?|\.\d+)(?:[eE](?P<exp>[+-]?\d{1,4}))?"
_COMMA_BODY = r"(?P<body>(?:\d{1,3}(?:\.\d{3})+|\d+)(?:,\d*)?|,\d+)(?:[eE](?P<exp>[+-]?\d{1,4}))?"
_MONEY = r"(?:₩|\$|€|¥|£|KRW|USD|EUR|JPY)?"
_UNIT = r"\s*(?P<unit>%|원|€|\$|KRW|USD|EUR)?\s*(?P<close>\))?"
_SHAPE = r"(?P<open>\()?\s*(?P<sign>[-+−△])?\s*" + _MONEY + r"\s*(?P<sign2>[-+−△])?\s*{body}" + _UNIT


def _pattern(body: str) -> re.Pattern[str]:
    return re.compile(_SHAPE.replace("{body}", body))


_PATTERNS = {"point": _pattern(_BODY), "comma": _pattern(_COMMA_BODY)}
EUROPEAN = re.compile(r"[-+]?\d{1,3}(?:\.\d{3})+(?:,\d+)?|[-+]?\d+,\d+")
"""Looks like `1.000,50`."""


def no_faults(count: int) -> pa.Array:
    """The mask of texts that are all readable."""
    return pa.repeat(pa.scalar(False), count)


def is_empty(text: str | None) -> bool:
    return text is None or text.strip().lower() in EMPTY


_LOOKS = re.compile(
    r"[-+(△▲₩$€\s]*[\d.,]*\d[\d.,]*(?:e[-+]?\d+)?\s*(?:%|원)?\)?|[-+]?(?:nan|inf|infinity)", re.IGNORECASE
)


def looks_like_number(text: str) -> bool:
    """Written like a number, a possible one or not: `NaN` in a column of amounts is a wrong number, not a text."""
    return _LOOKS.fullmatch(unicodedata.normalize("NFKC", text).strip()) is not None


def parse_number(text: str, decimal: str = "point") -> float | int | None:
    """The number, an int where it is written without fraction, percent or exponent; None if it is not one."""
    match = _PATTERNS[decimal].fullmatch(unicodedata.normalize("NFKC", text).strip())
    if match is None or bool(match["open"]) != bool(match["close"]) or (match["sign"] and match["sign2"]):
        return None
    body = match["body"]
    body = body.replace(".", "").replace(",", ".") if decimal == "comma" else body.replace(",", "")
    sign = match["sign"] or match["sign2"] or ""
    if match["open"] and sign:
        return None
    negative = bool(match["open"]) or sign in ("-", "−", "△")
    if "." not in body and not match["exp"] and match["unit"] != "%":
        if len(body) > 400:
            return None
        whole = int(body)
        return -whole if negative else whole
    value = float(body + ("e" + match["exp"] if match["exp"] else ""))
    if match["unit"] == "%":
        # 12.5% is exactly the double nearest to 0.125, not 12.5 * 0.01
        value = value / 100
    if not math.isfinite(value):
        return None
    return -value if negative else value


def to_numbers(texts: pa.Array, decimal: str = "point") -> tuple[pa.Array, pa.Array]:
    """Texts as float64, and a mask of the texts that are not numbers. Arrow first, Python for what it cannot read."""
    if decimal == "point":
        quick = _quick_floats(texts)
        if quick is not None:
            return quick, no_faults(len(texts))
    return by_unique(texts, lambda text: _float(parse_number(text, decimal)), pa.float64())


def to_integers(texts: pa.Array, decimal: str = "point") -> tuple[pa.Array, pa.Array]:
    """Texts as int64, and a mask of the texts that are not whole numbers (`17850.0` is one)."""
    if decimal == "point":
        quick = _quick_integers(texts)
        if quick is not None:
            return quick, no_faults(len(texts))
    return by_unique(texts, lambda text: whole(parse_number(text, decimal)), pa.int64())


def whole(value: float | int | None) -> int | None:
    """The value as an int64, or None if it has a fraction or does not fit."""
    if value is None:
        return None
    if isinstance(value, float):
        if not value.is_integer() or abs(value) >= 2**53:
            return None
        value = int(value)
    return value if -(2**63) <= value < 2**63 else None


def _float(value: float | int | None) -> float | None:
    try:
        return None if value is None else float(value)
    except OverflowError:
        return None


def _quick_integers(texts: pa.Array) -> pa.Array | None:
    try:
        values = texts.cast(pa.int64())
    except pa.ArrowInvalid:
        floats = _quick_floats(texts)
        if floats is None or (pc.max(pc.abs(floats)).as_py() or 0.0) >= 2**53:
            return None
        try:
            return floats.cast(pa.int64())  # refuses fractions
        except pa.ArrowInvalid:
            return None
    # Arrow reads 0x1F as an integer; nobody means that in a business file
    return None if pc.any(pc.match_substring(texts, "x", ignore_case=True)).as_py() else values


def _quick_floats(texts: pa.Array) -> pa.Array | None:
    try:
        values = texts.cast(pa.float64())
    except pa.ArrowInvalid:
        return None
    # Arrow reads "nan", "inf" and 1e400; business files mean no number by them
    return values if pc.all(pc.is_finite(values)).as_py() is not False else None


def by_unique(texts: pa.Array, parse: Callable[[str], Any], kind: pa.DataType) -> tuple[pa.Array, pa.Array]:
    """Parse each distinct text once; returns values and the mask of unreadable ones."""
    encoded = texts.dictionary_encode()
    words = encoded.dictionary.to_pylist()
    values, bad = [], []
    for word in words:
        empty = is_empty(word)
        value = None if empty else parse(word)
        values.append(value)
        bad.append(not empty and value is None)
    index = encoded.indices
    made = pa.array(values, kind).take(index)
    mask = pc.fill_null(pa.array(bad, pa.bool_()).take(index), False)
    return made, mask
