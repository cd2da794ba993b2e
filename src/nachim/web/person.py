"""Who is asking: language, theme, and the one door to every view."""

from functools import wraps
from ipaddress import ip_network

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.utils import timezone, translation

from nachim.app import audit, policy
from nachim.app.models import Workspace

LANGUAGES = ("ko", "en")


class PersonMiddleware:
    """Set the language and the company's time zone, and give the request's audit entries one id."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        if request.method in ("GET", "HEAD"):
            with Workspace.read_once() as workspace:
                return self._answer(request, workspace)
        return self._answer(request, Workspace.current())

    def _answer(self, request, workspace):
        request.workspace, user = workspace, request.user
        wanted = [getattr(user, "locale", ""), request.workspace.locale if request.workspace else ""]
        if not user.is_authenticated:
            wanted = [request.GET.get("lang", ""), request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, ""), *wanted]
        language = next((code for code in wanted if code in LANGUAGES), "ko")
        zone = request.workspace.tz if request.workspace else "Asia/Seoul"
        with (
            translation.override(language),
            timezone.override(zone),
            audit.one_request(request.id, came_from(request)),
        ):
            request.LANGUAGE_CODE = language
            response = self.get_response(request)
        response.headers.setdefault("Content-Language", language)
        return response


def came_from(request) -> dict:
    """What the audit trail says of where a request came from."""
    via = "api" if request.path.startswith("/api/") else "web"
    return {"via": via, "ip": address_of(request), "agent": request.headers.get("User-Agent", "")[:200]}


def address_of(request) -> str:
    """The address of who asks. Behind N proxies of one's own (NACHIM_PROXIES) it is the Nth from the end of what they
    add to X-Forwarded-For; what stands before it anybody can write."""
    direct = request.META.get("REMOTE_ADDR", "")
    if settings.PROXIES == 0:
        return direct
    passed = [one.strip() for one in request.headers.get("X-Forwarded-For", "").split(",") if one.strip()]
    return passed[-settings.PROXIES] if len(passed) >= settings.PROXIES else direct


def network_of(request) -> str:
    """What tries are counted by: the address, of IPv6 the /64 that any one line is given."""
    address = address_of(request)
    try:
        return str(ip_network(f"{address}/64", strict=False)) if ":" in address else address
    except ValueError:
        return address[:45]


def page(permission: str, *more: str):
    """Only people whose role carries `permission`, and `more`: others sign in first, outsiders find nothing."""

    def door(view):
        @wraps(view)
        def guarded(request, *args, **kwargs):
            if not request.user.is_authenticated:
                return redirect_to_login(request.get_full_path())
            if policy.role(request.user) is None:
                raise Http404
            if not all(policy.can(request.user, name) for name in (permission, *more)):
                raise PermissionDenied
            request.permission = permission
            return view(request, *args, **kwargs)

        guarded.permission = permission
        return guarded

    return door


def thing(request, queryset, pk, **only):
    """The object of this address: not found for who may not see it, refused to who sees it and may not do this to it.

    `queryset` may be a model. The permission is the one of the page.
    """
    if isinstance(queryset, type):
        queryset = queryset.objects.all()
    found = get_object_or_404(policy.visible(request.user, queryset), pk=pk, **only)
    if not policy.can(request.user, request.permission, found):
        raise PermissionDenied
    request.thing = found
    return found


def context(request):
    """What every template knows: theme, role, and which buttons to show."""
    user = getattr(request, "user", None)
    role = policy.role(user) if user is not None else None
    return {
        "theme": getattr(user, "theme", "auto") or "auto",
        "workspace": getattr(request, "workspace", None),
        "role": role,
        "may": {name.replace(".", "_"): has for name, has in policy.may(user, getattr(request, "thing", None)).items()}
        if role is not None
        else {},
        "as_of": timezone.now(),
    }
