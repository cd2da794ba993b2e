"""Values that people write in: what stands for each period, and writing it."""

from datetime import date, datetime
from functools import partial
from typing import Annotated

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from ninja import Router, Schema
from pydantic import Field

from nachim.app import language
from nachim.app.actions.values import MOST_VALUES, Value, write_values
from nachim.app.language import spoken
from nachim.app.queries.values import Entry, every_of, shown, stored, written
from nachim.core.named_period import PeriodRefused, read_period
from nachim.web.api.door import operation
from nachim.web.api.fields import Given, Line, Name, Number, Short
from nachim.web.api.found import thing
from nachim.web.api.metrics import METRICS

router = Router(tags=["metrics"])
op = partial(operation, router)


class ValueOut(Schema):
    """`period` is its first day. No `value`: it was taken back."""

    period: date
    value: float | None
    note: str
    by: str
    at: datetime | None

    @staticmethod
    def resolve_period(entry):
        return entry.period.start.date()


class ValueIn(Given):
    """`value` as observations have it (15 % is 0.15); null takes back what stands there."""

    period: Annotated[Short, Field(description="2026-03, 2026-W10, 2026 Q1, 2026, or any day of it: 2026-03-31")]
    value: Number | None
    note: Line = ""


class ValuesIn(Given):
    values: Annotated[list[ValueIn], Field(min_length=1, max_length=MOST_VALUES)]


@op("get", "/metrics/{name}/values", "company.view", response=list[ValueOut])
def list_metric_values(request, name: Name):
    """What people wrote, newest period first."""
    return written(_by_hand(thing(request, METRICS, name=name)))


@op("post", "/metrics/{name}/values", "value.write", response=list[ValueOut])
def write_metric_values(request, name: Name, given: ValuesIn):
    """Write, correct or take back values, all of them or none. Answers with those that changed."""
    metric = _by_hand(thing(request, METRICS, name=name))
    every, calendar = every_of(metric), language.calendar()
    values, faults = [], {}
    for at, one in enumerate(given.values):
        try:
            values.append(Value(read_period(one.period, every, calendar), one.value, one.note))
        except PeriodRefused as refused:
            faults[f"values.{at}.period"] = refused.text(spoken())
    if faults:
        raise ValidationError(faults)
    changes = write_values(request.user, metric, values)
    rows = stored(metric) if changes else {}
    found: list[Entry] = [shown(metric, one.after.period, rows) for one in changes]
    return found


def _by_hand(metric):
    if every_of(metric) is None:
        raise ValidationError(_("“%(metric)s” is computed: nobody writes its values in.") % {"metric": metric.label})
    return metric
