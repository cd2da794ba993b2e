"""In and out. Guessing is slowed down, and no answer tells whether an address is known."""

import hashlib
from functools import wraps

from django.contrib.auth import authenticate
from django.contrib.auth import login as start
from django.contrib.auth import logout as end
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from nachim.app.actions import people
from nachim.app.models import OneTimeLink
from nachim.web.forms.fields import refused
from nachim.web.forms.people import AcceptForm, LoginForm
from nachim.web.person import LANGUAGES, address_of

MOST_FAILURES, WAIT_SECONDS = 5, 600


def remembering(view):
    """A page for people who are not signed in keeps the language they chose by ?lang=."""

    @wraps(view)
    def kept(request, *args, **kwargs):
        response = view(request, *args, **kwargs)
        if request.GET.get("lang") in LANGUAGES:
            response.set_cookie("lang", request.GET["lang"], samesite="Lax", secure=request.is_secure(), httponly=True)
        return response

    return kept


@remembering
def login(request):
    if request.user.is_authenticated:
        return redirect("company")
    form = LoginForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        key = _key(request, form.cleaned_data["email"])
        if cache.get(key, 0) >= MOST_FAILURES:
            form.add_error(None, _("Too many attempts. Wait ten minutes, then try again."))
        elif user := authenticate(
            request, username=form.cleaned_data["email"].lower(), password=form.cleaned_data["password"]
        ):
            cache.delete(key)
            start(request, user)
            return redirect(_next(request))
        else:
            _count(key)
            form.add_error(None, _("This e-mail address and password do not go together."))
    context = {"form": form, "next": _next(request)}
    return render(request, "session/login.html", context, status=422 if form.errors else 200)


@require_POST
def logout(request):
    end(request)
    return redirect("login")


@remembering
def accept(request, token):
    """An invited person chooses a password and is in."""
    link = people.find_link(token, OneTimeLink.Purpose.INVITE)
    if link is None:
        return render(request, "setup/expired.html", status=404)
    form = AcceptForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            user = people.accept(token, form.cleaned_data["password"])
        except ValidationError as error:
            refused(form, error)
        else:
            start(request, user)
            return redirect("company")
    context = {"form": form, "person": link.user}
    return render(request, "session/accept.html", context, status=422 if form.errors else 200)


def _count(key: str) -> None:
    """One more failure; the ten minutes run from the first."""
    if not cache.add(key, 1, WAIT_SECONDS):
        try:
            cache.incr(key)
        except ValueError:
            cache.set(key, 1, WAIT_SECONDS)


def _key(request, email: str) -> str:
    who = f"{email.lower()} {address_of(request)}"
    return f"login-{hashlib.sha256(who.encode()).hexdigest()}"


def _next(request) -> str:
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    return wanted if url_has_allowed_host_and_scheme(wanted, {request.get_host()}, request.is_secure()) else "/"
