"""What a segment search says: amounts that add up to the change, and the sentence people read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from nachim.core.korean import josa
from nachim.core.number import format_difference, format_value

REASONS = {
    "missing": (
        "값이 없는 칸이 {found:,}개 있어 세그먼트를 찾지 않습니다. 빠진 값을 먼저 채우세요.",
        "{found:,} leaves have no value, so no segment is named. Fill in the missing values first.",
    ),
    "few_leaves": (
        "칸이 {found:,}개뿐이라 세그먼트를 찾지 않습니다. 적어도 {needed:,}개가 필요합니다.",
        "There are only {found:,} leaves, so no segment is named; at least {needed:,} are needed.",
    ),
    "undefined": (
        "분모가 0이거나 음수여서 비율의 세그먼트를 찾지 않습니다.",
        "A denominator is zero or negative, so no segment of the ratio is named.",
    ),
    "nothing_stands_out": (
        "눈에 띄게 다르게 움직인 세그먼트가 없습니다.",
        "No segment moved in a way that stands out.",
    ),
    "scattered": (
        "변화가 여러 곳에 흩어져 있습니다. 찾은 세그먼트는 변화의 {explained:.0%}만 설명합니다.",
        "The change is scattered: the segments found account for only {explained:.0%} of it.",
    ),
}


@dataclass(frozen=True)
class Abstained:
    """No segment is named, and why: `code` is a key of REASONS."""

    code: str
    facts: dict[str, object] = field(default_factory=dict, hash=False)

    def sentence(self, locale: str = "ko") -> str:
        return REASONS[self.code][1 if locale == "en" else 0].format(**self.facts)


MUTE = ("true", "false", "True", "False")


@dataclass(frozen=True)
class Segment:
    """Leaves with these labels. `amount`: its part of the change. `factor`: real over expected, typical of its leaves.
    `gain`: log likelihood won by naming it (nats). `leaves`: rows that it is the first to cover."""

    where: dict[str, str]
    amount: float
    factor: float
    gain: float
    leaves: int

    def name(self, labels: Mapping[str, str] | None = None) -> str:
        """`labels` may rename dimensions and values: "채널 앱 · 지역 부산". A dimension renamed to nothing is left out
        where its value speaks for itself."""
        said = labels or {}
        found = []
        for name, value in self.where.items():
            dim, shown = said.get(name, name), said.get(value, value)
            found.append(
                f"{dim or name} {shown}" if dim or not any(map(str.isalpha, shown)) or shown in MUTE else shown
            )
        return " · ".join(found)


@dataclass(frozen=True)
class Localization:
    """`segments`' amounts + `rest` + `mix` = `change`. `mix` is 0 for a sum.

    `uniform`: a factor on everything that described the change at least as well as any segment, or None; with no
    segments beside it the cause lies outside the dimensions. `explained`: part of the change (without mix) that the
    segments account for; above 1 where the rest moved the other way.
    """

    before: float
    after: float
    segments: tuple[Segment, ...]
    rest: float
    mix: float
    uniform: float | None
    explained: float

    @property
    def change(self) -> float:
        return self.after - self.before

    @property
    def verdict(self) -> str:
        """segments, uniform (everything alike) or mix (the composition changed, not the segments)."""
        return "segments" if self.segments else "uniform" if self.uniform is not None else "mix"

    def sentence(
        self, locale: str = "ko", *, name: str, unit: str = "count", labels: Mapping[str, str] | None = None
    ) -> str:
        """ "매출 변화 -₩1,200만 가운데 -₩900만은 채널 앱 · 지역 부산에서 나왔습니다." """
        english = locale == "en"
        change = format_difference(self.change, unit, locale)
        if self.verdict == "uniform":
            times = format_value((self.uniform or 1.0) - 1, "percent", locale, signed=True)
            size, up = format_difference(abs(self.change), unit, locale).lstrip("+"), self.change > 0
            if english:
                return f"{name} {'rose' if up else 'fell'} by {size} everywhere alike (each segment about {times})."
            verb = "올랐습니다" if up else "내렸습니다"
            return f"{josa(name, '이/가')} 모든 세그먼트에서 고르게 {size} {verb}(세그먼트마다 약 {times})."
        if self.verdict == "mix":
            mix = format_difference(self.mix, unit, locale)
            if english:
                return f"Of the change of {name}, {change}, {mix} comes from a changed mix of segments."
            return f"{name} 변화 {change} 가운데 {mix}: 세그먼트의 구성비가 바뀐 몫입니다."
        parts = [f"{one.name(labels)} {format_difference(one.amount, unit, locale)}" for one in self.segments]
        if english:
            return f"The change of {name}, {change}, comes from: {', '.join(parts)}."
        return f"{name} 변화 {change}의 출처: {', '.join(parts)}."
