"""Data: tables, and files on their way into them."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import FileResponse, Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from nachim.app import policy
from nachim.app.actions import tables
from nachim.app.home import folder
from nachim.app.models import ImportRun, Table
from nachim.app.queries import data as queries
from nachim.app.work import later
from nachim.lake.errors import LakeError
from nachim.web.forms.data import TableForm, UploadForm, columns_of, mapping_from
from nachim.web.person import page as guarded

State = ImportRun.State


@guarded("data.view")
def index(request):
    runs = policy.visible(request.user, ImportRun.objects.select_related("user"))[:15]
    return render(request, "data/index.html", {"nav": "data", "rows": queries.tables(), "runs": runs})


@guarded("data.import")
def upload(request):
    form = UploadForm(request.POST or None, request.FILES or None, initial={"table": request.GET.get("table", "")})
    if request.method == "POST" and form.is_valid():
        try:
            run_ = tables.stage_upload(request.user, form.cleaned_data["file"], form.cleaned_data["table"].strip())
        except LakeError as error:
            form.add_error("file", error.text(_locale()))
        else:
            return redirect("import", run_.pk)
    context = {"nav": "data", "form": form, "tables": Table.objects.all()}
    return render(request, "data/upload.html", context, status=422 if form.errors else 200)


@guarded("data.view")
def run(request, pk):
    """A file on its way: what its columns mean, then how far it is, then what became of it."""
    found = _run(request, pk)
    context = {"nav": "data", "run": found, "metrics": bool(Table.objects.filter(name=found.table_name))}
    if found.state in (State.STAGED, State.FAILED):
        mapping = columns_of(found.mapping)
        by_name = {column["name"]: column for column in found.preview["columns"]}
        context["columns"] = [(form, by_name.get(form.initial["source"])) for form in mapping]
        context["formset"] = mapping
    header, rows = queries.quarantined(found)
    return render(request, "data/run.html", context | {"header": header, "rows": rows})


@guarded("data.view")
def status(request, pk):
    return render(request, "data/_status.html", {"run": _run(request, pk)})


@require_POST
@guarded("data.import")
def confirm(request, pk):
    """Look again with the chosen mapping, or put the import to work."""
    found = _run(request, pk)
    formset = columns_of(found.mapping, request.POST)
    try:
        if not formset.is_valid():
            raise ValidationError(_("Every column that is kept needs a name."))
        mapping = mapping_from(found.mapping, formset)
        tables.remap(request.user, found, table_name=request.POST.get("table", found.table_name).strip(), mapping=mapping)
        if "look" not in request.POST:
            drifted = bool(found.preview.get("drift")) and "accept_drift" not in request.POST
            if drifted:
                raise ValidationError(_("The columns differ from the table's. Say that this is right, or change the mapping."))
            tables.confirm_import(request.user, found, accept_drift="accept_drift" in request.POST)
    except ValidationError as error:
        for message in error.messages:
            messages.error(request, message)
    except LakeError as error:
        messages.error(request, error.text(_locale()))
    return redirect("import", pk)


@require_POST
@guarded("data.import")
def cancel(request, pk):
    tables.cancel_import(request.user, _run(request, pk))
    return redirect("import", pk)


@guarded("data.view")
def quarantine(request, pk):
    """The rows that could not be read, to repair and upload again."""
    found = _run(request, pk)
    path = folder("quarantine") / found.quarantine
    if not found.quarantine or not path.is_file():
        raise Http404
    return FileResponse(open(path, "rb"), as_attachment=True, filename=f"quarantine-{found.pk}.csv", content_type="text/csv")  # noqa: SIM115


@guarded("data.view")
def table(request, pk):
    found = get_object_or_404(policy.visible(request.user, Table.objects.all()), pk=pk)
    mapped = {column["name"]: column for column in found.mapping.get("columns", [])}
    columns = [(name, kind, mapped.get(name, {}).get("role", "")) for name, kind in queries.columns(found).items()]
    return render(request, "data/table.html", {
        "nav": "data", "table": found, "columns": columns, "metrics": queries.metrics_on(found),
        "runs": ImportRun.objects.filter(table_name=found.name).select_related("user")[:10],
    })  # fmt: skip


@guarded("data.edit")
def table_edit(request, pk):
    found = get_object_or_404(Table, pk=pk)
    source = found.source
    join = next(iter(source.get("joins", {}).items()), ("", ""))
    form = TableForm(
        request.POST or None, table=found, columns=queries.columns(found), others=Table.objects.exclude(pk=pk),
        initial={
            "label": found.label, "expected_every_days": found.expected_every_days, "time": source.get("time", ""),
            "key": source["key"] if isinstance(source.get("key"), str) else "", "dims": source.get("dims", []),
            "join_to": join[0], "join_on": join[1] if isinstance(join[1], str) else join[1].get("on", ""),
        },
    )  # fmt: skip
    if request.method == "POST" and form.is_valid():
        tables.edit_table(
            request.user, found, label=form.cleaned_data["label"], source=_source(source, form.cleaned_data),
            expected_every_days=form.cleaned_data["expected_every_days"],
        )  # fmt: skip
        later("nachim.jobs.tasks.refresh")
        return redirect("table", pk)
    return render(request, "data/table_edit.html", {"nav": "data", "table": found, "form": form}, status=422 if form.errors else 200)


def _source(source: dict, chosen: dict) -> dict:
    """The source with what the form says; compound keys and further lookups of a definition file stay."""
    changed = {**source, "dims": chosen["dims"]}
    for name in ("time", "key"):
        if chosen[name]:
            changed[name] = chosen[name]
        elif isinstance(source.get(name), str):
            changed.pop(name)
    joins = dict(list(source.get("joins", {}).items())[1:])
    if chosen["join_to"]:
        joins = {chosen["join_to"]: chosen["join_on"], **joins}
    changed["joins"] = joins
    return {name: value for name, value in changed.items() if value not in ({}, [], "")}


def _run(request, pk) -> ImportRun:
    return get_object_or_404(policy.visible(request.user, ImportRun.objects.all()), pk=pk)


def _locale() -> str:
    return "en" if get_language() == "en" else "ko"
