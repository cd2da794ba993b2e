"""Every address × role × whose thing it is, against the reviewed table. An address without a row fails.

One house is prepared for all cases; what a request changes is rolled back.
"""

import os
import tempfile
import time
from datetime import date
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.core.cache import cache
from django.db import transaction
from django.test import Client, override_settings
from django.urls import URLPattern, reverse

from nachim.app.actions import drivers, mbo, okr, refresh, screens, teams, tokens
from nachim.app.home import folder
from nachim.app.models import Action, Device, Factor
from nachim.web.events import TOPICS, may_hear
from nachim.web.urls import urlpatterns
from tests import company as made
from tests.web.access import ACCESS, NOT_SO, OPEN, ROLES, WHOSE
from tests.web.conftest import HANDLER

pytestmark = pytest.mark.django_db
NAMES = {pattern.name: pattern for pattern in urlpatterns if isinstance(pattern, URLPattern)}
PERSON = {role: name for name, role in made.PEOPLE.items() if role}
CASES = [(name, method) for name, methods in ACCESS.items() for method in methods]
HOME = Path(tempfile.mkdtemp(prefix="nachim-access-"))
ORDERS = "주문번호,주문일시,고객ID,결제금액,채널,상태\n" + "\n".join(
    f"{at},2026-{1 + at % 10:02}-05 10:00,c{at % 7},{1000 * at},{'앱' if at % 2 else '웹'},paid" for at in range(1, 41)
)


@pytest.fixture(autouse=True)
def home(monkeypatch):
    monkeypatch.setenv("NACHIM_HOME", str(HOME))
    return HOME


@pytest.fixture(scope="module")
def house(django_db_setup, django_db_blocker):
    """One of everything: of Mina and her team, of another team, and of no team. It is made once."""
    before, os.environ["NACHIM_HOME"] = os.environ["NACHIM_HOME"], str(HOME)
    md5 = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    local = override_settings(CONNECTION_HOSTS="127.0.0.1", PASSWORD_HASHERS=md5)
    with django_db_blocker.unblock(), local, transaction.atomic():
        cache.clear()
        yield _house()
        transaction.set_rollback(True)
    os.environ["NACHIM_HOME"] = before


def _house():
    company = made.people()
    table = made.import_orders(HOME, ORDERS)
    metrics = {"own": made.revenue(), "other": made.orders_metric(), "common": made.buyers()}
    seoul = teams.save_team(company.bob, label="서울", lead=company.lena, members=[company.mina])
    busan = teams.save_team(company.bob, label="부산")
    things = {}
    for whose, team in (("own", seoul), ("other", busan), ("common", None)):
        person, lead = {
            "own": (company.mina, company.lena), "other": (company.bob, company.alice),
            "common": (company.carol, company.alice),
        }[whose]  # fmt: skip
        maker = {"own": company.lena, "other": company.adam, "common": company.alice}[whose]
        served = [team] if team else []
        goal = made.goal(company.bob, title=f"{whose} goal", owner=person, teams=served)
        kpi = made.kpi(company.bob, goal, metrics[whose], owner=person, teams=served)
        written = made.by_hand(name=f"{whose}_recall")
        made.kpi(company.bob, goal, written, target=False, owner=person, teams=served)
        run = made.staged(company.bob, name=f"{whose}.csv", table=f"{whose}_table")
        run.quarantine = f"{whose}.csv"
        run.save()
        path = folder("quarantine") / run.quarantine
        path.write_text("a,_file,_line,_column,_reason\n1,f,2,a,b\n", encoding="utf-8-sig")
        found = made.finding(metrics[whose])
        sheet = mbo.open_sheet(company.alice, person=person, lead=lead, start=goal.start, due=goal.due)
        objective = made.goal(company.bob, title=f"{whose} objective", framework="okr", teams=served)
        things[whose] = SimpleNamespace(
            goal=goal, kpi=kpi, metric=metrics[whose], written=written, run=run, sheet=sheet, objective=objective,
            finding=found,
            channel=made.channel(name=whose), playbook=made.play(name=whose),
            result=okr.save_key_result(company.bob, goal=objective, label=f"{whose} result", owner=person),
            factor=Factor.objects.create(user=person, kind="totp", name=whose, secret="x"),
            device=Device.objects.create(user=person, session_key=whose), person=person,
            screen=screens.make_screen(maker, name=whose, days=1)[0],
            token=tokens.make_token(person, name=whose, scopes=["read"], days=1)[0],
            team=team or seoul, connection=made.connection(name=f"{whose}-one"),
            action=Action.objects.create(finding=found, title="x", owner=person, due=date(2026, 12, 1)),
        )  # fmt: skip
    pairs = {"own": ("own", "common"), "other": ("other", "own"), "common": ("common", "own")}
    for whose, (whole, part) in pairs.items():
        things[whose].driver = drivers.save_edge(company.bob, metrics[whole], metrics[part], kind="claimed")
    refresh.refresh()
    clients = {}
    for name in made.PEOPLE:
        clients[name] = Client()
        clients[name].handler = HANDLER
        clients[name].force_login(getattr(company, name))
        # They have just proved who they are: changes of how one signs in ask for that.
        session = clients[name].session
        session["sure"] = session["seen"] = session["began"] = time.time()
        session.save()
    return SimpleNamespace(company=company, table=table, clients=clients, **things)


def address(name, house, whose):
    """The address of a thing of the person's team, of another team, or of no team."""
    thing = getattr(house, whose)
    if "<int:pk>" not in str(NAMES[name].pattern):
        return reverse(name)
    kind = {
        "kpi-new": "goal",
        "result-new": "objective",
        "card": "kpi",
        "import": "run",
        "metric-values": "written",
    }.get(name)
    kind = kind or {"import": "run", "people": "person"}.get(name.split("-")[0], name.split("-")[0])
    one = house.table if kind == "table" else getattr(thing, kind)
    return reverse(name, args=[one.pk])


def asked(house, who, method, path):
    """The status of one request; nothing of what it did stays."""
    with transaction.atomic():
        answer = getattr(house.clients[who], method.lower())(
            path, {"csrfmiddlewaretoken": "-"} if method == "POST" else {}
        )
        if answer.streaming:
            list(answer)  # a file is closed when it has been read
        transaction.set_rollback(True)
    return answer.status_code


def test_every_address_has_its_row():
    assert set(NAMES) == set(ACCESS) | set(OPEN)


def test_every_role_has_its_column(house):
    assert set(ROLES) == set(PERSON)


@pytest.mark.parametrize(("name", "method"), CASES)
def test_each_role_at_the_things_of_its_team_of_another_and_of_none(name, method, house):
    expected = ACCESS[name][method]
    seen = {
        whose: tuple(asked(house, PERSON[role], method, address(name, house, whose)) for role in ROLES)
        for whose in (WHOSE if "<int:pk>" in str(NAMES[name].pattern) else ["own"])
    }
    wanted = {whose: expected[whose] if isinstance(expected, dict) else expected for whose in seen}
    assert seen == wanted, f"{name} {method}: seen {seen}"


@pytest.mark.parametrize(("name", "method"), CASES)
def test_outsiders_find_nothing_and_strangers_sign_in_first(name, method, house):
    path = address(name, house, "own")
    stranger = getattr(Client(), method.lower())(path)
    outside = asked(house, "mallory", method, path)
    if ACCESS[name][method] == NOT_SO:
        assert (outside, stranger.status_code) == (405, 405)
    else:
        assert (outside, stranger.status_code) == (404, 302)
        assert stranger.url.startswith("/login/?next=/")


@pytest.mark.parametrize("kind", TOPICS)
def test_the_live_stream_tells_each_role_of_what_it_sees(kind, house):
    """A topic of one thing is told to who gets its page; the others, like `company`, name nothing."""
    thing = {"kpi": "kpi", "goal": "goal", "finding": "finding", "import": "import"}[kind]
    for whose in WHOSE:
        one = getattr(getattr(house, whose), {"import": "run"}.get(kind, kind))
        expected = ACCESS[thing]["GET"]
        statuses = expected[whose] if isinstance(expected, dict) else expected
        for role, status in zip(ROLES, statuses, strict=True):
            user = getattr(house.company, PERSON[role])
            assert may_hear(user.pk, f"{kind}-{one.pk}") == (status == 200), (kind, whose, role)
            assert may_hear(user.pk, "company")
        assert not may_hear(house.company.mallory.pk, f"{kind}-{one.pk}")


@pytest.mark.parametrize("name", [name for name in ACCESS if "<int:pk>" in str(NAMES[name].pattern)])
def test_what_is_not_there_is_not_found(name, house):
    method = "POST" if "POST" in ACCESS[name] else "GET"
    assert asked(house, "alice", method, reverse(name, args=[999_999])) == 404
