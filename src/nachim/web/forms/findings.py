"""Judging a finding, acting on it, and what happened when."""

from django import forms
from django.utils.translation import gettext_lazy as _

from nachim.app.models import Event, Finding
from nachim.web.forms.goals import people

DAY = {"type": "date"}
JUDGEMENTS = [
    (Finding.State.ACKNOWLEDGED, _("I have seen it")),
    (Finding.State.EXPLAINED, _("It is explained")),
    (Finding.State.FAULT, _("It is a fault of the data")),
]


class JudgeForm(forms.Form):
    state = forms.ChoiceField(label=_("What is it?"), choices=JUDGEMENTS)
    note = forms.CharField(label=_("Why"), max_length=300, required=False)


class ActForm(forms.Form):
    title = forms.CharField(label=_("What will be done"), max_length=200)
    owner = forms.ModelChoiceField(label=_("Owner"), queryset=None)
    due = forms.DateField(label=_("By"), widget=forms.DateInput(attrs=DAY))
    play = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["owner"].queryset = people()


class EventForm(forms.Form):
    name = forms.CharField(label=_("What happened"), max_length=100)
    kind = forms.ChoiceField(label=_("Kind"), choices=Event.Kind.choices)
    first = forms.DateField(label=_("From"), widget=forms.DateInput(attrs=DAY))
    last = forms.DateField(label=_("Until"), required=False, widget=forms.DateInput(attrs=DAY))
