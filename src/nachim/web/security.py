"""Headers and cross-site writes that Django does not cover."""

from django.http import HttpResponseForbidden
from django.utils.translation import gettext as _


class SecurityHeaders:
    """Switch off what the pages never use, and keep private pages out of shared caches."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        response = self.get_response(request)
        response.headers.setdefault(
            "Permissions-Policy", "camera=(), microphone=(), geolocation=(), payment=(), usb=(), interest-cohort=()"
        )
        if not request.path.startswith("/static/"):
            response.headers.setdefault("Cache-Control", "no-store, private")
        return response


class SameSiteWrites:
    """Refuse writes that a browser says come from another site, besides the CSRF token.

    `Sec-Fetch-Site` is set by browsers alone and cannot be forged by a page (Fetch Metadata, W3C).
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        site = request.headers.get("Sec-Fetch-Site", "same-origin")
        if request.method not in ("GET", "HEAD", "OPTIONS") and site not in ("same-origin", "none"):
            return HttpResponseForbidden(_("This request came from another site and was refused."))
        return self.get_response(request)
