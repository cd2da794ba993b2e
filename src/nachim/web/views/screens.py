"""Screens on a wall: links that show KPIs without anybody signing in, and what they show."""

from django.core.exceptions import ValidationError
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone, translation
from django.views.decorators.http import require_POST, require_safe

from nachim.app import limits, policy
from nachim.app.actions import screens as actions
from nachim.app.models import Screen
from nachim.app.queries import screens as queries
from nachim.web.forms.fields import refused
from nachim.web.forms.screens import ScreenForm
from nachim.web.person import network_of, thing
from nachim.web.person import page as guarded
from nachim.web.views.security import sure_to_write

# A minute from one place: a few dozen screens, and guesses at tokens.
MOST_A_MINUTE, MOST_WRONG = 600, 20


@guarded("screen.edit")
@sure_to_write
def index(request):
    """The links that show something, and a new one. Its address is in this one answer and kept nowhere."""
    form, made, link = ScreenForm(request.POST or None, user=request.user), None, ""
    if request.method == "POST" and form.is_valid():
        try:
            made, token = actions.make_screen(request.user, **form.cleaned_data)
            link = request.build_absolute_uri(reverse("tv", args=[token]))
        except ValidationError as error:
            refused(form, error)
    live = policy.visible(request.user, Screen.objects.filter(revoked_at=None, expires_at__gt=timezone.now()))
    context = {
        "nav": "settings", "form": ScreenForm(user=request.user) if made else form, "made": made, "link": link,
        "screens": live.select_related("user", "team"),
    }  # fmt: skip
    return render(request, "settings/screens.html", context, status=422 if form.errors else 200)


@require_POST
@guarded("screen.edit")
def revoke(request, pk):
    actions.revoke_screen(request.user, thing(request, Screen, pk))
    return redirect("screens")


@require_safe
def show(request, token):
    """The page whose turn it is; asked for again and again, so that it is as new as the numbers."""
    place = network_of(request)
    if not limits.take("screen", place, most=MOST_A_MINUTE, seconds=60):
        return _private(render(request, "tv/ended.html", {"busy": True}, status=429))
    screen = actions.opened(token)
    if screen is None:
        known = limits.take("screen-wrong", place, most=MOST_WRONG, seconds=60)
        return _private(render(request, "tv/ended.html", {"busy": not known}, status=404 if known else 429))
    with translation.override(screen.locale):
        request.LANGUAGE_CODE = screen.locale
        context = {"screen": screen, "shown": queries.shown(screen, timezone.now())}
        part = request.headers.get("HX-Request")
        return _private(render(request, "tv/_page.html" if part else "tv/page.html", context))


def _private(response):
    """In no index, and in nobody's referrer: the address is the key."""
    response.headers["X-Robots-Tag"] = "noindex, nofollow, noarchive"
    response.headers["Referrer-Policy"] = "no-referrer"
    return response
