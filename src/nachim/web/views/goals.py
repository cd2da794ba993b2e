"""Goals."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from nachim.app import policy
from nachim.app.actions import goals as actions
from nachim.app.models import Goal
from nachim.app.queries.scorecard import company, kpi_rows
from nachim.web.forms.fields import refused
from nachim.web.forms.goals import GoalForm, year_end
from nachim.web.person import page as guarded


@guarded("company.view")
def index(request):
    return render(request, "goals/index.html", {"nav": "goals", "goals": company(request.user), "many": actions.TOO_MANY})


@guarded("company.view")
def page(request, pk):
    goal = get_object_or_404(policy.visible(request.user, Goal.objects.select_related("owner")), pk=pk)
    rows = kpi_rows(goal.kpis.all())
    return render(request, "goals/page.html", {"nav": "goals", "goal": goal, "rows": rows, "many": actions.TOO_MANY})


@guarded("goal.edit")
def new(request):
    today = timezone.localdate()
    initial = {"start": today.replace(day=1), "due": year_end(today), "owner": request.user.pk}
    return _form(request, None, initial)


@guarded("goal.edit")
def edit(request, pk):
    return _form(request, get_object_or_404(Goal, pk=pk), None)


@require_POST
@guarded("goal.edit")
def archive(request, pk):
    goal = get_object_or_404(Goal, pk=pk, archived_at=None)
    actions.archive_goal(request.user, goal)
    messages.success(request, _("“%(goal)s” was put away with its KPIs. Nothing was deleted.") % {"goal": goal})
    return redirect("goals")


def _form(request, goal, initial):
    form = GoalForm(request.POST or None, initial=initial, instance=Goal.objects.get(pk=goal.pk) if goal else None)
    if request.method == "POST" and form.is_valid():
        try:
            saved = actions.save_goal(request.user, goal, **form.cleaned_data)
        except ValidationError as error:
            refused(form, error)
        else:
            return redirect("goal", saved.pk)
    return render(request, "goals/form.html", {"nav": "goals", "form": form, "goal": goal}, status=422 if form.errors else 200)
