"""Apply a definition file: first the plan, then everything in one transaction or nothing.

Nothing that the file does not name is deleted. The same file again finds nothing to do.
"""

from dataclasses import dataclass
from typing import Any, Literal

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from nachim.app import audit, language, policy
from nachim.app.actions import goals, metrics, people, tables, workspace
from nachim.app.definition.export import current
from nachim.app.definition.form import Definition, GoalForm, KpiForm, TargetForm
from nachim.app.home import lake
from nachim.app.models import Goal, Kpi, Metric, Table, User
from nachim.core.period import Calendar
from nachim.metrics.bind import check
from nachim.metrics.messages import Issue, SpecError, nearest
from nachim.metrics.spec import Model

Verb = Literal["create", "change", "keep"]


@dataclass(frozen=True)
class Step:
    """What happens to one object; `fields` has before and after of what changes."""

    verb: Verb
    kind: str
    name: str
    fields: dict[str, tuple[Any, Any]]


def plan(wanted: Definition) -> list[Step]:
    """What applying would do, object by object."""
    have = _flat(current())
    steps = []
    for key, after in _flat(wanted).items():
        before = have.get(key)
        if before is None:
            steps.append(Step("create", *key, {name: (None, value) for name, value in after.items()}))
            continue
        names = dict.fromkeys([*before, *after])
        fields = {name: (before.get(name), after.get(name)) for name in names if before.get(name) != after.get(name)}
        steps.append(Step("change" if fields else "keep", *key, fields))
    return steps


def _flat(definition: Definition) -> dict[tuple[str, str], dict]:
    """Every object by kind and name, as plain fields without their defaults."""
    def plain(part, **changes):
        return {**part.model_dump(mode="json", by_alias=True, exclude_defaults=True), **changes}

    found: dict[tuple[str, str], dict] = {}
    if definition.workspace:
        found["workspace", definition.workspace.name] = plain(definition.workspace)
    if definition.calendar:
        found["calendar", "calendar"] = definition.calendar.model_dump(mode="json")
    for person in definition.people:
        found["person", person.email.lower()] = plain(person)
    for name, source in definition.sources.items():
        found["source", name] = plain(source)
    for name, metric in definition.metrics.items():
        found["metric", name] = plain(metric)
    for goal in definition.goals:
        found["goal", goal.name] = {key: value for key, value in plain(goal).items() if key != "kpis"}
        for kpi in goal.kpis:
            fields = {key: value for key, value in plain(kpi).items() if key not in ("target", "targets")}
            found["kpi", kpi.name] = fields | {"goal": goal.name}
            if kpi.history:
                found["target", kpi.name] = plain(kpi.history[-1])
    return found


def warnings(wanted: Definition) -> list[Issue]:
    """Tables the file names that have no rows yet: their metrics are checked when the rows come."""
    known = set(lake().names())
    return [
        Issue("unknown_table", f"sources.{name}", params={"name": source.lake})
        for name, source in wanted.sources.items()
        if source.lake not in known
    ]


@transaction.atomic
def apply(actor, wanted: Definition, *, dry_run: bool = False) -> list[Step]:
    """Carry the plan out. Raises SpecError or ValidationError, and then nothing has changed."""
    policy.require(actor, "definition.apply")
    steps = plan(wanted)
    if dry_run:
        _check(wanted)
        return steps
    changed = {(step.kind, step.name) for step in steps if step.verb != "keep"}
    if wanted.workspace:
        workspace.ensure(actor, wanted.workspace.name)
    place = workspace.ensure(actor, "nachim")
    if any(kind in ("workspace", "calendar") for kind, _name in changed):
        workspace.edit(actor, **_workspace_fields(wanted))
    for person in wanted.people:
        if ("person", person.email.lower()) in changed:
            _person(actor, person)
    for name, source in wanted.sources.items():
        if ("source", name) in changed:
            _source(actor, name, source)
    _check(wanted)
    for name, metric in wanted.metrics.items():
        if ("metric", name) in changed:
            _metric(actor, name, metric.model_dump(mode="json", by_alias=True, exclude_defaults=True))
    for position, goal in enumerate(wanted.goals, 1):
        _goal(actor, goal, changed, position)
    if changed:
        audit.record(actor, "definition.apply", place, topics=("company",), after={
            "changed": sorted(f"{kind} {name}" for kind, name in changed)})  # fmt: skip
    return steps


def _check(wanted: Definition) -> None:
    """All metrics of the file together with those already there, against the tables that exist."""
    data = language.definition(changed={
        name: metric.model_dump(mode="json", by_alias=True, exclude_defaults=True) for name, metric in wanted.metrics.items()
    })  # fmt: skip
    extra = {"expected_every_days", "mapping"}
    for name, source in wanted.sources.items():
        data["sources"][name] = source.model_dump(mode="json", exclude_defaults=True, exclude=extra)
    found = [issue for issue in check(Model.load(data), lake().engine()) if issue.code != "unknown_table"]
    known = set(data["metrics"])
    for goal in wanted.goals:
        for kpi in goal.kpis:
            for name in [kpi.metric, *(guard.metric for guard in kpi.guardrails)]:
                if name not in known:
                    found.append(Issue("unknown_metric", f"goals.{goal.name}.{kpi.name}", params={"name": name}, nearest=nearest(name, known)))
    if found:
        raise SpecError(found)


def _workspace_fields(wanted: Definition) -> dict:
    fields: dict = {}
    if wanted.workspace:
        fields |= {"name": wanted.workspace.name, "locale": wanted.workspace.locale}
    if wanted.calendar:
        calendar: Calendar = wanted.calendar.calendar()
        fields |= {
            "tz": calendar.tz, "week_start": calendar.week_start, "fiscal_year_start": calendar.fiscal_year_start,
            "day_start": calendar.day_start,
        }  # fmt: skip
    return fields


def _person(actor, person) -> None:
    user = User.objects.filter(email=person.email.lower(), membership__isnull=False).first()
    if user is None:
        people.invite(actor, email=person.email, name=person.name, role=person.role)
        return
    if user.membership.role != person.role:
        people.set_role(actor, user, person.role)
    if user.name != person.name:
        people.rename(actor, user, person.name)


def _source(actor, name: str, source) -> None:
    label = source.label if isinstance(source.label, str) else source.label.get("ko", "")
    plain = source.model_dump(mode="json", exclude_defaults=True, exclude={"expected_every_days", "mapping", "label"})
    table = Table.objects.filter(name=name).first() or Table(name=name)
    if table.pk is None:
        table.save()
    if source.mapping:
        table.mapping = source.mapping
    tables.edit_table(actor, table, label=label, source=plain, expected_every_days=source.expected_every_days)


def _metric(actor, name: str, definition: dict) -> None:
    head = {key: definition.pop(key) for key in ("label", "unit", "better") if key in definition}
    label = head.get("label", "")
    labels = {"ko": label} if isinstance(label, str) else label
    metrics.save_metric(
        actor, Metric.objects.filter(name=name).first(), checked=True, name=name, spec=definition,
        label_ko=labels.get("ko", ""), label_en=labels.get("en", ""), unit=head.get("unit", "count"),
        better=head.get("better", "up"),
    )  # fmt: skip


def _goal(actor, form: GoalForm, changed: set, position: int) -> None:
    goal = Goal.objects.filter(name=form.name).first()
    if ("goal", form.name) in changed or goal is None:
        goal = goals.save_goal(
            actor, goal, name=form.name, title=form.title, why=form.why, start=form.start, due=form.due,
            owner=_owner(form.owner, form.name), archived_at=None, position=goal.position if goal else position,
        )  # fmt: skip
    for at, kpi in enumerate(form.kpis, 1):
        _kpi(actor, goal, kpi, changed, at)


def _kpi(actor, goal: Goal, form: KpiForm, changed: set, position: int) -> None:
    kpi = Kpi.objects.filter(name=form.name).first()
    if ("kpi", form.name) in changed or kpi is None:
        fields = form.model_dump(include={"name", "label", "slice", "cadence", "level", "timing", "function", "weight"})
        guards = [
            {"metric": _metric_named(one.metric), "bound": "max" if one.max is not None else "min",
             "level": one.max if one.max is not None else one.min}
            for one in form.guardrails
        ]  # fmt: skip
        kpi = goals.save_kpi(
            actor, kpi, guardrails=guards, goal=goal, metric=_metric_named(form.metric), archived_at=None,
            owner=_owner(form.owner, form.name), position=kpi.position if kpi else position, **fields,
        )  # fmt: skip
    known = [{**target.spec, "reason": target.reason} for target in reversed(kpi.targets.all())]
    for at, target in enumerate(form.history):
        spec = _target(target)
        # With its history the file is compared version by version; a lone target with the newest.
        same = at < len(known) and known[at] == spec if form.targets else known and _rule(known[-1]) == _rule(spec)
        if not same:
            goals.set_target(actor, kpi, **{**spec, "reason": target.reason or _("Changed by a definition file.") if known else target.reason})
            known.append(spec)


def _target(form: TargetForm) -> dict:
    return form.model_dump(mode="json")


def _rule(spec: dict) -> dict:
    return {key: value for key, value in spec.items() if key != "reason"}


def _metric_named(name: str) -> Metric:
    return Metric.objects.get(name=name)


def _owner(email: str, where: str) -> User | None:
    if not email:
        return None
    user = User.objects.filter(email=email.lower()).first()
    if user is None:
        raise ValidationError(_("%(where)s: nobody here has the address %(email)s. Add them under people.") % {
            "where": where, "email": email})  # fmt: skip
    return user
