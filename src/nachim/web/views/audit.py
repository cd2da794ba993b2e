"""The audit trail: who changed what and when, to look through and to take away."""

import csv as csvs
import json

from django.core.paginator import Paginator
from django.http import StreamingHttpResponse
from django.shortcuts import render
from django.utils import timezone

from nachim.app import policy
from nachim.app.models import AuditEntry
from nachim.lake.quarantine import escape_formula
from nachim.web.forms.audit import KINDS, AuditForm
from nachim.web.pace import paced
from nachim.web.person import page as guarded

ENTRIES = 50
COLUMNS = (
    "number", "at", "person", "action", "kind", "object", "before", "after", "via", "address", "agent", "request",
    "hash", "previous_hash",
)  # fmt: skip


@guarded("audit.view")
def page(request):
    everything = policy.visible(request.user, AuditEntry.objects.all())
    form = _form(request, everything)
    shown = Paginator(form.narrowed(everything), ENTRIES).get_page(request.GET.get("page"))
    for entry in shown:
        told = entry.context or {}
        entry.whence = told.get("ip") or told.get("command") or told.get("via", "")
        entry.kind = KINDS.get(entry.object_kind, entry.object_kind)
    query = request.GET.copy()
    query.pop("page", None)
    context = {"nav": "settings", "shown": shown, "form": form, "query": query.urlencode()}
    return render(request, "settings/audit.html", context, status=422 if form.errors else 200)


@guarded("audit.view")
@paced("file out")
def csv(request):
    """What the filters show, oldest first, with the hashes that chain it."""
    everything = policy.visible(request.user, AuditEntry.objects.all())
    entries = _form(request, everything).narrowed(everything).order_by("pk")
    writer = csvs.writer(Echo())
    lines = (writer.writerow([_safe(cell) for cell in row]) for row in _rows(entries))
    response = StreamingHttpResponse(("\ufeff" if at == 0 else "") + line for at, line in enumerate(lines))
    response["Content-Type"] = "text/csv; charset=utf-8"
    response["Content-Disposition"] = f'attachment; filename="audit-{timezone.localdate()}.csv"'
    return response


class Echo:
    """A file that hands on what is written."""

    def write(self, text: str) -> str:
        return text


def _rows(entries):
    yield COLUMNS
    for entry in entries.iterator(chunk_size=500):
        context = entry.context or {}
        yield (
            entry.pk, entry.at.isoformat(), entry.actor_name, entry.action, entry.object_kind, entry.object_name,
            _json(entry.before), _json(entry.after), context.get("via", ""), context.get("ip", ""),
            context.get("agent") or context.get("command", ""), entry.request_id, entry.hash, entry.previous_hash,
        )  # fmt: skip


def _json(value) -> str:
    return "" if value is None else json.dumps(value, ensure_ascii=False, sort_keys=True)


def _safe(cell):
    return escape_formula(cell) if isinstance(cell, str) else cell


def _form(request, everything) -> AuditForm:
    names = sorted(everything.order_by().values_list("actor_name", flat=True).distinct())
    kinds = sorted(everything.order_by().values_list("object_kind", flat=True).distinct())
    return AuditForm(request.GET, names=names, kinds=kinds)
