"""Importing: append, upsert, the same file again, drift, repair, cancel."""

from dataclasses import replace
from datetime import date

import pytest
from lake_steps import balanced, keyed, load, retyped, rows

from nachim.lake import Cancelled, DriftFound, ImportFailed, Mapping, TableError, import_file, inspect
from nachim.lake.importing import file_hash
from nachim.lake.mapping import ColumnMap, Role, Type

HEAD = "order_id,ordered_at,channel,amount\n"
FIRST = HEAD + "A1,2026-11-01,웹,1000\nA2,2026-11-02,앱,2000\nA3,2026-11-03,웹,3000\n"


def day(number):
    return date(2026, 11, number)


def test_a_new_table_takes_its_columns_from_the_mapping(lake, write):
    result = load(lake, write("a.csv", FIRST))
    table = lake.table("orders")
    assert lake.names() == ["orders"]
    assert table.columns == {"order_id": "text", "ordered_at": "time", "channel": "text", "amount": "integer"}
    assert (result.read, result.inserted, result.version, table.rows) == (3, 3, 0, 3)
    assert result.days == [(day(1), day(4))]
    assert (table.keys, table.time) == (("order_id",), "ordered_at")
    assert [row["_line"] for row in rows(lake)] == [2, 3, 4]


def test_the_same_file_again_changes_nothing(lake, write):
    path = write("a.csv", FIRST)
    load(lake, path)
    again = load(lake, write("renamed.csv", FIRST))
    assert again.already
    assert (again.inserted, again.updated, again.unchanged, again.version) == (0, 0, 3, 0)
    assert lake.table("orders").version == 0


def test_the_same_file_again_changes_nothing_for_a_table_without_key(lake, write):
    path = write("a.csv", "ordered_at,amount\n2026-11-01,1\n2026-11-01,1\n")
    assert load(lake, path).inserted == 2
    assert load(lake, path).already
    assert lake.table("orders").rows == 2


def test_a_call_made_again_after_its_process_died_answers_what_it_did(lake, write):
    load(lake, write("a.csv", FIRST))
    lines = ["A1,2026-11-01,웹,1000", "A2,2026-11-09,앱,2000", "A9,not a day,앱,5", "A8,2026-11-20,앱,5"]
    path = write("b.csv", HEAD + "\n".join(lines))
    first = load(lake, path, ticket="one")
    assert (first.read, first.inserted, first.updated, first.unchanged, first.quarantined) == (4, 1, 1, 1, 1)
    load(lake, write("c.csv", HEAD + "A7,2026-11-03,앱,5\n"), ticket="two")
    assert load(lake, path, ticket="one") == replace(first, reasons={})
    other = load(lake, path, ticket="three")
    assert other.already and (other.inserted, other.unchanged) == (0, 3)
    assert lake.table("orders").version == 2


def test_a_mark_survives_checkpoints(lake, write):
    path = write("a.csv", "ordered_at,amount\n2026-11-01,1\n")
    load(lake, path)
    for number in range(3):
        load(lake, write(f"{number}.csv", f"ordered_at,amount\n2026-11-02,{number}\n"))
    lake.table("orders").snapshot().create_checkpoint()
    (lake.table("orders").path / "_delta_log" / "00000000000000000000.json").unlink()
    assert load(lake, path).already
    assert lake.table("orders").rows == 4


def test_only_rows_that_differ_are_written_and_touch_days(lake, write):
    load(lake, write("a.csv", FIRST))
    result = load(lake, write("b.csv", HEAD + "A1,2026-11-01,웹,1000\nA2,2026-11-09,앱,2000\nA9,2026-11-20,앱,5\n"))
    assert (result.inserted, result.updated, result.unchanged, result.version) == (1, 1, 1, 1)
    # the old day of A2 and its new one, and the day of A9; not the day of A1
    assert result.days == [(day(2), day(3)), (day(9), day(10)), (day(20), day(21))]
    assert {row["order_id"]: row["amount"] for row in rows(lake)} == {"A1": 1000, "A2": 2000, "A3": 3000, "A9": 5}
    assert lake.table("orders").touched_since(0) == result.days
    assert lake.table("orders").touched_since(1) == []


def test_nothing_new_means_no_commit(lake, write):
    load(lake, write("a.csv", FIRST))
    result = load(lake, write("b.csv", HEAD + "A3,2026-11-03,웹,3000\n"))
    assert (result.unchanged, result.version, result.days) == (1, 0, [])
    assert lake.table("orders").version == 0


def test_a_null_and_a_value_differ(lake, write):
    load(lake, write("a.csv", FIRST))
    result = load(lake, write("b.csv", HEAD + "A1,2026-11-01,웹,\nA2,2026-11-02,,2000\n"))
    assert result.updated == 2
    assert [row["amount"] for row in rows(lake) if row["order_id"] == "A1"] == [None]


def test_keys_of_several_columns_with_awkward_names(lake, write):
    head = '주문 번호(원),"a,b;c={x}","q""uote.d",주문일시\n'
    mapping = keyed(
        inspect(write("a.csv", head + "1,x,5,2026-11-01\n1,y,6,2026-11-01\n")).mapping, "주문 번호(원)", "a,b;c={x}"
    )
    import_file(lake, write("a.csv", head + "1,x,5,2026-11-01\n1,y,6,2026-11-01\n"), "주문", mapping)
    result = import_file(lake, write("b.csv", head + "1,y,7,2026-11-01\n2,y,8,2026-11-02\n"), "주문", mapping)
    assert (result.inserted, result.updated) == (1, 1)
    assert sorted(row['q"uote.d'] for row in rows(lake, "주문")) == [5, 7, 8]


def test_another_mapping_replaces_the_rows_of_the_file(lake, write):
    text = "ordered_at,code,amount\n2026-11-01,7,1\n2026-11-02,8,2\n"
    path, other = write("a.csv", text), write("b.csv", "ordered_at,code,amount\n2026-11-05,9,3\n")
    load(lake, path)
    load(lake, other)
    mapping = inspect(path).mapping
    dropped = mapping.model_copy(
        update={"columns": tuple(c.model_copy(update={"keep": c.name != "code"}) for c in mapping.columns)}
    )
    result = import_file(lake, path, "orders", dropped, drift="accept")
    assert (result.inserted, result.removed, result.version) == (2, 2, 2)
    assert [row["code"] for row in rows(lake) if row["amount"] == 3] == [9]
    assert sorted(str(row["code"]) for row in rows(lake)) == ["9", "None", "None"]
    assert result.days == [(day(1), day(3))]


def test_another_mapping_replaces_the_rows_of_a_keyed_file(lake, write):
    path = write("a.csv", FIRST)
    load(lake, path)
    load(lake, write("b.csv", HEAD + "B1,2026-11-08,웹,1\n"))
    mapping = inspect(path).mapping
    renamed = mapping.model_copy(
        update={
            "columns": tuple(
                c.model_copy(update={"role": Role.NONE}) if c.name == "channel" else c for c in mapping.columns
            )
        }
    )
    result = import_file(lake, path, "orders", renamed)
    assert (result.removed, result.inserted) == (3, 3)
    assert sorted(row["order_id"] for row in rows(lake)) == ["A1", "A2", "A3", "B1"]


def test_a_new_column_asks_and_is_then_added(lake, write):
    load(lake, write("a.csv", FIRST))
    path = write(
        "b.csv", "order_id,ordered_at,channel,amount,coupon\nA4,2026-11-04,앱,4000,C1\nA1,2026-11-01,웹,1000,C2\n"
    )
    preview = inspect(path, table=lake.table("orders"))
    assert [(change.kind, change.column) for change in preview.drift] == [("new", "coupon")]
    with pytest.raises(DriftFound) as caught:
        import_file(lake, path, "orders", preview.mapping)
    assert "coupon" in str(caught.value)
    assert lake.table("orders").version == 0
    result = import_file(lake, path, "orders", preview.mapping, drift="accept")
    assert (result.inserted, result.updated) == (1, 1)
    assert {row["order_id"]: row["coupon"] for row in rows(lake)} == {"A1": "C2", "A2": None, "A3": None, "A4": "C1"}


def test_a_column_the_mapping_does_not_know_asks(lake, write):
    path = write("a.csv", FIRST)
    mapping = inspect(path).mapping
    import_file(lake, path, "orders", mapping)
    wider = write("b.csv", HEAD.strip() + ",coupon\nA4,2026-11-04,앱,4000,C1\n")
    remembered = lake.table("orders").mapping
    with pytest.raises(DriftFound) as caught:
        import_file(lake, wider, "orders", remembered)
    assert [(change.kind, change.column) for change in caught.value.changes] == [("new", "coupon")]
    assert import_file(lake, wider, "orders", remembered, drift="accept").inserted == 1
    assert lake.table("orders").columns["coupon"] == "text"
    assert import_file(lake, wider, "orders", remembered).already


def test_a_missing_column_asks_and_is_then_null(lake, write):
    load(lake, write("a.csv", FIRST))
    path = write("b.csv", "order_id,ordered_at,amount\nA4,2026-11-04,4000\nA1,2026-11-01,1111\n")
    mapping = inspect(path, table=lake.table("orders")).mapping
    with pytest.raises(DriftFound) as caught:
        import_file(lake, path, "orders", mapping)
    assert [(change.kind, change.column) for change in caught.value.changes] == [("missing", "channel")]
    result = import_file(lake, path, "orders", mapping, drift="accept")
    assert (result.inserted, result.updated) == (1, 1)
    # a file without the column says nothing about a row that has it
    assert {row["order_id"]: row["channel"] for row in rows(lake)} == {"A1": "웹", "A2": "앱", "A3": "웹", "A4": None}


def test_whole_amounts_widen_to_decimals_when_accepted(lake, write):
    load(lake, write("a.csv", FIRST))
    path = write("b.csv", HEAD + "A4,2026-11-04,앱,0.5\n")
    mapping = inspect(path, table=lake.table("orders")).mapping
    with pytest.raises(DriftFound) as caught:
        import_file(lake, path, "orders", mapping)
    assert [(change.kind, change.before, change.after) for change in caught.value.changes] == [
        ("retyped", "integer", "number")
    ]
    result = import_file(lake, path, "orders", mapping, drift="accept")
    assert (result.inserted, result.quarantined) == (1, 0)
    assert lake.table("orders").columns["amount"] == "number"
    assert sorted(row["amount"] for row in rows(lake)) == [0.5, 1000, 2000, 3000]
    assert load(lake, write("c.csv", HEAD + "A5,2026-11-05,앱,7\n")).inserted == 1  # whole numbers fit decimals


def test_a_retyped_column_is_quarantined_not_dropped(lake, write):
    load(lake, write("a.csv", FIRST))
    path = write("b.csv", HEAD + "A4,2026-11-04,앱,많음\nA5,2026-11-05,앱,5\n")
    mapping = retyped(inspect(path).mapping, amount=Type.BOOL)
    result = import_file(lake, path, "orders", mapping, drift="accept")
    assert (result.inserted, result.reasons) == (1, {"bad_number": 1})
    assert lake.table("orders").columns["amount"] == "integer"


def test_a_column_becomes_text_when_the_mapping_says_so(lake, write):
    load(lake, write("a.csv", FIRST))
    path = write("b.csv", HEAD + "A4,2026-11-04,앱,많음\n")
    mapping = retyped(inspect(path, table=lake.table("orders")).mapping, amount=Type.TEXT)
    assert import_file(lake, path, "orders", mapping, drift="accept").inserted == 1
    assert {row["amount"] for row in rows(lake)} == {"1000", "2000", "3000", "많음"}


def test_a_repaired_quarantine_file_goes_in(lake, write):
    head = "order_id,ordered_at,customer,amount\n"
    text = head + 'A1,2026-11-01,김,1\nA2,2026-02-30,"=1+1",-5\nA3,2026-11-03,\'@x,많음\n,2026-11-04,박,4\n'
    result = load(lake, write("a.csv", text), "orders", "order_id")
    assert (result.inserted, result.quarantined) == (1, 3)
    held = result.quarantine.read_text("utf-8-sig")
    assert "'=1+1" in held and "''@x" in held and ",-5," in held
    mended = held.replace("2026-02-30", "2026-11-02").replace("많음", "3").replace("\n,2026", "\nA4,2026")
    repair = load(lake, write("mended.csv", "\ufeff" + mended), "orders", "order_id")
    assert (repair.inserted, repair.quarantined) == (3, 0)
    assert {row["order_id"]: (row["customer"], row["amount"]) for row in rows(lake)} == {
        "A1": ("김", 1),
        "A2": ("=1+1", -5),
        "A3": ("'@x", 3),
        "A4": ("박", 4),
    }
    assert not any(name.startswith("_") for name in lake.table("orders").columns)


def test_repairing_a_file_without_key_appends_only_the_repaired_rows(lake, write):
    result = load(lake, write("a.csv", "ordered_at,amount\n2026-11-01,1\n2026-11-01,1\n2026-11-31,2\n"))
    mended = result.quarantine.read_text("utf-8-sig").replace("2026-11-31", "2026-11-30")
    assert load(lake, write("mended.csv", mended)).inserted == 1
    assert sorted(row["amount"] for row in rows(lake)) == [1, 1, 2]


def test_a_re_run_writes_the_same_quarantine_file(lake, write):
    path = write("a.csv", "ordered_at,amount\n2026-11-31,2\n")
    first = load(lake, path)
    before = first.quarantine.read_bytes()
    again = load(lake, path)
    assert (first.inserted, again.quarantined) == (0, 1)
    assert again.quarantine.read_bytes() == before
    assert len(list(first.quarantine.parent.iterdir())) == 1


def test_quarantine_reasons_in_english(lake, write):
    path = write("a.csv", "ordered_at,amount\n2026-11-31,2\n")
    result = import_file(lake, path, "orders", inspect(path).mapping, locale="en")
    assert "is not a date or time" in result.quarantine.read_text("utf-8-sig")


@pytest.mark.parametrize("after", [0, 1, 2, 3, 4])
def test_cancelling_leaves_the_table_as_before(lake, write, after):
    load(lake, write("a.csv", FIRST))
    calls = iter(range(1000))
    path = write("b.csv", HEAD + "".join(f"B{n},2026-11-05,웹,{n}\n" for n in range(20)))
    try:
        import_file(lake, path, "orders", inspect(path).mapping, cancelled=lambda: next(calls) >= after)
    except Cancelled:
        assert lake.table("orders").version == 0
    else:
        assert after > 2
        assert lake.table("orders").rows == 23
    assert list(lake.staging.iterdir()) == []


def test_progress_counts_up_to_the_file(lake, write):
    seen = []
    path = write("a.csv", FIRST)
    import_file(lake, path, "orders", inspect(path).mapping, progress=seen.append)
    assert [step.phase for step in seen][-1] == "done"
    assert seen[-1].rows_done == 3
    assert all(step.bytes_done <= step.bytes_total == path.stat().st_size for step in seen)


def test_the_log_of_imports(lake, write):
    load(lake, write("a.csv", FIRST))
    path = write("b.csv", HEAD + "A9,2026-11-09,웹,많음\nA8,2026-11-08,웹,1\nA7,2026-11-08,웹,1\nA6,2026-11-08,웹,1\n")
    load(lake, path)
    newest, oldest = lake.table("orders").imports()
    assert (newest.version, newest.filename, newest.inserted, newest.quarantined) == (1, "b.csv", 3, 1)
    assert newest.sha256 == file_hash(path)
    assert newest.days == {"ordered_at": [(day(8), day(9))]}
    assert oldest.keys == ("order_id",)


def test_touched_days_are_unknown_after_a_commit_of_somebody_else(lake, write):
    load(lake, write("a.csv", FIRST))
    lake.table("orders").snapshot().delete("order_id = 'A1'")
    assert lake.table("orders").touched_since(0) is None


def test_touched_days_are_unknown_without_a_time_column(lake, write):
    load(lake, write("a.csv", "id,n\n1,1\n"))
    load(lake, write("b.csv", "id,n\n2,2\n"))
    assert lake.table("orders").touched_since(0) is None


def test_compacting_and_cleaning_change_no_rows(lake, write):
    for number in range(5):
        load(lake, write(f"{number}.csv", HEAD + f"A{number},2026-11-01,웹,1\n"))
    table = lake.table("orders")
    (table.path / "orphan.parquet").write_bytes(b"x")
    (lake.staging / "999999-dead.arrow").write_bytes(b"x")
    assert {problem.kind for problem in lake.check()} == {"orphan_file", "leftover"}
    assert table.compact() == 4
    assert table.touched_since(0) == [(day(1), day(2))]
    assert table.clean(keep_hours=0) >= 5
    assert lake.clean() != []
    assert lake.check() == []
    assert table.rows == 5


def test_a_damaged_table_is_named(lake, write):
    load(lake, write("a.csv", FIRST))
    next(lake.table("orders").path.glob("*.parquet")).unlink()
    assert [problem.kind for problem in lake.check()] == ["missing_file"]


def test_a_deleted_table_is_gone_and_its_name_is_free(lake, write):
    path = write("a.csv", FIRST)
    load(lake, path)
    lake.table("orders").delete()
    assert lake.names() == []
    assert load(lake, path).inserted == 3


@pytest.mark.parametrize("name", ["", "../x", "a b", "1a", "_a", "a;b", "a" * 65, "a\0", ".x", "주문!"])
def test_a_table_name_that_is_no_name(lake, name):
    with pytest.raises(TableError) as caught:
        lake.table(name)
    assert caught.value.code == "bad_table_name"


def test_a_name_that_differs_only_in_case_is_taken(lake, write):
    load(lake, write("a.csv", FIRST))
    with pytest.raises(TableError):
        lake.table("Orders")


def test_a_key_that_repeats_in_the_table_is_refused(lake, write):
    load(lake, write("a.csv", "order_id,ordered_at,n\n1,2026-11-01,1\n1,2026-11-01,2\n"))
    path = write("b.csv", "order_id,ordered_at,n\n1,2026-11-01,3\n")
    mapping = keyed(inspect(path).mapping, "order_id")
    with pytest.raises(DriftFound):
        import_file(lake, path, "orders", mapping)
    with pytest.raises(ImportFailed) as caught:
        import_file(lake, path, "orders", mapping, drift="accept")
    assert caught.value.code == "key_not_unique"
    assert lake.table("orders").version == 0


def test_a_wrong_mapping_is_a_sentence(lake, write):
    path = write("a.csv", FIRST)
    with pytest.raises(ImportFailed) as caught:
        import_file(lake, path, "orders", {"columns": [{"source": "a", "name": "_a"}]})
    assert caught.value.code == "bad_mapping"
    with pytest.raises(ImportFailed):
        import_file(lake, path, "orders", Mapping(columns=(ColumnMap(source="amount", name="x", keep=False),)))


def test_a_mapping_is_json_and_back(write):
    mapping = inspect(write("a.csv", FIRST)).mapping
    assert Mapping.model_validate_json(mapping.model_dump_json()) == mapping


def test_every_import_balances(lake, write):
    text = (
        HEAD
        + "A1,2026-11-01,웹,1000\nA1,2026-11-02,웹,2\nA2,2026-02-30,웹,x\nA3,,앱,1\n,2026-11-05,앱,1\nA4,2026-11-06\n"
    )
    load(lake, write("a.csv", FIRST))
    result = load(lake, write("b.csv", text), "orders", "order_id")
    assert balanced(result)
    assert result.reasons == {"superseded": 1, "bad_time": 1, "empty_time": 1, "empty_key": 1, "ragged": 1}
