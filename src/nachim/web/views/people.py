"""The people of the company, by its owner."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from nachim.app.actions import people
from nachim.app.models import Membership, Role, User
from nachim.web import undo
from nachim.web.forms.fields import refused
from nachim.web.forms.people import InviteForm
from nachim.web.pace import paced
from nachim.web.person import page as guarded
from nachim.web.person import thing
from nachim.web.views.settings import shown


@require_POST
@guarded("people.edit")
@paced("invitation", "POST")
def invite(request):
    form = InviteForm(request.POST)
    if form.is_valid():
        try:
            user, token = people.invite(request.user, **form.cleaned_data)
        except ValidationError as error:
            refused(form, error)
        else:
            link = request.build_absolute_uri(reverse("invite", args=[token]))
            request.session["invite"] = {"name": user.name, "link": link, "days": people.INVITE_DAYS}
            return redirect("settings")
    return shown(request, None, form)


@require_POST
@guarded("people.edit")
def role(request, pk):
    return _changed(request, pk, lambda user: people.set_role(request.user, user, Role(request.POST.get("role", ""))))


@require_POST
@guarded("people.edit")
def remove(request, pk):
    """They may be brought back as they were, with their teams."""
    user = thing(request, User.objects.filter(membership__isnull=False), pk)
    until = Q(until=None) | Q(until__gte=timezone.localdate())
    stays = [[stay.team_id, str(stay.since), stay.until and str(stay.until)] for stay in user.stays.filter(until)]
    facts = {"role": user.membership.role, "confined": user.membership.confined, "stays": stays}
    answer = _changed(request, pk, lambda user: people.remove(request.user, user))
    if not Membership.objects.filter(user=user).exists():
        undo.offer(request, _("%(name)s was taken out.") % {"name": user.name}, "person", pk=pk, **facts)
    return answer


def _changed(request, pk, change):
    user = thing(request, User.objects.filter(membership__isnull=False), pk)
    try:
        change(user)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    except ValueError:
        messages.error(request, _("There is no such role."))
    return redirect("settings")
