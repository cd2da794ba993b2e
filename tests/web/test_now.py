"""The first page of each role: what needs this person now."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from nachim.app.actions import goals, mbo, okr, refresh, teams
from nachim.app.models import Action, AuditEntry, Finding, KeyResult
from nachim.app.queries.now import now
from tests import company as made

TODAY = timezone.localdate()


@pytest.fixture
def house(company, orders):
    """A lead with a team, a member in it, and a KPI far behind its target."""
    company.team = teams.save_team(company.bob, label="서울", lead=company.lena, members=[company.mina])
    company.goal = made.goal(company.bob, teams=[company.team], due=date(2026, 12, 31))
    company.kpi = made.kpi(company.bob, company.goal, made.revenue(), owner=company.mina, teams=[company.team])
    refresh.refresh()
    return company


def page(visitor, user):
    return visitor(user).get(reverse("now")).content.decode()


def test_a_person_lands_where_they_are_told_what_needs_them(visitor, company):
    who = visitor()
    answer = who.post(reverse("login"), email="mina@example.com", password=made.PASSWORD, next="/")
    assert answer.url == reverse("now")


def test_an_owner_sees_the_score_what_is_not_well_and_what_waits_for_a_decision(house, visitor):
    made.finding(house.kpi.metric)
    sheet = mbo.open_sheet(house.mina, person=house.mina, lead=house.alice, start=TODAY, due=TODAY + timedelta(90))
    mbo.propose(house.mina, sheet, [{"kpi": house.kpi.name, "label": "", "aim": "", "weight": 100}])
    goals.set_target(
        house.bob, house.kpi, reason="시장이 달라졌다", kind="reach", direction="up", baseline=10_000.0, level=60_000.0,
        start=house.goal.start, due=house.goal.due,
    )  # fmt: skip
    said = page(visitor, house.alice)
    for words in ("회사 점수", "살펴볼 KPI", "매출이 줄었습니다.", "Mina의 목표", "시장이 달라졌다", "기다립니다"):
        assert words in said, words
    assert reverse("sheet", args=[sheet.pk]) in said.split('class="btn primary"', 1)[1].split(">")[0]


def test_a_lead_sees_the_kpis_of_the_teams_she_leads_and_what_her_people_owe(house, visitor):
    found = made.finding(house.kpi.metric)
    Action.objects.create(finding=found, title="할인 끝내기", owner=house.mina, due=TODAY - timedelta(1))
    other = made.kpi(house.bob, made.goal(house.bob, title="그 밖"), made.orders_metric())
    found = now(house.lena)
    assert [row.kpi for row in found.rows] == [house.kpi] and found.score is not None
    assert [one.title for one in found.overdue] == ["할인 끝내기"] and not found.actions[0].mine
    said = page(visitor, house.lena)
    assert "할인 끝내기" in said and "Mina" in said and f"/kpis/{other.pk}/" not in said


def test_a_member_sees_what_is_theirs_to_do_and_nothing_of_others(house, visitor):
    Action.objects.create(title="내 일", owner=house.mina, due=TODAY)
    Action.objects.create(title="남의 일", owner=house.lena, due=TODAY)
    objective = made.goal(house.bob, title="목표", framework="okr", due=TODAY + timedelta(60))
    result = okr.save_key_result(house.bob, goal=objective, label="앱 출시", owner=house.mina)
    KeyResult.objects.update(created_at=timezone.now() - timedelta(30))
    mbo.open_sheet(house.lena, person=house.mina, lead=house.lena, start=TODAY, due=TODAY + timedelta(90))
    said = page(visitor, house.mina)
    assert "내 일" in said and "남의 일" not in said and "앱 출시" in said and "다음 리뷰" in said
    okr.check_in(house.mina, result, confidence=7)
    assert now(house.mina).results == []
    visitor(house.mina).post(reverse("action-done", args=[Action.objects.get(title="내 일").pk]))
    assert now(house.mina).actions == []


def test_an_auditor_sees_whether_the_chain_holds(house, visitor):
    said = page(visitor, house.audra)
    assert "온전함" in said and "kpi.create" in said
    last = AuditEntry.objects.first()
    AuditEntry.objects.bulk_create([
        AuditEntry(at=timezone.now(), actor_name="x", action="kpi.edit", object_kind="kpi", object_name="x",
                   previous_hash="f" * 64, hash="e" * 64),
    ])  # fmt: skip
    broken = now(house.audra).trail.broken
    assert broken is not None and broken.pk == last.pk + 1 and "끊김" in page(visitor, house.audra)


def test_nothing_to_do_says_so_and_is_calm(house, visitor):
    assert now(house.carol).home == "viewer"
    Finding.objects.all().delete()
    editor = page(visitor, house.bob)
    assert now(house.bob).calm and "회사가 어떻게 하고 있는지" in editor


@pytest.mark.parametrize("who", ["alice", "lena", "mina", "bob", "carol", "audra"])
def test_twice_as_many_things_ask_no_more_of_the_database(house, who):
    def asked() -> int:
        user = type(house.alice).objects.get(pk=getattr(house, who).pk)
        with CaptureQueriesContext(
            connection,
        ) as queries:
            now(user)
        return len(queries)

    def add(n: int) -> None:
        for at in range(n):
            kpi = goals.save_kpi(
                house.bob, goal=house.goal, metric=house.kpi.metric, owner=house.mina, cadence="month",
                label=f"K{at}{AuditEntry.objects.count()}", teams=[house.team],
            )  # fmt: skip
            made.finding(kpi.metric, since=date(2026, 10, 1) + timedelta(at))
            for person in (house.alice, house.lena, house.mina, house.bob):
                Action.objects.create(title=f"A{at}", owner=person, due=TODAY)

    add(4)
    few = asked()
    add(6)
    assert asked() <= few <= 55
