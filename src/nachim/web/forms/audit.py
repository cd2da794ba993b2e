"""What to look for in the audit trail."""

from datetime import datetime, time, timedelta

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

KINDS = {
    "goal": _("Goal"),
    "kpi": _("KPI"),
    "metric": _("Metric"),
    "table": _("Table"),
    "importrun": _("Import"),
    "user": _("Person"),
    "workspace": _("Company"),
    "connection": _("Connection"),
    "team": _("Team"),
    "sheet": _("Sheet"),
    "keyresult": _("Key result"),
    "finding": _("Finding"),
    "action": _("Action"),
    "event": _("Event"),
    "apitoken": _("API token"),
}
DAY = timedelta(days=1)


class AuditForm(forms.Form):
    use_required_attribute = False
    person = forms.ChoiceField(label=_("Who"), required=False)
    kind = forms.ChoiceField(label=_("Kind"), required=False)
    object = forms.CharField(label=_("Of"), required=False, max_length=200)
    since = forms.DateField(label=_("From"), required=False, widget=forms.DateInput(attrs={"type": "date"}))
    until = forms.DateField(label=_("Until"), required=False, widget=forms.DateInput(attrs={"type": "date"}))

    def __init__(self, *args, names, kinds, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["person"].choices = [("", _("Everyone")), *((name, name) for name in names)]
        self.fields["kind"].choices = [("", _("All")), *((kind, KINDS.get(kind, kind)) for kind in kinds)]

    def narrowed(self, entries):
        """The entries that are looked for; nothing where the question cannot be read."""
        if not self.is_valid():
            return entries.none()
        asked = self.cleaned_data
        wanted = {
            "actor_name": asked["person"], "object_kind": asked["kind"], "object_name__icontains": asked["object"],
            "at__gte": asked["since"] and _midnight(asked["since"]),
            "at__lt": asked["until"] and _midnight(asked["until"] + DAY),
        }  # fmt: skip
        return entries.filter(**{name: value for name, value in wanted.items() if value})


def _midnight(day) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))
