"""Findings: what stands out, why, and what is done about it."""

from datetime import timedelta

from django.core.exceptions import ValidationError
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from nachim.app.actions import findings as actions
from nachim.app.models import Action, Finding, Watching
from nachim.app.queries import findings as queries
from nachim.web import undo
from nachim.web.forms.fields import refused
from nachim.web.forms.findings import ActForm, EventForm, JudgeForm
from nachim.web.person import page as guarded
from nachim.web.person import thing

DUE = timedelta(days=14)


@guarded("company.view")
def index(request):
    return _index(request, EventForm(), 200)


@guarded("company.view")
def page(request, pk):
    return _page(request, _finding(request, pk))


@require_POST
@guarded("finding.edit")
def judge(request, pk):
    finding, form = _finding(request, pk), JudgeForm(request.POST)
    before = {"state": finding.state, "note": finding.note}
    answer = _tried(request, finding, form, lambda data: actions.judge(request.user, finding, **data), judge=form)
    if answer.status_code == 302:
        said = _("The finding is now: %(state)s.") % {"state": finding.get_state_display()}
        undo.offer(request, said, "finding", pk=pk, at=str(finding.decided_at), **before)
    return answer


@require_POST
@guarded("action.edit")
def act(request, pk):
    finding, form = _finding(request, pk), ActForm(request.POST)
    return _tried(request, finding, form, lambda data: actions.act(request.user, finding, **data), act=form)


@require_POST
@guarded("action.edit")
def done(request, pk):
    action = thing(request, Action, pk)
    if action.done_at is None:
        actions.finish(request.user, action)
        undo.offer(request, _("“%(title)s” is done.") % {"title": action}, "done", pk=pk, at=str(action.done_at))
    # Back to where the button was: what needs me now, or the findings.
    return redirect("now" if request.POST.get("from") == "now" else "findings")


@require_POST
@guarded("event.edit")
def event(request):
    form = EventForm(request.POST)
    if form.is_valid():
        try:
            actions.write_event(request.user, **form.cleaned_data)
        except ValidationError as error:
            refused(form, error)
        else:
            return redirect("findings")
    return _index(request, form, 422)


def _finding(request, pk):
    return thing(request, Finding.objects.select_related("metric", "decided_by"), pk)


def _tried(request, finding, form, change, **forms):
    if form.is_valid():
        try:
            change(form.cleaned_data)
        except ValidationError as error:
            refused(form, error)
        else:
            return redirect("finding", finding.pk)
    return _page(request, finding, status=422, **forms)


def _page(request, finding, *, status=200, **forms):
    initial = {"owner": request.user.pk, "due": timezone.localdate() + DUE, "play": "", "title": ""}
    made = queries.page(finding, request.user)
    if made.plays:
        initial |= {"play": made.plays[0][0].name, "title": made.plays[0][1]}
    context = {
        "nav": "findings",
        "finding": finding,
        "found": made,
        "judge": JudgeForm(),
        "act": ActForm(initial=initial),
    }
    return render(request, "findings/page.html", context | forms, status=status)


def _index(request, form, status):
    who = request.user
    return render(request, "findings/index.html", {
        "nav": "findings", "live": queries.live(who), "closed": queries.closed(who), "actions": queries.actions(who),
        "events": queries.events(who), "form": form, "today": timezone.localdate(), "a_week": Watching.budget(),
    }, status=status)  # fmt: skip
