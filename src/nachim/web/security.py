"""Headers, methods and cross-site writes that Django does not cover."""

from django.http import HttpResponseForbidden, HttpResponseNotAllowed
from django.utils.translation import gettext as _

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
            return HttpResponseForbidden(_("This request came from another site and was refused."))
        return self.get_response(request)


def from_elsewhere(request) -> bool:
    """Whether a browser says that a page of another site asks."""
    return request.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none")
