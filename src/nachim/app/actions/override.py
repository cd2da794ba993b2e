"""An owner's own view of a status: with a reason, until a day, beside what was computed."""

from datetime import date

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from nachim.app import audit, language, policy
from nachim.app.language import spoken
from nachim.app.models import Kpi, StatusOverride
from nachim.app.queries.scorecard import kpi_rows
from nachim.core.status import Status
from nachim.core.status_change import Override, OverrideError, check_override

FIELDS = {"not_a_judgement": "status", "no_reason": "reason", "no_expiry": "until"}


@transaction.atomic
def override_status(actor, kpi: Kpi, *, status: str, reason: str, until: date) -> StatusOverride:
    """See the KPI as `status` through the day `until`. ValidationError for what is no matter of opinion."""
    policy.require(actor, "status.override", kpi)
    now = timezone.now()
    row = kpi_rows(Kpi.objects.filter(pk=kpi.pk), now=now)[0]
    try:
        check_override(row.verdict, Override(Status(status), reason, actor.name, until), language.calendar().today(now))
    except OverrideError as error:
        text = error.text(spoken())
        raise ValidationError({FIELDS.get(error.code, "status"): text}) from error
    _end(kpi)
    made = StatusOverride.objects.create(
        kpi=kpi, status=status, reason=reason.strip(), until=until, author_name=actor.name,
        author=actor if not isinstance(actor, policy.System) else None,
    )  # fmt: skip
    after = {"status": status, "reason": made.reason, "until": str(until), "computed": row.verdict.status.value}
    audit.record(actor, "status.override", kpi, after=after, topics=("company", f"kpi-{kpi.pk}"))
    return made


@transaction.atomic
def end_override(actor, kpi: Kpi) -> None:
    """Back to what is computed."""
    policy.require(actor, "status.override", kpi)
    if _end(kpi):
        audit.record(actor, "status.computed", kpi, topics=("company", f"kpi-{kpi.pk}"))


def _end(kpi: Kpi) -> int:
    return StatusOverride.objects.filter(kpi=kpi, ended_at=None).update(ended_at=timezone.now())
