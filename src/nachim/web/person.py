"""Who is asking: language, theme, and the one door to every view."""

from functools import wraps

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.utils import timezone, translation

from nachim.app import audit, policy
from nachim.app.models import Workspace

LANGUAGES = ("ko", "en")


class PersonMiddleware:
    """Set the language and the company's time zone, and give the request's audit entries one id."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        request.workspace = Workspace.current()
        user = request.user
        wanted = [getattr(user, "locale", ""), request.workspace.locale if request.workspace else ""]
        if not user.is_authenticated:
            wanted = [request.GET.get("lang", ""), request.COOKIES.get("lang", ""), *wanted]
        language = next((code for code in wanted if code in LANGUAGES), "ko")
        zone = request.workspace.tz if request.workspace else "Asia/Seoul"
        with translation.override(language), timezone.override(zone), audit.one_request(request.id):
            request.LANGUAGE_CODE = language
            response = self.get_response(request)
        response.headers.setdefault("Content-Language", language)
        return response


def page(permission: str):
    """Only people whose role carries `permission`: others sign in first, outsiders find nothing."""

    def door(view):
        @wraps(view)
        def guarded(request, *args, **kwargs):
            if not request.user.is_authenticated:
                return redirect_to_login(request.get_full_path())
            if policy.role(request.user) is None:
                raise Http404
            if not policy.can(request.user, permission):
                raise PermissionDenied
            return view(request, *args, **kwargs)

        guarded.permission = permission
        return guarded

    return door


def context(request):
    """What every template knows: theme, role, and which buttons to show."""
    user = getattr(request, "user", None)
    role = policy.role(user) if user is not None else None
    return {
        "theme": getattr(user, "theme", "auto") or "auto",
        "workspace": getattr(request, "workspace", None),
        "role": role,
        "may": {name.replace(".", "_"): role is not None and policy.can(user, name) for name in policy.PERMISSIONS},
        "as_of": timezone.now(),
    }
