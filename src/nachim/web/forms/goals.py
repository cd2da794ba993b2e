"""Goals, KPIs and targets."""

from datetime import date

from django import forms
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from nachim.app import policy
from nachim.app.models import Goal, Guardrail, Kpi, Metric, Table, Team, User
from nachim.core.number import rounded
from nachim.web.forms.fields import UNITS, AmountField, described

KINDS = [("reach", _("reach it by the due date")), ("keep", _("keep to it all along"))]
DIRECTIONS = [("up", _("at least")), ("down", _("at most"))]
FUNCTIONS = [
    ("", "—"),
    ("marketing", _("Marketing")),
    ("sales", _("Sales")),
    ("service", _("Service")),
    ("product", _("Product")),
    ("logistics", _("Logistics")),
    ("people", _("People and culture")),
    ("finance", _("Finance")),
]
GUARDS = 3


def live_teams(user):
    return policy.visible(user, Team.objects.filter(archived_at=None))


def people():
    return User.objects.filter(membership__isnull=False, is_active=True).order_by("name")


class GoalForm(forms.ModelForm):
    class Meta:
        model = Goal
        fields = ("title", "why", "start", "due", "owner", "framework", "parent", "teams")
        labels = {
            "title": _("Goal"),
            "why": _("Why it matters"),
            "start": _("From"),
            "due": _("By"),
            "owner": _("Owner"),
            "framework": _("Kind of goal"),
            "parent": _("Part of the goal"),
            "teams": _("Teams that serve it"),
        }
        widgets = {
            "teams": forms.CheckboxSelectMultiple,
            "title": forms.TextInput(attrs={"placeholder": _("Grow revenue"), "autofocus": True}),
            "why": forms.Textarea(attrs={"rows": 2}),
        }

    def __init__(self, *args, user, **kwargs):
        super().__init__(*args, **kwargs)
        described(self)
        self.fields["owner"].queryset = people()
        self.fields["owner"].empty_label = "—"
        self.fields["framework"].required = False
        above = policy.visible(user, Goal.objects.filter(archived_at=None))
        self.fields["parent"].queryset = above.exclude(pk=self.instance.pk)
        self.fields["parent"].empty_label = "—"
        self.fields["teams"].queryset = live_teams(user)

    def clean_framework(self):
        return self.cleaned_data.get("framework") or self.instance.framework

    @property
    def values(self) -> dict:
        """What save_goal takes."""
        return {**self.cleaned_data, "teams": list(self.cleaned_data["teams"])}


class KpiForm(forms.ModelForm):
    """A KPI: what is always asked first, the rest under “More”."""

    slice_dim = forms.CharField(
        label=_("Only where dimension"),
        required=False,
        max_length=100,
        widget=forms.TextInput(attrs={"list": "dims", "autocomplete": "off"}),
    )
    slice_value = forms.CharField(label=_("is"), required=False, max_length=200)

    function = forms.ChoiceField(label=_("Function"), choices=FUNCTIONS, required=False)
    reason = forms.CharField(
        label=_("Why it changes"), max_length=300, required=False,
        help_text=_("Needed when what is measured or judged changes: slice, cadence, weight, guardrails."),
    )  # fmt: skip

    class Meta:
        model = Kpi
        fields = ("metric", "label", "cadence", "owner", "timing", "level", "function", "teams", "weight")
        labels = {
            "metric": _("Metric"),
            "label": _("Name on the page"),
            "cadence": _("Judged"),
            "owner": _("Owner"),
            "timing": _("Leading or lagging"),
            "level": _("Level"),
            "function": _("Function"),
            "teams": _("Teams that answer for it"),
            "weight": _("Weight in the goal (%)"),
        }
        widgets = {"teams": forms.CheckboxSelectMultiple}
        help_texts = {"label": _("Empty: the metric's name."), "weight": _("0 for an equal share."), "function": ""}

    def __init__(self, *args, user, **kwargs):
        super().__init__(*args, **kwargs)
        self.user = user
        described(self)
        self.fields["owner"].queryset = people()
        self.fields["owner"].empty_label = "—"
        self.fields["weight"].required = False
        self.fields["teams"].queryset = live_teams(user)
        if not self.instance.pk:
            del self.fields["reason"]
        if self.instance.function not in dict(FUNCTIONS):
            self.fields["function"].choices = [*FUNCTIONS, (self.instance.function, self.instance.function)]
        known = policy.visible(user, Metric.objects.order_by("label_ko", "name"))
        self.fields["metric"].queryset = known
        self.fields["metric"].empty_label = None
        if self.instance.pk:
            self.fields["metric"].disabled = True
            self.fields["metric"].help_text = _("Another metric is another KPI: add a new one.")
        guards = list(self.instance.guardrails.all()) if self.instance.pk else []
        for at in range(GUARDS):
            guard = guards[at] if at < len(guards) else None
            unit = guard.metric.unit if guard else "count"
            self.fields[f"guard_metric_{at}"] = forms.ModelChoiceField(
                known, required=False, label=_("Guardrail"), initial=guard and guard.metric_id
            )
            self.fields[f"guard_bound_{at}"] = forms.ChoiceField(
                choices=Guardrail.Bound.choices, required=False, label=_("must stay"), initial=guard and guard.bound
            )
            self.fields[f"guard_level_{at}"] = AmountField(
                required=False, label=_("Limit"), initial=guard and guard.level, unit=unit
            )
            self.fields[f"guard_metric_{at}"].empty_label = "—"
            for part in ("metric", "bound", "level"):
                field = self.fields[f"guard_{part}_{at}"]
                field.widget.attrs["aria-label"] = f"{field.label} {at + 1}"
        if self.instance.pk and self.instance.slice:
            dim, value = next(iter(self.instance.slice.items()))
            self.fields["slice_dim"].initial, self.fields["slice_value"].initial = dim, value

    def clean_weight(self):
        return self.cleaned_data.get("weight") or 0

    def clean(self):
        data = super().clean()
        if bool(data.get("slice_dim")) != bool(data.get("slice_value")):
            self.add_error("slice_value", _("A slice needs a dimension and its value."))
        for at in range(GUARDS):
            metric, level = data.get(f"guard_metric_{at}"), data.get(f"guard_level_{at}")
            if metric and level is None and f"guard_level_{at}" not in self.errors:
                self.add_error(f"guard_level_{at}", _("Say which limit the guardrail must keep."))
        return data

    @property
    def dims(self) -> list[str]:
        """What some table can be cut by, to choose from."""
        tables = policy.visible(self.user, Table.objects.all())
        return sorted({dim for table in tables for dim in table.source.get("dims", [])})

    @property
    def guards(self) -> list[tuple]:
        """The guardrail fields, three a row."""
        return [tuple(self[f"guard_{part}_{at}"] for part in ("metric", "bound", "level")) for at in range(GUARDS)]

    @property
    def values(self) -> dict:
        """What save_kpi takes."""
        data = self.cleaned_data
        fields = {name: data[name] for name in self.Meta.fields}
        fields["teams"] = list(data["teams"])
        fields["reason"] = data.get("reason", "")
        fields["slice"] = {data["slice_dim"]: data["slice_value"]} if data["slice_dim"] else {}
        fields["guardrails"] = [
            {
                "metric": data[f"guard_metric_{at}"],
                "bound": data[f"guard_bound_{at}"] or "max",
                "level": self._limit(at),
            }
            for at in range(GUARDS)
            if data[f"guard_metric_{at}"]
        ]
        return fields

    def _limit(self, at: int) -> float:
        """A limit on a percent metric: 10 and 10% are both a tenth."""
        field, raw = self.fields[f"guard_level_{at}"], self[f"guard_level_{at}"].value()
        field.unit = self.cleaned_data[f"guard_metric_{at}"].unit
        return field.to_python(str(raw))


class TargetForm(forms.Form):
    kind = forms.ChoiceField(label=_("Kind"), choices=KINDS)
    direction = forms.ChoiceField(label=_("Direction"), choices=DIRECTIONS)
    baseline = AmountField(
        label=_("From (baseline)"),
        required=False,
        help_text=_("Where it stands now. Empty: the target is judged as one level."),
    )
    level = AmountField(label=_("Target"), help_text=_("Per period: 1억 2,000만, 1,000 or 15% are fine."))
    start = forms.DateField(label=_("Starts"))
    due = forms.DateField(label=_("Due"))
    valid_from = forms.DateField(
        label=_("Judged by it from"), required=False, help_text=_("Closed periods keep the target of their time.")
    )
    reason = forms.CharField(label=_("Why it changes"), max_length=300)

    def __init__(self, *args, unit="count", revision=False, **kwargs):
        super().__init__(*args, **kwargs)
        described(self)
        word = dict(UNITS).get(unit, unit)
        for name in ("baseline", "level"):
            self.fields[name].unit = unit
            self.fields[name].label = format_lazy("{} · {}", self.fields[name].label, word)
        if not revision:
            del self.fields["reason"], self.fields["valid_from"]

    @property
    def values(self) -> dict:
        return {
            **self.cleaned_data,
            "baseline": self.cleaned_data["baseline"] if self.cleaned_data["kind"] == "reach" else None,
        }


def shortened(value: float, unit: str) -> float:
    """A value as precise as people read it, to stand in a form."""
    whole = unit in ("KRW", "count", "people") and abs(value) >= 100
    return float(rounded(value, 0 if whole else 2 + (2 if unit == "percent" else 0)))


def year_end(day: date) -> date:
    """The due date people mean by default: the end of the year, or of the next when it is near."""
    return date(day.year + (1 if day.month == 12 else 0), 12, 31)
