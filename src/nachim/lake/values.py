"""From the texts of a column to typed values: which type a column has, and which of its texts cannot be read as it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import pyarrow as pa

from nachim.lake.mapping import ColumnMap, Type
from nachim.lake.numbers import (
    EUROPEAN,
    by_unique,
    is_empty,
    looks_like_number,
    no_faults,
    parse_number,
    to_integers,
    to_numbers,
    whole,
)
from nachim.lake.times import STAMP, day_or_month_first, is_ambiguous, looks_like_time, to_times

ARROW: dict[Type, pa.DataType] = {
    Type.TEXT: pa.string(),
    Type.NUMBER: pa.float64(),
    Type.INTEGER: pa.int64(),
    Type.TIME: STAMP,
    Type.BOOL: pa.bool_(),
}

_YES = frozenset({"true", "t", "yes", "y", "예", "네", "참", "o"})
_NO = frozenset({"false", "f", "no", "n", "아니오", "아니요", "거짓", "x"})
_LEADING_ZERO = re.compile(r"[-+]?0\d+")
_PACKED_DAY = re.compile(r"(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])(?:\d{6})?")
_SERIAL = re.compile(r"[2-6]\d{4}(?:\.\d+)?")

READABLE = 0.9
"""Share of the texts that must be readable for a column to be of a type; the rest is quarantined, row by row."""
READABLE_WITH_HINT = 0.5
"""The same where the header already says what the column is."""


def type_of(arrow: pa.DataType) -> Type:
    """The lake type of an Arrow type."""
    if pa.types.is_timestamp(arrow) or pa.types.is_date(arrow):
        return Type.TIME
    if pa.types.is_boolean(arrow):
        return Type.BOOL
    if pa.types.is_integer(arrow):
        return Type.INTEGER
    if pa.types.is_floating(arrow) or pa.types.is_decimal(arrow):
        return Type.NUMBER
    return Type.TEXT


def parse_bool(text: str) -> bool | None:
    word = text.strip().lower()
    return True if word in _YES or word == "1" else False if word in _NO or word == "0" else None


def convert(texts: pa.Array, column: ColumnMap, zone: str) -> tuple[pa.Array, pa.Array]:
    """The texts (null = empty) as the column's type, and a mask of those that cannot be read."""
    if column.type == Type.TEXT:
        return texts, no_faults(len(texts))
    if column.type == Type.NUMBER:
        return to_numbers(texts, column.decimal)
    if column.type == Type.INTEGER:
        return to_integers(texts, column.decimal)
    if column.type == Type.TIME:
        return to_times(texts, zone, column.date_order)
    return by_unique(texts, parse_bool, pa.bool_())


def reason(column: ColumnMap, text: str) -> str:
    """The code of the sentence that says why a text cannot be read."""
    if column.type == Type.TIME:
        return "ambiguous_date" if column.date_order is None and is_ambiguous(text) else "bad_time"
    if column.type == Type.INTEGER:
        return "bad_number" if parse_number(text, column.decimal) is None else "bad_integer"
    return "bad_bool" if column.type == Type.BOOL else "bad_number"


@dataclass(frozen=True)
class Guess:
    """The type of a column as its texts show it."""

    type: Type
    date_order: str | None = None
    decimal: str = "point"


def infer(texts: Sequence[str], *, hint: Type | None = None, is_code: bool = False, semicolons: bool = False) -> Guess:
    """Type of a column from its distinct non-null texts.

    `hint` is what the header promises (a date, an amount); `is_code` that it names a code (phone, postcode), which
    stays text; `semicolons` that the file is delimited by `;`, where `1.000,50` may be a number.
    """
    words = [text for text in texts if not is_empty(text)]
    if not words or is_code:
        return Guess(Type.TEXT)
    share = 1 / len(words)
    order = day_or_month_first(words)
    dates = sum(map(looks_like_time, words)) * share
    packed = sum(_PACKED_DAY.fullmatch(word.strip()) is not None for word in words) * share
    if dates + (packed if hint == Type.TIME or dates else 0) >= (READABLE_WITH_HINT if hint == Type.TIME else 0.8):
        return Guess(Type.TIME, order)
    if hint == Type.TIME and sum(_SERIAL.fullmatch(word.strip()) is not None for word in words) * share >= READABLE:
        return Guess(Type.TIME, order)
    lowered = {word.strip().lower() for word in words}
    if lowered <= _YES | _NO and (lowered <= {"true", "false"} or (lowered & _YES and lowered & _NO)):
        return Guess(Type.BOOL)
    if any(_LEADING_ZERO.fullmatch(word.strip()) for word in words):
        return Guess(Type.TEXT)
    decimal = "point"
    if semicolons and any(EUROPEAN.fullmatch(word.strip()) for word in words):
        readable = sum(parse_number(word, "comma") is not None for word in words)
        if readable == len(words):
            decimal = "comma"
    numbers = [parse_number(word, decimal) for word in words]
    good = [number for number in numbers if number is not None]
    hinted = hint in (Type.NUMBER, Type.INTEGER) and bool(good)
    numeric = sum(map(looks_like_number, words)) if hinted else len(good)
    if numeric * share < (READABLE_WITH_HINT if hinted else READABLE):
        return Guess(Type.TEXT)
    wholes = [whole(number) for number in good]
    if all(number is not None for number in wholes):
        return Guess(Type.INTEGER, decimal=decimal)
    if any(isinstance(number, int) and abs(number) >= 2**63 for number in good):
        # too long for a count: it is a code, and a float would change its digits
        return Guess(Type.TEXT)
    return Guess(Type.NUMBER, decimal=decimal)
