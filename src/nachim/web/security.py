"""Headers, methods and cross-site writes that Django does not cover."""

import logging

from django.http import HttpResponseForbidden, HttpResponseNotAllowed
from django.utils.translation import gettext as _

from nachim.web.person import came_from

log = logging.getLogger("nachim.security")

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
HEADERS = {
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=(), interest-cohort=()",
    "Cross-Origin-Resource-Policy": "same-origin",
}


class SecurityHeaders:
    """Switch off what the pages never use, let no other site embed anything, and keep private pages out of caches."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        response = self.get_response(request)
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        if not request.path.startswith("/static/"):
            response.headers.setdefault("Cache-Control", "no-store, private")
        return response


class KnownMethods:
    """TRACE, CONNECT and whatever else somebody makes up are answered by nobody."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return self.get_response(request) if request.method in METHODS else HttpResponseNotAllowed(METHODS)


class SameSiteWrites:
    """Refuse writes that a browser says come from another site, besides the CSRF token.

    `Sec-Fetch-Site` is set by browsers alone and cannot be forged by a page (Fetch Metadata, W3C).
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        if request.method not in ("GET", "HEAD", "OPTIONS") and from_elsewhere(request):
            noted(request, "cross-site write refused")
            return HttpResponseForbidden(_("This request came from another site and was refused."))
        return self.get_response(request)


def noted(request, event: str, user=None, **more: str) -> None:
    """A line of the log for whoever watches: what was refused, of whom if that is known, and from where."""
    user = user or getattr(request, "user", None)
    match, told = request.resolver_match, came_from(request)
    who = f"user-{user.pk}" if getattr(user, "pk", None) else "a stranger"
    fields = {"event": event, "who": who, "ip": told["ip"], "agent": told["agent"],
              "route": match.route if match else "", **more}  # fmt: skip
    why = "".join(f" {name}={value}" for name, value in more.items())
    log.warning("%s: %s from %s at /%s%s", event, who, told["ip"], fields["route"], why, extra={"fields": fields})


def from_elsewhere(request) -> bool:
    """Whether a browser says that a page of another site asks."""
    return request.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none")
