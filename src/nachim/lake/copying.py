"""A table of the lake as files to carry away: its log up to a version, and every file of rows that log names."""

import json
import re
from pathlib import Path

from nachim.lake.errors import TableError
from nachim.lake.repair import named_in
from nachim.lake.sql import files_of
from nachim.lake.store import LakeTable

_COMMIT = re.compile(r"(\d{20})[.]")


def files_at(table: LakeTable, version: int) -> list[Path]:
    """What a copy of a table at a version needs, older versions included; later commits stay out of it.

    Files are written once and never changed, so they can be copied while others import. Raises TableError when a file
    that holds rows of this version is gone. Files of older versions that were tidied away are left out.
    """
    log = table.path / "_delta_log"
    commits = [
        path for path in sorted(log.iterdir()) if (found := _COMMIT.match(path.name)) and int(found[1]) <= version
    ]
    last = log / "_last_checkpoint"
    if last.exists() and json.loads(last.read_text("utf-8"))["version"] <= version:
        commits.append(last)
    active = {Path(file) for file in files_of(table.snapshot(version))}
    gone = [path.name for path in active if not path.exists()]
    if gone:
        raise TableError("damaged_table", table=table.name, detail=f"{gone[0]} is gone")
    earlier = {table.path / name for name in named_in(path for path in commits if path.suffix == ".json")}
    return [*commits, *sorted(active | {path for path in earlier if path.exists()})]
