"""Who may open what, reviewed by people: the status each role gets at each address.

The answer is the same for one's own objects and for another's, but where a row says both: {"own": …, "other": …}.
The own sheet and key result are Carol's, led by Bob; the others are Bob's, led by Alice.
Outsiders get 404 and strangers are sent to the login everywhere but at the OPEN addresses.
An empty form is sent with POST: 422 says it was read and found wanting, 302 that it was done.
"""

ROLES = ("owner", "editor", "viewer")
SEE = (200, 200, 200)
EDIT = (200, 200, 403)
OWN = (200, 403, 403)
FORM = (422, 422, 403)
DONE = (302, 302, 403)
NOT_SO = (405, 405, 405)

ACCESS = {
    "company": {"GET": SEE},
    "card": {"GET": SEE},
    "bowler": {"GET": SEE},
    "record": {"GET": SEE},
    "goals": {"GET": SEE},
    "goal": {"GET": SEE},
    "goal-new": {"GET": EDIT, "POST": FORM},
    "goal-start": {"GET": EDIT},
    "goal-check": {"GET": EDIT},
    "goal-kpis": {"GET": (302, 302, 403), "POST": DONE},
    "goal-edit": {"GET": EDIT, "POST": FORM},
    "goal-archive": {"GET": NOT_SO, "POST": DONE},
    "kpi-new": {"GET": EDIT, "POST": FORM},
    "kpi": {"GET": SEE},
    "kpi-body": {"GET": SEE},
    "kpi-csv": {"GET": SEE},
    "kpi-edit": {"GET": EDIT, "POST": FORM},
    "kpi-target": {"GET": EDIT, "POST": FORM},
    "kpi-odds": {"GET": EDIT},
    "kpi-override": {"GET": NOT_SO, "POST": FORM},
    "kpi-archive": {"GET": NOT_SO, "POST": DONE},
    "findings": {"GET": SEE},
    "finding": {"GET": SEE},
    "finding-judge": {"GET": NOT_SO, "POST": FORM},
    "finding-act": {"GET": NOT_SO, "POST": FORM},
    "action-done": {"GET": NOT_SO, "POST": DONE},
    "event-new": {"GET": NOT_SO, "POST": FORM},
    "playbook": {"GET": SEE},
    "playbook-edit": {"GET": EDIT, "POST": FORM},
    "playbook-remove": {"GET": NOT_SO, "POST": (404, 302, 403)},  # the owner asks last, and finds it gone
    "channels": {"GET": OWN},
    "channel-budget": {"GET": NOT_SO, "POST": (422, 403, 403)},
    "channel-new": {"GET": OWN, "POST": (422, 403, 403)},
    "channel": {"GET": OWN, "POST": (422, 403, 403)},
    "channel-test": {"GET": NOT_SO, "POST": (302, 403, 403)},
    "channel-remove": {"GET": NOT_SO, "POST": (302, 403, 403)},
    "goal-tree": {"GET": SEE, "POST": DONE},
    "kpi-history": {"GET": SEE},
    "map": {"GET": SEE},
    "map-drivers": {"GET": NOT_SO, "POST": FORM},
    "driver-remove": {"GET": NOT_SO, "POST": (404, 302, 403)},  # the owner asks last, and finds it gone
    "kinds": {"GET": SEE},
    "okr": {"GET": SEE},
    "result-new": {"GET": EDIT, "POST": FORM},
    "result-edit": {"GET": EDIT, "POST": FORM},
    "result-check": {"GET": {"own": SEE, "other": EDIT}, "POST": {"own": (422, 422, 422), "other": FORM}},
    "result-archive": {"GET": NOT_SO, "POST": DONE},
    "sheets": {"GET": SEE},
    "sheet-new": {"GET": SEE, "POST": (422, 422, 422)},
    "sheet": {"GET": {"own": SEE, "other": (200, 200, 404)}},
    "sheet-change": {
        "GET": {"own": SEE, "other": (200, 200, 404)},
        "POST": {"own": (422, 422, 422), "other": (422, 422, 404)},
    },
    "sheet-decide": {"GET": NOT_SO, "POST": {"own": (403, 302, 403), "other": (302, 403, 404)}},
    "teams": {"GET": SEE},
    "team-new": {"GET": EDIT, "POST": FORM},
    "team-edit": {"GET": EDIT, "POST": FORM},
    "team-archive": {"GET": NOT_SO, "POST": DONE},
    "metrics": {"GET": SEE},
    "metric": {"GET": SEE},
    "metric-new": {"GET": EDIT, "POST": FORM},
    "metric-adopt": {"GET": NOT_SO, "POST": DONE},
    "metric-edit": {"GET": EDIT, "POST": FORM},
    "metric-delete": {"GET": NOT_SO, "POST": DONE},
    "data": {"GET": SEE},
    "upload": {"GET": EDIT, "POST": FORM},
    "import": {"GET": SEE},
    "import-status": {"GET": SEE},
    "import-confirm": {"GET": NOT_SO, "POST": FORM},
    "import-cancel": {"GET": NOT_SO, "POST": DONE},
    "import-quarantine": {"GET": SEE},
    "table": {"GET": SEE},
    "table-edit": {"GET": EDIT, "POST": FORM},
    "settings": {"GET": OWN, "POST": (422, 403, 403)},
    "me": {"GET": SEE, "POST": (422, 422, 422)},
    "people-invite": {"GET": NOT_SO, "POST": (422, 403, 403)},
    "people-role": {"GET": NOT_SO, "POST": (302, 403, 403)},
    "people-remove": {"GET": NOT_SO, "POST": (302, 403, 403)},
    "connection-new": {"GET": OWN, "POST": (422, 403, 403)},
    "connection-edit": {"GET": OWN, "POST": (422, 403, 403)},
    "connection-test": {"GET": NOT_SO, "POST": (302, 403, 403)},
    "connection-remove": {"GET": NOT_SO, "POST": (302, 403, 403)},
    "audit": {"GET": OWN},
}

# Addresses for people who are not signed in: (GET, POST) as a stranger.
OPEN = {
    "health": (200, None),
    "login": (200, 422),
    "logout": (405, 302),
    "setup": (200, 422),
    "invite": (200, 422),
}
