"""Who may open what, reviewed by people: the status each role gets at each address.

A column a role. A row says one answer where it is the same for whosever thing it is; else of a thing of one's own team
(`own`: Lena leads it, Mina is in it and owns it), of another team (`other`), and of no team (`common`).
Outsiders get 404 and strangers are sent to the login everywhere but at the OPEN addresses.
An empty form is sent with POST: 422 says it was read and found wanting, 302 that it was done.
"""

ROLES = ("owner", "admin", "lead", "editor", "member", "viewer", "auditor")
WHOSE = ("own", "other", "common")
SEE = (200, 200, 200, 200, 200, 200, 200)
NOT_SO = (405, 405, 405, 405, 405, 405, 405)
SET = (200, 200, 200, 200, 403, 403, 403)
SET_FORM = (422, 422, 422, 422, 403, 403, 403)
SET_DONE = (302, 302, 302, 302, 403, 403, 403)
EDIT = (200, 200, 403, 200, 403, 403, 403)
EDIT_FORM = (422, 422, 403, 422, 403, 403, 403)
EDIT_DONE = (302, 302, 403, 302, 403, 403, 403)
RAW = (200, 200, 403, 200, 403, 200, 200)
KEEP = (200, 200, 403, 403, 403, 403, 403)
KEEP_FORM = (422, 422, 403, 403, 403, 403, 403)
KEEP_DONE = (302, 302, 403, 403, 403, 403, 403)
ANY_FORM = (422, 422, 422, 422, 422, 422, 422)
ANY_DONE = (302, 302, 302, 302, 302, 302, 302)
# What a lead may do to the things of their own team, and to no others.
SIGHT = {"own": SEE, "other": (200, 200, 404, 200, 404, 200, 200), "common": SEE}
LED = {"own": SET, "other": (200, 200, 404, 200, 403, 403, 403), "common": EDIT}
LED_FORM = {"own": SET_FORM, "other": (422, 422, 404, 422, 403, 403, 403), "common": EDIT_FORM}
LED_DONE = {"own": SET_DONE, "other": (302, 302, 404, 302, 403, 403, 403), "common": EDIT_DONE}
# What is a person's alone: Mina's, Bob's and Carol's.
MINE_DONE = {
    "own": (404, 404, 404, 404, 302, 404, 404),
    "other": (404, 404, 404, 302, 404, 404, 404),
    "common": (404, 404, 404, 404, 404, 302, 404),
}

ACCESS = {
    "company": {"GET": SEE},
    "now": {"GET": SEE},
    # Each person's own, told of what they see.
    "notices": {"GET": SEE},
    "bell": {"GET": SEE},
    "notice-read": {"GET": NOT_SO, "POST": ANY_DONE},
    # Each their own, as far as the permission of the act goes: test_undo.py.
    "undo": {"GET": NOT_SO, "POST": ANY_DONE},
    "card": {"GET": SIGHT},
    "bowler": {"GET": SEE},
    "search": {"GET": SEE},
    "record": {"GET": SEE},
    "goals": {"GET": SEE},
    "goal-stage": {"GET": SEE},
    "goal": {"GET": SIGHT},
    "goal-new": {"GET": SET, "POST": SET_FORM},
    "goal-start": {"GET": EDIT},
    "goal-check": {"GET": EDIT},
    "goal-kpis": {"GET": EDIT_DONE, "POST": EDIT_DONE},
    "goal-edit": {"GET": LED, "POST": LED_FORM},
    "goal-archive": {"GET": NOT_SO, "POST": LED_DONE},
    "kpi-new": {"GET": LED, "POST": LED_FORM},
    "kpi": {"GET": SIGHT},
    "kpi-body": {"GET": SIGHT},
    "kpi-csv": {"GET": SIGHT},
    "kpi-edit": {"GET": LED, "POST": LED_FORM},
    "kpi-target": {"GET": LED, "POST": LED_FORM},
    "kpi-odds": {"GET": LED},
    "kpi-override": {"GET": NOT_SO, "POST": LED_FORM},
    "kpi-archive": {"GET": NOT_SO, "POST": LED_DONE},
    "findings": {"GET": SEE},
    "finding": {"GET": SIGHT},
    "finding-judge": {"GET": NOT_SO, "POST": LED_FORM},
    "finding-act": {
        "GET": NOT_SO,
        "POST": {
            "own": (422, 422, 422, 422, 422, 403, 403),
            "other": (422, 422, 404, 422, 404, 403, 403),
            "common": (422, 422, 422, 422, 422, 403, 403),
        },
    },
    "action-done": {
        "GET": NOT_SO,
        "POST": {
            "own": (302, 302, 302, 302, 302, 403, 403),
            "other": (302, 302, 404, 302, 404, 403, 403),
            "common": EDIT_DONE,
        },
    },
    "event-new": {"GET": NOT_SO, "POST": SET_FORM},
    "playbook": {"GET": SEE},
    "playbook-edit": {"GET": EDIT, "POST": EDIT_FORM},
    "playbook-remove": {"GET": NOT_SO, "POST": EDIT_DONE},
    "channels": {"GET": KEEP},
    "channel-budget": {"GET": NOT_SO, "POST": KEEP_FORM},
    "channel-new": {"GET": KEEP, "POST": KEEP_FORM},
    "channel": {"GET": KEEP, "POST": KEEP_FORM},
    "channel-test": {"GET": NOT_SO, "POST": KEEP_DONE},
    "channel-remove": {"GET": NOT_SO, "POST": KEEP_DONE},
    "goal-tree": {
        "GET": SIGHT,
        "POST": {"own": SET_DONE, "other": (302, 302, 404, 302, 404, 403, 403), "common": EDIT_DONE},
    },
    "kpi-history": {"GET": SIGHT},
    "map": {"GET": SEE},
    "map-drivers": {"GET": NOT_SO, "POST": EDIT_FORM},
    "driver-remove": {"GET": NOT_SO, "POST": EDIT_DONE},
    "kinds": {"GET": SEE},
    "okr": {"GET": SEE},
    "result-new": {"GET": LED, "POST": LED_FORM},
    "result-edit": {"GET": LED, "POST": LED_FORM},
    "result-check": {
        "GET": {
            "own": (200, 200, 200, 200, 200, 403, 403),
            "other": (200, 200, 404, 200, 404, 403, 403),
            "common": EDIT,
        },
        "POST": {
            "own": (422, 422, 422, 422, 422, 403, 403),
            "other": (422, 422, 404, 422, 404, 403, 403),
            "common": EDIT_FORM,
        },
    },
    "result-archive": {"GET": NOT_SO, "POST": LED_DONE},
    "sheets": {"GET": SEE},
    "sheet-new": {"GET": (200, 200, 200, 200, 200, 403, 403), "POST": (422, 422, 422, 422, 422, 403, 403)},
    "sheet": {
        "GET": {
            "own": (200, 200, 200, 404, 200, 404, 200),
            "other": (200, 200, 404, 200, 404, 404, 200),
            "common": (200, 200, 404, 404, 404, 200, 200),
        },
    },
    "sheet-change": {
        "GET": {
            "own": (200, 200, 200, 404, 200, 403, 403),
            "other": (200, 200, 404, 200, 404, 403, 403),
            "common": (200, 200, 404, 404, 404, 403, 403),
        },
        "POST": {
            "own": (422, 422, 422, 404, 422, 403, 403),
            "other": (422, 422, 404, 422, 404, 403, 403),
            "common": (422, 422, 404, 404, 404, 403, 403),
        },
    },
    "sheet-decide": {
        "GET": NOT_SO,
        "POST": {
            "own": (403, 403, 302, 404, 403, 403, 403),
            "other": (302, 403, 404, 403, 404, 403, 403),
            "common": (302, 403, 404, 404, 404, 403, 403),
        },
    },
    "teams": {"GET": SEE},
    "team-new": {"GET": EDIT, "POST": EDIT_FORM},
    "team-edit": {"GET": EDIT, "POST": EDIT_FORM},
    "team-archive": {"GET": NOT_SO, "POST": EDIT_DONE},
    "metrics": {"GET": SEE},
    "metric": {"GET": SIGHT},
    "metric-new": {"GET": EDIT, "POST": EDIT_FORM},
    "metric-adopt": {"GET": NOT_SO, "POST": EDIT_DONE},
    "catalogue": {"GET": EDIT, "POST": EDIT_DONE},
    "metric-edit": {"GET": EDIT, "POST": EDIT_FORM},
    "metric-delete": {"GET": NOT_SO, "POST": EDIT_DONE},
    # Whoever owns a KPI on it, the lead of its team, and editors.
    "metric-values": {
        "GET": {
            "own": (200, 200, 200, 200, 200, 403, 403),
            "other": (200, 200, 404, 200, 404, 403, 403),
            "common": EDIT,
        },
        "POST": {
            "own": (302, 302, 302, 302, 302, 403, 403),
            "other": (302, 302, 404, 302, 404, 403, 403),
            "common": EDIT_DONE,
        },
    },
    "data": {"GET": RAW},
    "upload": {"GET": EDIT, "POST": EDIT_FORM},
    "import": {"GET": RAW},
    "import-status": {"GET": RAW},
    "import-confirm": {"GET": NOT_SO, "POST": EDIT_FORM},
    "import-cancel": {"GET": NOT_SO, "POST": EDIT_DONE},
    "import-quarantine": {"GET": RAW},
    "table": {"GET": RAW},
    "table-edit": {"GET": EDIT, "POST": EDIT_FORM},
    "settings": {"GET": KEEP, "POST": KEEP_FORM},
    "me": {"GET": SEE, "POST": ANY_FORM},
    # One's own, whatever anybody's role.
    "security": {"GET": SEE},
    "again": {"GET": SEE, "POST": ANY_FORM},
    "password": {"GET": NOT_SO, "POST": ANY_FORM},
    "app": {"GET": SEE, "POST": ANY_FORM},
    "passkey-new": {"GET": SEE, "POST": ANY_FORM},
    "factor-remove": {"GET": NOT_SO, "POST": MINE_DONE},
    # New codes are shown (200) to who has a second proof.
    "recovery": {"GET": NOT_SO, "POST": (302, 302, 302, 200, 200, 200, 302)},
    "devices-end": {"GET": NOT_SO, "POST": ANY_DONE},
    "device-end": {"GET": NOT_SO, "POST": MINE_DONE},
    # Who somebody is, everybody knows; what is theirs is shown as far as the reader sees it.
    "person": {"GET": SEE},
    "person-team": {"GET": NOT_SO, "POST": EDIT_FORM},
    "person-confine": {"GET": NOT_SO, "POST": KEEP_DONE},
    "person-link": {"GET": NOT_SO, "POST": KEEP_DONE},
    "person-sign-out": {"GET": NOT_SO, "POST": KEEP_DONE},
    "people-csv": {"GET": KEEP},
    "people-file": {"GET": KEEP, "POST": KEEP_FORM},
    "people-invite": {"GET": NOT_SO, "POST": KEEP_FORM},
    "people-role": {"GET": NOT_SO, "POST": KEEP_DONE},
    "people-remove": {"GET": NOT_SO, "POST": KEEP_DONE},
    "connection-new": {"GET": KEEP, "POST": KEEP_FORM},
    "connection-edit": {"GET": KEEP, "POST": KEEP_FORM},
    "connection-test": {"GET": NOT_SO, "POST": KEEP_DONE},
    "connection-remove": {"GET": NOT_SO, "POST": KEEP_DONE},
    "api": {"GET": SEE},
    "screens": {"GET": (200, 200, 200, 403, 403, 403, 403), "POST": (422, 422, 422, 403, 403, 403, 403)},
    # Lena's, Adam's and Alice's: nobody else may have one.
    "screen-revoke": {
        "GET": NOT_SO,
        "POST": {
            "own": (302, 302, 302, 403, 403, 403, 403),
            "other": (302, 302, 404, 403, 403, 403, 403),
            "common": (302, 302, 404, 403, 403, 403, 403),
        },
    },
    "tokens": {"GET": SEE, "POST": ANY_FORM},
    "token-revoke": {
        "GET": NOT_SO,
        "POST": {
            "own": (302, 404, 404, 404, 302, 404, 404),
            "other": (302, 404, 404, 302, 404, 404, 404),
            "common": (302, 404, 404, 404, 404, 302, 404),
        },
    },
    "audit": {"GET": (200, 200, 403, 403, 403, 403, 200)},
    "audit-csv": {"GET": (200, 200, 403, 403, 403, 403, 200)},
}

# Addresses for people who are not signed in: (GET, POST) as a stranger.
OPEN = {
    "health": (200, None),
    "health-metrics": (404, None),  # to this machine or with the token: test_health.py
    "worker": (200, 405),
    "tv": (200, 405),  # what its maker sees: test_screens.py
    "login": (200, 422),
    "second": (302, 302),  # nobody is half in
    "passkey": (200, 422),
    "sso": (404, 404),  # not set up
    "sso-back": (404, 404),
    "logout": (405, 302),
    "setup": (200, 422),
    "invite": (200, 422),
}
