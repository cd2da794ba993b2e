"""Notices: a bell with how many are unread, their list, and that they were read."""

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from nachim.app.actions import notices as actions
from nachim.app.queries.notices import notices, unread
from nachim.web.person import page as guarded


@guarded("company.view")
def index(request):
    found = notices(request.user)
    context = {"nav": "notices", "notices": found, "unread": sum(not one.read for one in found)}
    return render(request, "notices/index.html", context)


@guarded("company.view")
def bell(request):
    """The bell of the header with its count: asked for after the page, so that no page waits for it."""
    return render(request, "components/bell.html", {"unread": unread(request.user)})


@require_POST
@guarded("self.edit")
def read(request):
    """One is read, or all. Who follows a link to the thing tells so in passing (app.js) and stays where they go."""
    actions.read(request.user, request.POST.get("key", ""))
    return HttpResponse(status=204) if "passing" in request.POST else redirect("notices")
