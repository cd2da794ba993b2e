"""Teams, drivers, key results, check-ins and sheets."""

from django import forms
from django.utils.translation import gettext_lazy as _

from nachim.app import policy
from nachim.app.models import DriverEdge, KeyResult, Kpi, Metric, Sheet, Team
from nachim.web.forms.fields import described
from nachim.web.forms.goals import FUNCTIONS, people

LINES = 6


class TeamForm(forms.ModelForm):
    function = forms.ChoiceField(label=_("Function"), choices=FUNCTIONS, required=False)
    slice_dim = forms.CharField(
        label=_("Its people see only where dimension"), required=False, max_length=100,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        help_text=_("Of metrics that are cut by it. Teams below see the same."),
    )  # fmt: skip
    slice_value = forms.CharField(label=_("is"), required=False, max_length=200)

    class Meta:
        model = Team
        fields = ("label", "function", "parent", "lead", "members")
        labels = {"label": _("Team"), "parent": _("Part of"), "lead": _("Lead"), "members": _("Members")}
        widgets = {"members": forms.CheckboxSelectMultiple}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["parent"].queryset = Team.objects.filter(archived_at=None).exclude(pk=self.instance.pk)
        self.fields["lead"].queryset = self.fields["members"].queryset = people()
        if self.instance.pk:
            self.fields["members"].initial = list(self.instance.people())
            self.initial["members"] = self.fields["members"].initial
        if self.instance.slice:
            dim, value = next(iter(self.instance.slice.items()))
            self.fields["slice_dim"].initial, self.fields["slice_value"].initial = dim, value
        for name in ("parent", "lead"):
            self.fields[name].empty_label = "—"

    @property
    def values(self) -> dict:
        data = dict(self.cleaned_data)
        dim, value = data.pop("slice_dim"), data.pop("slice_value")
        return data | {"members": list(data["members"]), "slice": {dim: value} if dim else {}}

    def clean(self):
        data = super().clean()
        if bool(data.get("slice_dim")) != bool(data.get("slice_value")):
            self.add_error("slice_value", _("A slice needs a dimension and its value."))
        return data


class StayForm(forms.Form):
    """From when to when somebody is in a team."""

    use_required_attribute = False
    team = forms.ModelChoiceField(Team.objects.none(), label=_("Team"))
    since = forms.DateField(
        label=_("From"), required=False, widget=forms.DateInput(attrs={"type": "date"}),
        help_text=_("Empty: as it was, or today."),
    )  # fmt: skip
    until = forms.DateField(
        label=_("Last day"), required=False, widget=forms.DateInput(attrs={"type": "date"}),
        help_text=_("Empty: no end is known."),
    )  # fmt: skip

    def __init__(self, *args, user, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["team"].queryset = policy.visible(user, Team.objects.filter(archived_at=None))


class DriverForm(forms.ModelForm):
    class Meta:
        model = DriverEdge
        fields = ("part", "whole", "kind", "how", "against", "direction", "lag_days", "note")
        labels = {
            "part": _("This metric"), "whole": _("bears on"), "kind": _("How one knows"), "how": _("Put together"),
            "against": _("Taken off or divides"), "direction": _("Which way"), "lag_days": _("Days until it shows"),
            "note": _("Where it is known from"),
        }  # fmt: skip

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for name in ("part", "whole"):
            self.fields[name].queryset = Metric.objects.order_by("label_ko", "name")
        self.fields["lag_days"].required = self.fields["direction"].required = False

    def clean_lag_days(self):
        return self.cleaned_data.get("lag_days") or 0

    def clean_direction(self):
        return self.cleaned_data.get("direction") or DriverEdge.Direction.UP

    def validate_unique(self):
        """The same two again change the edge there is."""


class KeyResultForm(forms.ModelForm):
    class Meta:
        model = KeyResult
        fields = ("kpi", "label", "owner", "weight")
        labels = {
            "kpi": _("KPI"), "label": _("What will be there"), "owner": _("Owner"), "weight": _("Weight (%)"),
        }  # fmt: skip
        help_texts = {
            "kpi": _("Its score is the progress. None: a milestone you report on."),
            "label": _("Empty: the KPI's name."), "weight": _("0 for an equal share."),
        }  # fmt: skip

    def __init__(self, *args, user, **kwargs):
        super().__init__(*args, **kwargs)
        kpis = policy.visible(user, Kpi.objects.filter(archived_at=None).select_related("metric", "goal"))
        self.fields["kpi"].queryset = kpis
        self.fields["kpi"].empty_label = _("— a milestone —")
        self.fields["label"].required = self.fields["weight"].required = False
        self.fields["owner"].queryset = people()
        self.fields["owner"].empty_label = "—"

    def clean_weight(self):
        return self.cleaned_data.get("weight") or 0


class CheckInForm(forms.Form):
    confidence = forms.IntegerField(
        label=_("Confidence, 0 to 10"),
        min_value=0,
        max_value=10,
        widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
    )
    progress = forms.FloatField(label=_("Done (%)"), min_value=0, max_value=100, required=False)
    note = forms.CharField(label=_("What changed"), max_length=500, required=False)

    def clean_progress(self):
        given = self.cleaned_data.get("progress")
        return None if given is None else given / 100


class SheetForm(forms.ModelForm):
    class Meta:
        model = Sheet
        fields = ("person", "lead", "start", "due")
        labels = {"person": _("Whose goals"), "lead": _("Approved by"), "start": _("From"), "due": _("By")}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        described(self)
        self.fields["person"].queryset = self.fields["lead"].queryset = people()


class SheetLinesForm(forms.Form):
    """Up to six lines; the weights of those that say something sum to 100."""

    reason = forms.CharField(label=_("Why it changes"), max_length=300, required=False)

    def __init__(self, *args, user, items=(), revision=False, **kwargs):
        super().__init__(*args, **kwargs)
        if revision:
            self.fields["reason"].required = True
        else:
            del self.fields["reason"]
        live = policy.visible(user, Kpi.objects.filter(archived_at=None).select_related("metric"))
        kpis = [("", "—"), *((kpi.name, str(kpi)) for kpi in live)]
        for at in range(LINES):
            item = items[at] if at < len(items) else {}
            self.fields[f"label_{at}"] = forms.CharField(label=_("Goal"), required=False, max_length=200)
            self.fields[f"kpi_{at}"] = forms.ChoiceField(label=_("KPI"), required=False, choices=kpis)
            self.fields[f"aim_{at}"] = forms.CharField(
                label=_("What counts as reached"), required=False, max_length=200
            )
            self.fields[f"weight_{at}"] = forms.FloatField(
                label=_("Weight (%)"), required=False, min_value=0, max_value=100
            )
            for part in ("label", "kpi", "aim", "weight"):
                field = self.fields[f"{part}_{at}"]
                given = item.get(part, "")
                field.initial = int(given) if part == "weight" and given and given == int(given) else given
                field.widget.attrs["aria-label"] = f"{field.label} {at + 1}"

    @property
    def rows(self) -> list[tuple]:
        return [tuple(self[f"{part}_{at}"] for part in ("label", "kpi", "aim", "weight")) for at in range(LINES)]

    @property
    def items(self) -> list[dict]:
        data = self.cleaned_data
        lines = [{part: data[f"{part}_{at}"] for part in ("label", "kpi", "aim", "weight")} for at in range(LINES)]
        return [line | {"weight": line["weight"] or 0} for line in lines if line["label"] or line["kpi"]]
