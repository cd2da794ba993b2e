"""Which series the mart keeps fresh: those a live KPI or one of its guardrails needs."""

import json

from nachim.app.models import Kpi, Metric, Series


def slice_key(slice_: dict) -> str:
    """One spelling of a slice; empty for all rows."""
    return json.dumps(slice_, ensure_ascii=False, sort_keys=True) if slice_ else ""


def series_of(metric: Metric, slice_: dict | None = None) -> Series:
    series, _created = Series.objects.get_or_create(
        metric=metric, slice_key=slice_key(slice_ or {}), defaults={"slice": slice_ or {}}
    )
    return series


def keep_fresh(kpi: Kpi) -> None:
    """Make the series of a KPI, over its slice, and of its guardrails, over all rows: harm shows everywhere."""
    series_of(kpi.metric, kpi.slice)
    for guard in kpi.guardrails.select_related("metric"):
        series_of(guard.metric)


def wanted() -> list[Series]:
    """The series of KPIs that are not put away, with their metrics."""
    keys = set()
    for kpi in Kpi.objects.filter(archived_at=None).prefetch_related("guardrails"):
        keys.add((kpi.metric_id, slice_key(kpi.slice)))
        keys.update((guard.metric_id, "") for guard in kpi.guardrails.all())
    everything = Series.objects.select_related("metric").order_by("pk")
    return [series for series in everything if (series.metric_id, series.slice_key) in keys]
