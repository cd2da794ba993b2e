"""Whatever a file holds, an import says so in a sentence or brings its rows in: never a fall, and never by half."""

import gzip
import io
import json
import os

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from nachim.lake import Lake, import_file, inspect
from nachim.lake.errors import LakeError

EXAMPLES = int(os.environ.get("NACHIM_FUZZ_FILES", "120"))
ROWS = [["id", "날짜", "금액", "채널"], *([str(at), f"2026-01-{at + 1:02d}", f"{at},000원", "앱"] for at in range(20))]
CSV = "\n".join(",".join(f'"{cell}"' for cell in row) for row in ROWS).encode()
LINES = "\n".join(json.dumps(dict(zip(ROWS[0], row, strict=True)), ensure_ascii=False) for row in ROWS[1:]).encode()


def workbook() -> bytes:
    book, file = Workbook(), io.BytesIO()
    for row in ROWS:
        book.active.append(row)
    book.save(file)
    return file.getvalue()


def parquet() -> bytes:
    file = io.BytesIO()
    pq.write_table(pa.table({name: [row[at] for row in ROWS[1:]] for at, name in enumerate(ROWS[0])}), file)
    return file.getvalue()


WHOLE = {
    "orders.csv": CSV, "orders.tsv": CSV.replace(b",", b"\t"), "orders.jsonl": LINES,
    "orders.csv.gz": gzip.compress(CSV),
    "orders.xlsx": workbook(), "orders.parquet": parquet(), "cp949.csv": CSV.decode().encode("cp949"),
}  # fmt: skip
PIECES = st.one_of(
    st.binary(max_size=30),
    st.text(max_size=20).map(lambda text: text.encode("utf-8", "replace")),
    st.sampled_from([b'"', b"\0", b"\n", b"\r", b'"\n"', b"\xff\xfe", b"{", b"[[" * 40, b"1e999", b"9" * 400, b"NaN",
                     b"=cmd()", b"0000-00-00", b"2026-13-45", b"\xed\xa0\x80", b";", b"\t", b"-" * 80]),
)  # fmt: skip


@st.composite
def broken(draw):
    """A file that was whole, with pieces cut out of it and put into it; or no file of any kind."""
    name = draw(st.sampled_from(sorted(WHOLE)))
    body = bytearray(WHOLE[name])
    for _ in range(draw(st.integers(0, 4))):
        at = draw(st.integers(0, len(body)))
        body[at : at + draw(st.integers(0, 40))] = draw(PIECES)
    if draw(st.integers(0, 9)) == 0:
        body = bytearray(draw(PIECES))
    return draw(st.sampled_from([name, *WHOLE])), bytes(body)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("fuzz")


@settings(max_examples=EXAMPLES, suppress_health_check=list(HealthCheck))
@given(broken())
def test_a_broken_file_is_refused_in_a_sentence_or_counted_row_by_row(folder, file):
    name, body = file
    path = folder / name
    path.write_bytes(body)
    lake = Lake(folder / "lake")
    if lake.table("orders").exists:
        lake.table("orders").delete()
    try:
        mapping = inspect(path).mapping
        done = import_file(lake, path, "orders", mapping, drift="accept", quarantine=folder / "quarantine.csv")
    except LakeError as error:
        assert error.text("ko") and error.text("en")
    else:
        assert done.read == done.inserted + done.updated + done.unchanged + done.quarantined
        stored = lake.table("orders")
        assert (stored.rows if stored.exists else 0) == done.inserted


def test_a_parquet_file_whose_names_are_no_text_is_refused_with_a_sentence(tmp_path):
    path = tmp_path / "orders.parquet"
    path.write_bytes(parquet().replace("금액".encode(), b"\x90" * 6))
    with pytest.raises(LakeError, match="Parquet"):
        inspect(path)
