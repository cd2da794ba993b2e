"""Connections to databases that hold tables of their own, by the company's owner."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from nachim.app.actions import connections
from nachim.app.language import spoken
from nachim.app.models import Connection
from nachim.app.work import later
from nachim.web.forms.connections import ConnectionForm
from nachim.web.forms.fields import refused
from nachim.web.pace import paced
from nachim.web.person import page as guarded
from nachim.web.person import thing


@guarded("connection.edit")
def new(request):
    return _edited(request, None)


@guarded("connection.edit")
def edit(request, pk):
    return _edited(request, thing(request, Connection, pk))


@require_POST
@guarded("connection.edit")
@paced("other machine", "POST")
def test(request, pk):
    _tried(request, thing(request, Connection, pk))
    return redirect("settings")


@require_POST
@guarded("connection.edit")
def remove(request, pk):
    try:
        connections.remove_connection(request.user, thing(request, Connection, pk))
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    return redirect("settings")


def _edited(request, found):
    form = ConnectionForm(request.POST or None, connection=found)
    if request.method == "POST" and form.is_valid():
        try:
            saved = connections.save_connection(request.user, found, **form.given())
        except ValidationError as error:
            refused(form, error)
        else:
            _tried(request, saved)
            later("nachim.jobs.tasks.refresh")
            return redirect("settings")
    context = {"nav": "settings", "form": form, "connection": found}
    return render(request, "settings/connection.html", context, status=422 if form.errors else 200)


def _tried(request, connection) -> None:
    tried = connections.try_connection(request.user, connection)
    if tried.problem:
        messages.error(request, tried.problem[spoken()])
    else:
        messages.success(
            request,
            _("%(name)s answered in %(seconds)s s.") % {"name": connection.name, "seconds": f"{tried.seconds:.1f}"},
        )
