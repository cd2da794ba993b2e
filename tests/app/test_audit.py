"""The trail: who changed what, in the transaction of the change, and no way to alter it."""

from types import SimpleNamespace

import pytest
from django.core.exceptions import ValidationError
from django.db import DatabaseError, connection, transaction

from nachim.app import audit, policy
from nachim.app.actions import goals, metrics, people
from nachim.app.models import AuditEntry, Change
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
