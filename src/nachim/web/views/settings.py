"""The company's settings, one's own, and the audit trail."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import override

from nachim.app import policy
from nachim.app.actions import people, workspace
from nachim.app.models import Connection, Membership, Role
from nachim.app.work import later
from nachim.web.forms.fields import refused
from nachim.web.forms.people import CompanyForm, InviteForm, MeForm
from nachim.web.person import page as guarded

FIELDS = ("name", "tz", "week_start", "fiscal_year_start", "day_start", "locale", "closed")


@guarded("workspace.edit")
def page(request):
    form = CompanyForm(request.POST or None, initial=_company(request))
    if request.method == "POST" and form.is_valid():
        try:
            workspace.edit(request.user, **form.cleaned_data)
        except ValidationError as error:
            refused(form, error)
        else:
            later("nachim.jobs.tasks.refresh")
            messages.success(request, _("Saved. A changed calendar makes the numbers be computed again."))
            return redirect("settings")
    return shown(request, form, InviteForm())


def shown(request, form, invite):
    """The settings page with its two forms; people.invite shows it again when an invitation is refused."""
    members = policy.visible(request.user, Membership.objects.all()).select_related("user").order_by("user__name")
    return render(
        request,
        "settings/page.html",
        {
            "nav": "settings",
            "form": form or CompanyForm(initial=_company(request)),
            "invite": invite,
            "roles": Role.choices,
            "members": members,
            "connections": policy.visible(request.user, Connection.objects.all()),
            "link": request.session.pop("invite", None),
        },
        status=422 if (form and form.errors) or invite.errors else 200,
    )


@guarded("self.edit")
def me(request):
    user = request.user
    form = MeForm(request.POST or None, initial={"name": user.name, "locale": user.locale, "theme": user.theme})
    if request.method == "POST" and form.is_valid():
        people.edit_self(user, **form.cleaned_data)
        with override(user.locale or request.workspace.locale):
            messages.success(request, _("Saved."))
        return redirect("me")
    return render(request, "settings/me.html", {"nav": "settings", "form": form}, status=422 if form.errors else 200)


def _company(request) -> dict:
    return {name: getattr(request.workspace, name) for name in FIELDS}
