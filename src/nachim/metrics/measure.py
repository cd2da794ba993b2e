"""What names come to mean: measures, which engines compute, and metrics as formulas over measures and frames."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

from sqlglot import exp

from nachim.core.period import Grain
from nachim.metrics.frame import Frame
from nachim.metrics.scope import Lookup, Ref

ADDITIVE = ("sum", "count", "count_distinct")
# What a stretch of time has is made of what its days have.
DAILY = ("sum", "count", "avg", "min", "max")
LONGEST_NAME = 200


@dataclass(frozen=True)
class Each:
    """First for each entity: `parts` are aggregates of its rows, and stand in the outer value as i0, i1 …"""

    entity: str
    key: Ref
    parts: tuple[Measure, ...]


@dataclass(frozen=True)
class Measure:
    """One aggregate: `function` of `value` over the rows of `source` that meet `where`. value None counts rows.

    `each`: of the entities' values instead of the rows'. `over_time`: of a stock, which of its days counts; `sum`: all
    of them, those without rows being unknown. `every`: of what people write by hand, the grain they write at.
    """

    source: str
    function: str
    value: exp.Expr | None
    whole: bool
    where: exp.Expr | None
    lookups: tuple[Lookup, ...]
    each: Each | None = None
    over_time: str = ""
    every: Grain | None = None

    @cached_property
    def id(self) -> str:
        value = self.value.sql(dialect="duckdb") if self.value is not None else "*"
        where = f" where {self.where.sql(dialect='duckdb')}" if self.where is not None else ""
        per = ""
        if self.each is not None:
            inner = ", ".join(f"i{at}: {one.id}" for at, one in enumerate(self.each.parts))
            per = f" per {self.each.entity} ({inner})"
        over = f" {self.over_time} over time" if self.over_time else ""
        return f"{self.function}({value}) of {self.source}{per}{over}{where}"

    @property
    def additive(self) -> bool:
        """Whether no rows means zero (where the source is complete) rather than nothing."""
        return self.function in ADDITIVE and not self.over_time and self.each is None

    @property
    def daily(self) -> bool:
        """Whether any stretch of days follows from its days."""
        return self.each is None and (self.function in DAILY or bool(self.over_time))


@dataclass(frozen=True)
class Bound:
    """A metric ready to plan: `formula` is arithmetic whose columns are ids of `leaves` and `framed`."""

    name: str
    formula: exp.Expr | None
    leaves: dict[str, Measure] = field(hash=False)
    framed: dict[str, Framed] = field(default_factory=dict, hash=False)

    @cached_property
    def measures(self) -> dict[str, Measure]:
        """Every measure below, those in frames too."""
        found = dict(self.leaves)
        for one in self.framed.values():
            found.update(one.inner.measures)
        return found

    @cached_property
    def sources(self) -> list[str]:
        return list(dict.fromkeys(measure.source for measure in self.measures.values()))

    @cached_property
    def frames(self) -> int:
        """How many frames lie within each other."""
        return max((1 + one.inner.frames for one in self.framed.values()), default=0)

    def read(self, dropped: frozenset[str] = frozenset()) -> Iterator[tuple[Measure, frozenset[str]]]:
        """Every measure below, with the dimensions that the frames around it leave out."""
        for measure in self.leaves.values():
            yield measure, dropped
        for one in self.framed.values():
            yield from one.inner.read(dropped | set(one.frame.drop))


@dataclass(frozen=True)
class Framed:
    """A metric in another frame."""

    inner: Bound
    frame: Frame

    @cached_property
    def id(self) -> str:
        inner = self.inner.formula.sql(dialect="duckdb") if self.inner.formula is not None else self.inner.name
        if len(inner) > LONGEST_NAME:
            # An id within an id has its quotes doubled: names of nested frames would grow as 2ⁿ.
            inner = hashlib.sha256(inner.encode()).hexdigest()
        return f"{inner} at {self.frame}"
