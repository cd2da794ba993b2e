"""Which of a company's tables is which standard table, and which column which: by name first, then by role."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from nachim.catalog.tables import StandardColumn, Table, flat
from nachim.metrics.spec import Source

Columns = Mapping[str, "Column"]
TYPES = {"number": ("number", "integer"), "time": ("time",), "bool": ("bool",), "text": ("text",)}


@dataclass(frozen=True)
class Column:
    """A column of a company's table as its import understood it: type and role as in `lake.mapping`."""

    type: str
    role: str = "none"
    entity: str | None = None


@dataclass(frozen=True)
class Match:
    """A standard table found in a company's source: its columns under the company's names.

    `misfits` are columns that are there with another type than is needed: standard name → the company's.
    """

    table: Table
    source: str
    columns: dict[str, str] = field(hash=False)
    misfits: dict[str, str] = field(hash=False)

    def holds(self, columns: Mapping[str, str]) -> bool:
        """Whether the company's source places rows in time as the standard table does."""
        return columns.get("time") == self.columns.get(self.table.time)


def find(
    table: Table, twins: list[Table], sources: Mapping[str, Source], columns: Mapping[str, Columns]
) -> Match | None:
    """The company's source that is this standard table, or None. `twins` read the same rows by another time."""
    named = [name for name, source in sources.items() if flat_names(name, source) & {flat(one) for one in table.names}]
    found = [match(table, twins, name, sources[name], columns.get(name, {})) for name in named]
    if not found:
        found = [match(table, twins, name, source, columns.get(name, {})) for name, source in sources.items()]
        found = [one for one in found if all(signed(table, sign, one, columns[one.source]) for sign in table.signs)]
    return max(found, key=lambda one: (len(one.columns), table.time in one.columns), default=None)


def flat_names(name: str, source: Source) -> set[str]:
    """Everything a source is called."""
    labels = [source.label] if isinstance(source.label, str) else list(source.label.values())
    return {flat(one) for one in (name, source.lake, *labels) if one}


def signed(table: Table, sign: str, found: Match, columns: Columns) -> bool:
    """Whether a telling column is there under a header that names it, not merely under one of its role."""
    return sign in found.columns and flat(found.columns[sign]) in table.headers(sign)


def match(table: Table, twins: list[Table], name: str, source: Source, columns: Columns) -> Match:
    """The columns of one source as those of a standard table."""
    found: dict[str, str] = {}
    misfits: dict[str, str] = {}
    for wanted, column in table.columns.items():
        for header in columns:
            if flat(header) in table.headers(wanted) and header not in found.values():
                if fits(column, columns[header]):
                    found[wanted] = header
                    misfits.pop(wanted, None)
                    break
                misfits[wanted] = header
    _by_role(table, source, columns, found)
    _by_time(table, twins, source, columns, found)
    for wanted, column in table.columns.items():
        if wanted not in found and column.alternative in found:
            found[wanted] = found[column.alternative]
    return Match(table, name, found, {wanted: header for wanted, header in misfits.items() if wanted not in found})


def fits(wanted: StandardColumn, given: Column) -> bool:
    return wanted.type == "any" or given.type in TYPES[wanted.type]


def _by_role(table: Table, source: Source, columns: Columns, found: dict[str, str]) -> None:
    """What no header gave away: the source's own key and entities, and an amount where there is one only."""
    if isinstance(source.key, str) and isinstance(table.key, str):
        found.setdefault(table.key, source.key)
    for entity, column in table.entities.items():
        if entity in source.entities and "." not in source.entities[entity]:
            found[column] = source.entities[entity]
        tagged = [header for header, one in columns.items() if one.entity == entity]
        if column not in found and len(tagged) == 1:
            found[column] = tagged[0]
    amounts = [
        header for header, one in columns.items() if one.role == "amount" and fits(StandardColumn("number"), one)
    ]
    wanted = [one for one, column in table.columns.items() if column.role == "amount"]
    if len(amounts) == 1 and len(wanted) == 1:
        found.setdefault(wanted[0], amounts[0])


def _by_time(table: Table, twins: list[Table], source: Source, columns: Columns, found: dict[str, str]) -> None:
    """The time the source goes by, unless that is the other time of a twin."""
    own = source.time
    if own is None or "." in own or own not in columns or "." in table.time:
        return
    known = flat(own) in table.headers(table.time)
    others = set().union(*(twin.headers(twin.time) for twin in twins)) if twins else set()
    if known or (table.time not in found and flat(own) not in others and not table.table):
        found[table.time] = own
