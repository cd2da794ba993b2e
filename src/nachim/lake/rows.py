"""Delimited text to rows with true line numbers: Arrow for clean blocks, a careful reader for the others.

A block is clean when every physical line is one row: an even number of quotes in each line, no lone carriage return,
no blank line, no NUL, valid UTF-8, and the right number of cells everywhere. Then row i lies on line first + i, and
Arrow may read it. Anything else goes line by line through `careful`, which knows where each row begins and quarantines
what it cannot read without swallowing the lines after it.
"""

import csv
import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pcsv

from nachim.lake.errors import FileRefused

CELL_LIMIT = 32_767
"""Characters in a cell: what Excel can hold. A longer cell is nearly always a broken quote."""
SPAN_LIMIT = 1_000
"""Lines a quoted cell may span."""
LINE_LIMIT = 32 * 2**20
BLOCK = 4 * 2**20

csv.field_size_limit(LINE_LIMIT)  # the module's own limit (131,072) would raise in the middle of a row


@dataclass(frozen=True)
class Reject:
    """A row that could not be read: where, what it held, and why (code and parameters of the sentence)."""

    line: int
    cells: list[str]
    code: str
    params: dict[str, object] = field(default_factory=dict)
    column: str = ""


@dataclass(frozen=True)
class Block:
    """Rows of a file: their lines, a text array per column (null = empty), and the rows that could not be read."""

    lines: pa.Array
    columns: list[pa.Array]
    rejects: list[Reject]
    bytes_done: int = 0

    def __len__(self) -> int:
        return len(self.lines)


def text_columns(rows: list[list[str]], width: int) -> list[pa.Array]:
    """Rows of cells as one text array per column; an empty cell is null."""
    if not rows:
        return [pa.array([], pa.string()) for _ in range(width)]
    return [pa.array([cell or None for cell in column], pa.string()) for column in zip(*rows, strict=True)]


class Careful:
    """Reads rows line by line. `width` None takes every row as it comes (to look for the header)."""

    def __init__(self, delimiter: str, width: int | None, encoding: str) -> None:
        self.delimiter, self.width, self.encoding = delimiter, width, encoding

    def read(self, text: str, first: int, final: bool) -> tuple[list[tuple[int, list[str]]], list[Reject], str, int]:
        """Rows (line, cells), rejects, the unfinished rest of the text, and the line the rest begins on."""
        lines = list(io.StringIO(text, newline=""))
        rows: list[tuple[int, list[str]]] = []
        rejects: list[Reject] = []
        at = 0
        while at < len(lines):
            line, number = lines[at], first + at
            if not line.rstrip("\r\n"):
                at += 1
                continue
            if '"' not in line:
                cells, used = line.rstrip("\r\n").split(self.delimiter), 1
            else:
                cells, used = self._quoted(lines, at)
                if used == 0 and not final:
                    return rows, rejects, "".join(lines[at:]), number
                if used > 1 and self.width is not None and len(self._fit(cells)) != self.width:
                    used = 0
                if used == 0:
                    rejects.append(Reject(number, self._loose(line), "unclosed_quote"))
                    at += 1
                    continue
            at += used
            if self.width is not None:
                cells = self._fit(cells)
            if not any(cell and not cell.isspace() for cell in cells):
                continue
            fault = self._fault(cells)
            if fault is None:
                rows.append((number, cells))
            else:
                rejects.append(Reject(number, cells, *fault))
        return rows, rejects, "", first + at

    def _quoted(self, lines: list[str], at: int) -> tuple[list[str], int]:
        """Cells of the row that begins at a line with quotes, and its lines; 0 lines = its quote never closes."""
        chunk = lines[at]
        for extra in range(min(SPAN_LIMIT, len(lines) - at)):
            if extra:
                chunk += lines[at + extra]
                if '"' not in lines[at + extra]:
                    continue
            try:
                return next(csv.reader([chunk], delimiter=self.delimiter, strict=True)), extra + 1
            except csv.Error as error:
                if "unexpected end" in str(error):
                    continue
                if extra == 0:  # `"x"z`: every reader takes it as xz
                    return self._loose(chunk), 1
                return [], 0
        return [], 0

    def _loose(self, line: str) -> list[str]:
        return next(csv.reader([line.rstrip("\r\n")], delimiter=self.delimiter), [])

    def _fit(self, cells: list[str]) -> list[str]:
        """Without the empty cells beyond the header's width: spreadsheets write them, and they hold nothing."""
        width = self.width or len(cells)
        while len(cells) > width and not cells[-1].strip():
            cells = cells[:-1]
        return cells

    def _fault(self, cells: list[str]) -> tuple[str, dict[str, object]] | None:
        if any("\0" in cell for cell in cells):
            return "nul_byte", {}
        if any("\ufffd" in cell for cell in cells):
            return "bad_characters", {"encoding": self.encoding}
        longest = max(map(len, cells))
        if longest > CELL_LIMIT:
            return "long_cell", {"found": longest, "limit": CELL_LIMIT}
        if self.width is not None and len(cells) != self.width:
            return "ragged", {"expected": self.width, "found": len(cells)}
        return None


def quick(data: bytes, first: int, delimiter: str, width: int) -> tuple[int, pa.Array, list[pa.Array]] | None:
    """How many lines a clean block has, its rows' lines and its columns; None if it needs the careful reader."""
    if width < 2 or b"\0" in data or (b"\r" in data and data.count(b"\r") != data.count(b"\r\n")):
        return None
    if data.startswith((b"\n", b"\r")) or b"\n\n" in data or b"\n\r\n" in data or b"\xef\xbf\xbd" in data:
        return None
    raw = np.frombuffer(data, np.uint8)
    breaks = raw == 10
    count = int(np.count_nonzero(breaks)) + (not data.endswith(b"\n"))
    if b'"' in data:
        ends = np.append(np.flatnonzero(breaks), len(raw))
        quotes_before = np.searchsorted(np.flatnonzero(raw == 34), ends)
        if (quotes_before % 2).any():
            return None
    names = [str(index) for index in range(width)]
    try:
        table = pcsv.read_csv(
            io.BytesIO(data),
            read_options=pcsv.ReadOptions(column_names=names, block_size=2**20, use_threads=True),
            parse_options=pcsv.ParseOptions(delimiter=delimiter, ignore_empty_lines=False),
            convert_options=pcsv.ConvertOptions(
                column_types=dict.fromkeys(names, pa.string()),
                null_values=[""],
                strings_can_be_null=True,
                quoted_strings_can_be_null=True,
            ),
        )
    except (pa.ArrowInvalid, pa.ArrowKeyError):
        return None
    if table.num_rows != count:
        return None
    columns = [one_array(table.column(index)) for index in range(width)]
    if any((pc.max(pc.binary_length(column)).as_py() or 0) > CELL_LIMIT for column in columns):
        return None
    numbers = np.arange(first, first + count, dtype=np.int64)
    lines = pa.Array.from_buffers(pa.int64(), count, [None, pa.py_buffer(numbers)])
    filled = [column for column in columns if column.null_count == 0]
    if not filled:
        some = columns[0].is_valid()
        for column in columns[1:]:
            some = pc.or_(some, column.is_valid())
        if not pc.all(some).as_py():
            lines, columns = lines.filter(some), [column.filter(some) for column in columns]
    return count, lines, columns


def one_array(column: pa.ChunkedArray) -> pa.Array:
    made = column.combine_chunks()
    return made.chunk(0) if isinstance(made, pa.ChunkedArray) else made


def read_rows(
    chunks: Iterator[tuple[bytes, int]], first: int, delimiter: str, width: int, encoding: str
) -> Iterator[Block]:
    """Blocks of rows from UTF-8 chunks (bytes, file bytes read so far) that begin on line `first`."""
    careful = Careful(delimiter, width, encoding)
    rest, line, done = b"", first, 0
    for data, final in _whole_lines(chunks):
        data, done = data[0], data[1]
        data = rest + data
        rest = b""
        if not data:
            continue
        clean = quick(data, line, delimiter, width)
        if clean is not None:
            count, lines, columns = clean
            line += count
            yield Block(lines, columns, [], done)
            continue
        rows, rejects, unfinished, line = careful.read(data.decode("utf-8", "replace"), line, final)
        rest = unfinished.encode()
        yield Block(
            pa.array([number for number, _ in rows], pa.int64()),
            text_columns([cells for _, cells in rows], width),
            rejects,
            done,
        )


def _whole_lines(chunks: Iterator[tuple[bytes, int]]) -> Iterator[tuple[tuple[bytes, int], bool]]:
    """Chunks cut at line ends, the last one marked final."""
    held, done = b"", 0
    for data, done in chunks:
        held += data
        if len(held) < BLOCK:
            continue
        cut = held.rfind(b"\n") + 1
        if not cut:  # old Mac files end lines with a lone \r; the last byte may be half of \r\n
            cut = held.rfind(b"\r", 0, len(held) - 1) + 1
        if cut:
            yield (held[:cut], done), False
            held = held[cut:]
        elif len(held) > LINE_LIMIT:
            raise FileRefused("line_too_long", limit=f"{LINE_LIMIT // 2**20} MB")
    yield (held, done), True


Opener = Callable[[], Iterator[tuple[bytes, int]]]
