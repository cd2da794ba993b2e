"""What may be wrong with a lake on disk, and how it is tidied: for `nachim doctor` and the nightly job."""

import json
import os
import shutil
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from deltalake import CommitProperties, WriterProperties
from deltalake.exceptions import CommitFailedError

from nachim.lake.errors import LakeError, TableError
from nachim.lake.sql import files_of

if TYPE_CHECKING:
    from nachim.lake.store import Lake, LakeTable

# as many rows as DuckDB takes up at once, so that one file keeps every thread busy
WRITER = WriterProperties(max_row_group_size=122_880)
STALE = 3600.0
"""Seconds after which a file of a living process id is taken for left behind: ids are used again."""


@dataclass(frozen=True)
class Problem:
    """Something found: kind is `unreadable`, `missing_file`, `orphan_file`, `no_table` or `leftover`."""

    kind: str
    table: str
    path: Path
    detail: str = ""


def check_lake(lake: "Lake") -> list[Problem]:
    if not lake.root.is_dir():
        return []
    problems: list[Problem] = []
    for folder in sorted(lake.root.iterdir()):
        if folder.name.startswith(".") or not folder.is_dir():
            continue
        if folder.name not in lake.names():
            problems.append(
                Problem("no_table", folder.name, folder, "no Delta log: an import stopped before its commit")
            )
            continue
        problems += _check_table(lake.table(folder.name))
    if lake.staging.is_dir():
        problems += [Problem("leftover", "", path) for path in sorted(lake.staging.iterdir()) if _left_behind(path)]
    return problems


def _check_table(table: "LakeTable") -> list[Problem]:
    try:
        snapshot = table.snapshot()
        active = [Path(file) for file in files_of(snapshot)]
    except LakeError as error:
        return [Problem("unreadable", table.name, table.path, str(error))]
    problems = []
    sizes = _sizes(snapshot)
    for file in active:
        if not file.exists():
            problems.append(Problem("missing_file", table.name, file))
        elif file.name in sizes and file.stat().st_size != sizes[file.name]:
            problems.append(Problem("unreadable", table.name, file, "its size is not the one in the log"))
    named = named_in((table.path / "_delta_log").glob("*.json"))
    for file in sorted(table.path.glob("*.parquet")):
        if file.name not in named and all(file.name != each.name for each in active):
            problems.append(Problem("orphan_file", table.name, file))
    problems += [Problem("leftover", table.name, path) for path in sorted((table.path / "_delta_log").glob("*.tmp"))]
    return problems


def _sizes(snapshot: object) -> dict[str, int]:
    import pyarrow as pa

    actions = pa.table(snapshot.get_add_actions(flatten=True))  # type: ignore[attr-defined]
    paths, sizes = actions.column("path").to_pylist(), actions.column("size_bytes").to_pylist()
    return {Path(path).name: size for path, size in zip(paths, sizes, strict=True)}


def named_in(commits: Iterable[Path]) -> set[str]:
    """Files these commits have added: those that are active no more belong to older versions."""
    named = set()
    for commit in commits:
        for line in commit.read_text("utf-8").splitlines():
            if '"add"' in line:
                action = json.loads(line).get("add")
                if action:
                    named.add(Path(action["path"]).name)
    return named


def _left_behind(path: Path) -> bool:
    owner = path.name.partition("-")[0]
    if not owner.isdigit():
        return True  # a table on its way out
    if time.time() - path.stat().st_mtime > STALE:
        return True
    try:
        os.kill(int(owner), 0)
    except ProcessLookupError:
        return True
    except OSError:
        return False
    return False


def clean_staging(staging: Path) -> list[Path]:
    if not staging.is_dir():
        return []
    gone = [path for path in staging.iterdir() if _left_behind(path)]
    for path in gone:
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)
    return gone


def compact(table: "LakeTable") -> int:
    told = CommitProperties(custom_metadata={"nachim": json.dumps({"kind": "compact"})})
    for _ in range(5):
        snapshot = table.snapshot()
        try:
            metrics = snapshot.optimize.compact(commit_properties=told, writer_properties=WRITER)
        except CommitFailedError:
            continue  # an import came first; its rows are in the next snapshot
        return int(metrics["numFilesRemoved"]) - int(metrics["numFilesAdded"])
    raise TableError("contended", attempts=5)


def clean(table: "LakeTable", keep_hours: float, keep_versions: tuple[int, ...]) -> int:
    gone = table.snapshot().vacuum(
        retention_hours=int(keep_hours),
        dry_run=False,
        enforce_retention_duration=False,
        full=True,
        keep_versions=list(keep_versions) or None,
    )
    return len(gone)
