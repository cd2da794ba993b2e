"""When something is wrong: what happened and a way on, in the reader's language."""

import sys

from django.db import InterfaceError, OperationalError
from django.http import HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from nachim.web.security import noted


def bad_request(request, exception=None):
    return _page(request, 400, _("This request could not be read."), _("Go back and try again."))


def forbidden(request, exception=None):
    noted(request, "permission refused", permission=getattr(exception, "permission", ""))
    return _page(request, 403, _("Your role does not allow this."), _("The owner can change your role under Settings."))


def not_found(request, exception=None):
    return _page(request, 404, _("There is nothing here."), _("It may have been put away, or the address has a typo."))


def too_many(request):
    answer = _page(request, 429, _("That was a lot at once."), _("Wait ten minutes, then try again."))
    answer.headers["Retry-After"] = "600"
    return answer


def server_error(request):
    if isinstance(sys.exc_info()[1], OperationalError | InterfaceError):
        return database_away(request)
    return _page(
        request, 500, _("Something went wrong on our side."), _("Nothing was lost. Try again; the log has the details.")
    )


def csrf_failure(request, reason=""):
    noted(request, "form token refused")
    return _page(request, 403, _("This form was open too long."), _("Go back, reload the page and send it again."))


def database_away(request):
    """The database does not answer, so nothing may ask it: who, in which language, with which theme."""
    answer = HttpResponse(render_to_string("errors/away.html"), status=503)
    answer.headers["Retry-After"] = "5"
    return answer


def _page(request, status, what, hint):
    return render(request, "errors/page.html", {"status": status, "what": what, "hint": hint}, status=status)
