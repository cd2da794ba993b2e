"""Taking back what one has just done: signed, one's own, once, in the trail, and never over what came after."""

import re
from datetime import timedelta

import pytest
from django.core import signing
from django.urls import reverse
from django.utils import timezone

from nachim.app.actions import drivers, findings, goals, okr, refresh, teams, undo
from nachim.app.audit import broken_link
from nachim.app.models import Action, AuditEntry, DriverEdge, Membership, PlaybookEntry, User
from tests import company as made

TOKEN = re.compile(r'name="token" value="([^"]+)"')


@pytest.fixture
def house(company, orders):
    company.team = teams.save_team(company.bob, label="서울", lead=company.lena, members=[company.mina])
    company.goal = made.goal(company.bob, teams=[company.team])
    company.metric = made.revenue()
    company.kpi = made.kpi(company.bob, company.goal, company.metric, owner=company.mina, teams=[company.team])
    refresh.refresh()
    return company


def done(visitor, name, pk, **fields):
    """Do something by its button; the token of the undo that the next page offers."""
    answer = visitor.post(reverse(name, args=[pk]), **fields)
    assert answer.status_code == 302
    page = visitor.get(answer.url).content.decode()
    assert "되돌리기" in page
    return TOKEN.search(page)[1]


def took_back(visitor, token):
    answer = visitor.post(reverse("undo"), token=token)
    assert answer.status_code == 302
    return visitor.get(answer.url).content.decode()


@pytest.mark.parametrize("kind", ["kpi", "goal", "result", "team"])
def test_what_was_put_away_comes_back_as_it_was(kind, house, bob):
    objective = made.goal(house.bob, title="목표", framework="okr")
    result = okr.save_key_result(house.bob, goal=objective, label="앱 출시")
    one = {"kpi": house.kpi, "goal": house.goal, "result": result, "team": house.team}[kind]
    token = done(bob, f"{kind}-archive", one.pk)
    one.refresh_from_db()
    assert one.archived_at is not None
    took_back(bob, token)
    one.refresh_from_db()
    assert one.archived_at is None
    assert AuditEntry.objects.first().action in (f"{kind}.restore", "key_result.restore")
    if kind == "team":
        assert list(one.kpis.all()) == [house.kpi] and list(one.goals.all()) == [house.goal]
    assert broken_link() is None


def test_a_finding_that_was_judged_is_new_again(house, bob):
    finding = made.finding(house.metric)
    token = done(bob, "finding-judge", finding.pk, state="fault", note="")
    assert "발견을 되돌렸습니다" in took_back(bob, token)
    finding.refresh_from_db()
    assert finding.state == "open"
    entry = AuditEntry.objects.first()
    assert (entry.action, entry.before["state"], entry.after["state"]) == ("finding.judge", "fault", "open")


def test_an_action_said_to_be_done_is_to_be_done_again(house, mina):
    action = Action.objects.create(title="할 일", owner=house.mina, due=timezone.localdate())
    token = done(mina, "action-done", action.pk)
    took_back(mina, token)
    action.refresh_from_db()
    assert action.done_at is None and AuditEntry.objects.first().action == "action.reopen"


def test_a_target_revised_by_mistake_is_revised_back_and_both_stay_in_the_history(house, bob):
    spec = {"kind": "reach", "baseline": "10000", "level": "90000", "start": "2026-01-01", "due": "2026-12-31",
            "direction": "up", "reason": "잘못 누름"}  # fmt: skip
    token = done(bob, "kpi-target", house.kpi.pk, **spec)
    took_back(bob, token)
    levels = [one.spec["level"] for one in house.kpi.targets.all()]
    assert levels == [50_000.0, 90_000.0, 50_000.0]
    assert "너무 늦었습니다" in took_back(bob, token), "once"


def test_somebody_taken_out_is_back_with_role_and_team_and_signs_in_anew(house, alice, visitor):
    token = done(alice, "people-remove", house.mina.pk)
    assert not Membership.objects.filter(user=house.mina).exists()
    took_back(alice, token)
    back = User.objects.get(pk=house.mina.pk)
    assert back.is_active and back.membership.role == "member" and house.mina in house.team.people()
    assert AuditEntry.objects.first().action == "people.bring_back"
    answer = visitor().post(reverse("login"), email=back.email, password=made.PASSWORD)
    assert answer.status_code == 302


def test_a_play_and_a_driver_come_back(house, bob):
    entry, body = made.play(), made.play().body
    took_back(bob, done(bob, "playbook-remove", entry.pk))
    assert PlaybookEntry.objects.get().body == body
    edge = drivers.save_edge(house.bob, house.metric, made.orders_metric(), kind="claimed", lag_days=7)
    took_back(bob, done(bob, "driver-remove", edge.pk))
    assert DriverEdge.objects.get().lag_days == 7


def test_it_is_ones_own_for_ten_minutes_and_forged_by_nobody(house, bob, alice, monkeypatch):
    token = done(bob, "kpi-archive", house.kpi.pk)
    assert "너무 늦었습니다" in took_back(alice, token)
    assert "너무 늦었습니다" in took_back(bob, token[:-2] + "xx")
    assert "너무 늦었습니다" in took_back(bob, "")
    later = signing.time.time() + 60 * undo.MINUTES + 1
    with monkeypatch.context() as patched:
        patched.setattr(signing.time, "time", lambda: later)
        assert "너무 늦었습니다" in took_back(bob, token)
    house.kpi.refresh_from_db()
    assert house.kpi.archived_at is not None


def test_it_never_undoes_what_somebody_has_done_since(house, bob):
    token = done(bob, "kpi-archive", house.kpi.pk)
    house.kpi.refresh_from_db()
    goals.restore_kpi(house.alice, house.kpi)
    goals.archive_kpi(house.alice, house.kpi)
    assert "너무 늦었습니다" in took_back(bob, token)
    finding = made.finding(house.metric)
    judged = done(bob, "finding-judge", finding.pk, state="acknowledged", note="")
    findings.judge(house.alice, finding, "explained", "할인")
    took_back(bob, judged)
    finding.refresh_from_db()
    assert finding.state == "explained"


def test_who_may_not_any_more_takes_nothing_back(house, bob):
    token = done(bob, "kpi-archive", house.kpi.pk)
    Membership.objects.filter(user=house.bob).update(role="member")
    assert bob.post(reverse("undo"), token=token).status_code == 403 or "늦었" in took_back(bob, token)
    house.kpi.refresh_from_db()
    assert house.kpi.archived_at is not None


def test_what_one_did_long_ago_is_not_in_the_way(house):
    token = undo.token(house.bob, "kpi", pk=house.kpi.pk, at=str(timezone.now() - timedelta(days=1)))
    with pytest.raises(undo.ValidationError):
        undo.take_back(house.bob, token)
