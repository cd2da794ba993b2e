"""Events on their way into tables: accepted at once and safely, merged by a job in large batches, each key once.

An accepted event is a row of the app's database, on the disk before anybody is told so; so a backup holds it too. The
merge takes up all that waits for a table under one claim, makes one file of it, and imports it as any file: by key, in
one commit. Killed at any moment, the next merge takes the same claim up, makes the same file, and finds its own mark.
"""

import csv
import fcntl
import hashlib
import json
import os
import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.db.models import Sum
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from nachim.app import audit, language, policy
from nachim.app.actions.table_record import remember_table
from nachim.app.home import folder, home, lake
from nachim.app.models import ApiToken, EventBatch, ImportRun, Table
from nachim.app.work import later
from nachim.lake.errors import FileRefused, ImportFailed
from nachim.lake.importing import ImportResult, import_file
from nachim.lake.mapping import Mapping
from nachim.lake.quarantine import escape_formula

GATHER_SECONDS = 5
MOST_EVENTS, MOST_MERGED, MOST_KEPT = 10_000, 50_000, 10_000
MERGE = "nachim.jobs.tasks.merge_events"
MARKS = ("_file", "_line", "_column", "_reason", "_extra")
Refused = tuple[str, str, dict[str, str]]


class Full(Exception):
    """So many events wait for their tables that no more are taken; again in `seconds`."""

    seconds = 10


@dataclass(frozen=True)
class Accepted:
    """What became of a request's events. `refused`: (its place, the column at fault, why)."""

    accepted: int
    refused: list[tuple[int, str, str]]
    waiting: int


def accept(actor, table: Table, events: Sequence[Any], token: ApiToken | None = None) -> Accepted:
    """Keep events for a table; when this returns and its transaction is through, they survive anything but the disk.

    An event is an object by the table's column names, its key among them. What cannot go in goes to the table's
    quarantine with the reason. ValidationError for a table that takes none, `Full` when too many wait.
    """
    policy.require(actor, "data.ingest", table)
    mapping = taking(table)
    if len(events) > MOST_EVENTS:
        raise ValidationError(_("At most %(most)d events at once.") % {"most": MOST_EVENTS})
    waiting = EventBatch.objects.aggregate(rows=Sum("rows"))["rows"] or 0
    if waiting + len(events) > settings.EVENTS_MAX_WAITING:
        raise Full
    sources = {column.name: column.source for column in mapping.kept}
    good, refused, told = [], [], []
    for at, event in enumerate(events):
        fault = _fault(event, sources, mapping.keys)
        if fault is None:
            good.append(json.dumps({sources[name]: value for name, value in event.items()}, ensure_ascii=False))
            continue
        column, why = fault
        text = event if isinstance(event, str) else json.dumps(event, ensure_ascii=False)
        with override("ko"):
            korean = str(why())
        with override("en"):
            refused.append((text[:2000], column, {"ko": korean, "en": str(why())}))
        told.append((at, column, str(why())))
    body = "\n".join(good)
    with transaction.atomic():
        first = not EventBatch.objects.filter(claim="").exists()
        EventBatch.objects.create(
            table_name=table.name, body=body, rows=len(good), size=len(body.encode()), refused=refused, token=token
        )
        _run_of_today(actor, table)
        transaction.on_commit(_on_the_disk)
        if first:
            later(MERGE, after=GATHER_SECONDS)
    return Accepted(len(good), told, waiting + len(good))


def taking(table: Table) -> Mapping:
    """The mapping by which a table takes events: it lies here and has a key, by which each event counts once."""
    if table.source.get("connection"):
        raise ValidationError(_("“%(table)s” is a table of a connection: its rows come from there.") % {"table": table})
    mapping = Mapping.model_validate(table.mapping) if table.mapping else None
    if mapping is None or not mapping.keys:
        text = _("“%(table)s” has no key yet. Say which column tells its rows apart: without it an event "
                 "sent twice counts twice.")  # fmt: skip
        raise ValidationError(text % {"table": table})
    return mapping.for_next_file().model_copy(update={"encoding": "utf-8"})


def _fault(event: Any, columns: dict[str, str], keys: Sequence[str]):
    """The column at fault and why (said when it is called, in the language of then), or None."""
    if not isinstance(event, dict):
        return "", lambda: _('An event is an object: {"column": value}.')
    for name, value in event.items():
        if name not in columns:
            return str(name)[:100], lambda: _("The table has no such column.")
        if isinstance(value, dict | list):
            return name, lambda: _("A single value, not a list or an object.")
    for key in keys:
        if event.get(key) in (None, ""):
            return key, lambda: _("The key is needed: by it an event counts once.")
    return None


def _on_the_disk() -> None:
    """SQLite in WAL mode leaves the last commits to the system; a promise needs them on the disk."""
    if connection.vendor != "sqlite":
        return
    path = Path(f"{connection.settings_dict['NAME']}-wal")
    if path.exists():
        with path.open("rb") as file:
            os.fsync(file.fileno())


def waiting_for(table: Table) -> int:
    """How many accepted events are not in the table yet."""
    return EventBatch.objects.filter(table_name=table.name).aggregate(rows=Sum("rows"))["rows"] or 0


def merge_waiting() -> int:
    """Bring every event that waits now into its table; how many. One merge at a time: another one means nothing to do.

    What comes meanwhile gathers for the next merge: while events never cease, this ends all the same, and the numbers
    and the other jobs get their turn.
    """
    merged = 0
    with _only_merge() as mine:
        if not mine:
            return 0
        last = EventBatch.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
        while claim := _claim(last):
            merged += _merge(*claim)
        if EventBatch.objects.exists():
            later(MERGE, after=GATHER_SECONDS)
    return merged


@contextmanager
def _only_merge() -> Iterator[bool]:
    with open(home() / "events.lock", "a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True


def _claim(last: int) -> tuple[str, str] | None:
    """(table, claim) of what a killed merge had taken up, else of what waits longest, up to the batch `last`."""
    left = EventBatch.objects.exclude(claim="").order_by("pk").first()
    if left is not None:
        return left.table_name, left.claim
    first = EventBatch.objects.filter(pk__lte=last).order_by("pk").first()
    if first is None:
        return None
    rows, taken = 0, []
    waiting = EventBatch.objects.filter(table_name=first.table_name, pk__lte=last).order_by("pk")
    for pk, some in waiting.values_list("pk", "rows"):
        if taken and rows + some > MOST_MERGED:
            break
        rows += some
        taken.append(pk)
    claim = secrets.token_hex(16)
    EventBatch.objects.filter(pk__lte=taken[-1], table_name=first.table_name, claim="").update(claim=claim)
    return first.table_name, claim


def _merge(table_name: str, claim: str) -> int:
    """The batches of a claim into their table, and out of the way in the same transaction as what is told of them."""
    batches = list(EventBatch.objects.filter(claim=claim))
    table = Table.objects.get(name=table_name)
    mapping = taking(table)
    path, rejected = folder("uploads") / f"events-{claim}.jsonl", folder("quarantine") / f"events-{claim}.csv"
    count = _write(path, batches, mapping)
    faults = [one for batch in batches for one in batch.refused]
    result = ImportResult(0, 0, 0, 0, 0, None)
    if count:
        try:
            # The same rows may come again and mean it: it is the claim that must not count twice.
            name, once = path.name, hashlib.sha256(claim.encode()).hexdigest()
            result = import_file(
                lake(), path, table.name, mapping, filename=name, zone=language.calendar().tz,
                drift="accept", quarantine=rejected, once=once, ticket=claim,
            )  # fmt: skip
        except (FileRefused, ImportFailed) as error:
            # None of them can go in; none of them is lost either.
            why = {locale: error.text(locale) for locale in ("ko", "en")}
            faults += [(line, "", why) for line in path.read_text("utf-8").split("\n") if line]
    _told(table, batches, result, faults, rejected)
    for done in (path, rejected):
        done.unlink(missing_ok=True)
    return sum(batch.rows for batch in batches)


def _write(path: Path, batches: Sequence[EventBatch], mapping: Mapping) -> int:
    """One file of all events, of each key the last: the same batches write the same file."""
    keys = [column.source for column in mapping.kept if column.name in mapping.keys]
    last: dict[tuple[str, ...], str] = {}
    for batch in batches:
        for line in filter(None, batch.body.split("\n")):
            event = json.loads(line)
            key = tuple(str(event[name]) for name in keys)
            last.pop(key, None)
            last[key] = line
    path.write_text("".join(f"{line}\n" for line in last.values()), "utf-8")
    return len(last)


@transaction.atomic
def _told(table: Table, batches, result: ImportResult, faults: list[Refused], rejected: Path) -> None:
    """Count what was merged, show what was not, and let the batches go: all of it or nothing."""
    gone, _by_model = EventBatch.objects.filter(pk__in=[batch.pk for batch in batches]).delete()
    if not gone:
        return
    run = _run_of_today(policy.SYSTEM, table)
    run.read += sum(batch.rows + len(batch.refused) for batch in batches)
    for name in ("inserted", "updated", "unchanged"):
        setattr(run, name, getattr(run, name) + getattr(result, name))
    run.quarantined += result.quarantined + len(faults)
    if result.version is not None:
        run.version = result.version
        remember_table(table.name)
    if faults or result.quarantined:
        run.quarantine = _quarantine(run, table, faults, rejected)
    run.finished_at, run.done_share = timezone.now(), 1
    run.save()
    audit.publish("data", f"import-{run.pk}", f"table-{table.pk}")


def _run_of_today(actor, table: Table) -> ImportRun:
    """The import that a day's events are counted in; its beginning is audited, not each of its requests."""
    day = language.calendar().today(timezone.now())
    name = f"events {day}"
    runs = ImportRun.objects.filter(table_name=table.name, filename=name, path="")
    if not runs.exists():
        # The first two requests of a day may come at once: one of them makes it.
        Table.objects.select_for_update().get(pk=table.pk)
    run = runs.first()
    if run is None:
        run = ImportRun.objects.create(
            table_name=table.name, filename=name, state=ImportRun.State.DONE, started_at=timezone.now(), version=-1,
            mapping=table.mapping, done_share=1, user=None if isinstance(actor, policy.System) else actor,
        )  # fmt: skip
        audit.record(actor, "data.ingest", table, after={"day": str(day)}, topics=("data", f"table-{table.pk}"))
    return run


def _quarantine(run: ImportRun, table: Table, faults: list[Refused], rejected: Path) -> str:
    """The day's rows that could not go in, as one file, written whole under a new name; the old one goes after."""
    columns = [column["source"] for column in table.mapping["columns"] if column.get("keep", True)]
    names = [*columns, *MARKS]
    rows: list[dict[str, str]] = []
    for path in (folder("quarantine") / run.quarantine if run.quarantine else None, rejected):
        if path is not None and path.is_file():
            with path.open(encoding="utf-8-sig", newline="") as file:
                rows += [{key: row.get(key) or "" for key in names} for row in csv.DictReader(file)]
    for text, column, why in faults:
        row = dict.fromkeys(names, "") | {"_file": run.filename, "_column": escape_formula(column)}
        rows.append(row | {"_reason": why["ko"], "_extra": escape_formula(text.replace("\0", ""))})
    made = f"events-{run.pk}-{secrets.token_hex(4)}.csv"
    with (folder("quarantine") / made).open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.DictWriter(file, names)
        writer.writeheader()
        writer.writerows(rows[-MOST_KEPT:])
        file.flush()
        os.fsync(file.fileno())
    if run.quarantine:
        old = folder("quarantine") / run.quarantine
        transaction.on_commit(lambda: old.unlink(missing_ok=True))
    return made
