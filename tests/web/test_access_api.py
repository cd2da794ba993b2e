"""Every operation of the API × role × ownership × scope, against the reviewed table. One without a row fails."""

import json

import pytest
from django.db import transaction
from django.test import Client
from django.utils.http import urlencode

from nachim.app import policy
from nachim.web.api.urls import api
from tests.web.access import ROLES, WHOSE
from tests.web.access_api import ACCESS, SENT
from tests.web.api import HANDLER, Program
from tests.web.test_access import PERSON, home, house  # noqa: F401

pytestmark = pytest.mark.django_db
OPERATIONS = {
    f"{method.upper()} {path.removeprefix('/api')}": one
    for path, methods in api.get_openapi_schema()["paths"].items()
    for method, one in methods.items()
}
NEEDED = {"GET /query": {"metric": "revenue"}}


def address(operation, house, who):  # noqa: F811
    """The path of a thing of the person's team, of another team, or of no team."""
    method, path = operation.split(" ")
    thing = getattr(house, who)
    names = {
        "goals": thing.goal.name, "key-results": thing.result.name, "kpis": thing.kpi.name, "teams": thing.team.name,
        "metrics": thing.metric.name, "tables": "orders", "events": "orders", "sheets": thing.sheet.name,
        "connections": thing.connection.name, "findings": thing.finding.pk, "actions": thing.action.pk,
        "imports": thing.run.pk, "drivers": thing.driver.pk, "people": thing.person.email, "tokens": thing.token.prefix,
        "catalogue": "repeat_purchase_rate",
    }  # fmt: skip
    kind = path.split("/")[1]
    if path.endswith("/values"):
        names["metrics"] = thing.written.name
    for part in ("{name}", "{id}", "{email}", "{prefix}", "{table}"):
        path = path.replace(part, str(names.get(kind, "")))
    query = urlencode(NEEDED.get(operation, {}))
    return method, f"/api{path}{'?' if query else ''}{query}"


def asked(client, operation, house, who, **headers):  # noqa: F811
    """The status of a request whose doings are taken back."""
    method, path = address(operation, house, who)
    thing, text = getattr(house, who), json.dumps(SENT.get(operation, {}))
    text = text.replace("$goal", thing.goal.name).replace("$metric", thing.metric.name)
    body = {"data": text, "content_type": "application/json"} if method in ("POST", "PATCH") else {}
    with transaction.atomic():
        answer = client.generic(method, path, headers=headers, **body)
        if answer.streaming:
            list(answer)  # a file is closed when it has been read; closing it by hand takes the connection along
        transaction.set_rollback(True)
    return answer.status_code


def browser(user=None):
    client = Client()
    client.handler = HANDLER
    if user is not None:
        client.force_login(user)
    return client


def test_every_operation_has_its_row_and_its_permission():
    assert set(OPERATIONS) == set(ACCESS)
    assert {name: one["x-permission"] for name, one in OPERATIONS.items()} == {
        name: row[0] for name, row in ACCESS.items()
    }


def test_each_role_at_things_of_its_team_of_another_and_of_none(house):  # noqa: F811
    wrong = {}
    for operation, (_permission, row) in ACCESS.items():
        for who in WHOSE:
            statuses = row[who] if isinstance(row, dict) else row
            for role, status in zip(ROLES, statuses, strict=True):
                found = asked(house.clients[PERSON[role]], operation, house, who)
                if found != status:
                    wrong[operation, who, role] = (found, status)
    assert wrong == {}


def test_outsiders_find_nothing_and_strangers_are_asked_who_they_are(house):  # noqa: F811
    outside, stranger = browser(house.company.mallory), browser()
    for operation in ACCESS:
        seen = [asked(client, operation, house, "own") for client in (outside, stranger)]
        assert (operation, seen) == (operation, [404, 401])


@pytest.mark.parametrize("scope", ["read", "write", "ingest"])
def test_a_token_opens_what_its_scope_carries(house, django_capture_on_commit_callbacks, scope):  # noqa: F811
    """Of the owner, who may everything: what is refused, the scope refuses."""
    program = Program(django_capture_on_commit_callbacks, house.company.alice, scope)
    bearer = {"Authorization": f"Bearer {program.secret}"}
    carried = policy.scope_of([scope])
    wrong = {}
    for operation, (permission, _row) in ACCESS.items():
        status = asked(browser(), operation, house, "own", **bearer)
        refused = permission not in carried
        if (status == 403) != refused and not (status == 403 and permission in ("sheet.approve", "checkin.add")):
            wrong[operation] = (status, permission)
    assert wrong == {}


def test_the_document_can_be_read_by_everybody_and_names_every_permission(db):
    answer = browser().get("/api/openapi.json")
    assert answer.status_code == 200 and json.loads(answer.content)["openapi"].startswith("3.")
    assert {one["x-permission"] for one in OPERATIONS.values()} <= set(policy.PERMISSIONS)
