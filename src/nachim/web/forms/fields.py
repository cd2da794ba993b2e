"""Fields that read what Koreans type."""

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from nachim.core.number import parse_number, rounded

UNITS = [
    ("KRW", _("won (₩)")),
    ("USD", _("dollars ($)")),
    ("count", _("a count")),
    ("people", _("people")),
    ("percent", _("percent (%)")),
    ("points", _("points")),
    ("ratio", _("times (×)")),
    ("days", _("days")),
    ("hours", _("hours")),
    ("minutes", _("minutes")),
    ("seconds", _("seconds")),
]


class AmountField(forms.CharField):
    """A number as people write it: 1억 2,000만, 15%, 1,000. In percent units 15 means 15 %. `unit` may be set later."""

    def __init__(self, *, unit: str = "count", **kwargs):
        super().__init__(**kwargs)
        self.unit = unit
        self.widget.attrs.setdefault("inputmode", "text")

    def to_python(self, value):
        text = super().to_python(value)
        if not text:
            return None
        try:
            return parse_number(text, self.unit)
        except (ValueError, ArithmeticError):
            raise ValidationError(
                _("“%(text)s” is not a number. 1억 2,000만, 1,000 or 15%% are."), params={"text": text}
            ) from None

    def prepare_value(self, value):
        if not isinstance(value, int | float):
            return value
        shown = rounded(value * 100 if self.unit == "percent" else value, 4).normalize()
        return f"{shown:,f}" + ("%" if self.unit == "percent" else "")


def described(form: forms.Form) -> None:
    """Dates get the browser's picker; nothing else is decided here."""
    for field in form.fields.values():
        if isinstance(field, forms.DateField):
            field.widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


def refused(form: forms.Form, error: ValidationError) -> None:
    """Put an action's refusal where its field is, or above the form."""
    if hasattr(error, "error_dict"):
        for name, errors in error.error_dict.items():
            for one in errors:
                form.add_error(name if name in form.fields else None, one)
    else:
        form.add_error(None, error)
