"""What a KPI should reach: from where, to where, by when."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date
from typing import Any, Literal

Direction = Literal["up", "down"]
Kind = Literal["reach", "keep"]


class TargetError(ValueError):
    """A target that cannot be; `field` names the part, `code` the reason."""

    def __init__(self, field: str, code: str):
        super().__init__(f"{field}: {code}")
        self.field = field
        self.code = code


@dataclass(frozen=True)
class Target:
    """`level` of the metric's unit per period of the KPI's cadence, from `start` through `due` (both included).

    reach: the path runs straight from `baseline` at `start` to `level` at `due`; without a baseline it is `level`
    all along.
    keep: `level` holds from `start` through `due`.
    """

    level: float
    start: date
    due: date
    direction: Direction = "up"
    kind: Kind = "reach"
    baseline: float | None = None

    def __post_init__(self) -> None:
        if self.due <= self.start:
            raise TargetError("due", "before_start")
        if self.kind == "reach" and self.baseline is not None:
            if self.baseline == self.level:
                raise TargetError("level", "equals_baseline")
            if (self.level > self.baseline) != (self.direction == "up"):
                raise TargetError("level", "wrong_way")

    def expected(self, day: date) -> float:
        """Where the path is at the end of `day`; before `start` and after `due` it stays at its ends."""
        if self.kind == "keep" or self.baseline is None:
            return self.level
        share = (day - self.start).days / (self.due - self.start).days
        return self.baseline + (self.level - self.baseline) * min(1.0, max(0.0, share))

    def reaches(self, value: float, level: float) -> bool:
        """Whether `value` is at `level` or beyond it in the wanted direction; equality is met."""
        return value >= level if self.direction == "up" else value <= level

    def to_json(self) -> dict[str, Any]:
        return {**asdict(self), "start": self.start.isoformat(), "due": self.due.isoformat()}

    @classmethod
    def from_json(cls, spec: dict[str, Any]) -> Target:
        return cls(
            **{**spec, "start": date.fromisoformat(str(spec["start"])), "due": date.fromisoformat(str(spec["due"]))}
        )
