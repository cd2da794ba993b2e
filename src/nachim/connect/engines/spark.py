"""Spark by pyspark: a session on a master, or in this process; tables of its catalogue and the lake's own files.

`host` is the master (`spark://host:7077`, or `local[2]`); a port of 0 is the master's own. A table named `lake.orders`
is the lake's own, where `lake` says which files it has: every worker must find them under the same path.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pyarrow as pa
from pyspark.errors import AnalysisException, PySparkException
from pyspark.sql import SparkSession

from nachim.connect.engines import Warehouse
from nachim.metrics.messages import EngineFailed, Issue

NATIVE = {
    "tinyint": "SMALLINT", "smallint": "SMALLINT", "int": "INTEGER", "bigint": "BIGINT", "float": "DOUBLE",
    "double": "DOUBLE", "string": "VARCHAR", "boolean": "BOOLEAN", "timestamp": "TIMESTAMPTZ",
    "timestamp_ntz": "TIMESTAMP", "date": "DATE",
}  # fmt: skip
SETTINGS = {
    "spark.sql.session.timeZone": "UTC",  # instants leave as UTC
    "spark.sql.ansi.enabled": "true",  # an overflow is an error, not a null
    "spark.sql.caseSensitive": "true",  # as in the lake
    "spark.sql.groupByOrdinal": "true",
    "spark.sql.execution.arrow.pyspark.enabled": "true",
}


class Spark(Warehouse):
    """A session that is found or started when it is first needed."""

    dialect = "spark"
    options: Mapping[str, str] = {}
    lake: Callable[[str], Sequence[str]] | None = None
    _session: SparkSession | None = None

    @property
    def session(self) -> SparkSession:
        if self._session is None:
            at = self.address
            whole = "://" in at.host or re.fullmatch(r"local(\[.+\])?", at.host)
            master = at.host if whole else f"spark://{at.host}:{at.port or 7077}"
            builder = SparkSession.builder.master(master).appName("nachim")
            for name, value in {"spark.ui.enabled": "false", **self.options}.items():
                builder = builder.config(name, value)
            running = builder.getOrCreate()
            # One process has one driver: a second master would be answered by the first, without a word.
            if running.sparkContext.master != master:
                raise EngineFailed([Issue("engine_one_spark", params={"connection": at.name})])
            self._session = running.newSession()
            for name, value in SETTINGS.items():
                self._session.conf.set(name, value)
        return self._session

    def parts(self, table: str) -> list[str]:
        return [table] if self._of_lake(table) else super().parts(table)

    def describe(self, table: str) -> dict[str, str]:
        if self.lake is not None and self._of_lake(table):
            self.show_files(table, self.lake(table.removeprefix("lake.")))
        try:
            schema = self.session.table(".".join(f"`{part}`" for part in self.parts(table))).schema
        except AnalysisException:
            return {}
        found = {field.name: field.dataType.simpleString() for field in schema}
        kinds = {
            name: "DECIMAL" if kind.startswith("decimal") else NATIVE.get(kind, "") for name, kind in found.items()
        }
        return {name: kind for name, kind in kinds.items() if kind}

    def fetch(self, sql: str) -> pa.Table:
        return self.session.sql(sql).toArrow()

    def show_files(self, table: str, files: Sequence[str]) -> None:
        """Let a snapshot of the lake be read under its table's name: its Parquet files, as they are."""
        self.session.read.option("mergeSchema", "true").parquet(*files).createOrReplaceTempView(f"`{table}`")

    def _of_lake(self, table: str) -> bool:
        return self.lake is not None and table.startswith("lake.")

    def code_of(self, error: Exception) -> str:
        return "engine_failed" if isinstance(error, PySparkException) else "engine_away"

    def close(self) -> None:
        """Let go of the session; the driver takes seconds to start and stays for the next one."""
        self._session = None

    def stop(self) -> None:
        """End the driver of this process."""
        self.session.stop()

    def scrubbed(self, text: str) -> str:
        """Spark's errors end in the trace of a virtual machine that nobody needs."""
        return super().scrubbed(text.split("\n\tat ")[0].split("JVM stacktrace")[0])


ENGINE: Any = Spark
