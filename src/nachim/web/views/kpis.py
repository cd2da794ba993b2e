"""Making and changing KPIs and their targets."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from nachim.app import policy
from nachim.app.actions import goals as actions
from nachim.app.actions.revisions import running_since
from nachim.app.models import Goal, Kpi, Metric, Team
from nachim.app.queries import uses
from nachim.app.queries.judgements import pasts
from nachim.app.queries.metrics import standing
from nachim.app.queries.retire import candidates, crowded
from nachim.app.work import later
from nachim.core.period import Grain
from nachim.web import undo
from nachim.web.forms.fields import refused
from nachim.web.forms.goals import KpiForm, TargetForm, shortened
from nachim.web.person import page as guarded
from nachim.web.person import thing
from nachim.web.views.target import form_of

ASKED = ("kind", "level", "start", "due")


@guarded("kpi.edit")
def new(request, pk):
    """A KPI and its target in one form: a KPI without a target says nothing."""
    goal = thing(request, Goal, pk, archived_at=None)
    metric = _metric(request, goal)
    known = standing(metric, _cadence(request), user=request.user) if metric else None
    form = KpiForm(
        request.POST or None,
        initial={"owner": request.user.pk, "metric": metric and metric.pk, "cadence": _cadence(request)},
        user=request.user,
    )
    target = _target_form(request, goal, metric, known)
    crowd = candidates(crowded(goal, _teams(request), user=request.user))
    retire = request.POST.get("retire", "")
    going = next((one.kpi for one in crowd if str(one.kpi.pk) == retire), None)
    asking = request.method == "POST" and bool(crowd) and going is None and retire != "none"
    moved = request.method == "POST" and metric and request.POST.get("shown_for") not in (None, str(metric.pk))
    if request.method == "POST" and not moved and form.is_valid() & target.is_valid() and not asking:
        try:
            with transaction.atomic():
                if going is not None:
                    actions.archive_kpi(request.user, going)
                kpi = actions.save_kpi(request.user, goal=goal, check=True, **form.values)
                actions.set_target(request.user, kpi, **target.values)
                later("nachim.jobs.tasks.refresh")
        except ValidationError as error:
            refused(target if _of(error, target) else form, error)
        else:
            messages.success(request, _("“%(kpi)s” was added. Its numbers are being computed.") % {"kpi": kpi})
            return redirect("company")
    context = {
        "nav": "goals",
        "goal": goal,
        "form": form,
        "target": target,
        "metric": metric,
        "known": known,
        "crowd": crowd,
        "retire": retire,
        "asking": asking,
        "moved": moved,
    }
    wrong = moved or asking or form.errors or target.errors
    return render(request, "kpis/new.html", context, status=422 if wrong else 200)


@guarded("kpi.edit")
def edit(request, pk):
    kpi = thing(request, Kpi.objects.select_related("goal", "metric"), pk, archived_at=None)
    form = KpiForm(request.POST or None, instance=thing(request, Kpi, pk), user=request.user)
    if request.method == "POST" and form.is_valid():
        try:
            with transaction.atomic():
                actions.save_kpi(request.user, kpi, check=True, **form.values)
                later("nachim.jobs.tasks.refresh")
        except ValidationError as error:
            refused(form, error)
        else:
            return redirect("kpi", pk)
    context = {"nav": "goals", "kpi": thing(request, Kpi, pk), "form": form, "uses": uses.of_kpi(kpi)}
    return render(request, "kpis/edit.html", context, status=422 if form.errors else 200)


@guarded("target.edit")
def target(request, pk):
    """A first target, or a revision with its reason; earlier ones stay."""
    kpi = thing(request, Kpi.objects.select_related("metric", "goal"), pk, archived_at=None)
    versions = list(kpi.targets.select_related("author"))
    first = {"direction": kpi.metric.better, "start": kpi.goal.start, "due": kpi.goal.due}
    initial = first | (versions[0].spec if versions else {}) | {"valid_from": _begins(kpi, versions)}
    form = form_of(kpi, request.POST or None, versions, initial, revision=bool(versions))
    if request.method == "POST" and form.is_valid():
        try:
            with transaction.atomic():
                made = actions.set_target(request.user, kpi, **form.values)
                later("nachim.jobs.tasks.foresee")
        except ValidationError as error:
            refused(form, error)
        else:
            said = _("The target was saved; earlier ones stay beside it.")
            if versions and made.pk != versions[0].pk:
                undo.offer(request, said, "target", pk=pk, version=made.version)
            else:
                messages.success(request, said)
            return redirect("kpi", pk)
    known = standing(kpi.metric, Grain(kpi.cadence), user=request.user) if not kpi.slice else None
    context = {"nav": "goals", "kpi": kpi, "form": form, "versions": versions, "metric": kpi.metric, "known": known}
    context |= {"uses": uses.of_kpi(kpi), "recorded": len(pasts(kpi, user=request.user)) if versions else 0}
    return render(request, "kpis/target.html", context, status=422 if form.errors else 200)


@require_POST
@guarded("kpi.edit")
def archive(request, pk):
    """Put a KPI away, or bring it back."""
    kpi = thing(request, Kpi.objects.select_related("goal", "metric"), pk)
    if "undo" in request.POST:
        try:
            actions.restore_kpi(request.user, kpi)
        except ValidationError as error:
            messages.error(request, " ".join(error.messages))
        else:
            later("nachim.jobs.tasks.refresh")
            messages.success(request, _("“%(kpi)s” is back.") % {"kpi": kpi})
    elif kpi.archived_at is None:
        actions.archive_kpi(request.user, kpi)
        said = _("“%(kpi)s” was put away. Its history stays, and it can be brought back below.") % {"kpi": kpi}
        undo.offer(request, said, "kpi", pk=pk, at=str(kpi.archived_at))
    return redirect("goal", kpi.goal_id)


def _teams(request) -> list[Team]:
    asked = [pk for pk in request.POST.getlist("teams") if pk.isdigit()]
    return list(policy.visible(request.user, Team.objects.filter(pk__in=asked)))


def _metric(request, goal) -> Metric | None:
    """The chosen metric; before a choice the first one this goal does not follow yet."""
    chosen = request.POST.get("metric") or request.GET.get("metric") or ""
    known = policy.visible(request.user, Metric.objects.all())
    found = known.filter(pk=chosen).first() if chosen.isdigit() else None
    return found or known.exclude(kpis__goal=goal).order_by("pk").first() or known.first()


def _cadence(request) -> Grain:
    chosen = request.POST.get("cadence") or request.GET.get("cadence") or ""
    return Grain(chosen) if chosen in Kpi.Cadence.values else Grain.MONTH


def _target_form(request, goal, metric, known) -> TargetForm:
    """The target's fields; where the metric stands now is its baseline, unless people know better."""
    unit = metric.unit if metric else "count"
    initial = {"direction": metric.better if metric else "up", "start": goal.start, "due": goal.due}
    initial |= {name: request.GET[f"target-{name}"] for name in ASKED if request.GET.get(f"target-{name}")}
    if known:
        initial["baseline"] = shortened(known.last.value, unit)
    return TargetForm(request.POST or None, prefix="target", unit=unit, initial=initial)


def _begins(kpi, versions):
    """From when a revision holds, where nothing else is said."""
    return max(running_since(kpi), versions[0].valid_from) if versions else None


def _of(error: ValidationError, form) -> bool:
    return hasattr(error, "error_dict") and any(name in form.fields for name in error.error_dict)
