"""The driver tree of a goal's KPI: sub-targets that make the target, tried out before they are kept."""

from decimal import Decimal

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from nachim.app import policy
from nachim.app.actions import drivers as actions
from nachim.app.actions import goals
from nachim.app.models import Goal, Kpi, Metric
from nachim.app.queries.drivers import driver_plan
from nachim.core.number import parse_number
from nachim.core.target import Levels
from nachim.web.person import page as guarded
from nachim.web.person import thing


@guarded("company.view")
def page(request, pk):
    """GET tries values out (`set-<metric>`); POST splits a part, or keeps sub-targets as the targets of KPIs."""
    goal = thing(request, Goal, pk)
    kpis = list(policy.visible(request.user, goal.kpis.filter(archived_at=None).select_related("metric")))
    asked = request.POST.get("kpi") or request.GET.get("kpi") or ""
    kpi = next((one for one in kpis if str(one.pk) == asked), None) or next(
        (one for one in kpis if one.level == Kpi.Level.STRATEGIC), kpis[0] if kpis else None
    )
    fixed = _fixed(request.user, request.POST or request.GET)
    if request.method == "POST":
        return _changed(request, goal, kpi, fixed)
    shown = driver_plan(kpi, fixed, user=request.user) if kpi else None
    context = {"nav": "goals", "goal": goal, "kpis": kpis, "kpi": kpi, "shown": shown, "fixed": fixed}
    return render(request, "goals/tree.html", context)


def _changed(request, goal, kpi, fixed):
    splitting = "split" in request.POST
    if not policy.can(request.user, "driver.edit" if splitting else "target.edit", kpi or goal):
        raise PermissionDenied
    back = f"{reverse('goal-tree', args=[goal.pk])}?kpi={kpi.pk}" if kpi else reverse("goal-tree", args=[goal.pk])
    if kpi is None:
        return redirect(back)
    try:
        with transaction.atomic():
            if splitting:
                _split(request, kpi)
            else:
                kept = _kept(request, kpi, fixed)
                messages.success(request, _("%(n)d sub-targets are kept as targets.") % {"n": kept})
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
        back += "&" + urlencode({f"set-{name}": value for name, value in fixed.items()})
    return redirect(back)


def _split(request, kpi) -> None:
    """The option of this number, of the part of this name, becomes edges."""
    name, _colon, number = request.POST["split"].partition(":")
    branch = next((one for one in driver_plan(kpi, user=request.user).branches if one.metric.name == name), None)
    if branch is None or not number.isdigit() or int(number) >= len(branch.options):
        raise ValidationError(_("This split is not there any more."))
    option = branch.options[int(number)]
    for at, (part, against) in enumerate(zip(option.parts, option.against, strict=True)):
        actions.save_edge(
            request.user, branch.metric, part, kind="identity", how=option.how, against=against, position=at
        )


def _kept(request, root, fixed) -> int:
    """Give every other KPI of the tree its sub-target, due as the root's."""
    reason = request.POST.get("reason", "")
    kept = 0
    for branch in driver_plan(root, fixed, user=request.user).branches:
        kpi = branch.kpi
        if kpi is None or kpi == root or branch.plan is None or branch.now in (None, branch.plan):
            continue
        last = kpi.targets.first()
        if last is not None and not isinstance(last.rule, Levels):
            continue
        way = "up" if branch.plan > branch.now else "down"
        span = root.targets.first().rule
        goals.set_target(
            request.user, kpi, kind="reach", direction=way, baseline=float(branch.now), level=float(branch.plan),
            start=span.start, due=span.due, reason=reason,
        )  # fmt: skip
        kept += 1
    return kept


def _fixed(user, fields) -> dict[str, Decimal]:
    """The values people set, in the order of the form; what is no number is left out."""
    found = {}
    for key, text in fields.items():
        name = key.removeprefix("set-")
        given = key.startswith("set-") and text.strip()
        metric = policy.visible(user, Metric.objects.filter(name=name)).first() if given else None
        if metric is not None:
            try:
                found[name] = Decimal(str(parse_number(text, metric.unit)))
            except (ValueError, ArithmeticError):
                continue
    return found
