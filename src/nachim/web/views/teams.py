"""Teams."""

from django.core.exceptions import ValidationError
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from nachim.app import policy
from nachim.app.actions import teams as actions
from nachim.app.models import Team
from nachim.web import undo
from nachim.web.forms.alignment import TeamForm
from nachim.web.forms.fields import refused
from nachim.web.person import page as guarded
from nachim.web.person import thing


@guarded("company.view")
def index(request):
    shown = policy.visible(request.user, Team.objects.filter(archived_at=None)).select_related("lead", "parent")
    context = {"nav": "goals", "teams": shown.prefetch_related("members", "goals", "kpis__metric")}
    return render(request, "teams/index.html", context)


@guarded("team.edit")
def new(request):
    return _form(request, None)


@guarded("team.edit")
def edit(request, pk):
    return _form(request, thing(request, Team, pk, archived_at=None))


@require_POST
@guarded("team.edit")
def archive(request, pk):
    team = thing(request, Team, pk)
    had = {name: list(getattr(team, name).values_list("pk", flat=True)) for name in ("goals", "kpis")}
    actions.archive_team(request.user, team)
    said = _("“%(team)s” was put away. Its goals and KPIs stay.") % {"team": team}
    undo.offer(request, said, "team", pk=pk, at=str(team.archived_at), **had)
    return redirect("teams")


def _form(request, team):
    form = TeamForm(request.POST or None, instance=thing(request, Team, team.pk) if team else None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.save_team(request.user, team, **form.values)
        except ValidationError as error:
            refused(form, error)
        else:
            return redirect("teams")
    context = {"nav": "goals", "form": form, "team": team}
    return render(request, "teams/form.html", context, status=422 if form.errors else 200)
