"""The two ways of writing values in: period by period, and two columns of a spreadsheet."""

from collections.abc import Sequence
from datetime import date

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from nachim.app import language
from nachim.app.actions.values import Value
from nachim.app.language import spoken
from nachim.app.models import Metric
from nachim.app.queries.values import Entry, every_of
from nachim.core.pasted import LONGEST_NOTE, read_pasted
from nachim.web.forms.fields import AmountField
from nachim.web.words import period_words


class EntriesForm(forms.Form):
    """A value and a note for each period shown. Only what is typed otherwise than it was shown is written: so whoever
    saves an old page takes nothing back that somebody else wrote since."""

    def __init__(self, *args, metric: Metric, entries: Sequence[Entry], **kwargs):
        super().__init__(*args, **kwargs)
        self.entries = entries
        for entry in entries:
            key, label = entry.period.key, period_words(entry.period)
            amount = AmountField(unit=metric.unit, label=label, required=False)
            amount.initial = entry.value
            note = forms.CharField(
                label=_("Note for %(period)s") % {"period": label}, required=False, max_length=LONGEST_NOTE,
                initial=entry.note,
            )  # fmt: skip
            amount.widget.attrs |= {"autocomplete": "off", "class": "amount"}
            note.widget.attrs |= {"autocomplete": "off", "aria-label": note.label, "placeholder": _("Note")}
            self.fields[f"value_{key}"], self.fields[f"note_{key}"] = amount, note
            for part in ("value", "note"):
                was = forms.CharField(required=False, widget=forms.HiddenInput)
                was.initial = self.fields[f"{part}_{key}"].prepare_value(entry.value if part == "value" else entry.note)
                self.fields[f"was_{part}_{key}"] = was

    def clean(self):
        data = super().clean()
        for entry in self.entries:
            key = entry.period.key
            alone = f"value_{key}" in data and data[f"value_{key}"] is None and data.get(f"note_{key}")
            if alone and self._changed("note", key):
                self.add_error(f"value_{key}", _("A note needs its value."))
        return data

    @property
    def rows(self) -> list[tuple]:
        """Each period with its fields."""
        names = ("value", "note", "was_value", "was_note")
        return [(entry, *(self[f"{name}_{entry.period.key}"] for name in names)) for entry in self.entries]

    @property
    def values(self) -> list[Value]:
        return [
            Value(entry.period, self.cleaned_data[f"value_{key}"], self.cleaned_data[f"note_{key}"])
            for entry in self.entries
            if (key := entry.period.key) and any(self._changed(part, key) for part in ("value", "note"))
        ]

    def _changed(self, part: str, key: str) -> bool:
        typed, was = (
            self.data.get(self.add_prefix(name), "").strip() for name in (f"{part}_{key}", f"was_{part}_{key}")
        )
        return typed != was


class PasteForm(forms.Form):
    """Two columns, a period and its value; a third is the note."""

    pasted = forms.CharField(
        label=gettext_lazy("Paste two columns of a spreadsheet"), max_length=200_000, strip=False,
        widget=forms.Textarea(attrs={"spellcheck": "false", "placeholder": "2026-01\t1,200\n2026-02\t1,350"}),
        help_text=gettext_lazy("A period and its value, one line each; a third column is the note. "
                               "Lines without a value change nothing."),
    )  # fmt: skip

    def __init__(self, *args, metric: Metric, today: date, **kwargs):
        super().__init__(*args, **kwargs)
        self.metric, self.today = metric, today
        self.values: list[Value] = []

    def clean_pasted(self):
        text = self.cleaned_data["pasted"]
        found, faults = read_pasted(text, every_of(self.metric), language.calendar(), self.metric.unit, self.today)
        if faults:
            said = [_("Line %(n)d: %(fault)s") % {"n": one.line, "fault": one.text(spoken())} for one in faults[:30]]
            if len(faults) > len(said):
                said.append(_("and %(n)d more lines") % {"n": len(faults) - len(said)})
            raise ValidationError(said)
        if not found:
            raise ValidationError(_("No line has a period and a value."))
        self.values = [Value(one.period, one.value, one.note) for one in found]
        return text
