"""The target's editor, and another view of a status."""

from django import forms
from django.utils.translation import gettext_lazy as _

from nachim.core.status_change import OVERRIDABLE
from nachim.web.forms.fields import described
from nachim.web.forms.goals import TargetForm

PATHS = [("", _("straight")), ("seasonal", _("with the seasons of its own past"))]
WORDS = {"on_pace": _("On pace"), "at_risk": _("At risk"), "behind": _("Behind")}


class EditorForm(TargetForm):
    """A target with its path. A path that the form cannot write (steps, months) stays as it is."""

    path = forms.ChoiceField(
        label=_("Path"), choices=PATHS, required=False,
        help_text=_("With seasons, weak weeks such as 설날 are expected to be weak: learnt from its own last years."),
    )  # fmt: skip

    def __init__(self, *args, seasons=None, before=None, **kwargs):
        super().__init__(*args, **kwargs)
        self.seasons, self.before = seasons, before or {}
        self.fields["level"].widget.attrs["autocomplete"] = "off"
        kept = self.before.get("trajectory", "linear")
        if isinstance(kept, dict) and "seasonal" in kept:
            self.seasons = seasons or kept["seasonal"]
            self.initial["path"] = "seasonal"
        elif kept != "linear":
            self.fields["path"].choices = [*PATHS, ("kept", _("as it is"))]
            self.initial["path"] = "kept"
        if self.seasons is None and kept == "linear":
            del self.fields["path"]

    @property
    def values(self) -> dict:
        found = {name: value for name, value in super().values.items() if name != "path"}
        path = self.cleaned_data.get("path", "")
        if found["kind"] != "reach":
            return found
        if path == "seasonal" and self.seasons is not None:
            found["trajectory"] = {"seasonal": self.seasons}
        elif path == "kept":
            found["trajectory"] = self.before["trajectory"]
        for name in ("total", "business_days"):
            if self.before.get(name):
                found[name] = self.before[name]
        return found


class OverrideForm(forms.Form):
    status = forms.ChoiceField(label=_("Seen as"), choices=[(one.value, WORDS[one.value]) for one in OVERRIDABLE])
    reason = forms.CharField(label=_("Why"), max_length=300)
    until = forms.DateField(label=_("Until"))

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        described(self)
