"""The app's tables as lines of JSON, the same from SQLite and from PostgreSQL, with a hash that ignores their order.

The first line of a file names the columns; each further line is one row. Times are UTC, bytes are Base64.
"""

import base64
import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from functools import partial
from itertools import islice
from uuid import UUID

from django.core.management.color import no_style
from django.db import connections, models

from nachim.app.audit import as_kept

BATCH = 2000
# Django makes these by itself, and may number them differently in each database.
MADE_BY_DJANGO = {"contenttypes.contenttype", "auth.permission", "sites.site"}
TRAIL = "app.auditentry"


@dataclass(frozen=True)
class Sum:
    """Of one table: how many rows, a hash of them all, and the last number its sequence gave (0: it has none)."""

    rows: int
    sha256: str
    last: int = 0


def tables(apps) -> list[type[models.Model]]:
    """Every table of a registry of models (the present one, or that of a migration), by label."""
    found = {
        model._meta.label_lower: model
        for model in apps.get_models(include_auto_created=True)
        if model._meta.managed and not model._meta.proxy
    }
    return [found[label] for label in sorted(found)]


def fields(model: type[models.Model]) -> list[models.Field]:
    """Its columns by name: the models of a migration have them in another order."""
    return sorted(model._meta.local_concrete_fields, key=lambda field: field.attname)


def lines(model: type[models.Model], using: str) -> Iterator[str]:
    """One row a line."""
    names = [field.attname for field in fields(model)]
    rows = model._base_manager.using(using).order_by("pk").values_list(*names)
    for row in rows.iterator(chunk_size=BATCH):
        yield written([plain(value) for value in row])


def written(value) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True)


def plain(value):
    """A value as JSON keeps it, and as both databases give it back."""
    match value:
        case datetime():
            return value.astimezone(UTC).isoformat()
        case date() | time():
            return value.isoformat()
        case timedelta():
            return value.total_seconds()
        case Decimal() | UUID():
            return str(value)
        case bytes() | memoryview():
            return base64.b64encode(bytes(value)).decode()
    return as_kept(value)


def value_of(field: models.Field, kept):
    """The value of a field from how JSON keeps it."""
    field = field.target_field if isinstance(field, models.ForeignKey) else field
    if kept is None or isinstance(field, models.JSONField):
        return kept
    if isinstance(field, models.DurationField):
        return timedelta(seconds=kept)
    return field.to_python(kept)


def summed(all_lines: Iterable[str]) -> tuple[int, str]:
    """How many lines, and the sum of their SHA-256."""
    count, total = 0, 0
    for line in all_lines:
        count += 1
        total += int.from_bytes(hashlib.sha256(line.encode()).digest())
    return count, f"{total % 2**256:064x}"


def load(model: type[models.Model], columns: list[str], rows: Iterable[list], using: str) -> None:
    """Insert rows as they are: no defaults, no `auto_now`. Call it in a transaction, in any order of tables."""
    connection = connections[using]
    by_name = {field.attname: field for field in fields(model)}
    chosen = [by_name[name] for name in columns]
    quote = connection.ops.quote_name
    into = ", ".join(quote(field.column) for field in chosen)
    sql = f"INSERT INTO {quote(model._meta.db_table)} ({into}) VALUES ({', '.join(['%s'] * len(chosen))})"  # noqa: S608
    saves = [partial(_saved, field, connection) for field in chosen]
    rows = iter(rows)
    with connection.cursor() as cursor:
        while batch := list(islice(rows, BATCH)):
            cursor.executemany(sql, [[save(kept) for save, kept in zip(saves, row, strict=True)] for row in batch])


def _saved(field: models.Field, connection, kept):
    return field.get_db_prep_save(value_of(field, kept), connection)


def last_number(model: type[models.Model], using: str) -> int:
    """The last number the sequence of a table gave: rows that are gone leave theirs unused."""
    if not isinstance(model._meta.pk, models.AutoField):
        return 0
    connection, table = connections[using], model._meta.db_table
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("SELECT seq FROM sqlite_sequence WHERE name = %s", [table])
        elif model._meta.label_lower == TRAIL:
            # Here PostgreSQL's sequence has gaps; on SQLite one would mean that the newest entries were cut off.
            cursor.execute(f'SELECT coalesce(max(id), 0) FROM "{table}"')  # noqa: S608
        else:
            cursor.execute("SELECT pg_get_serial_sequence(%s, %s)", [f'"{table}"', model._meta.pk.column])
            cursor.execute(f"SELECT last_value FROM {cursor.fetchone()[0]} WHERE is_called")  # noqa: S608
        row = cursor.fetchone()
    return row[0] if row else 0


def go_on_after(model: type[models.Model], last: int, using: str) -> None:
    """Let the sequence of a table go on after a number."""
    if not isinstance(model._meta.pk, models.AutoField):
        return
    connection, table = connections[using], model._meta.db_table
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("UPDATE sqlite_sequence SET seq = max(seq, %s) WHERE name = %s", [last, table])
            if not cursor.rowcount and last:
                cursor.execute("INSERT INTO sqlite_sequence (name, seq) VALUES (%s, %s)", [table, last])
            return
        for statement in connection.ops.sequence_reset_sql(no_style(), [model]):
            cursor.execute(statement)
        if last:
            cursor.execute("SELECT pg_get_serial_sequence(%s, %s)", [f'"{table}"', model._meta.pk.column])
            name = cursor.fetchone()[0]
            cursor.execute(f"SELECT setval(%s, greatest(%s, (SELECT last_value FROM {name})))", [name, last])  # noqa: S608
