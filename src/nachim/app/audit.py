"""The audit trail: append-only, hash-chained, written in the transaction of the change it tells of."""

import hashlib
import json
from decimal import Decimal

from django.db import connection
from django.utils import timezone

from nachim.app.models import AuditEntry, Change, User
from nachim.app.tracing import one_request, request_id  # noqa: F401  (part of this module's face)

FIRST = "0" * 64
SECRETS = {"password", "token", "token_hash", "secret", "credentials"}


def record(
    actor, action: str, obj, *, before: dict | None = None, after: dict | None = None, topics: tuple = ()
) -> AuditEntry:
    """Write one entry and tell the live feed. Call it inside the transaction of the change."""
    if not connection.in_atomic_block:
        raise RuntimeError("audit.record outside a transaction: the entry could outlive its change")
    last = AuditEntry.objects.order_by("-pk").values_list("hash", flat=True).first()
    entry = AuditEntry(
        at=timezone.now(),
        actor=actor if isinstance(actor, User) else None,
        actor_name=actor.name,
        action=action,
        object_kind=obj._meta.model_name,
        object_name=str(getattr(obj, "name", "") or obj)[:200],
        before=_clean(before),
        after=_clean(after),
        request_id=request_id(),
        previous_hash=last or FIRST,
    )
    entry.hash = digest(entry)
    entry.save(force_insert=True)
    publish(*topics)
    return entry


def publish(*topics: str) -> None:
    """Tell open pages what changed; they fetch it themselves when this transaction is through."""
    Change.objects.bulk_create([Change(topic=topic) for topic in dict.fromkeys(topics)])


def digest(entry: AuditEntry) -> str:
    body = [
        entry.previous_hash,
        entry.at.isoformat(),
        entry.actor_id,
        entry.actor_name,
        entry.action,
        entry.object_kind,
        entry.object_name,
        entry.before,
        entry.after,
        entry.request_id,
    ]
    return hashlib.sha256(
        json.dumps(as_kept(body), ensure_ascii=False, sort_keys=True, default=str).encode()
    ).hexdigest()


def broken_link(using: str = "default") -> AuditEntry | None:
    """The first entry that does not follow from the one before it; None when the chain is whole."""
    previous = FIRST
    for entry in AuditEntry.objects.using(using).order_by("pk").iterator():
        if entry.previous_hash != previous or entry.hash != digest(entry):
            return entry
        previous = entry.hash
    return None


def fields(obj, *names: str) -> dict:
    """The named fields as plain values, for before and after."""
    values = {}
    for name in names:
        value = getattr(obj, name)
        values[name] = value if isinstance(value, str | int | float | bool | dict | list | None) else str(value)
    return values


def as_kept(value):
    """A value of JSON as either database gives it back: PostgreSQL writes 1e+16 with every digit, and -0.0 as 0.0."""
    if isinstance(value, float):
        if value == 0:
            return 0.0
        return int(Decimal(repr(value))) if abs(value) >= 1e16 and value.is_integer() else value
    if isinstance(value, dict):
        return {key: as_kept(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [as_kept(each) for each in value]
    return value


def _clean(values: dict | None) -> dict | None:
    if values is None:
        return None
    return {key: "•••" if key in SECRETS else value for key, value in values.items()}
