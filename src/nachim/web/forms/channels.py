"""Where findings are told and how many are wanted; an entry of the playbook."""

from django import forms
from django.utils.translation import gettext_lazy as _

from nachim.app.actions.channels import LEAST, MOST
from nachim.app.models import Channel, PlaybookEntry
from nachim.connect.notify import MAY, NEEDS

CLOCK = {"type": "time"}
PLAIN = {"autocomplete": "off", "spellcheck": "false"}
KEPT = ("name", "kind", "quiet_begins", "quiet_ends", "worse_only", "paused")


class ChannelForm(forms.Form):
    use_required_attribute = False
    name = forms.CharField(label=_("Name"), max_length=50, widget=forms.TextInput(attrs=PLAIN))
    kind = forms.ChoiceField(label=_("Kind"), choices=Channel.Kind.choices)
    address = forms.CharField(
        label=_("Address"), max_length=2000, required=False, widget=forms.TextInput(attrs=PLAIN),
        help_text=_("Mail: one or several with commas. Others: the incoming webhook's address. Kept encrypted."),
    )  # fmt: skip
    quiet_begins = forms.TimeField(label=_("Quiet from"), widget=forms.TimeInput(attrs=CLOCK, format="%H:%M"))
    quiet_ends = forms.TimeField(
        label=_("Quiet until"), widget=forms.TimeInput(attrs=CLOCK, format="%H:%M"),
        help_text=_("Nothing is sent in between; the same time twice means no quiet hours."),
    )  # fmt: skip
    secret = forms.CharField(
        label=_("Alimtalk: secret key. Webhook: what signs its messages"), required=False, max_length=200,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )  # fmt: skip
    sender = forms.CharField(label=_("Alimtalk: sender key"), required=False, max_length=100)
    template = forms.CharField(
        label=_("Alimtalk: template code"), required=False, max_length=50,
        help_text=_("Approved by Kakao, with the variables #{title}, #{text} and #{link}."),
    )  # fmt: skip
    to = forms.CharField(
        label=_("Alimtalk: numbers"), required=False, max_length=500, help_text=_("With commas between: 010-1234-5678.")
    )
    worse_only = forms.BooleanField(label=_("Only what got worse"), required=False)
    paused = forms.BooleanField(label=_("Paused"), required=False)

    def __init__(self, *args, channel: Channel | None = None, **kwargs):
        source = channel or Channel()
        super().__init__(*args, initial={name: getattr(source, name) for name in KEPT}, **kwargs)
        if channel is not None:
            self.fields["address"].help_text = _("Empty keeps the one that is stored.")

    def given(self) -> dict:
        """What the action takes."""
        data = dict(self.cleaned_data)
        keys = {name: data.pop(name) for name in ("secret", "sender", "template", "to")}
        taken = (*NEEDS.get(data["kind"], ()), *MAY.get(data["kind"], ()))
        return data | {"keys": {name: keys[name] for name in taken}}


class BudgetForm(forms.Form):
    a_week = forms.FloatField(
        label=_("Findings a week"), min_value=LEAST, max_value=MOST,
        help_text=_("So many may turn up by chance in a usual week. More of them means smaller changes are found."),
    )  # fmt: skip


class EntryForm(forms.Form):
    part = forms.ChoiceField(label=_("Kind"), choices=PlaybookEntry.Part.choices)
    name = forms.SlugField(label=_("Name"), max_length=64, widget=forms.TextInput(attrs=PLAIN))
    body = forms.CharField(
        label=_("Text (YAML)"), max_length=20000, widget=forms.Textarea(attrs={"rows": 24, "spellcheck": "false"})
    )
