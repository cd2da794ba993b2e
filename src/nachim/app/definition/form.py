"""The form of a definition file: what may stand in it. docs/definitions.md tells it to people."""

import re
from dataclasses import replace
from datetime import date, datetime
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, Field, PrivateAttr, ValidationError, model_validator
from pydantic_core import PydanticCustomError

from nachim.core.target import Method, TargetError, target_from_json
from nachim.lake.mapping import Mapping
from nachim.metrics.messages import Issue, SpecError, nearest
from nachim.metrics.spec import (
    CalendarSpec,
    Expect,
    Lines,
    Metric,
    Part,
    Rows,
    Source,
    _kinds,
    issues_of,
    read_yaml,
)

Name = Annotated[str, Field(pattern=r"^[-\w]+$", max_length=100)]
Email = Annotated[str, Field(pattern=r"^[^@\s]+@[^@\s]+$", max_length=254), AfterValidator(str.lower)]
Owner = Annotated[str, Field(max_length=254), AfterValidator(str.lower)]


def _reference(value: str) -> str:
    if value in ("", "kept") or re.fullmatch(r"\$\{(?!NACHIM_)[A-Z][A-Z0-9_]*\}", value):
        return value
    raise PydanticCustomError("password_written", "a password never stands in a file: write ${WAREHOUSE_PASSWORD}")


class WorkspaceForm(Part):
    name: Annotated[str, Field(min_length=1, max_length=100)]
    locale: Literal["ko", "en"] = "ko"
    closed: list[date] = []


class PersonForm(Part):
    email: Email
    name: Annotated[str, Field(min_length=1, max_length=80)]
    role: Literal["owner", "admin", "lead", "editor", "member", "viewer", "auditor"] = "viewer"
    confined: bool = False


class TableForm(Source):
    """A source of the metric language, and what the app remembers of its table."""

    expected_every_days: Annotated[int, Field(ge=1, le=1000)] = 1
    mapping: Mapping | None = None


class ConnectionForm(Part):
    """An engine elsewhere. Its password never stands in a file: ${VARIABLE} says where the process finds it."""

    engine: Literal["postgres", "clickhouse", "spark"]
    host: Annotated[str, Field(min_length=1, max_length=255)]
    port: Annotated[int, Field(ge=0, le=65535)] = 0
    database: Annotated[str, Field(max_length=100)] = ""
    user: Annotated[str, Field(max_length=100)] = ""
    password: Annotated[str, AfterValidator(_reference)] = ""
    schema_: Annotated[str, Field(max_length=100)] = Field(default="", alias="schema")
    zone: str = "UTC"
    secure: bool = True
    seconds: Annotated[int, Field(ge=1, le=3600)] = 120
    every_minutes: Annotated[int, Field(ge=1, le=10080)] = 60

    @property
    def variable(self) -> str:
        return self.password[2:-1] if self.password.startswith("${") else ""


class GuardrailForm(Part):
    metric: str
    max: float | None = None
    min: float | None = None

    @model_validator(mode="after")
    def _one_bound(self):
        if (self.max is None) == (self.min is None):
            raise ValueError("one of max, min is needed")
        return self


class StepForm(Part):
    """A step of a milestone target."""

    name: Annotated[str, Field(min_length=1, max_length=100)]
    weight: float = 1
    due: date | None = None


class TargetForm(Part):
    """A target of any kind: which keys belong to which kind is `core.target`'s to say."""

    kind: Literal["reach", "keep", "change", "range", "milestone", "binary", "hit_rate"] = "reach"
    direction: Literal["up", "down"] = "up"
    baseline: float | None = None
    level: float | None = None
    start: date
    due: date
    by: float | None = None
    relative: bool | None = None
    threshold: float | None = None
    stretch: float | None = None
    scores: list[float] | None = None
    method: Method | None = None
    trajectory: Literal["linear"] | dict[str, Any] | None = None
    business_days: bool | None = None
    total: bool | None = None
    low: float | None = None
    high: float | None = None
    tolerance_low: float | None = None
    tolerance_high: float | None = None
    steps: list[StepForm] | None = None
    partial: bool | None = None
    late: list[tuple[int, float]] | None = None
    rate: float | None = None
    grace: int | None = None
    reason: Annotated[str, Field(max_length=300)] = ""
    valid_from: date | None = None

    @property
    def spec(self) -> dict[str, Any]:
        """The target as `core.target` writes it, or as it stands where it cannot be one: the action says why."""
        given = self.model_dump(mode="json", exclude={"reason", "valid_from"}, exclude_none=True)
        if "direction" not in self.model_fields_set and self.kind in ("change", "range", "milestone", "hit_rate"):
            del given["direction"]
        try:
            return target_from_json(given).to_json()
        except TargetError:
            return given


class KpiForm(Part):
    name: Name
    metric: str
    label: Annotated[str, Field(max_length=100)] = ""
    slice: dict[str, str | None] = {}
    owner: Owner = ""
    cadence: Literal["day", "week", "month", "quarter"] = "month"
    level: Literal["strategic", "operational", "functional"] = "operational"
    timing: Literal["leading", "lagging"] = "lagging"
    function: Annotated[str, Field(max_length=32)] = ""
    teams: list[str] = []
    weight: Annotated[int, Field(ge=0, le=100)] = 0
    guardrails: list[GuardrailForm] = []
    target: TargetForm | None = None
    targets: list[TargetForm] = []

    @property
    def history(self) -> list[TargetForm]:
        """Every version named, oldest first."""
        return [*self.targets, *([self.target] if self.target else [])]


class CheckInForm(Part):
    day: date
    confidence: Annotated[int, Field(ge=0, le=10)]
    progress: Annotated[float, Field(ge=0, le=1)] | None = None
    note: Annotated[str, Field(max_length=500)] = ""


class KeyResultForm(Part):
    name: Name
    label: Annotated[str, Field(max_length=200)] = ""
    kpi: str = ""
    owner: Owner = ""
    weight: Annotated[int, Field(ge=0, le=100)] = 0
    check_ins: list[CheckInForm] = []


class GoalForm(Part):
    name: Name
    title: Annotated[str, Field(min_length=1, max_length=200)]
    why: str = ""
    framework: Literal["kpi", "okr"] = "kpi"
    sentence: Annotated[str, Field(max_length=300)] = ""
    parent: str = ""
    teams: list[str] = []
    start: date
    due: date
    owner: Owner = ""
    kpis: list[KpiForm] = []
    key_results: list[KeyResultForm] = []


class TeamForm(Part):
    name: Name
    label: Annotated[str, Field(min_length=1, max_length=100)]
    function: Annotated[str, Field(max_length=32)] = ""
    parent: str = ""
    lead: Owner = ""
    members: list[Email] = []
    slice: dict[str, str] = {}


class DriverForm(Part):
    """How `part` bears on `whole`."""

    whole: str
    part: str
    kind: Literal["identity", "contributes", "claimed"] = "contributes"
    how: Literal["product", "sum", ""] = ""
    against: bool = False
    direction: Literal["up", "down"] = "up"
    lag_days: Annotated[int, Field(ge=0, le=1000)] = 0
    note: Annotated[str, Field(max_length=300)] = ""


class SheetItemForm(Part):
    kpi: str = ""
    label: Annotated[str, Field(max_length=200)] = ""
    aim: Annotated[str, Field(max_length=200)] = ""
    weight: Annotated[float, Field(ge=0, le=100)] = 0


class SheetVersionForm(Part):
    items: list[SheetItemForm]
    reason: Annotated[str, Field(max_length=300)] = ""
    state: Literal["proposed", "agreed", "declined"] = "proposed"
    answer: Annotated[str, Field(max_length=300)] = ""
    decided_by: Owner = ""
    decided_at: datetime | None = None


class SheetForm(Part):
    name: Name
    person: Email
    lead: Email
    start: date
    due: date
    versions: list[SheetVersionForm] = []


class PlaybookForm(Part):
    """The company's own part of the playbook, by name, as src/nachim/catalog/playbook.yaml has them."""

    plays: dict[Name, dict[str, Any]] = {}
    answers: dict[Name, dict[str, Any]] = {}


class Definition(Part):
    workspace: WorkspaceForm | None = None
    calendar: CalendarSpec | None = None
    people: list[PersonForm] = []
    teams: list[TeamForm] = []
    connections: dict[Name, ConnectionForm] = {}
    sources: dict[str, TableForm] = {}
    rows: dict[Name, Rows] = {}
    metrics: dict[str, Metric] = {}
    drivers: list[DriverForm] = []
    tests: list[Expect] = []
    goals: list[GoalForm] = []
    sheets: list[SheetForm] = []
    playbook: PlaybookForm = PlaybookForm()
    _file: str = PrivateAttr("")
    _lines: Lines = PrivateAttr(default_factory=dict)

    def placed(self, issue: Issue, *path: str | int) -> Issue:
        """The issue with the file and line of the nearest part of its path that the file has."""
        whole = path or tuple(issue.where.split("."))
        line = next(
            (self._lines[whole[:size]] for size in range(len(whole), 0, -1) if whole[:size] in self._lines), None
        )
        return replace(issue, file=self._file if line else "", line=line, where=issue.where or ".".join(map(str, path)))


def read(text: str | dict, file: str = "") -> Definition:
    """A definition from YAML text or plain data. Raises SpecError with every issue and its line."""
    data, lines = (text, {}) if isinstance(text, dict) else read_yaml(text, file)
    issues = _kinds(data, lines, file)
    if issues:
        raise SpecError(issues)
    try:
        made = Definition.model_validate(data)
    except ValidationError as error:
        raise SpecError([_named(issue) for issue in issues_of(error, lines, file)]) from error
    made._file, made._lines = file, lines
    issues = _twice(made)
    if issues:
        raise SpecError(issues)
    return made


FORMS: dict[str, type[BaseModel]] = {
    "": Definition, "workspace": WorkspaceForm, "people": PersonForm, "connections": ConnectionForm,
    "sources": TableForm, "goals": GoalForm,
    "kpis": KpiForm, "guardrails": GuardrailForm, "target": TargetForm, "targets": TargetForm,
    "steps": StepForm, "teams": TeamForm, "drivers": DriverForm, "key_results": KeyResultForm, "check_ins": CheckInForm,
    "sheets": SheetForm, "versions": SheetVersionForm, "items": SheetItemForm,
}  # fmt: skip


def _named(issue: Issue) -> Issue:
    """An unknown key is answered with the keys of the part it stands in; what stands as a password is not repeated."""
    parts = issue.where.split(".")
    if parts[0] == "connections" and parts[-1] == "password":
        return replace(issue, code="password_written", params={})
    holder = next((part for part in reversed(parts) if part in FORMS), "")
    if issue.code != "unknown_key" or parts[0] in ("metrics", "rows", "tests", "calendar") or "mapping" in parts:
        return issue
    names = [field.alias or name for name, field in FORMS[holder].model_fields.items()]
    params = {**issue.params, "expected": ", ".join(names)}
    return replace(issue, params=params, nearest=nearest(str(params["name"]), names))


def _twice(made: Definition) -> list[Issue]:
    """Names that stand for two goals, KPIs or people."""
    issues = []
    seen: set[tuple[str, str]] = set()

    def look(kind: str, name: str, *path: str | int) -> None:
        if (kind, name) in seen:
            issues.append(made.placed(Issue("duplicate_key", kind, params={"name": name}), *path))
        seen.add((kind, name))

    for at, person in enumerate(made.people):
        look("people", person.email, "people", at)
    for at, goal in enumerate(made.goals):
        look("goals", goal.name, "goals", at)
        for place, kpi in enumerate(goal.kpis):
            look("kpis", kpi.name, "goals", at, "kpis", place)
        for place, result in enumerate(goal.key_results):
            look("key_results", result.name, "goals", at, "key_results", place)
    for at, team in enumerate(made.teams):
        look("teams", team.name, "teams", at)
    for at, edge in enumerate(made.drivers):
        look("drivers", f"{edge.whole} {edge.part}", "drivers", at)
    for at, sheet in enumerate(made.sheets):
        look("sheets", sheet.name, "sheets", at)
    return issues
