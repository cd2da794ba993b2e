"""What will be done, as frozen nodes. A plan prints as a tree; rewrites change plans, never answers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from sqlglot import exp

from nachim.core.period import Grain
from nachim.metrics.duration import Duration
from nachim.metrics.frame import Span
from nachim.metrics.measure import Measure
from nachim.metrics.scope import Lookup, Ref


@dataclass(frozen=True)
class Scan:
    """All rows of a table, under the name of its source."""

    source: str
    table: str

    def inputs(self) -> tuple[Node, ...]:
        return ()

    def __str__(self) -> str:
        return f"scan {self.table} as {self.source}"


@dataclass(frozen=True)
class Join:
    """Each row with the one row its key names in each looked-up table, or with none: never more rows than before."""

    input: Node
    lookups: tuple[Lookup, ...]

    def inputs(self) -> tuple[Node, ...]:
        return (self.input,)

    def __str__(self) -> str:
        return "look up " + ", ".join(
            f"{one.table} as {one.alias} by {one.left_alias}.{one.left} = {one.key}" for one in self.lookups
        )


@dataclass(frozen=True)
class Filter:
    """Only the rows that meet every condition."""

    input: Node
    conditions: tuple[exp.Expr, ...]

    def inputs(self) -> tuple[Node, ...]:
        return (self.input,)

    def __str__(self) -> str:
        return "keep " + " and ".join(one.sql(dialect="duckdb") for one in self.conditions)


@dataclass(frozen=True)
class Events:
    """Rows as events: when they were, and whose."""

    rows: Node
    time: Ref
    key: Ref

    def __str__(self) -> str:
        return f"{self.key.alias}.{self.key.column} at {self.time.column}"


@dataclass(frozen=True)
class Sequence:
    """Each start once, with the moments of the steps after it: converted, lag, reached, end_at, matured.

    `through`: how far the steps are known. `asof`: by an ASOF join, where the engine has it.
    """

    name: str
    start: Events
    steps: tuple[Events, ...]
    within: Duration
    strict: bool
    through: datetime | None
    asof: bool = False

    def inputs(self) -> tuple[Node, ...]:
        return (self.start.rows, *(step.rows for step in self.steps))

    def __str__(self) -> str:
        how = ", by asof join" if self.asof else ""
        steps = " then ".join(str(step) for step in self.steps)
        order = "later" if self.strict else "then or later"
        return f"sequence {self.name}: from each {self.start}, {order} within {self.within}, {steps}{how}"


@dataclass(frozen=True)
class Cohort:
    """Each entity with each period from its first event on: k, active, value, matured.

    `last`: the highest k; `begun`: only periods up to this one. `through`: the first period not known to its end.
    """

    name: str
    births: Events
    order: tuple[Ref, ...]
    activity: Events
    value: Ref | None
    period: Grain
    last: int
    begun: int | None
    through: int

    def inputs(self) -> tuple[Node, ...]:
        return (self.births.rows, self.activity.rows)

    def __str__(self) -> str:
        value = f", value {self.value.column}" if self.value else ""
        return (
            f"cohort {self.name}: each {self.births} × {self.period} 0 to {self.last}, active by {self.activity}{value}"
        )


@dataclass(frozen=True)
class Spans:
    """Stretches in whole units (days or hours since 1970), which may overlap; their ends grow with their beginnings.

    `union`: a distinct count by adding and taking away each value once where its stretches begin and end.
    """

    ranges: tuple[tuple[int, int], ...]
    union: bool = False

    def __str__(self) -> str:
        return f"{len(self.ranges)} stretches{' by interval union' if self.union else ''}"


@dataclass(frozen=True)
class Aggregate:
    """One row a period and slice, with its measures. `time` is None for one stretch, which the filter cuts out.

    With `spans`, `grain` is their unit and the period is the number of the stretch.
    """

    input: Node
    grain: Grain
    time: Ref | None
    by: tuple[tuple[str, Ref], ...]
    measures: tuple[Measure, ...]
    spans: Spans | None = None

    def inputs(self) -> tuple[Node, ...]:
        return (self.input,)

    def __str__(self) -> str:
        cut = f"{self.spans} of {self.grain}s" if self.spans else self.grain
        keys = [f"{self.time.alias}.{self.time.column} by {cut}"] if self.time else []
        keys += [name for name, _ref in self.by]
        return f"aggregate [{', '.join(keys)}] " + "; ".join(measure.id for measure in self.measures)


@dataclass(frozen=True)
class Align:
    """The aggregates side by side on a spine of every period and slice that any of them has.

    `view` tells apart what is read under other slices and filters, `run` is the stretch of time that is read.
    """

    parts: tuple[Node, ...]
    view: int = 0
    run: Span | None = None

    def inputs(self) -> tuple[Node, ...]:
        return self.parts

    def __str__(self) -> str:
        return "align on period and slices"


@dataclass(frozen=True)
class Calculate:
    """Formulas over what was read, cell by cell, with their states; done in `formula`, alike on every engine."""

    reads: tuple[Align, ...]
    formulas: tuple[tuple[str, str], ...]

    def inputs(self) -> tuple[Node, ...]:
        return self.reads

    def __str__(self) -> str:
        return "calculate " + "; ".join(f"{name} = {text}" for name, text in self.formulas)


Node = Scan | Join | Filter | Sequence | Cohort | Aggregate | Align | Calculate


def show(node: Node, depth: int = 0) -> str:
    """The plan as an indented tree, the last step first."""
    lines = [f"{'  ' * depth}{node}"]
    lines += [show(part, depth + 1) for part in node.inputs()]
    return "\n".join(lines)


def aggregates(node: Node) -> Iterator[Aggregate]:
    """Every aggregate of a plan, in order."""
    if isinstance(node, Aggregate):
        yield node
    for part in node.inputs():
        yield from aggregates(part)


def with_aggregates(node: Align, changed: tuple[Aggregate, ...]) -> Align:
    """The same alignment of other aggregates."""
    return replace(node, parts=changed)
