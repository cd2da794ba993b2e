"""Engines elsewhere: a company's own PostgreSQL, ClickHouse or Spark, read where its tables are.

One file an engine, each a thin driver: how to reach it, what columns a table has, and its rows as Arrow. What they
share is here: trees are checked and lowered (`metrics.dialects`), errors become sentences without credentials.
"""

from __future__ import annotations

import importlib
import re
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, ClassVar

import pyarrow as pa
from sqlglot import exp

from nachim.metrics.dialects import TITLES, lower, typed
from nachim.metrics.engine import ColumnType
from nachim.metrics.messages import EngineFailed, Issue

DRIVERS = {"postgres": "psycopg", "clickhouse": "clickhouse-connect", "spark": "pyspark"}
SECONDS = 120
# SQL types of the compiler's own dialect, and what metrics call them.
KINDS = {
    "SMALLINT": ColumnType.INTEGER, "INTEGER": ColumnType.INTEGER, "BIGINT": ColumnType.INTEGER,
    "DECIMAL": ColumnType.NUMBER, "DOUBLE": ColumnType.NUMBER, "VARCHAR": ColumnType.TEXT,
    "BOOLEAN": ColumnType.BOOL, "TIMESTAMPTZ": ColumnType.TIME, "TIMESTAMP": ColumnType.TIME, "DATE": ColumnType.TIME,
}  # fmt: skip


@dataclass(frozen=True)
class Address:
    """Where an engine is and who asks; everything but the password. `zone` reads times that were stored without one.

    `at` is the address that `host` was checked to have (`connect.hosts`): the one that is dialled, if there is one.
    """

    name: str
    engine: str
    host: str = ""
    port: int = 0
    database: str = ""
    user: str = ""
    schema: str = ""
    zone: str = "UTC"
    secure: bool = True
    seconds: int = SECONDS
    at: str = ""


def open_engine(address: Address, secret: str = "") -> Warehouse:
    """The engine at an address; nothing is asked of it yet. Raises EngineFailed where its driver is not installed."""
    try:
        module = importlib.import_module(f"nachim.connect.engines.{address.engine}")
    except ModuleNotFoundError as error:
        package = DRIVERS.get(address.engine, address.engine)
        raise EngineFailed([Issue("engine_driver", params={"connection": address.name, "package": package})]) from error
    made: Warehouse = module.ENGINE(address, secret)
    return made


@dataclass(eq=False)
class Warehouse:
    """Implements `nachim.metrics.engine.Engine` over one connection; drivers say the rest.

    It keeps no snapshots: a version is the second in which it was first asked for, and rows are read as they are now.
    """

    address: Address
    secret: str = field(default="", repr=False)
    dialect: ClassVar[str] = ""
    _natives: dict[str, dict[str, str]] = field(default_factory=dict, repr=False)

    def describe(self, table: str) -> dict[str, str]:
        """Columns and the SQL types of KINDS; empty for an unknown table. Columns of other types are left out."""
        raise NotImplementedError

    def fetch(self, sql: str) -> pa.Table:
        """The rows of one SELECT."""
        raise NotImplementedError

    def ping(self) -> None:
        """Ask the smallest question; EngineFailed where it is not answered."""
        with self._told():
            self.fetch("SELECT 1 AS one")

    def close(self) -> None:
        """Let go of the connection."""

    @property
    def features(self) -> frozenset[str]:
        return frozenset()

    def native(self, table: str) -> dict[str, str]:
        if table not in self._natives:
            with self._told():
                found = self.describe(table)
            if not found:
                raise KeyError(table)
            self._natives[table] = found
        return self._natives[table]

    def columns(self, table: str) -> dict[str, str]:
        return {name: KINDS[sql.partition("(")[0]].value for name, sql in self.native(table).items()}

    def version(self, table: str) -> int:
        return int(time.time())

    def extent(self, table: str, column: str) -> tuple[datetime, datetime] | None:
        ends = [exp.column(exp.to_identifier(column, quoted=True), table="t") for _ in range(2)]
        tree = exp.select(exp.alias_(exp.Min(this=ends[0]), "low"), exp.alias_(exp.Max(this=ends[1]), "high")).from_(
            exp.alias_(exp.Table(this=exp.to_identifier(table, quoted=True)), "t", table=True)
        )
        row = self.execute(tree).to_pylist()[0]
        return None if row["low"] is None else (_utc(row["low"]), _utc(row["high"]))

    def execute(self, tree: exp.Expr, versions: Mapping[str, int] | None = None) -> pa.Table:
        sql = self.render(tree)
        with self._told():
            return self.fetch(sql)

    def render(self, tree: exp.Expr) -> str:
        """The text this engine runs for a tree."""
        own = {cte.alias for cte in tree.find_all(exp.CTE)}
        names = {table.name for table in tree.find_all(exp.Table)} - own
        known = typed(tree, {name: self.native(name) for name in names})
        lowered = lower(_instants(known, names, self.address.zone), self.dialect)
        for table in list(lowered.find_all(exp.Table)):
            if table.name in names:
                self._place(table)
        return lowered.sql(dialect=self.dialect, pretty=True, comments=False)

    def parts(self, table: str) -> list[str]:
        """schema and table of a name such as `web.visits`."""
        given = table.split(".")
        return given if len(given) > 1 or not self.address.schema else [self.address.schema, *given]

    def _place(self, table: exp.Table) -> None:
        named = [exp.to_identifier(part, quoted=True) for part in self.parts(table.name)]
        for key, part in zip(("this", "db", "catalog"), reversed(named), strict=False):
            table.set(key, part)

    @contextmanager
    def _told(self) -> Iterator[None]:
        """A driver's errors as sentences, on one line and without credentials."""
        try:
            yield
        except (EngineFailed, KeyError):
            raise
        except Exception as error:
            params: dict[str, Any] = {"connection": self.address.name, "engine": TITLES[self.address.engine]}
            code = self.code_of(error)
            detail = self.scrubbed(str(error))
            raise EngineFailed(
                [Issue(code, params={**params, "detail": detail, "seconds": self.address.seconds})]
            ) from None

    def code_of(self, error: Exception) -> str:
        """engine_away, engine_slow or engine_failed."""
        return "engine_failed"

    def scrubbed(self, text: str) -> str:
        """The first lines of an error, without the password in any form and without host and user: others read it."""
        text = re.sub(r"(\w+://)[^/@\s]*@", r"\1•••@", text)
        text = re.sub(r"(?i)(password|passwd|pwd|token)(\s*[=:]\s*)\S+", r"\1\2•••", text)
        text = text.replace(self.secret, "•••") if self.secret else text
        for known in (self.address.host, self.address.at, self.address.user):
            text = re.sub(rf"(?<!\w){re.escape(known)}(?!\w)", "•••", text) if known else text
        return " ".join(text.split())[:300].rstrip(" .?!")


def _instants(tree: exp.Expr, names: set[str], zone: str) -> exp.Expr:
    """Dates and times without a zone, as instants read in the connection's zone, where they leave their table."""
    instant = exp.DataType.build("TIMESTAMPTZ", dialect="duckdb")
    places = {
        (id(table.find_ancestor(exp.Select)), table.alias_or_name)
        for table in tree.find_all(exp.Table)
        if table.name in names
    }
    for column in list(tree.find_all(exp.Column)):
        if column.type is None or column.type.this not in (exp.DType.TIMESTAMP, exp.DType.DATE):
            continue
        if (id(column.find_ancestor(exp.Select)), column.table) not in places:
            column.type = instant
        elif not isinstance(column.parent, exp.Count | exp.Is):
            made = exp.FromTimeZone(this=column.copy(), zone=exp.Literal.string(zone))
            made.type = instant
            column.replace(made)
    return tree


def _utc(moment: datetime) -> datetime:
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
