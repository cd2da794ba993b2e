"""What applying a definition file would do, object by object: create, change or keep.

A field that the file does not name keeps its value; a metric's formula, a list and a target are replaced whole.
"""

from dataclasses import dataclass
from typing import Any, Literal

from pydantic import BaseModel

from nachim.app.definition.export import current
from nachim.app.definition.form import Definition

Verb = Literal["create", "change", "keep"]
Key = tuple[str, str]
HEAD = ("label", "unit", "better", "about")


@dataclass(frozen=True)
class Step:
    """What happens to one object; `fields` has before and after of what changes."""

    verb: Verb
    kind: str
    name: str
    fields: dict[str, tuple[Any, Any]]

    @property
    def after(self) -> dict[str, Any]:
        return {name: after for name, (_before, after) in self.fields.items()}


def plan(wanted: Definition) -> list[Step]:
    """The steps, in the order of the file's sections."""
    have = _objects(current(), whole=True)
    return [_step(key, have.get(key), named) for key, named in _objects(wanted, whole=False).items()]


def unnamed(wanted: Definition) -> int:
    """How many objects here the file does not name: they are left alone."""
    here = _objects(current(), whole=True).keys() - _objects(wanted, whole=False).keys()
    return sum(kind not in ("workspace", "calendar", "target", "tests") for kind, _name in here)


def _step(key: Key, before: dict | None, named: dict) -> Step:
    if before is None:
        return Step("create", *key, {name: (None, value) for name, value in named.items()})
    if key[0] == "metric":
        named = {**{name: before[name] for name in HEAD if name in before}, **named}
        names = dict.fromkeys([*before, *named])
    elif key[0] in ("target", "rows", "play", "answer"):
        names = dict.fromkeys([*before, *named])
    else:
        names = dict.fromkeys(named)
    fields = {name: (before.get(name), named.get(name)) for name in names if before.get(name) != named.get(name)}
    if key[0] == "target" and set(fields) == {"reason"}:
        fields = {}
    return Step("change" if fields else "keep", *key, fields)


def _objects(definition: Definition, *, whole: bool) -> dict[Key, dict]:
    """Every object by kind and name, with all its fields or with those the file names."""

    def plain(part: BaseModel, *without: str) -> dict:
        data = part.model_dump(mode="json", by_alias=True)
        named = part.model_fields_set if not whole else set(type(part).model_fields)
        names = {type(part).model_fields[name].alias or name for name in named}
        return {name: value for name, value in data.items() if name in names and name not in without}

    found: dict[Key, dict] = {}
    if definition.workspace:
        found["workspace", "workspace"] = plain(definition.workspace)
    if definition.calendar:
        found["calendar", "calendar"] = plain(definition.calendar)
    for person in definition.people:
        found["person", person.email] = plain(person)
    for team in definition.teams:
        found["team", team.name] = plain(team)
    for name, connection in definition.connections.items():
        found["connection", name] = plain(connection)
    for name, source in definition.sources.items():
        found["source", name] = plain(source)
    for name, rows in definition.rows.items():
        found["rows", name] = rows.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    for name, metric in definition.metrics.items():
        found["metric", name] = metric.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    for edge in definition.drivers:
        found["driver", f"{edge.part} → {edge.whole}"] = plain(edge)
    if definition.tests:
        tests = [one.model_dump(mode="json", exclude_defaults=True) for one in definition.tests]
        found["tests", "tests"] = {"tests": tests}
    for goal in definition.goals:
        found["goal", goal.name] = plain(goal, "kpis", "key_results")
        for result in goal.key_results:
            found["key_result", result.name] = plain(result) | {"goal": goal.name}
        for kpi in goal.kpis:
            found["kpi", kpi.name] = plain(kpi, "target", "targets") | {"goal": goal.name}
            if kpi.history:
                found["target", kpi.name] = kpi.history[-1].spec | {"reason": kpi.history[-1].reason}
    for sheet in definition.sheets:
        found["sheet", sheet.name] = plain(sheet)
    for name, body in definition.playbook.plays.items():
        found["play", name] = body
    for name, body in definition.playbook.answers.items():
        found["answer", name] = body
    return found
