"""Metrics: their definitions, and their numbers computed from the rows."""

from datetime import date, datetime
from functools import partial
from typing import Annotated, Any, Literal

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from ninja import Query, Router, Schema, Status
from pydantic import Field

from nachim.app.actions import metrics as actions
from nachim.app.models import Metric
from nachim.app.queries.ask import ask, periods_of, plain
from nachim.app.work import later
from nachim.core.period import Grain
from nachim.web.api.door import operation
from nachim.web.api.fields import Day, Given, Line, Name, Short
from nachim.web.api.found import Behind, email_of, thing
from nachim.web.api.kpis import REFRESH
from nachim.web.api.paging import Page, PagingQuery, page
from nachim.web.forms.fields import UNITS

router = Router(tags=["metrics"])
op = partial(operation, router)
METRICS = Behind(Metric.objects.all())
Unit = Literal[tuple(code for code, _word in UNITS)]  # type: ignore[valid-type]
Label = Annotated[Short, "label"]
GrainName = Literal["hour", "day", "week", "month", "quarter", "year", "all"]
MOST_PERIODS, MOST_CELLS = 20_000, 50_000


class MetricOut(Schema):
    name: str
    label_ko: str
    label_en: str
    unit: str
    better: Literal["up", "down"]
    spec: dict[str, Any]
    version: int


class MetricChange(Given):
    """`spec` as in the metric language, without name, label, unit and better."""

    label_ko: Label = ""
    label_en: Label = ""
    unit: Unit = "count"
    better: Literal["up", "down"] = "up"
    spec: dict[str, Any] = {}
    reason: Line = ""


class MetricIn(MetricChange):
    name: Annotated[Name, Field(pattern=r"^[^\W\d]\w*$")]
    spec: dict[str, Any]


@op("get", "/metrics", "company.view", response=Page[MetricOut])
def list_metrics(request, paging: PagingQuery):
    return page(METRICS.of(request), paging)


@op("post", "/metrics", "metric.edit", response={201: MetricOut})
def make_metric(request, given: MetricIn):
    if Metric.objects.filter(name=given.name).exists():
        raise ValidationError({"name": _("There is a metric of this name already.")})
    made = actions.save_metric(request.user, **given.named)
    later(REFRESH)
    return Status(201, made)


@op("get", "/metrics/{name}", "company.view", response=MetricOut)
def get_metric(request, name: Name):
    return thing(request, METRICS, name=name)


@op("patch", "/metrics/{name}", "metric.edit", response=MetricOut)
def change_metric(request, name: Name, given: MetricChange):
    """Where KPIs stand on it, a changed formula needs a `reason` and is a new version."""
    saved = actions.save_metric(request.user, thing(request, METRICS, name=name), **given.named)
    later(REFRESH)
    return saved


@op("delete", "/metrics/{name}", "metric.edit", response={204: None})
def delete_metric(request, name: Name):
    actions.delete_metric(request.user, thing(request, METRICS, name=name))
    return Status(204, None)


class MetricVersionOut(Schema):
    version: int
    spec: dict[str, Any]
    valid_from: date
    reason: str
    author: str | None
    created_at: datetime

    @staticmethod
    def resolve_author(one):
        return email_of(one.author)


@op("get", "/metrics/{name}/versions", "company.view", response=list[MetricVersionOut])
def list_metric_versions(request, name: Name):
    return list(thing(request, METRICS, name=name).versions.select_related("author"))


class Asked(Schema):
    metric: Annotated[list[Name], Field(min_length=1, max_length=20)]
    grain: GrainName = "month"
    start: Annotated[Day | None, Field(alias="from", description="First day, included")] = None
    end: Annotated[Day | None, Field(alias="to", description="Last day, not included")] = None
    by: Annotated[list[Short], Field(max_length=4, description="Dimensions to slice by")] = []
    where: Annotated[Annotated[str, Field(max_length=1000)] | None, Field(description="channel = 'app'")] = None


class CellOut(Schema):
    metric: str
    period: str
    slices: dict[str, str | None]
    value: float | None
    numerator: float | None
    denominator: float | None
    n: int
    state: Literal["ok", "no_data", "undefined", "partial_period", "immature", "late_open"]


class AnswerOut(Schema):
    """`notes`: the defaults taken where a definition leaves something open. `versions` of the tables that were read."""

    cells: list[CellOut]
    versions: dict[str, int]
    notes: list[str]


@op("get", "/query", "data.view", response=AnswerOut)
def query_metrics(request, asked: Annotated[Asked, Query()]):
    """Compute metrics from the rows, as `nachim query` does."""
    if asked.start and asked.end and asked.end <= asked.start:
        raise ValidationError({"to": _("“to” has to be after “from”.")})
    grain = Grain(asked.grain)
    if periods_of(grain, asked.start, asked.end) > MOST_PERIODS:
        raise ValidationError({"from": _("These are too many periods: choose a larger grain or a shorter range.")})
    found = ask(asked.metric, grain, asked.start, asked.end, asked.by, asked.where)
    if len(found.cells) > MOST_CELLS:
        raise ValidationError({"by": _("These are too many cells: choose a larger grain or fewer dimensions.")})
    locale = "en" if request.LANGUAGE_CODE == "en" else "ko"
    cells = [plain(cell) | {"slices": dict(cell.slices)} for cell in found.cells]
    return {"cells": cells, "versions": found.versions, "notes": [note.text(locale) for note in found.notes]}
