"""The rows of a file, typed and on disk, before any of them touches the table; and the rows that could not be read.

The staged file is uncompressed Arrow, read back by memory map, so an import needs little memory however long the file.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from nachim.lake.ahead import ahead
from nachim.lake.errors import Cancelled
from nachim.lake.mapping import ColumnMap, Mapping, Role, Type
from nachim.lake.quarantine import Fault, unescape_column
from nachim.lake.reading import Source
from nachim.lake.rows import Block
from nachim.lake.sql import duck, quoted
from nachim.lake.values import ARROW, convert, reason


@dataclass(frozen=True)
class Progress:
    """How far an import is. Phases: reading, comparing, writing, done."""

    phase: str
    rows_done: int
    bytes_done: int
    bytes_total: int


@dataclass
class Staged:
    """Typed rows of one file in an Arrow file."""

    path: Path
    schema: pa.Schema
    rows: int = 0
    read: int = 0
    faults: list[Fault] = field(default_factory=list)
    superseded: int = 0

    def table(self) -> pa.Table:
        with pa.memory_map(str(self.path)) as stream:
            return pa.ipc.open_file(stream).read_all()


def schema_of(columns: Sequence[ColumnMap]) -> pa.Schema:
    """The Arrow schema of rows made by these columns, with the place each row came from."""
    fields = [pa.field(column.name, ARROW[column.type]) for column in columns]
    return pa.schema([*fields, pa.field("_file", pa.string()), pa.field("_line", pa.int64())])


def stage(
    source: Source,
    mapping: Mapping,
    file_id: str,
    path: Path,
    *,
    zone: str,
    progress: Callable[[Progress], None] = lambda _: None,
    cancelled: Callable[[], bool] = lambda: False,
) -> Staged:
    """Reads the whole file into `path`. Mapped columns the file lacks are left out of the schema."""
    present = {name: at for at, name in enumerate(source.names)}
    columns = [column for column in mapping.kept if column.source in present]
    absent_keys = [column for column in mapping.kept if column.source not in present and column.role == Role.KEY]
    staged = Staged(path, schema_of(columns))
    path.parent.mkdir(parents=True, exist_ok=True)
    with (
        pa.OSFile(str(path), "wb") as sink,
        pa.ipc.new_file(sink, staged.schema) as writer,
        ahead(source.blocks()) as blocks,
    ):
        for block in blocks:
            if cancelled():
                raise Cancelled
            for reject in block.rejects:
                staged.faults.append(Fault(reject.line, reject.cells, reject.column, reject.code, reject.params))
            staged.read += len(block) + len(block.rejects)
            batch = _typed(block, columns, present, absent_keys, staged, source.is_repair, zone, file_id)
            staged.rows += len(batch)
            if len(batch):
                writer.write_batch(batch)
            progress(Progress("reading", staged.read, block.bytes_done, source.size))
    if mapping.keys and not absent_keys:
        _keep_last(staged, source, mapping)
    return staged


def _typed(
    block: Block,
    columns: Sequence[ColumnMap],
    present: dict[str, int],
    absent_keys: Sequence[ColumnMap],
    staged: Staged,
    repair: bool,
    zone: str,
    file_id: str,
) -> pa.RecordBatch:
    texts = [unescape_column(column) for column in block.columns] if repair else block.columns
    made: list[pa.Array] = []
    faulty = np.zeros(len(block), bool)
    why: dict[int, tuple[ColumnMap, str]] = {}
    for column in columns:
        words = texts[present[column.source]]
        values, bad = convert(words, column, zone)
        wrong: list[tuple[pa.Array, str]] = [(bad, "")]
        if column.role in (Role.KEY, Role.TIME) and (values.null_count or column.type == Type.TEXT):
            blank = values.is_null()
            if column.type == Type.TEXT:
                blank = pc.or_(blank, pc.equal(pc.utf8_trim_whitespace(pc.fill_null(values, "")), ""))
            code = "empty_key" if column.role == Role.KEY else "empty_time"
            wrong.append((pc.and_(blank, pc.invert(bad)), code))
        for mask, code in wrong:
            if not pc.any(mask).as_py():
                continue
            hits = np.asarray(mask.to_numpy(zero_copy_only=False), bool)
            for at in np.flatnonzero(hits & ~faulty):
                why[int(at)] = (column, code)
            faulty |= hits
        made.append(values)
    if absent_keys:
        why = dict.fromkeys(range(len(block)), (absent_keys[0], "empty_key"))
        faulty[:] = True
    _note(block, texts, why, present, staged)
    made += [pa.repeat(pa.scalar(file_id), len(block)), block.lines]
    batch = pa.RecordBatch.from_arrays(made, schema=staged.schema)
    return batch.filter(pa.array((~faulty).tolist(), pa.bool_())) if faulty.any() else batch


def _note(
    block: Block,
    texts: Sequence[pa.Array],
    why: dict[int, tuple[ColumnMap, str]],
    present: dict[str, int],
    staged: Staged,
) -> None:
    if not why:
        return
    rows = pa.array(sorted(why), pa.int64())
    cells = [column.take(rows).to_pylist() for column in texts]
    lines = block.lines.take(rows).to_pylist()
    for line, row, at in zip(lines, zip(*cells, strict=True), rows.to_pylist(), strict=True):
        column, code = why[at]
        value = row[present[column.source]] if column.source in present else None
        code = code or reason(column, value or "")
        staged.faults.append(Fault(line, row, column.source, code, {"value": (value or "")[:80]}))


def _keep_last(staged: Staged, source: Source, mapping: Mapping) -> None:
    """Of rows with one key the last stays; the earlier ones go to quarantine, naming the line that won."""
    if not staged.rows:
        return
    keys = ", ".join(quoted(name) for name in mapping.keys)
    table = staged.table()
    with duck() as engine:
        engine.register("staged", table)
        lost = engine.sql(
            f"SELECT _line AS line, winner FROM (SELECT _line, max(_line) OVER (PARTITION BY {keys}) AS winner "  # noqa: S608
            "FROM staged) WHERE _line <> winner ORDER BY line"
        ).to_arrow_table()
    if not len(lost):
        return
    winner = dict(zip(lost["line"].to_pylist(), lost["winner"].to_pylist(), strict=True))
    present = {name: at for at, name in enumerate(source.names)}
    wanted = pa.array(winner, pa.int64())
    key_columns = [column for column in mapping.kept if column.role == Role.KEY]
    # the texts of the losing rows are no longer in memory: read them once more from the file
    for block in source.blocks():
        hit = pc.is_in(block.lines, value_set=wanted)
        if not pc.any(hit).as_py():
            continue
        lines = block.lines.filter(hit).to_pylist()
        for line, row in zip(
            lines, zip(*(each.filter(hit).to_pylist() for each in block.columns), strict=True), strict=True
        ):
            key = ", ".join(str(row[present[column.source]]) for column in key_columns)
            params = {"key": key[:80], "winner": winner[line]}
            staged.faults.append(Fault(line, row, key_columns[0].source, "superseded", params))
    staged.superseded = len(winner)
    kept = table.filter(pc.invert(pc.is_in(table["_line"], value_set=wanted)))
    staged.rows = len(kept)
    draft = staged.path.with_suffix(".kept")
    with pa.OSFile(str(draft), "wb") as sink, pa.ipc.new_file(sink, staged.schema) as writer:
        writer.write_table(kept)
    draft.replace(staged.path)
