"""The standard tables: what each is called, which columns it has, and the headers they are known by."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import field
from importlib.resources import files
from typing import Any, Literal

from pydantic import ConfigDict
from pydantic.dataclasses import dataclass

from nachim.metrics.written import read_yaml

STRICT = ConfigDict(extra="forbid")
HANGUL = re.compile(r"[가-힣]")


@dataclass(frozen=True, config=STRICT)
class Text:
    """The same words in Korean and English."""

    ko: str
    en: str

    def of(self, locale: str) -> str:
        return self.ko if locale == "ko" else self.en


@dataclass(frozen=True, config=STRICT)
class StandardColumn:
    """One column: `known_as` are headers it goes by, besides its own name.

    Without an `optional` column a metric loses a condition only; `alternative` (in the file: `or`) is the column
    that stands in for it.
    """

    type: Literal["text", "number", "time", "bool", "any"] = "any"
    role: Literal["key", "time", "entity", "amount", "none"] = "none"
    entity: str | None = None
    optional: bool = False
    alternative: str | None = None
    known_as: tuple[str, ...] = ()


@dataclass(frozen=True, config=STRICT)
class Table:
    """A standard table. `table` names the stored one where two standard tables read the same rows by other times."""

    name: str
    label: Text
    names: tuple[str, ...]
    signs: tuple[str, ...]
    key: str | tuple[str, ...]
    time: str
    columns: dict[str, StandardColumn] = field(hash=False)
    table: str = ""
    entities: dict[str, str] = field(default_factory=dict, hash=False)
    joins: dict[str, str] = field(default_factory=dict, hash=False)
    dims: tuple[str, ...] = ()

    @property
    def stored(self) -> str:
        """The table in which the rows lie."""
        return self.table or self.name

    def column_label(self, column: str) -> Text:
        """What people call a column: its first Korean header, and its name in words."""
        known = self.columns[column].known_as
        return Text(next((one for one in known if HANGUL.search(one)), column), column.replace("_", " "))

    def headers(self, column: str) -> set[str]:
        """Every header of the column, flat."""
        return {flat(one) for one in (column, *self.columns[column].known_as)}

    def source(self) -> dict[str, Any]:
        """The table as a source of the metric language."""
        made: dict[str, Any] = {"lake": self.stored, "label": {"ko": self.label.ko, "en": self.label.en}}
        made |= {"key": self.key if isinstance(self.key, str) else list(self.key), "time": self.time}
        parts = {"entities": dict(self.entities), "dims": list(self.dims), "joins": dict(self.joins)}
        return made | {key: one for key, one in parts.items() if one}


def flat(header: str) -> str:
    """A header without what people vary: case, spaces, underscores, units in brackets."""
    plain = unicodedata.normalize("NFC", header).casefold()
    return re.sub(r"[\s_\-./#]+", "", re.sub(r"[(\[].*?[)\]]", "", plain))


def written(name: str) -> dict[str, Any]:
    """A YAML file of this folder as plain data."""
    return read_yaml(files("nachim.catalog").joinpath(name).read_text("utf-8"), name)[0]


def tables() -> dict[str, Table]:
    """The standard tables by name."""
    found = {}
    for name, body in written("tables.yaml").items():
        for column in body["columns"].values():
            column["alternative"] = column.pop("or", None)
        found[name] = Table(name=name, **body)
    return found
