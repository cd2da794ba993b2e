"""Write a backup: the rows of the app's database, the lake, and files that wait, with their checksums; keys apart.

It may run while people work. The rows are one snapshot; the lake is read after it, so it holds whatever the rows speak
of, and perhaps an import more, which the first refresh then computes. The format is in docs/operate.md.
"""

import hashlib
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from django.apps import apps

from nachim import __version__
from nachim.app.backup import places, rows
from nachim.app.home import home, lake
from nachim.lake.copying import files_at

FORMAT = 1
NAME = "nachim-%Y%m%d-%H%M%S"
KEYS = ("secret.key", "connections.key")
# Sessions are keys to the house, and a device names its session: after a restore people sign in again.
LEFT_OUT = {"sessions.session", "app.device"}
# What is made anew or belongs to the processes of the moment.
NOT_CARRIED = {"backups", "workers", "lake", "metrics"}


@dataclass(frozen=True)
class Written:
    """What a backup holds. `keys` is None where there were none to keep apart."""

    path: Path
    keys: Path | None
    rows: int
    files: int
    size: int
    removed: list[Path]


def write(folder: Path, *, keep: int = 0, now: datetime | None = None) -> Written:
    """Make a backup in `folder`, and of those there keep the newest `keep` (0: all of them)."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    target = folder / (now or datetime.now(UTC)).strftime(NAME)
    partial = target.with_name(f".{target.name}.partial")
    partial.mkdir(mode=0o700)
    try:
        files: dict[str, dict] = {}
        with places.snapshot() as alias:
            sums = dict(_rows(partial, files, alias))
            migrations = places.applied(alias)
        versions = _lake(partial, files)
        _waiting(partial, files)
        manifest = {
            "format": FORMAT, "nachim": __version__, "made": datetime.now(UTC).isoformat(),
            "migrations": migrations, "tables": {label: asdict(one) for label, one in sums.items()},
            "lake": versions, "files": files,
        }  # fmt: skip
        _kept(partial / "manifest.json", json.dumps(manifest, indent=1, ensure_ascii=False).encode())
        keys = _keys(target)
        partial.rename(target)
    except BaseException:
        shutil.rmtree(partial, ignore_errors=True)
        raise
    return Written(
        target, keys, sum(one.rows for one in sums.values()), len(files), sum(one["size"] for one in files.values()),
        _retire(folder, keep) if keep else [],
    )  # fmt: skip


def _rows(partial: Path, files: dict, alias: str) -> Iterator[tuple[str, rows.Sum]]:
    (partial / "rows").mkdir()
    for model in rows.tables(apps):
        label = model._meta.label_lower
        if label in LEFT_OUT:
            continue
        path = partial / "rows" / f"{label}.jsonl"
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
            file.write(rows.written([field.attname for field in rows.fields(model)]) + "\n")
            count, digest = rows.summed(_through(rows.lines(model, alias), file))
            file.flush()
            os.fsync(file.fileno())
        files[str(path.relative_to(partial))] = described(path)
        yield label, rows.Sum(count, digest, rows.last_number(model, alias))


def _through(lines: Iterator[str], file) -> Iterator[str]:
    for line in lines:
        file.write(line + "\n")
        yield line


def _lake(partial: Path, files: dict) -> dict[str, int]:
    """Copy every table as it is now; its version by name."""
    stored, versions = lake(), {}
    for name in stored.names():
        table = stored.table(name)
        version = table.version
        if version is None:
            continue
        for path in files_at(table, version):
            with suppress(FileNotFoundError):  # of an older version, and tidied away just now
                _copy(path, partial / "lake" / path.relative_to(stored.root), partial, files)
        versions[name] = version
    return versions


def _waiting(partial: Path, files: dict) -> None:
    """Whatever else lies in folders of the home: uploads that wait, rows in quarantine, events not yet in a table."""
    for folder in sorted(home().iterdir()):
        if not folder.is_dir() or folder.name.startswith(".") or folder.name in NOT_CARRIED:
            continue
        for path in sorted(folder.rglob("*")):
            with suppress(FileNotFoundError):
                if path.is_file():
                    _copy(path, partial / "home" / path.relative_to(home()), partial, files)


def _copy(source: Path, target: Path, partial: Path, files: dict) -> None:
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    shutil.copyfile(source, target)
    target.chmod(0o600)
    files[str(target.relative_to(partial))] = described(target)


def described(path: Path) -> dict:
    with path.open("rb") as file:
        return {"size": path.stat().st_size, "sha256": hashlib.file_digest(file, "sha256").hexdigest()}


def _keys(target: Path) -> Path | None:
    """The keys in a file of their own, beside the backup and not in it."""
    found = {name: (home() / name).read_text() for name in KEYS if (home() / name).exists()}
    if not found:
        return None
    path = target.with_name(f"{target.name}.keys")
    _kept(path, json.dumps(found, indent=1).encode())
    return path


def _kept(path: Path, content: bytes) -> None:
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def backups(folder: Path) -> list[Path]:
    """The whole backups of a folder, oldest first."""
    return sorted(path for path in folder.glob("nachim-*") if (path / "manifest.json").is_file())


def _retire(folder: Path, keep: int) -> list[Path]:
    gone = backups(folder)[:-keep]
    for path in gone:
        shutil.rmtree(path)
        path.with_name(f"{path.name}.keys").unlink(missing_ok=True)
    return gone
