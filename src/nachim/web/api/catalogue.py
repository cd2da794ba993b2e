"""The catalogue of KPIs as this company stands to it, and adding one to its metrics."""

from functools import partial
from typing import Literal

from ninja import Router, Schema, Status

from nachim.app.actions import catalogue as actions
from nachim.app.queries.catalogue import adoptable, fitted, offers
from nachim.web.api.door import operation
from nachim.web.api.fields import Name
from nachim.web.api.metrics import MetricOut

router = Router(tags=["metrics"])
op = partial(operation, router)


class OfferOut(Schema):
    """`lacking`: what the company's data lack for it; `notes`: what its definition could not take into account."""

    name: str
    label: str
    about: str
    formula: str
    trap: str
    unit: str
    timing: Literal["leading", "lagging"]
    state: Literal["there", "ready", "lacking"]
    metric: str | None
    lacking: str
    notes: list[str]

    @staticmethod
    def resolve_name(one):
        return one.entry.name

    @staticmethod
    def resolve_unit(one):
        return one.entry.unit

    @staticmethod
    def resolve_timing(one):
        return one.entry.timing

    @staticmethod
    def resolve_metric(one):
        return one.metric.name if one.metric else None


@op("get", "/catalogue", "data.view", response=list[OfferOut])
def list_catalogue(request):
    """Each KPI: there already, ready to be added, or lacking something."""
    return offers()


@op("post", "/catalogue/{name}", "metric.edit", response={201: MetricOut})
def add_from_catalogue(request, name: Name):
    """With the metrics it is made of, the pairing of events it needs, and the entities and joins its tables lack."""
    return Status(201, actions.adopt(request.user, name, adoptable(fitted(), name)))
