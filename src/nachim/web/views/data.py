"""Data: tables, and files on their way into them."""

import re

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import FileResponse, Http404
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_POST

from nachim.app import policy
from nachim.app.actions import tables
from nachim.app.actions.ingest import waiting_for
from nachim.app.home import folder
from nachim.app.language import spoken
from nachim.app.models import ImportRun, Metric, Table
from nachim.app.queries import data as queries
from nachim.app.work import later
from nachim.lake.errors import LakeError
from nachim.web.forms.data import RunForm, TableForm, UploadForm, UploadLimit, columns_of, mapping_from
from nachim.web.forms.fields import refused
from nachim.web.pace import paced
from nachim.web.person import page as guarded
from nachim.web.person import thing

OPEN = (ImportRun.State.STAGED, ImportRun.State.FAILED)
RUNS_SHOWN = 10
UNCLEAR = re.compile(r"\d{1,2}[./-]\d{1,2}[./-]\d{2,4}\b")


@guarded("data.view")
def index(request):
    runs = policy.visible(request.user, ImportRun.objects.select_related("user"))[:RUNS_SHOWN]
    return render(request, "data/index.html", {"nav": "data", "rows": queries.tables(), "runs": runs})


@csrf_exempt
@guarded("data.import")
@paced("file in", "POST")
def upload(request):
    """The limit has to be in place before the body is read, so the CSRF check, which reads it, comes after."""
    limit = UploadLimit(request)
    request.upload_handlers.insert(0, limit)
    return _upload(request, limit)


@csrf_protect
def _upload(request, limit):
    form = UploadForm(
        request.POST or None,
        request.FILES or None,
        exceeded=limit.exceeded,
        initial={"table": request.GET.get("table", "")},
    )
    if request.method == "POST" and form.is_valid():
        try:
            staged = tables.stage_upload(request.user, form.cleaned_data["file"], form.cleaned_data["table"])
        except LakeError as error:
            form.add_error("file", error.text(spoken()))
        else:
            return redirect("import", staged.pk)
    context = {"nav": "data", "form": form, "tables": policy.visible(request.user, Table.objects.all())}
    return render(request, "data/upload.html", context, status=422 if form.errors else 200)


@guarded("data.view")
def run(request, pk):
    """A file on its way: what its columns mean, then how far it is, then what became of it."""
    return _run_page(request, _run(request, pk))


@guarded("data.view")
def status(request, pk):
    return render(request, "data/_status.html", _outcome(request.user, _run(request, pk)))


@require_POST
@guarded("data.import")
def confirm(request, pk):
    """Look again with the chosen columns, or put the import to work."""
    found = _run(request, pk)
    if found.state not in OPEN:
        return redirect("import", pk)
    form = RunForm(request.POST, sheets=found.preview.get("sheets", ()))
    formset = columns_of(found.mapping, request.POST)
    if form.is_valid() & formset.is_valid():
        try:
            if _confirmed(request, found, form, formset):
                return redirect("import", pk)
        except LakeError as error:
            form.add_error("table", error.text(spoken()))
        except ValidationError as error:
            refused(form, error)
    elif not form.errors:
        form.add_error(None, _("Every column needs a name."))
    if form.is_valid():
        form, formset = None, None
    return _run_page(request, found, form, formset, status=422)


@require_POST
@guarded("data.import")
def cancel(request, pk):
    tables.cancel_import(request.user, _run(request, pk))
    return redirect("import", pk)


@guarded("data.view")
@paced("file out")
def quarantine(request, pk):
    """The rows that could not be read, to repair and upload again."""
    found = _run(request, pk)
    path = folder("quarantine") / found.quarantine
    if not found.quarantine or not path.is_file():
        raise Http404
    return FileResponse(
        open(path, "rb"),
        as_attachment=True,
        filename=f"quarantine-{found.pk}.csv",
        content_type="text/csv; charset=utf-8",
    )


@guarded("data.view")
def table(request, pk):
    found = thing(request, Table, pk)
    key = found.source.get("key", "")
    return render(
        request,
        "data/table.html",
        {
            "nav": "data",
            "table": found,
            "columns": queries.column_rows(found),
            "metrics": queries.metrics_on(found),
            "fresh": queries.fresh(found),
            "waiting": waiting_for(found),
            "any_metric": policy.visible(request.user, Metric.objects.all()).exists(),
            "key": key if isinstance(key, str) else ", ".join(key),
            "runs": policy.visible(
                request.user, ImportRun.objects.filter(table_name=found.name).select_related("user")
            )[:RUNS_SHOWN],
        },
    )


@guarded("data.edit")
def table_edit(request, pk):
    found = thing(request, Table, pk)
    source = found.source
    form = TableForm(
        request.POST or None,
        table=found,
        columns=queries.columns(found),
        others=policy.visible(request.user, Table.objects.exclude(pk=pk)),
        initial={
            "label": found.label,
            "expected_every_days": found.expected_every_days,
            "time": source.get("time", ""),
            "key": source.get("key", ""),
            "dims": source.get("dims", []),
        },
    )
    if request.method == "POST" and form.is_valid():
        try:
            tables.edit_table(
                request.user,
                found,
                label=form.cleaned_data["label"],
                source=form.source(source),
                expected_every_days=form.cleaned_data["expected_every_days"],
                check=True,
            )
        except ValidationError as error:
            refused(form, error)
        else:
            later("nachim.jobs.tasks.refresh")
            messages.success(request, _("Saved. The numbers of this table are being computed again."))
            return redirect("table", pk)
    context = {"nav": "data", "table": thing(request, Table, pk), "form": form}
    return render(request, "data/table_edit.html", context, status=422 if form.errors else 200)


def _confirmed(request, found, form, formset) -> bool:
    """Whether the page can be left; False when the look found differences that need a yes."""
    chosen = form.cleaned_data
    if chosen.get("sheet") and chosen["sheet"] != found.mapping.get("sheet"):
        tables.choose_sheet(request.user, found, chosen["sheet"])
        return True
    tables.remap(request.user, found, table_name=chosen["table"], mapping=mapping_from(found.mapping, formset))
    if "look" in request.POST:
        return True
    if found.preview["drift"] and not chosen["accept_drift"]:
        return False
    tables.confirm_import(request.user, found, accept_drift=chosen["accept_drift"])
    return True


def _run_page(request, found, form=None, formset=None, status=200):
    preview = found.preview
    context = {"nav": "data", "open": found.state in OPEN and bool(preview), **_outcome(request.user, found)}
    if context["open"]:
        drift = preview["drift"] or found.drift
        form = form or RunForm(
            sheets=preview.get("sheets", ()), initial={"table": found.table_name, "sheet": found.mapping.get("sheet")}
        )
        unread = [
            column["name"]
            for column in preview["columns"]
            if column["unreadable"] and any(map(UNCLEAR.match, column["examples"]))
        ]
        if formset is None or len(formset.forms) != len(preview["columns"]):
            formset = columns_of(found.mapping, ambiguous=unread)
        context |= {
            "form": form,
            "formset": formset,
            "drift": drift,
            "asked": status == 422 and not form.errors,
            "columns": list(zip(formset, preview["columns"], strict=True)),
            "tables": policy.visible(request.user, Table.objects.all()),
        }
    return render(request, "data/run.html", context, status=status)


def _outcome(user, found) -> dict:
    rows, more = queries.quarantined(found)
    return {
        "run": found,
        "rows": rows,
        "more": more,
        "table": policy.visible(user, Table.objects.filter(name=found.table_name)).first(),
        "any_metric": policy.visible(user, Metric.objects.all()).exists(),
    }


def _run(request, pk) -> ImportRun:
    return thing(request, ImportRun, pk)
