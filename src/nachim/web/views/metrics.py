"""Metrics: those there are, those a table suggests, and making one."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.shortcuts import redirect, render
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from nachim.app import policy
from nachim.app.actions import metrics as actions
from nachim.app.models import Metric, Table
from nachim.app.queries import uses
from nachim.app.queries.data import reachable
from nachim.app.queries.metrics import in_words, standing, suggestions
from nachim.app.work import later
from nachim.core.period import Grain
from nachim.web.forms.fields import refused
from nachim.web.forms.frames import FrameForm
from nachim.web.forms.metrics import AggForm, CalcForm, ManualForm, TextForm, initial_of
from nachim.web.person import page as guarded
from nachim.web.person import thing

WAYS = ("agg", "calc", "at", "text", "manual")


@guarded("company.view")
def index(request):
    tables = {table.name: table for table in policy.visible(request.user, Table.objects.all())}
    shown = list(policy.visible(request.user, Metric.objects.prefetch_related("kpis")))
    suggested = suggestions() if policy.can(request.user, "metric.edit") else []
    english = get_language() == "en"
    names = {one.name: one.label_en if english else one.label_ko for _table, some in suggested for one in some}
    labels = names | {metric.name: metric.label for metric in shown}

    def words(one):
        return in_words(one.spec, tables=tables, labels=labels)

    return render(request, "metrics/index.html", {
        "nav": "metrics", "shown": [(metric, words(metric)) for metric in shown],
        "suggested": [(table, [(one, names[one.name], words(one)) for one in some]) for table, some in suggested],
    })  # fmt: skip


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
        if made:
            messages.success(request, ngettext("%(n)d metric added.", "%(n)d metrics added.", made) % {"n": made})
        else:
            messages.warning(request, _("Tick at least one metric."))
    return redirect("metrics")


@guarded("metric.edit")
def new(request):
    way = request.POST.get("way") or request.GET.get("way") or "agg"
    known = policy.visible(request.user, Table.objects.all())
    table = known.filter(name=request.POST.get("table") or request.GET.get("table")).first()
    return _form(request, None, way, {}, table or known.filter(rows__gt=0).first())


@guarded("metric.edit")
def edit(request, pk):
    metric = thing(request, Metric, pk)
    tables = policy.visible(request.user, Table.objects.all())
    way, initial = initial_of(metric, {table.name: reachable(table) for table in tables})
    way = request.POST.get("way") or request.GET.get("way") or way
    table = tables.filter(name=request.POST.get("table") or request.GET.get("table") or initial.get("table")).first()
    return _form(request, metric, way, initial, table)


@guarded("company.view")
def page(request, pk):
    metric = thing(request, Metric, pk)
    versions = [(one, in_words(one.spec)) for one in metric.versions.select_related("author")]
    return render(request, "metrics/page.html", {
        "nav": "metrics", "metric": metric, "versions": versions, "words": in_words(metric.spec),
        "standing": standing(metric, Grain.MONTH, user=request.user),
        "kpis": policy.visible(request.user, metric.kpis.filter(archived_at=None).select_related("goal")),
        "guards": policy.visible(request.user, metric.guards.filter(kpi__archived_at=None).select_related("kpi")),
    })  # fmt: skip


@require_POST
@guarded("metric.edit")
def delete(request, pk):
    metric = thing(request, Metric, pk)
    try:
        actions.delete_metric(request.user, metric)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
        return redirect("metric", pk)
    messages.success(request, _("“%(name)s” was deleted.") % {"name": metric.label})
    return redirect("metrics")


def _form(request, metric, way, initial, table):
    way = way if way in WAYS else "agg"
    tables = list(policy.visible(request.user, Table.objects.all()))
    known = policy.visible(request.user, Metric.objects.exclude(pk=metric.pk if metric else None))
    if way == "agg":
        kinds = reachable(table) if table else {}
        form = AggForm(request.POST or None, metric=metric, initial=initial, table=table, tables=tables, kinds=kinds)
    elif way == "calc":
        form = CalcForm(request.POST or None, metric=metric, initial=initial, known=known)
    elif way == "at":
        form = FrameForm(request.POST or None, metric=metric, initial=initial, known=known)
    elif way == "manual":
        form = ManualForm(request.POST or None, metric=metric, initial=initial)
    else:
        form = TextForm(request.POST or None, metric=metric, initial=initial, tables=tables)
    if request.method == "POST" and form.is_valid():
        try:
            with transaction.atomic():
                reason = form.cleaned_data.get("reason", "")
                saved = actions.save_metric(request.user, metric, spec=form.spec, reason=reason, **form.head)
                later("nachim.jobs.tasks.refresh")
        except ValidationError as error:
            _refused(form, error)
        else:
            messages.success(request, _("“%(name)s” was saved.") % {"name": saved.label})
            # What people write in begins with the page they write on.
            return redirect("metric-values" if metric is None and way == "manual" else "metric", saved.pk)
    shown = thing(request, Metric, metric.pk) if metric else None
    context = {
        "nav": "metrics",
        "form": form,
        "metric": shown,
        "way": way,
        "known": known,
        "tables": tables,
        "table": table,
        "uses": uses.of_metric(metric) if metric else [],
    }
    return render(request, "metrics/form.html", context, status=422 if form.errors else 200)


def _refused(form, error: ValidationError) -> None:
    """The engine's sentences under the field they are about: the condition if the rest alone would do."""
    sentences = getattr(error, "error_dict", {}).get("spec")
    if not sentences:
        return refused(form, error)
    field, spec = form.field_of_formula, dict(form.spec)
    if spec.pop("where", None) and not actions.problems_of({form.head["name"]: {"unit": form.head["unit"], **spec}}):
        field = "where"
    for one in sentences:
        form.add_error(field, one)
