"""Formats, encodings, line numbers and the broken rows of text files."""

import gzip
import io
import json
import zipfile
from datetime import datetime

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lake_steps import load, rows
from openpyxl import Workbook

from nachim.lake import FileRefused, inspect
from nachim.lake import layout as layouts
from nachim.lake.quarantine import escape_formula, unescape_formula
from nachim.lake.reading import open_source
from nachim.lake.rows import BLOCK, quick

TEXT = "주문번호,주문일시,결제금액\n1,2026-11-01,1000\n2,2026-11-02,2000\n"


def read(path):
    """All rows as (line, cells), and the rejects as (line, code)."""
    found, rejects = [], []
    for block in open_source(path).blocks():
        found += zip(block.lines.to_pylist(), zip(*(c.to_pylist() for c in block.columns), strict=True), strict=True)
        rejects += [(reject.line, reject.code) for reject in block.rejects]
    return found, rejects


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp949", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("gz", [False, True])
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_every_encoding_and_delimiter(write, encoding, gz, delimiter):
    data = TEXT.replace(",", delimiter).encode(encoding)
    path = write("a.csv.gz" if gz else "a.csv", gzip.compress(data) if gz else data)
    source = open_source(path)
    assert source.names == ("주문번호", "주문일시", "결제금액")
    assert read(path) == ([(2, ("1", "2026-11-01", "1000")), (3, ("2", "2026-11-02", "2000"))], [])


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_line_ends(write, end):
    found, _ = read(write("a.csv", TEXT.replace("\n", end)))
    assert [line for line, _ in found] == [2, 3]


@pytest.mark.parametrize(
    ("text", "lines", "rejects"),
    [
        ('a,b\n1,"x\ny"\n2,z\n', [2, 4], []),
        ('a,b\n1,"x, ""y"""\n2,z\n', [2, 3], []),
        ("a,b\n\n1,x\n\n2,y\n", [3, 5], []),
        ("a,b\n1,x\n,\n2,y\n", [2, 4], []),
        ("a,b\n1,x,,\n2,y\n", [2, 3], []),
        ('a,b\n1,5" pipe\n2,y\n', [2, 3], []),
        ('a,b\n1,"x\n2,"y"\n3,z\n', [3, 4], [(2, "unclosed_quote")]),
        ('a,b\n1,"x\n2,y\n3,"z\n4,w\n', [3, 5], [(2, "unclosed_quote"), (4, "unclosed_quote")]),
        ('a,b\n1,"x"y\n2,z\n', [2, 3], []),
        ("a,b\n1\n2,y\n3,x,q\n", [3], [(2, "ragged"), (4, "ragged")]),
        ("매출 보고서\n\na,b\n1,x\n", [4], []),
        ('"주문\n번호",b\n1,x\n', [3], []),
        ("a,b\n1,x", [2], []),
    ],
)
def test_line_numbers_are_those_of_the_file(write, text, lines, rejects):
    found, refused = read(write("a.csv", text))
    assert ([line for line, _ in found], refused) == (lines, rejects)


def test_a_bad_byte_costs_its_row_only(write):
    data = ("이름,수\n" + "가나다,1\n" * 200).encode() + b"\xff\xfe\xfd,2\n" + "라,3\n".encode()
    found, rejects = read(write("a.csv", data))
    assert len(found) == 201
    assert rejects == [(202, "bad_characters")]


# no other delimiter than the comma, which three rows could not tell from it; no control characters but line ends
letters = st.characters(exclude_characters="\ufffd;|", exclude_categories=("Cs", "Cc"))
cell = st.text(st.one_of(letters, st.sampled_from('\r\n,"" 가')), max_size=8)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(cell, cell, st.integers(0, 9).map(str)), min_size=1, max_size=30))
def test_what_the_csv_module_writes_is_read_back(tmp_path_factory, table):
    import csv

    path = tmp_path_factory.mktemp("csv") / "a.csv"
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(("alpha", "beta", "gamma"))
        writer.writerows(table)
    found, rejects = read(path)
    assert rejects == []
    assert [cells for _, cells in found] == [tuple(cell or None for cell in row) for row in table]


def test_rows_across_blocks_keep_their_lines(write, monkeypatch):
    monkeypatch.setattr("nachim.lake.rows.BLOCK", 50)
    body = "".join(f'{n},"x\ny{n}"\n' if n % 3 else f"{n},z\n" for n in range(200))
    monkeypatch.setattr(layouts, "raw_bytes", _small(layouts.raw_bytes))
    found, rejects = read(write("a.csv", "a,b\n" + body))
    assert rejects == []
    line, expected = 2, []
    for n in range(200):
        expected.append((line, str(n)))
        line += 2 if n % 3 else 1
    assert [(number, cells[0]) for number, cells in found] == expected


def _small(original):
    return lambda path, gz, size=64: original(path, gz, 64)


def test_clean_blocks_go_the_quick_way():
    assert quick(b"1,x\n2,y\n", 2, ",", 2) is not None
    assert quick(b'1,"x"\n2,"y, z"\n', 2, ",", 2) is not None
    for careful in (
        b'1,"x\n2,y"\n',
        b"1,x\r2,y\n",
        b"1,x\n\n2,y\n",
        b"1\n2,y\n",
        b"1,\0\n",
        b"\xff,1\n",
        b'1,"a\n2,b\n',
    ):
        assert quick(careful, 2, ",", 2) is None
    assert BLOCK >= 2**20


def workbook(*table, title="Sheet"):
    book = Workbook()
    book.active.title = title
    for row in table:
        book.active.append(row)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def test_a_workbook(write, lake):
    path = write(
        "a.xlsx",
        workbook(
            ["11월 매출"], [], ["주문번호", "주문일시", "고객ID", "결제금액"],
            ["A1", datetime(2026, 11, 1, 15, 5), 17850.0, 1000], ["A2", datetime(2026, 11, 2), None, 12.5],
        ),
    )  # fmt: skip
    preview = inspect(path)
    assert (preview.format, preview.header_row) == ("xlsx", 3)
    load(lake, path)
    first, second = rows(lake)
    assert (first["_line"], first["고객ID"], first["결제금액"]) == (4, 17850, 1000)
    assert first["주문일시"].isoformat() == "2026-11-01T06:05:00+00:00"
    assert second["고객ID"] is None


def test_a_damaged_workbook_and_a_zip_are_refused(write):
    data = workbook(["a", "b"], [1, 2])
    with pytest.raises(FileRefused) as caught:
        inspect(write("a.xlsx", data[: len(data) // 2]))
    assert caught.value.code == "damaged_file"
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("a.csv", "a,b\n1,2\n")
    with pytest.raises(FileRefused) as caught:
        inspect(write("a.zip", stream.getvalue()))
    assert caught.value.code == "unsupported_format"


def test_a_gz_that_inflates_too_much_is_stopped(write, monkeypatch):
    monkeypatch.setattr(layouts, "INFLATED_LIMIT", 3 * 2**20)
    path = write("a.csv.gz", gzip.compress(b"a,b\n" + b"1,2\n" * 2**20))
    with pytest.raises(FileRefused) as caught:
        inspect(path)
    assert caught.value.code == "inflates_too_much"
    with pytest.raises(FileRefused) as caught:
        inspect(write("b.csv.gz", gzip.compress(b"a,b\n1,2\n")[:-6]))
    assert caught.value.code == "damaged_file"


def test_json_lines(write, lake):
    objects = [
        {"order_id": 1, "ordered_at": "2026-11-01", "ok": True},
        {"order_id": 2, "ordered_at": "2026-11-02", "memo": "x"},
    ]
    text = "".join(json.dumps(each) + "\n" for each in objects) + "[1]\n\n"
    result = load(lake, write("a.jsonl", text))
    assert (result.inserted, result.reasons) == (2, {"bad_record": 1})
    assert [row["memo"] for row in rows(lake)] == [None, "x"]
    assert [row["ok"] for row in rows(lake)] == [True, None]


def test_parquet(tmp_path, lake):
    table = pa.table(
        {
            "order_id": ["a", "b"],
            "ordered_at": pa.array([datetime(2026, 11, 1), None], pa.timestamp("us")),
            "amount": [1.5, None],
        }
    )
    pq.write_table(table, tmp_path / "a.parquet")
    result = load(lake, tmp_path / "a.parquet")
    assert (result.inserted, result.reasons) == (1, {"empty_time": 1})
    assert rows(lake)[0]["amount"] == 1.5


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "empty_file"),
        (b"\n\n  \n", "empty_file"),
        (b",,,\n", "empty_file"),
        ("a,b\n".encode("utf-16"), "no_rows"),
        (b"a,b\n", "no_rows"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1" + b"\0" * 100, "unsupported_format"),
        (b"%PDF-1.7\n", "unsupported_format"),
        (b"[{}]", "unsupported_format"),
        (bytes(range(256)) * 10, "not_text"),
        (b"PAR1xxxx", "damaged_file"),
        (b"a,b\n" + b"\xff\x80\xff" * 200, "unknown_encoding"),
    ],
)
def test_refusals(write, data, code):
    with pytest.raises(FileRefused) as caught:
        inspect(write("a.csv", data))
    assert caught.value.code == code


def test_headers_get_unique_names(write):
    source = open_source(write("a.csv", "금액,금액,Amount,amount, ,_x,금액\n1,2,3,4,5,6,7\n"))
    assert source.names == ("금액", "금액_2", "Amount", "amount_2", "column_5", "x", "금액_3")


def test_a_column_without_name_and_content_is_dropped_with_a_warning(write, lake):
    path = write("a.csv", "order_id,,n,,\n1,,2,,\n2,,3,,\n")
    preview = inspect(path)
    assert [warning.params["position"] for warning in preview.warnings if warning.code == "warn_dropped"] == [4, 5, 2]
    load(lake, path)
    assert list(lake.table("orders").columns) == ["order_id", "n"]


def test_a_file_without_header_is_named_by_position(write):
    preview = inspect(write("a.csv", "1,2026-11-01,5\n2,2026-11-02,6\n"))
    assert [column.name for column in preview.columns] == ["column_1", "column_2", "column_3"]
    assert preview.rows == 2


def test_parquet_text_that_is_no_utf8_is_refused(tmp_path):
    broken = pa.array([b"\xff\xfe"], pa.binary()).view(pa.string())
    pq.write_table(pa.table({"a": broken}), tmp_path / "a.parquet")
    with pytest.raises(FileRefused) as caught:
        inspect(tmp_path / "a.parquet")
    assert caught.value.code == "damaged_file"


def test_a_quarantine_file_is_known_by_its_own_columns(write):
    source = open_source(write("a.csv", "1,2,_file,_line,_column,_reason\nx,y,a.csv,3,,z\n"))
    assert source.is_repair
    assert source.layout.header_row == 1


@given(st.text(max_size=12))
def test_formula_escape_is_undone_exactly(text):
    assert unescape_formula(escape_formula(text)) == text


@pytest.mark.parametrize("text", ["=1+1", "+82-10", "-x", "@a", "\tx", "＝1", "'=1"])
def test_formulas_are_escaped(text):
    assert escape_formula(text) == "'" + text


@pytest.mark.parametrize("text", ["-500", "+5", "-1,000원", "a=b", "'x", ""])
def test_numbers_and_plain_texts_are_not_escaped(text):
    assert escape_formula(text) == text
