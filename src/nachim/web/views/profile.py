"""A person as colleagues know them: role, teams with their days, and what is theirs."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from nachim.app import policy
from nachim.app.actions import factors, people, teams
from nachim.app.models import Action, Goal, Kpi, Membership, Team, TeamMember, User
from nachim.web.forms.alignment import StayForm
from nachim.web.forms.fields import refused
from nachim.web.person import page as guarded
from nachim.web.person import thing
from nachim.web.signin import is_sure


@guarded("company.view")
def page(request, pk):
    return _page(request, _member(request, pk))


@require_POST
@guarded("team.edit")
def team(request, pk):
    """From when to when the person is in a team."""
    person = _member(request, pk)
    form = StayForm(request.POST, user=request.user)
    if form.is_valid():
        given = form.cleaned_data
        try:
            teams.set_stay(request.user, given["team"], person, since=given["since"], until=given["until"])
        except ValidationError as error:
            refused(form, error)
        else:
            return redirect("person", pk)
    return _page(request, person, form)


@require_POST
@guarded("people.edit")
def confine(request, pk):
    """Whether a viewer sees the company or their teams alone."""
    people.confine(request.user, _member(request, pk), "confined" in request.POST)
    return redirect("person", pk)


@require_POST
@guarded("people.edit")
def link(request, pk):
    """A link by which they choose a new password, for who makes it to hand over."""
    person = _member(request, pk)
    if not is_sure(request):
        return redirect(f"{reverse('again')}?next={reverse('person', args=[pk])}")
    token = people.new_link(request.user, person, forget_factors="forget" in request.POST)
    way = request.build_absolute_uri(reverse("invite", args=[token]))
    request.session["invite"] = {"name": person.name, "link": way, "days": people.LINK_DAYS}
    return redirect("settings")


@require_POST
@guarded("people.edit")
def sign_out(request, pk):
    """Out of every browser they are signed in with."""
    count = factors.sign_out(request.user, _member(request, pk))
    said = ngettext("Signed out of %(n)d browser.", "Signed out of %(n)d browsers.", count)
    messages.success(request, said % {"n": count})
    return redirect("person", pk)


def _member(request, pk) -> User:
    return thing(request, User.objects.filter(membership__isnull=False), pk)


def _page(request, person, form=None):
    mine = {"owner": person, "archived_at": None}
    stays = policy.visible(request.user, TeamMember.objects.filter(user=person, team__archived_at=None))
    context = {
        "nav": "settings", "person": person, "form": form or StayForm(user=request.user),
        "membership": policy.visible(request.user, Membership.objects.filter(user=person)).get(),
        "stays": stays.select_related("team").order_by("-since"),
        "leads": policy.visible(request.user, Team.objects.filter(lead=person, archived_at=None)),
        "goals": policy.visible(request.user, Goal.objects.filter(**mine)),
        "kpis": policy.visible(request.user, Kpi.objects.filter(**mine).select_related("metric")),
        "actions": policy.visible(request.user, Action.objects.filter(owner=person, done_at=None)),
    }  # fmt: skip
    return render(request, "settings/person.html", context, status=422 if form and form.errors else 200)
