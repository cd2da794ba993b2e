"""PostgreSQL by psycopg: a read-only session in UTC with a statement timeout."""

from __future__ import annotations

import os
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from decimal import Decimal
from typing import Any

import psycopg
import pyarrow as pa

from nachim.connect.engines import Warehouse

NATIVE = {
    "smallint": "SMALLINT", "integer": "INTEGER", "bigint": "BIGINT", "real": "DOUBLE", "double precision": "DOUBLE",
    "numeric": "DECIMAL", "text": "VARCHAR", "character varying": "VARCHAR", "character": "VARCHAR", "uuid": "VARCHAR",
    "USER-DEFINED": "VARCHAR", "boolean": "BOOLEAN", "timestamp with time zone": "TIMESTAMPTZ",
    "timestamp without time zone": "TIMESTAMP", "date": "DATE",
}  # fmt: skip
COLUMNS = """
SELECT column_name, data_type FROM information_schema.columns
WHERE table_schema = %s AND table_name = %s ORDER BY ordinal_position
"""
# Seconds beyond its own limit that a server may take to say that it was too slow.
PATIENCE = 5
ARROW = {
    16: pa.bool_(), 20: pa.int64(), 21: pa.int64(), 23: pa.int64(), 25: pa.string(), 700: pa.float64(),
    701: pa.float64(), 1043: pa.string(), 1082: pa.date32(), 1184: pa.timestamp("us", "UTC"),
}  # fmt: skip


class Postgres(Warehouse):
    """One connection, opened when it is first needed and again after it was lost."""

    dialect = "postgres"
    _open: psycopg.Connection | None = None

    def describe(self, table: str) -> dict[str, str]:
        *schema, name = self.parts(table)
        with self._asking() as cursor:
            cursor.execute(COLUMNS, (schema[-1] if schema else "public", name))
            return {column: NATIVE[kind] for column, kind in cursor.fetchall() if kind in NATIVE}

    def fetch(self, sql: str) -> pa.Table:
        with self._asking() as cursor:
            cursor.execute(sql.encode())
            names = [column.name for column in cursor.description or ()]
            kinds = [ARROW.get(column.type_code) for column in cursor.description or ()]
            values = list(zip(*cursor.fetchall(), strict=True)) or [()] * len(names)
        return pa.table([_array(list(one), kind) for one, kind in zip(values, kinds, strict=True)], names=names)

    def code_of(self, error: Exception) -> str:
        if isinstance(error, psycopg.errors.QueryCanceled):
            return "engine_slow"
        return "engine_away" if isinstance(error, psycopg.OperationalError) else "engine_failed"

    def close(self) -> None:
        if self._open is not None:
            self._open.close()

    @contextmanager
    def _asking(self) -> Iterator[psycopg.Cursor]:
        """A cursor for one question. The server stops a slow query itself; one that falls silent is hung up on."""
        cursor = self._cursor()
        line = socket.socket(fileno=os.dup(cursor.connection.fileno()))
        silent = threading.Timer(self.address.seconds + PATIENCE, _hang_up, [line])
        silent.daemon = True
        silent.start()
        try:
            with cursor:
                yield cursor
        finally:
            silent.cancel()
            line.close()

    def _cursor(self) -> psycopg.Cursor:
        if self._open is None or self._open.closed:
            at = self.address
            self._open = psycopg.connect(
                host=at.host, hostaddr=at.at or None, port=at.port or 5432, dbname=at.database, user=at.user,
                password=self.secret or None, connect_timeout=10, **_encryption(at.secure),
                application_name="nachim", autocommit=True,
                options=f"-c default_transaction_read_only=on -c statement_timeout={at.seconds * 1000} -c TimeZone=UTC",
            )  # fmt: skip
        return self._open.cursor()


def _encryption(secure: bool) -> dict[str, str]:
    """Encrypted means that the server has shown a certificate of its own name, by an authority this machine trusts or
    PGSSLROOTCERT names: otherwise whoever stands between reads the password."""
    if not secure:
        return {"sslmode": "disable"}
    trusted = os.environ.get("PGSSLROOTCERT") or ssl.get_default_verify_paths().cafile
    return {"sslmode": "verify-full", "sslrootcert": trusted or "system"}


def _hang_up(line: socket.socket) -> None:
    with suppress(OSError):
        line.shutdown(socket.SHUT_RDWR)


def _array(values: list[Any], kind: pa.DataType | None) -> pa.Array:
    """Numerics keep every digit; one that is no number at all cannot be added up and says so."""
    if any(isinstance(one, Decimal) and not one.is_finite() for one in values):
        raise OverflowError("value out of range: NaN or infinity in a sum")
    if kind is None and any(isinstance(one, Decimal) for one in values):
        digits = max((max(0, -int(one.as_tuple().exponent)) for one in values if one is not None), default=0)
        return pa.array(values, pa.decimal256(76, min(digits, 30)))
    return pa.array(values, kind)


ENGINE = Postgres
