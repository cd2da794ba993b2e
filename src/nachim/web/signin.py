"""Letting people in, for how long a session lasts, and passkeys."""

import base64
from datetime import timedelta

from django.conf import settings
from django.contrib.auth import login, logout
from django.core.exceptions import ValidationError
from django.http import HttpResponseForbidden
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _

from nachim.app.actions import factors
from nachim.app.models import Device, Factor, User
from nachim.web.person import came_from

# Who proved who they are this recently is not asked again before a change of how they do.
SURE_SECONDS = 15 * 60
SEEN_EVERY = 300
BACKEND = "django.contrib.auth.backends.ModelBackend"
# Ways of signing in that are two proofs by themselves.
STRONG = ("totp", "recovery", "passkey")


def enter(request, user: User, how: str, *, strong: bool = False) -> None:
    """The person is in: a new session key, the clock of the session started, the browser remembered."""
    login(request, user, backend=BACKEND)
    now = timezone.now().timestamp()
    request.session.update({"began": now, "seen": now, "sure": now, "strong": strong or how in STRONG})
    request.session.save()
    told = came_from(request)
    factors.signed_in(user, request.session.session_key, how, told["ip"], told["agent"])


def owe_second(request, user: User, way: str):
    """One proof was right, and the person has another: ask for it before they are in."""
    request.session["second"] = {"user": user.pk, "at": timezone.now().timestamp(), "next": way}
    return redirect("second")


def renew(request, **kept) -> None:
    """A new key for the session of who has just proved who they are; the old one opens nothing."""
    before = request.session.session_key
    request.session.update(kept)
    request.session.cycle_key()
    moved(request, before)


def moved(request, before: str) -> None:
    """The browser is the same under its session's new key."""
    Device.objects.filter(session_key=before).update(session_key=request.session.session_key)


def way_on(request, default: str = "") -> str:
    """Where the person wanted to go, if that is here; who wanted nothing in particular sees what needs them now."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    here = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, request.is_secure())
    return wanted if here and wanted != "/" else default or reverse("now")


def weak(session) -> bool:
    """Whether one proof was all there was, where the operator asks for two."""
    return settings.SECOND_FACTOR and not session.get("strong")


def is_sure(request) -> bool:
    """Whether the person proved who they are a short while ago."""
    return timezone.now().timestamp() - request.session.get("sure", 0) < SURE_SECONDS


def expired(session) -> bool:
    """Whether a session has been idle too long, or is too old whatever it did."""
    now = timezone.now().timestamp()
    began, seen = session.get("began", now), session.get("seen", now)
    idle, oldest = timedelta(hours=settings.SESSION_IDLE_HOURS), timedelta(seconds=settings.SESSION_COOKIE_AGE)
    return now - seen > idle.total_seconds() or now - began > oldest.total_seconds()


class SessionClock:
    """End sessions that are idle or old, and note every few minutes that one is in use."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        if request.user.is_authenticated:
            if expired(request.session):
                Device.objects.filter(session_key=request.session.session_key).delete()
                logout(request)
            elif weak(request.session) and (answer := _second_first(request)):
                return answer
            else:
                _note(request)
        return self.get_response(request)


def _second_first(request):
    """Who owes a second proof gives it, or makes one; nothing else is open meanwhile."""
    if request.path.startswith((reverse("security"), reverse("logout"), reverse("health"))):
        return None
    if request.path.startswith("/api/"):
        return HttpResponseForbidden()
    if not request.user.factors.exists():
        return redirect("security")
    way = request.get_full_path() if request.method == "GET" else "/"
    user = request.user
    logout(request)
    return owe_second(request, user, way)


def _note(request) -> None:
    now, session = timezone.now().timestamp(), request.session
    if now - session.get("seen", 0) < SEEN_EVERY:
        return
    session.setdefault("began", now)
    session["seen"] = now
    told = came_from(request)
    fields = {"user": request.user, "ip": told["ip"], "agent": told["agent"], "seen_at": timezone.now()}
    Device.objects.update_or_create(session_key=session.session_key, defaults=fields)


def _server(request):
    from fido2.server import Fido2Server
    from fido2.webauthn import PublicKeyCredentialRpEntity

    # Bound to the very origin the page came from: scheme, host and port, of a host that ALLOWED_HOSTS names.
    origin = f"{request.scheme}://{request.get_host()}"
    entity = PublicKeyCredentialRpEntity(id=request.get_host().partition(":")[0], name="nachim")
    return Fido2Server(entity, verify_origin=lambda given: given == origin)


def _stored(factor: Factor):
    from fido2.webauthn import AttestedCredentialData

    return AttestedCredentialData(base64.b64decode(factor.credential))


def begin_passkey(request) -> dict:
    """What a browser needs to make a passkey: one that verifies its person and can be found without a name."""
    from fido2.webauthn import PublicKeyCredentialUserEntity, ResidentKeyRequirement, UserVerificationRequirement

    user = request.user
    known = [_stored(one) for one in user.factors.filter(kind=Factor.Kind.PASSKEY)]
    entity = PublicKeyCredentialUserEntity(id=f"nachim-{user.pk}".encode(), name=user.email, display_name=user.name)
    options, state = _server(request).register_begin(
        entity, known, resident_key_requirement=ResidentKeyRequirement.REQUIRED,
        user_verification=UserVerificationRequirement.REQUIRED,
    )  # fmt: skip
    request.session["passkey"] = state
    return dict(options)["publicKey"]


def keep_passkey(request, given: dict, name: str) -> Factor:
    state = request.session.pop("passkey", None)
    try:
        data = _server(request).register_complete(state, given)
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise ValidationError(_("The passkey could not be checked. Try once more.")) from error
    credential = data.credential_data
    return factors.add_passkey(request.user, name, credential.credential_id, bytes(credential), data.counter)


def begin_signin(request, user: User | None = None) -> dict:
    """What a browser needs to sign in by a passkey, any of the person's; of anybody's where nobody is named yet."""
    from fido2.webauthn import UserVerificationRequirement

    known = [_stored(one) for one in user.factors.filter(kind=Factor.Kind.PASSKEY)] if user else None
    options, state = _server(request).authenticate_begin(known, UserVerificationRequirement.REQUIRED)
    request.session["passkey"] = state
    return dict(options)["publicKey"]


def passkey_owner(request, given: dict) -> User:
    """Whose passkey answered. ValidationError where none did, or it was copied: its counter has to grow."""
    from fido2.utils import websafe_decode

    wrong = ValidationError(_("This passkey is not known here, or was not confirmed."))
    state = request.session.pop("passkey", None)
    try:
        identity = base64.b64encode(websafe_decode(given["rawId"])).decode()
        factor = Factor.objects.select_related("user").get(kind=Factor.Kind.PASSKEY, credential_id=identity)
        data = _server(request).authenticate_complete(state, [_stored(factor)], given)
        counter = _counter(given)
    except (ValueError, TypeError, KeyError, AttributeError, Factor.DoesNotExist) as error:
        raise wrong from error
    if data is None or (counter and counter <= factor.uses) or not factor.user.is_active:
        raise wrong
    factor.uses, factor.last_used_at = counter, timezone.now()
    factor.save(update_fields=["uses", "last_used_at"])
    return factor.user


def _counter(given: dict) -> int:
    from fido2.utils import websafe_decode
    from fido2.webauthn import AuthenticatorData

    return AuthenticatorData(websafe_decode(given["response"]["authenticatorData"])).counter
