"""Tables and imports as the data pages show them."""

import csv
from dataclasses import dataclass
from itertools import islice

from django.utils import timezone

from nachim.app import language
from nachim.app.home import folder, lake
from nachim.app.models import ImportRun, Metric, Table
from nachim.app.queries.scorecard import Freshness, freshness
from nachim.metrics.run import tables_of

SHOWN = 20


@dataclass(frozen=True)
class TableRow:
    table: Table
    freshness: Freshness


def tables() -> list[TableRow]:
    calendar = language.calendar()
    today = calendar.today(timezone.now())
    return [TableRow(table, freshness([table], calendar, today)) for table in Table.objects.all()]


def columns(table: Table) -> dict[str, str]:
    """Columns and types of a table's rows; empty before the first import."""
    return {name: str(kind) for name, kind in lake().table(table.name).columns.items()}


def metrics_on(table: Table) -> list[Metric]:
    """The metrics that read a table."""
    model = language.model()
    lake_name = table.source.get("lake", table.name)
    return [metric for metric in Metric.objects.all() if lake_name in tables_of(model, metric.name)]


def quarantined(run: ImportRun) -> tuple[list[str], list[list[str]]]:
    """Header and first rows of what could not be read."""
    path = folder("quarantine") / run.quarantine
    if not run.quarantine or not path.is_file():
        return [], []
    with open(path, encoding="utf-8-sig", newline="") as file:
        rows = csv.reader(file)
        return next(rows, []), list(islice(rows, SHOWN))
