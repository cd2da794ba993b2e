"""Files on their way into tables, through the pages, with the real lake."""

import io
import zipfile
from datetime import UTC, datetime

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from nachim.app.actions import tables
from nachim.app.home import folder, lake
from nachim.app.models import ImportRun, Table
from tests import company as made
from tests.company import ORDERS

State = ImportRun.State


def upload(person, text=ORDERS, name="orders.csv", table=""):
    data = text if isinstance(text, bytes) else text.encode()
    return person.post("/data/upload/", {"file": SimpleUploadedFile(name, data), "table": table})


def choices(run, **changed):
    """The form of a staged file as the page sends it; `changed`: {column-2-role: …}."""
    columns = run.mapping["columns"]
    sent = {"column-TOTAL_FORMS": len(columns), "column-INITIAL_FORMS": len(columns), "table": run.table_name}
    for at, column in enumerate(columns):
        for name in ("source", "name", "type", "role", "entity", "date_order"):
            sent[f"column-{at}-{name}"] = column.get(name) or ""
        if not column["keep"]:
            sent[f"column-{at}-role"] = "unused"
    return sent | changed


def staged(person, *args, **kwargs) -> ImportRun:
    answer = upload(person, *args, **kwargs)
    assert answer.status_code == 302, answer.content.decode()
    return ImportRun.objects.latest("pk")


def confirm(person, run, **changed):
    answer = person.post(reverse("import-confirm", args=[run.pk]), choices(run, **changed), **{"import": "1"})
    run.refresh_from_db()
    return answer


def page(person, run) -> str:
    return person.get(reverse("import", args=[run.pk])).content.decode()


def test_a_file_travels_into_its_table(bob):
    run = staged(bob)
    assert run.table_name == "orders"
    shown = page(bob, run)
    assert "주문번호" in shown
    assert 'id="id_column-0-role"' in shown
    assert confirm(bob, run).status_code == 302
    assert (run.state, run.inserted, run.quarantined) == (State.DONE, 6, 0)
    assert lake().table("orders").rows == 6
    after = page(bob, run)
    assert reverse("metrics") in after, "the next step is one button away"
    assert "orders" in bob.get("/data/").content.decode()


def test_the_same_file_again_says_so(bob):
    confirm(bob, staged(bob))
    run = staged(bob)
    confirm(bob, run)
    assert run.already
    assert lake().table("orders").rows == 6


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("empty.csv", b""),
        ("photo.csv", b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 40),
        ("broken.xlsx", b"PK\x03\x04 no"),
        ("header.csv", "주문번호,금액\n".encode()),
    ],
)
def test_what_cannot_be_read_is_said_beside_the_field(bob, name, content):
    answer = upload(bob, content, name)
    assert answer.status_code == 422
    assert answer.context["form"].errors["file"]
    assert list(folder("uploads").iterdir()) == []
    assert not ImportRun.objects.exists()


def test_a_bomb_is_not_opened(bob):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * 60_000_000)
    assert upload(bob, packed.getvalue(), "bomb.xlsx").status_code == 422


def test_a_file_over_the_limit_is_stopped_on_its_way(bob, settings):
    settings.UPLOAD_MAX_BYTES = 100_000
    answer = upload(bob, b"a,b\n" + b"1,2\n" * 60_000)
    assert answer.status_code == 422
    assert "0 MB" in str(answer.context["form"].errors["file"])
    assert list(folder("uploads").iterdir()) == []


def test_a_name_cannot_leave_the_folder(bob):
    run = staged(bob, name="../../../etc/passwd.csv")
    assert run.filename == "passwd.csv"
    assert (folder("uploads") / run.path).resolve().parent == folder("uploads")


@pytest.mark.parametrize("table", ["../up", "표 이름", "a" * 70, "1st"])
def test_a_bad_table_name_is_said_beside_its_field(bob, table):
    run = staged(bob)
    answer = confirm(bob, run, table=table)
    assert answer.status_code == 422
    assert answer.context["form"].errors["table"]
    assert run.state == State.STAGED


def test_looking_again_keeps_what_was_chosen(bob):
    run = staged(bob)
    path = reverse("import-confirm", args=[run.pk])
    answer = bob.post(path, choices(run, **{"column-4-role": "unused", "column-3-name": "amount"}), look="1")
    assert answer.status_code == 302
    run.refresh_from_db()
    assert run.state == State.STAGED
    shown = bob.get(reverse("import", args=[run.pk]))
    forms = [form for form, _found in shown.context["columns"]]
    assert (forms[4].initial["role"], forms[3].initial["name"]) == ("unused", "amount")
    assert [found["examples"][0] for _form, found in shown.context["columns"]][3] == "10000", (
        "facts stay with their column"
    )
    confirm(bob, run)
    assert set(lake().table("orders").columns) == {"주문번호", "주문일시", "고객ID", "amount", "상태"}


def test_two_columns_of_one_name_are_refused_and_nothing_is_forgotten(bob):
    run = staged(bob)
    answer = confirm(bob, run, **{"column-3-name": "같음", "column-4-name": "같음"})
    assert answer.status_code == 422
    assert answer.context["form"].non_field_errors()
    assert 'value="같음"' in answer.content.decode()


def test_two_times_are_refused(bob):
    run = staged(bob)
    assert confirm(bob, run, **{"column-0-role": "time"}).status_code == 422


def test_two_columns_of_one_kind_of_thing_do_not_hide_each_other(bob):
    run = staged(bob)
    confirm(bob, run, **{"column-4-role": "entity", "column-4-entity": "customer"})
    assert Table.objects.get().source["entities"] == {"customer": "고객ID", "채널": "채널"}


def test_differences_need_a_yes(bob):
    confirm(bob, staged(bob))
    run = staged(bob, "주문번호,주문일시,고객ID,결제금액,채널,쿠폰\n7,2026-03-11 10:00,c1,10,앱,x\n")
    answer = confirm(bob, run)
    assert answer.status_code == 422
    assert len(answer.context["drift"]) == 2
    assert run.state == State.STAGED
    assert confirm(bob, run, accept_drift="on").status_code == 302
    assert (run.state, run.inserted) == (State.DONE, 1)
    assert "쿠폰" in lake().table("orders").columns


def test_rows_that_cannot_be_read_wait_with_their_reason(bob):
    text = ORDERS.replace("2026-02-01 00:00", "내일")
    run = staged(bob, text)
    assert "내일" in page(bob, run)
    confirm(bob, run)
    assert (run.inserted, run.quarantined) == (5, 1)
    row = bob.get(reverse("import", args=[run.pk])).context["rows"][0]
    assert (row.file, row.line, row.column, row.value) == ("orders.csv", "5", "주문일시", "내일")
    answer = bob.get(reverse("import-quarantine", args=[run.pk]))
    assert "attachment" in answer.headers["Content-Disposition"]
    repaired = b"".join(answer.streaming_content).decode("utf-8-sig").replace("내일", "2026-02-01 00:00")
    run = staged(bob, repaired, "repaired.csv", "orders")
    confirm(bob, run)
    assert (run.state, run.inserted, run.quarantined) == (State.DONE, 1, 0)
    assert lake().table("orders").rows == 6


def test_no_quarantine_is_not_found(bob):
    assert bob.get(reverse("import-quarantine", args=[staged(bob).pk])).status_code == 404


def test_a_sheet_can_be_chosen(bob, tmp_path):
    data = workbook(
        {"표지": [["안내"], ["읽어 주세요"]], "주문": [["주문번호", "주문일시", "금액"], ["1", "2026-01-05", 500]]}
    )
    run = staged(bob, data, "book.xlsx")
    assert "표지" in page(bob, run)
    other = "주문" if run.mapping["sheet"] == "표지" else "표지"
    bob.post(reverse("import-confirm", args=[run.pk]), choices(run, sheet=other), look="1")
    run.refresh_from_db()
    assert run.mapping["sheet"] == other


def test_progress_is_told_while_it_runs_and_the_end_brings_the_result(bob, company):
    run = made.staged(company.bob)
    ImportRun.objects.filter(pk=run.pk).update(state=State.RUNNING, phase="reading", done_share=0.42)
    status = reverse("import-status", args=[run.pk])
    running = bob.get(status).content.decode()
    assert 'value="0.4200"' in running
    assert f"import-{run.pk} from:#live" in running
    assert "every 2s" in running
    ImportRun.objects.filter(pk=run.pk).update(state=State.DONE, inserted=6)
    assert "hx-get" not in bob.get(status).content.decode()


def test_cancelling_leaves_the_table_as_it_was(bob):
    run = staged(bob)
    assert bob.post(reverse("import-cancel", args=[run.pk])).status_code == 302
    run.refresh_from_db()
    assert run.state == State.CANCELLED
    confirm(bob, run)
    assert run.state == State.CANCELLED
    assert lake().names() == []


def test_what_is_done_cannot_be_changed_afterwards(bob):
    run = staged(bob)
    confirm(bob, run)
    before = run.mapping
    confirm(bob, run, **{"column-3-name": "other"})
    assert run.mapping == before
    bob.post(reverse("import-cancel", args=[run.pk]))
    run.refresh_from_db()
    assert run.state == State.DONE


def test_a_failure_is_said_in_the_readers_language(bob, company, monkeypatch):
    from nachim.lake.errors import FileRefused

    def refuse(*args, **kwargs):
        raise FileRefused("damaged_file", format="csv", detail="x")

    run = staged(bob)
    with monkeypatch.context() as broken:
        broken.setattr(tables, "import_file", refuse)
        confirm(bob, run)
    assert run.state == State.FAILED
    assert run.message["ko"] in page(bob, run)
    company.bob.locale = "en"
    company.bob.save()
    assert run.message["en"] in page(bob, run)
    confirm(bob, run)
    assert run.state == State.DONE, "a failed import may be tried again"


def test_a_viewer_sees_results_and_no_forms(bob, carol):
    run = staged(bob)
    assert "column-0-role" not in page(carol, run)
    confirm(bob, run)
    assert "6" in page(carol, run)


def test_an_import_of_the_command_line_has_its_page(alice, orders):
    run = ImportRun.objects.get()
    assert alice.get(reverse("import", args=[run.pk])).status_code == 200


def test_a_table_tells_what_it_is(alice, orders):
    made.revenue()
    shown = alice.get(reverse("table", args=[orders.pk])).content.decode()
    assert "매출" in shown
    assert "결제금액" in shown
    assert orders.last_row_at == datetime(2026, 3, 10, 0, 30, tzinfo=UTC)


def meaning(table, **changed):
    sent = {
        "label": "주문",
        "expected_every_days": "7",
        "time": "주문일시",
        "key": "주문번호",
        "dims": ["채널"],
        "entity_name_0": "customer",
        "entity_column_0": "고객ID",
    }
    return sent | changed


def test_the_meaning_of_a_table_is_changed(bob, orders):
    path = reverse("table-edit", args=[orders.pk])
    assert bob.post(path, meaning(orders)).status_code == 302
    orders.refresh_from_db()
    assert (orders.label, orders.expected_every_days) == ("주문", 7)
    assert orders.source == {
        "lake": "orders",
        "key": "주문번호",
        "time": "주문일시",
        "dims": ["채널"],
        "entities": {"customer": "고객ID"},
    }


def test_one_table_looks_another_up_by_its_key(bob, orders, tmp_path):
    customers = made.import_orders(tmp_path, "고객ID,등급\nc1,VIP\nc2,일반\nc3,일반\nc4,일반\n", "customers")
    assert customers.source["key"] == "고객ID"
    path = reverse("table-edit", args=[orders.pk])
    sent = meaning(orders, join_on_0="고객ID", join_to_0="customers", dims=["채널"])
    assert bob.post(path, sent).status_code == 302
    orders.refresh_from_db()
    assert orders.source["joins"] == {"customers": "고객ID"}
    assert "customers.등급" in bob.get(reverse("metric-new"), table="orders").content.decode()


def test_a_look_up_that_cannot_be_is_refused_with_the_engines_sentence(bob, orders, tmp_path):
    keyless = made.import_orders(tmp_path, "등급,설명\nVIP,좋음\nVIP,더 좋음\n", "grades")
    assert "key" not in keyless.source
    answer = bob.post(reverse("table-edit", args=[orders.pk]), meaning(orders, join_on_0="채널", join_to_0="grades"))
    assert answer.status_code == 422
    assert "grades" in str(answer.context["form"].non_field_errors())
    orders.refresh_from_db()
    assert "joins" not in orders.source


def test_half_a_look_up_is_refused(bob, orders):
    answer = bob.post(reverse("table-edit", args=[orders.pk]), meaning(orders, join_on_0="채널"))
    assert answer.status_code == 422


def workbook(sheets: dict[str, list[list]]) -> bytes:
    """A small xlsx, written by hand."""
    packed = io.BytesIO()
    names = list(sheets)
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    links = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    with zipfile.ZipFile(packed, "w") as book:
        parts = "".join(
            f'<Override PartName="/xl/worksheets/sheet{at}.xml" '
            'ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/>'
            for at in range(1, len(names) + 1)
        )
        book.writestr(
            "[Content_Types].xml",
            (
                '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
                '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
                '<Override PartName="/xl/workbook.xml" '
                'ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/>'
                f"{parts}</Types>"
            ),
        )
        package = "http://schemas.openxmlformats.org/package/2006/relationships"
        book.writestr(
            "_rels/.rels",
            f'<Relationships xmlns="{package}"><Relationship Id="r" Type="{links}/officeDocument" '
            'Target="xl/workbook.xml"/></Relationships>',
        )
        entries = "".join(f'<sheet name="{name}" sheetId="{at}" r:id="r{at}"/>' for at, name in enumerate(names, 1))
        book.writestr(
            "xl/workbook.xml", f'<workbook xmlns="{main}" xmlns:r="{links}"><sheets>{entries}</sheets></workbook>'
        )
        targets = "".join(
            f'<Relationship Id="r{at}" Type="{links}/worksheet" Target="worksheets/sheet{at}.xml"/>'
            for at in range(1, len(names) + 1)
        )
        book.writestr("xl/_rels/workbook.xml.rels", f'<Relationships xmlns="{package}">{targets}</Relationships>')
        for at, rows in enumerate(sheets.values(), 1):
            cells = "".join(
                "<row>" + "".join(f'<c t="inlineStr"><is><t>{cell}</t></is></c>' for cell in row) + "</row>"
                for row in rows
            )
            book.writestr(
                f"xl/worksheets/sheet{at}.xml", f'<worksheet xmlns="{main}"><sheetData>{cells}</sheetData></worksheet>'
            )
    return packed.getvalue()


@pytest.mark.parametrize(("name", "content"), [
    ("orders.exe", b"a,b\n1,2\n"), ("orders", b"a,b\n1,2\n"), ("orders.html", b"<table><tr><td>1</td></tr></table>"),
    ("orders.xlsx", b"a,b\n1,2\n"), ("orders.parquet", b'{"a": 1}\n'), ("orders.csv", b'{"a": 1}\n{"a": 2}\n'),
])  # fmt: skip
def test_a_file_is_what_its_name_says_or_is_not_kept(name, content, bob):
    answer = upload(bob, content, name)
    assert answer.status_code == 422 and not list(folder("uploads").iterdir()) and not ImportRun.objects.exists()
