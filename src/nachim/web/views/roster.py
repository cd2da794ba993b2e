"""The people of the company as a file: taken away, and brought back with its plan shown first."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import ngettext

from nachim.app import policy
from nachim.app.definition import roster
from nachim.web.forms.fields import refused
from nachim.web.forms.people import RosterForm
from nachim.web.pace import paced
from nachim.web.person import page as guarded


@guarded("people.edit")
@paced("file out")
def csv(request):
    response = HttpResponse("\ufeff" + roster.export(), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="people-{timezone.localdate()}.csv"'
    return response


@guarded("people.edit")
def page(request):
    """A file, then its plan, then the change: the same text all the way."""
    form = RosterForm(request.POST or None, request.FILES or None)
    context = {"nav": "settings", "form": form}
    if request.method == "POST" and form.is_valid():
        text = form.cleaned_data["lines"]
        try:
            lines = roster.read(text)
            if "apply" in request.POST:
                return _applied(request, lines)
            context |= {"text": text, "steps": roster.plan(lines)}
        except ValidationError as error:
            refused(form, error)
    status = 422 if form.errors else 200
    return render(request, "settings/roster.html", context, status=status)


def _applied(request, lines):
    if not policy.can(request.user, "team.edit"):
        raise policy.NotAllowed("team.edit")
    steps, invitations = roster.apply(request.user, lines)
    said = ngettext("%(n)d change was made.", "%(n)d changes were made.", len(steps)) % {"n": len(steps)}
    if not invitations:
        messages.success(request, said)
        return redirect("settings")
    links = [
        (email, request.build_absolute_uri(reverse("invite", args=[token]))) for email, token in invitations.items()
    ]
    context = {"nav": "settings", "links": links, "said": said}
    return render(request, "settings/invited.html", context)
