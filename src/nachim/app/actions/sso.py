"""Whom the company's identity provider speaks of. Nobody becomes a member by it."""

from django.db import transaction

from nachim.app import audit
from nachim.app.models import Identity, User
from nachim.connect.oidc import Claims


@transaction.atomic
def person_of(claims: Claims) -> User | None:
    """The member. The first time by a verified address, from then on by the provider's own name for them: an address
    that passes to somebody else does not pass the account on."""
    known = Identity.objects.select_related("user").filter(issuer=claims.issuer, subject=claims.subject).first()
    if known is not None:
        return known.user if _is_member(known.user) else None
    user = User.objects.filter(email=claims.email).first() if claims.email and claims.email_verified else None
    if user is None or not _is_member(user) or user.identities.filter(issuer=claims.issuer).exists():
        return None
    Identity.objects.create(user=user, issuer=claims.issuer, subject=claims.subject)
    audit.record(user, "self.identity", user, after={"issuer": claims.issuer})
    return user


def _is_member(user: User) -> bool:
    return user.is_active and hasattr(user, "membership")
