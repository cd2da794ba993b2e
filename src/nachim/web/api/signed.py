"""Events signed instead of carrying the token: HMAC-SHA256 over time and body, good for five minutes and once.

X-Nachim-Key: the token's beginning (nachim_3f9a01c7)
X-Nachim-Timestamp: seconds since 1970
X-Nachim-Signature: hex of HMAC-SHA256(signing key, timestamp + "." + body)
"""

import hashlib
import hmac
import time

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from nachim.app.actions import tokens
from nachim.app.models import ApiAnswer, ApiToken, User
from nachim.web.api.problem import Refusal

WINDOW_SECONDS = 300


def signature(key: str, timestamp: str, body: bytes) -> str:
    return hmac.new(key.encode(), timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()


def signer(request, given: str) -> tuple[User, ApiToken]:
    """Who signed the request. Only events may be signed: what is signed ingests, whatever else the token may."""
    found = tokens.holder_by_prefix(request.headers.get("X-Nachim-Key", ""))
    stamp = request.headers.get("X-Nachim-Timestamp", "")
    if found is None or not request.path.startswith("/api/events/"):
        raise Refusal(401, _("Nobody known has signed this."), code="signature")
    if not stamp.isdecimal() or len(stamp) > 12 or abs(time.time() - int(stamp)) > WINDOW_SECONDS:
        raise Refusal(401, _("Signed too long ago, or by a clock that is wrong."), code="timestamp")
    user, token = found
    if not hmac.compare_digest(signature(tokens.signing_key(token), stamp, request.body).encode(), given.encode()):
        raise Refusal(401, _("The signature does not fit time and body."), code="signature")
    seen = hashlib.sha256(f"signed {token.pk} {given}".encode()).hexdigest()
    try:
        with transaction.atomic():
            ApiAnswer.objects.create(key=seen, digest="", created_at=timezone.now())
    except IntegrityError:
        raise Refusal(
            401, _("This signature was used already: sign again, with the time now."), code="replayed"
        ) from None
    user.scope = user.scope & {"data.ingest"}
    return user, token
