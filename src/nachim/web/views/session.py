"""In and out. Guessing is slowed down, and no answer tells whether an address is known."""

import json
import logging
import time
from functools import wraps

from django.conf import settings
from django.contrib.auth import authenticate
from django.contrib.auth import logout as end
from django.core.exceptions import ValidationError
from django.http import Http404, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from nachim.app import limits
from nachim.app.actions import factors, people
from nachim.app.actions.sso import person_of
from nachim.app.models import Device, OneTimeLink, User
from nachim.connect.oidc import Provider, Refused
from nachim.web.forms.fields import refused
from nachim.web.forms.people import AcceptForm, CodeForm, LoginForm
from nachim.web.person import LANGUAGES, address_of
from nachim.web.signin import begin_signin, enter, passkey_owner

MOST_FAILURES, WAIT_SECONDS = 5, 600
# Of one address from anywhere, and from one place for whatever address.
MOST_OF_ADDRESS, MOST_FROM_PLACE = 50, 100
SECOND_SECONDS = 600

log = logging.getLogger(__name__)


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
        return redirect("now")
    form = LoginForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        email, password = form.cleaned_data["email"].lower(), form.cleaned_data["password"]
        if not _may_try(request, email):
            form.add_error(None, _("Too many attempts. Wait ten minutes, then try again."))
        elif user := authenticate(request, username=email, password=password):
            limits.forget("login", email, address_of(request))
            if user.factors.exists():
                request.session["second"] = {"user": user.pk, "at": time.time(), "next": _next(request)}
                return redirect("second")
            enter(request, user, "password")
            return redirect(_next(request))
        else:
            log.warning("a sign-in was refused from %s", address_of(request))
            form.add_error(None, _("This e-mail address and password do not go together."))
    context = {"form": form, "next": _next(request), "sso": settings.OIDC_ISSUER and settings.OIDC_NAME}
    return render(request, "session/login.html", context, status=422 if form.errors else 200)


@remembering
def second(request):
    """After the password: a code of the app, a recovery code, or a passkey."""
    user = _half_in(request)
    if user is None:
        return redirect("login")
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        if not limits.take("second", str(user.pk), most=MOST_FAILURES, seconds=WAIT_SECONDS):
            form.add_error(None, _("Too many attempts. Wait ten minutes, then try again."))
        else:
            try:
                how = factors.proves(user, form.cleaned_data["code"])
            except ValidationError as error:
                how = ""
                refused(form, error)
            if how:
                return _in(request, user, how)
            if not form.errors:
                form.add_error("code", _("This code is not right, or was used before."))
    kinds = set(user.factors.values_list("kind", flat=True))
    context = {"form": form, "passkey": "passkey" in kinds, "app": "totp" in kinds}
    return render(request, "session/second.html", context, status=422 if form.errors else 200)


def passkey(request):
    """GET: what the browser asks the passkey; POST: its answer, and the person is in."""
    if request.method == "GET":
        return JsonResponse(begin_signin(request, _half_in(request)))
    if not limits.take("passkey", address_of(request), most=MOST_FROM_PLACE, seconds=WAIT_SECONDS):
        return JsonResponse({"error": _("Too many attempts. Wait ten minutes, then try again.")}, status=422)
    try:
        user = passkey_owner(request, json.loads(request.body))
    except (ValidationError, ValueError) as error:
        said = error.messages if isinstance(error, ValidationError) else [_("This request could not be read.")]
        return JsonResponse({"error": " ".join(said)}, status=422)
    half = _half_in(request)
    if half is not None and half != user:
        return JsonResponse({"error": _("This passkey is not known here, or was not confirmed.")}, status=422)
    return JsonResponse({"next": _in(request, user, "passkey").url})


def sso(request):
    """To the company's identity provider."""
    try:
        where, kept = _provider().start(request.build_absolute_uri(reverse("sso-back")))
    except Refused as error:
        return _no_sso(request, error)
    request.session["sso"] = kept | {"next": _next(request)}
    return redirect(where)


def sso_back(request):
    """Back from it. Only who is a member already is let in."""
    provider, kept = _provider(), request.session.pop("sso", {})
    if not limits.take("sso", address_of(request), most=MOST_FROM_PLACE, seconds=WAIT_SECONDS):
        return _no_sso(request, Refused("state", "too many"))
    try:
        claims = provider.finish(kept, request.GET.dict(), request.build_absolute_uri(reverse("sso-back")))
    except Refused as error:
        return _no_sso(request, error)
    user = person_of(claims)
    if user is None:
        return _no_sso(request, Refused("claims", "no member of this address"))
    enter(request, user, "sso")
    return redirect(kept.get("next") or "now")


@require_POST
def logout(request):
    if request.session.session_key:
        Device.objects.filter(session_key=request.session.session_key).delete()
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
            enter(request, user, "invitation")
            return redirect("now")
    context = {"form": form, "person": link.user}
    return render(request, "session/accept.html", context, status=422 if form.errors else 200)


def _may_try(request, email: str) -> bool:
    """Counted before looking, for who tries, whom, and from where."""
    place = address_of(request)
    counted = (
        limits.take("login", email, place, most=MOST_FAILURES, seconds=WAIT_SECONDS),
        limits.take("login-of", email, most=MOST_OF_ADDRESS, seconds=WAIT_SECONDS),
        limits.take("login-from", place, most=MOST_FROM_PLACE, seconds=WAIT_SECONDS),
    )
    return all(counted)


def _half_in(request) -> User | None:
    """Who gave the right password a short while ago and owes the second factor."""
    half = request.session.get("second") or {}
    if time.time() - half.get("at", 0) > SECOND_SECONDS:
        return None
    return User.objects.filter(pk=half.get("user"), is_active=True).first()


def _in(request, user: User, how: str):
    half = request.session.pop("second", {})
    limits.forget("second", str(user.pk))
    enter(request, user, how)
    return redirect(half.get("next") or "now")


def _provider() -> Provider:
    if not settings.OIDC_ISSUER:
        raise Http404
    return Provider(settings.OIDC_ISSUER, settings.OIDC_CLIENT, settings.OIDC_SECRET)


def _no_sso(request, error: Refused):
    log.warning("a single sign-on from %s was refused: %s", address_of(request), error)
    words = {
        "unreachable": _("The sign-in service of your company does not answer. Try again in a while."),
        "misconfigured": _("Single sign-on is not set up right. Tell who runs nachim: the log says more."),
        "claims": _("You signed in, but nobody of this address is a member here. Ask for an invitation."),
    }
    said = words.get(error.code, _("The sign-in was interrupted. Begin once more."))
    form = LoginForm()
    context = {"form": form, "next": "", "sso": settings.OIDC_NAME, "problem": said}
    return render(request, "session/login.html", context, status=422)


def _next(request) -> str:
    """Where somebody wanted to go; who wanted nothing in particular sees what needs them now."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    safe = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, request.is_secure())
    return wanted if safe and wanted != "/" else reverse("now")
