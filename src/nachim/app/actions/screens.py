"""Links for screens on a wall: made, opened by their token, revoked. The token is shown once and kept as a hash."""

import secrets
from datetime import timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from nachim.app import audit, policy
from nachim.app.language import spoken
from nachim.app.models import Screen, Team
from nachim.connect.secrets import hashed

MOST_DAYS, MOST_SCREENS = 366, 50
SECONDS = (10, 300)
FIELDS = ("name", "team_id", "seconds", "expires_at")
SEEN_EVERY = timedelta(hours=1)


@transaction.atomic
def make_screen(actor, *, name: str, days: int, team: Team | None = None, seconds: int = 20) -> tuple[Screen, str]:
    """A link that shows what `actor` sees, and its token, which nobody can show again."""
    policy.require(actor, "screen.edit")
    if not name.strip():
        raise ValidationError({"name": _("Say where it hangs.")})
    if not 1 <= days <= MOST_DAYS:
        raise ValidationError({"days": _("From 1 to %(most)d days.") % {"most": MOST_DAYS}})
    if not SECONDS[0] <= seconds <= SECONDS[1]:
        raise ValidationError({"seconds": _("From %(least)d to %(most)d seconds.") % {
            "least": SECONDS[0], "most": SECONDS[1]}})  # fmt: skip
    if team is not None and not policy.visible(actor, Team.objects.filter(pk=team.pk)).exists():
        raise policy.NotAllowed("screen.edit")
    if Screen.objects.filter(user=actor, revoked_at=None, expires_at__gt=timezone.now()).count() >= MOST_SCREENS:
        raise ValidationError(_("There are %(most)d screens already. Revoke those nobody uses.") % {
            "most": MOST_SCREENS})  # fmt: skip
    token = secrets.token_urlsafe(32)
    screen = Screen.objects.create(
        name=name.strip()[:80], token_hash=hashed(token), user=actor, team=team, locale=spoken(), seconds=seconds,
        expires_at=timezone.now() + timedelta(days=days),
    )  # fmt: skip
    audit.record(actor, "screen.create", screen, after=audit.fields(screen, *FIELDS), topics=("settings",))
    return screen, token


@transaction.atomic
def revoke_screen(actor, screen: Screen) -> None:
    """From now on it shows nothing."""
    policy.require(actor, "screen.edit", screen)
    if screen.revoked_at is None:
        screen.revoked_at = timezone.now()
        screen.save(update_fields=["revoked_at"])
        audit.record(actor, "screen.revoke", screen, before=audit.fields(screen, *FIELDS), topics=("settings",))


def opened(token: str) -> Screen | None:
    """The screen of a token, while it lives and its maker may still have one; None where it shows nothing."""
    found = Screen.objects.filter(token_hash=hashed(token)).select_related("user__membership", "team").first()
    if found is None or not found.live or not policy.can(found.user, "screen.edit", found):
        return None
    now = timezone.now()
    if found.seen_at is None or now - found.seen_at > SEEN_EVERY:
        Screen.objects.filter(pk=found.pk).update(seen_at=now)
    return found
