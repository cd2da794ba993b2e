"""A file into a table: read, quarantine what cannot be read, commit the rest, once.

Order matters for a crash at any moment: rows are staged, then the quarantine file is written (whole, under the
import's own name), then the one commit makes the rows visible. Run again, the import finds its own mark in the table
and does nothing, or starts over and ends in the same place.
"""

import hashlib
import os
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, Literal

from pydantic import ValidationError

from nachim.lake.commit import FileMark, land
from nachim.lake.drift import Change, settled
from nachim.lake.drift import drift as differences
from nachim.lake.errors import Cancelled, DriftFound, FileRefused, ImportFailed, LakeError
from nachim.lake.mapping import RESERVED, Mapping
from nachim.lake.preview import inspect
from nachim.lake.quarantine import write_quarantine
from nachim.lake.reading import Source, open_source
from nachim.lake.staging import Progress, stage
from nachim.lake.store import Lake, LakeTable
from nachim.lake.times import day_ranges


@dataclass(frozen=True)
class ImportResult:
    """What an import did. `inserted + updated + unchanged + quarantined == read`."""

    read: int
    inserted: int
    updated: int
    unchanged: int
    quarantined: int
    version: int | None
    days: list[tuple[date, date]] = field(default_factory=list)
    """Touched local days by the table's time column, half-open."""
    already: bool = False
    quarantine: Path | None = None
    removed: int = 0
    """Rows of an earlier import of this file, taken out because it was read anew."""
    superseded: int = 0
    """Quarantined rows whose key appears again later in the file."""
    reasons: dict[str, int] = field(default_factory=dict)
    """Quarantined rows by code."""


def import_file(
    lake: Lake,
    path: Path | str,
    table: str,
    mapping: Mapping | dict[str, Any],
    *,
    filename: str | None = None,
    zone: str = "Asia/Seoul",
    progress: Callable[[Progress], None] = lambda _: None,
    cancelled: Callable[[], bool] = lambda: False,
    drift: Literal["ask", "accept"] = "ask",
    quarantine: Path | None = None,
    locale: str = "ko",
    once: str | None = None,
    ticket: str = "",
) -> ImportResult:
    """Imports a file into a table, creating it if need be, in one commit.

    With key columns rows are inserted or updated by key; without, appended. The same file again changes nothing; with
    another mapping its rows are replaced. Raises DriftFound if columns differ and `drift` is "ask", Cancelled if
    `cancelled()` says so, and other LakeErrors; then the table is as before. `quarantine` is the path of the CSV of
    rows that could not be read (default: `quarantine/<short hash>.csv` beside the lake). `once`: a sha256 that stands
    for this import instead of the file's own, where the same rows may come again and mean it.
    `ticket` names this very call: made again after its process died, it answers what the first one did.
    """
    path = Path(path)
    name = filename or path.name
    try:
        target = lake.table(table)
        wanted = _checked(mapping)
        source = open_source(path, wanted, name)
        sha256 = once or file_hash(path, cancelled)
        layout = source.layout
        seen = f"{layout.format} {layout.encoding} {layout.delimiter} {layout.header_row} {layout.sheet}"
        mark = FileMark(sha256, wanted.fingerprint(zone, seen))
        rejected = quarantine or lake.quarantine / f"{mark.short}.csv"
        if target.exists and mark.applied(target.snapshot()) == mark.fingerprint:
            return _already(target, mark, rejected, ticket)
        wanted = _reconciled(source, target, wanted, zone, drift, name)
        return _run(source, target, wanted, mark, rejected, name, zone, progress, cancelled, locale, ticket)
    except LakeError as error:
        error.file = error.file or (None if isinstance(error, Cancelled) else name)
        raise


def file_hash(path: Path, cancelled: Callable[[], bool] = lambda: False) -> str:
    """sha256 of the file's own bytes."""
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while data := stream.read(4 * 2**20):
            if cancelled():
                raise Cancelled
            digest.update(data)
    return digest.hexdigest()


def _checked(mapping: Mapping | dict[str, Any]) -> Mapping:
    try:
        made = mapping if isinstance(mapping, Mapping) else Mapping.model_validate(mapping)
    except ValidationError as error:
        raise ImportFailed("bad_mapping", detail=error.errors()[0]["msg"]) from error
    if not made.kept:
        raise ImportFailed("nothing_kept")
    return made


def _reconciled(source: Source, target: LakeTable, mapping: Mapping, zone: str, mode: str, name: str) -> Mapping:
    """The mapping with every column of the file in it; DriftFound if that, or the table, needs a person's word."""
    mapped = {column.source for column in mapping.columns}
    unknown = [column.name for column in source.columns if column.name not in mapped and column.name not in RESERVED]
    changes: list[Change] = []
    if unknown:
        judged = inspect(source.path, filename=name, zone=zone, remembered=mapping).mapping
        fresh = tuple(column for column in judged.columns if column.source in unknown)
        taken = {column.name.casefold() for column in mapping.kept}
        fresh = tuple(column for column in fresh if column.keep and column.name.casefold() not in taken)
        changes += [Change("new", column.name, after=column.type) for column in fresh]
        mapping = mapping.model_copy(update={"columns": (*mapping.columns, *fresh)})
    absent = [column for column in mapping.kept if column.source not in source.names]
    present = mapping.model_copy(update={"columns": tuple(each for each in mapping.columns if each not in absent)})
    if target.exists:
        found = _table_drift(present, target)
        changes += [change for change in found if change not in changes]
    changes += [
        Change("missing", column.name, before=column.type)
        for column in absent
        if all(change.column != column.name for change in changes)
    ]
    if changes and mode == "ask":
        raise DriftFound(changes, file=name)
    return mapping


def _table_drift(mapping: Mapping, target: LakeTable) -> list[Change]:
    return differences(mapping, target.columns, target.keys)


def _already(target: LakeTable, mark: FileMark, rejected: Path, ticket: str) -> ImportResult:
    """What the first import of the file said: as this one's own where it was this one, whose process died after it."""
    entry = next((each for each in target.imports() if each.sha256 == mark.sha256), None)
    if entry is None:
        return ImportResult(0, 0, 0, 0, 0, target.version, already=True)
    kept = rejected if rejected.exists() else None
    if ticket and entry.ticket == ticket:
        return ImportResult(
            entry.read,
            entry.inserted,
            entry.updated,
            entry.unchanged,
            entry.quarantined,
            entry.version,
            days=list(entry.days.get(entry.time or "", ())),
            quarantine=kept,
            removed=entry.removed,
        )
    unchanged = entry.read - entry.quarantined
    return ImportResult(entry.read, 0, 0, unchanged, entry.quarantined, target.version, already=True, quarantine=kept)


def _run(
    source: Source,
    target: LakeTable,
    mapping: Mapping,
    mark: FileMark,
    rejected: Path,
    name: str,
    zone: str,
    progress: Callable[[Progress], None],
    cancelled: Callable[[], bool],
    locale: str,
    ticket: str,
) -> ImportResult:
    columns = target.columns
    readable, widen = settled(mapping, columns)
    staging = target.lake.staging / f"{os.getpid()}-{uuid.uuid4().hex}.arrow"
    try:
        staged = stage(source, readable, mark.short, staging, zone=zone, progress=progress, cancelled=cancelled)
        if not staged.read:
            raise FileRefused("no_rows")
        reasons: dict[str, int] = {}
        for fault in staged.faults:
            reasons[fault.code] = reasons.get(fault.code, 0) + 1
        if staged.faults:
            write_quarantine(
                rejected, name, source.names, staged.faults, delimiter=source.layout.delimiter, locale=locale
            )
        progress(Progress("comparing" if mapping.keys else "writing", staged.read, source.size, source.size))
        if cancelled():
            raise Cancelled
        said = {
            "filename": name,
            "sha256": mark.sha256,
            "short": mark.short,
            "read": staged.read,
            "quarantined": len(staged.faults),
            "time": mapping.time,
            "keys": list(mapping.keys),
            "zone": zone,
            "ticket": ticket,
            "mapping": mapping.model_dump(mode="json"),
        }
        landed = land(target, staged, readable, mark, zone, widen, said)
    finally:
        staging.unlink(missing_ok=True)
        staging.with_suffix(".kept").unlink(missing_ok=True)
    if not staged.faults:
        rejected.unlink(missing_ok=True)  # of an earlier reading of the same file
    if landed.already:  # the same file landed from another process while this one was reading
        return _already(target, mark, rejected, ticket)
    progress(Progress("done", staged.read, source.size, source.size))
    return ImportResult(
        read=staged.read,
        inserted=landed.inserted,
        updated=landed.updated,
        unchanged=landed.unchanged,
        quarantined=len(staged.faults),
        version=landed.version,
        days=day_ranges(landed.days.get(mapping.time or "", ())),
        quarantine=rejected if staged.faults else None,
        removed=landed.removed,
        superseded=staged.superseded,
        reasons=reasons,
    )
