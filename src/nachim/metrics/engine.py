"""What the metric language asks of an engine. The lake's DuckDB is one; a warehouse can be another."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol

from sqlglot import exp


class ColumnType(StrEnum):
    TEXT = "text"
    NUMBER = "number"
    INTEGER = "integer"
    TIME = "time"
    BOOL = "bool"


def placed(connection: str, table: str) -> str:
    """The name of a connection's table among all tables; no table of the lake can have a colon in its name."""
    return f"{connection}:{table}"


def connection_of(table: str) -> str:
    """The connection a table is on; empty for a table of the lake."""
    return table.partition(":")[0] if ":" in table else ""


class Engine(Protocol):
    """Runs one SELECT over named tables. Times in tables are instants."""

    @property
    def dialect(self) -> str: ...

    def columns(self, table: str) -> Mapping[str, str]:
        """Column names and ColumnType values; KeyError for an unknown table."""

    def version(self, table: str) -> int:
        """The version reads see; grows with every change of the table."""

    def extent(self, table: str, column: str) -> tuple[datetime, datetime] | None:
        """First and last instant in a time column; None when there are no rows."""

    def execute(self, tree: exp.Expr, versions: Mapping[str, int] | None = None) -> Any:
        """The rows of a SELECT, as a pyarrow.Table."""


class Pinned:
    """An engine as it stands now: every table is read at the version it had when it was first asked for.

    One refresh asks for columns and extents dozens of times and must see one state of the data throughout.
    """

    def __init__(self, engine: Engine):
        self.engine = engine
        self._versions: dict[str, int] = {}
        self._columns: dict[str, Mapping[str, str]] = {}
        self._extents: dict[tuple[str, str], tuple[datetime, datetime] | None] = {}

    @property
    def dialect(self) -> str:
        return self.engine.dialect

    def columns(self, table: str) -> Mapping[str, str]:
        if table not in self._columns:
            self._columns[table] = self.engine.columns(table)
        return self._columns[table]

    def version(self, table: str) -> int:
        if table not in self._versions:
            self._versions[table] = self.engine.version(table)
        return self._versions[table]

    def extent(self, table: str, column: str) -> tuple[datetime, datetime] | None:
        if (table, column) not in self._extents:
            self._extents[table, column] = self.engine.extent(table, column)
        return self._extents[table, column]

    def execute(self, tree: exp.Expr, versions: Mapping[str, int] | None = None) -> Any:
        return self.engine.execute(tree, {**self._versions, **(versions or {})})
