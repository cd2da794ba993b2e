"""The audit trail: append-only, hash-chained, written in the transaction of the change it tells of."""

import hashlib
import json
import re
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from decimal import Decimal

from django.db import connection, connections
from django.utils import timezone

from nachim.app import tracing
from nachim.app.models import AuditEntry, Change, User

_context: ContextVar[dict | None] = ContextVar("context", default=None)
# Of the process, where no request said otherwise: the command line, a job.
_process: dict = {}
FIRST = "0" * 64
SECRET = re.compile(r"password|token|secret|credential|private_key|api_key|signing_key|recovery", re.IGNORECASE)
HIDDEN = "•••"


@contextmanager
def one_request(given: str, context: dict | None = None):
    """Entries made inside share an id, so that one click reads as one thing, and say from where they came."""
    reset = _context.set(context)
    try:
        with tracing.one_request(given):
            yield
    finally:
        _context.reset(reset)


def this_process(**context: str) -> None:
    """Where entries of this process come from: `via` command line or job, `user` of the system, `command`."""
    _process.clear()
    _process.update(context)


def record(
    actor, action: str, obj, *, before: dict | None = None, after: dict | None = None, topics: tuple = ()
) -> AuditEntry:
    """Write one entry and tell the live feed. Call it inside the transaction of the change."""
    if not connection.in_atomic_block:
        raise RuntimeError("audit.record outside a transaction: the entry could outlive its change")
    # One writer at a time, on either database (app/postgres): two that read the same last entry would fork the chain.
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
        request_id=tracing.request_id(),
        context=_context.get() or dict(_process) or None,
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
    # Entries from before contexts were kept have none, and hash as they did.
    if entry.context is not None:
        body.append(entry.context)
    return hashlib.sha256(
        json.dumps(as_kept(body), ensure_ascii=False, sort_keys=True, default=str).encode()
    ).hexdigest()


@dataclass(frozen=True)
class Broken:
    """Where the chain breaks first.

    `how`: `altered` (an entry does not hash to its hash), `missing` (it does not follow from the one before it, so one
    between was taken out or put in), `cut` (the newest entries are gone).
    """

    how: str
    pk: int
    entry: AuditEntry | None


def broken_link(using: str = "default", newest: int | None = None) -> Broken | None:
    """The first break of the chain, or of its `newest` entries alone; None when it is whole."""
    previous, last = FIRST, 0
    entries = AuditEntry.objects.using(using).order_by("pk")
    if newest is not None:
        before = AuditEntry.objects.using(using).order_by("-pk")[newest : newest + 1].first()
        if before is not None:
            previous, last = before.hash, before.pk
            entries = entries.filter(pk__gt=before.pk)
    for entry in entries.iterator():
        if entry.hash != digest(entry):
            return Broken("altered", entry.pk, entry)
        if entry.previous_hash != previous:
            return Broken("missing", entry.pk, entry)
        previous, last = entry.hash, entry.pk
    cut = _given_out(using)
    return Broken("cut", last + 1, None) if cut > last else None


def _given_out(using: str) -> int:
    """The highest number SQLite ever gave an entry: entries that are rolled back give theirs back."""
    if connections[using].vendor != "sqlite":
        return 0  # PostgreSQL's sequences have gaps
    with connections[using].cursor() as cursor:
        cursor.execute("SELECT seq FROM sqlite_sequence WHERE name = %s", [AuditEntry._meta.db_table])
        row = cursor.fetchone()
    return row[0] if row else 0


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


def _clean(values):
    """The same without secrets, however deep they lie."""
    if isinstance(values, dict):
        return {key: HIDDEN if _is_secret(key, value) else _clean(value) for key, value in values.items()}
    if isinstance(values, list | tuple):
        return [_clean(value) for value in values]
    return values


def _is_secret(key, value) -> bool:
    """A name of a secret with something in it; that there is none, or a count, may be said."""
    return bool(SECRET.search(str(key))) and isinstance(value, str | bytes | list | dict) and bool(value)
