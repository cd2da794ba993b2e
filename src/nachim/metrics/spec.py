"""The metric language as it is written: calendar, sources and metrics, read with the line of every word."""

from __future__ import annotations

from datetime import time
from typing import Annotated, Any, Literal

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, Discriminator, Field, Tag, ValidationError

from nachim.core.period import Calendar
from nachim.metrics.messages import Issue, MetricError, SpecError, nearest

__all__ = ["Agg", "Calc", "CalendarSpec", "Issue", "Join", "Manual", "Metric", "MetricError", "Model", "Source", "SpecError"]

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
LATER = ("at", "sequence", "cohort", "per", "over_time", "window", "shift", "to_date", "all")
Label = str | dict[Literal["ko", "en"], str]


class Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


def _clock(value: Any) -> Any:
    """YAML reads an unquoted 05:00 as the number 300 (base 60)."""
    return time(value // 60, value % 60) if isinstance(value, int) and not isinstance(value, bool) else value


class CalendarSpec(Part):
    tz: str = "Asia/Seoul"
    week_start: Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"] = "monday"
    fiscal_year_start: Annotated[int, Field(ge=1, le=12)] = 1
    day_start: Annotated[time, BeforeValidator(_clock)] = time(0)

    def calendar(self) -> Calendar:
        return Calendar(self.tz, DAYS.index(self.week_start), self.fiscal_year_start, self.day_start)


class Join(Part):
    """Many rows here to one row there: `on` is the column here that holds the key of `to`."""

    to: str
    on: str


class Source(Part):
    """A table of rows. `time` and `dims` may name a joined column (`orders.ordered_at`)."""

    lake: str
    label: Label = ""
    key: str | list[str] | None = None
    time: str | None = None
    entities: dict[str, str] = {}
    dims: list[str] = []
    joins: dict[str, str | Join] = {}
    complete_through: str | None = None

    @property
    def keys(self) -> list[str]:
        return [self.key] if isinstance(self.key, str) else list(self.key or [])

    def join(self, name: str) -> Join:
        found = self.joins[name]
        return found if isinstance(found, Join) else Join(to=name, on=found)


class Head(Part):
    label: Label = ""
    unit: str = "count"
    better: Literal["up", "down"] = "up"
    about: Label = ""


class Agg(Head):
    """A function of one source's rows: sum(orders.amount)."""

    agg: str
    where: str | None = None
    source: str | None = Field(default=None, alias="from")


class Calc(Head):
    """Arithmetic over metrics: revenue / orders."""

    calc: str
    parts: dict[str, Metric] = Field(default={}, alias="with")


class Manual(Head):
    """A number people write in."""

    manual: dict[str, Any]


def _kind(value: Any) -> str | None:
    if isinstance(value, Agg | Calc | Manual):
        return type(value).__name__.lower()
    if not isinstance(value, dict):
        return None
    found = [kind for kind in ("agg", "calc", "manual") if kind in value]
    return found[0] if len(found) == 1 else None


Metric = Annotated[
    Annotated[Agg, Tag("agg")] | Annotated[Calc, Tag("calc")] | Annotated[Manual, Tag("manual")], Discriminator(_kind)
]
Calc.model_rebuild()


class Model(Part):
    """Everything an evaluation needs to know."""

    calendar: CalendarSpec = CalendarSpec()
    sources: dict[str, Source] = {}
    metrics: dict[str, Metric] = {}

    @classmethod
    def load(cls, text: str | dict[str, Any], *, file: str = "") -> Model:
        """Read YAML text or plain data. Raises SpecError with every issue found, each with its line."""
        data, lines = (text, {}) if isinstance(text, dict) else read_yaml(text, file)
        issues = _kinds(data, lines, file)
        if issues:
            raise SpecError(issues)
        try:
            return cls.model_validate(data)
        except ValidationError as error:
            raise SpecError(issues_of(error, lines, file)) from error

    def dump(self) -> dict[str, Any]:
        """Plain data which `load` reads back to an equal model."""
        return self.model_dump(mode="json", by_alias=True, exclude_defaults=True)


Lines = dict[tuple[str | int, ...], int]


def read_yaml(text: str, file: str = "") -> tuple[dict[str, Any], Lines]:
    """Plain data and the line of every entry. Raises SpecError for what is not YAML or names a key twice."""
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
        data = yaml.safe_load(text)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        detail = str(getattr(error, "problem", None) or error).replace("\n", " ")
        raise SpecError([Issue("yaml", "", mark.line + 1 if mark else None, file, {"detail": detail})]) from error
    lines: Lines = {}
    issues: list[Issue] = []

    def walk(node: yaml.Node, path: tuple[str | int, ...]) -> None:
        if isinstance(node, yaml.MappingNode):
            seen = set()
            for key, value in node.value:
                name = key.value
                if name in seen:
                    where = ".".join(map(str, path))
                    issues.append(Issue("duplicate_key", where, key.start_mark.line + 1, file, {"name": name}))
                seen.add(name)
                lines[*path, name] = key.start_mark.line + 1
                walk(value, (*path, name))
        elif isinstance(node, yaml.SequenceNode):
            for at, value in enumerate(node.value):
                lines[*path, at] = value.start_mark.line + 1
                walk(value, (*path, at))

    if node is not None:
        walk(node, ())
    if issues:
        raise SpecError(issues)
    if data is None:
        data = {}
    if not isinstance(data, dict):
        raise SpecError([Issue("not_a_mapping", "", 1, file)])
    return data, lines


def _kinds(data: dict[str, Any], lines: Lines, file: str) -> list[Issue]:
    """Metrics must be of exactly one kind that can be computed today."""
    issues: list[Issue] = []

    def look(metrics: Any, path: tuple[str, ...]) -> None:
        for name, body in metrics.items() if isinstance(metrics, dict) else ():
            here = (*path, str(name))
            where, line = ".".join(here), lines.get(here)
            if not isinstance(body, dict):
                issues.append(Issue("not_a_mapping", where, line, file))
                continue
            later = next((key for key in LATER if key in body), None)
            found = [kind for kind in ("agg", "calc", "manual") if kind in body]
            if later:
                issues.append(Issue("not_yet", where, line, file, {"name": later}))
            elif len(found) != 1:
                issues.append(Issue("kind", where, line, file, {"found": ", ".join(found) or "—"}))
            look(body.get("with", {}), (*here, "with"))

    look(data.get("metrics", {}), ("metrics",))
    rows = data.get("rows") or {}
    for name in rows if isinstance(rows, dict) else ():
        issues.append(Issue("not_yet", f"rows.{name}", lines.get(("rows", name)), file, {"name": name}))
    return issues


def issues_of(error: ValidationError, lines: Lines, file: str) -> list[Issue]:
    """pydantic's errors as issues with a line and, for unknown keys, the nearest known one."""
    issues = []
    for one in error.errors():
        path = tuple(part for part in one["loc"] if part not in ("agg", "calc", "manual") or part == one["loc"][-1])
        line = next((lines[path[:size]] for size in range(len(path), 0, -1) if path[:size] in lines), None)
        where = ".".join(map(str, path[:-1]))
        if one["type"] == "extra_forbidden":
            names = _allowed(path)
            issues.append(Issue("unknown_key", where, line, file, {"name": path[-1], "expected": ", ".join(names)},
                                nearest(str(path[-1]), names)))  # fmt: skip
        elif one["type"] == "missing":
            issues.append(Issue("missing", where, line, file, {"name": path[-1]}))
        else:
            issues.append(Issue("bad_value", ".".join(map(str, path)), line, file, {"detail": one["msg"]}))
    return issues


def _allowed(path: tuple[Any, ...]) -> list[str]:
    def names(part: type[Part]) -> list[str]:
        return [field.alias or name for name, field in part.model_fields.items()]

    if len(path) == 1:
        return names(Model)
    if path[0] == "calendar":
        return names(CalendarSpec)
    if path[0] == "sources":
        return names(Source)
    return list(dict.fromkeys([*names(Agg), *names(Calc), *names(Manual)]))
