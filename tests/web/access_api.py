"""Who may do what over the API, reviewed by people: the permission of each operation, and its status for each role.

Columns and rows read as in tests/web/access.py. An empty object is sent, or what SENT says: 422 says it was read and
found wanting. Strangers get 401, outsiders 404.
"""

from tests.web.access import EDIT, EDIT_FORM, KEEP, KEEP_FORM, LED, LED_FORM, RAW, SEE, SET_FORM, SIGHT

# What is sent where an empty object would not come as far as whose the thing is.
SENT = {
    "POST /sheets/{name}/proposals": {"items": [{"label": "x", "weight": 100}]},
    "POST /sheets/{name}/decision": {"agree": True},
    "POST /key-results/{name}/check-ins": {"confidence": 5},
    "POST /key-results": {"goal": "$goal", "label": "x"},
    "POST /kpis": {"goal": "$goal", "metric": "$metric"},
    "POST /kpis/{name}/targets": {"spec": {"kind": "none"}},
    "POST /kpis/{name}/odds": {"spec": {"kind": "none"}},
    "POST /kpis/{name}/overrides": {"status": "on_pace", "reason": "x", "until": "2199-01-01"},
    "POST /metrics/{name}/values": {"values": [{"period": "2026-01", "value": 1}]},
    "POST /findings/{id}/judge": {"state": "acknowledged"},
    "POST /findings/{id}/actions": {"title": "x", "due": "2199-01-01", "owner": "mina@example.com"},
}

KEEP_GONE = (204, 204, 403, 403, 403, 403, 403)
EDIT_GONE = (204, 204, 403, 204, 403, 403, 403)
SET_GONE = (204, 204, 204, 204, 403, 403, 403)

# method path: (permission, statuses by role)
ACCESS: dict[str, tuple] = {
    "GET /actions": ("company.view", SEE),
    "POST /actions/{id}/done": (
        "action.edit",
        {
            "own": (200, 200, 200, 200, 200, 403, 403),
            "other": (200, 200, 404, 200, 404, 403, 403),
            "common": EDIT,
        },
    ),
    "GET /audit": ("audit.view", (200, 200, 403, 403, 403, 403, 200)),
    "GET /calendar": ("company.view", SEE),
    "POST /calendar": ("event.edit", SET_FORM),
    "GET /company": ("company.view", SEE),
    "PATCH /company": ("workspace.edit", KEEP),
    "GET /connections": ("connection.edit", KEEP),
    "POST /connections": ("connection.edit", KEEP_FORM),
    "DELETE /connections/{name}": ("connection.edit", KEEP_GONE),
    "GET /connections/{name}": ("connection.edit", KEEP),
    "PATCH /connections/{name}": ("connection.edit", KEEP),
    "POST /connections/{name}/test": ("connection.edit", KEEP),
    "GET /definition": ("definition.apply", KEEP),
    "POST /definition": ("definition.apply", KEEP_FORM),
    "GET /drivers": ("company.view", SEE),
    "POST /drivers": ("driver.edit", EDIT_FORM),
    "DELETE /drivers/{id}": ("driver.edit", EDIT_GONE),
    "GET /events/{table}": ("data.view", RAW),
    "POST /events/{table}": ("data.ingest", (400, 400, 403, 400, 403, 403, 403)),
    "GET /findings": ("company.view", SEE),
    "GET /findings/{id}": ("company.view", SIGHT),
    "POST /findings/{id}/actions": (
        "action.edit",
        {
            "own": (201, 201, 201, 201, 201, 403, 403),
            "other": (201, 201, 404, 201, 404, 403, 403),
            "common": (201, 201, 201, 201, 201, 403, 403),
        },
    ),
    "POST /findings/{id}/judge": ("finding.edit", LED),
    "GET /goals": ("company.view", SEE),
    "POST /goals": ("goal.edit", SET_FORM),
    "GET /goals/{name}": ("company.view", SIGHT),
    "PATCH /goals/{name}": ("goal.edit", LED),
    "POST /goals/{name}/archive": ("goal.edit", LED),
    "POST /goals/{name}/restore": ("goal.edit", (404, 404, 404, 404, 403, 403, 403)),
    "GET /imports": ("data.view", RAW),
    "POST /imports": ("data.import", EDIT_FORM),
    "GET /imports/{id}": ("data.view", RAW),
    "PATCH /imports/{id}": ("data.import", EDIT_FORM),
    "POST /imports/{id}/cancel": ("data.import", EDIT),
    "POST /imports/{id}/confirm": ("data.import", EDIT),
    "GET /imports/{id}/quarantine": ("data.view", RAW),
    "GET /key-results": ("company.view", SEE),
    "POST /key-results": ("goal.edit", {"own": SET_FORM, "other": SET_FORM, "common": EDIT_FORM}),
    "DELETE /key-results/{name}": (
        "goal.edit",
        {
            "own": SET_GONE,
            "other": (204, 204, 404, 204, 403, 403, 403),
            "common": EDIT_GONE,
        },
    ),
    "GET /key-results/{name}": ("company.view", SIGHT),
    "PATCH /key-results/{name}": ("goal.edit", LED),
    "GET /key-results/{name}/check-ins": ("company.view", SIGHT),
    "POST /key-results/{name}/check-ins": (
        "checkin.add",
        {
            "own": (201, 201, 201, 201, 201, 403, 403),
            "other": (201, 201, 404, 201, 404, 403, 403),
            "common": (201, 201, 403, 201, 403, 403, 403),
        },
    ),
    "GET /kpis": ("company.view", SEE),
    "POST /kpis": (
        "kpi.edit",
        {
            "own": (201, 201, 201, 201, 403, 403, 403),
            "other": (201, 201, 422, 201, 403, 403, 403),
            "common": (201, 201, 403, 201, 403, 403, 403),
        },
    ),
    "GET /kpis/{name}": ("company.view", SIGHT),
    "PATCH /kpis/{name}": ("kpi.edit", LED),
    "POST /kpis/{name}/archive": ("kpi.edit", LED),
    "GET /kpis/{name}/forecast": ("company.view", SIGHT),
    "GET /kpis/{name}/observations": ("company.view", SIGHT),
    "GET /kpis/{name}/odds": ("company.view", SIGHT),
    "POST /kpis/{name}/odds": ("target.edit", LED_FORM),
    "DELETE /kpis/{name}/overrides": (
        "status.override",
        {
            "own": SET_GONE,
            "other": (204, 204, 404, 204, 403, 403, 403),
            "common": EDIT_GONE,
        },
    ),
    "GET /kpis/{name}/overrides": ("company.view", SIGHT),
    "POST /kpis/{name}/overrides": (
        "status.override",
        {
            "own": SET_FORM,
            "other": (201, 201, 404, 201, 403, 403, 403),
            "common": (201, 201, 403, 201, 403, 403, 403),
        },
    ),
    "POST /kpis/{name}/restore": ("kpi.edit", (404, 404, 404, 404, 403, 403, 403)),
    "GET /kpis/{name}/scorecard": ("company.view", SIGHT),
    "GET /kpis/{name}/targets": ("company.view", SIGHT),
    "POST /kpis/{name}/targets": ("target.edit", LED_FORM),
    "GET /me": ("company.view", SEE),
    "GET /catalogue": ("data.view", RAW),
    "POST /catalogue/{name}": ("metric.edit", (201, 201, 403, 201, 403, 403, 403)),
    "GET /metrics": ("company.view", SEE),
    "POST /metrics": ("metric.edit", EDIT_FORM),
    "DELETE /metrics/{name}": ("metric.edit", EDIT_FORM),
    "GET /metrics/{name}": ("company.view", SIGHT),
    "PATCH /metrics/{name}": ("metric.edit", EDIT),
    "GET /metrics/{name}/values": ("company.view", SIGHT),
    "POST /metrics/{name}/values": (
        "value.write",
        {
            "own": (200, 200, 200, 200, 200, 403, 403),
            "other": (200, 200, 404, 200, 404, 403, 403),
            "common": EDIT,
        },
    ),
    "GET /metrics/{name}/versions": ("company.view", SIGHT),
    "GET /odds/record": ("company.view", SEE),
    "GET /people": ("people.edit", KEEP),
    "POST /people/{email}/sign-out": ("people.edit", KEEP),
    "POST /people": ("people.edit", KEEP_FORM),
    "DELETE /people/{email}": ("people.edit", KEEP_GONE),
    "PATCH /people/{email}": ("people.edit", KEEP_FORM),
    "GET /query": ("data.view", RAW),
    "GET /scorecard": ("company.view", SEE),
    "GET /sheets": ("sheet.view", SEE),
    "POST /sheets": ("sheet.edit", (422, 422, 422, 422, 422, 403, 403)),
    "GET /sheets/{name}": (
        "sheet.view",
        {
            "own": (200, 200, 200, 404, 200, 404, 200),
            "other": (200, 200, 404, 200, 404, 404, 200),
            "common": (200, 200, 404, 404, 404, 200, 200),
        },
    ),
    "POST /sheets/{name}/decision": (
        "sheet.approve",
        {
            "own": (403, 403, 422, 404, 403, 403, 403),
            "other": (422, 403, 404, 403, 404, 403, 403),
            "common": (422, 403, 404, 404, 404, 403, 403),
        },
    ),
    "POST /sheets/{name}/proposals": (
        "sheet.edit",
        {
            "own": (201, 201, 201, 404, 201, 403, 403),
            "other": (201, 201, 404, 201, 404, 403, 403),
            "common": (201, 201, 404, 404, 404, 403, 403),
        },
    ),
    "GET /tables": ("data.view", RAW),
    "POST /tables": ("data.edit", EDIT_FORM),
    "GET /tables/{name}": ("data.view", RAW),
    "PATCH /tables/{name}": ("data.edit", EDIT),
    "GET /teams": ("company.view", SEE),
    "POST /teams": ("team.edit", EDIT_FORM),
    "DELETE /teams/{name}": ("team.edit", EDIT_GONE),
    "GET /teams/{name}": ("company.view", SIGHT),
    "PATCH /teams/{name}": ("team.edit", EDIT),
    "GET /tokens": ("token.edit", SEE),
    "DELETE /tokens/{prefix}": (
        "token.edit",
        {
            "own": (204, 404, 404, 404, 204, 404, 404),
            "other": (204, 404, 404, 204, 404, 404, 404),
            "common": (204, 404, 404, 404, 404, 204, 404),
        },
    ),
}
