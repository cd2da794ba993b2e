"""The KPI map across teams, what drives what, and what does not fit together."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from nachim.app import policy
from nachim.app.actions import drivers as actions
from nachim.app.audit import fields
from nachim.app.language import spoken
from nachim.app.models import DriverEdge, Team
from nachim.app.queries.alignment import Alignment, alignment
from nachim.app.queries.leads import evidence
from nachim.core.number import format_value
from nachim.render.kpi_map import Link, Node, kpi_map
from nachim.web import undo
from nachim.web.forms.alignment import DriverForm
from nachim.web.forms.fields import refused
from nachim.web.person import page as guarded
from nachim.web.person import thing
from nachim.web.words import status_word


@guarded("company.view")
def page(request):
    return _page(request, None)


@require_POST
@guarded("driver.edit")
def driver_add(request):
    form = DriverForm(request.POST)
    if form.is_valid():
        fields = dict(form.cleaned_data)
        try:
            with transaction.atomic():
                edge = actions.save_edge(request.user, fields.pop("whole"), fields.pop("part"), **fields)
        except ValidationError as error:
            refused(form, error)
        else:
            messages.success(request, _("“%(edge)s” is on the map.") % {
                "edge": f"{edge.part.label} → {edge.whole.label}"
            })  # fmt: skip
            return redirect("map")
    return _page(request, form)


@require_POST
@guarded("driver.edit")
def driver_remove(request, pk):
    edge = thing(request, DriverEdge, pk)
    facts = {"whole": edge.whole_id, "part": edge.part_id, "fields": fields(edge, *actions.FIELDS)}
    actions.remove_edge(request.user, edge)
    undo.offer(request, _("The driver was taken away."), "driver", **facts)
    return redirect("map")


def _page(request, form):
    asked = request.GET.get("team", "")
    teams = policy.visible(request.user, Team.objects.filter(archived_at=None))
    team = teams.filter(pk=asked).first() if asked.isdigit() else None
    found = alignment(request.user, team=team)
    drawn = _drawn(found)
    shown = {row.kpi.metric_id for row in found.rows}
    leads = evidence(request.user)
    context = {
        "nav": "goals", "found": found, "team": team, "drawing": drawn, "leads": leads,
        "claims": {edge.pk: leads.pairs.get((edge.part.name, edge.whole.name), "") for edge in found.edges},
        "form": form or (DriverForm() if policy.can(request.user, "driver.edit") else None),
        "teams": teams, "aside": [
            edge for edge in found.edges if not {edge.whole_id, edge.part_id} <= shown
        ],
    }  # fmt: skip
    return render(request, "map/page.html", context, status=422 if form is not None and form.errors else 200)


def _drawn(found: Alignment) -> str:
    nodes, links = [], []
    by_metric: dict[int, str] = {}
    order = {goal.pk: at for at, goal in enumerate(found.goals)}
    for goal in found.goals:
        nodes.append(Node(f"g{goal.pk}", "goal", goal.title, url=reverse("goal", args=[goal.pk])))
    for row in sorted(found.rows, key=lambda one: order[one.kpi.goal_id]):
        kpi = row.kpi
        note = " · ".join(filter(None, [status_word(row.status), _value(row)]))
        key = f"k{kpi.pk}"
        nodes.append(Node(key, "kpi", str(kpi), note, row.status.value, reverse("kpi", args=[kpi.pk])))
        links.append(Link(f"g{kpi.goal_id}", key, "serves"))
        links += [Link(key, f"t{team.pk}", "answers") for team in kpi.teams.all()]
        if not kpi.slice:
            by_metric.setdefault(kpi.metric_id, key)
    links += [Link(f"g{one.goal_id}", f"k{one.kpi_id}", "serves") for one in found.results if one.kpi_id]
    linked = {link.other for link in links}
    for team in found.teams:
        used = f"t{team.pk}" in linked or any(team in goal.teams.all() for goal in found.goals)
        if used:
            nodes.append(Node(f"t{team.pk}", "team", team.label))
    for edge in found.edges:
        if edge.whole_id in by_metric and edge.part_id in by_metric:
            lag = ngettext("%(n)d day", "%(n)d days", edge.lag_days) % {"n": edge.lag_days} if edge.lag_days else ""
            label = " ".join(filter(None, ["−" if edge.direction == "down" else "", lag]))
            links.append(Link(by_metric[edge.whole_id], by_metric[edge.part_id], edge.kind, label))
    label = _("Map of %(goals)d goals, %(kpis)d KPIs and %(teams)d teams; the table below says the same.") % {
        "goals": len(found.goals), "kpis": len(found.rows), "teams": sum(node.kind == "team" for node in nodes),
    }  # fmt: skip
    return kpi_map(nodes, links, label=label).svg


def _value(row) -> str:
    return "" if row.closed is None else format_value(row.closed.value, row.unit, spoken(), compact=True)
