"""The target's editor: the odds of what is being typed, and another view of a status."""

from django.core.exceptions import ValidationError
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from nachim.app import language
from nachim.app.actions import override as overrides
from nachim.app.actions.series import slice_key
from nachim.app.models import Kpi, Series
from nachim.app.queries.outlook import editor, seasons_of
from nachim.core.target import TargetError, target_from_json
from nachim.web.forms.fields import refused
from nachim.web.forms.goals import shortened
from nachim.web.forms.targets import EditorForm, OverrideForm
from nachim.web.odds_words import needed_text, odds_text
from nachim.web.person import page as guarded
from nachim.web.person import thing


def series_of(kpi) -> Series | None:
    """The series of a KPI that was let through; whoever edits its target sees its whole history."""
    return Series.objects.filter(metric=kpi.metric, slice_key=slice_key(kpi.slice)).first()


def form_of(kpi, data, versions, initial, **kwargs) -> EditorForm:
    """The form of a KPI's target, which knows the seasons its history shows."""
    found = seasons_of(series_of(kpi), language.calendar().today(timezone.now()))
    before = versions[0].spec if versions else {}
    return EditorForm(
        data, unit=kpi.metric.unit, initial=initial, seasons=found.to_json() if found else None, before=before, **kwargs
    )


@guarded("target.edit")
def odds(request, pk):
    """The odds of the level in the form, again with every pause in typing."""
    kpi = thing(request, Kpi.objects.select_related("metric", "goal"), pk, archived_at=None)
    form = form_of(kpi, request.GET, list(kpi.targets.all()), {}, revision=False)
    rule, problem = None, ""
    if form.is_valid():
        try:
            rule = target_from_json(form.values)
        except TargetError as error:
            problem = error.text(language.spoken())
    elif request.GET.get("level"):
        problem = next((said[0] for said in form.errors.values()), "")
    return render(request, "kpis/_odds.html", shown(kpi, rule) | {"problem": problem})


def shown(kpi, rule) -> dict:
    """What stands under the form."""
    found = editor(kpi, series_of(kpi), rule)
    unit = kpi.metric.unit
    context = {"kpi": kpi, "unit": unit, "editor": found, "rule": rule}
    if found.found is not None:
        over, left = found.found.aim.over, len(found.found.periods)
        context |= {"odds": odds_text(found.found.outlook), "over": over, "left": left,
                    "needed": needed_text(found.found.outlook, over, unit, left)}  # fmt: skip
    if found.proposal is not None:
        one = found.proposal
        named = [("likely", one.likely), ("safe", one.safe), ("ambitious", one.ambitious), ("stretch", one.stretch)]
        context["proposals"] = [(name, shortened(level, unit)) for name, level in named if level is not None]
    return context


@require_POST
@guarded("status.override")
def override(request, pk):
    """See a status differently, or take that back."""
    kpi = thing(request, Kpi.objects.select_related("metric", "goal"), pk, archived_at=None)
    if "undo" in request.POST:
        overrides.end_override(request.user, kpi)
        return redirect("kpi", pk)
    form = OverrideForm(request.POST)
    if form.is_valid():
        try:
            overrides.override_status(request.user, kpi, **form.cleaned_data)
        except ValidationError as error:
            refused(form, error)
        else:
            return redirect("kpi", pk)
    return render(request, "kpi/override.html", {"nav": "company", "kpi": kpi, "override_form": form}, status=422)
