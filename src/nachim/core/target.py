"""What a KPI should reach: from where, to where, by when, along which path.

A target is one of seven kinds, each with its own fields and nothing else; `target_from_json` reads them all.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import MISSING, dataclass, field, fields
from datetime import date
from typing import Any, ClassVar

from nachim.core.exact import exact
from nachim.core.target_base import BANDS, Direction, Levels, Method, TargetError, finite
from nachim.core.target_kinds import Binary, HitRate, Milestone, MilestoneStep, Range
from nachim.core.trajectory import (
    Linear,
    Months,
    Trajectory,
    TrajectoryError,
    path_from_json,
    season_of,
    share_of_total,
    share_of_way,
)
from nachim.core.workdays import EVERY_DAY, Days

__all__ = [
    "BANDS", "Binary", "Change", "Direction", "HitRate", "Keep", "Levels", "Method", "Milestone", "MilestoneStep",
    "Range", "Reach", "Target", "TargetError", "target_from_json",
]  # fmt: skip
LEVEL_METHODS: tuple[Method, ...] = ("ratio", "ratio_inverse", "ratio_linear", "abs_scaled", "bands", "binary")
STRAIGHT = Linear()
OLD_KEYS = ("direction", "baseline", "level", "start", "due")


@dataclass(frozen=True, kw_only=True)
class Reach(Levels):
    """Reach `level` by `due`.

    The path goes from `baseline` at `start` to `level` at `due`; without a baseline it is `level` all along. The
    level holds per period of the KPI's cadence, or, with `total`, for the sum from `start` through `due`.
    `business_days`: the path moves on business days only.
    """

    baseline: float | None = None
    trajectory: Trajectory = STRAIGHT
    business_days: bool = False
    total: bool = False
    kind: ClassVar[str] = "reach"
    always: ClassVar[tuple[str, ...]] = OLD_KEYS
    methods: ClassVar[tuple[Method, ...]] = (*LEVEL_METHODS, "progress")

    def __post_init__(self) -> None:
        super().__post_init__()
        finite(self, "baseline")
        if self.baseline is not None:
            if self.total:
                raise TargetError("baseline", "total_baseline")
            if self.baseline == self.level:
                raise TargetError("level", "equals_baseline")
            if (self.level > self.baseline) != (self.direction == "up"):
                raise TargetError("level", "wrong_way")
        if isinstance(self.trajectory, Months) and not self.total and self.trajectory.at(self.due) != self.level:
            raise TargetError("trajectory", "path_end")

    def expected(self, day: date, first: date | None = None, days: Days = EVERY_DAY) -> float:
        """Where the path is at the end of `day`; before `start` and after `due` it stays at its ends.

        `first`: the first day of the measured period, for the season of that period. `days`: the company's calendar.
        """
        path, start, due = self.trajectory, self.start, self.due
        if self.total:
            return self.level * share_of_total(path, start, due, day, days, self.business_days)
        if isinstance(path, Months):
            return path.at(day)
        level = self.level
        if self.baseline is not None:
            share = share_of_way(path, start, due, day, days, self.business_days)
            level = self.baseline + (self.level - self.baseline) * share
        return level * season_of(path, start, due, first or day, day, days, self.business_days)


@dataclass(frozen=True, kw_only=True)
class Change(Reach):
    """Change from `baseline` by `by`: in the metric's unit, or with `relative` as a share of the baseline (0.15)."""

    by: float
    relative: bool = False
    level: float = field(init=False)
    direction: Direction = field(init=False)
    baseline: float
    kind: ClassVar[str] = "change"
    always: ClassVar[tuple[str, ...]] = ()

    def __post_init__(self) -> None:
        finite(self, "by", "baseline")
        if self.by == 0:
            raise TargetError("by", "no_change")
        if self.relative and self.baseline <= 0:
            raise TargetError("baseline", "relative_base")
        base, by = exact(self.baseline), exact(self.by)
        object.__setattr__(self, "level", float(base * (1 + by) if self.relative else base + by))
        object.__setattr__(self, "direction", "up" if self.by > 0 else "down")
        super().__post_init__()


@dataclass(frozen=True, kw_only=True)
class Keep(Levels):
    """`level` holds from `start` through `due`. `baseline` only says where it stood."""

    baseline: float | None = None
    kind: ClassVar[str] = "keep"
    always: ClassVar[tuple[str, ...]] = OLD_KEYS
    methods: ClassVar[tuple[Method, ...]] = LEVEL_METHODS

    def __post_init__(self) -> None:
        super().__post_init__()
        finite(self, "baseline")

    def expected(self, day: date, first: date | None = None, days: Days = EVERY_DAY) -> float:
        return self.level


Target = Reach | Change | Keep | Range | Milestone | Binary | HitRate
KINDS: dict[str, type[Target]] = {
    "reach": Reach, "change": Change, "keep": Keep, "range": Range, "milestone": Milestone, "binary": Binary,
    "hit_rate": HitRate,
}  # fmt: skip


def target_from_json(spec: Mapping[str, Any]) -> Target:
    """The target that `to_json` wrote, also from before there were kinds. Raises TargetError naming the part."""
    kind = KINDS.get(str(spec.get("kind", "reach")))
    if kind is None:
        raise TargetError("kind", "unknown_kind")
    known = {one.name: one for one in fields(kind) if one.init}
    for name in spec:
        if name != "kind" and name not in known:
            raise TargetError(name, "unknown_key")
    for name, one in known.items():
        if one.default is MISSING and one.default_factory is MISSING and spec.get(name) is None:
            raise TargetError(name, "missing")
    given = {name: _read(name, value) for name, value in spec.items() if name != "kind"}
    return kind(**given)


def _read(name: str, value: Any) -> Any:
    try:
        match name:
            case "start" | "due":
                return date.fromisoformat(str(value))
            case "trajectory":
                return path_from_json(value)
            case "scores":
                return tuple(float(one) for one in value)
            case "late":
                return tuple((int(days), float(kept)) for days, kept in value)
            case "steps":
                return tuple(MilestoneStep.from_json(step) for step in value)
            case "direction":
                if value not in ("up", "down"):
                    raise TargetError(name, "unknown_key")
    except TrajectoryError as error:
        raise TargetError(name, "path") from error
    except (TypeError, ValueError) as error:
        raise error if isinstance(error, TargetError) else TargetError(name, "not_a_number") from error
    return value
