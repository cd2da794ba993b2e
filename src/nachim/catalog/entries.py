"""The KPI catalogue: what every KPI means, how it is computed on the standard tables, and how it misleads."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import field
from functools import cache
from typing import Any, Literal

from pydantic.dataclasses import dataclass
from sqlglot import exp

from nachim.catalog.tables import STRICT, Table, Text, tables, written
from nachim.metrics.expression import parse

Level = Literal["strategic", "operational", "functional"]
Function = Literal["marketing", "sales", "service", "product", "logistics", "people", "finance"]
Outcome = Literal[
    "growth", "profit", "acquisition", "retention", "satisfaction", "efficiency", "awareness", "people"
]  # fmt: skip
UNITS = Literal["KRW", "percent", "count", "people", "points", "days", "hours", "minutes", "seconds", "ratio"]


@dataclass(frozen=True, config=STRICT)
class Companion:
    """A metric to read beside a KPI: `min` must not fall while the KPI improves, `max` must not rise."""

    metric: str
    bound: Literal["min", "max"]


@dataclass(frozen=True, config=STRICT)
class Vanity:
    """Why the metric alone proves nothing, and which carry the goal better, the best first."""

    instead: tuple[str, ...]
    why: Text


@dataclass(frozen=True, config=STRICT)
class Band:
    """The most that one month's work plausibly moves a metric, down and up, both positive.

    `relative`: as shares of the value (0.1 is a tenth). `points`: in the metric's own unit, for percents in
    percentage points (5 is 5 %p).
    """

    down: float
    up: float
    by: Literal["relative", "points"] = "relative"


@dataclass(frozen=True, config=STRICT)
class Entry:
    """One KPI. `definition` is its formula in the metric language, on the standard tables."""

    name: str
    label: Text
    unit: UNITS
    better: Literal["up", "down"]
    level: Level
    timing: Literal["leading", "lagging"]
    about: Text
    formula: Text
    trap: Text
    companions: tuple[Companion, ...]
    outcomes: tuple[Outcome, ...]
    typical: tuple[float | None, float | None]
    monthly: Band
    definition: dict[str, Any] = field(hash=False)
    function: Function | None = None
    vanity: Vanity | None = None

    def spec(self) -> dict[str, Any]:
        """The metric as a definition file writes it."""
        head = {"label": {"ko": self.label.ko, "en": self.label.en}, "unit": self.unit, "better": self.better}
        return head | {"about": {"ko": self.about.ko, "en": self.about.en}} | self.definition


@dataclass(frozen=True, config=STRICT)
class Catalogue:
    """All KPIs, the metrics they are made of (`parts`), and the rows and tables they read."""

    entries: dict[str, Entry] = field(hash=False)
    parts: dict[str, dict[str, Any]] = field(hash=False)
    rows: dict[str, dict[str, Any]] = field(hash=False)
    tables: dict[str, Table] = field(hash=False)

    def definition(self, name: str) -> dict[str, Any]:
        """A KPI's or a part's definition."""
        return self.entries[name].spec() if name in self.entries else self.parts[name]

    def below(self, name: str) -> list[str]:
        """The metrics a metric is computed from, itself last."""
        found: dict[str, None] = {}
        for one in metrics_of(self.definition(name)):
            found.update(dict.fromkeys(self.below(one)))
        return [*found, name]

    def rows_of(self, names: Iterable[str]) -> list[str]:
        """The sequences and cohorts that metrics read directly."""
        return [one for one in self._read(names) if one in self.rows]

    def tables_of(self, name: str) -> list[str]:
        """The standard tables a KPI needs, its joins and the ends of its sequences too."""
        names = self._read(self.below(name))
        found = [one for one in names if one in self.tables]
        found += [one for row in names if row in self.rows for one in sources_of(self.rows[row])]
        found += [joined for one in found for joined in self.tables[one].joins]
        return list(dict.fromkeys(found))

    def _read(self, names: Iterable[str]) -> list[str]:
        known = {**self.rows, **self.tables}
        read = (one for name in names for one in named_in(self.definition(name), known))
        return list(dict.fromkeys(read))

    def model(self, *names: str) -> dict[str, Any]:
        """A definition file of these KPIs (of all when none are named) on the standard tables, whole."""
        metrics = list(dict.fromkeys(one for name in names or self.entries for one in self.below(name)))
        sources = list(dict.fromkeys(one for name in names or self.entries for one in self.tables_of(name)))
        made = {
            "sources": {name: self.tables[name].source() for name in sources},
            "rows": {name: self.rows[name] for name in self.rows_of(metrics)},
            "metrics": {name: self.definition(name) for name in metrics},
        }
        return {key: one for key, one in made.items() if one}


def aggregates(definition: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Every agg in a definition, those that only this metric uses too."""
    if "agg" in definition:
        yield definition
    for part in definition.get("with", {}).values():
        yield from aggregates(part)


def metrics_of(definition: Mapping[str, Any]) -> list[str]:
    """The metrics a definition names, in a calc or as another frame of one."""
    own = definition.get("with", {})
    found = [definition["at"]] if "at" in definition else []
    if "calc" in definition:
        found += [one.name for one in parse(definition["calc"]).find_all(exp.Column) if one.name not in own]
    found += [name for part in own.values() for name in metrics_of(part)]
    return list(dict.fromkeys(found))


def named_in(definition: Mapping[str, Any], known: Mapping[str, Any]) -> list[str]:
    """Which of the known sources and rows a definition's aggs read."""
    found = []
    for one in aggregates(definition):
        words = [one["from"]] if "from" in one else []
        for column in parse(one["agg"]).find_all(exp.Column):
            words.append(column.table or column.name)
        found += [word for word in words if word in known]
    return list(dict.fromkeys(found))


def sources_of(row: Mapping[str, Any]) -> list[str]:
    """The sources a sequence or a cohort reads."""
    if "sequence" in row:
        return list(dict.fromkeys([row["sequence"]["start"], row["sequence"]["end"]]))
    return [row["cohort"]["activity"]]


@cache
def catalogue() -> Catalogue:
    """The catalogue as shipped, read once and checked."""
    data = written("metrics.yaml")
    entries = {name: Entry(name=name, definition=body.pop("define"), **body) for name, body in data["metrics"].items()}
    return Catalogue(entries=entries, parts=data["parts"], rows=data["rows"], tables=tables())


def entry(name: str) -> Entry:
    """One KPI of the catalogue. KeyError when there is none of this name."""
    return catalogue().entries[name]
