"""Read a backup back into an empty home or database, which may be of the other kind than the one it came from."""

import json
import shutil
from dataclasses import dataclass
from pathlib import Path

from django.db import transaction

from nachim.app import audit
from nachim.app.backup import places, rows
from nachim.app.backup.write import FORMAT, described
from nachim.app.home import home, lake


class Refused(Exception):
    """Why a backup is not restored, in both languages. Nothing has been changed then."""

    def __init__(self, ko: str, en: str):
        super().__init__(en)
        self.ko, self.en = ko, en

    def text(self, locale: str) -> str:
        return self.en if locale == "en" else self.ko


@dataclass(frozen=True)
class Restored:
    rows: int
    tables: int
    files: int
    audit_whole: bool


def restore(path: Path, keys: Path | None = None) -> Restored:
    """Fill this home and its database from a backup. Checks every checksum before, and every table after."""
    manifest = checked(path)
    _require_empty_home(keys)
    try:
        registry = places.made_as([tuple(one) for one in manifest["migrations"]], "default")
    except places.NotEmpty as error:
        raise Refused(
            f"데이터베이스가 비어 있지 않습니다 ({error.table}). 빈 데이터베이스나 새 NACHIM_HOME에 되돌리세요.",
            f"The database is not empty ({error.table}). Restore into an empty one, or a fresh NACHIM_HOME.",
        ) from None
    except places.TooNew as error:
        raise Refused(
            f"더 새로운 나침이 만든 백업입니다 ({error.unknown[0][1]}). 나침을 올린 뒤 되돌리세요.",
            f"A newer nachim made this backup ({error.unknown[0][1]}). Upgrade nachim, then restore.",
        ) from None
    try:
        _files(path, manifest)
        if keys is not None:
            _keys(keys)
        with transaction.atomic():
            total = _rows(path, manifest, registry)
    except BaseException:
        # Half a restore is none: what was copied goes again, and the rows were never committed.
        for name in {Path(name).parts[1] for name in manifest["files"] if name.startswith("home/")} | {"lake"}:
            shutil.rmtree(home() / name, ignore_errors=True)
        raise
    places.up_to_date("default")
    return Restored(total, len(manifest["tables"]), len(manifest["files"]), audit.broken_link() is None)


def checked(path: Path) -> dict:
    """The manifest of a backup all of whose files are there and whole."""
    try:
        manifest = json.loads((path / "manifest.json").read_text("utf-8"))
        number = manifest["format"]
    except (OSError, ValueError, KeyError, TypeError):
        raise Refused(f"{path}: 나침의 백업이 아닙니다 (manifest.json이 없거나 깨졌습니다).",
                      f"{path} is no backup of nachim: its manifest.json is missing or broken.") from None  # fmt: skip
    if number != FORMAT:
        raise Refused(f"{path}: 모르는 형식입니다 ({number}). 나침을 올리세요.",
                      f"{path} is of format {number}, which this nachim does not know. Upgrade it.")  # fmt: skip
    for name, expected in manifest["files"].items():
        file = path / name
        if ".." in Path(name).parts or not file.is_file() or described(file) != expected:
            raise Refused(f"{file}: 없거나 적힌 것과 다릅니다. 다른 백업을 쓰세요.",
                          f"{file} is missing or not as it was written. Use another backup.")  # fmt: skip
    return manifest


def _require_empty_home(keys: Path | None) -> None:
    names = lake().names()
    if names:
        raise Refused(f"{home()}: 이미 표가 있습니다 ({names[0]}). 새 NACHIM_HOME에 되돌리세요.",
                      f"{home()} has tables already ({names[0]}). Restore into a fresh NACHIM_HOME.")  # fmt: skip
    there = home() / "connections.key"
    if keys is not None and there.exists():
        raise Refused(f"{there}: 이미 열쇠가 있습니다. 새 NACHIM_HOME에 되돌리세요.",
                      f"{there} is there already. Restore into a fresh NACHIM_HOME.")  # fmt: skip


def _files(path: Path, manifest: dict) -> None:
    for name in manifest["files"]:
        place = {"lake/": home(), "home/": home()}.get(name[:5])
        if place is None:
            continue
        target = place / (name if name.startswith("lake/") else name.removeprefix("home/"))
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        shutil.copyfile(path / name, target)


def _keys(keys: Path) -> None:
    for name, content in json.loads(keys.read_text("utf-8")).items():
        if name == Path(name).name and name.endswith(".key"):
            target = home() / name
            target.touch(mode=0o600)
            target.write_text(content)


def _rows(path: Path, manifest: dict, registry) -> int:
    """Load every table and compare it with what was written down."""
    total = 0
    for model in rows.tables(registry):
        label = model._meta.label_lower
        said = manifest["tables"].get(label)
        if said is None:
            continue
        with (path / "rows" / f"{label}.jsonl").open(encoding="utf-8") as file:
            columns = json.loads(file.readline())
            rows.load(model, columns, map(json.loads, file), "default")
        rows.go_on_after(model, said["last"], "default")
        now = rows.summed(rows.lines(model, "default"))
        if now != (said["rows"], said["sha256"]):
            raise Refused(f"{label}: 되돌린 행이 백업과 다릅니다. 되돌리지 않았습니다.",
                          f"{label}: the restored rows are not those of the backup. Nothing was restored.")  # fmt: skip
        total += said["rows"]
    return total
