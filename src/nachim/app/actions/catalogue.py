"""KPIs of the catalogue become metrics of the company."""

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from nachim.app.actions import metrics, rows, tables
from nachim.app.models import Metric, Table


@transaction.atomic
def adopt(actor, key: str, made: dict[str, dict]) -> Metric:
    """Add a KPI of the catalogue with what it is calculated from (`adoptable`): entities and joins that its tables
    lack, how their events are paired, and the metrics. What is there stays as it is."""
    if not made:
        raise ValidationError(_("Your data do not carry “%(name)s” as they are.") % {"name": key})
    for name, source in made.get("sources", {}).items():
        _complete(actor, Table.objects.get(name=name), source)
    for name, spec in made.get("rows", {}).items():
        rows.save_rows(actor, name, spec)
    for name, definition in made.get("metrics", {}).items():
        if Metric.objects.filter(name=name).exists():
            continue
        spec = {part: value for part, value in definition.items() if part not in ("label", "unit", "better")}
        label = definition.get("label", {})
        metrics.save_metric(
            actor, name=name, label_ko=label.get("ko", ""), label_en=label.get("en", ""),
            unit=definition.get("unit", "count"), better=definition.get("better", "up"), spec=spec,
        )  # fmt: skip
    return Metric.objects.get(name=key)


def _complete(actor, table: Table, source: dict) -> None:
    """Only what it lacks: what the company has said of its table stays."""
    said = table.source
    whole = {**({"time": source["time"]} if "time" in source else {}), **said}
    for part in ("entities", "joins"):
        if added := source.get(part, {}) | said.get(part, {}):
            whole[part] = added
    tables.edit_table(actor, table, label=table.label, source=whole, expected_every_days=table.expected_every_days)
