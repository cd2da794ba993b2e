"""What all targets share: a span of days, a way, and errors that say which part cannot be."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields
from datetime import date
from typing import Any, ClassVar, Literal

from nachim.core.trajectory import Linear, Trajectory, path_to_json

Direction = Literal["up", "down"]
Method = Literal[
    "ratio", "ratio_inverse", "ratio_linear", "abs_scaled", "progress", "bands", "range", "milestone", "binary",
    "hit_rate",
]  # fmt: skip
Bands = tuple[float, float, float]
BANDS: Bands = (0.5, 1.0, 1.5)

SENTENCES = {
    "before_start": ("기한은 시작보다 뒤여야 합니다.", "The due date has to come after the start."),
    "equals_baseline": (
        "목표값이 기준값과 같아 이를 것이 없습니다. 지금 수준을 지키려면 keep(유지)을 고르세요.",
        "The target equals the baseline: there is nothing to reach. To hold a level, choose keep.",
    ),
    "wrong_way": (
        "기준값에서 보면 목표값이 반대쪽에 있습니다. 방향이나 숫자를 확인하세요.",
        "From this baseline the target lies the other way. Check the direction or the number.",
    ),
    "not_a_number": ("숫자가 아닙니다.", "This is not a number."),
    "band_order": (
        "threshold(최소), 목표값, stretch(도전)는 좋은 쪽으로 하나씩 더 나아가야 합니다.",
        "Threshold, target and stretch have to get better one after the other.",
    ),
    "score_order": (
        "구간 점수는 최소, 목표, 도전 순서로 커져야 합니다: 예를 들면 60, 80, 100.",
        "The scores of threshold, target and stretch have to rise: 0.6, 0.8, 1.0 for example.",
    ),
    "no_change": ("변화량이 0입니다. 지금 수준을 지키려면 keep(유지)을 고르세요.", "A change of nothing. Choose keep."),
    "relative_base": (
        "기준값이 0 이하이면 몇 퍼센트 늘었는지 말할 수 없습니다. 값으로 적으세요(relative: false).",
        "From a baseline of zero or below there is no percentage. Give the change as a value (relative: false).",
    ),
    "range_order": ("low는 high보다 작아야 합니다.", "low has to be below high."),
    "tolerance": ("허용 폭은 0보다 커야 합니다.", "A tolerance has to be above zero."),
    "no_steps": ("단계가 하나도 없습니다.", "There is no step."),
    "step_names": ("단계 이름이 비었거나 둘이 같습니다.", "A step has no name, or two have the same."),
    "step_weights": ("단계의 가중치는 0보다 커야 합니다.", "The weight of a step has to be above zero."),
    "step_due": ("단계의 기한이 목표 기간 밖에 있습니다.", "A step is due outside the target's span."),
    "late_table": (
        "지연표는 늦은 날수가 커질수록 남는 몫이 줄어야 합니다: 1일 0.9, 8일 0.5.",
        "In the table for lateness the share kept has to fall as days grow: 1 day 0.9, 8 days 0.5.",
    ),
    "rate": ("달성 비율은 0보다 크고 1 이하여야 합니다.", "The share of periods has to be above 0 and at most 1."),
    "one_rule": (
        "기간마다 지킬 것은 level 하나이거나 low와 high여야 합니다.",
        "What each period keeps to is either level, or low and high.",
    ),
    "grace": ("유예 날수는 0 이상이어야 합니다.", "The days of grace cannot be negative."),
    "method_misfit": (
        "이 채점 방법은 이 목표의 종류에 쓸 수 없습니다.",
        "This scoring method does not belong to this kind of target.",
    ),
    "path": (
        "경로를 읽을 수 없습니다. linear, steps, months, seasonal 가운데 하나로 적으세요.",
        "The trajectory cannot be read. Write linear, steps, months or seasonal.",
    ),
    "path_end": (
        "마지막 달의 값이 목표값과 다릅니다.",
        "The level of the last month differs from the target.",
    ),
    "total_baseline": (
        "기간 합계 목표(total)는 0에서 쌓입니다. 기준값을 빼세요.",
        "A total grows from nothing: leave the baseline out.",
    ),
    "not_additive": (
        "기간 합계 목표(total)는 더해지는 지표(sum, count)에만 쓸 수 있습니다. 비율이나 평균에는 total을 빼세요.",
        "A total needs a metric that adds up (sum, count). Leave total out for a rate or an average.",
    ),
    "unknown_kind": (
        "목표의 종류는 reach, keep, change, range, milestone, binary, hit_rate 가운데 하나입니다.",
        "A target is one of reach, keep, change, range, milestone, binary, hit_rate.",
    ),
    "unknown_key": ("이 종류의 목표에는 없는 항목입니다.", "A target of this kind has no such key."),
    "missing": ("꼭 필요한 항목입니다.", "This is needed."),
}


class TargetError(ValueError):
    """A target that cannot be; `field` names the part, `code` the reason."""

    def __init__(self, field: str, code: str):
        super().__init__(f"{field}: {SENTENCES[code][1]}")
        self.field = field
        self.code = code

    def text(self, locale: str = "ko") -> str:
        """What is wrong and what to do, in the reader's language."""
        return SENTENCES[self.code][locale == "en"]


@dataclass(frozen=True, kw_only=True)
class Span:
    """From `start` through `due`, both included. `method` scores it; None takes the one that is proposed."""

    start: date
    due: date
    method: Method | None = None
    kind: ClassVar[str]
    # Keys that are always written, as files and databases from before have them.
    always: ClassVar[tuple[str, ...]] = ()
    methods: ClassVar[tuple[Method, ...]]

    def __post_init__(self) -> None:
        if self.due <= self.start:
            raise TargetError("due", "before_start")
        if self.method is not None and self.method not in self.methods:
            raise TargetError("method", "method_misfit")

    def elapsed(self, day: date) -> float:
        """The share of the span that is over at the end of `day`, 0 to 1."""
        return min(1.0, max(0.0, ((day - self.start).days + 1) / ((self.due - self.start).days + 1)))

    def to_json(self) -> dict[str, Any]:
        """Plain data that `target_from_json` reads back; keys that say nothing new are left out."""
        found: dict[str, Any] = {"kind": self.kind}
        for one in fields(self):
            value = getattr(self, one.name)
            if one.init and (one.name in self.always or value != one.default):
                found[one.name] = _plain(value)
        return found


@dataclass(frozen=True, kw_only=True)
class Levels(Span):
    """A level in the metric's unit and a wanted direction; `threshold` and `stretch` are one worse and one better.

    `scores`: what bands give at threshold, level and stretch, as shares.
    """

    level: float
    direction: Direction = "up"
    threshold: float | None = None
    stretch: float | None = None
    scores: Bands = BANDS

    def __post_init__(self) -> None:
        super().__post_init__()
        finite(self, "level", "threshold", "stretch")
        sign = 1 if self.direction == "up" else -1
        known = [sign * one for one in (self.threshold, self.level, self.stretch) if one is not None]
        if known != sorted(set(known)):
            raise TargetError("threshold" if self.threshold is not None else "stretch", "band_order")
        if list(self.scores) != sorted(set(self.scores)) or len(self.scores) != 3:
            raise TargetError("scores", "score_order")

    def reaches(self, value: float, level: float) -> bool:
        """Whether `value` is at `level` or beyond it in the wanted direction; equality is met."""
        return value >= level if self.direction == "up" else value <= level

    def met(self, value: float) -> bool:
        return self.reaches(value, self.level)


def finite(target: object, *names: str) -> None:
    for name in names:
        value = getattr(target, name)
        if value is not None and not math.isfinite(value):
            raise TargetError(name, "not_a_number")


def _plain(value: Any) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Linear | Trajectory):
        return path_to_json(value)
    if isinstance(value, tuple):
        return [_plain(one) for one in value]
    return {one.name: _plain(getattr(value, one.name)) for one in fields(value)} if hasattr(value, "due") else value
