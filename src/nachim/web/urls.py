"""Every address. A new one needs its row in tests/web/access.py."""

from django.urls import path

from nachim.web.views import (
    company,
    connections,
    data,
    errors,
    findings,
    goals,
    health,
    kpi_page,
    kpis,
    metrics,
    people,
    session,
    settings,
    setup,
)

urlpatterns = [
    path("", company.page, name="company"),
    path("cards/<int:pk>/", company.card, name="card"),
    path("health/", health.page, name="health"),
    # in and out
    path("setup/<str:token>/", setup.page, name="setup"),
    path("invite/<str:token>/", session.accept, name="invite"),
    path("login/", session.login, name="login"),
    path("logout/", session.logout, name="logout"),
    # goals and KPIs
    path("goals/", goals.index, name="goals"),
    path("goals/new/", goals.new, name="goal-new"),
    path("goals/<int:pk>/", goals.page, name="goal"),
    path("goals/<int:pk>/edit/", goals.edit, name="goal-edit"),
    path("goals/<int:pk>/archive/", goals.archive, name="goal-archive"),
    path("goals/<int:pk>/kpis/new/", kpis.new, name="kpi-new"),
    path("kpis/<int:pk>/", kpi_page.page, name="kpi"),
    path("kpis/<int:pk>/body/", kpi_page.body, name="kpi-body"),
    path("kpis/<int:pk>/edit/", kpis.edit, name="kpi-edit"),
    path("kpis/<int:pk>/target/", kpis.target, name="kpi-target"),
    path("kpis/<int:pk>/archive/", kpis.archive, name="kpi-archive"),
    path("kpis/<int:pk>/data.csv", kpi_page.csv, name="kpi-csv"),
    # findings
    path("findings/", findings.index, name="findings"),
    path("findings/<int:pk>/", findings.page, name="finding"),
    path("findings/<int:pk>/judge/", findings.judge, name="finding-judge"),
    path("findings/<int:pk>/act/", findings.act, name="finding-act"),
    path("actions/<int:pk>/done/", findings.done, name="action-done"),
    path("events/new/", findings.event, name="event-new"),
    # metrics
    path("metrics/", metrics.index, name="metrics"),
    path("metrics/new/", metrics.new, name="metric-new"),
    path("metrics/suggested/", metrics.adopt, name="metric-adopt"),
    path("metrics/<int:pk>/", metrics.page, name="metric"),
    path("metrics/<int:pk>/edit/", metrics.edit, name="metric-edit"),
    path("metrics/<int:pk>/delete/", metrics.delete, name="metric-delete"),
    # data
    path("data/", data.index, name="data"),
    path("data/upload/", data.upload, name="upload"),
    path("data/imports/<int:pk>/", data.run, name="import"),
    path("data/imports/<int:pk>/status/", data.status, name="import-status"),
    path("data/imports/<int:pk>/confirm/", data.confirm, name="import-confirm"),
    path("data/imports/<int:pk>/cancel/", data.cancel, name="import-cancel"),
    path("data/imports/<int:pk>/quarantine.csv", data.quarantine, name="import-quarantine"),
    path("data/tables/<int:pk>/", data.table, name="table"),
    path("data/tables/<int:pk>/edit/", data.table_edit, name="table-edit"),
    # settings
    path("settings/", settings.page, name="settings"),
    path("settings/me/", settings.me, name="me"),
    path("settings/people/invite/", people.invite, name="people-invite"),
    path("settings/people/<int:pk>/role/", people.role, name="people-role"),
    path("settings/people/<int:pk>/remove/", people.remove, name="people-remove"),
    path("settings/connections/new/", connections.new, name="connection-new"),
    path("settings/connections/<int:pk>/", connections.edit, name="connection-edit"),
    path("settings/connections/<int:pk>/test/", connections.test, name="connection-test"),
    path("settings/connections/<int:pk>/remove/", connections.remove, name="connection-remove"),
    path("settings/audit/", settings.audit, name="audit"),
]
# /events, the live stream, is answered by web/asgi.py before Django sees it.

handler400 = errors.bad_request
handler403 = errors.forbidden
handler404 = errors.not_found
handler500 = errors.server_error
