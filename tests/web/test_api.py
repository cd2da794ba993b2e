"""The API does what the pages do, says plainly what is wrong, and does things once."""

import json

import pytest
from django.test import Client

from nachim.app.actions import refresh, teams, tokens
from nachim.app.models import ApiAnswer, AuditEntry, Finding, Goal, Kpi
from nachim.web.api import rate
from tests import company as made

GOAL = {"title": "Grow revenue", "start": "2026-01-01", "due": "2026-12-31", "owner": "bob@example.com"}
PROBLEM = "application/problem+json"


@pytest.fixture
def bob(program, company):
    return program(company.bob)


@pytest.fixture
def kpi(company, orders):
    goal = made.goal(company.bob, owner=company.bob)
    return made.kpi(company.bob, goal, made.revenue(), owner=company.bob)


def test_a_goal_is_made_read_changed_and_put_away(bob):
    answer = bob.post("/goals", GOAL)
    assert answer.status_code == 201, answer.content
    name = answer.json()["name"]
    assert bob.get(f"/goals/{name}").json()["owner"] == "bob@example.com"
    assert bob.patch(f"/goals/{name}", {"title": "Grow"}).json()["title"] == "Grow"
    assert Goal.objects.get().due.isoformat() == "2026-12-31"
    assert bob.post(f"/goals/{name}/archive").json()["archived_at"]
    assert bob.get("/goals").json()["items"] == []
    assert bob.post(f"/goals/{name}/restore").json()["archived_at"] is None
    actor = AuditEntry.objects.filter(action="goal.create").get()
    assert actor.actor_name == "Bob" and actor.request_id.startswith(bob.token.prefix)


def test_from_a_table_to_the_scorecard(bob, company, orders):
    spec = {"agg": 'sum(orders."결제금액")', "where": "\"상태\" = 'paid'"}
    assert bob.post("/metrics", {"name": "revenue", "unit": "KRW", "spec": spec}).status_code == 201
    bob.post("/goals", GOAL | {"name": "grow"})
    kpi = {"goal": "grow", "metric": "revenue", "name": "rev", "guardrails": []}
    assert bob.post("/kpis", kpi).json()["version"] == 1
    target = {"kind": "reach", "direction": "up", "level": 50000, "start": "2026-01-01", "due": "2026-12-31"}
    assert bob.post("/kpis/rev/targets", {"spec": target}).json()["version"] == 1
    row = bob.get("/scorecard").json()["items"][0]
    assert row["kpi"] == "rev" and row["closed"]["period"].startswith("2026-02")
    months = bob.get("/kpis/rev/observations").json()["items"]
    assert [one["value"] for one in months][:2] == [30000.0, 13000.0]
    shown = bob.get("/kpis/rev/scorecard?grain=month").json()
    assert len(shown["points"]) == len(shown["targets"]) > 1
    assert bob.get("/kpis/rev/odds").status_code == bob.get("/kpis/rev/forecast").status_code == 200


def test_the_query_says_what_nachim_query_says(bob, kpi):
    answer = bob.get("/query?metric=revenue&grain=month&from=2026-01-01&to=2026-03-01&by=채널")
    cells = answer.json()["cells"]
    assert {(cell["period"], cell["slices"]["채널"], cell["value"]) for cell in cells} >= {
        ("2026-01-01", "앱", 10000.0), ("2026-01-01", "웹", 20000.0), ("2026-02-01", "앱", 5000.0)
    }  # fmt: skip
    assert answer.json()["versions"] and answer.json()["notes"]


@pytest.mark.parametrize("asked", ["metric=nothing", "metric=revenue&by=nothing", "metric=revenue&where=drop%20table"])
def test_a_query_that_cannot_be_computed_says_what_where_and_the_nearest(bob, kpi, asked):
    answer = bob.get(f"/query?{asked}&grain=month")
    assert answer.status_code == 422 and answer.headers["Content-Type"] == PROBLEM
    assert answer.json()["detail"] and answer.json()["errors"]


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ("from=2026-03-01&to=2026-01-01", "to"),
        ("grain=hour&from=1970-01-01&to=2199-01-01", "from"),
        ("grain=era", "grain"),
    ],
)
def test_a_query_out_of_bounds_is_refused_before_it_is_computed(bob, kpi, asked, field):
    answer = bob.get(f"/query?metric=revenue&{asked}")
    assert answer.status_code == 422 and answer.json()["errors"][0]["where"] == field


def test_errors_are_problems_with_what_where_and_expected(bob, program, company):
    answer = bob.post("/goals", {"title": "x", "start": "soon", "due": "2026-12-31", "size": 3})
    assert answer.status_code == 422 and answer.headers["Content-Type"] == PROBLEM
    errors = {one["where"]: one for one in answer.json()["errors"]}
    assert errors["start"]["expected"] == "a day, as 2026-11-24" and "size" in errors
    korean = program(company.bob, lang="ko-KR,ko;q=0.9").post("/goals", {"title": "x", "due": "2026-12-31"})
    assert korean.headers["Content-Language"] == "ko" and "필요" in korean.json()["errors"][0]["message"]
    late = bob.post("/goals", GOAL | {"due": "2025-01-01"}).json()
    assert late["errors"] == [{"where": "due", "message": "The due date has to come after the start.", "expected": ""}]
    assert bob.get("/nowhere").headers["Content-Type"] == PROBLEM
    assert bob.ask("PUT", "/goals", GOAL).status_code == 405
    assert bob.post("/goals", '{"title": NaN}').status_code == 400
    assert bob.post("/goals", b"\xff").status_code == 400


def test_a_token_is_asked_for_and_a_wrong_one_refused(company):
    for headers in ({}, {"Authorization": "Bearer nachim_00000000_" + "0" * 64}, {"Authorization": "Basic x"}):
        answer = Client(headers=headers).get("/api/goals")
        assert answer.status_code == 401 and answer.headers["WWW-Authenticate"].startswith("Bearer")
    assert Client().get("/api/openapi.json").status_code == 200


def test_a_token_opens_nothing_but_the_api_and_only_its_scope(program, company):
    reader = program(company.bob, "read")
    assert reader.get("/goals").status_code == 200
    refused = reader.post("/goals", GOAL)
    assert refused.status_code == 403 and "goal.edit" in refused.json()["detail"]
    assert reader.client.get("/", headers={"Authorization": f"Bearer {reader.secret}"}).status_code == 302
    tokens.revoke_token(company.alice, reader.token)
    assert reader.get("/goals").status_code == 401


def test_a_browser_writes_with_its_csrf_token_alone(company):
    client = Client(enforce_csrf_checks=True)
    client.force_login(company.bob)
    assert client.get("/api/goals").status_code == 200
    answer = client.post("/api/goals", GOAL, content_type="application/json")
    assert answer.status_code == 403 and answer.json()["code"] == "csrf"
    client.get("/settings/me/")
    key = client.cookies["nachim-csrf"].value
    answer = client.post("/api/goals", GOAL, content_type="application/json", headers={"X-CSRFToken": key})
    assert answer.status_code == 201


def test_pages_of_a_list_lose_and_double_nothing_while_it_grows(bob, company):
    for at in range(5):
        made.goal(company.bob, title=f"goal {at}")
    found, cursor = [], ""
    while cursor is not None:
        answer = bob.get(f"/goals?limit=2&cursor={cursor}").json()
        found += [one["title"] for one in answer["items"]]
        cursor = answer["next"]
        if len(found) == 2:
            made.goal(company.bob, title="late")
    assert found == [f"goal {at}" for at in range(5)] + ["late"]
    assert bob.get("/goals?cursor=x").status_code == 422


def test_the_same_request_again_is_answered_the_same_and_done_once(bob):
    first = bob.post("/goals", GOAL, Idempotency_Key="a")
    again = bob.post("/goals", GOAL, Idempotency_Key="a")
    assert (again.status_code, again.content) == (first.status_code, first.content)
    assert again.headers["Idempotency-Replayed"] == "true" and Goal.objects.count() == 1
    other = bob.post("/goals", GOAL | {"title": "another"}, Idempotency_Key="a")
    assert other.status_code == 409 and other.json()["code"] == "idempotency"
    assert bob.post("/goals", GOAL, Idempotency_Key="b").status_code == 201 and Goal.objects.count() == 2


def test_what_was_refused_is_not_kept_and_may_be_asked_again(bob, program, company):
    assert bob.post("/goals", GOAL | {"due": "2020-01-01"}, Idempotency_Key="a").status_code == 422
    assert not ApiAnswer.objects.exists() and not Goal.objects.exists()
    assert bob.post("/goals", GOAL, Idempotency_Key="a").status_code == 201
    assert program(company.alice).post("/goals", GOAL, Idempotency_Key="a").status_code == 201


def test_a_change_of_what_has_changed_since_is_refused(bob):
    name = bob.post("/goals", GOAL).json()["name"]
    seen = bob.get(f"/goals/{name}").headers["ETag"]
    assert bob.get(f"/goals/{name}", If_None_Match=seen).status_code == 304
    assert bob.patch(f"/goals/{name}", {"why": "first"}, If_Match=seen).status_code == 200
    late = bob.patch(f"/goals/{name}", {"why": "second"}, If_Match=seen)
    assert late.status_code == 412 and Goal.objects.get().why == "first"


def test_each_token_has_its_own_minute(bob, program, company, settings, monkeypatch):
    settings.API_RATE = 3
    monkeypatch.setattr(rate, "_counts", {})
    monkeypatch.setattr(rate.time, "time", lambda: 1_800_000_030.0)
    assert [bob.get("/me").status_code for _ in range(4)] == [200, 200, 200, 429]
    refused = bob.get("/me")
    assert refused.headers["Retry-After"] == "30" and refused.headers["Content-Type"] == PROBLEM
    assert program(company.bob).get("/me").status_code == 200
    monkeypatch.setattr(rate.time, "time", lambda: 1_800_000_061.0)
    assert bob.get("/me").status_code == 200


def test_strangers_have_a_minute_too(company, settings, monkeypatch):
    settings.API_RATE = 3
    monkeypatch.setattr(rate, "_counts", {})
    monkeypatch.setattr(rate.time, "time", lambda: 1_800_000_030.0)
    wrong = Client(headers={"Authorization": "Bearer x"})
    assert [wrong.get("/api/goals").status_code for _ in range(4)] == [401, 401, 401, 429]
    assert Client().get("/api/openapi.json").status_code == 429


def test_a_finding_is_judged_and_acted_on(bob, kpi):
    found = made.finding(kpi.metric)
    shown = bob.get(f"/findings/{found.pk}").json()
    assert shown["causes"] and shown["plays"] and shown["metric"] == "revenue"
    assert bob.post(f"/findings/{found.pk}/judge", {"state": "explained"}).status_code == 422
    assert (
        bob.post(f"/findings/{found.pk}/judge", {"state": "explained", "note": "a sale"}).json()["state"] == "explained"
    )
    action = {"title": "Call", "due": "2199-01-01", "owner": "carol@example.com"}
    made_ = bob.post(f"/findings/{found.pk}/actions", action)
    assert made_.status_code == 201 and Finding.objects.get().state == "action"
    assert bob.post(f"/actions/{made_.json()['id']}/done").json()["done_at"]


def test_a_file_is_uploaded_looked_at_and_imported(bob, company):
    file = (
        '--b\r\nContent-Disposition: form-data; name="file"; filename="orders.csv"\r\n\r\n'
        + made.ORDERS
        + "\r\n--b--\r\n"
    )
    staged = bob.post("/imports", file.encode(), Content_Type="multipart/form-data; boundary=b")
    assert staged.status_code == 201, staged.content
    pk = staged.json()["id"]
    assert staged.json()["table"] == "orders" and staged.json()["mapping"]["columns"]
    assert bob.patch(f"/imports/{pk}", {"table": "shop"}).json()["table"] == "shop"
    assert bob.post(f"/imports/{pk}/confirm").json()["state"] == "queued"
    assert bob.get(f"/imports/{pk}").json()["state"] == "done"
    assert bob.get("/tables/shop").json()["rows"] == 6
    assert bob.get(f"/imports/{pk}/quarantine").status_code == 404


def test_a_connection_never_tells_its_password(program, company):
    made.connection()
    alice = program(company.alice)
    said = alice.get("/connections").content.decode() + alice.get("/connections/warehouse").content.decode()
    assert made.CANARY not in said and '"kept"' in said
    assert alice.patch("/connections/warehouse", {"host": "127.0.0.2"}).status_code == 422
    changed = alice.patch("/connections/warehouse", {"seconds": 5})
    assert changed.status_code == 200 and made.CANARY not in changed.content.decode()


def test_the_definitions_go_out_and_come_in_again(program, company, kpi):
    alice = program(company.alice)
    text = alice.get("/definition").content.decode()
    assert "revenue" in text
    again = alice.post("/definition", {"yaml": text}).json()
    assert {step["verb"] for step in again["steps"]} == {"keep"}
    dry = alice.post("/definition?dry_run=true", {"yaml": text.replace("매출을 키운다", "매출을 더 키운다")}).json()
    assert [step["kind"] for step in dry["steps"] if step["verb"] == "change"] == ["goal"]
    assert Goal.objects.get().title == "매출을 키운다"
    wrong = alice.post("/definition", {"yaml": "goals: [{name: x}]"})
    assert wrong.status_code == 422 and wrong.json()["errors"][0]["where"]


def test_people_teams_and_sheets(program, company):
    alice, mina = program(company.alice), program(company.mina)
    invited = alice.post("/people", {"email": "dave@example.com", "name": "Dave"}).json()
    assert "/invite/" in invited["link"]
    assert alice.patch("/people/dave@example.com", {"role": "editor"}).json()["role"] == "editor"
    assert alice.delete("/people/dave@example.com").status_code == 204
    team = {"label": "Sales", "name": "sales", "lead": "bob@example.com", "members": ["mina@example.com"]}
    assert alice.post("/teams", team).json()["members"] == ["mina@example.com"]
    sheet = {
        "name": "s",
        "person": "mina@example.com",
        "lead": "bob@example.com",
        "start": "2026-01-01",
        "due": "2026-12-31",
    }
    assert mina.post("/sheets", sheet).status_code == 201
    items = [{"label": "Learn", "weight": 100}]
    assert mina.post("/sheets/s/proposals", {"items": items}).json()["state"] == "proposed"
    assert mina.post("/sheets/s/decision", {"agree": True}).status_code == 403
    decided = program(company.bob).post("/sheets/s/decision", {"agree": True})
    assert decided.json()["versions"][0]["state"] == "agreed"


def test_an_objective_with_its_check_ins(bob):
    bob.post("/goals", GOAL | {"name": "o", "framework": "okr"})
    assert bob.post("/key-results", {"goal": "o", "label": "Ship it", "name": "ship"}).status_code == 201
    said = bob.post("/key-results/ship/check-ins", {"confidence": 7, "progress": 0.5})
    assert said.status_code == 201 and said.json()["author"] == "bob@example.com"
    assert bob.get("/key-results/ship/check-ins").json()["items"][0]["confidence"] == 7


def test_a_status_is_seen_differently_until_a_day(bob, kpi):
    assert bob.get(f"/kpis/{kpi.name}/overrides").json() == []
    bad = bob.post(f"/kpis/{kpi.name}/overrides", {"status": "on_pace", "reason": "x", "until": "2020-01-01"})
    assert bad.status_code == 422


def test_numbers_in_json_are_numbers(bob, kpi):
    json.loads(bob.get("/scorecard").content, parse_constant=pytest.fail)
    assert Kpi.objects.count() == 1


def test_a_forecast_is_told_with_its_intervals(bob, kpi, monkeypatch):
    from nachim.web.api import scorecard

    class Fan:
        periods, middle = [type("P", (), {"key": "2026-04-01"})], [1.0]
        intervals = {50: [(0.5, 1.5)], 80: [(0.0, 2.0)], 95: [(-1.0, 3.0)]}

    made_ = type("Drawn", (), {"reliable": True, "doubt": None})
    monkeypatch.setattr(scorecard, "of_kpi", lambda *_: (None, made_))
    monkeypatch.setattr(scorecard, "fan", lambda *_: Fan)
    said = bob.get(f"/kpis/{kpi.name}/forecast").json()
    assert said["periods"][0]["intervals"]["80"] == {"low": 0.0, "high": 2.0}


@pytest.fixture
def apps(company, orders):
    """Lena leads a team that sees the rows of the app alone; revenue is cut by channel."""
    team = teams.save_team(company.bob, label="앱", lead=company.lena, slice={"채널": "앱"})
    goal = made.goal(company.bob, owner=company.bob, teams=[team])
    kpi = made.kpi(company.bob, goal, made.revenue(), teams=[team])
    refresh.refresh()
    return kpi


def test_who_sees_a_slice_reads_its_numbers_and_nothing_of_the_whole(program, company, bob, apps):
    lena = program(company.lena)
    whole = bob.get(f"/kpis/{apps.name}/observations").json()["items"]
    assert [one["value"] for one in whole][:2] == [30000.0, 13000.0]
    assert lena.get(f"/kpis/{apps.name}/observations").json()["items"] == []
    parts = lena.get(f"/kpis/{apps.name}/observations?dim=채널").json()["items"]
    assert {one["part"] for one in parts} == {"앱"} and parts[0]["value"] == 10000.0
    row = lena.get("/scorecard").json()["items"][0]
    assert row["closed"]["value"] == 5000.0 and row["expected"] is None and row["part"] == "앱"
    assert lena.get(f"/kpis/{apps.name}/targets").json() == lena.get(f"/kpis/{apps.name}/overrides").json() == []
    assert lena.get(f"/kpis/{apps.name}/forecast").json()["periods"] == []
    assert lena.get("/query?metric=revenue").status_code == 403 and lena.get("/tables").status_code == 403
    assert lena.post(f"/kpis/{apps.name}/targets", {"spec": {"kind": "keep"}}).status_code == 403
    said = lena.get(f"/kpis/{apps.name}/scorecard").json()
    assert {point["value"] for point in said["points"]} <= {10000.0, 5000.0, 7000.0, None}


def test_a_broken_guardrail_is_named(bob, company, orders):
    orders_ = made.orders_metric()
    guard = [{"metric": orders_, "bound": "max", "level": 1.0}]
    made.kpi(company.bob, made.goal(company.bob), made.revenue(), guardrails=guard)
    refresh.refresh()
    row = bob.get("/scorecard").json()["items"][0]
    assert row["guardrails_broken"] == ["orders"]
