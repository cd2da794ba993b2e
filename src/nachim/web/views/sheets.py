"""Sheets of agreed goals: one's own, and those one leads."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from nachim.app import policy
from nachim.app.actions import mbo as actions
from nachim.app.models import Sheet, Team, TeamMember
from nachim.app.queries.sheets import sheet_page
from nachim.web.forms.alignment import SheetForm, SheetLinesForm
from nachim.web.forms.fields import refused
from nachim.web.forms.goals import year_end
from nachim.web.person import page as guarded
from nachim.web.person import thing


@guarded("sheet.view")
def index(request):
    shown = policy.visible(request.user, Sheet.objects.filter(archived_at=None)).select_related("person", "lead")
    pages = [sheet_page(sheet, user=request.user) for sheet in shown.prefetch_related("versions")]
    waiting = [one for one in pages if one.waiting and policy.can(request.user, "sheet.approve", one.sheet)]
    return render(request, "sheets/index.html", {"nav": "goals", "pages": pages, "waiting": waiting})


@guarded("sheet.edit")
def new(request):
    today = timezone.localdate()
    own = TeamMember.on().filter(user=request.user).values("team")
    team = policy.visible(request.user, Team.objects.filter(pk__in=own, archived_at=None)).exclude(lead=None).first()
    lead = team.lead_id if team and team.lead_id != request.user.pk else None
    initial = {"person": request.user.pk, "lead": lead, "start": today.replace(day=1), "due": year_end(today)}
    form = SheetForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            sheet = actions.open_sheet(request.user, **form.cleaned_data)
        except ValidationError as error:
            refused(form, error)
        else:
            return redirect("sheet-change", sheet.pk)
    return render(request, "sheets/new.html", {"nav": "goals", "form": form}, status=422 if form.errors else 200)


@guarded("sheet.view")
def page(request, pk):
    return _page(request, _sheet(request, pk))


@guarded("sheet.edit")
def change(request, pk):
    """Propose what the sheet says; after something was agreed, with a reason."""
    sheet = _sheet(request, pk)
    shown = sheet_page(sheet, user=request.user)
    last = shown.waiting or shown.agreed or (shown.versions[0] if shown.versions else None)
    items, revision = last.items if last else (), shown.agreed is not None
    form = SheetLinesForm(request.POST or None, user=request.user, items=items, revision=revision)
    if request.method == "POST" and form.is_valid():
        try:
            actions.propose(request.user, sheet, form.items, reason=form.cleaned_data.get("reason", ""))
        except ValidationError as error:
            refused(form, error)
        else:
            messages.success(request, _("The proposal waits for %(lead)s.") % {"lead": sheet.lead.name})
            return redirect("sheet", pk)
    context = {"nav": "goals", "sheet": sheet, "form": form, "shown": shown}
    return render(request, "sheets/change.html", context, status=422 if form.errors else 200)


@require_POST
@guarded("sheet.approve")
def decide(request, pk):
    sheet = _sheet(request, pk)
    if not policy.can(request.user, "sheet.approve", sheet):
        raise PermissionDenied
    version = sheet_page(sheet, user=request.user).waiting
    if version is None:
        messages.warning(request, _("Nothing waits for a decision here."))
        return redirect("sheet", pk)
    try:
        answer = request.POST.get("answer", "")[:300]
        actions.decide(request.user, version, agree="agree" in request.POST, answer=answer)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    return redirect("sheet", pk)


def _sheet(request, pk) -> Sheet:
    return thing(request, Sheet.objects.select_related("person", "lead"), pk)


def _page(request, sheet):
    context = {
        "nav": "goals", "sheet": sheet, "shown": sheet_page(sheet, user=request.user),
        "may_approve": policy.can(request.user, "sheet.approve", sheet),
    }  # fmt: skip
    return render(request, "sheets/page.html", context)
