"""Objectives: their key results, and what people say of them at check-ins."""

from datetime import date

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from nachim.app import audit, language, policy
from nachim.app.actions.goals import free_name
from nachim.app.actions.revisions import author
from nachim.app.models import CheckIn, Goal, KeyResult

FIELDS = ("name", "goal_id", "label", "kpi_id", "owner_id", "weight", "position")


@transaction.atomic
def save_key_result(actor, key_result: KeyResult | None = None, **fields) -> KeyResult:
    """Make or change a key result. Fields: goal, label, kpi (None is a milestone), owner, weight, name, position."""
    policy.require(actor, "goal.edit", key_result)
    before = audit.fields(key_result, *FIELDS) if key_result else None
    key_result = key_result or KeyResult()
    for name, value in fields.items():
        setattr(key_result, name, value)
    if key_result.kpi is None and not key_result.label.strip():
        raise ValidationError({"label": _("Say what will be there, or choose a KPI.")})
    if not 0 <= key_result.weight <= 100:
        raise ValidationError({"weight": _("A percentage, 0 to 100.")})
    goal: Goal = key_result.goal
    if goal.framework != Goal.Framework.OKR:
        raise ValidationError(_("Only an objective has key results. Make the goal one first."))
    policy.require(actor, "goal.edit", goal)
    key_result.name = key_result.name or free_name(KeyResult, key_result.label or key_result.kpi.name)
    key_result.save()
    after = audit.fields(key_result, *FIELDS)
    if after != before:
        audit.record(
            actor, "key_result.edit" if before else "key_result.create", key_result, before=before, after=after,
            topics=(f"goal-{goal.pk}",),
        )  # fmt: skip
    return key_result


@transaction.atomic
def archive_key_result(actor, key_result: KeyResult) -> None:
    policy.require(actor, "goal.edit", key_result)
    key_result.archived_at = timezone.now()
    key_result.save(update_fields=["archived_at"])
    audit.record(actor, "key_result.archive", key_result, topics=(f"goal-{key_result.goal_id}",))


@transaction.atomic
def restore_key_result(actor, key_result: KeyResult) -> None:
    """Bring a key result back to its objective."""
    policy.require(actor, "goal.edit", key_result)
    key_result.archived_at = None
    key_result.save(update_fields=["archived_at"])
    audit.record(actor, "key_result.restore", key_result, topics=(f"goal-{key_result.goal_id}",))


@transaction.atomic
def check_in(
    actor,
    key_result: KeyResult,
    *,
    confidence: int,
    progress: float | None = None,
    note: str = "",
    day: date | None = None,
) -> CheckIn:
    """Say how confident one is (0 to 10); `progress` is how much of a milestone is done, 0 to 1."""
    policy.require(actor, "checkin.add", key_result)
    if not 0 <= confidence <= 10:
        raise ValidationError({"confidence": _("A whole number, 0 (will not happen) to 10 (certain).")})
    if progress is not None and not 0 <= progress <= 1:
        raise ValidationError({"progress": _("A share, 0 to 100 %.")})
    if key_result.kpi_id is not None:
        progress = None
    made = CheckIn.objects.create(
        key_result=key_result, day=day or language.calendar().today(timezone.now()), confidence=confidence,
        progress=progress, note=note.strip(), author=author(actor),
    )  # fmt: skip
    audit.record(
        actor, "checkin.add", key_result, after={"confidence": confidence, "progress": progress, "note": made.note},
        topics=(f"goal-{key_result.goal_id}",),
    )  # fmt: skip
    return made
