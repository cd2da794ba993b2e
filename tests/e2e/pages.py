"""Every page a person can open on the demo, for the sweep."""

PAGES = [
    "/now/", "/", "/months/", "/odds/", "/kpis/1/", "/kpis/5/?grain=day", "/kpis/1/edit/", "/kpis/1/target/", "/goals/",
    "/goals/1/", "/goals/new/", "/goals/1/edit/",
    "/goals/1/kpis/new/", "/metrics/", "/metrics/1/", "/metrics/new/", "/metrics/1/edit/", "/data/", "/data/upload/",
    "/data/tables/1/",
    "/data/tables/1/edit/", "/data/imports/1/", "/settings/", "/settings/me/",
    "/settings/connections/new/", "/settings/audit/", "/nothing-here/",
    "/goals/start/?sentence=매출을 늘리자!",
    "/goals/start/kpis/?sentence=3개월 내 월 매출 15% 증가", "/goals/1/tree/", "/map/",
    "/map/?team=1", "/views/", "/views/?kind=operations", "/views/?kind=department", "/okr/", "/key-results/1/edit/",
    "/key-results/3/check-in/", "/goals/6/", "/goals/6/key-results/new/", "/sheets/", "/sheets/new/", "/sheets/1/",
    "/sheets/1/change/", "/teams/", "/teams/new/", "/teams/1/edit/", "/kpis/1/history/",
]  # fmt: skip
OPEN_PAGES = ["/login/", "/setup/wrong/", "/invite/wrong/"]
