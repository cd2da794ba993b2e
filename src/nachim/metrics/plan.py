"""What will be done, as frozen nodes. A plan prints as a tree; rewrites change plans, never answers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from sqlglot import exp

from nachim.core.period import Grain
from nachim.metrics.bind import Measure
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
class Aggregate:
    """One row a period and slice, with its measures. `time` is None for grain `all`."""

    input: Node
    grain: Grain
    time: Ref | None
    by: tuple[tuple[str, Ref], ...]
    measures: tuple[Measure, ...]

    def inputs(self) -> tuple[Node, ...]:
        return (self.input,)

    def __str__(self) -> str:
        keys = [f"{self.time.alias}.{self.time.column} by {self.grain}"] if self.time else []
        keys += [name for name, _ref in self.by]
        return f"aggregate [{', '.join(keys)}] " + "; ".join(measure.id for measure in self.measures)


@dataclass(frozen=True)
class Align:
    """The aggregates side by side on a spine of every period and slice that any of them has."""

    parts: tuple[Node, ...]

    def inputs(self) -> tuple[Node, ...]:
        return self.parts

    def __str__(self) -> str:
        return "align on period and slices"


@dataclass(frozen=True)
class Calculate:
    """Formulas over the aligned measures, cell by cell, with their states; done in `formula`, alike on every engine."""

    input: Node
    formulas: tuple[tuple[str, str], ...]

    def inputs(self) -> tuple[Node, ...]:
        return (self.input,)

    def __str__(self) -> str:
        return "calculate " + "; ".join(f"{name} = {text}" for name, text in self.formulas)


Node = Scan | Join | Filter | Aggregate | Align | Calculate


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


def with_aggregates(node: Node, changed: tuple[Aggregate, ...]) -> Node:
    """The plan with other aggregates under its spine."""
    if isinstance(node, Calculate):
        return replace(node, input=with_aggregates(node.input, changed))
    return Align(changed)
