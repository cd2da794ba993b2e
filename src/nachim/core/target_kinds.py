"""Targets that are not one level: a range, steps of a plan, yes or no, and how often a rule is kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from typing import Any, ClassVar

from nachim.core.exact import exact
from nachim.core.target_base import Direction, Levels, Method, Span, TargetError, finite
from nachim.core.workdays import EVERY_DAY, Days


@dataclass(frozen=True, kw_only=True)
class Range(Span):
    """Stay within `low` and `high`, both included.

    `tolerance_low`, `tolerance_high`: how far outside, in the metric's unit, the score falls from 100 to 0; without
    one the edge is hard.
    """

    low: float
    high: float
    tolerance_low: float | None = None
    tolerance_high: float | None = None
    kind: ClassVar[str] = "range"
    methods: ClassVar[tuple[Method, ...]] = ("range", "binary")

    def __post_init__(self) -> None:
        super().__post_init__()
        finite(self, "low", "high", "tolerance_low", "tolerance_high")
        if self.low >= self.high:
            raise TargetError("low", "range_order")
        for name in ("tolerance_low", "tolerance_high"):
            if (getattr(self, name) or 1) <= 0 or getattr(self, name) == 0:
                raise TargetError(name, "tolerance")

    def met(self, value: float) -> bool:
        return self.low <= value <= self.high

    def expected(self, day: date, first: date | None = None, days: Days = EVERY_DAY) -> None:
        """A range has no path."""
        return


@dataclass(frozen=True)
class MilestoneStep:
    """A step of the plan, its weight, and when it is due (None: when the target is)."""

    name: str
    weight: float = 1.0
    due: date | None = None

    @classmethod
    def from_json(cls, spec: Mapping[str, Any]) -> MilestoneStep:
        due = spec.get("due")
        return cls(str(spec["name"]), float(spec.get("weight", 1)), date.fromisoformat(str(due)) if due else None)


@dataclass(frozen=True)
class Done:
    """A step that is done, on which day, and how much of it (below 1 only where the target allows parts)."""

    name: str
    on: date
    share: float = 1.0


@dataclass(frozen=True, kw_only=True)
class Milestone(Span):
    """Finish the steps. `partial`: a step may count in part. `late`: from so many days late on, this share is kept.

    Without a `late` table a late step counts in full.
    """

    steps: tuple[MilestoneStep, ...]
    partial: bool = False
    late: tuple[tuple[int, float], ...] = ()
    kind: ClassVar[str] = "milestone"
    methods: ClassVar[tuple[Method, ...]] = ("milestone",)

    def __post_init__(self) -> None:
        super().__post_init__()
        names = [step.name for step in self.steps]
        if not names:
            raise TargetError("steps", "no_steps")
        if len(set(names)) < len(names) or not all(names):
            raise TargetError("steps", "step_names")
        if any(not 0 < step.weight < float("inf") for step in self.steps):
            raise TargetError("steps", "step_weights")
        if any(step.due and not self.start <= step.due <= self.due for step in self.steps):
            raise TargetError("steps", "step_due")
        days, kept = [at for at, _kept in self.late], [share for _at, share in self.late]
        rising = days == sorted(set(days)) and kept == sorted(kept, reverse=True)
        if not rising or any(at < 1 for at in days) or any(not 0 <= share <= 1 for share in kept):
            raise TargetError("late", "late_table")

    @property
    def weight(self) -> Fraction:
        return sum((exact(step.weight) for step in self.steps), Fraction(0))

    def kept(self, days_late: int) -> Fraction:
        """What a step that came so many days late still counts."""
        passed = [share for at, share in self.late if at <= days_late]
        return exact(passed[-1]) if passed else Fraction(1)

    def met(self, value: float) -> bool:
        """`value`: the share of the steps that is done."""
        return value >= 1

    def expected(self, day: date, first: date | None = None, days: Days = EVERY_DAY) -> float:
        """The share of the steps that is due by the end of `day`."""
        due = sum((exact(step.weight) for step in self.steps if (step.due or self.due) <= day), Fraction(0))
        return float(due / self.weight)


@dataclass(frozen=True, kw_only=True)
class Binary(Levels):
    """Yes or no: 100 where the value reaches `level`, else 0. A plain yes is 1."""

    level: float = 1.0
    kind: ClassVar[str] = "binary"
    methods: ClassVar[tuple[Method, ...]] = ("binary",)

    def expected(self, day: date, first: date | None = None, days: Days = EVERY_DAY) -> float | None:
        """Nothing is expected before it is due."""
        return self.level if day >= self.due else None


@dataclass(frozen=True)
class Entry:
    """One period's value for a hit rate: None where nothing was entered.

    `due`: the last day to enter it. `excused`: why the period does not count, and `approved_by` whom; both or neither.
    """

    value: float | None
    due: date
    excused: str = ""
    approved_by: str = ""

    def __post_init__(self) -> None:
        if bool(self.excused.strip()) != bool(self.approved_by.strip()):
            raise ValueError("a period is left out with a reason and the name of who approved it, or not at all")


@dataclass(frozen=True, kw_only=True)
class HitRate(Span):
    """Keep a rule in at least `rate` of the periods: a `level` in a `direction`, or `low` to `high`.

    `grace`: days after its due date until a period without an entry counts as missed.
    """

    rate: float = 1.0
    level: float | None = None
    direction: Direction = "up"
    low: float | None = None
    high: float | None = None
    grace: int = 0
    kind: ClassVar[str] = "hit_rate"
    methods: ClassVar[tuple[Method, ...]] = ("hit_rate",)

    def __post_init__(self) -> None:
        super().__post_init__()
        finite(self, "rate", "level", "low", "high")
        if not 0 < self.rate <= 1:
            raise TargetError("rate", "rate")
        if (self.level is None) == (self.low is None) or (self.low is None) != (self.high is None):
            raise TargetError("level", "one_rule")
        if self.low is not None and self.high is not None and self.low >= self.high:
            raise TargetError("low", "range_order")
        if self.grace < 0:
            raise TargetError("grace", "grace")

    def hit(self, value: float) -> bool:
        """Whether one period keeps the rule; equality is met."""
        if self.level is None:
            return self.low is not None and self.high is not None and self.low <= value <= self.high
        return value >= self.level if self.direction == "up" else value <= self.level

    def counted(self, entries: tuple[Entry, ...], today: date) -> tuple[int, int]:
        """(periods that kept the rule, periods due and valid). Excused ones and those not due yet are in neither."""
        hits = due = 0
        for entry in entries:
            if entry.excused:
                continue
            if entry.value is None:
                due += today > entry.due + timedelta(days=self.grace)
            else:
                due += 1
                hits += self.hit(entry.value)
        return hits, due

    def met(self, value: float) -> bool:
        """`value`: the share of periods that kept the rule."""
        return exact(value) >= exact(self.rate)

    def expected(self, day: date, first: date | None = None, days: Days = EVERY_DAY) -> float:
        return self.rate
