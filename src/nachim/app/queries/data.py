"""Tables and imports as the data pages show them."""

import csv
from dataclasses import dataclass
from itertools import islice

from django.utils import timezone

from nachim.app import language
from nachim.app.home import folder, lake
from nachim.app.models import Connection, ImportRun, Metric, Table
from nachim.app.queries.scorecard import Freshness, freshness, place_of
from nachim.metrics.messages import MetricError
from nachim.metrics.run import tables_of

SHOWN = 50


@dataclass(frozen=True)
class TableRow:
    table: Table
    freshness: Freshness


@dataclass(frozen=True)
class QuarantinedRow:
    """A row that could not go in: where it stands, which column is at fault, what it holds, and why."""

    file: str
    line: str
    column: str
    value: str
    reason: str


def tables() -> list[TableRow]:
    return [TableRow(table, fresh(table)) for table in Table.objects.all()]


def fresh(table: Table) -> Freshness:
    calendar = language.calendar()
    return freshness([table], calendar, calendar.today(timezone.now()))


def columns(table: Table) -> dict[str, str]:
    """Columns and types of a table's rows, for one on a connection as last seen; empty before there are any."""
    if table.source.get("connection"):
        seen = Connection.objects.filter(name=table.source["connection"]).values_list("tables", flat=True).first() or {}
        return seen.get(table.source.get("table", ""), {})
    return {name: str(kind) for name, kind in lake().table(table.name).columns.items()}


def reachable(table: Table) -> dict[str, str]:
    """The columns a condition on this table may use: its own, and as `table.column` those of tables it looks up."""
    found = columns(table)
    for name, join in table.source.get("joins", {}).items():
        other = Table.objects.filter(name=name if isinstance(join, str) else join.get("to", name)).first()
        if other is not None:
            found |= {f"{name}.{column}": kind for column, kind in columns(other).items()}
    return found


def column_rows(table: Table) -> list[tuple[str, str, str]]:
    """Name, type and role of each column."""
    mapped = {column["name"]: column for column in table.mapping.get("columns", []) if column.get("keep", True)}
    return [(name, kind, mapped.get(name, {}).get("role", "")) for name, kind in columns(table).items()]


def metrics_on(table: Table) -> list[Metric]:
    """The metrics that read a table."""
    place = place_of(table)
    try:
        model = language.model()
        return [metric for metric in Metric.objects.all() if place in tables_of(model, metric.name)]
    except MetricError:
        # A definition that cannot be read is told of where it is; this list is not the place.
        return []


def quarantined(run: ImportRun) -> tuple[list[QuarantinedRow], bool]:
    """The first rows of what could not be read, and whether there are more."""
    path = folder("quarantine") / run.quarantine
    if not run.quarantine or not path.is_file():
        return [], False
    with open(path, encoding="utf-8-sig", newline="") as file:
        found = [_faulty(row) for row in islice(csv.DictReader(file), SHOWN + 1)]
    return found[:SHOWN], len(found) > SHOWN


def _faulty(row: dict) -> QuarantinedRow:
    column = row.get("_column") or ""
    value = (
        row.get(column) or ""
        if column
        else ", ".join(value for name, value in row.items() if value and not str(name).startswith("_"))
    )
    return QuarantinedRow(row.get("_file") or "", row.get("_line") or "", column, value, row.get("_reason") or "")
