"""Every bad file: the sentence it is refused with, or the rows that go in and the reasons of those that do not."""

import pytest
from lake_steps import balanced, keyed, rows

from nachim.lake import LakeError, import_file, inspect
from nachim.lake.messages import SENTENCES

REFUSED = {
    "empty.csv": "empty_file",
    "header_only.csv": "no_rows",
    "not_a_csv.csv": "not_text",
    "zip_bomb.xlsx": "zip_bomb",
}
# file: rows in, reasons of the quarantined
TAKEN = {
    "bad_dates.csv": (0, {"bad_time": 3, "empty_time": 1}),
    "bad_numbers.csv": (3, {"bad_number": 3, "ragged": 1}),
    "cp949.csv": (2, {}),
    "duplicate_headers.csv": (1, {}),
    "duplicate_keys.csv": (3, {}),
    "formula_injection.csv": (3, {}),
    "long_cell.csv": (0, {"long_cell": 1}),
    "mixed_newlines.csv": (3, {}),
    "nul_bytes.csv": (1, {"nul_byte": 1}),
    "ragged.csv": (1, {"ragged": 2}),
    "semicolon.csv": (1, {}),
    "unclosed_quote.csv": (1, {"unclosed_quote": 1}),
    "utf16.csv": (1, {}),
    "utf8_bom.csv": (1, {}),
}


@pytest.mark.parametrize(("name", "code"), REFUSED.items())
def test_a_file_that_is_no_table_is_refused_with_a_sentence(outside, name, code):
    with pytest.raises(LakeError) as caught:
        inspect(outside("bad_files") / name)
    assert caught.value.code == code
    assert name in str(caught.value)
    assert caught.value.text("en") != str(caught.value)


@pytest.mark.parametrize(("name", "expected"), TAKEN.items())
def test_rows_in_and_rows_quarantined_are_the_rows_of_the_file(outside, lake, name, expected):
    path = outside("bad_files") / name
    result = import_file(lake, path, "t", inspect(path).mapping)
    assert (result.inserted, result.reasons) == expected
    assert balanced(result)
    assert (result.quarantine is not None) == bool(expected[1])


def test_every_bad_file_is_in_this_table(outside):
    assert {path.name for path in outside("bad_files").iterdir()} == REFUSED.keys() | TAKEN.keys()


def test_of_rows_with_one_key_the_last_wins(outside, lake):
    path = outside("bad_files") / "duplicate_keys.csv"
    result = import_file(lake, path, "t", keyed(inspect(path).mapping, "order_id"))
    assert (result.inserted, result.superseded, result.reasons) == (1, 2, {"superseded": 2})
    assert balanced(result)
    assert rows(lake, "t")[0]["amount"] == 2000
    assert "4번째 줄" in result.quarantine.read_text("utf-8-sig")


def test_a_repeating_order_number_is_no_key_and_the_preview_says_so(outside):
    preview = inspect(outside("bad_files") / "duplicate_keys.csv")
    assert preview.mapping.keys == ()
    assert [warning.code for warning in preview.warnings] == ["warn_key_not_unique"]


def test_european_dates_and_amounts(outside, lake):
    path = outside("bad_files") / "semicolon.csv"
    import_file(lake, path, "t", inspect(path).mapping)
    (row,) = rows(lake, "t")
    assert row["amount"] == 1000.5
    assert row["ordered_at"].isoformat() == "2026-01-31T15:00:00+00:00"


def test_korean_text_in_cp949_and_utf16(outside, lake):
    for name in ("cp949.csv", "utf16.csv", "utf8_bom.csv"):
        path = outside("bad_files") / name
        import_file(lake, path, name.partition(".")[0], inspect(path).mapping)
    assert [row["고객ID"] for row in rows(lake, "cp949")] == ["가나다", "라마바"]
    assert [row["결제금액"] for row in rows(lake, "cp949")] == [12000, 15000]
    assert rows(lake, "utf16")[0]["결제금액"] == rows(lake, "utf8_bom")[0]["결제금액"] == 1000


def test_numbers_that_are_none_do_not_reach_the_sum(outside, lake):
    path = outside("bad_files") / "bad_numbers.csv"
    import_file(lake, path, "t", inspect(path).mapping)
    assert [row["amount"] for row in rows(lake, "t")] == [None, -500, -700]


def test_every_sentence_exists_in_both_languages():
    for code, forms in SENTENCES.items():
        assert forms.keys() == {"ko", "en"}, code
        assert all(forms.values())
