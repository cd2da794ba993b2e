"""How a KPI is doing, in one word and one sentence. Data first, then the outcome, then the pace."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from nachim.core.korean import josa
from nachim.core.number import format_value
from nachim.core.target import Target


class Status(StrEnum):
    MET = "met"
    ON_PACE = "on_pace"
    BEHIND = "behind"
    UNHEALTHY = "unhealthy"
    NO_DATA = "no_data"
    NO_TARGET = "no_target"
    NOT_STARTED = "not_started"


@dataclass(frozen=True)
class Guard:
    """A guardrail's last closed value against its bound. A value that is not there breaks nothing."""

    label: str
    unit: str
    bound: str
    level: float
    value: float | None

    @property
    def broken(self) -> bool:
        if self.value is None:
            return False
        return self.value > self.level if self.bound == "max" else self.value < self.level


@dataclass(frozen=True)
class Verdict:
    status: Status
    code: str
    params: dict[str, object] = field(default_factory=dict)

    def sentence(self, locale: str = "ko") -> str:
        """The one-sentence reason, in the reader's language."""
        return _say(self, "en" if locale == "en" else "ko")


def judge(
    target: Target | None,
    *,
    actual: float | None,
    period_label: str,
    period_end: date | None,
    today: date,
    unit: str,
    guards: Sequence[Guard] = (),
) -> Verdict:
    """Judge the last *closed* period (`actual`, whose last day is `period_end`); unfinished cells never decide.

    Rules in order, first match wins: no closed value → no data; no target; target not begun;
    level reached (a broken guardrail makes it unhealthy growth, never met); at or beyond the path → on pace; else
    behind.
    """
    if actual is None or period_end is None:
        return Verdict(Status.NO_DATA, "no_data")
    facts: dict[str, object] = {"period": period_label, "actual": actual, "unit": unit}
    if target is None:
        return Verdict(Status.NO_TARGET, "no_target", facts)
    facts |= {"level": target.level, "due": target.due, "direction": target.direction}
    if today < target.start:
        return Verdict(Status.NOT_STARTED, "not_started", facts | {"start": target.start})
    expected = target.expected(period_end)
    facts |= {"expected": expected, "gap": actual - expected}
    broken = next((guard for guard in guards if guard.broken), None)
    good = target.reaches(actual, expected)
    if good and broken is not None:
        guard = {
            "guard": broken.label,
            "guard_value": broken.value,
            "guard_level": broken.level,
            "guard_unit": broken.unit,
        }
        return Verdict(Status.UNHEALTHY, f"unhealthy_{broken.bound}", facts | guard)
    if target.reaches(actual, target.level):
        return Verdict(Status.MET, "kept" if target.kind == "keep" else "met", facts)
    if good:
        return Verdict(Status.ON_PACE, "on_pace", facts)
    if today > target.due:
        return Verdict(Status.BEHIND, "missed", facts)
    return Verdict(Status.BEHIND, "broken" if target.kind == "keep" else "behind", facts)


SENTENCES = {
    "ko": {
        "no_data": "끝난 기간의 값이 아직 없어 판단할 수 없습니다.",
        "no_target": "{period} {actual}. 목표값이 없어 판단하지 않습니다.",
        "not_started": "{period} {actual}. 목표 기간은 {start}에 시작합니다.",
        "met": "{period} {actual_topic} 목표 {level}에 도달했습니다.",
        "kept": "{period} {actual_topic} 지켜야 할 {level} {side}입니다.",
        "on_pace": "{period} {actual_topic} 지금쯤의 기대값 {expected} {side}이라 기한 안에 이를 속도입니다.",
        "behind": "{period} {actual_topic} 지금쯤의 기대값 {expected}보다 {gap} {short}.",
        "broken": "{period} {actual_topic} 지켜야 할 {level}보다 {gap} {short}.",
        "missed": "{period} {actual_topic} 목표 {level}에 이르지 못한 채 기한({due})이 지났습니다.",
        "unhealthy_max": "목표 쪽으로 가고 있지만 보호 지표 {guard_subject} "
        "{guard_value}로 한도 {guard_level_object} 넘었습니다.",
        "unhealthy_min": "목표 쪽으로 가고 있지만 보호 지표 {guard_subject} "
        "{guard_value}로 하한 {guard_level}에 못 미칩니다.",
    },
    "en": {
        "no_data": "There is no closed period with a value yet, so no verdict.",
        "no_target": "{actual} in {period}. Without a target there is no verdict.",
        "not_started": "{actual} in {period}. The target begins on {start}.",
        "met": "{actual} in {period} reaches the target of {level}.",
        "kept": "{actual} in {period} keeps to {level} or {side}.",
        "on_pace": "{actual} in {period}, at or beyond the {expected} expected by now.",
        "behind": "{actual} in {period}, {gap} {short} the {expected} expected by now.",
        "broken": "{actual} in {period}, {gap} {short} the {level} to keep.",
        "missed": "{actual} in {period}: the due date {due} has passed short of {level}.",
        "unhealthy_max": "Heading for the target, but "
        "the guardrail {guard} is {guard_value}, above its limit of {guard_level}.",
        "unhealthy_min": "Heading for the target, but "
        "the guardrail {guard} is {guard_value}, below its floor of {guard_level}.",
    },
}


def _say(verdict: Verdict, locale: str) -> str:
    params = dict(verdict.params)
    unit = str(params.get("unit", "count"))
    up = params.get("direction") == "up"
    words = {"period": params.get("period", "")}
    for name in ("actual", "level", "expected", "gap"):
        value = params.get(name)
        if isinstance(value, int | float):
            words[name] = format_value(abs(value) if name == "gap" else value, unit, locale)
    for name in ("due", "start"):
        day = params.get(name)
        words[name] = f"{day:%Y.%m.%d}" if isinstance(day, date) else ""
    if "guard" in params:
        guard_unit = str(params["guard_unit"])
        words["guard"] = params["guard"]
        for name in ("guard_value", "guard_level"):
            value = params[name]
            words[name] = format_value(value if isinstance(value, int | float) else None, guard_unit, locale)
        words["guard_subject"] = josa(str(params["guard"]), "이/가")
        words["guard_level_object"] = josa(str(words["guard_level"]), "을/를")
    words["actual_topic"] = josa(str(words.get("actual", "")), "은/는") if words.get("actual") else ""
    if locale == "ko":
        words["side"] = "이상" if up else "이하"
        words["short"] = "모자랍니다" if up else "높습니다"
    else:
        words["side"] = "above" if up else "below"
        words["short"] = "short of" if up else "above"
    return SENTENCES[locale][verdict.code].format(**words)
