"""Files into tables below the pages: what is remembered, and what happens when things go wrong."""

import pytest
from django.core.exceptions import ValidationError

from nachim.app import policy
from nachim.app.actions import tables
from nachim.app.home import folder, lake
from nachim.app.models import AuditEntry, ImportRun, Table
from nachim.lake.errors import Cancelled, LakeError
from tests import company as made
from tests.company import ORDERS

State = ImportRun.State


def queued(actor, text=ORDERS, **kwargs) -> ImportRun:
    run = made.staged(actor, text, **kwargs)
    tables.confirm_import(actor, run)
    return ImportRun.objects.get(pk=run.pk)


@pytest.mark.parametrize(
    ("filename", "name"),
    [
        ("orders-2026-11.csv.gz", "orders"),
        ("주문 내역_202611.xlsx", "주문_내역"),
        ("2026.csv", "table"),
        ("../../x.csv", "x"),
    ],
)
def test_a_table_is_named_after_its_file(filename, name):
    assert tables.suggest_table(filename) == name


def test_what_columns_mean_is_remembered_for_the_next_file(company, orders):
    run = made.staged(company.bob, table="orders")
    assert {column["name"]: column["role"] for column in run.mapping["columns"]} == {
        column["name"]: column["role"] for column in orders.mapping["columns"]
    }
    assert run.preview["drift"] == []


def test_what_people_said_of_a_table_outlives_the_next_import(company, orders, tmp_path):
    tables.edit_table(
        company.bob, orders, label="주문", source=orders.source | {"dims": ["채널"], "joins": {}}, expected_every_days=7
    )
    table = made.import_orders(tmp_path, ORDERS + "7,2026-03-11 10:00,c1,1,앱,paid\n")
    assert (table.label, table.expected_every_days, table.rows) == ("주문", 7, 7)


def test_an_unreadable_file_leaves_nothing_behind(company):
    with pytest.raises(LakeError):
        made.staged(company.bob, "")
    assert list(folder("uploads").iterdir()) == []
    assert not ImportRun.objects.exists()


def test_an_import_runs_once(company):
    run = queued(company.bob)
    tables.run_staged(run)
    assert tables.run_staged(ImportRun.objects.get(pk=run.pk)).state == State.DONE
    assert lake().table("orders").rows == 6
    with pytest.raises(ValidationError):
        tables.confirm_import(company.bob, ImportRun.objects.get(pk=run.pk))


def test_an_import_whose_worker_died_runs_again(company):
    run = queued(company.bob)
    ImportRun.objects.update(state=State.RUNNING)
    assert tables.run_staged(run).state == State.DONE
    assert AuditEntry.objects.filter(action="data.imported").count() == 1


def test_an_import_whose_worker_died_between_the_commit_and_its_report_tells_what_it_did(company):
    run = queued(company.bob)
    done = tables.run_staged(run)
    ImportRun.objects.update(state=State.RUNNING, inserted=0)
    again = tables.run_staged(ImportRun.objects.get(pk=run.pk))
    assert not again.already
    assert (again.read, again.inserted, again.version) == (done.read, done.inserted, done.version) == (6, 6, 0)


def test_a_cancelled_import_changes_nothing(company, monkeypatch):
    run = queued(company.bob)

    def cancelled(*args, cancelled, **kwargs):
        tables.cancel_import(company.bob, run)
        assert cancelled()
        raise Cancelled

    monkeypatch.setattr(tables, "import_file", cancelled)
    assert tables.run_staged(run).state == State.CANCELLED
    assert not Table.objects.exists()


def test_differences_that_came_meanwhile_are_asked_about(company, tmp_path):
    run = queued(company.bob)
    made.import_orders(tmp_path, "주문번호,주문일시,금액\n1,2026-01-05,10\n")
    failed = tables.run_staged(run)
    assert failed.state == State.FAILED
    assert failed.drift[0]["ko"]
    assert failed.message["en"]
    tables.confirm_import(company.bob, failed, accept_drift=True)
    assert tables.run_staged(ImportRun.objects.get(pk=run.pk)).state == State.DONE


def test_what_no_engine_could_compute_is_refused_and_rolled_back(company, orders):
    with pytest.raises(ValidationError) as refused:
        tables.edit_table(company.bob, orders, label="x", source=orders.source | {"time": "없는 열"}, check=True)
    assert "없는 열" in str(refused.value)
    assert Table.objects.get().label == ""


def test_the_shell_imports_without_a_page(db, tmp_path):
    table = made.import_orders(tmp_path)
    run = ImportRun.objects.get()
    assert (run.state, run.user, table.rows) == (State.DONE, None, 6)
    assert AuditEntry.objects.get(action="data.imported").actor_name == policy.SYSTEM.name
