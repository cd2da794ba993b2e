"""Apply a definition file: everything in one transaction or nothing.

Nothing that the file does not name is deleted or changed. The same file again finds nothing to do.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from nachim.app import audit, language, policy
from nachim.app.actions import connections, goals, metrics, people, playbook, rows, tables, workspace
from nachim.app.definition import apply_people
from nachim.app.definition.apply_people import owner as _owner
from nachim.app.definition.apply_people import teams_named
from nachim.app.definition.form import ConnectionForm, Definition, GoalForm, KpiForm
from nachim.app.definition.plan import HEAD, Step, plan, unnamed
from nachim.app.engines import Engines, checking
from nachim.app.home import lake
from nachim.app.models import Connection, Goal, Kpi, Metric, Table, User, Workspace
from nachim.metrics.bind import Binder
from nachim.metrics.check import check
from nachim.metrics.engine import Engine
from nachim.metrics.messages import Issue, SpecError, nearest
from nachim.metrics.scope import Problem
from nachim.metrics.spec import DAYS, Model

__all__ = ["Applied", "apply", "plan", "unnamed", "warnings"]
SOURCE_FIELDS = ("lake", "connection", "table", "key", "time", "entities", "dims", "joins", "complete_through")


@dataclass(frozen=True)
class Applied:
    """The steps that were taken, the token of each new person's invitation, and what could not be checked."""

    steps: list[Step]
    invitations: dict[str, str] = field(default_factory=dict)
    unchecked: list[Issue] = field(default_factory=list)


def warnings(wanted: Definition) -> list[Issue]:
    """Tables the file names that have no rows yet: their metrics are checked when the rows come."""
    known = set(lake().names())
    return [
        wanted.placed(Issue("unknown_table", f"sources.{name}", params={"name": source.lake}))
        for name, source in wanted.sources.items()
        if source.lake and source.lake not in known
    ]


@transaction.atomic
def apply(actor, wanted: Definition, *, dry_run: bool = False) -> Applied:
    """Carry the plan out. Raises SpecError with every place that is wrong, and then nothing has changed.

    A dry run does the same and takes it back, so that it finds what applying would find.
    """
    policy.require(actor, "definition.apply")
    done = Applied(plan(wanted))
    steps = {(step.kind, step.name): step for step in done.steps if step.verb != "keep"}
    before = _known_issues()
    place = workspace.ensure(actor, wanted.workspace.name if wanted.workspace else "nachim")
    _settings(actor, steps)
    for at, person in enumerate(wanted.people):
        if ("person", person.email) in steps:
            with _said_at(wanted, "people", at):
                _person(actor, person, done)
    for at, team in enumerate(wanted.teams):
        if ("team", team.name) in steps:
            with _said_at(wanted, "teams", at):
                apply_people.team(actor, team, steps["team", team.name])
    for name, connection in wanted.connections.items():
        if ("connection", name) in steps:
            with _said_at(wanted, "connections", name):
                _connection(actor, name, connection, steps["connection", name])
    for name in wanted.sources:
        if ("source", name) in steps:
            with _said_at(wanted, "sources", name):
                _source(actor, name, steps["source", name])
    for name, made in wanted.rows.items():
        if ("rows", name) in steps:
            rows.save_rows(actor, name, made.model_dump(mode="json", by_alias=True, exclude_defaults=True))
    for name, metric in wanted.metrics.items():
        if ("metric", name) in steps:
            _metric(actor, name, metric.model_dump(mode="json", by_alias=True, exclude_defaults=True))
    if ("tests", "tests") in steps:
        rows.save_tests(actor, [one.model_dump(mode="json", exclude_defaults=True) for one in wanted.tests])
    _check(wanted, before, done)
    for at, edge in enumerate(wanted.drivers):
        if ("driver", f"{edge.part} → {edge.whole}") in steps:
            with _said_at(wanted, "drivers", at):
                apply_people.driver(actor, edge, at)
    for at, goal in enumerate(wanted.goals):
        with _said_at(wanted, "goals", at):
            made = _goal(actor, goal, steps.get(("goal", goal.name)))
        for position, kpi in enumerate(goal.kpis):
            with _said_at(wanted, "goals", at, "kpis", position):
                _kpi(actor, made, kpi, steps.get(("kpi", kpi.name)))
    for at, goal in enumerate(wanted.goals):
        for position, result in enumerate(goal.key_results):
            if ("key_result", result.name) in steps:
                with _said_at(wanted, "goals", at, "key_results", position):
                    apply_people.key_result(actor, goal.name, result, steps["key_result", result.name])
    for at, sheet in enumerate(wanted.sheets):
        if ("sheet", sheet.name) in steps:
            with _said_at(wanted, "sheets", at):
                apply_people.sheet(actor, sheet)
    # Plays first: answers name them.
    for part, kind in (("plays", "play"), ("answers", "answer")):
        for name, body in getattr(wanted.playbook, part).items():
            if (kind, name) in steps:
                with _said_at(wanted, "playbook", part, name):
                    playbook.save_entry(actor, part, name, body)
    if steps:
        changed = sorted(f"{kind} {name}" for kind, name in steps)
        audit.record(actor, "definition.apply", place, topics=("company",), after={"changed": changed})
    if dry_run:
        transaction.set_rollback(True)
    return done


@contextmanager
def _said_at(wanted: Definition, *path: str | int) -> Iterator[None]:
    """What an action refuses is said with the file and line it stands at."""
    try:
        yield
    except ValidationError as error:
        issue = Issue("bad_value", ".".join(map(str, path)), params={"detail": " ".join(error.messages)})
        raise SpecError([wanted.placed(issue, *path)]) from error


def _known_issues() -> set[str]:
    """What was wrong before: it does not count against the file."""
    try:
        with checking() as engine:
            return {str(issue) for issue in check(language.model(), engine)}
    except SpecError as error:
        return {str(issue) for issue in error.issues}


def _check(wanted: Definition, before: set[str], done: Applied) -> None:
    """All metrics together, on the tables that have rows; then what goals refer to."""
    try:
        model = language.model()
    except SpecError as error:
        raise SpecError([wanted.placed(issue) for issue in error.issues]) from error
    with checking(remembered=False) as engine:
        found = _found(wanted, model, engine, before)
        done.unchecked.extend(issue for error in engine.failures.values() for issue in error.issues)
        done.unchecked.extend(_not_there(wanted, engine))
    if found:
        raise SpecError(list(dict.fromkeys(found)))


def _not_there(wanted: Definition, engine: Engines) -> Iterator[Issue]:
    """Tables that a connection, which did answer, does not have."""
    for name, source in wanted.sources.items():
        if source.connection in engine.known and source.connection not in engine.failures:
            try:
                engine.columns(source.place)
            except KeyError:
                issue = Issue("unknown_table", f"sources.{name}", params={"name": source.place})
                yield wanted.placed(issue)


def _found(wanted: Definition, model: Model, engine: Engine, before: set[str]) -> list[Issue]:
    named = {f"sources.{name}" for name in wanted.sources} | {f"metrics.{name}" for name in wanted.metrics}
    named |= {f"rows.{name}" for name in wanted.rows}
    found = [
        wanted.placed(issue)
        for issue in check(model, engine)
        if issue.code != "unknown_table" and (issue.where in named or str(issue) not in before)
    ]
    binder = Binder(model, engine)
    for at, goal in enumerate(wanted.goals):
        for position, kpi in enumerate(goal.kpis):
            path = ("goals", at, "kpis", position)
            for name in [kpi.metric, *(guard.metric for guard in kpi.guardrails)]:
                if name not in model.metrics:
                    issue = Issue(
                        "unknown_metric", kpi.name, params={"name": name}, nearest=nearest(name, model.metrics)
                    )
                    found.append(wanted.placed(issue, *path, "metric"))
            found += [wanted.placed(issue, *path, "slice") for issue in _slice_issues(binder, kpi)]
    return found


def _slice_issues(binder: Binder, kpi: KpiForm) -> list[Issue]:
    """Dimensions of a KPI's slice that its metric does not have; none while the table has no rows."""
    try:
        bound = binder.metric(kpi.metric)
        for dim in kpi.slice:
            binder.slice(bound, dim)
    except SpecError as error:
        return [issue for issue in error.issues if issue.code == "unknown_dim"]
    except Problem:
        return []
    return []


def _settings(actor, steps: dict) -> None:
    fields: dict = {}
    for kind in ("workspace", "calendar"):
        if (kind, kind) in steps:
            fields |= steps[kind, kind].after
    if not fields:
        return
    if "week_start" in fields:
        fields["week_start"] = DAYS.index(fields["week_start"])
    workspace.edit(actor, **fields)


def _person(actor, person, done: Applied) -> None:
    user = User.objects.filter(email=person.email, membership__isnull=False).first()
    if user is None:
        _user, token = people.invite(actor, email=person.email, name=person.name, role=person.role)
        done.invitations[person.email] = token
        if person.confined:
            people.confine(actor, _user, True)
        return
    if "role" in person.model_fields_set and user.membership.role != person.role:
        people.set_role(actor, user, person.role)
    if "confined" in person.model_fields_set:
        people.confine(actor, user, person.confined)
    if user.name != person.name:
        people.rename(actor, user, person.name)


def _connection(actor, name: str, form: ConnectionForm, step: Step) -> None:
    """A password is named in a file, never written: ${VARIABLE}, or `kept` for the one that is here already."""
    known = Connection.objects.filter(name=name).first()
    fields = {key: value for key, value in step.after.items() if key in connections.FIELDS}
    given = {}
    if "password" in step.fields and form.password != connections.KEPT:
        given = {"variable": form.variable} if form.variable else {"password": ""}
    elif form.variable:
        given = {"variable": form.variable}
    connections.save_connection(actor, known, name=name, **fields, **given)


def _source(actor, name: str, step: Step) -> None:
    table = Table.objects.filter(name=name).first()
    if table is None:
        table = Table.objects.create(name=name)
    fields = step.after
    if fields.get("mapping"):
        table.mapping = fields["mapping"]
    source = {key: value for key, value in table.source.items() if key not in fields}
    source |= {key: fields[key] for key in SOURCE_FIELDS if fields.get(key)}
    label = fields.get("label", table.label)
    if isinstance(label, dict):
        source["label"] = label
        label = label.get(Workspace.current().locale) or next(iter(label.values()), "")
    every = fields.get("expected_every_days", table.expected_every_days)
    tables.edit_table(actor, table, label=label, source=source, expected_every_days=every)


def _metric(actor, name: str, definition: dict) -> None:
    known = Metric.objects.filter(name=name).first()
    if known is not None:
        kept = language.metric_definition(known)
        definition = {**{key: kept[key] for key in HEAD if key in kept}, **definition}
    label = definition.pop("label", "")
    labels = {"ko": label} if isinstance(label, str) else label
    metrics.save_metric(
        actor, known, checked=True, name=name, label_ko=labels.get("ko", ""), label_en=labels.get("en", ""),
        unit=definition.pop("unit", "count"), better=definition.pop("better", "up"), spec=definition,
        reason=_("Changed by a definition file."),
    )  # fmt: skip


def _goal(actor, form: GoalForm, step: Step | None) -> Goal:
    goal = Goal.objects.filter(name=form.name).first()
    if step is None:
        return goal
    fields = form.model_dump(include={"name", *step.fields} - {"owner", "teams", "parent"})
    if "owner" in step.fields:
        fields["owner"] = _owner(form.owner)
    if "teams" in step.fields:
        fields["teams"] = teams_named(form.teams)
    if "parent" in step.fields:
        fields["parent"] = _parent(form.parent)
    return goals.save_goal(actor, goal, archived_at=None, **fields)


def _parent(name: str) -> Goal | None:
    if not name:
        return None
    found = Goal.objects.filter(name=name).first()
    if found is None:
        raise ValidationError(
            _("There is no goal “%(name)s”. A goal stands in the file after the one it is part of.") % {"name": name}
        )
    return found


def _kpi(actor, goal: Goal, form: KpiForm, step: Step | None) -> None:
    kpi = Kpi.objects.filter(name=form.name).first()
    if step is not None:
        fields = form.model_dump(include={"name", *step.fields} - {"owner", "guardrails", "metric", "teams"})
        if "owner" in step.fields:
            fields["owner"] = _owner(form.owner)
        if "teams" in step.fields:
            fields["teams"] = teams_named(form.teams)
        guards = None
        if "guardrails" in step.fields:
            guards = [
                {"metric": Metric.objects.get(name=one.metric), "bound": bound, "level": level}
                for one in form.guardrails
                for bound, level in (("max", one.max), ("min", one.min))
                if level is not None
            ]
        kpi = goals.save_kpi(
            actor,
            kpi,
            guardrails=guards,
            goal=goal,
            metric=Metric.objects.get(name=form.metric),
            archived_at=None,
            reason=_("Changed by a definition file."),
            **fields,
        )
    _targets(actor, kpi, form)


def _targets(actor, kpi: Kpi, form: KpiForm) -> None:
    """Versions the KPI does not have yet. With its history the file goes on from it; alone a target is the newest."""
    known = [target.rule.to_json() for target in reversed(kpi.targets.all())]
    for at, target in enumerate(form.history):
        spec = target.spec
        if (form.targets and at < len(known) and known[at] == spec) or (known and known[-1] == spec):
            continue
        reason = target.reason or (_("Changed by a definition file.") if known else "")
        begins = target.valid_from if form.targets or not known else None
        goals.set_target(actor, kpi, **spec, reason=reason, valid_from=begins)
        known.append(spec)
