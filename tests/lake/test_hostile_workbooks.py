"""A workbook is XML from a stranger: what it names outside itself is not fetched, what it multiplies is not built."""

import zipfile

import pytest

from nachim.lake.errors import FileRefused
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
