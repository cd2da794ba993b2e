"""Tell the company's channels what was found: one digest each, outside of the quiet hours."""

import logging
from datetime import datetime, time, timedelta
from functools import partial
from smtplib import SMTPException

from django.conf import settings
from django.core.mail import send_mail
from django.utils import timezone, translation
from django.utils.translation import ngettext

from nachim.app import language, policy
from nachim.app.actions.channels import deliver
from nachim.app.models import Channel, Finding, User, Workspace
from nachim.app.queries.findings import Shown, shown
from nachim.connect.hosts import entries
from nachim.connect.notify import KINDS, NEEDS, Digest, NotSent, quiet, send

log = logging.getLogger(__name__)
MOST_ITEMS = 10
OLD = timedelta(days=3)
PLAIN = ("mail", *(kind for kind in KINDS if kind not in NEEDS))  # an address is all they need


def channels(text: str) -> list[tuple[str, str]]:
    """`slack https://…, mail team@example.com` as (kind, address). ValueError on an unknown kind."""
    found = []
    for one in filter(None, (part.strip() for part in text.split(","))):
        kind, _space, address = one.partition(" ")
        if kind not in PLAIN or not address.strip():
            raise ValueError(f"NACHIM_NOTIFY: {kind} is not one of {', '.join(PLAIN)}, followed by an address")
        found.append((kind, address.strip()))
    return found


def tell(now: datetime | None = None) -> int:
    """Send what nobody was told yet; how many findings went out. None of it goes out in the quiet hours.

    A finding counts as told when one channel took it; one that no channel takes is tried again, for three days.
    """
    now = now or timezone.now()
    return _by_page(now) + _by_setting(now)


def _by_page(now: datetime) -> int:
    """What each channel of the settings page was not told yet, outside of its own quiet hours."""
    workspace, local = Workspace.current(), now.astimezone(language.calendar().zone).time()
    told: set[int] = set()
    for channel in Channel.objects.filter(paused=False):
        if quiet(local, channel.quiet_begins, channel.quiet_ends):
            continue
        since = max(channel.told_until, now - OLD)
        new = Finding.objects.filter(state=Finding.State.OPEN, created_at__gt=since, created_at__lte=now)
        new = list((new.filter(worse=True) if channel.worse_only else new).select_related("metric"))
        if not new:
            continue
        with translation.override(workspace.locale if workspace else "ko"):
            problem = deliver(channel, partial(_theirs, channel.kind, new, workspace))
        if problem:
            # The address may carry a secret: it is not written down.
            log.warning("a digest did not go out by %s: %s", channel.kind, problem)
            Channel.objects.filter(pk=channel.pk).update(tried_at=now, problem=problem[:300])
            continue
        latest = max(one.created_at for one in new)
        Channel.objects.filter(pk=channel.pk).update(told_until=latest, tried_at=now, problem="")
        told |= {one.pk for one in new}
    return len(told)


def _by_setting(now: datetime) -> int:
    """The same for the channels of NACHIM_NOTIFY, which share one time and one quiet time."""
    to = channels(settings.NOTIFY)
    begins, _dash, ends = settings.QUIET_HOURS.partition("-")
    local = now.astimezone(language.calendar().zone).time()
    if not to or quiet(local, time.fromisoformat(begins), time.fromisoformat(ends)):
        return 0
    new = list(Finding.objects.filter(told_at=None, state=Finding.State.OPEN, created_at__gte=now - OLD)
               .select_related("metric"))  # fmt: skip
    if not new:
        return 0
    workspace = Workspace.current()
    sent = 0
    with translation.override(workspace.locale if workspace else "ko"):
        for kind, address in to:
            theirs = _for(kind, address, new)
            # Nothing to say to somebody is as good as said.
            sent += not theirs or _sent(kind, address, _digest(theirs, workspace))
    if not sent:
        return 0
    Finding.objects.filter(pk__in=[one.pk for one in new]).update(told_at=now)
    return len(new)


def _for(kind: str, address: str, new: list[Finding]) -> list[Shown]:
    """What a channel is told: everything; a person at their own address what they see."""
    user = User.objects.filter(email=address.lower(), is_active=True).first() if kind == "mail" else None
    reader = user or policy.SYSTEM
    seen = set(
        policy.visible(reader, Finding.objects.filter(pk__in=[one.pk for one in new])).values_list("pk", flat=True)
    )
    return [shown(one, reader) for one in new if one.pk in seen]


def _theirs(kind: str, new: list[Finding], workspace: Workspace | None, address: str) -> Digest | None:
    found = _for(kind, address, new)
    return _digest(found, workspace) if found else None


def _digest(new: list[Shown], workspace: Workspace | None) -> Digest:
    new = sorted(new, key=lambda one: (not one.finding.worse, -(one.finding.one_in or 0)))
    title = ngettext("%(name)s: %(n)s finding", "%(name)s: %(n)s findings", len(new)) % {
        "name": workspace.name if workspace else "nachim", "n": len(new)}  # fmt: skip
    items = tuple((one.finding.metric.label, one.paragraph) for one in new[:MOST_ITEMS])
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
