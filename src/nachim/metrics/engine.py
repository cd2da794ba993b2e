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
