"""Every address × role × ownership, against the reviewed table. An address without a row fails."""

from datetime import date
from types import SimpleNamespace

import pytest
from django.urls import reverse

from nachim.app.actions import drivers, mbo, okr, teams
from nachim.app.actions import people as people_actions
from nachim.app.home import folder
from nachim.app.models import Action, OneTimeLink
from nachim.web.urls import urlpatterns
from tests import company as made
from tests.web.access import ACCESS, NOT_SO, OPEN, ROLES

NAMES = {pattern.name: pattern for pattern in urlpatterns}
PERSON = dict(zip(ROLES, ("alice", "bob", "carol"), strict=True))
CASES = [(name, method) for name, methods in ACCESS.items() for method in methods]


@pytest.fixture
def house(company, orders):
    """One of everything, for each of two people."""
    revenue, count = made.revenue(), made.orders_metric()
    things = {}
    for who, metric in (("own", revenue), ("other", count)):
        user = company.alice if who == "own" else company.bob
        goal = made.goal(user, title=f"{who} goal", owner=user)
        kpi = made.kpi(user, goal, metric, owner=user)
        run = made.staged(user, name=f"{who}.csv", table=f"{who}_table")
        run.quarantine = f"{who}.csv"
        run.save()
        (folder("quarantine") / run.quarantine).write_text(
            "a,_file,_line,_column,_reason\n1,f,2,a,b\n", encoding="utf-8-sig"
        )
        found = made.finding(metric)
        action = Action.objects.create(finding=found, title="x", owner=user, due=date(2026, 12, 1))
        person, lead = (company.carol, company.bob) if who == "own" else (company.bob, company.alice)
        span = {"start": goal.start, "due": goal.due}
        sheet = mbo.open_sheet(company.alice, person=person, lead=lead, **span)
        objective = made.goal(user, title=f"{who} objective", framework="okr")
        result = okr.save_key_result(user, goal=objective, label=f"{who} result", owner=person)
        things[who] = SimpleNamespace(
            goal=goal, kpi=kpi, metric=metric, run=run, user=user, sheet=sheet, result=result, objective=objective,
            finding=found, action=action, channel=made.channel(name=who), play=made.play(name=who),
            team=teams.save_team(user, label=f"{who} team"),
        )  # fmt: skip
    edges = {
        "own": drivers.save_edge(company.bob, revenue, count),
        "other": drivers.save_edge(company.bob, count, revenue, kind="claimed"),
    }
    for who, edge in edges.items():
        things[who].driver = edge
    connections = {who: made.connection(name=f"{who}-one") for who in things}
    return SimpleNamespace(company=company, table=orders, connections=connections, **things)


def address(name, house, who):
    """The address of a thing of the person who asks, or of another's."""
    thing = getattr(house, who)
    if "<int:pk>" not in str(NAMES[name].pattern):
        return reverse(name)
    pk = {
        "card": thing.kpi.pk,
        "goal": thing.goal.pk,
        "kpi": thing.kpi.pk,
        "metric": thing.metric.pk,
        "finding": thing.finding.pk,
        "channel": thing.channel.pk,
        "playbook": thing.play.pk,
        "action": thing.action.pk,
        "import": thing.run.pk,
        "table": house.table.pk,
        "sheet": thing.sheet.pk,
        "result": thing.result.pk,
        "driver": thing.driver.pk,
        "team": thing.team.pk,
        "connection": house.connections[who].pk,
        "people": house.company.carol.pk if who == "other" else house.company.bob.pk,
    }[name.split("-")[0]]
    pk = {"kpi-new": thing.goal.pk, "result-new": thing.objective.pk}.get(name, pk)
    return reverse(name, args=[pk])


def test_every_address_has_its_row():
    assert set(NAMES) == set(ACCESS) | set(OPEN)


@pytest.mark.parametrize(("name", "method"), CASES)
def test_each_role_at_its_own_things_and_at_others(name, method, house, visitor):
    expected = ACCESS[name][method]
    asked = []
    # From who may least to who may most, so that nobody finds what another has just changed.
    for at, role in list(enumerate(ROLES))[::-1]:
        for who in ("own", "other"):
            status = (expected[who] if isinstance(expected, dict) else expected)[at]
            answer = getattr(visitor(getattr(house.company, PERSON[role])), method.lower())(address(name, house, who))
            answer.close()
            asked.append((role, who, answer.status_code, status))
    assert [one for one in asked if one[2] != one[3]] == []


@pytest.mark.parametrize(("name", "method"), CASES)
def test_outsiders_find_nothing_and_strangers_sign_in_first(name, method, company, visitor):
    path = reverse(name, args=[1] if "<int:pk>" in str(NAMES[name].pattern) else [])
    outside = getattr(visitor(company.mallory), method.lower())(path)
    stranger = getattr(visitor(), method.lower())(path)
    if ACCESS[name][method] == NOT_SO:
        assert (outside.status_code, stranger.status_code) == (405, 405)
    else:
        assert (outside.status_code, stranger.status_code) == (404, 302)
        assert stranger.url.startswith("/login/?next=/")


@pytest.mark.parametrize("name", [name for name in ACCESS if "<int:pk>" in str(NAMES[name].pattern)])
def test_what_is_not_there_is_not_found(name, company, visitor):
    method = "post" if "POST" in ACCESS[name] else "get"
    assert getattr(visitor(company.alice), method)(reverse(name, args=[999_999])).status_code == 404


@pytest.mark.parametrize("name", OPEN)
def test_open_addresses(name, company, visitor):
    args = []
    if name == "invite":
        args = [people_actions.invite(company.alice, email="dave@example.com", name="Dave", role="viewer")[1]]
    if name == "setup":
        args = [people_actions._issue(OneTimeLink.Purpose.SETUP, people_actions.timedelta(minutes=1))]
    get, post = OPEN[name]
    assert visitor().get(reverse(name, args=args)).status_code == get
    if post is not None:
        assert visitor().post(reverse(name, args=args)).status_code == post


def test_a_person_who_left_is_a_stranger(company, visitor):
    bob = visitor(company.bob)
    assert bob.get("/").status_code == 200
    people_actions.remove(company.alice, company.bob)
    assert bob.get("/").status_code == 302


def test_writes_from_another_site_are_refused(alice):
    answer = alice.client.post("/goals/new/", {"title": "x"}, headers={"Sec-Fetch-Site": "cross-site"})
    assert answer.status_code == 403


def test_every_write_needs_its_token(company):
    from django.test import Client

    client = Client(enforce_csrf_checks=True)
    client.force_login(company.alice)
    for path in ("/goals/new/", "/data/upload/", "/settings/", "/logout/"):
        assert client.post(path, {"title": "x"}).status_code == 403
