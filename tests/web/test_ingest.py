"""Events: safe once accepted, in their table once, and what cannot go in is seen with its reason."""

import json
import time

import pytest
from django.test import Client

from nachim.app.actions import ingest, tokens
from nachim.app.home import folder, lake
from nachim.app.models import AuditEntry, EventBatch, ImportRun, Table
from nachim.web.api.signed import signature
from tests import company as made

COLUMNS = [
    {"name": "id", "type": "integer", "role": "key"},
    {"name": "at", "type": "time", "role": "time"},
    {"name": "amount", "type": "number", "role": "amount"},
]


@pytest.fixture
def bob(program, company):
    return program(company.bob)


@pytest.fixture
def table(bob):
    assert bob.post("/tables", {"name": "clicks", "columns": COLUMNS}).status_code == 201
    return Table.objects.get(name="clicks")


def event(at, amount=1):
    return {"id": at, "at": f"2026-03-{1 + at % 28:02d} 10:00", "amount": amount}


def rows(name="clicks"):
    stored = lake().table(name)
    if not stored.exists:
        return {}
    return {row["id"]: row["amount"] for row in stored.snapshot().to_pyarrow_table().to_pylist()}


def test_what_was_accepted_is_in_the_table_once(bob, table):
    answer = bob.post("/events/clicks", [event(at) for at in range(5)])
    assert answer.status_code == 202 and answer.json()["accepted"] == 5
    assert bob.post("/events/clicks", [event(4), event(5)]).status_code == 202
    assert rows() == dict.fromkeys(range(6), 1.0) and not EventBatch.objects.exists()
    run = ImportRun.objects.get()
    assert (run.read, run.inserted, run.unchanged, run.quarantined) == (7, 6, 1, 0)
    assert bob.get("/events/clicks").json()["today"]["inserted"] == 6
    assert AuditEntry.objects.filter(action="data.ingest").count() == 1
    assert Table.objects.get(name="clicks").rows == 6


def test_of_a_key_that_is_sent_twice_the_last_holds(bob, table):
    bob.post("/events/clicks", [event(1, 10), event(1, 20)])
    assert rows() == {1: 20.0}
    bob.post("/events/clicks", [event(1, 30)])
    assert rows() == {1: 30.0} and ImportRun.objects.get().updated == 1


def test_an_event_that_goes_back_to_an_earlier_value_counts(bob, table):
    for amount in (10, 20, 10):
        bob.post("/events/clicks", [event(1, amount)])
    assert rows() == {1: 10.0}


def test_json_lines_lose_only_the_line_that_cannot_be_read(bob, table):
    body = "\n".join([json.dumps(event(1)), "{oops", json.dumps(event(2)), "[]", ""])
    answer = bob.post("/events/clicks", body, Content_Type="application/x-ndjson")
    said = answer.json()
    assert (answer.status_code, said["accepted"], said["refused"]) == (202, 2, 2)
    assert [one["at"] for one in said["errors"]] == [1, 3] and set(rows()) == {1, 2}


def test_what_cannot_go_in_is_quarantined_with_its_reason_and_seen(bob, table, visitor, company):
    bad = [{"id": 1, "other": 2}, {"amount": 3}, {"id": 2, "amount": [1]}, 7, event(3, "many"), event(4)]
    said = bob.post("/events/clicks", bad).json()
    assert (said["accepted"], said["refused"]) == (2, 4)
    assert [one["column"] for one in said["errors"]] == ["other", "id", "amount", ""]
    run = ImportRun.objects.get()
    assert (run.read, run.inserted, run.quarantined) == (6, 1, 5) and rows() == {4: 1.0}
    text = (folder("quarantine") / run.quarantine).read_text("utf-8-sig")
    assert len(text.splitlines()) == 6 and "표에 이런 열이 없습니다." in text and "many" in text
    bob.post("/events/clicks", [{}])
    run.refresh_from_db()
    assert run.quarantined == 6
    assert len((folder("quarantine") / run.quarantine).read_text("utf-8-sig").splitlines()) == 7
    page = visitor(company.bob).get(f"/data/tables/{table.pk}/").content.decode()
    assert f"/data/imports/{run.pk}/" in page and "events " in page
    assert "표에 이런 열이 없습니다." in visitor(company.bob).get(f"/data/imports/{run.pk}/").content.decode()


def test_the_numbers_follow(bob, company, orders):
    kpi = made.kpi(company.bob, made.goal(company.bob), made.revenue())
    made_ = {"주문번호": 99, "주문일시": "2026-03-11 10:00", "고객ID": "c9", "결제금액": 1000, "상태": "paid"}
    assert bob.post("/events/orders", [made_]).json()["accepted"] == 1
    march = bob.get(f"/kpis/{kpi.name}/observations?grain=month&start=2026-03-01").json()["items"]
    assert march[0]["value"] == 8000.0


def test_only_who_may_ingest_and_only_tables_with_a_key(program, company, bob, table):
    assert program(company.bob, "read", "write").post("/events/clicks", [event(1)]).status_code == 403
    assert program(company.carol).post("/events/clicks", [event(1)]).status_code == 403
    only = program(company.bob, "ingest")
    assert only.post("/events/clicks", [event(1)]).status_code == 202
    assert only.get("/goals").status_code == 403
    assert bob.post("/events/nothing", [event(1)]).status_code == 404
    source = bob.post("/tables", {"name": "t", "columns": [{"name": "a"}]})
    assert source.status_code == 422 and "key" in source.json()["detail"]
    assert bob.post("/events/clicks", {"id": 1}).status_code == 400


def test_a_body_that_is_too_large_and_too_many_that_wait_are_told_so(bob, table, settings):
    assert bob.post("/events/clicks", b"[" + b" " * (6 * 2**20) + b"]").status_code == 413
    assert bob.post("/events/clicks", [event(1)] * (ingest.MOST_EVENTS + 1)).status_code == 422
    settings.EVENTS_MAX_WAITING = 2
    answer = bob.post("/events/clicks", [event(at) for at in range(3)])
    assert answer.status_code == 503 and answer.headers["Retry-After"] == "10" and rows() == {}


def test_a_repeated_request_is_answered_the_same(bob, table):
    first = bob.post("/events/clicks", [event(1)], Idempotency_Key="k")
    again = bob.post("/events/clicks", [event(1)], Idempotency_Key="k")
    assert again.content == first.content and ImportRun.objects.get().read == 1


@pytest.fixture
def signed(company, table, django_capture_on_commit_callbacks):
    token, _secret = tokens.make_token(company.bob, name="signer", scopes=["read", "write", "ingest"], days=1)

    def send(body=None, *, stamp=None, key=None, path="/api/events/clicks", sign=None):
        text = json.dumps(body if body is not None else [event(1)]).encode()
        stamp = str(int(time.time()) if stamp is None else stamp)
        headers = {
            "X-Nachim-Key": key or token.prefix, "X-Nachim-Timestamp": stamp,
            "X-Nachim-Signature": sign or signature(tokens.signing_key(token), stamp, text),
        }  # fmt: skip
        with django_capture_on_commit_callbacks(execute=True):
            return Client().post(path, text, content_type="application/json", headers=headers)

    return send


def test_signed_events_are_taken_once_and_within_five_minutes(signed):
    now = int(time.time())
    assert signed(stamp=now).status_code == 202 and rows() == {1: 1.0}
    assert signed(stamp=now).json()["code"] == "replayed"
    assert signed(stamp=now - 400).json()["code"] == "timestamp"
    assert signed(stamp=now + 400).json()["code"] == "timestamp"
    assert signed(stamp=now, sign="0" * 64).json()["code"] == "signature"
    assert signed(stamp=now, key="nachim_00000000").json()["code"] == "signature"
    assert signed(body=[event(2)], stamp=now).status_code == 202


def test_a_signature_opens_nothing_but_events(signed):
    assert signed({"title": "x"}, path="/api/goals").status_code == 401


@pytest.mark.parametrize("where", ["import_file", "_told", "remember_table"])
def test_a_merge_that_stops_anywhere_is_taken_up_and_doubles_nothing(company, table, monkeypatch, where):
    """Before the lake's commit, after it, and in the transaction that counts."""
    ingest.accept(company.bob, table, [event(1), event(2), {"id": 3, "x": 1}])
    whole = getattr(ingest, where)

    def dies(*args, **kwargs):
        raise KeyboardInterrupt

    monkeypatch.setattr(ingest, where, dies)
    with pytest.raises(KeyboardInterrupt):
        ingest.merge_waiting()
    ingest.accept(company.bob, table, [event(2), event(4)])
    monkeypatch.setattr(ingest, where, whole)
    assert ingest.merge_waiting() == 4 and ingest.merge_waiting() == 0
    run = ImportRun.objects.get()
    assert rows() == {1: 1.0, 2: 1.0, 4: 1.0}
    assert (run.read, run.inserted, run.unchanged, run.quarantined) == (5, 3, 1, 1)
    assert list(folder("uploads").glob("events-*")) == []


def test_events_that_no_import_takes_are_quarantined_not_lost(company, table, monkeypatch):
    from nachim.lake.errors import ImportFailed

    ingest.accept(company.bob, table, [event(1)])

    def refuses(*args, **kwargs):
        raise ImportFailed("nothing_kept")

    monkeypatch.setattr(ingest, "import_file", refuses)
    ingest.merge_waiting()
    run = ImportRun.objects.get()
    assert (run.read, run.inserted, run.quarantined) == (1, 0, 1) and not EventBatch.objects.exists()


def test_while_events_never_cease_a_merge_ends_and_the_next_is_due(company, table, monkeypatch):
    """Else the worker would be held for good: no number would be computed, and no other job would run."""
    whole, due, came = ingest._merge, [], iter(range(2, 1000))

    def beside(*claim):
        ingest.accept(company.bob, table, [event(next(came))])
        return whole(*claim)

    ingest.accept(company.bob, table, [event(1)])
    monkeypatch.setattr(ingest, "_merge", beside)
    monkeypatch.setattr(ingest, "later", lambda job, after=0: due.append((job, after)))
    assert ingest.merge_waiting() == 1
    assert due and set(due) == {(ingest.MERGE, ingest.GATHER_SECONDS)}
    assert rows() == {1: 1.0} and EventBatch.objects.count() == 1
