"""Channels: added, changed, tried, removed; how many findings are wanted. An address goes in and never comes out."""

import json
from collections.abc import Callable
from datetime import time
from smtplib import SMTPException

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.mail import send_mail
from django.core.validators import validate_email
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from nachim.app import audit, engines, policy
from nachim.app.models import Channel, Watching
from nachim.connect.hosts import entries
from nachim.connect.notify import MAY, NEEDS, Digest, NotSent, send
from nachim.connect.secrets import Unreadable

SHOWN = ("name", "kind", "quiet_begins", "quiet_ends", "worse_only", "paused")
LEAST, MOST = 0.25, 50.0


@transaction.atomic
def save_channel(
    actor, channel: Channel | None = None, *, name: str, kind: str, quiet_begins: time, quiet_ends: time,
    address: str = "", keys: dict[str, str] | None = None, worse_only: bool = False, paused: bool = False,
) -> Channel:  # fmt: skip
    """Make or change a channel. An empty `address` keeps the one there is, with its `keys` (`connect.notify.NEEDS`);
    another kind needs its own."""
    policy.require(actor, "channel.edit", channel)
    before = audit.fields(channel, *SHOWN) if channel else None
    if before and before["kind"] != kind and not address:
        raise ValidationError({"address": _("Another kind of channel needs its own address.")})
    channel = channel or Channel()
    channel.name, channel.kind, channel.worse_only, channel.paused = name.strip(), kind, worse_only, paused
    channel.quiet_begins, channel.quiet_ends = quiet_begins, quiet_ends
    if address or not channel.secret:
        channel.secret = _sealed(kind, address.strip(), keys or {})
        channel.tried_at, channel.problem = None, ""
    channel.full_clean(exclude=["secret"])
    channel.save()
    after = audit.fields(channel, *SHOWN) | {"address_renewed": bool(address)}
    audit.record(actor, "channel.edit" if before else "channel.create", channel, before=before, after=after,
                 topics=("settings",))  # fmt: skip
    return channel


@transaction.atomic
def remove_channel(actor, channel: Channel) -> None:
    """Forget a channel and its address."""
    policy.require(actor, "channel.edit", channel)
    audit.record(actor, "channel.remove", channel, before=audit.fields(channel, *SHOWN), topics=("settings",))
    channel.delete()


@transaction.atomic
def set_budget(actor, a_week: float) -> None:
    """How many findings a week the company wants at most."""
    policy.require(actor, "channel.edit")
    if not LEAST <= a_week <= MOST:
        raise ValidationError({"a_week": _("From %(least)s to %(most)s a week.") % {"least": LEAST, "most": MOST}})
    row = Watching.objects.first() or Watching()
    before, row.a_week = {"a_week": Watching.budget()}, a_week
    row.save()
    audit.record(actor, "findings.budget", row, before=before, after={"a_week": a_week}, topics=("settings",))


def try_channel(actor, channel: Channel) -> str:
    """Send a word to one channel; what went wrong, empty where it arrived. Outside any transaction."""
    policy.require(actor, "channel.edit", channel)
    link = f"{settings.PUBLIC_URL}/findings/" if settings.PUBLIC_URL else ""
    said = _("Messages of nachim arrive here.")
    digest = Digest(_("A test"), ((channel.name, said),), link)
    problem = deliver(channel, lambda _address: digest)
    Channel.objects.filter(pk=channel.pk).update(tried_at=timezone.now(), problem=problem[:300])
    return problem


def deliver(channel: Channel, digest_for: Callable[[str], Digest | None]) -> str:
    """Send a digest to a channel; what went wrong, in words that hold no address. `digest_for` a mail address is what
    its person may read (None: nothing), for any other channel, which is asked with "", what everybody there may."""
    try:
        place = json.loads(engines.keys().decrypt(channel.secret))
        mail = channel.kind == Channel.Kind.MAIL
        for one in mails(place["address"]) if mail else [""]:
            digest = digest_for(one)
            if digest is None:
                continue
            if mail:
                send_mail(digest.title, digest.text(), None, [one])
            else:
                send(channel.kind, place["address"], digest, entries(settings.NOTIFY_HOSTS), place["keys"])
    except Unreadable:
        return _("The stored address cannot be read. Give it again.")
    except (NotSent, SMTPException, OSError) as error:
        return str(error)
    return ""


def mails(text: str) -> list[str]:
    return [one.strip() for one in text.split(",") if one.strip()]


def _sealed(kind: str, address: str, keys: dict[str, str]) -> str:
    if kind == Channel.Kind.MAIL:
        if not mails(address):
            raise ValidationError({"address": _("Write one address or several with commas between.")})
        for one in mails(address):
            try:
                validate_email(one)
            except ValidationError as error:
                raise ValidationError({"address": error.messages}) from None
    elif not address.startswith(("https://", "http://")):
        raise ValidationError({"address": _("Write the address that the service gives out, beginning with https://.")})
    extra = {name: keys[name].strip() for name in MAY.get(kind, ()) if keys.get(name)}
    keys = {name: keys.get(name, "").strip() for name in NEEDS.get(kind, ())}
    if missing := [name for name, value in keys.items() if not value]:
        raise ValidationError({missing[0]: _("Alimtalk needs this.")})
    return engines.keys().encrypt(json.dumps({"address": address, "keys": keys | extra}))
