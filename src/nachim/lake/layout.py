"""How a file is laid out: its format, compression, encoding, delimiter and header row, found from its bytes."""

import codecs
import gzip
import os
import re
import struct
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from nachim.lake.errors import FileRefused
from nachim.lake.mapping import QUARANTINE_COLUMNS
from nachim.lake.numbers import parse_number
from nachim.lake.rows import Careful
from nachim.lake.times import looks_like_time

INFLATED_LIMIT = 4 * 2**30
"""Bytes a .gz may become; read as a stream, so this bounds time, not memory."""
SHEET_LIMIT = 768 * 2**20
"""Declared bytes of all parts of a workbook: the reader holds a sheet in memory."""
RATIO_LIMIT = 200
DEFLATE_MOST = 1032
"""Deflate makes no more of a byte than this."""
PARTS_LIMIT = 5_000
COLUMNS_LIMIT = 2_000
SAMPLE = 256 * 1024

_OTHER_MAGIC = {
    b"\xd0\xcf\x11\xe0": "XLS(97-2003)",
    b"%PDF": "PDF",
    b"7z\xbc\xaf": "7z",
    b"Rar!": "RAR",
    b"BZh": "bzip2",
    b"\x28\xb5\x2f\xfd": "zstd",
    b"SQLite format 3": "SQLite",
    b"\x89PNG": "PNG",
    b"\xff\xd8\xff": "JPEG",
}
# control characters that text files do not hold (tab, line ends, form feed, NUL and escape are left out)
_CONTROL = bytes(set(range(1, 32)) - {9, 10, 12, 13, 27})


@dataclass(frozen=True)
class Layout:
    """Where the rows of a file are and how to read them."""

    format: str
    gz: bool = False
    encoding: str = "utf-8"
    delimiter: str = ","
    header: tuple[str, ...] = ()
    header_row: int = 1
    data_line: int = 2
    sheet: str | None = None
    sheets: tuple[str, ...] = ()
    dropped: tuple[int, ...] = ()
    """Positions right of the last name that hold nothing."""

    @property
    def width(self) -> int:
        return len(self.header)


def detect(
    path: Path,
    *,
    encoding: str | None = None,
    delimiter: str | None = None,
    header_row: int | None = None,
    sheet: str | None = None,
) -> Layout:
    """The layout of a file; what is given is taken, the rest is found out. Raises FileRefused with a sentence."""
    if not path.is_file():
        raise FileRefused("not_found")
    if path.stat().st_size == 0:
        raise FileRefused("empty_file")
    with path.open("rb") as stream:
        magic = stream.read(16)
    gz = magic[:2] == b"\x1f\x8b"
    head = b"".join(part for part, _ in take(raw_bytes(path, gz), SAMPLE))
    for mark, name in _OTHER_MAGIC.items():
        if head.startswith(mark):
            raise FileRefused("unsupported_format", format=name)
    if head[:4] == b"PK\x03\x04":
        if gz:
            raise FileRefused("unsupported_format", format="xlsx.gz")
        check_archive(path)
        return Layout("xlsx", sheet=sheet, header_row=-1 if header_row is None else header_row)
    if head[:4] == b"PAR1":
        if gz:
            raise FileRefused("unsupported_format", format="parquet.gz")
        return Layout("parquet", header_row=0, data_line=1)
    if not head.strip():
        raise FileRefused("empty_file")
    found = encoding or find_encoding(path, gz, head)
    text = codecs.getincrementaldecoder(found)("replace").decode(head)
    text = text.lstrip("\ufeff")
    if not text.strip("\ufeff\r\n\t ,;|\0"):
        raise FileRefused("empty_file")
    if text.lstrip().startswith("{"):
        return Layout("jsonl", gz, found, header_row=0, data_line=1)
    if text.lstrip().startswith("["):
        raise FileRefused("unsupported_format", format="JSON array")
    whole = len(head) < SAMPLE
    mark = delimiter or find_delimiter(text, whole, path.name)
    return with_header(Layout("csv", gz, found, mark), sample_rows(text, mark, whole), header_row)


def sample_rows(text: str, delimiter: str, whole: bool) -> list[tuple[int, list[str]]]:
    """Rows of the beginning of a text, without the last one where the text was cut."""
    rows, _, _, _ = Careful(delimiter, None, "").read(text, 1, whole)
    return (rows if whole or len(rows) < 2 else rows[:-1])[:200]


def with_header(layout: Layout, rows: list[tuple[int, list[str]]], header_row: int | None) -> Layout:
    """The layout with its header row and the line its data begin on."""
    if not rows:
        raise FileRefused("empty_file")
    if header_row is None or header_row < 0:
        index = find_header(rows)
    elif header_row == 0:
        index = None
    else:
        index = next((at for at, (line, _) in enumerate(rows) if line >= header_row), 0)
    if index is None:
        width = Counter(len(cells) for _, cells in rows).most_common(1)[0][0]
        header = tuple(f"column_{position}" for position in range(1, width + 1))
        return replace(layout, header=header, header_row=0, data_line=1)
    line, cells = rows[index]
    full = len(cells)
    used = max((at for _, other in rows[index + 1 :] for at, cell in enumerate(other, 1) if cell.strip()), default=full)
    while len(cells) > max(1, used) and not cells[-1].strip():
        cells = cells[:-1]
    if len(cells) > COLUMNS_LIMIT:
        raise FileRefused("too_many_columns", count=len(cells), limit=COLUMNS_LIMIT)
    spanned = sum(cell.count("\n") or cell.count("\r") for cell in cells)
    dropped = tuple(range(len(cells) + 1, full + 1))
    return replace(layout, header=tuple(cells), header_row=line, data_line=line + 1 + spanned, dropped=dropped)


def find_header(rows: list[tuple[int, list[str]]]) -> int | None:
    """Index of the header among the first rows: the first as wide as the table whose cells are names, not values."""
    head = rows[:30]
    filled = [sum(bool(cell.strip()) for cell in cells) for _, cells in head]
    usual = Counter(filled[1:] or filled).most_common(1)[0][0]
    widest = max(usual, 1)
    for index, (_, cells) in enumerate(head):
        if set(QUARANTINE_COLUMNS) <= set(cells):
            return index  # a quarantine file that comes back, whatever its other headers look like
        if filled[index] < max(1, round(widest * 0.6)) or (widest > 1 and filled[index] == 1):
            continue
        named = [cell for cell in cells if cell.strip()]
        values = sum(parse_number(cell) is not None or looks_like_time(cell) for cell in named)
        return index if values * 2 < len(named) else None
    return 0


def find_delimiter(text: str, whole: bool, name: str) -> str:
    """The delimiter that cuts the first rows most evenly into most cells."""
    best, best_score = ",", (0.0, 0)
    order = "\t,;|" if ".tsv" in name.lower() or ".tab" in name.lower() else ",;\t|"
    for mark in order:
        if mark not in text:
            continue
        widths = Counter(len(cells) for _, cells in sample_rows(text, mark, whole)[:100])
        widths.pop(1, None)
        if not widths:
            continue
        total = sum(widths.values())
        width, count = widths.most_common(1)[0]
        rows = sum(1 for _ in sample_rows(text, mark, whole)[:100])
        score = (round(count / rows, 1), width if total else 0)
        if score > best_score:
            best, best_score = mark, score
    return best


def find_encoding(path: Path, gz: bool, head: bytes) -> str:
    """BOM first, then the zero bytes of UTF-16, then UTF-8 or CP949 as the whole file decodes."""
    for mark, name in ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16")):
        if head.startswith(mark):
            return name
    even, odd = head[0::2].count(0), head[1::2].count(0)
    zeros = max(even, odd)
    if zeros > len(head) * 0.02 and min(even, odd) < zeros * 0.1 and len(head) > 7:
        guess = "utf-16-le" if odd > even else "utf-16-be"
        sample = head[: len(head) // 2 * 2].decode(guess, "replace")
        if not any(ord(char) < 32 and char not in "\r\n\t" for char in sample) and "\n" in sample:
            return guess
    control = len(head) - len(head.translate(None, _CONTROL))
    if control > max(1, len(head) * 0.005) or head.count(0) > len(head) * 0.3:
        raise FileRefused("not_text")
    faults = {name: _undecodable(path, gz, name) for name in ("utf-8",)}
    if faults["utf-8"] == 0:
        return "utf-8"
    faults["cp949"] = _undecodable(path, gz, "cp949")
    if faults["cp949"] == 0:
        return "cp949"
    name = min(faults, key=lambda each: faults[each])
    size = max(1, path.stat().st_size)
    if faults[name] > max(3, size * 0.01):
        raise FileRefused("unknown_encoding")
    return name  # a few bad bytes: the rows that hold them are quarantined


def _undecodable(path: Path, gz: bool, name: str) -> int:
    """How many characters of a file cannot be decoded."""
    strict, loose = codecs.getincrementaldecoder(name)(), codecs.getincrementaldecoder(name)("replace")
    count, broken = 0, False
    for data, _ in raw_bytes(path, gz):
        if not broken:
            state = strict.getstate()
            try:
                strict.decode(data)
                continue
            except UnicodeDecodeError:
                broken = True
                loose.setstate(state)
        count += loose.decode(data).count("\ufffd")
    return count + (0 if broken or not strict.getstate()[0] else 1)


def raw_bytes(path: Path, gz: bool, size: int = 2**20) -> Iterator[tuple[bytes, int]]:
    """Bytes of a file, inflated under a cap, with the bytes of the file itself read so far."""
    total = 0
    with path.open("rb") as file:
        stream = gzip.GzipFile(fileobj=file) if gz else file
        try:
            while data := stream.read(size):
                total += len(data)
                if gz and total > INFLATED_LIMIT:
                    limit = f"{INFLATED_LIMIT // 2**30} GB"
                    raise FileRefused("inflates_too_much", size=f"> {limit}", limit=limit)
                yield data, file.tell()
        except (EOFError, gzip.BadGzipFile, zlib.error) as error:
            raise FileRefused("damaged_file", format="gzip", detail=str(error)) from error


def take(chunks: Iterator[tuple[bytes, int]], size: int) -> Iterator[tuple[bytes, int]]:
    """The first `size` bytes of a stream."""
    for data, done in chunks:
        yield data[:size], done
        size -= len(data)
        if size <= 0:
            return


def utf8_chunks(path: Path, layout: Layout) -> Iterator[tuple[bytes, int]]:
    """The text of a file as UTF-8 bytes without a BOM; what cannot be decoded becomes U+FFFD."""
    chunks = raw_bytes(path, layout.gz)
    if layout.encoding == "utf-8":
        first = True
        for data, done in chunks:
            yield (data.removeprefix(codecs.BOM_UTF8) if first else data), done
            first = False
        return
    decoder = codecs.getincrementaldecoder(layout.encoding)("replace")
    first = True
    for data, done in chunks:
        text = decoder.decode(data)
        yield (text.lstrip("\ufeff") if first else text).encode("utf-8", "replace"), done
        first = False
    yield decoder.decode(b"", True).encode("utf-8", "replace"), path.stat().st_size


def skip_lines(chunks: Iterator[tuple[bytes, int]], count: int) -> Iterator[tuple[bytes, int]]:
    """The chunks from physical line `count` + 1 on; a line ends with \\n, \\r or \\r\\n."""
    held = b""
    for data, done in chunks:
        if count == 0:
            yield data, done
            continue
        held += data
        while count and (end := re.search(rb"\r\n|\n|\r(?=[^\n])", held)):
            held = held[end.end() :]
            count -= 1
        if count == 0:
            yield held, done
            held = b""


def check_archive(path: Path) -> None:
    """Refuses a workbook that would inflate beyond reason, from its directory alone, before anything is inflated."""
    try:
        with zipfile.ZipFile(path) as archive:
            parts = archive.infolist()
    # NotImplementedError: a version of ZIP that there is none of yet.
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise FileRefused("damaged_file", format="XLSX", detail=str(error)) from error
    if len(parts) > PARTS_LIMIT:
        raise FileRefused("too_many_parts", count=len(parts), limit=PARTS_LIMIT)
    declared = sum(part.file_size for part in parts)
    size = f"{declared / 2**20:,.0f} MB"
    packed = max(1, sum(part.compress_size for part in parts), 1)
    if max(packed, 1) > os.path.getsize(path) + 1024:
        raise FileRefused("damaged_file", format="XLSX", detail="sizes")
    worst = max((part.file_size / max(1, part.compress_size) for part in parts if part.file_size > 2**20), default=0)
    if worst > RATIO_LIMIT:
        raise FileRefused("zip_bomb", ratio=round(worst), size=size)
    if declared > SHEET_LIMIT:
        raise FileRefused("inflates_too_much", size=size, limit=f"{SHEET_LIMIT // 2**20} MB")
    if packed * DEFLATE_MOST > SHEET_LIMIT:
        for part in parts:
            _as_declared(path, part)
    names = {part.filename for part in parts}
    if not any(name.startswith("xl/") for name in names):
        raise FileRefused("unsupported_format", format="ZIP")


def _as_declared(path: Path, part: zipfile.ZipInfo) -> None:
    """Refuses a part that inflates beyond what the directory says: the reader would believe it. Nothing is kept."""
    if part.compress_type != zipfile.ZIP_DEFLATED:
        return
    stream, left, made = zlib.decompressobj(-zlib.MAX_WBITS), part.compress_size, 0
    with path.open("rb") as file:
        file.seek(part.header_offset + 26)
        name, extra = struct.unpack("<HH", file.read(4))
        file.seek(name + extra, os.SEEK_CUR)
        try:
            while left > 0 and not stream.eof and (data := file.read(min(left, 2**16))):
                left -= len(data)
                made += len(stream.decompress(data, part.file_size - made + 1))
                if made > part.file_size:
                    raise FileRefused("damaged_file", format="XLSX", detail="sizes")
        except (zlib.error, struct.error) as error:
            raise FileRefused("damaged_file", format="XLSX", detail=str(error)) from error
