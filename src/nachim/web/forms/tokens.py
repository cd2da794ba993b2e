"""A token: what it is for, what it may do, how long."""

from django import forms
from django.utils.translation import gettext_lazy as _

from nachim.app import policy

WORDS = [
    ("read", _("Read: everything I can see")),
    ("write", _("Write: everything I can do, tokens and my own settings apart")),
    ("ingest", _("Ingest: send events into tables, and nothing else")),
]


class TokenForm(forms.Form):
    name = forms.CharField(label=_("What will use it?"), max_length=80)
    scopes = forms.MultipleChoiceField(
        label=_("What may it do?"), choices=WORDS, required=False, widget=forms.CheckboxSelectMultiple
    )
    more = forms.MultipleChoiceField(
        label=_("Or single permissions"),
        required=False,
        choices=[(name, name) for name in policy.PERMISSIONS if name not in policy.PERSONAL],
        widget=forms.SelectMultiple(attrs={"size": 6}),
        help_text=_("A token never may more than you."),
    )
    days = forms.IntegerField(label=_("For how many days?"), initial=90, min_value=1, max_value=366)

    def clean(self):
        given = super().clean()
        given["scopes"] = [*given.get("scopes", ()), *given.pop("more", ())]
        if not given["scopes"]:
            self.add_error("scopes", _("Choose at least one."))
        return given
