"""From staged rows to one atomic commit.

Every commit is a compare-and-swap: it names the version it was planned on and fails if another commit came first;
then the plan is made again on the new version. So two imports at once both land, and the same file twice lands once.
"""

import errno
import json
import random
import time
from collections.abc import Mapping as MappingABC
from contextlib import nullcontext, suppress
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import pyarrow as pa
from deltalake import CommitProperties, DeltaTable, Transaction, write_deltalake
from deltalake.exceptions import CommitFailedError, DeltaError

from nachim.lake.errors import ImportFailed, TableError
from nachim.lake.mapping import Mapping, Type
from nachim.lake.repair import WRITER
from nachim.lake.sql import columns_of, duck, files_of, literal, quoted, snapshot_sql
from nachim.lake.staging import Staged, schema_of
from nachim.lake.store import HOOKS, METADATA, LakeTable
from nachim.lake.times import day_ranges, local_days
from nachim.lake.values import ARROW

ATTEMPTS = 100
RANGES = 400
"""Touched ranges kept a column; a file that touches more says "from first to last"."""

Days = dict[str, set[date]]


@dataclass(frozen=True)
class FileMark:
    """What identifies an import: the file's hash, its short form in `_file`, and the reading of it."""

    sha256: str
    fingerprint: int

    @property
    def short(self) -> str:
        return self.sha256[:12]

    @property
    def app_id(self) -> str:
        return f"nachim:{self.sha256}"

    def applied(self, snapshot: DeltaTable | None) -> int | None:
        """The fingerprint this file was last imported with, or None."""
        found: int | None = None if snapshot is None else snapshot.transaction_version(self.app_id)
        return found


@dataclass
class Landed:
    """What a commit did."""

    version: int | None
    inserted: int = 0
    updated: int = 0
    unchanged: int = 0
    removed: int = 0
    days: Days = field(default_factory=dict)
    already: bool = False


@dataclass
class _Plan:
    """Rows to write on one snapshot, and how."""

    how: str  # create, append, merge, overwrite (all), replace (the file's rows), none
    rows: Any
    landed: Landed


def land(
    table: LakeTable,
    staged: Staged,
    mapping: Mapping,
    mark: FileMark,
    zone: str,
    widen: MappingABC[str, Type],
    said: dict[str, Any],
) -> Landed:
    """Commits the staged rows; `said` is what the commit's metadata tell beside the counts and days."""
    rows = staged.table() if staged.rows else pa.Table.from_batches([], staged.schema)
    for attempt in range(ATTEMPTS):
        snapshot = table.snapshot() if table.exists else None
        planned_on = None if snapshot is None else snapshot.version()  # delta-rs moves a snapshot when it commits
        applied = mark.applied(snapshot)
        if applied == mark.fingerprint:
            return Landed(table.version, already=True)
        with duck() if snapshot is not None else nullcontext() as engine:
            plan = _plan(engine, table, snapshot, rows, mapping, mark, zone, widen, applied is not None)
            if plan.how == "none":
                return plan.landed
            try:
                _write(table, snapshot, plan, mapping, _properties(mark, plan.landed, said))
            except (CommitFailedError, DeltaError, OSError) as error:
                if "No space left" in str(error):
                    raise OSError(errno.ENOSPC, "no space left on the disk", str(table.path)) from error
                if table.version == planned_on:  # no other commit came first, so this is no collision
                    raise TableError("damaged_table", table=table.name, detail=str(error)[:300]) from error
                time.sleep(random.uniform(0.005, min(0.02 * (attempt + 1), 0.5)))  # noqa: S311
                continue
        plan.landed.version = 0 if planned_on is None else planned_on + 1
        return plan.landed
    raise TableError("contended", attempts=ATTEMPTS)


def lay(table: LakeTable, mapping: Mapping) -> None:
    """An empty table of these columns, so that what stands on it can be checked and read; one that is there stays."""
    if table.exists:
        return
    said = {
        "kind": "described",
        "mapping": mapping.model_dump(mode="json"),
    }
    properties = CommitProperties(custom_metadata={METADATA: json.dumps(said, ensure_ascii=False)})
    table.path.parent.mkdir(parents=True, exist_ok=True)
    empty = schema_of(mapping.kept).empty_table()
    with suppress(DeltaError, CommitFailedError):  # another process was first
        write_deltalake(
            str(table.path), empty, mode="error", commit_properties=properties, post_commithook_properties=HOOKS,
            writer_properties=WRITER,
        )  # fmt: skip


def _properties(mark: FileMark, landed: Landed, said: dict[str, Any]) -> CommitProperties:
    days = {}
    for column, touched in landed.days.items():
        ranges = day_ranges(touched)
        if len(ranges) > RANGES:
            ranges = [(ranges[0][0], ranges[-1][1])]
        days[column] = [[start.isoformat(), end.isoformat()] for start, end in ranges]
    counts = {name: getattr(landed, name) for name in ("inserted", "updated", "unchanged", "removed")}
    told = {"kind": "import", **said, **counts, "days": days}
    return CommitProperties(
        custom_metadata={METADATA: json.dumps(told, ensure_ascii=False)},
        max_commit_retries=0,
        app_transactions=[Transaction(mark.app_id, mark.fingerprint)],
    )


def _plan(
    engine: Any,
    table: LakeTable,
    snapshot: DeltaTable | None,
    rows: pa.Table,
    mapping: Mapping,
    mark: FileMark,
    zone: str,
    widen: MappingABC[str, Type],
    again: bool,
) -> _Plan:
    times = [column.name for column in mapping.kept if column.type == Type.TIME and column.name in rows.column_names]
    landed = Landed(None if snapshot is None else snapshot.version())
    if snapshot is None:
        _touch(landed, rows, times, zone)
        landed.inserted = len(rows)
        return _Plan("create" if len(rows) else "none", rows, landed)
    old = columns_of(snapshot)
    columns = {**old, **{name: _type(mapping, name) for name in rows.column_names if name not in old}, **widen}
    engine.register("incoming", rows)
    engine.execute(f"CREATE TEMP VIEW current AS {snapshot_sql(files_of(snapshot), columns)}")
    times += [name for name in times_of(old) if name not in times]
    if again:
        gone = engine.sql(f"SELECT * FROM current WHERE _file = {literal(mark.short)}").to_arrow_table()  # noqa: S608
        landed.removed = len(gone)
        _touch(landed, gone, times, zone)
    # rows of an earlier reading of this file give way to the new reading
    kept = "SELECT * FROM current" + (f" WHERE _file IS DISTINCT FROM {literal(mark.short)}" if again else "")  # noqa: S608
    keys = [name for name in mapping.keys if name in rows.column_names]
    if not keys:
        _touch(landed, rows, times, zone)
        landed.inserted = len(rows)
        if widen:
            joined = f"{kept} UNION ALL BY NAME SELECT * FROM incoming"  # noqa: S608
            return _Plan("overwrite", _stream(engine, joined, columns), landed)
        if again and not landed.removed:
            return _Plan("append", rows, landed)
        return _Plan("replace" if again else "append" if len(rows) else "none", rows, landed)
    changed = _compare(engine, table, kept, rows, keys, columns, times, zone, landed)
    if widen or again:
        matched = " AND ".join(f"k.{quoted(key)} = d.{quoted(key)}" for key in keys)
        listed = ", ".join(map(quoted, columns))
        untouched = f"SELECT * FROM ({kept}) k WHERE NOT EXISTS (SELECT 1 FROM delta d WHERE {matched})"  # noqa: S608
        joined = f"{untouched} UNION ALL BY NAME SELECT {listed} FROM delta"  # noqa: S608
        return _Plan("overwrite", _stream(engine, joined, columns), landed)
    if not len(changed):
        return _Plan("none", None, landed)
    return _Plan("merge" if landed.updated else "append", changed, landed)


def _compare(
    engine: Any,
    table: LakeTable,
    kept: str,
    rows: pa.Table,
    keys: list[str],
    columns: MappingABC[str, Type],
    times: list[str],
    zone: str,
    landed: Landed,
) -> pa.Table:
    """Incoming rows that are new or differ, as whole rows of the table; counts and days go to `landed`."""
    incoming = set(rows.column_names)
    matched = " AND ".join(f"i.{quoted(key)} = k.{quoted(key)}" for key in keys)
    compared = [name for name in columns if name in incoming and name not in keys and not name.startswith("_")]
    differs = " OR ".join(f"i.{quoted(name)} IS DISTINCT FROM k.{quoted(name)}" for name in compared) or "false"
    # a column the file does not have says nothing about a row the table already holds: its old value stays
    chosen = ", ".join(f"{'i' if name in incoming else 'k'}.{quoted(name)} AS {quoted(name)}" for name in columns)
    before = ", ".join(f"k.{quoted(name)} AS {quoted('before ' + name)}" for name in times if name in columns)
    engine.execute(
        f"CREATE TEMP TABLE compared AS SELECT {chosen}{', ' + before if before else ''}, "  # noqa: S608
        f"k.present IS NULL AS is_new, coalesce({differs}, false) AS is_other "
        f"FROM incoming i LEFT JOIN (SELECT *, true AS present FROM ({kept})) k ON {matched}"
    )
    counts = engine.sql(
        "SELECT count(*) AS n, count(*) FILTER (WHERE is_new) AS fresh, "
        "count(*) FILTER (WHERE NOT is_new AND is_other) AS changed FROM compared"
    ).to_arrow_table()
    total, fresh, updated = (counts[name][0].as_py() for name in ("n", "fresh", "changed"))
    if total != len(rows):
        listed = ", ".join(map(quoted, keys))
        double = engine.sql(
            f"SELECT {listed} FROM compared GROUP BY {listed} HAVING count(*) > 1 LIMIT 1"  # noqa: S608
        ).to_arrow_table()
        example = ", ".join(str(value) for value in double.to_pylist()[0].values())
        raise ImportFailed("key_not_unique", columns=", ".join(keys), example=example)
    landed.inserted, landed.updated, landed.unchanged = fresh, updated, total - fresh - updated
    engine.execute("CREATE TEMP TABLE delta AS SELECT * FROM compared WHERE is_new OR is_other")
    found = engine.sql("SELECT * FROM delta").to_arrow_table()
    _touch(landed, found, times, zone)
    for name in times:
        if "before " + name in found.column_names:
            landed.days.setdefault(name, set()).update(local_days(found["before " + name], zone))
    return found.select(list(columns)).cast(_schema(columns))


def _touch(landed: Landed, rows: pa.Table, times: list[str], zone: str) -> None:
    for name in times:
        if name in rows.column_names:
            landed.days.setdefault(name, set()).update(local_days(rows[name], zone))


def times_of(columns: MappingABC[str, Type]) -> list[str]:
    return [name for name, kind in columns.items() if kind == Type.TIME]


def _type(mapping: Mapping, name: str) -> Type:
    column = mapping.column(name)
    return column.type if column is not None else Type.INTEGER if name == "_line" else Type.TEXT


def _schema(columns: MappingABC[str, Type]) -> pa.Schema:
    return pa.schema([pa.field(name, ARROW[kind]) for name, kind in columns.items()])


def _stream(engine: Any, sql: str, columns: MappingABC[str, Type]) -> pa.RecordBatchReader:
    schema = _schema(columns)
    found = engine.sql(f"SELECT {', '.join(map(quoted, columns))} FROM ({sql})").to_arrow_reader(100_000)  # noqa: S608
    return pa.RecordBatchReader.from_batches(schema, (batch.cast(schema) for batch in found))


def _write(
    table: LakeTable, snapshot: DeltaTable | None, plan: _Plan, mapping: Mapping, properties: CommitProperties
) -> None:
    common = {"commit_properties": properties, "post_commithook_properties": HOOKS, "writer_properties": WRITER}
    if snapshot is None:
        table.path.parent.mkdir(parents=True, exist_ok=True)
        # "error": a table that another process has just made must not be appended to unseen
        write_deltalake(str(table.path), plan.rows, mode="error", **common)
    elif plan.how == "append":
        write_deltalake(snapshot, plan.rows, mode="append", schema_mode="merge", **common)
    elif plan.how == "replace":
        file = plan.rows["_file"][0].as_py() if len(plan.rows) else None
        if file is None:
            snapshot.delete(f"_file = {literal(json.loads(properties.custom_metadata[METADATA])['short'])}", **common)
        else:
            predicate = f"_file = {literal(file)}"
            write_deltalake(snapshot, plan.rows, mode="overwrite", schema_mode="merge", predicate=predicate, **common)
    elif plan.how == "overwrite":
        write_deltalake(snapshot, plan.rows, mode="overwrite", schema_mode="overwrite", **common)
    else:
        matched = " AND ".join(f"target.{quoted(key)} = source.{quoted(key)}" for key in mapping.keys)
        merger = snapshot.merge(
            plan.rows, matched, source_alias="source", target_alias="target", merge_schema=True, **common
        )
        merger.when_matched_update_all().when_not_matched_insert_all().execute()
