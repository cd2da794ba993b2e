"""The trail: who changed what, in the transaction of the change, and no way to alter it."""

import csv
import io
from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.core.exceptions import ValidationError
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from nachim.app import audit, doctor, policy
from nachim.app.actions import goals, metrics, people
from nachim.app.models import AuditEntry, Change
from nachim.web.person import address_of
from tests import company as made


def test_a_change_is_told_with_before_and_after_and_its_topic(company):
    goal = made.goal(company.bob)
    goals.save_goal(company.bob, goal, title="다른 목표")
    entry = AuditEntry.objects.first()
    assert (entry.action, entry.actor, entry.before["title"], entry.after["title"]) == (
        "goal.edit", company.bob, "매출을 키운다", "다른 목표"
    )  # fmt: skip
    assert Change.objects.filter(topic=f"goal-{goal.pk}").exists()


def test_no_change_leaves_no_trace(company):
    goal = made.goal(company.bob)
    before = AuditEntry.objects.count(), Change.objects.count()
    goals.save_goal(company.bob, goal, title=goal.title)
    assert (AuditEntry.objects.count(), Change.objects.count()) == before


def test_a_refused_change_leaves_no_trace(company, orders):
    metric = made.revenue()
    before = AuditEntry.objects.count()
    with pytest.raises(ValidationError):
        metrics.save_metric(company.bob, metric, spec={"agg": "sum(nothing)"})
    assert AuditEntry.objects.count() == before


def test_the_chain_is_whole_until_someone_alters_an_entry(company):
    for at in range(3):
        made.goal(company.bob, title=f"goal {at}")
    assert audit.broken_link() is None
    first = AuditEntry.objects.order_by("pk").first()
    for statement in (
        "UPDATE app_auditentry SET actor_name = 'x' WHERE id = %s",
        "DELETE FROM app_auditentry WHERE id = %s",
    ):
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement, [first.pk])
    assert audit.broken_link() is None


def test_secrets_never_reach_the_trail(company):
    people.invite(company.alice, email="dave@example.com", name="Dave", role="viewer")
    with transaction.atomic():
        audit.record(policy.SYSTEM, "x", company.workspace, after={"password": "north", "token": "t"})
    written = str(list(AuditEntry.objects.values()))
    assert "north" not in written
    assert AuditEntry.objects.first().after == {"password": "•••", "token": "•••"}


def test_entries_of_one_request_share_an_id(company):
    with audit.one_request("r1"):
        goals.archive_goal(company.bob, made.goal(company.bob))
    assert set(AuditEntry.objects.values_list("request_id", flat=True)) == {"r1"}


def test_outside_a_transaction_nothing_is_recorded(company, monkeypatch):
    monkeypatch.setattr(audit, "connection", SimpleNamespace(in_atomic_block=False))
    with pytest.raises(RuntimeError):
        audit.record(company.alice, "x", company.workspace)


def raw(*statements):
    """Somebody with the database in hand, past the triggers."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute("ALTER TABLE app_auditentry DISABLE TRIGGER USER")
        else:
            for name in ("update", "delete"):
                cursor.execute(f"DROP TRIGGER app_auditentry_no_{name}")
        for statement, *values in statements:
            cursor.execute(statement, values)


@pytest.fixture
def chain(company):
    for at in range(4):
        made.goal(company.bob, title=f"goal {at}")
    return list(AuditEntry.objects.order_by("pk"))


@pytest.mark.parametrize("field", ["actor_name", "action", "object_name", "after", "context", "at"])
def test_an_altered_entry_is_named(chain, field):
    value = {"after": '{"x": 1}', "context": '{"ip": "1.1.1.1"}', "at": "2020-01-01 00:00:00"}.get(field, "x")
    raw((f"UPDATE app_auditentry SET {field} = %s WHERE id = %s", value, chain[1].pk))  # noqa: S608
    broken = audit.broken_link()
    assert (broken.how, broken.pk) == ("altered", chain[1].pk)
    text = doctor._audit().text("en")
    assert f"entry {chain[1].pk} " in text and not doctor._audit().ok


def test_an_entry_taken_from_the_middle_and_one_from_the_end_are_missed(chain):
    raw(("DELETE FROM app_auditentry WHERE id = %s", chain[3].pk))
    if connection.vendor == "sqlite":  # PostgreSQL's numbers have gaps, so a missing end is none
        assert (audit.broken_link().how, audit.broken_link().pk) == ("cut", chain[3].pk)
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM app_auditentry WHERE id = %s", [chain[1].pk])
    assert (audit.broken_link().how, audit.broken_link().pk) == ("missing", chain[2].pk)


def test_an_entry_altered_with_its_hash_breaks_the_next(chain):
    one = chain[1]
    one.object_name = "another"
    raw(("UPDATE app_auditentry SET object_name = %s, hash = %s WHERE id = %s", "another", audit.digest(one), one.pk))
    assert (audit.broken_link().how, audit.broken_link().pk) == ("missing", chain[2].pk)


def test_where_a_change_came_from_is_kept(company, client):
    client.force_login(company.bob)
    client.post(
        "/goals/new/", {"title": "x", "start": "2026-01-01", "due": "2026-12-31"}, headers={"User-Agent": "Firefox"}
    )
    entry = AuditEntry.objects.first()
    assert entry.context == {"via": "web", "ip": "127.0.0.1", "agent": "Firefox"}
    audit.this_process(via="command line", user="root", command="nachim apply")
    try:
        made.goal(policy.SHELL, title="y")
    finally:
        audit.this_process()
    assert AuditEntry.objects.first().context["command"] == "nachim apply"
    assert audit.broken_link() is None


@pytest.mark.parametrize(
    ("proxies", "header", "seen"),
    [
        (0, "6.6.6.6", "127.0.0.1"),
        (1, "6.6.6.6, 9.9.9.9", "9.9.9.9"),
        (2, "6.6.6.6, 9.9.9.9", "6.6.6.6"),
        (2, "9.9.9.9", "127.0.0.1"),
    ],
)
def test_an_address_is_believed_as_far_as_ones_own_proxies_go(rf, settings, proxies, header, seen):
    settings.PROXIES = proxies
    assert address_of(rf.get("/", headers={"X-Forwarded-For": header})) == seen


def test_secrets_are_left_out_however_deep(company):
    deep = {"rows": [{"api_key": "s3cret"}], "password": "", "key": "order_id", "tokens": 3}
    with transaction.atomic():
        audit.record(policy.SYSTEM, "x", company.workspace, after=deep)
    assert AuditEntry.objects.first().after == {
        "rows": [{"api_key": "•••"}],
        "password": "",
        "key": "order_id",
        "tokens": 3,
    }


def test_the_trail_is_looked_through_and_taken_away(company, client):
    made.goal(company.bob, title="=cmd()")
    made.goal(company.alice, title="나침")
    client.force_login(company.audra)
    today = timezone.localdate()
    for query, count in (
        ({}, 2), ({"person": "Bob"}, 1), ({"kind": "goal"}, 2), ({"object": "나침"}, 1), ({"since": today}, 2),
        ({"until": today - timedelta(1)}, 0), ({"person": "Bob", "object": "나침"}, 0),
    ):  # fmt: skip
        shown = client.get("/settings/audit/", query)
        assert len(shown.context["shown"].object_list) == count, query
        rows = list(csv.reader(io.StringIO(client.get("/settings/audit.csv", query).getvalue().decode("utf-8-sig"))))
        assert len(rows) == count + 1
    assert client.get("/settings/audit/", {"since": "x"}).status_code == 422
    assert "=cmd" not in {cell[:4] for row in rows for cell in row}
