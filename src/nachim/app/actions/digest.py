"""Tell the company's channels what was found: one digest each, outside of the quiet hours."""

import logging
from datetime import datetime, time, timedelta
from smtplib import SMTPException

from django.conf import settings
from django.core.mail import send_mail
from django.utils import timezone, translation
from django.utils.translation import ngettext

from nachim.app import language
from nachim.app.models import Finding, Workspace
from nachim.connect.hosts import entries
from nachim.connect.notify import KINDS, Digest, NotSent, quiet, send

log = logging.getLogger(__name__)
MOST_ITEMS = 10
OLD = timedelta(days=3)


def channels(text: str) -> list[tuple[str, str]]:
    """`slack https://…, mail team@example.com` as (kind, address). ValueError on an unknown kind."""
    found = []
    for one in filter(None, (part.strip() for part in text.split(","))):
        kind, _space, address = one.partition(" ")
        if kind not in {"mail", *KINDS} or not address.strip():
            raise ValueError(f"NACHIM_NOTIFY: {kind} is not one of mail, {', '.join(KINDS)}, followed by an address")
        found.append((kind, address.strip()))
    return found


def tell(now: datetime | None = None) -> int:
    """Send what nobody was told yet; how many findings went out. None of it goes out in the quiet hours.

    A finding counts as told when one channel took it; one that no channel takes is tried again, for three days.
    """
    now, to = now or timezone.now(), channels(settings.NOTIFY)
    begins, _dash, ends = settings.QUIET_HOURS.partition("-")
    local = now.astimezone(language.calendar().zone).time()
    if not to or quiet(local, time.fromisoformat(begins), time.fromisoformat(ends)):
        return 0
    new = list(Finding.objects.filter(told_at=None, state=Finding.State.OPEN, created_at__gte=now - OLD)
               .select_related("metric"))  # fmt: skip
    if not new:
        return 0
    workspace = Workspace.current()
    with translation.override(workspace.locale if workspace else "ko"):
        digest = _digest(new, workspace)
    if not sum(_sent(kind, address, digest) for kind, address in to):
        return 0
    Finding.objects.filter(pk__in=[one.pk for one in new]).update(told_at=now)
    return len(new)


def _digest(new: list[Finding], workspace: Workspace | None) -> Digest:
    locale = "en" if translation.get_language() == "en" else "ko"
    new = sorted(new, key=lambda one: (not one.worse, -(one.one_in or 0)))
    title = ngettext("%(name)s: %(n)s finding", "%(name)s: %(n)s findings", len(new)) % {
        "name": workspace.name if workspace else "nachim", "n": len(new)}  # fmt: skip
    items = tuple((one.metric.label, one.paragraph.get(locale, "")) for one in new[:MOST_ITEMS])
    return Digest(title, items, f"{settings.PUBLIC_URL}/findings/" if settings.PUBLIC_URL else "")


def _sent(kind: str, address: str, digest: Digest) -> bool:
    try:
        if kind == "mail":
            send_mail(digest.title, digest.text(), None, [address])
        else:
            send(kind, address, digest, entries(settings.NOTIFY_HOSTS))
    except (NotSent, SMTPException, OSError) as error:
        # The address may carry a secret: it is not written down.
        log.warning("a digest did not go out by %s: %s", kind, error)
        return False
    return True
