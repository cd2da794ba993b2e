"""Making and changing KPIs and their targets."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from nachim.app.actions import goals as actions
from nachim.app.models import Goal, Kpi, Metric
from nachim.app.work import later
from nachim.web.forms.fields import refused
from nachim.web.forms.goals import KpiForm, TargetForm
from nachim.web.person import page as guarded


@guarded("kpi.edit")
def new(request, pk):
    """A KPI and its target in one form: a KPI without a target says nothing."""
    goal = get_object_or_404(Goal, pk=pk, archived_at=None)
    metric = Metric.objects.filter(pk=request.POST.get("metric") or None).first() if request.POST.get("metric", "").isdigit() else Metric.objects.first()
    form = KpiForm(request.POST or None, initial={"owner": request.user.pk, "metric": metric and metric.pk})
    target = TargetForm(
        request.POST or None, prefix="target", unit=metric.unit if metric else "count",
        initial={"direction": metric.better if metric else "up", "start": goal.start, "due": goal.due},
    )  # fmt: skip
    if request.method == "POST" and form.is_valid() & target.is_valid():
        try:
            with transaction.atomic():
                kpi = actions.save_kpi(request.user, goal=goal, **form.values)
                actions.set_target(request.user, kpi, **target.values)
                later("nachim.jobs.tasks.refresh")
        except ValidationError as error:
            refused(target if _of(error, target) else form, error)
        else:
            messages.success(request, _("“%(kpi)s” was added. Its numbers are being computed.") % {"kpi": kpi})
            return redirect("company")
    context = {"nav": "goals", "goal": goal, "form": form, "target": target, "metrics": Metric.objects.exists(), "many": goal.kpis.filter(archived_at=None).count() >= actions.TOO_MANY}
    return render(request, "kpis/new.html", context, status=422 if form.errors or target.errors else 200)


@guarded("kpi.edit")
def edit(request, pk):
    kpi = get_object_or_404(Kpi, pk=pk)
    form = KpiForm(request.POST or None, instance=Kpi.objects.get(pk=pk))
    if request.method == "POST" and form.is_valid():
        try:
            with transaction.atomic():
                actions.save_kpi(request.user, kpi, **form.values)
                later("nachim.jobs.tasks.refresh")
        except ValidationError as error:
            refused(form, error)
        else:
            return redirect("kpi", pk)
    return render(request, "kpis/edit.html", {"nav": "goals", "kpi": kpi, "form": form}, status=422 if form.errors else 200)


@guarded("target.edit")
def target(request, pk):
    """A first target, or a revision with its reason; earlier ones stay."""
    kpi = get_object_or_404(Kpi.objects.select_related("metric", "goal"), pk=pk)
    versions = list(kpi.targets.select_related("author"))
    initial = versions[0].spec if versions else {"direction": kpi.metric.better, "start": kpi.goal.start, "due": kpi.goal.due}
    form = TargetForm(request.POST or None, unit=kpi.metric.unit, revision=bool(versions), initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            actions.set_target(request.user, kpi, **form.values)
        except ValidationError as error:
            refused(form, error)
        else:
            return redirect("kpi", pk)
    context = {"nav": "goals", "kpi": kpi, "form": form, "versions": versions, "unit": kpi.metric.unit}
    return render(request, "kpis/target.html", context, status=422 if form.errors else 200)


@require_POST
@guarded("kpi.edit")
def archive(request, pk):
    kpi = get_object_or_404(Kpi, pk=pk, archived_at=None)
    actions.archive_kpi(request.user, kpi)
    messages.success(request, _("“%(kpi)s” was put away. Its history stays.") % {"kpi": kpi})
    return redirect("goal", kpi.goal_id)


def _of(error: ValidationError, form) -> bool:
    return hasattr(error, "error_dict") and any(name in form.fields for name in error.error_dict)
