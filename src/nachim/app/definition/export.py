"""Everything the company defined, as the form that `apply` reads back."""

import yaml

from nachim.app import audit, language
from nachim.app.actions import connections
from nachim.app.definition.form import Definition, read
from nachim.app.models import (
    Connection,
    DriverEdge,
    EventRows,
    Goal,
    KeyResult,
    Kpi,
    Membership,
    Metric,
    MetricTest,
    Sheet,
    Table,
    Team,
    User,
    Workspace,
)
from nachim.app.queries.playbook import own
from nachim.lake.mapping import Mapping


def current() -> Definition:
    """The definitions as they stand. Rows of the lake, passwords and the audit trail are not part of them."""
    workspace = Workspace.current()
    members = list(Membership.objects.select_related("user").order_by("user__pk"))
    data = {
        "people": [
            {"email": one.user.email, "name": one.user.name, "role": one.role, "confined": one.confined}
            for one in members
        ],
        "teams": [_team(team) for team in Team.objects.filter(archived_at=None)],
        "connections": {one.name: connection_of(one) for one in Connection.objects.all()},
        "sources": {table.name: _table(table) for table in Table.objects.all() if table.source},
        "rows": {one.name: one.spec for one in EventRows.objects.all()},
        "metrics": {metric.name: language.metric_definition(metric) for metric in Metric.objects.all()},
        "drivers": [_driver(edge) for edge in DriverEdge.objects.select_related("whole", "part")],
        "tests": [one.spec for one in MetricTest.objects.all()],
        "goals": [_goal(goal) for goal in Goal.objects.filter(archived_at=None).select_related("owner__membership")],
        "sheets": [_sheet(sheet) for sheet in Sheet.objects.filter(archived_at=None).select_related("person", "lead")],
    }
    if any(own().values()):
        data["playbook"] = own()
    if workspace is not None:
        data["workspace"] = {"name": workspace.name, "locale": workspace.locale, "closed": workspace.closed}
        data["calendar"] = language.calendar_definition(workspace)
    return read(data)


def to_yaml(definition: Definition) -> str:
    """Stable text: the same definitions always give the same file."""
    data = definition.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    if definition.calendar is not None:
        calendar = definition.calendar.model_dump(mode="json")
        data["calendar"] = calendar | {"day_start": calendar["day_start"][:5]}
    return yaml.safe_dump(data, allow_unicode=True, sort_keys=False, width=120) if data else ""


def connection_of(one: Connection) -> dict:
    """A connection as a file has it: a reference or `kept` in the place of its password."""
    return audit.fields(one, *connections.FIELDS) | {"password": one.password}


def _table(table: Table) -> dict:
    data = {**table.source, "expected_every_days": table.expected_every_days}
    if table.mapping:
        data["mapping"] = Mapping.model_validate(table.mapping).for_next_file().model_dump(mode="json")
    label = data.get("label")
    # A label in two languages stands in the source; the page edits the one it shows.
    if table.label and not (isinstance(label, dict) and table.label in label.values()):
        data["label"] = table.label
    return data


def _goal(goal: Goal) -> dict:
    kpis = goal.kpis.filter(archived_at=None).select_related("metric", "owner__membership")
    kpis = kpis.prefetch_related("guardrails__metric", "targets")
    return {
        "name": goal.name, "title": goal.title, "why": goal.why, "start": goal.start, "due": goal.due,
        "framework": goal.framework, "sentence": goal.sentence, "parent": goal.parent.name if goal.parent else "",
        "teams": [team.name for team in goal.teams.all()], "owner": _email(goal.owner),
        "kpis": [_kpi(kpi) for kpi in kpis],
        "key_results": [_key_result(one) for one in goal.key_results.filter(archived_at=None)],
    }  # fmt: skip


def _team(team: Team) -> dict:
    return {
        "name": team.name, "label": team.label, "function": team.function, "lead": _email(team.lead),
        "parent": team.parent.name if team.parent and team.parent.archived_at is None else "",
        "members": [user.email for user in team.people().filter(membership__isnull=False).order_by("pk")],
        "slice": team.slice,
    }  # fmt: skip


def _driver(edge: DriverEdge) -> dict:
    return {
        "whole": edge.whole.name, "part": edge.part.name, "kind": edge.kind, "how": edge.how, "against": edge.against,
        "direction": edge.direction, "lag_days": edge.lag_days, "note": edge.note,
    }  # fmt: skip


def _key_result(one: KeyResult) -> dict:
    said = [
        {"day": at.day, "confidence": at.confidence, "progress": at.progress, "note": at.note}
        for at in reversed(one.check_ins.all())
    ]
    kpi = one.kpi.name if one.kpi and one.kpi.archived_at is None else ""
    return {
        "name": one.name, "label": one.label or str(one.kpi or ""), "kpi": kpi, "owner": _email(one.owner),
        "weight": one.weight, "check_ins": said,
    }  # fmt: skip


def _sheet(sheet: Sheet) -> dict:
    versions = [
        {
            "items": one.items, "reason": one.reason, "state": one.state, "answer": one.answer,
            "decided_by": _email(one.decided_by), "decided_at": one.decided_at,
        }
        for one in reversed(sheet.versions.select_related("decided_by__membership"))
    ]  # fmt: skip
    return {
        "name": sheet.name, "person": sheet.person.email, "lead": sheet.lead.email, "start": sheet.start,
        "due": sheet.due, "versions": versions,
    }  # fmt: skip


def _kpi(kpi: Kpi) -> dict:
    targets = [
        {**target.spec, "reason": target.reason, "valid_from": target.valid_from}
        for target in reversed(kpi.targets.all())
    ]
    # The first one holds from its start, as a file without a word on it says.
    if targets and str(targets[0]["valid_from"]) == targets[0]["start"]:
        del targets[0]["valid_from"]
    found = {
        "name": kpi.name, "metric": kpi.metric.name, "label": kpi.label, "slice": kpi.slice,
        "owner": _email(kpi.owner), "cadence": kpi.cadence, "level": kpi.level, "timing": kpi.timing,
        "function": kpi.function, "teams": [team.name for team in kpi.teams.all()], "weight": kpi.weight,
        "guardrails": [{"metric": one.metric.name, one.bound: one.level} for one in kpi.guardrails.all()],
    }  # fmt: skip
    if targets:
        found["target"] = targets[-1]
        found["targets"] = targets[:-1]
    return found


def _email(owner: User | None) -> str:
    """Whoever has left is not among the people of the file, and owns nothing there."""
    return owner.email if owner is not None and hasattr(owner, "membership") else ""
