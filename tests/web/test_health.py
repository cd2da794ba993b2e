"""What supervisors and Prometheus read, what stands in the log, and that a secret is nowhere."""

import io
import json
import logging
from datetime import datetime, timedelta

import pytest
from django.db import OperationalError
from django.urls import reverse

from nachim.app.models import AuditEntry
from nachim.web.logs import Json, Line, hidden
from nachim.web.urls import urlpatterns
from tests import company as made

AT = "/health/metrics/"


@pytest.fixture
def said():
    """The log of a test as JSON lines would have it, at the level that says most."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(Json())
    root = logging.getLogger()
    before = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield stream
    root.removeHandler(handler)
    root.setLevel(before)


def test_prometheus_reads_from_this_machine(client, company):
    client.get("/login/")
    answer = client.get(AT, headers={"host": "127.0.0.1:8000"})
    text = answer.content.decode()
    assert answer.status_code == 200 and answer.headers["Content-Type"].startswith("text/plain")
    assert 'nachim_request_seconds_count{method="GET",route="login/",status="200"}' in text
    for name in ("nachim_jobs_waiting", "nachim_workers", "nachim_disk_free_bytes", "nachim_schedule_late_seconds"):
        assert f"\n{name} " in text


@pytest.mark.parametrize(
    "headers",
    [
        {"host": "localhost", "x-forwarded-for": "203.0.113.9"},
        {"host": "testserver"},
        {"host": "localhost", "forwarded": "for=1"},
    ],
)
def test_a_proxy_on_this_machine_is_not_this_machine(client, db, headers):
    assert client.get(AT, headers=headers).status_code == 404


def test_with_a_token_the_token_alone_counts(client, db, settings):
    settings.METRICS_TOKEN = "t0ken-for-prometheus"
    assert client.get(AT, headers={"host": "localhost"}).status_code == 404
    assert client.get(AT, headers={"authorization": "Bearer wrong"}).status_code == 404
    assert client.get(AT, headers={"authorization": "Bearer t0ken-for-prometheus"}).status_code == 200


def test_every_answer_has_an_id_that_its_audit_entries_and_log_lines_share(alice, said):
    answer = alice.post("/settings/me/", name="Alice", locale="en", theme="dark")
    lines = [json.loads(line) for line in said.getvalue().splitlines()]
    mine = [line for line in lines if line["logger"] == "nachim.request"]
    assert [(line["request"], line["route"], line["status"]) for line in mine] == [
        (answer.headers["X-Request-ID"], "settings/me/", 302)
    ]
    entry = AuditEntry.objects.first()
    assert entry is None or entry.request_id == answer.headers["X-Request-ID"]


def test_a_path_with_a_token_is_told_by_its_route(client, db, said):
    client.get("/invite/s3cret-token-of-an-invitation/")
    assert "invite/<str:token>/" in said.getvalue() and "s3cret" not in said.getvalue()


@pytest.mark.parametrize(("text", "left"), [
    ("postgres://nachim:pa55w0rd@db/x refused", "pa55w0rd"),
    ("Authorization: Bearer abcdef.123456", "abcdef"),
    ("{'password': 'pa55 w0rd'}", "pa55"),
    ("token=abc123&x=1", "abc123"),
    ("the key is k3y-from-settings", "k3y-from-settings"),
])  # fmt: skip
def test_secrets_are_taken_out_of_lines(text, left):
    assert left not in hidden(text, ("k3y-from-settings",)) and "•••" in hidden(text, ("k3y-from-settings",))


def test_a_traceback_is_one_line_of_json_and_clean():
    try:
        raise ValueError("postgres://a:pa55w0rd@db/x\nbroken")
    except ValueError:
        record = logging.getLogger("x").makeRecord("x", logging.ERROR, "f", 1, "failed", (), None)
        import sys

        record.exc_info = sys.exc_info()
    line = Json().format(record)
    assert "\n" not in line and "pa55w0rd" not in line and "ValueError" in json.loads(line)["error"]
    assert "pa55w0rd" not in Line().format(record)


def test_without_a_database_the_page_says_so(client, monkeypatch, db):
    from nachim.app.models import Workspace

    def away():
        raise OperationalError("the connection is closed")

    monkeypatch.setattr(Workspace, "current", away)
    client.raise_request_exception = False
    answer = client.get("/")
    assert answer.status_code == 503 and answer.headers["Retry-After"] == "5"
    assert "데이터베이스가 답하지 않습니다" in answer.content.decode()


def test_the_canary_is_on_no_page_and_in_no_log_export_or_audit_entry(alice, orders, said, settings):
    connection = made.connection()
    goal = made.goal(made.policy.SYSTEM)
    kpi = made.kpi(made.policy.SYSTEM, goal, made.revenue())
    alice.post(reverse("connection-test", args=[connection.pk]))
    pages = ""
    for pattern in urlpatterns:
        if not getattr(pattern, "name", "") or "<str" in str(pattern.pattern):
            continue
        args = [{"kpi": kpi.pk, "goal": goal.pk}.get(pattern.name, 1)] if "<int" in str(pattern.pattern) else []
        answer = alice.get(reverse(pattern.name, args=args))
        pages += str(list(answer)) if answer.streaming else answer.content.decode()
    from nachim.app.definition.export import current, to_yaml

    everything = pages + said.getvalue() + to_yaml(current()) + str(list(AuditEntry.objects.values()))
    assert len(pages) > 100_000 and "warehouse" in everything
    assert made.CANARY not in everything
    assert settings.SECRET_KEY not in everything


def test_nobody_writes_a_line_of_the_log_by_what_they_send():
    record = logging.getLogger("x").makeRecord(
        "x", logging.WARNING, "f", 1, "from %s", ("1.2.3.4\n2026-11-26 ERROR all is well\r\x1b[2J\u2028",), None
    )
    line = Line().format(record)
    assert len(line.splitlines()) == 1 and "\x1b" not in line and "\\x0a" in line
    assert json.loads(Json().format(record))["level"] == "WARNING" and "\n" not in Json().format(record)


def test_a_line_says_when_with_its_offset():
    record = logging.getLogger("x").makeRecord("x", logging.WARNING, "f", 1, "said", (), None)
    assert datetime.fromisoformat(Line().format(record).split(" ")[0]).utcoffset() is not None
    assert datetime.fromisoformat(json.loads(Json().format(record))["at"]).utcoffset() == timedelta(0)
