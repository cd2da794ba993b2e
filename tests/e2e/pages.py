"""Every page a person can open on the demo, for the sweep."""

PAGES = [
    "/", "/kpis/1/", "/kpis/5/?grain=day", "/kpis/1/edit/", "/kpis/1/target/", "/goals/", "/goals/1/", "/goals/new/",
    "/goals/1/edit/",
    "/goals/1/kpis/new/", "/metrics/", "/metrics/1/", "/metrics/new/", "/metrics/1/edit/", "/data/", "/data/upload/",
    "/data/tables/1/",
    "/data/tables/1/edit/", "/data/imports/1/", "/settings/", "/settings/me/",
    "/settings/connections/new/", "/settings/audit/", "/nothing-here/",
]  # fmt: skip
OPEN_PAGES = ["/login/", "/setup/wrong/", "/invite/wrong/"]
