"""The kinds of metrics, and of rows made from events: what one entry under `metrics` or `rows` may say."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Discriminator, Field, Tag, model_validator
from pydantic_core import PydanticCustomError

from nachim.metrics.duration import duration, shift

Label = str | dict[Literal["ko", "en"], str]
KINDS = ("agg", "calc", "at", "manual")
# Frame entries: they belong to `at` and to nothing else.
FRAME = ("shift", "window", "to_date", "all", "eval", "over")


class Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


def _duration(value: str) -> str:
    if duration(value) is None:
        raise PydanticCustomError("not_a_duration", "not a stretch of time")
    return value


def _shift(value: str) -> str:
    if shift(value) is None:
        raise PydanticCustomError("not_a_shift", "not a shift")
    return value


Stretch = Annotated[str, AfterValidator(_duration)]


class Head(Part):
    label: Label = ""
    unit: str = "count"
    better: Literal["up", "down"] = "up"
    about: Label = ""


class Agg(Head):
    """A function of one source's rows: sum(orders.amount).

    `per`: first for each entity of this name, then over the entities: avg(sum(orders.amount)) per customer.
    `over_time`: of a stock, which adds up over everything but time: the last, first or mean day that has rows. `sum`
    adds its days up, as without a word on it, but a stretch without rows is unknown and not zero.
    """

    agg: str
    where: str | None = None
    source: str | None = Field(default=None, alias="from")
    per: str | None = None
    over_time: Literal["last", "first", "avg", "sum"] | None = None

    @model_validator(mode="after")
    def _one_way(self) -> Agg:
        if self.per and self.over_time:
            raise PydanticCustomError("not_both", "one of the two", {"one": "per", "two": "over_time"})
        return self


class Calc(Head):
    """Arithmetic over metrics: revenue / orders."""

    calc: str
    parts: dict[str, Metric] = Field(default={}, alias="with")


class At(Head):
    """A metric in another frame of time or of slices. What is written together is read shift, then window or to_date,
    then eval; a frame around a metric that has a frame itself comes before it.

    `shift`: so much earlier or later. `window`: the stretch that ends where the period does. `to_date`: from the start
    of the week, month, quarter or year. `eval`: as of the period's end or start, or the mean, most or least of its
    days (of those of `over`). `all`: without these dimensions, for shares of a whole.
    """

    at: str
    shift: Annotated[str, AfterValidator(_shift)] | None = None
    window: Stretch | None = None
    to_date: Literal["week", "month", "quarter", "year"] | None = None
    all: list[str] = []
    eval: Literal["end", "start", "avg", "max", "min"] = "end"
    over: Stretch | None = None

    @model_validator(mode="after")
    def _one_way(self) -> At:
        if self.window and self.to_date:
            raise PydanticCustomError("not_both", "one of the two", {"one": "window", "two": "to_date"})
        if self.over and self.eval in ("end", "start"):
            raise PydanticCustomError("over_what", "over needs eval", {})
        if not (self.shift or self.window or self.to_date or self.all or self.eval != "end"):
            raise PydanticCustomError("no_frame", "no frame", {})
        return self


class Written(Part):
    """How people write a number in: one value for each period of `every`.

    `over_time`: how the values inside a longer period make its number: the `last` of a level or a rate, the `sum` of an
    amount, the mean (`avg`).
    """

    over_time: Literal["last", "sum", "avg"] = "last"
    every: Literal["day", "week", "month", "quarter", "year"] = "month"


class Manual(Head):
    """A number people write in: rows of its own source (`by_hand`), where the model has one."""

    manual: Written


def _kind(value: Any) -> str | None:
    if isinstance(value, Agg | Calc | At | Manual):
        return type(value).__name__.lower()
    if not isinstance(value, dict):
        return None
    found = [kind for kind in KINDS if kind in value]
    return found[0] if len(found) == 1 else None


Metric = Annotated[
    Annotated[Agg, Tag("agg")] | Annotated[Calc, Tag("calc")] | Annotated[At, Tag("at")]
    | Annotated[Manual, Tag("manual")],
    Discriminator(_kind),
]  # fmt: skip
Calc.model_rebuild()


class Events(Part):
    """Some of a source's rows, as events: {from: orders, where: "status = 'paid'"}. A plain name means all of them."""

    source: str = Field(alias="from")
    where: str | None = None

    @classmethod
    def of(cls, name: str) -> Events:
        return cls.model_validate({"from": name})


def _events(value: Any) -> str:
    return "short" if isinstance(value, str) else "long"


Which = Annotated[Annotated[str, Tag("short")] | Annotated[Events, Tag("long")], Discriminator(_events)]


class Sequence(Part):
    """For each start event, whether and when the steps after it came, by the same entity and in time.

    One row a start, with the start's columns and `converted`, `lag` (in the metric's unit of time, else hours),
    `reached` (steps made, the start being one), `end_at`, `matured` (the window has closed). `pick: first` counts an
    end at the very moment of the start, `next` only a later one. The window begins at the start and excludes its end.
    """

    by: str
    start: Which | None = None
    end: Which | None = None
    steps: list[Which] = []
    within: Stretch
    pick: Literal["first", "next"] = "first"

    @model_validator(mode="after")
    def _legs(self) -> Sequence:
        if bool(self.steps) == bool(self.start or self.end) or (not self.steps and not (self.start and self.end)):
            raise PydanticCustomError("sequence_steps", "start and end, or steps", {})
        if self.steps and len(self.steps) < 2:
            raise PydanticCustomError("sequence_steps", "start and end, or steps", {})
        return self

    @property
    def events(self) -> list[Events]:
        """The start, then each step after it."""
        found = self.steps or [one for one in (self.start, self.end) if one is not None]
        return [one if isinstance(one, Events) else Events.of(one) for one in found]


class Cohort(Part):
    """Entity × period since its first event: one row for each, k = 0 being the period of the birth.

    Rows have the columns of the first event and `k`, `active` (had activity in that period), `value` (the sum of the
    activity's `value` column there) and `matured` (that period is over). Their time is that of the first event.
    """

    by: str
    born: Which
    activity: Which
    period: Literal["day", "week", "month", "quarter", "year"] = "month"
    value: str | None = None

    @property
    def events(self) -> list[Events]:
        """The births, then the activity; `first(orders)` is how a birth may be written."""
        found = []
        for one in (self.born, self.activity):
            if isinstance(one, str):
                text = one.strip()
                name = text[len("first(") : -1].strip() if text.startswith("first(") and text.endswith(")") else text
                found.append(Events.of(name))
            else:
                found.append(one)
        return found


class SequenceRows(Part):
    sequence: Sequence
    label: Label = ""


class CohortRows(Part):
    cohort: Cohort
    label: Label = ""


def _rows(value: Any) -> str | None:
    if isinstance(value, SequenceRows | CohortRows):
        return "sequence" if isinstance(value, SequenceRows) else "cohort"
    found = [kind for kind in ("sequence", "cohort") if isinstance(value, dict) and kind in value]
    return found[0] if len(found) == 1 else None


Rows = Annotated[Annotated[SequenceRows, Tag("sequence")] | Annotated[CohortRows, Tag("cohort")], Discriminator(_rows)]
