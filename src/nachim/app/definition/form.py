"""The form of a definition file: what may stand in it. docs/definitions.md tells it to people."""

from datetime import date
from typing import Annotated, Literal

from pydantic import Field, ValidationError, model_validator

from nachim.metrics.messages import Issue, SpecError
from nachim.metrics.spec import CalendarSpec, Metric, Part, Source, _kinds, issues_of, read_yaml


class WorkspaceForm(Part):
    name: str
    locale: Literal["ko", "en"] = "ko"


class PersonForm(Part):
    email: str
    name: str
    role: Literal["owner", "editor", "viewer"] = "viewer"


class TableForm(Source):
    """A source of the metric language, and what the app remembers of its table."""

    expected_every_days: Annotated[int, Field(ge=1)] = 1
    mapping: dict = {}


class GuardrailForm(Part):
    metric: str
    max: float | None = None
    min: float | None = None

    @model_validator(mode="after")
    def _one_bound(self):
        if (self.max is None) == (self.min is None):
            raise ValueError("one of max, min is needed")
        return self


class TargetForm(Part):
    kind: Literal["reach", "keep"] = "reach"
    direction: Literal["up", "down"] = "up"
    baseline: float | None = None
    level: float
    start: date
    due: date
    reason: str = ""


class KpiForm(Part):
    name: str
    metric: str
    label: str = ""
    slice: dict[str, str | None] = {}
    owner: str = ""
    cadence: Literal["day", "week", "month", "quarter"] = "month"
    level: Literal["strategic", "operational", "functional"] = "operational"
    timing: Literal["leading", "lagging"] = "lagging"
    function: str = ""
    weight: Annotated[int, Field(ge=0, le=100)] = 0
    guardrails: list[GuardrailForm] = []
    target: TargetForm | None = None
    targets: list[TargetForm] = []

    @property
    def history(self) -> list[TargetForm]:
        """Every version named, oldest first."""
        return [*self.targets, *([self.target] if self.target else [])]


class GoalForm(Part):
    name: str
    title: str
    why: str = ""
    start: date
    due: date
    owner: str = ""
    kpis: list[KpiForm] = []


class Definition(Part):
    workspace: WorkspaceForm | None = None
    calendar: CalendarSpec | None = None
    people: list[PersonForm] = []
    sources: dict[str, TableForm] = {}
    metrics: dict[str, Metric] = {}
    goals: list[GoalForm] = []


def read(text: str | dict, file: str = "") -> Definition:
    """A definition from YAML text or plain data. Raises SpecError with every issue and its line."""
    data, lines = (text, {}) if isinstance(text, dict) else read_yaml(text, file)
    issues = _kinds(data, lines, file)
    if issues:
        raise SpecError(issues)
    try:
        made = Definition.model_validate(data)
    except ValidationError as error:
        raise SpecError(issues_of(error, lines, file)) from error
    issues = _twice([goal.name for goal in made.goals], "goals") + _twice(
        [kpi.name for goal in made.goals for kpi in goal.kpis], "kpis"
    )
    if issues:
        raise SpecError(issues)
    return made


def _twice(names: list[str], where: str) -> list[Issue]:
    return [Issue("duplicate_key", where, params={"name": name}) for name in dict.fromkeys(names) if names.count(name) > 1]
