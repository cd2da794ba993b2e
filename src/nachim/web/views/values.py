"""Writing a metric's values in by hand."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from nachim.app import language, policy
from nachim.app.actions.values import Change, write_values
from nachim.app.models import Metric
from nachim.app.queries.values import SHOWN, entries, every_of
from nachim.web import undo
from nachim.web.forms.fields import refused
from nachim.web.forms.values import EntriesForm, PasteForm
from nachim.web.person import page as guarded
from nachim.web.person import thing
from nachim.web.words import period_words

MOST_SHOWN, MOST_UNDONE = 400, 40


@require_http_methods(["GET", "HEAD", "POST"])
@guarded("value.write")
def page(request, pk):
    metric = thing(request, Metric, pk)
    if every_of(metric) is None:
        raise Http404
    shown = entries(metric, _count(request))
    today = language.calendar().today(timezone.now())
    pasted = request.method == "POST" and "pasted" in request.POST
    rows = EntriesForm(request.POST if request.method == "POST" and not pasted else None, metric=metric, entries=shown)
    paste = PasteForm(request.POST if pasted else None, metric=metric, today=today)
    form = paste if pasted else rows
    if request.method == "POST" and form.is_valid():
        try:
            changes = write_values(request.user, metric, form.values)
        except ValidationError as error:
            refused(form, error)
        else:
            _told(request, metric, changes)
            return redirect("metric-values", pk)
    context = {
        "nav": "metrics", "metric": metric, "rows": rows, "paste": paste, "form": form, "older": len(shown) + SHOWN,
        "missing": [entry for entry in shown if entry.missing],
        "kpis": policy.visible(request.user, metric.kpis.filter(archived_at=None)),
    }  # fmt: skip
    return render(request, "metrics/values.html", context, status=422 if form.errors else 200)


def _count(request) -> int:
    asked = request.GET.get("count", "")
    return min(max(int(asked), SHOWN), MOST_SHOWN) if asked.isascii() and asked.isdecimal() else SHOWN


def _told(request, metric: Metric, changes: list[Change]) -> None:
    if not changes:
        messages.info(request, _("Nothing was changed."))
        return
    periods = ", ".join(period_words(one.after.period) for one in changes[:3])
    said = ngettext("%(n)d value was saved: %(periods)s", "%(n)d values were saved: %(periods)s", len(changes))
    said %= {"n": len(changes), "periods": periods + (" …" if len(changes) > 3 else "")}
    if len(changes) > MOST_UNDONE:
        messages.success(request, said)
        return
    facts = [[one.after.period.key, [one.before.value, one.before.note], [*one.after.kept]] for one in changes]
    undo.offer(request, said, "values", pk=metric.pk, values=facts)
