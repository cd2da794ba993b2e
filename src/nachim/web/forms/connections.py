"""A connection as people type it. The password goes in and is never shown again."""

from zoneinfo import available_timezones

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from nachim.app.actions.connections import FIELDS, RANGES
from nachim.app.models import Connection


def _whole(name: str, label, help_text=""):
    least, most = RANGES[name]
    return forms.IntegerField(label=label, min_value=least, max_value=most, help_text=help_text)


class ConnectionForm(forms.Form):
    use_required_attribute = False
    name = forms.CharField(
        label=_("Name"), max_length=50, help_text=_("How definitions call it: warehouse."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )  # fmt: skip
    engine = forms.ChoiceField(label=_("Engine"), choices=Connection.Engine.choices)
    host = forms.CharField(
        label=_("Host"), max_length=255, widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        help_text=_("For Spark the master's."),
    )  # fmt: skip
    port = _whole("port", _("Port"), _("0: the engine's usual one."))
    database = forms.CharField(label=_("Database"), max_length=100, required=False)
    user = forms.CharField(
        label=_("User"), max_length=100, required=False, widget=forms.TextInput(attrs={"autocomplete": "off"}),
        help_text=_("Reading is all this user needs."),
    )  # fmt: skip
    password = forms.CharField(
        label=_("Password"), required=False, strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )  # fmt: skip
    schema = forms.CharField(
        label=_("Schema"), max_length=100, required=False, help_text=_("Of tables that name none.")
    )
    zone = forms.ChoiceField(
        label=_("Time zone"), choices=[(zone, zone) for zone in sorted(available_timezones())],
        help_text=_("For times that were stored without one."),
    )  # fmt: skip
    seconds = _whole("seconds", _("Longest query, in seconds"))
    every_minutes = _whole("every_minutes", _("Ask again after, in minutes"), _("Younger numbers stand as they are."))
    secure = forms.BooleanField(label=_("Encrypted (TLS) or not at all"), required=False)

    def __init__(self, *args, connection: Connection | None = None, **kwargs):
        source = connection or Connection()
        super().__init__(*args, initial={name: getattr(source, name) for name in ("name", *FIELDS)}, **kwargs)
        if connection is not None:
            del self.fields["name"]
            self.fields["password"].help_text = _kept(connection)

    def given(self) -> dict:
        """What the action takes: an empty password is no answer, so the one that is kept stays."""
        data = dict(self.cleaned_data)
        return data if data.get("password") else {key: value for key, value in data.items() if key != "password"}


def _kept(connection: Connection) -> str:
    if connection.variable:
        return gettext("It is in the variable %(name)s. One that is typed here takes its place.") % {
            "name": connection.variable
        }
    return gettext("Empty keeps the one that is stored.") if connection.secret else ""
