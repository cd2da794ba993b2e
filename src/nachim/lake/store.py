"""The lake: Delta tables in a folder, one folder a table, and what each commit says about itself.

Every import is one commit. Its metadata, under the key `nachim`, hold the file, the counts, the mapping and the local
days it touched; the file's hash is a Delta application transaction, which survives checkpoints. So the table alone
knows which files it holds, and a crash after the commit loses nothing.
"""

import json
import os
import re
import shutil
import unicodedata
from collections.abc import Mapping as MappingABC
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from deltalake import DeltaTable, PostCommitHookProperties
from deltalake.exceptions import DeltaError, TableNotFoundError

from nachim.lake.errors import NoSuchTable, TableError
from nachim.lake.mapping import Mapping, Type
from nachim.lake.repair import Problem, check_lake, clean, clean_staging, compact
from nachim.lake.sql import columns_of, duck, files_of, quoted, snapshot_sql
from nachim.lake.times import merged_ranges

if TYPE_CHECKING:
    from nachim.lake.engine import LakeEngine

_NAME = re.compile(r"[A-Za-z가-힣][A-Za-z0-9가-힣_]{0,63}")
_COMMIT = re.compile(r"\d{20}\.json")
METADATA = "nachim"
# the log is the record of imports: keep it all (a few KB an import)
HOOKS = PostCommitHookProperties(create_checkpoint=True, cleanup_expired_logs=False)
# a commit's file: its name, and what tells it from one of a table made anew
Stamp = tuple[str, int, int] | None
_QUIET = ("OPTIMIZE", "VACUUM START", "VACUUM END", "SET TBLPROPERTIES", "ADD FEATURE")


@dataclass(frozen=True)
class ImportEntry:
    """One import into a table, as its commit tells it."""

    version: int
    at: datetime
    filename: str
    sha256: str
    read: int
    inserted: int
    updated: int
    unchanged: int
    removed: int
    quarantined: int
    time: str | None = None
    keys: tuple[str, ...] = ()
    ticket: str = ""
    days: MappingABC[str, list[tuple[date, date]]] = field(default_factory=dict)
    """Touched local days, half-open, per time column."""


class Lake:
    """A folder of tables. Processes share it freely; nothing is kept in memory."""

    def __init__(self, root: Path | str) -> None:
        self.root = Path(root)

    @property
    def staging(self) -> Path:
        """Where imports keep their rows before the commit."""
        return self.root / ".staging"

    @property
    def quarantine(self) -> Path:
        return self.root.parent / "quarantine"

    def names(self) -> list[str]:
        """Tables, in order of name."""
        if not self.root.is_dir():
            return []
        found = [folder for folder in self.root.iterdir() if not folder.name.startswith(".") and _is_table(folder)]
        return sorted(unicodedata.normalize("NFC", folder.name) for folder in found)

    def table(self, name: str) -> "LakeTable":
        """A table, which need not exist yet. Raises TableError for a name that no table may have."""
        clean = unicodedata.normalize("NFC", name)
        if not _NAME.fullmatch(clean):
            raise TableError("bad_table_name", name=name[:80])
        for existing in self.names():
            if existing != clean and existing.casefold() == clean.casefold():
                raise TableError("name_taken", existing=existing)
        return LakeTable(self, clean)

    def check(self) -> list[Problem]:
        """What is not as it should be, for `nachim doctor`; repairs nothing."""
        return check_lake(self)

    def clean(self) -> list[Path]:
        """Removes what stopped imports left behind in the staging folder; gives what it removed."""
        return clean_staging(self.staging)

    def engine(self, **limits: Any) -> "LakeEngine":
        """A locked-down engine over all tables; see `LakeEngine` for its limits."""
        from nachim.lake.engine import LakeEngine

        return LakeEngine(self, **limits)


def _is_table(folder: Path) -> bool:
    log = folder / "_delta_log"
    return log.is_dir() and any(log.glob("*.json"))


class LakeTable:
    """One table. Every property reads the newest version; nothing is cached."""

    def __init__(self, lake: Lake, name: str) -> None:
        self.lake, self.name = lake, name
        self.path = lake.root / name

    def __repr__(self) -> str:
        return f"LakeTable({self.name!r})"

    @property
    def exists(self) -> bool:
        return _is_table(self.path)

    def snapshot(self, version: int | None = None) -> DeltaTable:
        """The Delta table at a version (default: the newest)."""
        try:
            return DeltaTable(str(self.path), version=version)
        except TableNotFoundError as error:
            if version is not None and self.exists:
                raise TableError("no_such_version", table=self.name, version=version) from error
            raise NoSuchTable("no_such_table", name=self.name, names=", ".join(self.lake.names())) from error
        except (DeltaError, OSError, ValueError) as error:
            if version is not None:
                raise TableError("no_such_version", table=self.name, version=version) from error
            raise TableError("damaged_table", table=self.name, detail=str(error)[:300]) from error

    def stamp(self, version: int | None = None) -> Stamp:
        """What changes when the table does: the file of its newest commit, or of a version. None if there is none."""
        log = self.path / "_delta_log"
        try:
            if version is None:
                name = max(one.name for one in os.scandir(log) if _COMMIT.fullmatch(one.name))
            else:
                name = f"{version:020d}.json"
            found = (log / name).stat()
        except (OSError, ValueError):
            return None
        return name, found.st_mtime_ns, found.st_ino

    @property
    def version(self) -> int | None:
        """The newest version; None if the table does not exist."""
        return self.snapshot().version() if self.exists else None

    @property
    def columns(self) -> dict[str, Type]:
        """Columns and types without the lake's own; empty if the table does not exist."""
        if not self.exists:
            return {}
        return {name: kind for name, kind in columns_of(self.snapshot()).items() if not name.startswith("_")}

    @property
    def rows(self) -> int:
        return self.snapshot().count() if self.exists else 0

    def extent(self, column: str) -> tuple[datetime, datetime] | None:
        """First and last instant of a time column; None if it is empty."""
        snapshot = self.snapshot()
        columns = columns_of(snapshot)
        if column not in columns:
            raise TableError("no_such_column", table=self.name, column=column, columns=", ".join(self.columns))
        with duck() as engine:
            name = quoted(column)
            source = snapshot_sql(files_of(snapshot), {column: columns[column]})
            found = engine.sql(f"SELECT min({name}) AS low, max({name}) AS high FROM ({source})").to_arrow_table()  # noqa: S608
        row = found.to_pylist()[0]
        return None if row["low"] is None else (row["low"].astimezone(UTC), row["high"].astimezone(UTC))

    def read(self) -> list[dict[str, Any]]:
        """All rows without the lake's own columns: for tables so small that they are read whole."""
        if not self.exists:
            return []
        snapshot = self.snapshot()
        columns = columns_of(snapshot)
        named = ", ".join(quoted(name) for name in columns if not name.startswith("_"))
        with duck() as engine:
            source = snapshot_sql(files_of(snapshot), columns)
            found: list[dict[str, Any]] = engine.sql(f"SELECT {named} FROM ({source})").to_arrow_table().to_pylist()  # noqa: S608
        return found

    def imports(self) -> list[ImportEntry]:
        """All imports, newest first."""
        return [_entry(version, at, said) for version, at, _, said in self._log() if said and said["kind"] == "import"]

    @property
    def mapping(self) -> Mapping | None:
        """The mapping of the last import, without that file's layout: what the next file is read by."""
        for _, _, _, said in self._log():
            if said and said.get("mapping"):
                return Mapping.model_validate(said["mapping"]).for_next_file()
        return None

    @property
    def keys(self) -> tuple[str, ...]:
        found = self.mapping
        return () if found is None else found.keys

    @property
    def time(self) -> str | None:
        found = self.mapping
        return None if found is None else found.time

    def touched_since(self, version: int, column: str | None = None) -> list[tuple[date, date]] | None:
        """Local days (half-open ranges) touched after a version, by the given time column or the table's own.

        None means unknown, so everything: a commit of somebody else, one without that column, or a lost log.
        """
        current = self.version
        if current is None or version > current:
            return None
        ranges: list[tuple[date, date]] = []
        seen = 0
        for number, _, operation, said in self._log(current - version):
            if number <= version:
                break
            seen += 1
            if said is None:
                if operation not in _QUIET:
                    return None
                continue
            if said["kind"] != "import":
                continue
            chosen = column or said.get("time")
            found = said["days"].get(chosen) if chosen else None
            if found is None:
                return None
            ranges += [(date.fromisoformat(start), date.fromisoformat(end)) for start, end in found]
        return merged_ranges(ranges) if seen == current - version else None

    def compact(self) -> int:
        """Joins small files, in one commit that changes no rows; gives how many files went."""
        return compact(self)

    def clean(self, *, keep_hours: float = 24 * 7, keep_versions: tuple[int, ...] = ()) -> int:
        """Deletes files that no version younger than `keep_hours` needs, and orphans of stopped imports.

        Versions in `keep_versions` stay readable. Younger files stay, as another process may be about to commit them.
        """
        return clean(self, keep_hours, keep_versions)

    def delete(self) -> None:
        """Deletes the table with all its versions. The log goes first, so a crash leaves no half table."""
        if not self.exists:
            raise NoSuchTable("no_such_table", name=self.name, names=", ".join(self.lake.names()))
        self.lake.staging.mkdir(parents=True, exist_ok=True)
        grave = self.lake.staging / f"deleted-{self.name}-{datetime.now(UTC).timestamp():.6f}"
        self.path.rename(grave)
        shutil.rmtree(grave, ignore_errors=True)

    def _log(self, limit: int | None = None) -> list[tuple[int, datetime, str, dict[str, Any] | None]]:
        """Commits, newest first: version, time, operation, and what nachim wrote about it."""
        if not self.exists or limit == 0:
            return []
        commits = []
        for entry in self.snapshot().history(limit):
            said = json.loads(entry[METADATA]) if METADATA in entry else None
            at = datetime.fromtimestamp(entry.get("timestamp", 0) / 1000, UTC)
            commits.append((int(entry["version"]), at, str(entry.get("operation", "")), said))
        return sorted(commits, key=lambda commit: -commit[0])


def _entry(version: int, at: datetime, said: dict[str, Any]) -> ImportEntry:
    days = {
        column: [(date.fromisoformat(start), date.fromisoformat(end)) for start, end in ranges]
        for column, ranges in said["days"].items()
    }
    counts = {name: said[name] for name in ("read", "inserted", "updated", "unchanged", "removed", "quarantined")}
    return ImportEntry(
        version=version,
        at=at,
        filename=said["filename"],
        sha256=said["sha256"],
        time=said.get("time"),
        keys=tuple(said.get("keys", ())),
        ticket=said.get("ticket", ""),
        days=days,
        **counts,
    )
