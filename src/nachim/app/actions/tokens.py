"""Tokens of programs: made, found by their secret, revoked. The secret is shown once and kept as a hash."""

import re
import secrets
from datetime import timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from nachim.app import audit, policy
from nachim.app.models import ApiToken, User
from nachim.connect.secrets import hashed

# For scanners of leaked secrets: nachim_ and 8 hex digits that name it, then 256 bits.
TOKEN = re.compile(r"nachim_[0-9a-f]{8}_[0-9a-f]{64}")
MOST_DAYS, MOST_TOKENS = 366, 50
FIELDS = ("name", "prefix", "scopes", "expires_at")


@transaction.atomic
def make_token(actor, *, name: str, scopes: list[str], days: int, user: User | None = None) -> tuple[ApiToken, str]:
    """A token that acts as `user` (the actor unless said), and its secret, which nobody can show again."""
    policy.require(actor, "token.edit")
    user = user or actor
    if user != actor and not isinstance(actor, policy.System):
        raise policy.NotAllowed("token.edit")
    problems = {}
    if not name.strip():
        problems["name"] = _("Say what will use it.")
    unknown = [
        one for one in scopes if one not in policy.SCOPES and one not in set(policy.PERMISSIONS) - policy.PERSONAL
    ]
    if unknown or not scopes:
        problems["scopes"] = _("Choose from read, write, ingest, or permissions by name.")
    if not 1 <= days <= MOST_DAYS:
        problems["days"] = _("From 1 to %(most)d days.") % {"most": MOST_DAYS}
    if problems:
        raise ValidationError(problems)
    if live(user).count() >= MOST_TOKENS:
        raise ValidationError(_("There are %(most)d tokens already. Revoke those nobody uses.") % {"most": MOST_TOKENS})
    prefix = f"nachim_{secrets.token_hex(4)}"
    secret = f"{prefix}_{secrets.token_hex(32)}"
    token = ApiToken.objects.create(
        user=user, name=name.strip()[:80], prefix=prefix, token_hash=hashed(secret), scopes=sorted(set(scopes)),
        expires_at=timezone.now() + timedelta(days=days),
    )  # fmt: skip
    audit.record(actor, "token.create", token, after=audit.fields(token, *FIELDS) | {"user": user.email},
                 topics=("settings",))  # fmt: skip
    return token, secret


@transaction.atomic
def revoke_token(actor, token: ApiToken) -> None:
    """From now on it opens nothing."""
    policy.require(actor, "token.edit", token)
    if token.revoked_at is None:
        token.revoked_at = timezone.now()
        token.save(update_fields=["revoked_at"])
        audit.record(actor, "token.revoke", token, before=audit.fields(token, *FIELDS), topics=("settings",))


def live(user: User):
    return ApiToken.objects.filter(user=user, revoked_at=None, expires_at__gt=timezone.now())


def holder(secret: str) -> tuple[User, ApiToken] | None:
    """Whom a token acts as, with its scope; None where it opens nothing."""
    if not TOKEN.fullmatch(secret):
        return None
    return _opened(ApiToken.objects.filter(token_hash=hashed(secret)))


def holder_by_prefix(prefix: str) -> tuple[User, ApiToken] | None:
    """The same for who signs with the token's signing key instead of sending the token."""
    return _opened(ApiToken.objects.filter(prefix=prefix))


def _opened(found) -> tuple[User, ApiToken] | None:
    token = found.select_related("user__membership").first()
    if token is None or not token.live or not token.user.is_active:
        return None
    token.user.scope = policy.scope_of(token.scopes)
    return token.user, token


def signing_key(token: ApiToken) -> str:
    """What signs events sent without the token itself: derived from the installation's key, kept nowhere."""
    return salted_hmac("nachim.api.signing", token.token_hash, algorithm="sha256").hexdigest()
