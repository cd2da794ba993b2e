"""Notices: told from what there is, to who may see it; read by each person for themselves."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from nachim.app.actions import goals, mbo, people, teams
from nachim.app.models import Action, Finding, NoticeRead
from nachim.app.queries.notices import notices, unread
from nachim.jobs.tasks import tidy
from tests import company as made

TODAY = timezone.localdate()


def keys(user):
    return {one.key.split("-")[0] for one in notices(user)}


def fresh(user):
    """The same person, asked anew what they see."""
    return type(user).objects.get(pk=user.pk)


@pytest.fixture
def house(company, orders):
    company.team = teams.save_team(company.bob, label="서울", lead=company.lena, members=[company.mina])
    company.goal = made.goal(company.bob, teams=[company.team])
    company.kpi = made.kpi(company.bob, company.goal, made.revenue(), owner=company.mina, teams=[company.team])
    company.busan = teams.save_team(company.bob, label="부산")
    company.other = made.kpi(
        company.bob, made.goal(company.bob, title="부산", teams=[company.busan]), made.orders_metric(),
        teams=[company.busan],
    )  # fmt: skip
    return company


def test_each_is_told_of_what_is_theirs_and_of_nothing_they_may_not_see(house):
    ours, theirs = made.finding(house.kpi.metric), made.finding(house.other.metric)
    Action.objects.create(title="할 일", owner=house.mina, due=TODAY, finding=ours)
    sheet = mbo.open_sheet(house.mina, person=house.mina, lead=house.lena, start=TODAY, due=TODAY + timedelta(90))
    version = mbo.propose(house.mina, sheet, [{"kpi": house.kpi.name, "label": "", "aim": "", "weight": 100}])
    assert {f"finding-{one.pk}" for one in (ours, theirs)} <= {one.key for one in notices(house.alice)}
    assert f"finding-{theirs.pk}" not in {one.key for one in notices(house.mina)}
    assert keys(house.mina) == {"finding", "action", "due", "target"}
    assert keys(house.lena) == {"finding", "sheet", "target"}
    mbo.decide(house.lena, version, agree=False, answer="가중치를 나누세요")
    assert "answer" in keys(house.mina) and "sheet" not in keys(house.lena)


def test_a_new_target_is_told_to_the_owner_and_not_to_who_set_it(house):
    goals.set_target(
        house.lena, house.kpi, reason="너무 쉬웠다", kind="reach", direction="up", baseline=10_000.0, level=90_000.0,
        start=house.goal.start, due=house.goal.due,
    )  # fmt: skip
    told = [one for one in notices(house.mina) if one.kind == "target"]
    assert told[0].more == "너무 쉬웠다" and "Lena" in told[0].text
    assert all("Lena" not in one.text for one in notices(house.lena))


def test_who_keeps_the_company_hears_who_came(house):
    dave, token = people.invite(house.alice, email="dave@example.com", name="Dave", role="member")
    assert "joined" not in keys(house.alice)
    people.accept(token, made.PASSWORD)
    assert "joined" in keys(house.alice) and "joined" not in keys(house.mina) and "joined" not in keys(fresh(dave))


def test_the_bell_counts_and_reading_is_each_persons_own(house, visitor):
    one = made.finding(house.kpi.metric)
    Finding.objects.filter(pk=made.finding(house.kpi.metric).pk).update(created_at=timezone.now() - timedelta(40))
    alice, lena = visitor(house.alice), visitor(house.lena)
    assert ">1<span" in alice.get(reverse("bell")).content.decode(), "what is older than a month is history"
    said = alice.get(reverse("notices")).content.decode()
    assert reverse("finding", args=[one.pk]) in said and "1건 안 읽음" in said
    assert alice.post(reverse("notice-read"), key=f"finding-{one.pk}", passing="1").status_code == 204
    assert "badge" not in alice.get(reverse("bell")).content.decode() and unread(house.lena) == 2
    alice.post(reverse("notice-read"), key="finding-999")
    assert NoticeRead.objects.count() == 1, "nothing is kept of what there is not"
    assert lena.post(reverse("notice-read")).url == reverse("notices") and unread(house.lena) == 0
    assert "모두 읽었습니다" in lena.get(reverse("notices")).content.decode()


def test_an_empty_list_says_what_will_come(carol, company):
    said = carol.get(reverse("notices")).content.decode()
    assert "아직 없습니다" in said and reverse("now") in said


def test_what_was_read_is_forgotten_with_what_it_was_of(house, settings, tmp_path, monkeypatch):
    monkeypatch.setenv("NACHIM_HOME", str(tmp_path))
    for days in (1, 70):
        NoticeRead.objects.create(user=house.alice, key=f"x-{days}", at=timezone.now() - timedelta(days))
    tidy.func()
    assert list(NoticeRead.objects.values_list("key", flat=True)) == ["x-1"]


def test_more_notices_ask_no_more_of_the_database(house):
    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            notices(fresh(house.alice))
        return len(queries)

    def add(n: int) -> None:
        for at in range(n):
            finding = made.finding(house.kpi.metric, since=TODAY - timedelta(at))
            Action.objects.create(title=f"A{at}", owner=house.alice, due=TODAY, finding=finding)

    add(2)
    few = asked()
    add(10)
    assert asked() <= few
