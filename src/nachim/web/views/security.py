"""How one signs in: password, second factors, recovery codes, and the browsers one is signed in with."""

import json
from functools import wraps
from io import BytesIO
from urllib.parse import quote

from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.core.exceptions import ValidationError
from django.http import JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from nachim.app import limits, policy
from nachim.app.actions import factors
from nachim.app.models import Device, Factor
from nachim.web.forms.fields import refused
from nachim.web.forms.people import AgainForm, CodeForm, PasswordForm
from nachim.web.person import page as guarded
from nachim.web.person import thing
from nachim.web.security import noted
from nachim.web.signin import begin_passkey, is_sure, keep_passkey, moved, renew, way_on, weak
from nachim.web.views.session import MOST_FAILURES, WAIT_SECONDS


def sure(view):
    """Who proved who they are a while ago does so again before changing how they do."""

    @wraps(view)
    def asked(request, *args, **kwargs):
        return view(request, *args, **kwargs) if is_sure(request) else redirect("again")

    return asked


def sure_to_write(view):
    """The same where a page is looked at freely and only what is sent needs a fresh proof."""

    @wraps(view)
    def asked(request, *args, **kwargs):
        if request.method == "GET" or is_sure(request):
            return view(request, *args, **kwargs)
        return redirect(f"{reverse('again')}?next={quote(request.path)}")

    return asked


@guarded("self.edit")
def page(request):
    return _page(request, PasswordForm(user=request.user))


@guarded("self.edit")
def again(request):
    """The password, or a code, once more."""
    form = AgainForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        typed, user = form.cleaned_data["proof"], request.user
        if not limits.take("again", str(user.pk), most=MOST_FAILURES, seconds=WAIT_SECONDS):
            form.add_error(None, _("Too many attempts. Wait ten minutes, then try again."))
        elif (user.has_usable_password() and user.check_password(typed)) or factors.proves(user, typed):
            limits.forget("again", str(user.pk))
            renew(request, sure=_now(), seen=_now())
            return redirect(way_on(request, reverse("security")))
        else:
            noted(request, "fresh proof refused")
            form.add_error("proof", _("That is not right."))
    context = {"nav": "settings", "form": form}
    return render(request, "settings/again.html", context, status=422 if form.errors else 200)


@require_POST
@guarded("self.edit")
def password(request):
    if not request.user.has_usable_password() and not is_sure(request):
        return redirect("again")
    form = PasswordForm(request.POST, user=request.user)
    if form.is_valid():
        try:
            if not limits.take("again", str(request.user.pk), most=MOST_FAILURES, seconds=WAIT_SECONDS):
                raise ValidationError(_("Too many attempts. Wait ten minutes, then try again."))
            factors.change_password(request.user, form.cleaned_data.get("old", ""), form.cleaned_data["new"])
        except ValidationError as error:
            refused(form, error)
        else:
            limits.forget("again", str(request.user.pk))
            before = request.session.session_key
            update_session_auth_hash(request, request.user)
            moved(request, before)
            factors.end_devices(request.user, _others(request))
            messages.success(request, _("Your password is changed, and other browsers are signed out."))
            return redirect("security")
    return _page(request, form)


@guarded("self.edit")
@sure
def app(request):
    """The secret as a picture and as text; kept once its first code is typed."""
    secret = request.session.get("totp") or factors.new_secret()
    request.session["totp"] = secret
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            factors.add_app(request.user, secret, form.cleaned_data["code"])
        except ValidationError as error:
            refused(form, error)
        else:
            del request.session["totp"]
            request.session["strong"] = True
            return _codes(request) if not request.user.recovery_codes.exists() else redirect("security")
    context = {"nav": "settings", "form": form, "secret": _grouped(secret), "picture": _qr(request, secret)}
    return render(request, "settings/app.html", context, status=422 if form.errors else 200)


@guarded("self.edit")
@sure
def passkey_new(request):
    """GET: what the browser needs to make one; POST: what it made."""
    if request.method == "GET":
        return JsonResponse(begin_passkey(request))
    try:
        given = json.loads(request.body)
        keep_passkey(request, given["credential"], str(given.get("name", "")))
    except (ValidationError, ValueError, KeyError, TypeError) as error:
        said = error.messages if isinstance(error, ValidationError) else [_("This request could not be read.")]
        return JsonResponse({"error": " ".join(said)}, status=422)
    request.session["strong"] = True
    messages.success(request, _("The passkey is kept. Next time it is all you need."))
    return JsonResponse({"next": request.path.rpartition("passkeys/")[0]})


@require_POST
@guarded("self.edit")
@sure
def factor_remove(request, pk):
    factors.remove_factor(request.user, thing(request, Factor, pk))
    messages.success(request, _("Removed."))
    return redirect("security")


@require_POST
@guarded("self.edit")
@sure
def recovery(request):
    return _codes(request)


@require_POST
@guarded("self.edit")
@sure
def device_end(request, pk):
    device = thing(request, Device, pk)
    factors.end_devices(request.user, policy.visible(request.user, Device.objects.filter(pk=device.pk)))
    return redirect("security")


@require_POST
@guarded("self.edit")
@sure
def devices_end(request):
    """Sign out everywhere but here."""
    count = factors.end_devices(request.user, _others(request))
    said = ngettext("%(n)d other browser is signed out.", "%(n)d other browsers are signed out.", count)
    messages.success(request, said % {"n": count})
    return redirect("security")


def _page(request, form):
    mine = policy.visible(request.user, Factor.objects.all())
    devices = policy.visible(request.user, Device.objects.all())
    context = {
        "nav": "settings", "form": form, "factors": mine, "devices": devices,
        "here": request.session.session_key, "has_app": any(one.kind == Factor.Kind.TOTP for one in mine),
        "owed": weak(request.session),
        "codes_left": request.user.recovery_codes.filter(used_at=None).count(),
    }  # fmt: skip
    return render(request, "settings/security.html", context, status=422 if form.errors else 200)


def _others(request):
    return policy.visible(request.user, Device.objects.exclude(session_key=request.session.session_key))


def _codes(request):
    try:
        made = factors.new_codes(request.user)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
        return redirect("security")
    return render(request, "settings/codes.html", {"nav": "settings", "codes": made})


def _grouped(secret: str) -> str:
    return " ".join(secret[at : at + 4] for at in range(0, len(secret), 4))


def _qr(request, secret: str) -> str:
    """The otpauth address as a picture: rectangles alone, nothing of what a person typed reaches the markup."""
    import qrcode
    from qrcode.image.svg import SvgPathFillImage

    company = quote(request.workspace.name if request.workspace else "nachim")
    label = f"{company}:{quote(request.user.email)}"
    made = qrcode.make(f"otpauth://totp/{label}?secret={secret}&issuer={company}", image_factory=SvgPathFillImage)
    out = BytesIO()
    made.save(out)
    return mark_safe(out.getvalue().decode().partition("?>")[2])  # noqa: S308


def _now() -> float:
    from django.utils import timezone

    return timezone.now().timestamp()
