"""Who may do what: the same answer whether a page, the command line or a job asks."""

from datetime import date

import pytest
from django.contrib.auth.models import AnonymousUser

from nachim.app import policy
from nachim.app.actions import findings, goals, metrics, people, tables, workspace
from nachim.app.models import AuditEntry, Goal
from tests import company as made

DAYS = {"start": date(2026, 1, 1), "due": date(2026, 12, 31)}
BY_EDITORS = {
    "save_goal": lambda actor, c: goals.save_goal(actor, title="x", **DAYS),
    "archive_goal": lambda actor, c: goals.archive_goal(actor, c.goal),
    "restore_goal": lambda actor, c: goals.restore_goal(actor, c.goal),
    "save_kpi": lambda actor, c: goals.save_kpi(actor, goal=c.goal, metric=c.metric),
    "set_target": lambda actor, c: goals.set_target(actor, c.kpi, level=9e9, reason="x", **DAYS),
    "archive_kpi": lambda actor, c: goals.archive_kpi(actor, c.kpi),
    "restore_kpi": lambda actor, c: goals.restore_kpi(actor, c.kpi),
    "save_metric": lambda actor, c: metrics.save_metric(actor, c.metric, unit="USD"),
    "delete_metric": lambda actor, c: metrics.delete_metric(actor, c.spare),
    "stage_upload": lambda actor, c: made.staged(actor),
    "confirm_import": lambda actor, c: tables.confirm_import(actor, c.run),
    "cancel_import": lambda actor, c: tables.cancel_import(actor, c.run),
    "edit_table": lambda actor, c: tables.edit_table(actor, c.table, label="x", source=c.table.source),
    "judge": lambda actor, c: findings.judge(actor, c.finding, "explained", "x"),
    "act": lambda actor, c: findings.act(actor, c.finding, title="x", owner=c.bob, due=date(2100, 1, 1)),
    "finish": lambda actor, c: findings.finish(actor, c.action),
    "write_event": lambda actor, c: findings.write_event(actor, name="x", kind="release", first=date(2026, 1, 1)),
}
BY_OWNERS = {
    "invite": lambda actor, c: people.invite(actor, email="new@example.com", name="New", role="viewer"),
    "set_role": lambda actor, c: people.set_role(actor, c.carol, "editor"),
    "rename": lambda actor, c: people.rename(actor, c.carol, "Caroline"),
    "remove": lambda actor, c: people.remove(actor, c.carol),
    "edit_workspace": lambda actor, c: workspace.edit(actor, name="x"),
}


@pytest.fixture
def house(company, orders):
    company.metric, company.spare, company.table = made.revenue(), made.orders_metric(), orders
    company.goal = made.goal(company.alice)
    company.kpi = made.kpi(company.alice, company.goal, company.metric)
    company.finding = made.finding(company.metric)
    company.action = findings.act(company.alice, company.finding, title="y", owner=None, due=date(2100, 1, 1))
    company.run = made.staged(company.alice)
    return company


@pytest.mark.parametrize("name", BY_EDITORS)
def test_editors_change_what_numbers_are_made_of_and_viewers_do_not(name, house):
    for who in (house.carol, house.mallory, AnonymousUser()):
        entries = AuditEntry.objects.count()
        with pytest.raises(policy.NotAllowed):
            BY_EDITORS[name](who, house)
        assert AuditEntry.objects.count() == entries
    BY_EDITORS[name](house.bob, house)


@pytest.mark.parametrize("name", BY_OWNERS)
def test_owners_alone_change_people_and_the_company(name, house):
    for who in (house.bob, house.carol, house.mallory):
        with pytest.raises(policy.NotAllowed):
            BY_OWNERS[name](who, house)
    BY_OWNERS[name](house.alice, house)


def test_who_left_may_nothing(house):
    people.remove(house.alice, house.bob)
    house.bob.refresh_from_db()
    assert policy.role(house.bob) is None
    assert not policy.visible(house.bob, Goal.objects.all()).exists()


def test_every_permission_has_a_least_role_and_owners_have_all(company):
    assert all(policy.can(company.alice, name) for name in policy.PERMISSIONS)
    with pytest.raises(KeyError):
        policy.can(company.alice, "no.such.permission")
