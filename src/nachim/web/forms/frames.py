"""A metric at another time: last year's, of the last 28 days, so far this year, the mean of its days."""

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from nachim.metrics.duration import duration
from nachim.web.forms.metrics import MetricForm

SHIFTS = [
    ("", _("the period itself")),
    ("-1 day", _("a day earlier")),
    ("-7 days", _("a week earlier")),
    ("-1 month", _("a month earlier")),
    ("-1 quarter", _("a quarter earlier")),
    ("-1 year", _("a year earlier")),
    ("-1 year align weekday", _("a year earlier, on the same weekday")),
    ("-1 year align lunar", _("a year earlier, as far from Seollal or Chuseok")),
]
TO_DATE = [
    ("", "—"),
    ("week", _("from the start of the week")),
    ("month", _("from the start of the month")),
    ("quarter", _("from the start of the quarter")),
    ("year", _("from the start of the year")),
]
EVALS = [
    ("end", _("as of the end of the period")),
    ("start", _("as of its first day")),
    ("avg", _("the mean of its days")),
    ("max", _("the highest of its days")),
    ("min", _("the lowest of its days")),
]
OURS = ("at", "shift", "window", "to_date", "eval")


class FrameForm(MetricForm):
    """A metric in another frame; what a file says besides (all, over) is kept as it is."""

    way = "at"
    at = forms.ChoiceField(label=_("Metric"))
    shift = forms.ChoiceField(label=_("When"), choices=SHIFTS, required=False)
    window = forms.CharField(
        label=_("Over the last"), required=False, max_length=20, help_text=_("For example: 28 days, 3 months")
    )
    to_date = forms.ChoiceField(label=_("So far"), choices=TO_DATE, required=False)
    eval = forms.ChoiceField(label=_("Which value of a period"), choices=EVALS, required=False)

    def __init__(self, *args, known, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["at"].choices = [(one.name, f"{one.label} ({one.name})") for one in known]
        given = self.initial.get("shift", "")
        if given and given not in dict(SHIFTS):
            self.fields["shift"].choices = [*SHIFTS, (given, given)]

    def clean_window(self):
        text = self.cleaned_data["window"].strip()
        if text and duration(text) is None:
            raise ValidationError(gettext("Write a length such as 28 days, 24 hours or 3 months."))
        return text

    @property
    def spec(self) -> dict:
        rest = {key: one for key, one in (self.metric.spec if self.metric else {}).items() if key not in OURS}
        given = {key: self.cleaned_data[key] for key in OURS if self.cleaned_data.get(key)}
        if given.get("eval") == "end":
            del given["eval"]
        return {**given, **rest}
