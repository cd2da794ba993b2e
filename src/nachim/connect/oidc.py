"""Single sign-on by OpenID Connect: the authorization code flow with PKCE, state and nonce (OpenID Connect Core 1.0,
RFC 7636). The provider is the operator's choice (NACHIM_OIDC_ISSUER), so its host is trusted; its answers are not.
"""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import urllib.error
import urllib.parse
import urllib.request
from dataclasses import dataclass
from typing import Any

SECONDS, MOST_BYTES = 10, 1024 * 1024
# Never `none`, and never a secret's HMAC where a public key is expected.
ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "ES256", "ES384", "EdDSA")
LOOPBACK = ("127.0.0.1", "localhost", "::1")


class Refused(Exception):
    """`code`: unreachable, misconfigured, state, token, claims; `detail` for the log, never a secret."""

    def __init__(self, code: str, detail: str = ""):
        super().__init__(f"{code}: {detail}" if detail else code)
        self.code = code


@dataclass(frozen=True)
class Claims:
    """What the provider says of a person."""

    issuer: str
    subject: str
    email: str
    email_verified: bool
    name: str
    strong: bool
    """Whether the token says that more than one proof was asked for (`amr`, RFC 8176)."""


@dataclass(frozen=True)
class Provider:
    issuer: str
    client_id: str
    client_secret: str

    def start(self, back: str) -> tuple[str, dict[str, str]]:
        """Where to send the browser, and what to remember until it comes back."""
        kept = {name: secrets.token_urlsafe(32) for name in ("state", "nonce", "verifier")}
        challenge = base64.urlsafe_b64encode(hashlib.sha256(kept["verifier"].encode()).digest()).rstrip(b"=").decode()
        query = {
            "response_type": "code", "client_id": self.client_id, "redirect_uri": back, "state": kept["state"],
            "scope": "openid email profile", "nonce": kept["nonce"], "code_challenge": challenge,
            "code_challenge_method": "S256",
        }  # fmt: skip
        where = self._about()["authorization_endpoint"]
        return f"{where}{'&' if '?' in where else '?'}{urllib.parse.urlencode(query)}", kept

    def finish(self, kept: dict[str, str], answer: dict[str, str], back: str) -> Claims:
        """Who came back. Refused where the answer is not to what was asked, or its token does not hold."""
        if not kept or not secrets.compare_digest(kept.get("state", "").encode(), answer.get("state", "").encode()):
            raise Refused("state")
        if "error" in answer or not answer.get("code"):
            raise Refused("token", answer.get("error", "no code")[:100])
        about = self._about()
        form = {
            "grant_type": "authorization_code", "code": answer["code"], "redirect_uri": back,
            "client_id": self.client_id, "code_verifier": kept["verifier"],
        }  # fmt: skip
        got = self._ask(about["token_endpoint"], form)
        return self._claims(got.get("id_token", ""), about, kept["nonce"])

    def _claims(self, token: str, about: dict[str, Any], nonce: str) -> Claims:
        import jwt

        try:
            head = jwt.get_unverified_header(token)
            found = [one for one in self._ask(about["jwks_uri"])["keys"] if head.get("kid") in (None, one.get("kid"))]
            if head.get("alg") not in ALGORITHMS or len(found) != 1:
                raise Refused("token", f"no key for {head.get('alg')} {head.get('kid')}")
            said = jwt.decode(
                token, jwt.PyJWK(found[0], algorithm=head["alg"]).key, algorithms=[head["alg"]],
                audience=self.client_id, issuer=about["issuer"], leeway=60,
                options={"require": ["exp", "iat", "sub", "aud", "iss"]},
            )  # fmt: skip
        except (jwt.PyJWTError, KeyError, TypeError) as error:
            raise Refused("token", str(error)[:200]) from error
        several = isinstance(said["aud"], list) and len(said["aud"]) > 1
        if said.get("nonce") != nonce or (several and said.get("azp") != self.client_id):
            raise Refused("claims", "nonce or azp")
        email = str(said.get("email", "")).strip().lower()
        verified = said.get("email_verified") in (True, "true")
        strong = isinstance(said.get("amr"), list) and "mfa" in said["amr"]
        return Claims(said["iss"], str(said["sub"])[:255], email, verified, str(said.get("name", ""))[:80], strong)

    def _about(self) -> dict[str, Any]:
        """The provider's own description; it has to be about itself."""
        found = self._ask(self.issuer.rstrip("/") + "/.well-known/openid-configuration")
        needed = ("issuer", "authorization_endpoint", "token_endpoint", "jwks_uri")
        if any(not isinstance(found.get(name), str) for name in needed) or found["issuer"] != self.issuer:
            raise Refused("misconfigured", "the provider describes another issuer")
        for name in needed:
            _secure(found[name])
        return found

    def _ask(self, url: str, form: dict[str, str] | None = None) -> dict[str, Any]:
        _secure(url)
        request = urllib.request.Request(url, headers={"Accept": "application/json"})  # noqa: S310
        if form is not None:
            request.data = urllib.parse.urlencode(form).encode()
            pair = ":".join(urllib.parse.quote(one, safe="") for one in (self.client_id, self.client_secret))
            request.add_header("Authorization", "Basic " + base64.b64encode(pair.encode()).decode())
        try:
            with _opener().open(request, timeout=SECONDS) as answer:
                found = json.loads(answer.read(MOST_BYTES))
        except (urllib.error.URLError, OSError, ValueError) as error:
            raise Refused("unreachable", f"{urllib.parse.urlsplit(url).path}: {error}") from error
        if not isinstance(found, dict):
            raise Refused("misconfigured", "not an object")
        return found


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """A provider answers where it says it is."""

    def redirect_request(self, *_args: Any, **_words: Any) -> None:
        return None


def _opener() -> urllib.request.OpenerDirector:
    return urllib.request.build_opener(_NoRedirect())


def _secure(url: str) -> None:
    parts = urllib.parse.urlsplit(url)
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in LOOPBACK):
        raise Refused("misconfigured", "the provider has to speak https")
