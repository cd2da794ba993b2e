"""Which metric bears on which: drawn on the map, and where it is arithmetic, spread into sub-targets."""

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from nachim.app import audit, policy
from nachim.app.models import DriverEdge, Metric

FIELDS = ("kind", "how", "against", "direction", "lag_days", "note", "position")


@transaction.atomic
def save_edge(actor, whole: Metric, part: Metric, **fields) -> DriverEdge:
    """Say how `part` bears on `whole`. Fields: kind, how, against, direction, lag_days, note, position."""
    policy.require(actor, "driver.edit")
    edge = DriverEdge.objects.filter(whole=whole, part=part).first()
    before = audit.fields(edge, *FIELDS) if edge else None
    edge = edge or DriverEdge(whole=whole, part=part)
    for name, value in fields.items():
        setattr(edge, name, value)
    if edge.kind != DriverEdge.Kind.IDENTITY:
        edge.how, edge.against = "", False
    elif not edge.how:
        raise ValidationError({"how": _("Say whether the parts are multiplied or added up.")})
    else:
        edge.direction = DriverEdge.Direction.DOWN if edge.against else DriverEdge.Direction.UP
    if edge.kind != DriverEdge.Kind.CLAIMED:
        edge.lag_days = 0
    _check(edge)
    edge.save()
    after = audit.fields(edge, *FIELDS)
    if after != before:
        audit.record(
            actor, "driver.edit" if before else "driver.create", edge, before=before, after=after, topics=("map",)
        )
    return edge


@transaction.atomic
def remove_edge(actor, edge: DriverEdge) -> None:
    policy.require(actor, "driver.edit")
    audit.record(actor, "driver.remove", edge, before=audit.fields(edge, *FIELDS), topics=("map",))
    edge.delete()


def _check(edge: DriverEdge) -> None:
    if edge.whole_id == edge.part_id:
        raise ValidationError({"part": _("A metric does not drive itself.")})
    if edge.kind != DriverEdge.Kind.IDENTITY:
        return
    siblings = DriverEdge.objects.filter(whole=edge.whole, kind=DriverEdge.Kind.IDENTITY).exclude(pk=edge.pk)
    if any(one.how != edge.how for one in siblings):
        raise ValidationError({"how": _("The other parts of “%(metric)s” are put together otherwise.") % {
            "metric": edge.whole.label
        }})  # fmt: skip
    below: dict[int, list[int]] = {}
    for one in DriverEdge.objects.filter(kind=DriverEdge.Kind.IDENTITY).exclude(pk=edge.pk):
        below.setdefault(one.whole_id, []).append(one.part_id)
    waiting, seen = [edge.part_id], set()
    while waiting:
        at = waiting.pop()
        if at == edge.whole_id:
            raise ValidationError({"part": _("“%(part)s” is itself made from “%(whole)s”.") % {
                "part": edge.part.label, "whole": edge.whole.label
            }})  # fmt: skip
        if at not in seen:
            seen.add(at)
            waiting += below.get(at, [])
