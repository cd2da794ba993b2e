"""Goals."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from nachim.app import policy
from nachim.app.actions import goals as actions
from nachim.app.models import DriverEdge, Goal
from nachim.app.queries.okr import objectives
from nachim.app.queries.retire import candidates
from nachim.app.queries.scorecard import company, kpi_rows
from nachim.app.queries.stage import steps
from nachim.web import undo
from nachim.web.forms.fields import refused
from nachim.web.forms.goals import GoalForm, year_end
from nachim.web.person import page as guarded
from nachim.web.person import thing


@guarded("company.view")
def index(request):
    away = policy.visible(request.user, Goal.objects.exclude(archived_at=None).order_by("-archived_at"))
    context = {"nav": "goals", "goals": company(request.user), "away": away, "many": actions.TOO_MANY}
    return render(request, "goals/index.html", context)


@guarded("company.view")
def stage(request):
    """The part of the goals' page that may have to compute what no KPI keeps fresh."""
    return render(request, "goals/_stage.html", {"steps": steps(request.user)})


@guarded("company.view")
def page(request, pk):
    goal = thing(request, Goal.objects.select_related("owner"), pk)
    mine = policy.visible(request.user, goal.kpis.all())
    away = mine.exclude(archived_at=None).select_related("metric")
    identities = policy.visible(request.user, DriverEdge.objects.filter(kind="identity", whole__kpis__goal=goal))
    objective = next(iter(objectives(request.user, [goal.pk])), None)
    rows = kpi_rows(mine, user=request.user)
    # Which of too many to do without: the three with most against them.
    retire = candidates([row.kpi for row in rows])[:3] if len(rows) > actions.TOO_MANY else []
    context = {
        "nav": "goals", "goal": goal, "rows": rows, "retire": retire, "away": away, "many": actions.TOO_MANY,
        "objective": objective, "tree": identities.first(),
    }  # fmt: skip
    return render(request, "goals/page.html", context)


@guarded("goal.edit")
def new(request):
    today = timezone.localdate()
    initial = {"start": today.replace(day=1), "due": year_end(today), "owner": request.user.pk}
    if request.GET.get("framework") in Goal.Framework.values:
        initial["framework"] = request.GET["framework"]
    return _form(request, None, initial)


@guarded("goal.edit")
def edit(request, pk):
    return _form(request, thing(request, Goal, pk), None)


@require_POST
@guarded("goal.edit")
def archive(request, pk):
    """Put a goal away, or bring it back."""
    goal = thing(request, Goal, pk)
    if "undo" in request.POST:
        actions.restore_goal(request.user, goal)
        messages.success(request, _("“%(goal)s” is back with its KPIs.") % {"goal": goal})
        return redirect("goal", pk)
    actions.archive_goal(request.user, goal)
    said = _("“%(goal)s” was put away with its KPIs. Nothing was deleted; it can be brought back below.")
    undo.offer(request, said % {"goal": goal}, "goal", pk=pk, at=str(goal.archived_at))
    return redirect("goals")


def _form(request, goal, initial):
    again = thing(request, Goal, goal.pk) if goal else None
    form = GoalForm(request.POST or None, initial=initial, instance=again, user=request.user)
    if request.method == "POST" and form.is_valid():
        try:
            saved = actions.save_goal(request.user, goal, **form.values)
        except ValidationError as error:
            refused(form, error)
        else:
            return redirect("goal", saved.pk)
    context = {"nav": "goals", "form": form, "goal": thing(request, Goal, goal.pk) if goal else None}
    return render(request, "goals/form.html", context, status=422 if form.errors else 200)
