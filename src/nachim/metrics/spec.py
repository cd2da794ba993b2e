"""The metric language: calendar, sources and metrics. `written` reads the text, this is what it may say."""

from __future__ import annotations

from datetime import time
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo, available_timezones

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Discriminator,
    Field,
    PrivateAttr,
    Tag,
    ValidationError,
    model_validator,
)
from pydantic_core import PydanticCustomError

from nachim.core.period import Calendar
from nachim.metrics.engine import placed
from nachim.metrics.messages import Issue, MetricError, SpecError, nearest
from nachim.metrics.metric import (
    FRAME,
    KINDS,
    Agg,
    At,
    Calc,
    Cohort,
    CohortRows,
    Events,
    Label,
    Manual,
    Metric,
    Part,
    Rows,
    Sequence,
    SequenceRows,
    Written,
)
from nachim.metrics.written import Lines, read_yaml

__all__ = [
    "Agg",
    "At",
    "Calc",
    "CalendarSpec",
    "Cohort",
    "CohortRows",
    "Expect",
    "Issue",
    "Join",
    "Lines",
    "Manual",
    "Metric",
    "MetricError",
    "Model",
    "Rows",
    "Sequence",
    "SequenceRows",
    "Source",
    "SpecError",
    "read_yaml",
]  # fmt: skip

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
TAGS = ("agg", "calc", "at", "manual", "sequence", "cohort", "short", "long", "str")
# pydantic's error types as sentences of ours; any other is told in pydantic's own words.
EXPECTED = {
    "string_type": "not_text", "int_type": "not_whole", "int_parsing": "not_whole", "int_from_float": "not_whole",
    "dict_type": "not_a_mapping", "model_type": "not_a_mapping", "model_attributes_type": "not_a_mapping",
    "list_type": "not_a_list", "greater_than_equal": "too_small", "less_than_equal": "too_large",
    "time_parsing": "not_a_clock", "time_type": "not_a_clock", "unplaced": "unplaced",
    **{code: code for code in ("not_a_duration", "not_a_shift", "not_both", "over_what", "no_frame", "sequence_steps")},
    "union_tag_not_found": "rows_kind",
}  # fmt: skip


def _clock(value: Any) -> Any:
    """YAML reads an unquoted 05:00 as the number 300 (base 60)."""
    return time(value // 60, value % 60) if isinstance(value, int) and not isinstance(value, bool) else value


def _zone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (KeyError, ValueError, OSError):
        near = nearest(value, available_timezones())
        raise PydanticCustomError("unknown_zone", "no such zone", {"name": value, "nearest": near}) from None
    return value


class CalendarSpec(Part):
    tz: Annotated[str, AfterValidator(_zone)] = "Asia/Seoul"
    week_start: Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"] = "monday"
    fiscal_year_start: Annotated[int, Field(ge=1, le=12)] = 1
    day_start: Annotated[time, BeforeValidator(_clock)] = time(0)

    def calendar(self) -> Calendar:
        return Calendar(self.tz, DAYS.index(self.week_start), self.fiscal_year_start, self.day_start)


class Join(Part):
    """Many rows here to one row there: `on` is the column here that holds the key of `to`."""

    to: str
    on: str

    @model_validator(mode="before")
    @classmethod
    def _on(cls, value: Any) -> Any:
        """A plain YAML reader takes `on` for the truth value."""
        return {("on" if key is True else key): one for key, one in value.items()} if isinstance(value, dict) else value


def _join_form(value: Any) -> str:
    return "short" if isinstance(value, str) else "long"


class Source(Part):
    """A table of rows: of the lake, or of a connection's. `time` and `dims` may name a joined column."""

    lake: str = ""
    connection: str = ""
    table: str = ""
    label: Label = ""
    key: str | list[str] | None = None
    time: str | None = None
    entities: dict[str, str] = {}
    dims: list[str] = []
    joins: dict[
        str, Annotated[Annotated[str, Tag("short")] | Annotated[Join, Tag("long")], Discriminator(_join_form)]
    ] = {}
    complete_through: str | None = None

    @model_validator(mode="after")
    def _placed(self) -> Source:
        if bool(self.lake) == bool(self.table) or bool(self.connection) != bool(self.table):
            raise PydanticCustomError("unplaced", "lake, or connection and table")
        return self

    @property
    def place(self) -> str:
        """The table as engines know it (`engine.placed`)."""
        return placed(self.connection, self.table) if self.table else self.lake

    @property
    def keys(self) -> list[str]:
        return [self.key] if isinstance(self.key, str) else list(self.key or [])

    def join(self, name: str) -> Join:
        found = self.joins[name]
        return found if isinstance(found, Join) else Join(to=name, on=found)


class Expect(Part):
    """What a metric must come out at: `expect` in the period that begins at `period`, for `slice`."""

    metric: str
    grain: Literal["hour", "day", "week", "month", "quarter", "year", "all"] = "month"
    period: Annotated[str, BeforeValidator(str)]
    slice: dict[str, str | None] = {}
    expect: float | None
    within: float = Field(default=1e-9, ge=0)


class Model(Part):
    """Everything an evaluation needs to know."""

    calendar: CalendarSpec = CalendarSpec()
    sources: dict[str, Source] = {}
    rows: dict[str, Rows] = {}
    metrics: dict[str, Metric] = {}
    tests: list[Expect] = []
    _lines: Lines = PrivateAttr(default_factory=dict)
    _file: str = PrivateAttr(default="")

    def __eq__(self, other: object) -> bool:
        """Two models are equal when they say the same, wherever it was written."""
        return isinstance(other, Model) and self.dump() == other.dump()

    __hash__ = None  # type: ignore[assignment]

    def place(self, *path: str) -> tuple[str, int | None]:
        """The file and line in which an entry was written, or the nearest entry around it."""
        lines = (self._lines[path[:size]] for size in range(len(path), 0, -1) if path[:size] in self._lines)
        return self._file, next(lines, None)

    @classmethod
    def load(cls, text: str | dict[str, Any], *, file: str = "") -> Model:
        """Read YAML text or plain data. Raises SpecError with every issue found, each with its line."""
        data, lines = (text, {}) if isinstance(text, dict) else read_yaml(text, file)
        issues = _kinds(data, lines, file)
        try:
            model = cls.model_validate(data)
        except (ValidationError, RecursionError) as error:
            if isinstance(error, RecursionError):
                raise SpecError([Issue("too_deep", "", None, file)]) from None
            said = {issue.where for issue in issues}
            issues += [issue for issue in issues_of(error, lines, file) if issue.where not in said]
            raise SpecError(issues) from error
        if issues:
            raise SpecError(issues)
        model._lines, model._file = lines, file
        return model

    def dump(self) -> dict[str, Any]:
        """Plain data which `load` reads back to an equal model."""
        return self.model_dump(mode="json", by_alias=True, exclude_defaults=True)


def _kinds(data: dict[str, Any], lines: Lines, file: str) -> list[Issue]:
    """Metrics must be of exactly one kind, and rows too."""
    issues: list[Issue] = []

    def look(metrics: Any, path: tuple[str, ...]) -> None:
        for name, body in metrics.items() if isinstance(metrics, dict) else ():
            here = (*path, str(name))
            where, line = ".".join(here), lines.get(here)
            if not isinstance(body, dict):
                issues.append(Issue("not_a_mapping", where, line, file))
                continue
            found = [kind for kind in KINDS if kind in body]
            framed = next((key for key in FRAME if key in body), None)
            if len(found) != 1:
                issues.append(Issue("kind", where, line, file, {"found": ", ".join(found) or "—"}))
            elif framed and found != ["at"]:
                issues.append(Issue("frame_of", where, line, file, {"name": framed, "kind": found[0]}))
            look(body.get("with", {}), (*here, "with"))

    look(data.get("metrics", {}), ("metrics",))
    rows = data.get("rows") or {}
    for name, body in rows.items() if isinstance(rows, dict) else ():
        if isinstance(body, dict) and len({"sequence", "cohort"} & set(body)) != 1:
            issues.append(Issue("rows_kind", f"rows.{name}", lines.get(("rows", name)), file))
    return issues


def issues_of(error: ValidationError, lines: Lines, file: str) -> list[Issue]:
    """pydantic's errors as issues with a line and, for unknown keys and words, the nearest known one."""
    issues: dict[tuple[str, object], Issue] = {}
    for one in error.errors():
        path, name = _path(one["loc"], lines), one["loc"][-1]
        owner = path[:-1] if path and path[-1] == name else path
        line = next((lines[path[:size]] for size in range(len(path), 0, -1) if path[:size] in lines), None)
        where, context = ".".join(map(str, path)), one.get("ctx", {})
        if one["type"] == "extra_forbidden":
            names = _allowed(path)
            issue = Issue("unknown_key", ".".join(map(str, owner)), line, file,
                          {"name": name, "expected": ", ".join(names)}, nearest(str(name), names))  # fmt: skip
        elif one["type"] == "missing":
            issue = Issue("missing", ".".join(map(str, owner)), line, file, {"name": name})
        elif one["type"] == "unknown_zone":
            issue = Issue("unknown_zone", where, line, file, {"name": context["name"]}, context["nearest"])
        elif one["type"] == "literal_error":
            words = [word.strip(" '") for word in str(context["expected"]).replace(" or ", ",").split(",")]
            issue = Issue("not_one_of", where, line, file, {"name": one["input"], "expected": ", ".join(words)},
                          nearest(str(one["input"]), words))  # fmt: skip
        else:
            code = EXPECTED.get(one["type"], "bad_value")
            issue = Issue(code, where, line, file, {"detail": one["msg"], "name": str(one["input"])[:60], **context})
        # The members of a union each complain about the same entry: one sentence is enough.
        issues.setdefault((where, name if one["type"] in ("extra_forbidden", "missing") else ""), issue)
    return list(issues.values())


def _path(location: tuple[str | int, ...], lines: Lines) -> tuple[str | int, ...]:
    """The entry an error is about, without the tags pydantic puts in for the members of a union."""
    # The tag of a metric written by hand is also the name of its one entry.
    entries = {at for at, part in enumerate(location) if at and part == "manual" == location[at - 1]}
    if not lines:
        return tuple(
            part for at, part in enumerate(location) if part not in TAGS or at in entries or part == location[-1]
        )
    path: tuple[str | int, ...] = ()
    for at, part in enumerate(location):
        tagged = part in TAGS and at not in entries
        if tagged and path[-2:-1] in (("metrics",), ("with",), ("joins",), ("rows",)):
            continue
        if (*path, part) in lines or (part == location[-1] and part not in TAGS and not str(part).startswith("dict[")):
            path = (*path, part)
    return path


def _allowed(path: tuple[Any, ...]) -> list[str]:
    def names(part: type[Part]) -> list[str]:
        return [field.alias or name for name, field in part.model_fields.items()]

    if len(path) == 1:
        return names(Model)
    if path[0] == "calendar":
        return names(CalendarSpec)
    if path[0] == "sources":
        return names(Join if len(path) > 3 and path[2] == "joins" else Source)
    if path[0] == "rows":
        return names(Events if len(path) > 4 else Cohort if "cohort" in path else Sequence)
    if path[0] == "tests":
        return names(Expect)
    if path[-2:-1] == ("manual",):
        return names(Written)
    return list(dict.fromkeys([*names(Agg), *names(Calc), *names(At), *names(Manual)]))
