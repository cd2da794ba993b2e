"""Every kind of secret is a canary here: a house with all of them is used as people and programs use it, and then each
is looked for in everything that was said or written: pages, API answers, logs, exports, the database, files, backups.
"""

import http.client
import json
import re
import secrets
import subprocess
import sys
from urllib.parse import urlencode

import pytest
from django.urls import reverse

from nachim.web.api.urls import api
from nachim.web.urls import urlpatterns
from tests import house as houses
from tests.engines.servers import free_port
from tests.faults.visitor import GONE, SESSION, Visitor

# What is made here, and what pages must never show but once.
PREPARE = """
import json, time
from pathlib import Path
from tests import company
from nachim.app.actions import factors, tokens
from nachim.app.actions import people as persons
from nachim.app.actions.refresh import refresh
from nachim.core import totp
given = json.loads(sys.argv[2])
people = company.people()
company.import_orders(Path(sys.argv[3]))
company.kpi(people.alice, company.goal(people.alice), company.revenue())
company.connection(people.alice, password=given["connection"])
company.connection(people.alice, name="other", engine="clickhouse", password=given["other connection"])
company.channel(people.alice, address=f"http://127.0.0.1:9/{given['webhook']}")
company.channel(people.alice, name="mails", kind="mail", address="team@example.com")
company.finding(company.orders_metric())
people.alice.set_password(given["password"])
people.alice.save()
token, secret = tokens.make_token(people.alice, name="program", scopes=["read", "write", "ingest"], days=1)
app = factors.new_secret()
factors.add_app(people.bob, app, totp.code(app, int(time.time()) // 30))
made = {"token": secret, "signing key": tokens.signing_key(token), "authenticator": app,
        "recovery code": factors.new_codes(people.bob)[0],
        "invitation": persons.invite(people.alice, email="new@example.com", name="New", role="viewer")[1]}
refresh()
print(json.dumps(made))
"""
DELIVER = """
from nachim.app.actions import channels
from nachim.app.models import Channel, User
for one in Channel.objects.all():
    print(channels.try_channel(User.objects.get(email="alice@example.com"), one))
"""
GET = sorted(path for path, methods in api.get_openapi_schema()["paths"].items() if "get" in methods)


def asked(port, method, path, headers, body=b""):
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        line.request(method, path, body, headers)
        answer = line.getresponse()
        return answer.status, answer.read() + told(answer.getheaders())
    finally:
        line.close()


def told(headers) -> bytes:
    """What headers say, but for the cookie that is the browser's own."""
    return str([(name, value) for name, value in headers if name.lower() != "set-cookie"]).encode()


@pytest.fixture
def used(home, tmp_path, monkeypatch):
    """A house that was used: its canaries, and by place the bytes in which they are looked for."""
    monkeypatch.delenv("NACHIM_TEST_DATABASE", raising=False)
    canaries = {
        name: f"canary-{secrets.token_hex(12)}"
        for name in ("connection", "other connection", "webhook", "password", "wrong password", "single sign-on",
                     "metrics", "mail")
    }  # fmt: skip
    house = houses.House(home)
    house.env |= {
        "NACHIM_OIDC_SECRET": canaries["single sign-on"], "NACHIM_METRICS_TOKEN": canaries["metrics"],
        "NACHIM_MAIL_SERVER": f"smtp://mailer:{canaries['mail']}@127.0.0.1:9",
        "NACHIM_LOG": "DEBUG", "NACHIM_LOG_FORMAT": "json",
    }  # fmt: skip
    try:
        canaries |= json.loads(house.python(PREPARE, "prepare", json.dumps(canaries), tmp_path).splitlines()[-1])
        session = canaries["session"] = house.python(SESSION).strip()
        places = walked(house, canaries, session)
        for name, command in {
            "export": ("export",), "doctor": ("doctor", "--audit"), "people": ("people", "list"),
            "backup": ("backup", "--to", str(tmp_path / "backups")),
        }.items():  # fmt: skip
            done = house.run(*command)
            places[name] = (done.stdout + done.stderr).encode()
        places["delivery"] = house.python(DELIVER).encode()
        for file in (path for path in (tmp_path / "backups").rglob("*") if path.is_file()):
            if file.suffix != ".keys":
                places[f"backup {file.name}"] = file.read_bytes()
        for file in (path for path in home.rglob("*") if path.is_file()):
            if file.suffix != ".key":
                places[f"home {file.relative_to(home)}"] = file.read_bytes()
        yield canaries, places
    finally:
        house.close()


def walked(house, canaries, session):
    """What pages and the API answer and the processes log, as an owner, a program and a stranger come along."""
    port = free_port()
    with open(house.path.parent / "log", "wb") as log:
        for command in (["up", "--workers", "0", "--port", str(port)], ["worker"]):
            whole = [sys.executable, "-m", "nachim", *command]
            house.running.append(subprocess.Popen(whole, env=house.env, stdout=log, stderr=log))
        visitor = Visitor(port, session)
        house.wait(lambda: _there(visitor))
        answers = {}
        for pattern in urlpatterns:
            if getattr(pattern, "name", "") and "<str" not in str(pattern.pattern):
                path = reverse(pattern.name, args=[1] if "<int" in str(pattern.pattern) else [])
                answers[f"page {path}"] = visitor.ask("GET", path)
        for pk in (1, 2):
            answers[f"test {pk}"] = visitor.ask("POST", f"/settings/connections/{pk}/test/", _form(visitor))
        said = {place: told(headers.items()) + body for place, (_status, headers, body) in answers.items()}
        assert sum(status == 200 for status, _headers, _body in answers.values()) > 25, answers.keys()
        bearer = {"Authorization": f"Bearer {canaries['token']}", "Content-Type": "application/json"}
        for path in GET:
            name = {"connections": "warehouse", "tables": "orders", "metrics": "revenue"}.get(path.split("/")[2], "1")
            status, said[f"api {path}"] = asked(port, "GET", re.sub(r"{\w+}", name, path), bearer)
            assert status < 500, path
        stranger = {"Content-Type": "application/x-www-form-urlencoded", "Cookie": f"nachim-csrf={visitor.csrf}"}
        for name in ("wrong password", "password"):
            form = {"csrfmiddlewaretoken": visitor.csrf, "email": "alice@example.com", "password": canaries[name]}
            _status, said[f"login by {name}"] = asked(port, "POST", "/login/", stranger, urlencode(form).encode())
        asked(port, "GET", f"/invite/{canaries['invitation']}/", {})
        said["metrics"] = asked(port, "GET", "/health/metrics/", {"Authorization": f"Bearer {canaries['metrics']}"})[1]
        broken = bearer | {"Authorization": f"Bearer {canaries['token']}x"}
        said["a token that is wrong"] = asked(port, "GET", "/api/kpis", broken)[1]
        event = json.dumps([{"주문번호": "a", "strange": "column"}]).encode()
        asked(port, "POST", "/api/events/orders?token=" + canaries["token"], bearer | {"X-Nachim-Key": "x"}, event)
    for process in house.running:
        process.terminate()
        process.wait(20)
    said["logs"] = (house.path.parent / "log").read_bytes()
    return said


def _form(visitor) -> bytes:
    return urlencode({"csrfmiddlewaretoken": visitor.csrf}).encode()


def _there(visitor) -> bool:
    try:
        return visitor.ask("GET", "/health/")[0] == 200
    except GONE:
        return False


def test_no_secret_is_found_anywhere(used):
    canaries, places = used
    # Sessions are rows of the database, and of nothing else.
    kept = {("session", "home app.db"), ("session", "home app.db-wal")}
    found = {
        (name, place) for name, canary in canaries.items() for place, text in places.items()
        if _part(canary).encode() in text and (name, place) not in kept
    }  # fmt: skip
    assert found == set()
    # The places do hold what they are about, so that a secret would have been seen there.
    holds = {place for place, text in places.items() if b"warehouse" in text}
    assert {"export", "page /settings/audit/", "api /api/connections", "home app.db",
            "backup app.connection.jsonl", "backup app.auditentry.jsonl"} <= holds  # fmt: skip
    assert sum(place.startswith("page ") for place in holds) > 1 and b"nachim.request" in places["logs"]


def _part(canary: str) -> str:
    """What of a secret is secret: a token begins with a prefix by which it is told apart."""
    return canary.rsplit("_", 1)[-1] if canary.startswith("nachim_") else canary
