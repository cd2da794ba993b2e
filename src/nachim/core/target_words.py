"""What a target aims at, in a few words."""

from __future__ import annotations

from nachim.core.number import format_value
from nachim.core.target import HitRate, Milestone, Range, Target


def aim(target: Target, unit: str = "count", locale: str = "ko", *, compact: bool = False) -> str:
    """A level with its unit (₩1.2억), a range (20~30), steps (단계 3개) or a share of periods (기간의 90%)."""

    def said(value: float | None) -> str:
        return format_value(value, unit, locale, compact=compact)

    match target:
        case Range():
            return f"{said(target.low)}~{said(target.high)}"
        case Milestone():
            return f"{len(target.steps)} steps" if locale == "en" else f"단계 {len(target.steps)}개"
        case HitRate():
            share = format_value(target.rate, "percent", locale, decimals=0)
            return f"{share} of periods" if locale == "en" else f"기간의 {share}"
        case _:
            return said(target.level)
