"""What every answer carries, whoever gives it; and what is set where nachim stands behind TLS."""

import asyncio
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.test import Client

from nachim.web import events
from tests import company as made

DJANGO = "import os; os.environ['DJANGO_SETTINGS_MODULE'] = 'nachim.web.settings'; import django; django.setup()\n"


def behind_tls(tmp_path, code: str, **env) -> str:
    """What code prints in a process whose operator said that a TLS proxy stands before it."""
    given = {**os.environ, "NACHIM_HOME": str(tmp_path), "NACHIM_TLS": "1", "NACHIM_HOSTS": "kpi.example.com", **env}
    done = subprocess.run([sys.executable, "-c", DJANGO + code], env=given, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout


def stream(host=b"testserver"):
    """The status and the headers of /events for a stranger."""
    sent = []

    async def send(message):
        sent.append(message)

    async def receive():
        return {"type": "http.disconnect"}

    scope = {"type": "http", "method": "GET", "path": "/events", "headers": [(b"host", host)]}
    asyncio.run(events.stream(scope, receive, send))
    return sent[0]["status"], {name.decode(): value.decode() for name, value in sent[0]["headers"]}


@pytest.mark.parametrize("path", ["/login/", "/", "/api/me", "/no-such-page", "/static/app.css", "/events"])
def test_every_answer_carries_its_headers(path, alice):
    answer = None if path == "/events" else alice.get(path)
    if answer is not None and answer.streaming:
        list(answer)  # a file is closed when it has been read
    found = stream()[1] if answer is None else answer.headers
    lower = {name.lower(): value for name, value in found.items()}
    assert lower["x-content-type-options"] == "nosniff" and lower["referrer-policy"] == "same-origin"
    assert lower["cross-origin-resource-policy"] == "same-origin" and "camera=()" in lower["permissions-policy"]
    policy = lower["content-security-policy"]
    assert "default-src 'none'" in policy and "frame-ancestors 'none'" in policy and "unsafe" not in policy
    assert path == "/static/app.css" or "no-store" in lower["cache-control"]
    if path == "/":
        assert "object-src 'none'" in policy and "base-uri 'none'" in policy
        assert lower["cross-origin-opener-policy"] == "same-origin" and "access-control-allow-origin" not in lower


@pytest.mark.parametrize("path", ["/login/", "/", "/api/me", "/no-such-page", "/kpis/1/data.csv"])
def test_every_text_says_its_type_and_characters(path, alice):
    kind = alice.get(path).headers["Content-Type"]
    assert "charset=utf-8" in kind or kind.startswith(("application/json", "application/problem+json"))


def test_a_stream_under_another_name_is_refused(db):
    assert stream()[0] == 404, "a stranger"
    assert stream(b"evil.example")[0] == 400


@pytest.mark.parametrize("method", ["TRACE", "TRACK", "CONNECT", "BREW"])
def test_methods_that_nobody_needs_are_refused(method, alice):
    for path in ("/", "/login/", "/api/me"):
        assert alice.client.generic(method, path).status_code == 405


def test_a_name_that_nachim_does_not_go_by_is_refused(db):
    client = Client(raise_request_exception=False)
    assert client.get("/login/", headers={"host": "evil.example"}).status_code == 400


def test_behind_tls_cookies_are_bound_to_host_and_encryption(tmp_path):
    found = json.loads(behind_tls(tmp_path, """
from django.conf import settings as s
import json
print(json.dumps({name: str(getattr(s, name)) for name in dir(s) if "COOKIE" in name or "HSTS" in name}))
"""))  # fmt: skip
    for name in ("SESSION", "CSRF", "LANGUAGE"):
        assert found[f"{name}_COOKIE_NAME"].startswith("__Host-") and found[f"{name}_COOKIE_SECURE"] == "True"
    assert found["SESSION_COOKIE_HTTPONLY"] == found["CSRF_COOKIE_HTTPONLY"] == "True"
    assert found["SESSION_COOKIE_SAMESITE"] == found["CSRF_COOKIE_SAMESITE"] == "Lax"
    assert found["SECURE_HSTS_SECONDS"] == "31536000" and found["SECURE_HSTS_INCLUDE_SUBDOMAINS"] == "True"


def test_djangos_own_check_of_a_deployment_finds_nothing(tmp_path):
    behind_tls(tmp_path, "from django.core.management import call_command\n"
               "call_command('check', deploy=True, fail_level='WARNING')")  # fmt: skip


def test_every_cookie_that_is_set_is_one_of_three(alice, visitor):
    names = set(alice.get("/settings/me/").cookies) | set(visitor().get("/login/", lang="en").cookies)
    names |= set(alice.post("/settings/me/", name="Alice", locale="en", theme="dark").cookies)
    assert names <= {"nachim", "nachim-csrf", "nachim-lang"}, "the messages of a page lie in its session"


def test_the_policy_says_nothing_of_unsafe_or_elsewhere(alice):
    policy = alice.get("/").headers["Content-Security-Policy"]
    sources = {one for part in policy.split(";") for one in part.split()[1:]}
    assert sources == {"'none'", "'self'", "data:"}
    assert re.search(r"img-src [^;]*data:", policy) and policy.count("data:") == 1


def test_our_script_writes_texts_never_markup_and_keeps_nothing():
    script = (Path(events.__file__).parent / "static/app.js").read_text("utf-8")
    for word in (
        "innerHTML", "outerHTML =", "insertAdjacentHTML", "document.write", "eval(", "new Function", "localStorage",
        "sessionStorage", "indexedDB", "postMessage", "document.cookie", "__proto__",
    ):  # fmt: skip
        assert word not in script, word


def test_folders_are_not_listed(alice):
    for path in ("/static/", "/static/vendor/", "/.git/config", "/static/../settings.py", "/static/%2e%2e/settings.py"):
        assert alice.get(path).status_code == 404


HOSTILE = "</script><img src=x onerror=alert(1)>'\"{{ 7|add:7 }}"


def test_what_people_type_is_text_on_every_page(alice, company, orders):
    company.alice.name = company.bob.name = HOSTILE
    company.alice.save(), company.bob.save()
    metric = made.revenue()
    metric.label_ko = metric.label_en = HOSTILE
    metric.save()
    goal = made.goal(company.bob, title=HOSTILE, why=HOSTILE, owner=company.bob)
    kpi = made.kpi(company.bob, goal, metric, owner=company.bob)
    paths = ["/", "/goals/", f"/goals/{goal.pk}/", f"/kpis/{kpi.pk}/", "/map/", "/settings/",
             f"/people/{company.bob.pk}/", f"/metrics/{metric.pk}/", "/metrics/", "/settings/audit/"]  # fmt: skip
    pages = [alice.client.get(path).content.decode() for path in paths]
    assert sum("&lt;img src=x" in page for page in pages) >= 6
    for path, page in zip(paths, pages, strict=True):
        assert "<img src=x" not in page and "14" not in page.partition("onerror")[2][:60], path
