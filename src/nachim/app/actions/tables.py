"""Files on their way into tables: staged, mapped, imported, cancelled."""

import re
import secrets
import time
from datetime import UTC, datetime
from pathlib import Path

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from nachim.app import audit, language, policy
from nachim.app.actions import metrics
from nachim.app.actions.table_record import remember_table
from nachim.app.actions.workspace import ensure
from nachim.app.home import folder, lake
from nachim.app.models import ImportRun, Table
from nachim.app.work import later
from nachim.lake.errors import Cancelled, DriftFound, FileRefused, LakeError
from nachim.lake.importing import ImportResult, import_file
from nachim.lake.mapping import Mapping
from nachim.lake.preview import Preview, inspect

TELL_EVERY_SECONDS = 0.3
# Names that an uploaded file may have, by what is in it. Text may be gzipped.
ENDINGS = {
    "csv": (".csv", ".tsv", ".tab", ".txt"), "xlsx": (".xlsx", ".xlsm"), "jsonl": (".jsonl", ".ndjson", ".json"),
    "parquet": (".parquet",),
}  # fmt: skip


def stage_upload(actor, file, table_name: str = "") -> ImportRun:
    """Keep an uploaded file (a Django UploadedFile) and look into it. Nothing is written to the lake.

    Raises LakeError when the file cannot be read at all, or is not what its name says; the upload is dropped then.
    """
    policy.require(actor, "data.import")
    name = Path(file.name).name[-200:]
    ending = Path(name.lower().removesuffix(".gz")).suffix
    if ending not in sum(ENDINGS.values(), ()):
        raise FileRefused("unsupported_format", format=ending or name)
    path = folder("uploads") / f"{secrets.token_hex(12)}{''.join(Path(name).suffixes[-2:])[:16]}"
    with open(path, "xb") as kept:
        for chunk in file.chunks():
            kept.write(chunk)
    try:
        table_name = table_name or suggest_table(name)
        preview = look(path, name, table_name)
        if ending not in ENDINGS[preview.format]:
            raise FileRefused("other_than_named", format=preview.format.upper(), ending=ending)
    except LakeError:
        path.unlink()
        raise
    with transaction.atomic():
        run = ImportRun.objects.create(
            table_name=table_name,
            filename=name,
            path=path.name,
            preview=plain(preview),
            mapping=preview.mapping.model_dump(mode="json"),
            user=actor,
        )
        audit.record(actor, "data.upload", run, after={"filename": name, "table": table_name}, topics=("data",))
    return run


def look(
    path: Path, filename: str, table_name: str, mapping: Mapping | None = None, sheet: str | None = None
) -> Preview:
    """The lake's Preview of a file, with what is remembered of its table."""
    known = lake().table(table_name)
    remembered = mapping or known.mapping or _written_down(table_name)
    return inspect(
        path,
        filename=filename,
        zone=language.calendar().tz,
        remembered=remembered,
        table=known if known.exists else None,
        sheet=sheet or (mapping.sheet if mapping else None),
    )


def _written_down(table_name: str) -> Mapping | None:
    """The mapping of a table that has no rows yet: it came with a definition file."""
    table = Table.objects.filter(name=table_name).first()
    return Mapping.model_validate(table.mapping) if table and table.mapping else None


def plain(preview: Preview) -> dict:
    """A preview as JSON, with its sentences in both languages."""
    return {
        "format": preview.format,
        "encoding": preview.encoding,
        "delimiter": preview.delimiter,
        "header_row": preview.header_row,
        "rows": preview.rows,
        "complete": preview.complete,
        "rejected": preview.rejected,
        "columns": [
            {
                "name": column.name,
                "type": column.type.value,
                "role": column.role.value,
                "distinct": column.distinct,
                "empty_share": column.empty_share,
                "unreadable": column.unreadable,
                "examples": column.examples,
                "minimum": _text(column.minimum),
                "maximum": _text(column.maximum),
            }
            for column in preview.columns
        ],
        "sample": preview.sample[:8],
        "sheets": list(preview.sheets),
        "warnings": [{"code": warning.code, **_sentences(warning)} for warning in preview.warnings],
        "drift": [_sentences(change) for change in preview.drift],
    }


def _sentences(said) -> dict[str, str]:
    return {locale: said.text(locale) for locale in ("ko", "en")}


def _text(value) -> str:
    return "" if value is None else value.isoformat(" ", "minutes") if isinstance(value, datetime) else str(value)


def suggest_table(filename: str) -> str:
    """A table name from a file name: 'orders-2026-11.csv.gz' gives 'orders'."""
    stem = Path(filename).name.split(".")[0]
    name = re.sub(r"[\d\W_]+$", "", re.sub(r"[^\w]+", "_", stem, flags=re.UNICODE)).strip("_").lower()
    return name or "table"


def remap(actor, run: ImportRun, *, table_name: str, mapping: Mapping | None) -> ImportRun:
    """Change what the columns of a staged file mean and look again. No mapping: judge its columns afresh."""
    policy.require(actor, "data.import", run)
    _still_open(run)
    preview = look(folder("uploads") / run.path, run.filename, table_name, mapping)
    return _looked(run, table_name, preview, mapping or preview.mapping)


def choose_sheet(actor, run: ImportRun, sheet: str) -> ImportRun:
    """Read another sheet of a staged workbook; its columns are judged afresh."""
    policy.require(actor, "data.import", run)
    _still_open(run)
    preview = look(folder("uploads") / run.path, run.filename, run.table_name, sheet=sheet)
    return _looked(run, run.table_name, preview, preview.mapping)


def _here(table_name: str) -> None:
    """Refuse to import into a table that is on a connection: its rows come from there."""
    table = Table.objects.filter(name=table_name).first()
    if table is not None and table.source.get("connection"):
        text = _("“%(table)s” is a table of the connection “%(connection)s”. Give this one another name.")
        raise ValidationError({"table": text % {"table": table_name, "connection": table.source["connection"]}})


def _looked(run: ImportRun, table_name: str, preview: Preview, mapping: Mapping) -> ImportRun:
    run.table_name = table_name
    run.preview = plain(preview)
    run.mapping = mapping.model_dump(mode="json")
    run.save(update_fields=["table_name", "preview", "mapping"])
    return run


def _still_open(run: ImportRun) -> None:
    if run.state not in (ImportRun.State.STAGED, ImportRun.State.FAILED):
        raise ValidationError(_("This file is no longer waiting. Upload it again to change what its columns mean."))


@transaction.atomic
def confirm_import(actor, run: ImportRun, *, accept_drift: bool = False) -> None:
    """Put a staged (or failed) import to work."""
    policy.require(actor, "data.import", run)
    if run.state in (ImportRun.State.QUEUED, ImportRun.State.RUNNING):
        return
    if run.state == ImportRun.State.DONE:
        raise ValidationError(_("This file is already in."))
    _still_open(run)
    _here(run.table_name)
    run.state = ImportRun.State.QUEUED
    run.accept_drift = accept_drift
    run.message, run.drift, run.done_share = {}, [], 0
    run.save()
    audit.record(
        actor,
        "data.import",
        run,
        after={"table": run.table_name, "mapping": run.mapping, "accept_drift": accept_drift},
        topics=("data", f"import-{run.pk}"),
    )
    later("nachim.jobs.tasks.import_staged", run.pk)


@transaction.atomic
def cancel_import(actor, run: ImportRun) -> None:
    """Stop an import before its commit; the table stays as it was."""
    policy.require(actor, "data.import", run)
    changed = ImportRun.objects.filter(
        pk=run.pk,
        state__in=[ImportRun.State.STAGED, ImportRun.State.QUEUED, ImportRun.State.RUNNING, ImportRun.State.FAILED],
    ).update(state=ImportRun.State.CANCELLED, finished_at=timezone.now())
    if changed:
        audit.record(actor, "data.cancel", run, topics=("data", f"import-{run.pk}"))


def run_staged(run: ImportRun) -> ImportRun:
    """The work behind a confirmed import; called by the job. Safe to run again after a crash."""
    if not ImportRun.objects.filter(pk=run.pk, state__in=[ImportRun.State.QUEUED, ImportRun.State.RUNNING]).update(
        state=ImportRun.State.RUNNING, started_at=timezone.now()
    ):
        return run
    audit.publish(f"import-{run.pk}", "data")
    told = 0.0

    def tell(progress) -> None:
        nonlocal told
        if time.monotonic() - told > TELL_EVERY_SECONDS:
            told = time.monotonic()
            ImportRun.objects.filter(pk=run.pk).update(
                phase=progress.phase,
                done_share=(progress.bytes_done / progress.bytes_total if progress.bytes_total else 0),
            )
            audit.publish(f"import-{run.pk}")

    def cancelled() -> bool:
        return ImportRun.objects.filter(pk=run.pk, state=ImportRun.State.CANCELLED).exists()

    mapping = Mapping.model_validate(run.mapping)
    try:
        result = import_file(
            lake(),
            folder("uploads") / run.path,
            run.table_name,
            mapping,
            filename=run.filename,
            zone=language.calendar().tz,
            progress=tell,
            cancelled=cancelled,
            drift="accept" if run.accept_drift else "ask",
            ticket=run.path,
        )
    except Cancelled:
        return ImportRun.objects.get(pk=run.pk)
    except LakeError as error:
        run.drift = [_sentences(change) for change in error.changes] if isinstance(error, DriftFound) else []
        run.message = {locale: error.text(locale) for locale in ("ko", "en")}
        _finish(run, ImportRun.State.FAILED)
        return run
    return finished(run, mapping, result)


def import_now(actor, path: Path, table_name: str, mapping: Mapping, *, drift: str = "ask", **callbacks) -> ImportRun:
    """Import a file at once, in this process: the command line's way. LakeError passes through."""
    policy.require(actor, "data.import")
    _here(table_name)
    ensure(actor, "nachim")
    result = import_file(
        lake(),
        path,
        table_name,
        mapping,
        filename=path.name,
        zone=language.calendar().tz,
        drift=drift,
        **callbacks,
    )
    run = ImportRun(table_name=table_name, filename=path.name, mapping=mapping.model_dump(mode="json"))
    return finished(run, mapping, result, actor)


@transaction.atomic
def finished(run: ImportRun, mapping: Mapping, result: ImportResult, actor=policy.SYSTEM) -> ImportRun:
    """Write down what an import did and what its table now is."""
    for name in ("read", "inserted", "updated", "unchanged", "quarantined", "already"):
        setattr(run, name, getattr(result, name))
    run.version = -1 if result.version is None else result.version
    run.quarantine = result.quarantine.name if result.quarantine else ""
    run.done_share = 1
    table = remember_table(run.table_name, mapping)
    _finish(run, ImportRun.State.DONE)
    audit.record(
        actor,
        "data.imported",
        table,
        topics=("data", f"import-{run.pk}", f"table-{table.pk}"),
        after=audit.fields(run, "filename", "read", "inserted", "updated", "unchanged", "quarantined", "version"),
    )
    return run


@transaction.atomic
def edit_table(
    actor, table: Table, *, label: str, source: dict, expected_every_days: int = 1, check: bool = False
) -> Table:
    """Change what a table means to metrics: label, key, time, entities, dimensions, joins.

    `check`: refuse what no engine could compute, with its sentences. A definition file checks itself as a whole.
    """
    policy.require(actor, "data.edit", table)
    before = audit.fields(table, "label", "source", "expected_every_days")
    known = metrics.known_issues() if check else set()
    table.label, table.source, table.expected_every_days = label, source, expected_every_days
    table.save()
    if check:
        problems = metrics.problems_of({}, known=known)
        if problems:
            raise ValidationError(problems)
    after = audit.fields(table, "label", "source", "expected_every_days")
    if after != before:
        audit.record(actor, "data.edit", table, before=before, after=after, topics=("data", f"table-{table.pk}"))
    return table


def _finish(run: ImportRun, state: str) -> None:
    run.state = state
    run.finished_at = datetime.now(UTC)
    run.save()
    audit.publish("data", f"import-{run.pk}")
