"""Any file as blocks of texts: the one way to read a file, whatever its format.

Everything becomes text first (a workbook's number `17850.0` is `17850`, a Parquet timestamp is ISO), so that types,
errors and quarantine work alike for all formats.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from python_calamine import CalamineError, CalamineWorkbook, PasswordError

from nachim.lake.errors import FileRefused, LakeError
from nachim.lake.layout import COLUMNS_LIMIT, Layout, detect, skip_lines, utf8_chunks, with_header
from nachim.lake.mapping import QUARANTINE_COLUMNS, RESERVED, Mapping, plain_name
from nachim.lake.rows import CELL_LIMIT, Block, Reject, one_array, read_rows, text_columns

ROWS_A_BLOCK = 50_000


@dataclass(frozen=True)
class Named:
    """A column of the file: its header as found, and the unique name it goes by."""

    header: str
    name: str
    position: int


@dataclass(frozen=True)
class Source:
    """An opened file: its layout, its columns, and its rows on demand."""

    path: Path
    layout: Layout
    columns: tuple[Named, ...]
    size: int
    _rows: tuple[tuple[int, list[str]], ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(column.name for column in self.columns)

    @property
    def is_repair(self) -> bool:
        """A quarantine file that comes back: its formula escapes are undone and its `_…` columns skipped."""
        return set(QUARANTINE_COLUMNS) <= {column.header for column in self.columns}

    def blocks(self) -> Iterator[Block]:
        """The rows, block by block; each reading begins anew."""
        if self.layout.format == "csv":
            chunks = skip_lines(utf8_chunks(self.path, self.layout), self.layout.data_line - 1)
            layout = self.layout
            yield from read_rows(chunks, layout.data_line, layout.delimiter, layout.width, layout.encoding)
        elif self.layout.format == "xlsx":
            yield from _sheet_blocks(self._rows, len(self.columns))
        elif self.layout.format == "jsonl":
            yield from _json_blocks(self.path, self.layout)
        else:
            yield from _parquet_blocks(self.path, self.layout)


def open_source(path: Path, mapping: Mapping | None = None, filename: str | None = None) -> Source:
    """Opens a file; a mapping may fix its layout. Errors carry the file's name."""
    try:
        return _open(path, mapping)
    except LakeError as error:
        error.file = error.file or filename or path.name
        raise


def _open(path: Path, mapping: Mapping | None) -> Source:
    given = {} if mapping is None else mapping.model_dump(include={"encoding", "delimiter", "header_row", "sheet"})
    layout = detect(path, **given)
    rows: tuple[tuple[int, list[str]], ...] = ()
    if layout.format == "xlsx":
        layout, rows = _open_sheet(path, layout)
    elif layout.format == "jsonl":
        layout = replace(layout, header=_json_keys(path, layout))
    elif layout.format == "parquet":
        layout = replace(layout, header=tuple(_parquet(path).schema_arrow.names))
    if layout.width > COLUMNS_LIMIT:
        raise FileRefused("too_many_columns", count=layout.width, limit=COLUMNS_LIMIT)
    return Source(path, layout, named(layout.header), path.stat().st_size, rows)


def named(header: tuple[str, ...]) -> tuple[Named, ...]:
    """Unique names for a header: a repeated name gets `_2`, `_3`; a blank one `column_<position>`."""
    taken: set[str] = set()
    columns = []
    for position, raw in enumerate(header, 1):
        clean = plain_name(raw)
        if clean not in RESERVED:
            clean = clean.lstrip("_")
        base = clean or f"column_{position}"
        name, number = base, 1
        while name.casefold() in taken:  # engines take Amount and amount for one column
            number += 1
            name = f"{base}_{number}"
        taken.add(name.casefold())
        columns.append(Named(clean, name, position))
    return tuple(columns)


# --- workbooks


def _open_sheet(path: Path, layout: Layout) -> tuple[Layout, tuple[tuple[int, list[str]], ...]]:
    try:
        book = CalamineWorkbook.from_path(str(path))
        visible = [meta.name for meta in book.sheets_metadata if "Visible" in str(meta.visible)] or book.sheet_names
        if layout.sheet and layout.sheet not in book.sheet_names:
            raise FileRefused("no_sheet", sheet=layout.sheet, sheets=", ".join(book.sheet_names))
        rows: list[tuple[int, list[str]]] = []
        chosen = layout.sheet or visible[0]
        for name in [chosen] if layout.sheet else visible:
            rows = _sheet_rows(book, name)
            if rows:
                chosen = name
                break
    except PasswordError as error:
        raise FileRefused("damaged_file", format="XLSX", detail="password") from error
    except (CalamineError, OSError, IndexError) as error:
        raise FileRefused("damaged_file", format="XLSX", detail=str(error)) from error
    wanted = None if layout.header_row == -1 else layout.header_row
    layout = with_header(replace(layout, sheet=chosen, sheets=tuple(book.sheet_names)), rows[:200], wanted)
    return layout, tuple((line, cells) for line, cells in rows if line >= layout.data_line)


def _sheet_rows(book: CalamineWorkbook, name: str) -> list[tuple[int, list[str]]]:
    sheet = book.get_sheet_by_name(name)
    rows = []
    for number, cells in enumerate(sheet.to_python(skip_empty_area=False), 1):
        texts = [_cell(cell) for cell in cells]
        if any(text.strip() for text in texts):
            rows.append((number, texts))
    return rows


def _cell(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 2**53 else repr(value)
    if isinstance(value, datetime):
        return value.isoformat(sep=" ")
    if isinstance(value, date):
        return value.isoformat()
    return str(value)


def _sheet_blocks(rows: tuple[tuple[int, list[str]], ...], width: int) -> Iterator[Block]:
    for start in range(0, len(rows), ROWS_A_BLOCK):
        good, rejects = [], []
        for line, found in rows[start : start + ROWS_A_BLOCK]:
            cells = (found + [""] * width)[:width]
            longest = max(map(len, cells))
            if any(cell.strip() for cell in found[width:]):
                rejects.append(Reject(line, found, "ragged", {"expected": width, "found": len(found)}))
            elif longest > CELL_LIMIT:
                rejects.append(Reject(line, cells, "long_cell", {"found": longest, "limit": CELL_LIMIT}))
            else:
                good.append((line, cells))
        lines = pa.array([line for line, _ in good], pa.int64())
        yield Block(lines, text_columns([cells for _, cells in good], width), rejects)


# --- JSON lines


def _json_lines(path: Path, layout: Layout) -> Iterator[tuple[int, str, int]]:
    """Lines that hold something: number, text, file bytes read so far."""
    held, number = b"", 0
    done = 0
    for data, done in utf8_chunks(path, layout):
        *lines, held = (held + data).split(b"\n")
        for line in lines:
            number += 1
            if line.strip():
                yield number, line.decode("utf-8", "replace"), done
    if held.strip():
        yield number + 1, held.decode("utf-8", "replace"), done


def _json_object(text: str) -> dict[str, Any] | None:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _json_text(value: Any) -> str | None:
    if value is None or value == "":
        return None
    if isinstance(value, str):
        return value
    if isinstance(value, (dict, list)):
        return json.dumps(value, ensure_ascii=False)
    return _cell(value)


def _json_keys(path: Path, layout: Layout) -> tuple[str, ...]:
    """Every key of every line, in order of appearance: a key that comes late is a column too."""
    keys: dict[str, None] = {}
    for _, text, _ in _json_lines(path, layout):
        keys.update(dict.fromkeys(_json_object(text) or ()))
        if len(keys) > COLUMNS_LIMIT:
            break
    if not keys:
        raise FileRefused("damaged_file", format="JSON Lines", detail="no JSON object")
    return tuple(keys)


def _json_blocks(path: Path, layout: Layout) -> Iterator[Block]:
    lines: list[int] = []
    rows: list[list[str | None]] = []
    rejects: list[Reject] = []
    done = 0

    def block() -> Block:
        columns = [pa.array([row[at] for row in rows], pa.string()) for at in range(layout.width)]
        return Block(pa.array(lines, pa.int64()), columns, rejects, done)

    for number, text, done in _json_lines(path, layout):  # noqa: B007 - block() reads it
        found = _json_object(text)
        cells = None if found is None else [_json_text(found.get(key)) for key in layout.header]
        longest = max((len(cell) for cell in cells or () if cell), default=0)
        if cells is None:
            rejects.append(Reject(number, [text.strip()], "bad_record"))
        elif longest > CELL_LIMIT:
            texts = [cell or "" for cell in cells]
            rejects.append(Reject(number, texts, "long_cell", {"found": longest, "limit": CELL_LIMIT}))
        else:
            lines.append(number)
            rows.append(cells)
        if len(lines) + len(rejects) >= ROWS_A_BLOCK:
            yield block()
            lines, rows, rejects = [], [], []
    if lines or rejects:
        yield block()


# --- Parquet

# Names in a file need not be UTF-8 either.
BROKEN = (pa.ArrowException, OSError, UnicodeDecodeError)


def _parquet(path: Path) -> pq.ParquetFile:
    try:
        file = pq.ParquetFile(path)
        file.schema_arrow.names  # noqa: B018  (what cannot be read of the names is said here)
        return file
    except BROKEN as error:
        raise FileRefused("damaged_file", format="Parquet", detail=str(error)[:200]) from error


def _parquet_blocks(path: Path, layout: Layout) -> Iterator[Block]:
    file = _parquet(path)
    first = 1
    try:
        for batch in file.iter_batches(ROWS_A_BLOCK):
            columns = [_as_text(batch.column(at)) for at in range(layout.width)]
            lines = pa.array(range(first, first + len(batch)), pa.int64())
            first += len(batch)
            yield Block(lines, columns, [], path.stat().st_size * first // max(1, file.metadata.num_rows))
    except BROKEN as error:
        raise FileRefused("damaged_file", format="Parquet", detail=str(error)[:200]) from error


def _as_text(column: pa.Array) -> pa.Array:
    if pa.types.is_string(column.type):
        column.validate(full=True)  # Parquet does not promise that its texts are UTF-8
        return column
    try:
        return one_array(pa.chunked_array([column]).cast(pa.string()))
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
        # lists, structs and bytes have no text of their own in Arrow
        return pa.array([None if value is None else str(value) for value in column.to_pylist()], pa.string())
