"""Objectives, their key results and check-ins."""

from django.core.exceptions import PermissionDenied, ValidationError
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from nachim.app import policy
from nachim.app.actions import okr as actions
from nachim.app.models import Goal, KeyResult
from nachim.app.queries.okr import objectives
from nachim.web import undo
from nachim.web.forms.alignment import CheckInForm, KeyResultForm
from nachim.web.forms.fields import refused
from nachim.web.person import page as guarded
from nachim.web.person import thing


@guarded("company.view")
def index(request):
    return render(request, "okr/index.html", {"nav": "goals", "objectives": objectives(request.user)})


@guarded("goal.edit")
def new(request, pk):
    goal = thing(request, Goal, pk, archived_at=None)
    return _form(request, goal, None)


@guarded("goal.edit")
def edit(request, pk):
    one = thing(request, KeyResult.objects.select_related("goal"), pk)
    return _form(request, one.goal, one)


@require_POST
@guarded("goal.edit")
def archive(request, pk):
    one = thing(request, KeyResult, pk)
    actions.archive_key_result(request.user, one)
    said = _("“%(name)s” was put away. Its check-ins stay.") % {"name": one}
    undo.offer(request, said, "result", pk=pk, at=str(one.archived_at))
    return redirect("goal", one.goal_id)


@guarded("company.view")
def check_in(request, pk):
    """A minute a week: how sure, how far, what changed."""
    one = thing(request, KeyResult.objects.select_related("goal", "kpi__metric"), pk)
    if not policy.can(request.user, "checkin.add", one):
        raise PermissionDenied
    last = one.check_ins.first()
    initial = {"confidence": last.confidence, "progress": last.progress and last.progress * 100} if last else None
    form = CheckInForm(request.POST or None, initial=initial)
    if one.kpi_id is not None:
        del form.fields["progress"]
    if request.method == "POST" and form.is_valid():
        try:
            actions.check_in(request.user, one, **form.cleaned_data)
        except ValidationError as error:
            refused(form, error)
        else:
            return redirect("okr")
    context = {"nav": "goals", "one": one, "form": form, "said": one.check_ins.select_related("author")[:8]}
    return render(request, "okr/check_in.html", context, status=422 if form.errors else 200)


def _form(request, goal, one):
    again = thing(request, KeyResult, one.pk) if one else None
    form = KeyResultForm(request.POST or None, instance=again, user=request.user)
    if request.method == "POST" and form.is_valid():
        try:
            actions.save_key_result(request.user, one, goal=goal, **form.cleaned_data)
        except ValidationError as error:
            refused(form, error)
        else:
            return redirect("goal", goal.pk)
    context = {"nav": "goals", "goal": goal, "one": one, "form": form}
    return render(request, "okr/form.html", context, status=422 if form.errors else 200)
