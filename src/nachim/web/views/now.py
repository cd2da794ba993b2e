"""The first page after signing in: what needs this person now, and one clear next step."""

from dataclasses import dataclass

from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from nachim.app import policy
from nachim.app.queries.now import MOST_KPIS, Now, now
from nachim.web.person import page as guarded
from nachim.web.steps import first_steps
from nachim.web.words import period_words


@dataclass(frozen=True)
class Step:
    """What to do next: said in a sentence, and where."""

    text: str
    button: str
    url: str


@guarded("company.view")
def page(request):
    """The whole page, or what is new of it for one that heard of a change."""
    found = now(request.user)
    context = {"nav": "now", "now": found, "step": next_step(request.user, found), "most": MOST_KPIS}
    part = request.headers.get("HX-Request")
    return render(request, "now/_body.html" if part else "now/page.html", context)


def next_step(user, found: Now) -> Step | None:
    """The one thing to begin with: what others wait for, then what is late, then what is not well."""
    if found.trail is not None:
        return _of_the_trail(found)
    if found.sheets:
        sheet = found.sheets[0].sheet
        text = _("%(name)s proposed goals and waits for your answer.") % {"name": sheet.person.name}
        return Step(text, _("Read the proposal"), reverse("sheet", args=[sheet.pk]))
    own = [one for one in found.overdue if one.owner_id == user.pk]
    if own:
        text = _("“%(title)s” is overdue.") % {"title": own[0].title}
        return Step(text, _("See the action"), _place(own[0]))
    if found.imports:
        text = _("“%(file)s” waits for you to say what its columns mean.") % {"file": found.imports[0].filename}
        return Step(text, _("Confirm the file"), reverse("import", args=[found.imports[0].pk]))
    if found.values:
        one = found.values[0]
        text = _("%(period)s of “%(metric)s” has no value yet. Please write it in.") % {
            "period": period_words(one.period), "metric": one.metric.label,
        }  # fmt: skip
        return Step(text, _("Write it in"), reverse("metric-values", args=[one.metric.pk]))
    if found.results:
        text = _("Nobody has said for two weeks how “%(name)s” is going.") % {"name": found.results[0]}
        return Step(text, _("Check in"), reverse("result-check", args=[found.results[0].pk]))
    if found.review is not None and found.review.mine:
        return _of_the_review(found)
    if found.findings:
        one = found.findings[0].finding
        text = _("%(name)s left its usual course.") % {"name": one.metric.label}
        return Step(text, _("See why"), reverse("finding", args=[one.pk]))
    if found.attention:
        row = found.attention[0]
        text = _("“%(kpi)s” is not well.") % {"kpi": row.kpi}
        return Step(text, _("See the KPI"), reverse("kpi", args=[row.kpi.pk]))
    if found.overdue:
        one = found.overdue[0]
        text = _("“%(title)s” of %(name)s is overdue.") % {"title": one.title, "name": one.owner.name}
        return Step(text, _("See the action"), _place(one))
    return None if found.rows else _to_begin(user, found)


def _place(action) -> str:
    return reverse("finding", args=[action.finding_id]) if action.finding_id else f"{reverse('findings')}#actions"


def _of_the_review(found: Now) -> Step:
    review = found.review
    text = {
        "write": _("Your sheet of agreed goals is empty."),
        "change": _("%(name)s asked for a change of your goals.") % {"name": review.sheet.lead.name},
        "ends": _("Your agreed goals end soon. Talk about them with %(name)s.") % {"name": review.sheet.lead.name},
    }[review.step]
    if review.step == "ends":
        return Step(text, _("Open the sheet"), reverse("sheet", args=[review.sheet.pk]))
    return Step(text, _("Write the goals"), reverse("sheet-change", args=[review.sheet.pk]))


def _of_the_trail(found: Now) -> Step:
    broken = found.trail.broken
    if broken is None:
        return Step(_("The chain is whole. Read what changed last."), _("Open the trail"), reverse("audit"))
    text = _("The chain breaks at entry %(n)s. Ask who runs nachim for “nachim doctor --audit”.") % {"n": broken.pk}
    return Step(text, _("Open the trail"), reverse("audit"))


def _to_begin(user, found: Now) -> Step:
    """Where there is no KPI yet."""
    due = next((step for step in first_steps() if step["now"] and step["url"]), None)
    if due is not None and policy.can(user, "data.import"):
        return Step(_("There is no KPI yet. A few steps lead to the first."), due["text"], due["url"])
    return Step(_("No KPI is yours yet. See how the company is doing."), _("To the company page"), reverse("company"))
