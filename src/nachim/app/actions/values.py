"""Values that people write in: the table they lie in, and writing them, with what stood there before.

A value is a row of the metric's own table of the lake, on the last day of its period, and every change of it one more
version of that table: so whatever reads tables (numbers, forecasts, findings, a backup) knows it without further ado.
"""

import hashlib
import json
import math
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from nachim.app import audit, language, policy
from nachim.app.actions.new_table import described
from nachim.app.actions.table_record import remember_table
from nachim.app.home import folder, lake
from nachim.app.language import spoken
from nachim.app.models import Metric, Table
from nachim.app.queries.data import metrics_on
from nachim.app.queries.values import Entry, every_of, name_of, shown, stored
from nachim.app.work import later
from nachim.core.pasted import LONGEST_NOTE, MOST
from nachim.core.period import Period
from nachim.lake.commit import lay
from nachim.lake.errors import LakeError
from nachim.lake.importing import import_file
from nachim.lake.mapping import Mapping

REFRESH = "nachim.jobs.tasks.refresh"
MOST_VALUES = 2000
COLUMNS = [
    {"name": "day", "type": "time", "role": "key"}, {"name": "value", "type": "number", "role": "amount"},
    {"name": "note", "type": "text", "role": "text"}, {"name": "by", "type": "text", "role": "text"},
    {"name": "at", "type": "time", "role": "none"},
]  # fmt: skip
# After how many days without a new value a table is late.
EXPECTED = {"day": 1, "week": 7, "month": 31, "quarter": 92, "year": 366}


@dataclass(frozen=True)
class Value:
    """What somebody writes for a period; no number takes back what stands there, and its note with it."""

    period: Period
    number: float | None
    note: str = ""

    @property
    def kept(self) -> tuple[float | None, str]:
        """The number and the note as they are kept."""
        return self.number, self.note.strip() if self.number is not None else ""


@dataclass(frozen=True)
class Change:
    """A period whose value is another now."""

    before: Entry
    after: Value


def keep_table(actor, metric: Metric) -> None:
    """See to it that a metric written by hand has its table; whoever may edit the metric may have it described."""
    every = metric.spec["manual"].get("every", "month")
    table = Table.objects.filter(name=name_of(metric)).first()
    if table is None:
        label = _("Values of “%(metric)s”") % {"metric": metric.label}
        try:
            table = described(
                actor, name=name_of(metric), label=label[:100], columns=COLUMNS, source={"time": "day"},
                expected_every_days=EXPECTED[every],
            )  # fmt: skip
        except LakeError as error:
            raise ValidationError({"spec": [error.text(spoken())]}) from error
    elif table.expected_every_days != EXPECTED[every] and table.expected_every_days in EXPECTED.values():
        table.expected_every_days = EXPECTED[every]
        table.save(update_fields=["expected_every_days"])
    if table.mapping:
        # The lake knows no rollback: it hears of the table once the metric is kept.
        transaction.on_commit(lambda: lay(lake().table(table.name), Mapping.model_validate(table.mapping)))


def let_go(actor, metric: Metric) -> None:
    """The table of a metric that goes away: it goes too while nobody has written in it, else it stays as it is."""
    table = Table.objects.filter(name=name_of(metric)).first()
    if table is None or table.rows or any(one.pk != metric.pk for one in metrics_on(table)):
        return
    audit.record(actor, "data.delete", table, before=audit.fields(table, "name", "label", "source"), topics=("data",))
    table.delete()
    stored_ = lake().table(table.name)
    transaction.on_commit(lambda: stored_.delete() if stored_.exists and not stored_.rows else None)


@transaction.atomic
def write_values(actor, metric: Metric, values: Sequence[Value]) -> list[Change]:
    """Write, correct and take back values of periods; what changed. All of them in one commit, or none.

    ValidationError for a metric that is computed, a period that has not begun or is of another grain, one named twice,
    and a number nobody means.
    """
    policy.require(actor, "value.write", metric)
    every = every_of(metric)
    if every is None:
        raise ValidationError(_("“%(metric)s” is computed: nobody writes its values in.") % {"metric": metric.label})
    # One writer at a time: what is compared here is what stands there when it is written.
    metric = Metric.objects.select_for_update().get(pk=metric.pk)
    _sound(metric, values)
    if Table.objects.filter(name=name_of(metric)).first() is None:
        keep_table(actor, metric)
    rows = stored(metric)
    standing = [(shown(metric, value.period, rows), value) for value in values]
    changes = [Change(before, value) for before, value in standing if (before.value, before.note) != value.kept]
    if not changes:
        return []
    kept = [f"kpi-{kpi.pk}" for kpi in metric.kpis.filter(archived_at=None)]
    audit.record(
        actor, "value.write", metric, topics=("data", "metrics", "company", *kept),
        before={one.before.period.key: _said(one.before.value, one.before.note) for one in changes},
        after={one.after.period.key: _said(*one.after.kept) for one in changes},
    )  # fmt: skip
    _land(metric, list(_rows(actor, metric, changes)))
    later(REFRESH)
    return changes


def _said(number: float | None, note: str) -> dict:
    return {"value": number, "note": note}


def _sound(metric: Metric, values: Sequence[Value]) -> None:
    every, today = every_of(metric), language.calendar().today(timezone.now())
    faults, seen = [], set()
    if len(values) > MOST_VALUES:
        raise ValidationError(_("At most %(most)d values at once.") % {"most": MOST_VALUES})
    for value in values:
        label = value.period.label(spoken())
        if value.period.grain is not every:
            faults.append(_("%(period)s: “%(metric)s” is not written by such periods.")
                          % {"period": label, "metric": metric.label})  # fmt: skip
        elif value.period.start.date() > today:
            faults.append(_("%(period)s has not begun yet.") % {"period": label})
        elif value.period.key in seen:
            faults.append(_("%(period)s is named twice.") % {"period": label})
        elif value.number is not None and not (math.isfinite(value.number) and abs(value.number) <= MOST):
            faults.append(_("%(period)s: this number is too large.") % {"period": label})
        elif len(value.note) > LONGEST_NOTE:
            faults.append(_("%(period)s: the note is too long.") % {"period": label})
        seen.add(value.period.key)
    if faults:
        raise ValidationError({"values": list(dict.fromkeys(faults))})


def _rows(actor, metric: Metric, changes: Iterable[Change]) -> Iterable[dict]:
    """The rows to write: a period's value on its last day. Where a file brought others within it, they are emptied."""
    calendar, now = language.calendar(), timezone.now()
    for change in changes:
        number, note = change.after.kept
        own = calendar.instant(change.after.period.end - timedelta(days=1))
        said = {"by": actor.name, "at": now.isoformat()}
        yield {"day": own.isoformat(), "value": number, "note": note or None, **said}
        for other in change.before.days:
            if other != own:
                yield {"day": other.isoformat(), "value": None, "note": None, **said}


def _land(metric: Metric, rows: list[dict]) -> None:
    """Into the lake, in one commit; what could not go in is no value of ours, so nothing is left half done."""
    table = Table.objects.get(name=name_of(metric))
    claim = secrets.token_hex(16)
    path = folder("uploads") / f"values-{claim}.jsonl"
    path.write_text("".join(f"{json.dumps(row, ensure_ascii=False)}\n" for row in rows), "utf-8")
    mapping = Mapping.model_validate(table.mapping).for_next_file().model_copy(update={"encoding": "utf-8"})
    try:
        result = import_file(
            lake(), path, table.name, mapping, filename="written by hand", zone=language.calendar().tz, drift="accept",
            quarantine=path.with_suffix(".csv"), once=hashlib.sha256(claim.encode()).hexdigest(),
        )  # fmt: skip
    except LakeError as error:
        raise ValidationError(error.text(spoken())) from error
    finally:
        path.unlink(missing_ok=True)
        path.with_suffix(".csv").unlink(missing_ok=True)
    if result.quarantined:
        raise RuntimeError(f"{result.quarantined} of {len(rows)} values could not be stored: {result.reasons}")
    remember_table(table.name)
