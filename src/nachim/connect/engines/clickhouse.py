"""ClickHouse by clickhouse-connect: read-only, with a time limit."""

from __future__ import annotations

import re
from typing import Any

import clickhouse_connect
import pyarrow as pa
from clickhouse_connect.driver.exceptions import OperationalError
from clickhouse_connect.driver.httputil import get_pool_manager_options
from urllib3 import PoolManager

from nachim.connect.engines import Warehouse

NATIVE = (
    (r"U?Int(8|16|32|64)$", "BIGINT"), (r"Float(32|64)$", "DOUBLE"), (r"Decimal", "DECIMAL"),
    (r"(Fixed)?String|UUID|Enum", "VARCHAR"), (r"Bool$", "BOOLEAN"), (r"DateTime", "TIMESTAMPTZ"), (r"Date", "DATE"),
)  # fmt: skip
# Beyond the seconds a query may take: for the way there and back.
PATIENCE = 10
WRAPPED = re.compile(r"(?:LowCardinality|Nullable)\((.*)\)$")


class Straight(PoolManager):
    """Follows no redirect: the answer comes from the host that was checked, or not at all."""

    def urlopen(self, method: str, url: str, redirect: bool = True, **rest: Any) -> Any:
        return super().urlopen(method, url, redirect=False, **rest)


class ClickHouse(Warehouse):
    """One HTTP client; readonly=2 reads only, and lets a query carry its own settings."""

    dialect = "clickhouse"
    _client: Any = None

    def describe(self, table: str) -> dict[str, str]:
        *schema, name = self.parts(table)
        asked = {"database": schema[-1] if schema else self.address.database or "default", "table": name}
        rows = self._at().query(
            "SELECT name, type FROM system.columns WHERE database = {database:String} AND table = {table:String} "
            "ORDER BY position",
            parameters=asked,
        )
        found = {column: _native(kind) for column, kind in rows.result_rows}
        return {column: kind for column, kind in found.items() if kind}

    def fetch(self, sql: str) -> pa.Table:
        found = self._at().query(sql, column_oriented=True)
        if not found.result_columns:
            return pa.table({name: pa.array([], pa.null()) for name in found.column_names})
        return pa.table([pa.array(list(values)) for values in found.result_columns], names=list(found.column_names))

    def code_of(self, error: Exception) -> str:
        if "TIMEOUT_EXCEEDED" in str(error):
            return "engine_slow"
        away = isinstance(error, OperationalError) or "AUTHENTICATION_FAILED" in str(error)
        return "engine_away" if away else "engine_failed"

    def close(self) -> None:
        if self._client is not None:
            self._client.close()

    def _at(self) -> Any:
        if self._client is None:
            self._client = self.connect()
        return self._client

    def connect(self) -> Any:
        at = self.address
        return clickhouse_connect.get_client(
            host=at.at or at.host, port=at.port or (8443 if at.secure else 8123), username=at.user or "default",
            password=self.secret, database=at.database or "default", secure=at.secure, connect_timeout=10,
            send_receive_timeout=at.seconds + PATIENCE, settings=self.settings(), pool_mgr=self.pool(),
        )  # fmt: skip

    def pool(self) -> PoolManager:
        """Certificates are those of the host's name, also where its checked address is dialled."""
        named = {"assert_hostname": self.address.host, "server_hostname": self.address.host}
        return Straight(**get_pool_manager_options(verify=True, **(named if self.address.secure else {})))

    def settings(self) -> dict[str, int | str]:
        long = 16_000_000  # characters: overlapping stretches come as thousands of rows of integers
        seconds = self.address.seconds
        return {"readonly": 2, "max_execution_time": seconds, "session_timezone": "UTC", "max_query_size": long}


def _native(kind: str) -> str:
    while found := WRAPPED.match(kind):
        kind = found[1]
    return next((sql for pattern, sql in NATIVE if re.match(pattern, kind)), "")


ENGINE = ClickHouse
