"""The one door to the API: who asks and in which language, how often, once, and on what they last saw."""

import hashlib
import secrets
from copy import copy
from dataclasses import dataclass

from django.contrib.auth.models import AnonymousUser
from django.db import transaction
from django.http import Http404, HttpResponse
from django.urls import resolve
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation.trans_real import parse_accept_lang_header
from ninja.utils import check_csrf

from nachim.app import audit, policy
from nachim.app.actions import tokens
from nachim.app.models import ApiToken, Workspace
from nachim.web.api import rate
from nachim.web.api.once import once
from nachim.web.api.problem import MEDIA, Refusal, of, problem
from nachim.web.forms.data import UploadLimit
from nachim.web.person import LANGUAGES, came_from, network_of
from nachim.web.security import noted

SAFE = ("GET", "HEAD", "OPTIONS")
# What whoever watches the log wants to know of.
NOTED = {401: "API: nobody known", 403: "API: permission refused", 429: "API: too many requests"}
BEARER = {"WWW-Authenticate": 'Bearer realm="nachim"'}


class Door:
    """Middleware, the innermost: only addresses under /api/ pass through it."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        if not request.path.startswith("/api/"):
            return self.get_response(request)
        language = _language(request)
        with translation.override(language):
            request.LANGUAGE_CODE = language
            try:
                response = self._answer(request)
            except Exception as error:
                response = of(error)
            if response.status_code >= 400 and response.headers.get("Content-Type", "") != MEDIA:
                response = problem(response.status_code, headers=_kept(response))
            if response.status_code in NOTED:
                noted(request, NOTED[response.status_code])
            response.headers["Content-Language"] = language
            response.headers.setdefault("Vary", "Authorization, Cookie, Accept-Language")
        return response

    def _answer(self, request) -> HttpResponse:
        request.token = None
        signed = request.headers.get("X-Nachim-Signature")
        try:
            who = _identify(request, signed)
        except Refusal:
            _count(f"ip-{network_of(request)}", None)
            raise
        if request.content_type.startswith("multipart/"):
            request.upload_limit = UploadLimit(request)
            request.upload_handlers.insert(0, request.upload_limit)
        # A browser's session: the page has to prove that it is ours.
        browser = request.token is None and request.user.is_authenticated
        if browser and request.method not in SAFE and check_csrf(request, self.get_response) is not None:
            raise Refusal(403, _("Send the CSRF token of the page, as X-CSRFToken."), code="csrf")
        left = _count(who, request.token)
        name = f"{request.token.prefix}.{secrets.token_hex(6)}" if request.token else secrets.token_hex(8)
        with audit.one_request(name, came_from(request)):
            response = once(request, who, self._on_what_was_seen)
        response.headers["RateLimit-Remaining"] = str(left - 1)
        return _tagged(request, response)

    def _on_what_was_seen(self, request) -> HttpResponse:
        """If-Match: only where nothing has changed since; one such change at a time."""
        seen = request.headers.get("If-Match")
        if not seen or request.method in (*SAFE, "POST"):
            return self.get_response(request)
        with transaction.atomic():
            Workspace.objects.select_for_update().first()
            probe = copy(request)
            probe.method = "GET"
            view, args, kwargs = resolve(request.path_info)
            now = _tagged(probe, view(probe, *args, **kwargs)).headers.get("ETag")
            if now is None or (seen.strip() != "*" and now not in [one.strip() for one in seen.split(",")]):
                raise Refusal(412, _("Read it again, and send its ETag as If-Match."), code="changed")
            return self.get_response(request)


def operation(router, method: str, path: str, permission: str, *, request_body=None, answer=None, **described):
    """An operation: who may, what it answers, and its place in the OpenAPI document.

    `request_body`, `answer`: in the document's own words, for what is no JSON.
    """
    extra = {"x-permission": permission} | ({"requestBody": request_body} if request_body else {})
    extra |= {"responses": answer} if answer else {}

    def made(view):
        # Before the request is read: who may not ask is not told what is wrong with the question.
        words = view.__name__.replace("_", " ").replace("kpi", "KPI")
        described["summary"] = words[0].upper() + words[1:]
        register = getattr(router, method)
        return register(path, auth=Admitted(permission), openapi_extra=extra, by_alias=True, **described)(view)

    return made


@dataclass(frozen=True)
class Admitted:
    """Strangers are asked who they are; outsiders find nothing; others may what their role and token carry."""

    permission: str

    def __call__(self, request):
        if not request.user.is_authenticated:
            raise Refusal(401, code="token", headers=BEARER)
        if policy.role(request.user) is None:
            raise Http404
        policy.require(request.user, self.permission)
        request.permission = self.permission
        return request.user


def _identify(request, signed: str | None) -> str:
    """Put who asks in the request; the name requests are counted under."""
    given = request.headers.get("Authorization")
    if given is not None:
        kind, _space, secret = given.partition(" ")
        found = tokens.holder(secret.strip()) if kind.lower() == "bearer" else None
        if found is None:
            request.user = AnonymousUser()
            raise Refusal(401, _("This token opens nothing: it is wrong, expired or revoked."), code="token",
                          headers=BEARER)  # fmt: skip
        request.user, request.token = found
    elif signed is not None:
        from nachim.web.api.signed import signer

        request.user, request.token = signer(request, signed)
    if request.token is not None:
        return f"token-{request.token.pk}"
    return f"user-{request.user.pk}" if request.user.is_authenticated else f"ip-{network_of(request)}"


def _count(who: str, token: ApiToken | None) -> int:
    """How many requests were left in this minute; refused where none was."""
    left, again = rate.take(who, token)
    if left <= 0:
        raise Refusal(429, _("Again in %(n)d s.") % {"n": again}, code="rate", headers={"Retry-After": again})
    return left


def _language(request) -> str:
    """What the request accepts, else the person's own or the company's."""
    for code, _weight in parse_accept_lang_header(request.headers.get("Accept-Language", "")[:200]):
        if code[:2] in LANGUAGES:
            return code[:2]
    return translation.get_language() or "ko"


def _tagged(request, response: HttpResponse) -> HttpResponse:
    """An ETag on what was read; nothing but that where it is what was seen already."""
    if request.method not in ("GET", "HEAD") or response.status_code != 200 or response.streaming:
        return response
    tag = f'"{hashlib.sha256(response.content).hexdigest()[:32]}"'
    response.headers["ETag"] = tag
    if tag in [one.strip() for one in request.headers.get("If-None-Match", "").split(",")]:
        return HttpResponse(status=304, headers={"ETag": tag})
    return response


def _kept(response: HttpResponse) -> dict:
    return {name: response.headers[name] for name in ("Allow", "Retry-After") if name in response.headers}
