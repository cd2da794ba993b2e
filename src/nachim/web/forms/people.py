"""First run, signing in, and what people set."""

import re
from zoneinfo import available_timezones

from django import forms
from django.utils.dates import MONTHS
from django.utils.translation import gettext_lazy as _

from nachim.app.models import Role, User

MONTH_CHOICES = list(MONTHS.items())
MOST_BYTES = 2 * 1024 * 1024
LOCALES = [("ko", "한국어"), ("en", "English")]
WEEKDAYS = [(0, _("Monday")), (6, _("Sunday"))]


def _password(label):
    return forms.CharField(
        label=label,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        strip=False,
        help_text=_("At least 10 characters; a sentence is easiest to remember."),
    )


class SetupForm(forms.Form):
    name = forms.CharField(
        label=_("Your name"), max_length=80, widget=forms.TextInput(attrs={"autocomplete": "name", "autofocus": True})
    )
    email = forms.EmailField(label=_("E-mail"), widget=forms.EmailInput(attrs={"autocomplete": "username"}))
    password = _password(_("Password"))
    company = forms.CharField(
        label=_("Company name"), max_length=100, widget=forms.TextInput(attrs={"autocomplete": "organization"})
    )
    fiscal_year_start = forms.TypedChoiceField(
        label=_("Month the fiscal year begins in"), choices=MONTH_CHOICES, coerce=int, initial=1
    )


class LoginForm(forms.Form):
    email = forms.EmailField(
        label=_("E-mail"), widget=forms.EmailInput(attrs={"autocomplete": "username", "autofocus": True})
    )
    password = forms.CharField(
        label=_("Password"), strip=False, widget=forms.PasswordInput(attrs={"autocomplete": "current-password"})
    )


class AcceptForm(forms.Form):
    password = _password(_("Choose a password"))


class CodeForm(forms.Form):
    code = forms.CharField(
        label=_("Code"), max_length=32,
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "inputmode": "text", "autofocus": True}),
    )  # fmt: skip


class AgainForm(forms.Form):
    proof = forms.CharField(
        label=_("Your password, or a code"), strip=False, max_length=200,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password", "autofocus": True}),
    )  # fmt: skip


class PasswordForm(forms.Form):
    use_required_attribute = False
    old = forms.CharField(
        label=_("Present password"), strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )  # fmt: skip
    new = _password(_("New password"))

    def __init__(self, *args, user, **kwargs):
        super().__init__(*args, **kwargs)
        if not user.has_usable_password():
            del self.fields["old"]


class DaysField(forms.CharField):
    """Days in any order, parted by commas, spaces or lines."""

    widget = forms.Textarea(attrs={"rows": 2, "inputmode": "numeric"})

    def to_python(self, value):
        return re.split(r"[\s,]+", value.strip(" \t\r\n,")) if value and value.strip(" \t\r\n,") else []

    def prepare_value(self, value):
        return ", ".join(value) if isinstance(value, list) else value


class CompanyForm(forms.Form):
    name = forms.CharField(label=_("Company name"), max_length=100)
    tz = forms.ChoiceField(label=_("Time zone"), choices=[(zone, zone) for zone in sorted(available_timezones())])
    week_start = forms.TypedChoiceField(label=_("A week begins on"), choices=WEEKDAYS, coerce=int)
    fiscal_year_start = forms.TypedChoiceField(
        label=_("Month the fiscal year begins in"), choices=MONTH_CHOICES, coerce=int
    )
    day_start = forms.TimeField(
        label=_("A day begins at"),
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
        help_text=_("Shops open past midnight may choose 05:00."),
    )
    locale = forms.ChoiceField(label=_("Language of the company"), choices=LOCALES)
    closed = DaysField(
        label=_("Days the company is closed"),
        required=False,
        help_text=_(
            "Besides weekends and public holidays, which are known: 2026-05-04, 2026-12-31. "
            "Paths on business days and daily forecasts heed them."
        ),
    )


class MeForm(forms.Form):
    name = forms.CharField(label=_("Your name"), max_length=80)
    locale = forms.ChoiceField(label=_("Language"), choices=[("", _("As the company")), *LOCALES], required=False)
    theme = forms.ChoiceField(label=_("Theme"), choices=User.Theme.choices)


class RosterForm(forms.Form):
    """A file, or the text of one whose plan was shown."""

    use_required_attribute = False
    file = forms.FileField(
        label=_("CSV file"), required=False, widget=forms.FileInput(attrs={"accept": ".csv,text/csv"})
    )
    text = forms.CharField(required=False, widget=forms.HiddenInput, strip=False)

    def clean(self):
        data = super().clean()
        file = data.get("file")
        if file is not None and file.size > MOST_BYTES:
            raise forms.ValidationError(_("This file is too large for a list of people."))
        try:
            data["lines"] = file.read().decode("utf-8-sig") if file is not None else data.get("text", "")
        except UnicodeDecodeError:
            raise forms.ValidationError(_("This is not UTF-8 text. Save it as “CSV UTF-8”.")) from None
        if not data["lines"].strip():
            self.add_error("file", _("Choose a file."))
        return data


class InviteForm(forms.Form):
    use_required_attribute = False
    name = forms.CharField(label=_("Name"), max_length=80)
    email = forms.EmailField(label=_("E-mail"))
    role = forms.ChoiceField(
        label=_("Role"),
        choices=Role.choices,
        initial=Role.VIEWER,
        help_text=_(
            "Viewers see; members act on what is theirs; leads set goals and targets of their teams; "
            "editors those of the company; admins also people and settings; "
            "auditors see everything and change nothing."
        ),
    )

    def __init__(self, *args, **kwargs):
        # Beside the company's form on one page: ids of its own.
        super().__init__(*args, auto_id="invite_%s", **kwargs)
