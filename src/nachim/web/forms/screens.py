"""A link for a screen: where it hangs, what it shows, how long."""

from django import forms
from django.utils.translation import gettext_lazy as _

from nachim.app import policy
from nachim.app.actions.screens import MOST_DAYS, SECONDS
from nachim.app.models import Team


class ScreenForm(forms.Form):
    name = forms.CharField(label=_("Where does it hang?"), max_length=80)
    team = forms.ModelChoiceField(
        label=_("What does it show?"), queryset=None, required=False,
        empty_label=_("The company, then each team"),
    )  # fmt: skip
    seconds = forms.IntegerField(
        label=_("How many seconds does each page stay?"), initial=20, min_value=SECONDS[0], max_value=SECONDS[1]
    )
    days = forms.IntegerField(label=_("For how many days?"), initial=90, min_value=1, max_value=MOST_DAYS)

    def __init__(self, *args, user, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["team"].queryset = policy.visible(user, Team.objects.filter(archived_at=None))
