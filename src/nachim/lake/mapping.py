"""What each column of a file means: its name and type in the lake and its role in the business.

A `Mapping` is plain JSON. It is proposed by `inspect`, corrected by people, kept in the metadata of each commit and
applied again to the next file of the table by header name.
"""

import hashlib
import json
import unicodedata
from enum import StrEnum
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, model_validator

from nachim.metrics.engine import ColumnType as Type


class Role(StrEnum):
    """What a column is for. `text` is kept and not sliced by; `none` is kept without a meaning."""

    KEY = "key"
    TIME = "time"
    ENTITY = "entity"
    AMOUNT = "amount"
    DIMENSION = "dimension"
    TEXT = "text"
    NONE = "none"


QUARANTINE_COLUMNS = ("_file", "_line", "_column", "_reason")
RESERVED = (*QUARANTINE_COLUMNS, "_extra")
"""Columns the lake and its quarantine files add themselves; a column of a file never gets such a name."""


def plain_name(name: str) -> str:
    """One spelling per name: NFC (macOS writes decomposed Hangul), single spaces, no line ends."""
    return " ".join(unicodedata.normalize("NFC", name).split())


class ColumnMap(BaseModel):
    """One column: header `source` in the file, `name` in the lake."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    source: str
    name: str
    type: Type = Type.TEXT
    role: Role = Role.NONE
    entity: str | None = None
    keep: bool = True
    date_order: Literal["dmy", "mdy"] | None = None
    """Order of `24.11.2026`-like dates; year-first dates need none."""
    decimal: Literal["point", "comma"] = "point"


class Mapping(BaseModel):
    """The columns of a file and how the file is laid out; a layout field left None is found out from the file."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    columns: tuple[ColumnMap, ...]
    encoding: str | None = None
    delimiter: str | None = None
    header_row: int | None = None
    """Physical line of the header; 0 = the file has none."""
    sheet: str | None = None

    @model_validator(mode="after")
    def _sound(self) -> Self:
        kept = [column for column in self.columns if column.keep]
        names = [column.name.casefold() for column in kept]
        for column in kept:
            if not column.name.strip() or column.name.startswith("_"):
                raise ValueError(f"column name {column.name!r}: a name may not be blank or start with _")
            if names.count(column.name.casefold()) > 1:
                raise ValueError(f"column name {column.name!r} is used twice")
            if column.role == Role.ENTITY and not column.entity:
                raise ValueError(f"column {column.name!r} has role entity but names no entity")
            if column.role == Role.TIME and column.type != Type.TIME:
                raise ValueError(f"column {column.name!r} has role time but type {column.type}")
        if sum(column.role == Role.TIME for column in kept) > 1:
            raise ValueError("more than one column has role time")
        return self

    @property
    def kept(self) -> tuple[ColumnMap, ...]:
        return tuple(column for column in self.columns if column.keep)

    @property
    def keys(self) -> tuple[str, ...]:
        return tuple(column.name for column in self.kept if column.role == Role.KEY)

    @property
    def time(self) -> str | None:
        return next((column.name for column in self.kept if column.role == Role.TIME), None)

    def column(self, name: str) -> ColumnMap | None:
        return next((column for column in self.kept if column.name == name), None)

    def for_next_file(self) -> "Mapping":
        """The same meaning without this file's layout, which the next file may not share."""
        return self.model_copy(update={"encoding": None, "delimiter": None, "header_row": None, "sheet": None})

    def fingerprint(self, zone: str, layout: str) -> int:
        """A positive 62-bit number that changes when the rows made from a file would change."""
        made = [[column.model_dump(mode="json") for column in self.kept], zone, layout]
        digest = hashlib.sha256(json.dumps(made, sort_keys=True, ensure_ascii=False).encode()).digest()
        return int.from_bytes(digest[:8], "big") >> 2
