"""Metrics: those there are, those a table suggests, and making one."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from nachim.app import policy
from nachim.app.actions import metrics as actions
from nachim.app.models import Metric, Table
from nachim.app.queries.data import columns
from nachim.app.queries.metrics import suggestions
from nachim.app.work import later
from nachim.web.forms.fields import refused
from nachim.web.forms.metrics import MetricForm
from nachim.web.person import page as guarded


@guarded("company.view")
def index(request):
    shown = policy.visible(request.user, Metric.objects.prefetch_related("kpis"))
    suggested = suggestions() if policy.can(request.user, "metric.edit") else []
    return render(request, "metrics/index.html", {"nav": "metrics", "shown": shown, "suggested": suggested})


@require_POST
@guarded("metric.edit")
def adopt(request):
    """Make the suggested metrics that were ticked, with what they are calculated from."""
    wanted = set(request.POST.getlist("metric"))
    made = 0
    try:
        with transaction.atomic():
            for _table, some in suggestions():
                for one in some:
                    if one.name in wanted:
                        actions.save_metric(
                            request.user, name=one.name, label_ko=one.label_ko, label_en=one.label_en, unit=one.unit,
                            better=one.better, spec=one.spec,
                        )  # fmt: skip
                        made += 1
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        messages.success(request, ngettext("%(n)d metric added.", "%(n)d metrics added.", made) % {"n": made})
    return redirect("metrics")


@guarded("metric.edit")
def new(request):
    return _form(request, None)


@guarded("metric.edit")
def edit(request, pk):
    return _form(request, get_object_or_404(Metric, pk=pk))


@guarded("company.view")
def page(request, pk):
    metric = get_object_or_404(policy.visible(request.user, Metric.objects.all()), pk=pk)
    return render(request, "metrics/page.html", {
        "nav": "metrics", "metric": metric, "versions": metric.versions.select_related("author"),
        "kpis": metric.kpis.filter(archived_at=None).select_related("goal"),
    })  # fmt: skip


@require_POST
@guarded("metric.edit")
def delete(request, pk):
    metric = get_object_or_404(Metric, pk=pk)
    try:
        actions.delete_metric(request.user, metric)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
        return redirect("metric", pk)
    messages.success(request, _("“%(name)s” was deleted.") % {"name": metric.label})
    return redirect("metrics")


def _form(request, metric):
    tables = list(Table.objects.all())
    initial = MetricForm.initial_of(metric) if metric else {"table": request.GET.get("table", "")}
    form = MetricForm(request.POST or None, tables=tables, metric=metric, initial=initial)
    if request.method == "POST" and form.is_valid():
        fields = {name: form.cleaned_data[name] for name in ("name", "label_ko", "label_en", "unit", "better")}
        try:
            with transaction.atomic():
                saved = actions.save_metric(request.user, metric, spec=form.spec, **fields)
                later("nachim.jobs.tasks.refresh")
        except ValidationError as error:
            refused(form, error)
        else:
            return redirect("metric", saved.pk)
    names = sorted({name for table in tables for name in columns(table)})
    context = {"nav": "metrics", "form": form, "metric": metric, "columns": names, "known": Metric.objects.all()}
    return render(request, "metrics/form.html", context, status=422 if form.errors else 200)
