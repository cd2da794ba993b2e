"""What a simulated company is: its name, its tables and what is planted in them. Each has a module of its own."""

from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from nachim.demo.events import Event


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
    name: str
    label: dict[str, str]
    tables: tuple[TableSpec, ...]
    truths: tuple[Event, ...]

    def table(self, name: str) -> TableSpec:
        return next(table for table in self.tables if table.name == name)


def template(company: str) -> str:
    """The company's definition file, its dates and levels still to be filled in."""
    return (Path(__file__).parent / f"{company}.yaml").read_text(encoding="utf-8")


@lru_cache
def raw(company: str) -> dict[str, Any]:
    return yaml.safe_load(template(company))


def tables_of(company: str) -> tuple[TableSpec, ...]:
    """The tables as the definition file names them: they are written down there and nowhere else."""
    return tuple(
        TableSpec(name, one["key"], one["time"], one["label"], one.get("entities", {}), tuple(one.get("dims", ())))
        for name, one in raw(company)["sources"].items()
    )
