"""What a simulated company is: its name, its tables, how its days are made and what is planted in them.

Each has a module of its own.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import lru_cache
from importlib import import_module
from pathlib import Path
from typing import Any

import pyarrow as pa
import yaml

# By the name a person gives: the module, and the definition file of the same name.
MODULES = {"ecommerce": "fashion", "startup": "food_delivery", "saas": "cloud_storage", "store": "cafe"}
SEED = 7
DAYS = 548


@dataclass(frozen=True)
class Event:
    """`first`: on which day after the start it begins; `days`: how long (0: for good); `size`: its factor or shift."""

    id: str
    first: int
    days: int
    size: float

    def on(self, day: int) -> bool:
        return self.first <= day and (self.days == 0 or day < self.first + self.days)

    def factor(self, day: int) -> float:
        return self.size if self.on(day) else 1.0


@dataclass(frozen=True)
class TableSpec:
    """One table of a company, as its definition file describes the source of the same name."""

    name: str
    key: str
    time: str
    label: str
    entities: dict[str, str] = field(default_factory=dict)
    dims: tuple[str, ...] = ()


@dataclass(frozen=True)
class Company:
    """`plan`: what was planned of the first year, by name: a level, and by how much the goals ask for more until due.

    `pulse`: the table that gets rows all day long. `generate(start, today, seed)` makes every table,
    `generate_day(start, day, seed, until)` those rows of a day that have come.
    """

    name: str
    label: dict[str, str]
    tables: tuple[TableSpec, ...]
    truths: tuple[Event, ...]
    growth: float
    plan: dict[str, tuple[float, float]]
    pulse: str
    generate: Callable[[date, date, int], dict[str, pa.Table]] = field(repr=False)
    generate_day: Callable[[date, date, int, datetime | None], dict[str, pa.Table]] = field(repr=False)

    def table(self, name: str) -> TableSpec:
        return next(table for table in self.tables if table.name == name)


def company(name: str) -> Company:
    """The company a person calls by this name. KeyError when there is none."""
    return import_module(f"nachim.demo.{MODULES[name]}").COMPANY


def template(name: str) -> str:
    """The company's definition file, its dates and levels still to be filled in."""
    return (Path(__file__).parent / f"{MODULES[name]}.yaml").read_text(encoding="utf-8")


@lru_cache
def raw(name: str) -> dict[str, Any]:
    return yaml.safe_load(template(name))


def tables_of(name: str) -> tuple[TableSpec, ...]:
    """The tables as the definition file names them: they are written down there and nowhere else.

    A second source on the same table (its rows seen another way) brings none of its own.
    """
    return tuple(
        TableSpec(source, one["key"], one["time"], one["label"], one.get("entities", {}), tuple(one.get("dims", ())))
        for source, one in raw(name)["sources"].items()
        if one["lake"] == source
    )
