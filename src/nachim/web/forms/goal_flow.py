"""The goal flow's forms: the sentence, and what is to be made of it."""

from django import forms
from django.utils.translation import gettext_lazy as _

from nachim.app.actions.goal_flow import Guarded, Wanted
from nachim.app.models import Kpi
from nachim.web.forms.fields import AmountField, described
from nachim.web.forms.goals import people


class SentenceForm(forms.Form):
    sentence = forms.CharField(label=_("Your goal in one sentence"), max_length=300)


class FlowForm(forms.Form):
    """The goal, and for every suggestion whether it is taken, its target and its owner."""

    title = forms.CharField(label=_("Goal"), max_length=200)
    due = forms.DateField(label=_("By"))
    owner = forms.ModelChoiceField(people(), label=_("Owner"), required=False, empty_label="—")

    def __init__(self, *args, suggestions=(), **kwargs):
        super().__init__(*args, **kwargs)
        described(self)
        self.fields["owner"].queryset = people()
        self.suggestions = suggestions
        for at, one in enumerate(suggestions):
            unit = one.metric.unit if one.metric else "count"
            take = forms.BooleanField(label=one.label, required=False, initial=one.usable, disabled=not one.usable)
            self.fields[f"take_{at}"] = take
            self.fields[f"level_{at}"] = AmountField(
                label=_("Limit") if one.role == "guardrail" else _("Target"),
                required=False,
                unit=unit,
                initial=one.level,
            )
            self.fields[f"cadence_{at}"] = forms.ChoiceField(
                label=_("Judged"), choices=Kpi.Cadence.choices, initial=one.cadence.value, required=False
            )
            self.fields[f"owner_{at}"] = forms.ModelChoiceField(
                people(), label=_("Owner"), required=False, empty_label="—", initial=self.initial.get("owner")
            )
            for part in ("level", "cadence", "owner"):
                field = self.fields[f"{part}_{at}"]
                field.widget.attrs["aria-label"] = f"{field.label}: {one.label}"

    def clean(self):
        data = super().clean()
        for at in range(len(self.suggestions)):
            if data.get(f"take_{at}") and data.get(f"level_{at}") is None and f"level_{at}" not in self.errors:
                self.add_error(f"level_{at}", _("Say what it should reach."))
        return data

    @property
    def rows(self) -> list[tuple]:
        """(suggestion, take, level, cadence, owner)."""
        return [
            (one, *(self[f"{part}_{at}"] for part in ("take", "level", "cadence", "owner")))
            for at, one in enumerate(self.suggestions)
        ]

    @property
    def wanted(self) -> list[Wanted]:
        data = self.cleaned_data
        return [
            Wanted(
                metric=one.metric, cadence=data[f"cadence_{at}"] or one.cadence.value,
                timing=one.entry.timing if one.entry else "lagging",
                level_of=one.entry.level if one.entry else "operational", owner=data[f"owner_{at}"] or data["owner"],
                direction=one.direction, baseline=one.baseline, level=data[f"level_{at}"],
            )
            for at, one in enumerate(self.suggestions)
            if data[f"take_{at}"] and one.role != "guardrail"
        ]  # fmt: skip

    @property
    def guards(self) -> list[Guarded]:
        data = self.cleaned_data
        return [
            Guarded(one.metric, one.bound, data[f"level_{at}"])
            for at, one in enumerate(self.suggestions)
            if data[f"take_{at}"] and one.role == "guardrail"
        ]
