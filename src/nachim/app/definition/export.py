"""Everything the company defined, as the form that `apply` reads back."""

import yaml

from nachim.app import language
from nachim.app.definition.form import Definition, read
from nachim.app.models import Goal, Kpi, Membership, Metric, Table, Workspace


def current() -> Definition:
    """The definitions as they stand. Rows of the lake, passwords and the audit trail are not part of them."""
    workspace = Workspace.current()
    data = {
        "people": [
            {"email": one.user.email, "name": one.user.name, "role": one.role}
            for one in Membership.objects.select_related("user").order_by("user__pk")
        ],
        "sources": {table.name: _table(table) for table in Table.objects.all() if table.source},
        "metrics": {metric.name: language.metric_definition(metric) for metric in Metric.objects.all()},
        "goals": [_goal(goal) for goal in Goal.objects.filter(archived_at=None).select_related("owner")],
    }
    if workspace is not None:
        data["workspace"] = {"name": workspace.name, "locale": workspace.locale}
        data["calendar"] = language.calendar_definition(workspace)
    return read(data)


def to_yaml(definition: Definition) -> str:
    """Stable text: the same definitions always give the same file."""
    data = definition.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    return yaml.safe_dump(data, allow_unicode=True, sort_keys=False, width=120)


def _table(table: Table) -> dict:
    source = {**table.source, "expected_every_days": table.expected_every_days, "mapping": table.mapping}
    return source | ({"label": table.label} if table.label else {})


def _goal(goal: Goal) -> dict:
    kpis = goal.kpis.filter(archived_at=None).select_related("metric", "owner").prefetch_related("guardrails__metric", "targets")
    return {
        "name": goal.name, "title": goal.title, "why": goal.why, "start": goal.start, "due": goal.due,
        "owner": goal.owner.email if goal.owner else "", "kpis": [_kpi(kpi) for kpi in kpis],
    }  # fmt: skip


def _kpi(kpi: Kpi) -> dict:
    targets = [{**target.spec, "reason": target.reason} for target in reversed(kpi.targets.all())]
    found = {
        "name": kpi.name, "metric": kpi.metric.name, "label": kpi.label, "slice": kpi.slice,
        "owner": kpi.owner.email if kpi.owner else "", "cadence": kpi.cadence, "level": kpi.level, "timing": kpi.timing,
        "function": kpi.function, "weight": kpi.weight,
        "guardrails": [{"metric": one.metric.name, one.bound: one.level} for one in kpi.guardrails.all()],
    }  # fmt: skip
    if targets:
        found["target"] = targets[-1]
        found["targets"] = targets[:-1]
    return found
