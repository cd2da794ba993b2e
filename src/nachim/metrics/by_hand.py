"""Metrics whose number people write in: an aggregate over a table of what they wrote, named by rule from the metric.

A row is the value of one period, on the last day of it: so the source is complete through a period once its value is
there, and what nobody wrote is unknown, never zero.
"""

from __future__ import annotations

from nachim.metrics.metric import Agg, Manual, Metric
from nachim.metrics.spec import Model

PREFIX = "written_"
DAY, VALUE = "day", "value"
COLUMNS = (DAY, VALUE, "note", "by", "at")


def source_of(metric: str) -> str:
    """The source in which a metric's values lie."""
    return PREFIX + metric


def as_agg(model: Model, name: str, metric: Metric) -> Agg | None:
    """The aggregate that a metric written by hand is; None where the model has no source of its values."""
    source = source_of(name)
    if not isinstance(metric, Manual) or model.metrics.get(name) is not metric or source not in model.sources:
        return None
    over_time = metric.manual.over_time
    call = f'{"avg" if over_time == "avg" else "sum"}("{source}"."{VALUE}")'
    # A value that was taken back stays as an empty row.
    return Agg.model_validate({
        "agg": call, "from": source, "where": f'"{VALUE}" is not null', "unit": metric.unit,
        "over_time": "last" if over_time == "last" else "sum",
    })  # fmt: skip
