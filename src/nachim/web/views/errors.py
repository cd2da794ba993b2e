"""When something is wrong: what happened and a way on, in the reader's language."""

import sys
from pathlib import Path

from django.db import InterfaceError, OperationalError
from django.http import HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from nachim.app import policy
from nachim.app.models import Membership
from nachim.web.security import noted


def bad_request(request, exception=None):
    return _page(request, 400, _("This request could not be read."), _("Go back and try again."))


def forbidden(request, exception=None):
    """Who could change it is named: the way on leads through a person."""
    noted(request, "permission refused", permission=getattr(exception, "permission", ""))
    hint = _("Your role does not allow this. If your work needs it, ask for another role; nothing was changed.")
    owners = Membership.objects.filter(role__in=policy.KEEPERS, user__is_active=True).select_related("user")
    return _page(request, 403, _("Your role does not allow this."), hint, owners=[one.user.name for one in owners[:3]])


def not_found(request, exception=None):
    return _page(
        request,
        404,
        _("There is nothing here."),
        _("It may have been put away, you may not see it, or the address has a typo."),
    )


def too_many(request):
    answer = _page(request, 429, _("That was a lot at once."), _("Wait ten minutes, then try again."))
    answer.headers["Retry-After"] = "600"
    return answer


def server_error(request):
    if isinstance(sys.exc_info()[1], OperationalError | InterfaceError):
        return database_away(request)
    hint = _("Nothing was lost. Try again; the log has the details.")
    return _page(request, 500, _("Something went wrong on our side."), hint, again=request.method == "GET")


def csrf_failure(request, reason=""):
    noted(request, "form token refused")
    return _page(request, 403, _("This form was open too long."), _("Go back, reload the page and send it again."))


def database_away(request):
    """The database does not answer, so nothing may ask it: who, in which language, with which theme."""
    answer = HttpResponse(render_to_string("errors/away.html"), status=503)
    answer.headers["Retry-After"] = "5"
    return answer


@require_safe
def worker(request):
    """The service worker. It serves one thing: a page that says there is no connection (static/offline.html). It lies
    at the root, where it may answer for every page."""
    path = Path(__file__).parents[1] / "static" / "worker.js"
    return HttpResponse(path.read_bytes(), content_type="text/javascript", headers={"Cache-Control": "no-cache"})


def _page(request, status, what, hint, **more):
    context = {"status": status, "what": what, "hint": hint, **more}
    return render(request, "errors/page.html", context, status=status)
