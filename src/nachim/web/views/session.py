"""In and out. Guessing is slowed down, and no answer tells whether an address is known."""

import json
import time
from functools import wraps

from django.conf import settings
from django.contrib.auth import authenticate
from django.contrib.auth import logout as end
from django.core.exceptions import ValidationError
from django.http import Http404, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from nachim.app import limits
from nachim.app.actions import factors, people
from nachim.app.actions.sso import person_of
from nachim.app.models import OneTimeLink, User
from nachim.connect.oidc import Provider, Refused
from nachim.web.forms.fields import refused
from nachim.web.forms.people import AcceptForm, CodeForm, LoginForm
from nachim.web.person import LANGUAGES, network_of
from nachim.web.security import from_elsewhere, noted
from nachim.web.signin import begin_signin, enter, owe_second, passkey_owner, way_on

MOST_FAILURES, WAIT_SECONDS = 5, 600
# Of one address from anywhere, and from one place for whatever address.
MOST_OF_ADDRESS, MOST_FROM_PLACE = 50, 100
SECOND_SECONDS = 600


def remembering(view):
    """A page for people who are not signed in keeps the language they chose by ?lang=."""

    @wraps(view)
    def kept(request, *args, **kwargs):
        response = view(request, *args, **kwargs)
        if request.GET.get("lang") in LANGUAGES:
            response.set_cookie(
                settings.LANGUAGE_COOKIE_NAME, request.GET["lang"], samesite="Lax", httponly=True,
                secure=settings.LANGUAGE_COOKIE_SECURE,
            )  # fmt: skip
        return response

    return kept


@remembering
def login(request):
    if request.user.is_authenticated:
        return redirect("now")
    form = LoginForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        email, password = form.cleaned_data["email"].lower(), form.cleaned_data["password"]
        known = User.objects.filter(email=email).first()
        if not _may_try(request, email):
            noted(request, "too many sign-ins", known)
            form.add_error(None, _("Too many attempts. Wait ten minutes, then try again."))
        elif user := authenticate(request, username=email, password=password):
            limits.forget("login", email, network_of(request))
            if user.factors.exists():
                return owe_second(request, user, way_on(request))
            enter(request, user, "password")
            return redirect(way_on(request))
        else:
            noted(request, "sign-in refused", known)
            form.add_error(None, _("This e-mail address and password do not go together."))
    context = {"form": form, "next": way_on(request), "sso": settings.OIDC_ISSUER and settings.OIDC_NAME}
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
            noted(request, "too many second proofs", user)
            form.add_error(None, _("Too many attempts. Wait ten minutes, then try again."))
        else:
            try:
                how = factors.proves(user, form.cleaned_data["code"])
            except ValidationError as error:
                how = ""
                refused(form, error)
            if how:
                return _in(request, user, how)
            noted(request, "second proof refused", user)
            if not form.errors:
                form.add_error("code", _("This code is not right, or was used before."))
    kinds = set(user.factors.values_list("kind", flat=True))
    context = {"form": form, "passkey": "passkey" in kinds, "app": "totp" in kinds}
    return render(request, "session/second.html", context, status=422 if form.errors else 200)


def passkey(request):
    """GET: what the browser asks the passkey; POST: its answer, and the person is in."""
    if not limits.take("passkey", network_of(request), most=MOST_FROM_PLACE, seconds=WAIT_SECONDS):
        noted(request, "too many passkeys")
        return JsonResponse({"error": _("Too many attempts. Wait ten minutes, then try again.")}, status=422)
    if request.method == "GET":
        return JsonResponse(begin_signin(request, _half_in(request)))
    try:
        user = passkey_owner(request, json.loads(request.body))
    except (ValidationError, ValueError) as error:
        noted(request, "passkey refused")
        said = error.messages if isinstance(error, ValidationError) else [_("This request could not be read.")]
        return JsonResponse({"error": " ".join(said)}, status=422)
    half = _half_in(request)
    if half is not None and half != user:
        noted(request, "passkey refused", half)
        return JsonResponse({"error": _("This passkey is not known here, or was not confirmed.")}, status=422)
    return JsonResponse({"next": _in(request, user, "passkey").url})


def sso(request):
    """To the company's identity provider, by the person's own click: no other site signs somebody in here."""
    provider = _provider()
    if from_elsewhere(request):
        return redirect("login")
    if not limits.take("sso", network_of(request), most=MOST_FROM_PLACE, seconds=WAIT_SECONDS):
        return _no_sso(request, Refused("state", "too many"))
    try:
        where, kept = provider.start(request.build_absolute_uri(reverse("sso-back")))
    except Refused as error:
        return _no_sso(request, error)
    request.session["sso"] = kept | {"next": way_on(request)}
    return redirect(where)


def sso_back(request):
    """Back from it. Only who is a member already is let in."""
    provider, kept = _provider(), request.session.pop("sso", {})
    try:
        claims = provider.finish(kept, request.GET.dict(), request.build_absolute_uri(reverse("sso-back")))
    except Refused as error:
        return _no_sso(request, error)
    user = person_of(claims)
    if user is None:
        return _no_sso(request, Refused("claims", "no member of this address"))
    strong = claims.strong or settings.OIDC_STRONG
    if user.factors.exists() and not strong:
        return owe_second(request, user, kept.get("next") or reverse("now"))
    enter(request, user, "sso", strong=strong)
    return redirect(kept.get("next") or "now")


@require_POST
def logout(request):
    if request.user.is_authenticated:
        factors.signed_out(request.user, request.session.session_key)
    end(request)
    answer = redirect("login")
    # What pages have left in the browser goes with the session.
    answer.headers["Clear-Site-Data"] = '"cache", "storage"'
    return answer


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
            if user.factors.exists():
                return owe_second(request, user, reverse("now"))
            enter(request, user, "invitation")
            return redirect("now")
    context = {"form": form, "person": link.user}
    return render(request, "session/accept.html", context, status=422 if form.errors else 200)


def _may_try(request, email: str) -> bool:
    """Counted before looking, for who tries, whom, and from where."""
    place = network_of(request)
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
    noted(request, "single sign-on refused", why=str(error))
    words = {
        "unreachable": _("The sign-in service of your company does not answer. Try again in a while."),
        "misconfigured": _("Single sign-on is not set up right. Tell who runs nachim: the log says more."),
        "claims": _("You signed in, but nobody of this address is a member here. Ask for an invitation."),
    }
    said = words.get(error.code, _("The sign-in was interrupted. Begin once more."))
    form = LoginForm()
    context = {"form": form, "next": "", "sso": settings.OIDC_NAME, "problem": said}
    return render(request, "session/login.html", context, status=422)
