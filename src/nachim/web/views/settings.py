"""The company's settings, one's own, and the audit trail."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from nachim.app.actions import people, workspace
from nachim.app.models import AuditEntry, Membership, Role
from nachim.web.forms.fields import refused
from nachim.web.forms.people import CompanyForm, InviteForm, MeForm
from nachim.web.person import page as guarded

FIELDS = ("name", "tz", "week_start", "fiscal_year_start", "day_start", "locale")


@guarded("workspace.edit")
def page(request, form=None, invite=None, status=200):
    place = request.workspace
    form = form or CompanyForm(request.POST or None, initial={name: getattr(place, name) for name in FIELDS})
    if request.method == "POST" and invite is None and form.is_valid():
        try:
            workspace.edit(request.user, **form.cleaned_data)
        except ValidationError as error:
            refused(form, error)
        else:
            from nachim.app.work import later

            later("nachim.jobs.tasks.refresh")
            messages.success(request, _("Saved. A changed calendar makes the numbers be computed again."))
            return redirect("settings")
    return render(request, "settings/page.html", {
        "nav": "settings", "form": form, "invite": invite or InviteForm(), "roles": Role.choices,
        "members": Membership.objects.select_related("user").order_by("user__name"), "link": request.session.pop("invite", None),
    }, status=422 if form.errors or (invite and invite.errors) else status)  # fmt: skip


@guarded("self.edit")
def me(request):
    user = request.user
    form = MeForm(request.POST or None, initial={"name": user.name, "locale": user.locale, "theme": user.theme})
    if request.method == "POST" and form.is_valid():
        people.edit_self(user, **form.cleaned_data)
        return redirect("me")
    return render(request, "settings/me.html", {"nav": "settings", "form": form}, status=422 if form.errors else 200)


@guarded("audit.view")
def audit(request):
    entries = AuditEntry.objects.select_related("actor")
    kind = request.GET.get("kind", "")
    shown = Paginator(entries.filter(object_kind=kind) if kind else entries, 50).get_page(request.GET.get("page"))
    kinds = sorted(AuditEntry.objects.order_by().values_list("object_kind", flat=True).distinct())
    return render(request, "settings/audit.html", {"nav": "settings", "shown": shown, "kinds": kinds, "kind": kind})
