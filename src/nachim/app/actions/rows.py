"""Rows made from events, and the tests of metrics: what definition files say of them is kept here."""

from django.db import transaction

from nachim.app import audit, policy
from nachim.app.models import EventRows, MetricTest, Workspace


@transaction.atomic
def save_rows(actor, name: str, spec: dict) -> EventRows:
    """Make or change rows; whoever saves them checks the whole model, as metrics stand on them."""
    policy.require(actor, "metric.edit")
    known = EventRows.objects.filter(name=name).first()
    if known is not None and known.spec == spec:
        return known
    before = {"spec": known.spec} if known else None
    rows = known or EventRows(name=name)
    rows.spec = spec
    rows.save()
    audit.record(actor, "rows.edit" if before else "rows.create", rows, before=before, after={"spec": spec},
                 topics=("metrics",))  # fmt: skip
    return rows


@transaction.atomic
def save_tests(actor, specs: list[dict]) -> None:
    """The tests of metrics, as a whole list."""
    policy.require(actor, "metric.edit")
    before = [one.spec for one in MetricTest.objects.all()]
    if before == specs:
        return
    MetricTest.objects.all().delete()
    MetricTest.objects.bulk_create(MetricTest(position=at, spec=spec) for at, spec in enumerate(specs))
    company = Workspace.current()
    audit.record(actor, "tests.edit", company, before={"tests": before}, after={"tests": specs})
