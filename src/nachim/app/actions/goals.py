"""Goals, KPIs, guardrails and targets."""

from datetime import date, datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _

from nachim.app import audit, language, policy
from nachim.app.actions import revisions
from nachim.app.actions.series import keep_fresh
from nachim.app.engines import checking
from nachim.app.language import spoken
from nachim.app.models import Goal, Guardrail, Kpi, Target, Team
from nachim.core.target import Reach, TargetError, target_from_json
from nachim.metrics.bind import Binder
from nachim.metrics.messages import MetricError

GOAL_FIELDS = (
    "name", "title", "why", "start", "due", "owner_id", "position", "framework", "sentence", "parent_id",
)  # fmt: skip
KPI_FIELDS = (
    "name", "goal_id", "metric_id", "label", "slice", "owner_id", "cadence", "level", "timing", "function",
    "weight", "position",
)  # fmt: skip
TOO_MANY = 5


@transaction.atomic
def save_goal(actor, goal: Goal | None = None, *, teams: list[Team] | None = None, **fields) -> Goal:
    """Make or change a goal. Fields: title, why, start, due, owner, name, position, framework, sentence, parent.

    `teams`: those that serve it, replacing those it had; None leaves them.
    """
    policy.require(actor, "goal.edit", goal)
    goal, before = _load(goal, Goal, GOAL_FIELDS)
    if before is not None:
        before["teams"] = _teams(goal)
    _set(goal, fields)
    if goal.due <= goal.start:
        raise ValidationError({"due": _("The due date has to come after the start.")})
    _check_parent(goal)
    goal.name = goal.name or free_name(Goal, goal.title)
    _place(goal, Goal.objects.all())
    goal.save()
    if teams is None and before is None:
        teams = policy.led_teams(actor)
    if teams is not None:
        goal.teams.set(teams)
    # Again, as it is now: nobody gives a goal to teams, or takes it from them, that they may not speak for.
    policy.require(actor, "goal.edit", goal)
    after = audit.fields(goal, *GOAL_FIELDS) | {"teams": _teams(goal)}
    if after != before:
        audit.record(
            actor, "goal.edit" if before else "goal.create", goal, before=before, after=after,
            topics=("company", f"goal-{goal.pk}"),
        )  # fmt: skip
    return goal


@transaction.atomic
def archive_goal(actor, goal: Goal) -> None:
    """Put a goal away with its KPIs; nothing is deleted."""
    policy.require(actor, "goal.edit", goal)
    goal.archived_at = timezone.now()
    goal.save(update_fields=["archived_at"])
    for kpi in goal.kpis.filter(archived_at=None):
        archive_kpi(actor, kpi, at=goal.archived_at)
    audit.record(actor, "goal.archive", goal, topics=("company", f"goal-{goal.pk}"))


@transaction.atomic
def restore_goal(actor, goal: Goal) -> None:
    """Bring a goal back, with the KPIs that were put away with it."""
    policy.require(actor, "goal.edit", goal)
    with_it = list(goal.kpis.filter(archived_at=goal.archived_at))
    goal.archived_at = None
    goal.save(update_fields=["archived_at"])
    for kpi in with_it:
        kpi.goal = goal
        restore_kpi(actor, kpi)
    audit.record(actor, "goal.restore", goal, topics=("company", f"goal-{goal.pk}"))


@transaction.atomic
def save_kpi(
    actor,
    kpi: Kpi | None = None,
    *,
    guardrails: list[dict] | None = None,
    teams: list[Team] | None = None,
    check: bool = False,
    reason: str | None = None,
    **fields,
) -> Kpi:
    """Make or change a KPI. `guardrails`: [{metric, bound: max|min, level}], `teams`: those that answer for it; both
    replace those it had, and None leaves them.

    What decides its number or verdict (slice, cadence, weight, guardrails, goal) changes with a `reason` and is a new
    version; how its closed periods were judged is kept. `check`: refuse a slice its metric cannot be cut by.
    """
    policy.require(actor, "kpi.edit", kpi)
    was = None
    if kpi is not None and kpi.pk:
        was = Kpi.objects.select_related("metric", "goal").get(pk=kpi.pk)
    kpi, before = _load(kpi, Kpi, KPI_FIELDS)
    decided = revisions.spec_of(was) if was else None
    if before is not None:
        before |= {"guardrails": decided["guardrails"], "teams": _teams(kpi)}
    _set(kpi, fields)
    kpi.name = kpi.name or free_name(Kpi, kpi.label or kpi.metric.name)
    if not 0 <= kpi.weight <= 100:
        raise ValidationError({"weight": _("A percentage, 0 to 100.")})
    if check and kpi.slice:
        _check_slice(kpi)
    if any(guard["metric"] == kpi.metric for guard in guardrails or ()):
        raise ValidationError(_("A KPI cannot guard itself. Choose another metric as its guardrail."))
    revised = decided is not None and _decides(kpi, guardrails) != decided
    if revised:
        reason = revisions.reasoned(reason or "")
        revisions.record([was])
        kpi.version += 1
    _place(kpi, kpi.goal.kpis.all())
    kpi.save()
    if guardrails is not None:
        kpi.guardrails.all().delete()
        Guardrail.objects.bulk_create([Guardrail(kpi=kpi, **guard) for guard in guardrails])
    if teams is not None:
        kpi.teams.set(teams)
    policy.require(actor, "kpi.edit", kpi)
    keep_fresh(kpi)
    if revised or was is None:
        revisions.note(actor, kpi, reason or "" if revised else "")
    after = audit.fields(kpi, *KPI_FIELDS) | {"guardrails": _guardrails(kpi), "teams": _teams(kpi)}
    if after != before:
        audit.record(
            actor, "kpi.edit" if before else "kpi.create", kpi, before=before,
            after=after | ({"reason": reason} if revised else {}),
            topics=("company", f"kpi-{kpi.pk}", f"goal-{kpi.goal_id}"),
        )  # fmt: skip
    return kpi


@transaction.atomic
def archive_kpi(actor, kpi: Kpi, *, at: datetime | None = None) -> None:
    policy.require(actor, "kpi.edit", kpi)
    kpi.archived_at = at or timezone.now()
    kpi.save(update_fields=["archived_at"])
    audit.record(actor, "kpi.archive", kpi, topics=("company", f"goal-{kpi.goal_id}"))


@transaction.atomic
def restore_kpi(actor, kpi: Kpi) -> None:
    """Bring a KPI back to its goal."""
    policy.require(actor, "kpi.edit", kpi)
    if kpi.goal.archived_at is not None:
        raise ValidationError(_("Its goal is put away. Bring the goal back first."))
    kpi.archived_at = None
    kpi.save(update_fields=["archived_at"])
    keep_fresh(kpi)
    audit.record(actor, "kpi.restore", kpi, topics=("company", f"kpi-{kpi.pk}", f"goal-{kpi.goal_id}"))


@transaction.atomic
def set_target(actor, kpi: Kpi, *, reason: str = "", valid_from: date | None = None, **spec) -> Target:
    """Give a KPI a target, or a new version of it. `spec`: what `core.target.target_from_json` reads.

    A first target needs no reason and holds from its start; a revision needs one and holds from `valid_from`, the
    period that is running unless said otherwise: closed periods stay as they were judged. The same target again
    changes nothing.
    """
    policy.require(actor, "target.edit", kpi)
    try:
        rule = target_from_json(spec)
        if isinstance(rule, Reach) and rule.total and not kpi.metric.additive:
            raise TargetError("total", "not_additive")
    except TargetError as error:
        raise ValidationError({error.field: _target_message(error)}) from error
    last = kpi.targets.first()
    if last is not None:
        if target_from_json(last.spec) == rule:
            return last
        if not reason.strip():
            raise ValidationError(
                {"reason": _("Say in a few words why the target changes; the old one is kept beside it.")}
            )
        begins = revisions.valid_from(kpi, last, valid_from)
        if begins > last.valid_from:
            revisions.record([kpi])
    target = Target.objects.create(
        kpi=kpi,
        version=last.version + 1 if last else 1,
        spec=rule.to_json(),
        valid_from=begins if last else valid_from or rule.start,
        reason=reason.strip(),
        author=revisions.author(actor),
    )
    audit.record(
        actor, "target.edit" if last else "target.create", kpi, before=last and last.spec,
        after=target.spec | {"reason": target.reason}, topics=("company", f"kpi-{kpi.pk}", f"goal-{kpi.goal_id}"),
    )  # fmt: skip
    return target


def _check_slice(kpi: Kpi) -> None:
    with checking() as engine:
        binder = Binder(language.model(), engine)
        try:
            for dim in kpi.slice:
                binder.slice(binder.metric(kpi.metric.name), dim)
        except MetricError as error:
            locale = spoken()
            raise ValidationError({"slice_dim": [issue.text(locale) for issue in error.issues]}) from error


def _target_message(error: TargetError) -> str:
    known = {
        "before_start": _("The due date has to come after the start."),
        "equals_baseline": _(
            "The target equals the baseline: there is nothing to reach. To hold a level, choose “keep”."
        ),
        "wrong_way": _("From this baseline the target lies the other way. Check the direction or the number."),
    }
    return known.get(error.code) or error.text(spoken())


def _load(obj, model, names):
    """The object with a snapshot of its fields for the audit trail; a new one has none."""
    return (obj, audit.fields(obj, *names)) if obj is not None else (model(), None)


def _set(obj, fields: dict) -> None:
    for name, value in fields.items():
        setattr(obj, name, value)


def _place(obj, siblings) -> None:
    if obj.pk is None and not obj.position:
        obj.position = (siblings.aggregate(last=Max("position"))["last"] or 0) + 1


def free_name(model, text: str) -> str:
    """A name for files that nothing of this kind has yet."""
    base = slugify(text, allow_unicode=True)[:90] or model.__name__.lower()
    name, number = base, 2
    while model.objects.filter(name=name).exists():
        name, number = f"{base}-{number}", number + 1
    return name


def _guardrails(kpi: Kpi) -> list[dict]:
    return [
        {"metric": guard.metric.name, "bound": guard.bound, "level": guard.level}
        for guard in kpi.guardrails.select_related("metric")
    ]


def _decides(kpi: Kpi, guardrails: list[dict] | None) -> dict:
    """`revisions.spec_of` as it will be with these guardrails."""
    spec = revisions.spec_of(kpi)
    if guardrails is not None:
        spec["guardrails"] = [
            {"metric": one["metric"].name, "bound": one["bound"], "level": one["level"]} for one in guardrails
        ]
    return spec


def _teams(obj) -> list[str]:
    return [team.name for team in obj.teams.all()]


def _check_parent(goal: Goal) -> None:
    """A goal cannot stand above itself."""
    above = goal.parent
    while above is not None:
        if goal.pk and above.pk == goal.pk:
            raise ValidationError({"parent": _("A goal cannot be broken down from itself.")})
        above = above.parent
