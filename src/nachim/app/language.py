"""The company's definitions as one metric-language model: its calendar, its tables as sources, its metrics."""

from django.utils.translation import get_language

from nachim.app.models import EventRows, Metric, MetricTest, Table, Workspace
from nachim.core.period import Calendar
from nachim.metrics.spec import Model


def spoken() -> str:
    """The reader's language: ko or en."""
    return "en" if get_language() == "en" else "ko"


def calendar(workspace: Workspace | None = None) -> Calendar:
    """How the company cuts time; the defaults while there is no company yet."""
    workspace = workspace or Workspace.current()
    if workspace is None:
        return Calendar()
    return Calendar(
        tz=workspace.tz,
        week_start=workspace.week_start,
        fiscal_year_start=workspace.fiscal_year_start,
        day_start=workspace.day_start,
    )


def definition(*, changed: dict[str, dict | None] | None = None, below: dict[str, dict] | None = None) -> dict:
    """The model as plain data, with what is to be checked before it is saved.

    `changed` overlays metrics (None removes one), `below` the sources and rows they stand on, by kind.
    """
    below = below or {}
    workspace = Workspace.current() or Workspace(name="")
    metrics = {metric.name: metric_definition(metric) for metric in Metric.objects.all()}
    for name, spec in (changed or {}).items():
        if spec is None:
            metrics.pop(name, None)
        else:
            metrics[name] = spec
    return {
        "calendar": calendar_definition(workspace),
        "sources": {table.name: table.source for table in Table.objects.all() if table.source}
        | below.get("sources", {}),
        "rows": {one.name: one.spec for one in EventRows.objects.all()} | below.get("rows", {}),
        "metrics": metrics,
        "tests": [one.spec for one in MetricTest.objects.all()],
    }


def calendar_definition(workspace: Workspace) -> dict:
    days = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
    return {
        "tz": workspace.tz,
        "week_start": days[workspace.week_start],
        "fiscal_year_start": workspace.fiscal_year_start,
        "day_start": str(workspace.day_start)[:5],
    }


def metric_definition(metric: Metric) -> dict:
    label = {code: text for code, text in (("ko", metric.label_ko), ("en", metric.label_en)) if text}
    head = {"label": label} if label else {}
    return {**head, "unit": metric.unit, "better": metric.better, **metric.spec}


def model(**overlay) -> Model:
    """The bound-ready model; raises metrics.spec.SpecError where a definition cannot be read."""
    return Model.load(definition(**overlay))
