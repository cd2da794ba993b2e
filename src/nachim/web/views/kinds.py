"""The same KPIs as each reader needs them: executives, operations, departments."""

from django.shortcuts import render
from django.utils.translation import gettext as _

from nachim.app import policy
from nachim.app.models import Kpi, Team
from nachim.app.queries.scorecard import kpi_rows
from nachim.core.status import Status
from nachim.web.forms.goals import FUNCTIONS
from nachim.web.person import page as guarded

KINDS = {"executive": Kpi.Level.STRATEGIC, "operations": Kpi.Level.OPERATIONAL, "department": Kpi.Level.FUNCTIONAL}
ORDER = list(Status)


@guarded("company.view")
def page(request):
    kind = request.GET.get("kind", "executive")
    kind = kind if kind in KINDS else "executive"
    kpis = policy.visible(request.user, Kpi.objects.filter(goal__archived_at=None).prefetch_related("teams"))
    if kind == "department":
        groups = _departments(request.user, kpi_rows(kpis, user=request.user), request.GET.get("of", ""))
    else:
        rows = kpi_rows(kpis.filter(level=KINDS[kind]), user=request.user)
        # Executives read what matters most to a goal first; operations what comes soonest.
        groups = _by_cadence(rows) if kind == "operations" else _by_goal(rows)
    shown = [(name, rows) for name, rows in groups if rows]
    context = {
        "nav": "goals", "kind": kind, "groups": shown, "of": request.GET.get("of", ""),
        "choices": _choices(request.user) if kind == "department" else [],
    }  # fmt: skip
    return render(request, "kinds/page.html", context)


def _by_goal(rows):
    goals = {row.kpi.goal_id: row.kpi.goal for row in rows}
    return [
        (goal.title, sorted((row for row in rows if row.kpi.goal_id == pk), key=lambda row: -row.loss))
        for pk, goal in goals.items()
    ]


def _by_cadence(rows):
    return [(cadence.label, [row for row in rows if row.kpi.cadence == cadence.value]) for cadence in Kpi.Cadence]


def _departments(user, rows, of: str):
    """By team where KPIs have teams, by function for the rest."""
    teams = policy.visible(user, Team.objects.filter(archived_at=None))
    groups = [(f"team-{team.pk}", team.label, [row for row in rows if team in row.kpi.teams.all()]) for team in teams]
    names = dict(FUNCTIONS)
    for key, name in names.items():
        if key:
            groups.append((key, name, [row for row in rows if row.kpi.function == key]))
    return [(name or _("Other"), some) for key, name, some in groups if of in ("", key)]


def _choices(user):
    teams = [(f"team-{team.pk}", team.label) for team in policy.visible(user, Team.objects.filter(archived_at=None))]
    used = set(policy.visible(user, Kpi.objects.filter(archived_at=None)).values_list("function", flat=True))
    return [("", _("All")), *teams, *((key, name) for key, name in FUNCTIONS if key and key in used)]
