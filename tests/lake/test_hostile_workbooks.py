"""A workbook is XML from a stranger: what it names outside itself is not fetched, what it multiplies is not built."""

import os
import struct
import zipfile
import zlib

import pytest

from nachim.lake.errors import FileRefused
from nachim.lake.layout import check_archive
from nachim.lake.reading import open_source

openpyxl = pytest.importorskip("openpyxl")
LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 9))


def workbook(folder, doctype, cell):
    """A workbook whose first text is `cell`, under a document type of its own."""
    plain, bent = folder / "plain.xlsx", folder / "bent.xlsx"
    book = openpyxl.Workbook()
    for row in (["name", "value"], ["CELL", "1"], ["b", "2"]):
        book.active.append(row)
    book.save(plain)
    with zipfile.ZipFile(plain) as before, zipfile.ZipFile(bent, "w", zipfile.ZIP_DEFLATED) as after:
        for part in before.namelist():
            text = before.read(part)
            if part == "xl/sharedStrings.xml":
                body = text.decode().partition("?>")[2] if text.startswith(b"<?xml") else text.decode()
                text = f'<?xml version="1.0"?>{doctype}{body.replace("CELL", cell)}'.encode()
            after.writestr(part, text)
    return bent


@pytest.mark.parametrize(("doctype", "cell"), [
    ('<!DOCTYPE s [<!ENTITY x SYSTEM "file:///etc/passwd">]>', "&x;"),
    ('<!DOCTYPE s [<!ENTITY % p SYSTEM "http://127.0.0.1:9/x"> %p;]>', "plain"),
    (f'<!DOCTYPE s [<!ENTITY l0 "lol">{LAUGHS}]>', "&l8;"),
])  # fmt: skip
def test_entities_are_neither_fetched_nor_multiplied(tmp_path, doctype, cell):
    try:
        blocks = list(open_source(workbook(tmp_path, doctype, cell)).blocks())
    except FileRefused:
        return
    texts = str([column.to_pylist() for block in blocks for column in block.columns])
    assert "root:" not in texts and len(texts) < 10_000


def lying(folder, declared):
    """A workbook whose part says that it is `declared` bytes long and inflates to 300 MB."""
    honest, path = folder / "honest.xlsx", folder / "lying.xlsx"
    # Noise first: packed little enough to be worth a look, and no striking ratio.
    noise = os.urandom(2**20)
    with zipfile.ZipFile(honest, "w", zipfile.ZIP_DEFLATED) as archive, archive.open("xl/x.xml", "w") as part:
        part.write(noise)
        for _at in range(300):
            part.write(bytes(2**20))
    raw = bytearray(honest.read_bytes())
    for mark, at in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        struct.pack_into("<I", raw, raw.index(mark) + at, declared)
        struct.pack_into("<I", raw, raw.index(mark) + at - 8, zlib.crc32(noise[:declared]))
    path.write_bytes(raw)
    return path


def test_a_part_that_is_larger_than_it_says_is_not_opened(tmp_path):
    with pytest.raises(FileRefused) as refused:
        check_archive(lying(tmp_path, 2**20))
    assert refused.value.params["detail"] == "sizes"


def test_an_honest_one_of_that_size_is(tmp_path):
    path = tmp_path / "honest.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/x.xml", os.urandom(2**21))
        archive.writestr("xl/empty.xml", b"")
    check_archive(path)


def test_a_workbook_of_no_known_version_of_zip_is_refused(tmp_path):
    path = workbook(tmp_path, "", "a")
    data = bytearray(path.read_bytes())
    data[data.index(b"PK\x01\x02") + 6] = 172
    path.write_bytes(data)
    with pytest.raises(FileRefused) as caught:
        open_source(path)
    assert caught.value.code == "damaged_file" and "17.2" in caught.value.text("en")
