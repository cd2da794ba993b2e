"""From a goal in one sentence to live KPIs: checked while it is typed, then suggested, then made."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from nachim.app.actions import catalogue
from nachim.app.actions import goal_flow as actions
from nachim.app.language import spoken
from nachim.app.queries.catalogue import adoptable, fitted
from nachim.app.queries.suggest import read_goal, suggest
from nachim.app.work import later
from nachim.core.smart import LETTERS
from nachim.web.forms.fields import refused
from nachim.web.forms.goal_flow import FlowForm, SentenceForm
from nachim.web.forms.goals import year_end
from nachim.web.person import page as guarded


@guarded("goal.edit", "data.view")
def start(request):
    """The sentence; what was typed comes back by its address, so that a rewrite is one click."""
    form = SentenceForm(initial={"sentence": request.GET.get("sentence", "")})
    context = {"nav": "goals", "form": form, **_checked(request.GET.get("sentence", ""))}
    return render(request, "flow/start.html", context)


@guarded("goal.edit", "data.view")
def check(request):
    """The verdicts, while somebody types."""
    return render(request, "flow/_check.html", _checked(request.GET.get("sentence", "")))


@guarded("goal.edit", "data.view")
def kpis(request):
    sentence = (request.POST.get("sentence") or request.GET.get("sentence") or "").strip()[:300]
    if not sentence:
        return redirect("goal-start")
    if "adopt" in request.POST:
        return _adopted(request, sentence)
    goal = read_goal(sentence, spoken())
    today = timezone.localdate()
    suggestions = suggest(goal)
    due = goal.stated.due if goal.stated.due and goal.stated.due > today else year_end(today)
    initial = {"title": sentence, "due": due, "owner": request.user.pk}
    form = FlowForm(request.POST or None, initial=initial, suggestions=suggestions)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            made = actions.start_goal(
                request.user, title=data["title"], sentence=sentence, start=today.replace(day=1), due=data["due"],
                owner=data["owner"], kpis=form.wanted, guards=form.guards,
            )  # fmt: skip
        except ValidationError as error:
            refused(form, error)
        else:
            later("nachim.jobs.tasks.refresh")
            messages.success(request, _("“%(goal)s” is live with its KPIs.") % {"goal": made})
            return redirect("goal", made.pk)
    usable = any(one.usable for one in suggestions)
    context = {"nav": "goals", "form": form, "sentence": sentence, "usable": usable, "suggestions": suggestions}
    return render(request, "flow/kpis.html", context, status=422 if form.errors else 200)


def _adopted(request, sentence):
    """One metric of the catalogue is added; the page is asked for again, its data checked."""
    key = request.POST["adopt"]
    try:
        catalogue.adopt(request.user, key, adoptable(fitted(), key))
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    return redirect(f"{reverse('goal-kpis')}?{urlencode({'sentence': sentence})}")


def _checked(sentence: str) -> dict:
    sentence = sentence.strip()[:300]
    if not sentence:
        return {"sentence": "", "checks": []}
    goal = read_goal(sentence, spoken())
    checks = [
        {
            "stated": one.stated, "passed": one.passed,
            "rewrite": one.rewrite if one.rewrite and one.rewrite != sentence else "",
            "letters": [(letter, one.checks[letter]) for letter in LETTERS],
        }
        for one in goal.checks
    ]  # fmt: skip
    return {"sentence": sentence, "checks": checks, "parts": _parts(goal.reading), "good": goal.checks[0].passed}


def _parts(reading) -> list[tuple[str, bool]]:
    """The sentence in pieces: (text, whether it was not understood)."""
    found, at = [], 0
    for span in reading.unread:
        found += [(reading.text[at : span.start], False), (reading.text[span.start : span.end], True)]
        at = span.end
    return [one for one in [*found, (reading.text[at:], False)] if one[0]]
