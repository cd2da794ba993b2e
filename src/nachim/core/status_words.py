"""The sentence behind a status, in Korean and English."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date

from nachim.core.korean import josa
from nachim.core.number import format_difference, format_odds, format_value

SENTENCES = {
    "ko": {
        "no_entry": "{period_topic} 아직 아무도 값을 적지 않았습니다.",
        "late": "{period_object} 판단할 데이터가 와야 할 때를 지나도 오지 않았습니다.",
        "fault": "데이터에 오류가 있어 {period_object} 판단하지 않습니다.",
        "no_data": "끝난 기간의 값이 아직 없어 판단할 수 없습니다.",
        "no_target": "{period} {actual}. 목표값이 없어 판단하지 않습니다.",
        "not_started": "{period} {actual}. 목표 기간은 {start}에 시작합니다.",
        "met": "{period} {actual_topic} 목표 {level}에 도달했습니다.",
        "kept": "{period} {actual_topic} 지켜야 할 {level} {side}입니다.",
        "inside": "{period} {actual_topic} 정한 범위 {low}~{high} 안에 있습니다.",
        "outside": "{period} {actual_topic} 정한 범위 {low}~{high}를 벗어났습니다.",
        "near": "최소 수준은 지켰지만 {period} {actual_topic} 지켜야 할 {level}보다 {gap_level} {short}.",
        "spent": "{period}까지 {actual_topic} 기한({due}) 전에 이미 한도 {level_object} 넘었습니다.",
        "open": "{period} {actual}. 기한({due}) 전이고 속도를 잴 수 없어 판단을 미룹니다.",
        "odds_good": "{period} {actual_topic} 목표 {level}에 이를 확률이 {odds}입니다.",
        "odds_even": "{period} {actual_topic} 목표 {level}에 이를 확률이 {odds}로, 어느 쪽이라 말하기 어렵습니다.",
        "odds_poor": "{period} {actual_topic} 목표 {level}에 이를 확률이 {odds}에 그칩니다.",
        "on_pace": "{period} {actual_topic} 지금쯤의 기대값 {expected} {side}이라 기한 안에 이를 속도입니다.",
        "near_pace": "{period} {actual_topic} 지금쯤의 기대값 {expected}에 거의 닿은 속도({pace})입니다.",
        "slipping": "{period} {actual_topic} 지금쯤의 기대값 {expected}의 {pace} 속도로, {gap} {short}.",
        "early": "시작한 지 얼마 안 된 지금 {period} {actual_topic} 기대값 {expected}보다 {gap} {short}.",
        "behind": "{period} {actual_topic} 지금쯤의 기대값 {expected}보다 {gap} {short}.",
        "broken": "{period} {actual_topic} 지켜야 할 {level}보다 {gap} {short}.",
        "feast": "{period} {actual_topic} {feast} 때문입니다. 지난해 그때도 평소의 {feast_share}였고, "
        "연휴가 아니었다면 제 수준입니다.",
        "missed": "{period} {actual_topic} 목표 {level}에 이르지 못한 채 기한({due})이 지났습니다.",
        "unhealthy_max": "목표 쪽으로 가고 있지만 보호 지표 {guard_subject} "
        "{guard_value_by} 한도 {guard_level_object} 넘었습니다.",
        "unhealthy_min": "목표 쪽으로 가고 있지만 보호 지표 {guard_subject} "
        "{guard_value_by} 하한 {guard_level}에 못 미칩니다.",
    },
    "en": {
        "no_entry": "Nobody has entered a value for {period} yet.",
        "late": "The data for {period} is overdue, so no verdict.",
        "fault": "The data has an error, so {period} is not judged.",
        "no_data": "There is no closed period with a value yet, so no verdict.",
        "no_target": "{actual} {when}. Without a target there is no verdict.",
        "not_started": "{actual} {when}. The target begins on {start}.",
        "met": "{actual} {when} reaches the target of {level}.",
        "kept": "{actual} {when} keeps to {level} or {side}.",
        "inside": "{actual} {when} is within {low} to {high}.",
        "outside": "{actual} {when} is outside {low} to {high}.",
        "near": "{actual} {when}, {gap_level} {short} the {level} to keep, yet within the least that was agreed.",
        "spent": "{actual} up to {period} has passed the limit of {level} before {due}.",
        "open": "{actual} {when}. It is not due before {due} and has no pace, so no verdict yet.",
        "odds_good": "{actual} {when}: the odds of reaching {level} are {odds}.",
        "odds_even": "{actual} {when}: the odds of reaching {level} are {odds}, so it could go either way.",
        "odds_poor": "{actual} {when}: the odds of reaching {level} are only {odds}.",
        "on_pace": "{actual} {when}, at or beyond the {expected} expected by now.",
        "near_pace": "{actual} {when}, {pace} of the pace to the {expected} expected by now.",
        "slipping": "{actual} {when}, {gap} {short} the {expected} expected by now ({pace} of the pace).",
        "early": "{actual} {when}, {gap} {short} the {expected} expected by now; too early to call it behind.",
        "behind": "{actual} {when}, {gap} {short} the {expected} expected by now.",
        "broken": "{actual} {when}, {gap} {short} the {level} to keep.",
        "feast": "{actual} {when} is the doing of {feast}: the year before it was {feast_share} of an ordinary "
        "period, and without the feast this one is where it should be.",
        "missed": "{actual} {when}: the due date {due} has passed short of {level}.",
        "unhealthy_max": "Heading for the target, but "
        "the guardrail {guard} is {guard_value}, above its limit of {guard_level}.",
        "unhealthy_min": "Heading for the target, but "
        "the guardrail {guard} is {guard_value}, below its floor of {guard_level}.",
    },
}
# Why the odds are not there, so that the pace decided.
WHY = {
    "ko": {
        "too_short": "기록이 짧아 확률 대신 속도로 판단",
        "unreliable": "예측을 믿기 어려워 확률 대신 속도로 판단",
        "uncalibrated": "확률이 검증되지 않아 속도로 판단",
        "not_computed": "확률을 아직 계산하지 않아 속도로 판단",
    },
    "en": {
        "too_short": "judged by pace: the history is too short for odds",
        "unreliable": "judged by pace: the forecast cannot be relied on",
        "uncalibrated": "judged by pace: the odds are not calibrated",
        "not_computed": "judged by pace: odds are not computed yet",
    },
}
SHARES = ("odds", "pace", "feast_share")
FEASTS = {"설날": "Seollal", "추석": "Chuseok"}


def say(code: str, params: Mapping[str, object], locale: str) -> str:
    """The sentence of a verdict with its numbers, units and particles."""
    unit = str(params.get("unit", "count"))
    up = params.get("direction") != "down"
    words = {"period": str(params.get("period", ""))}
    words["when"] = _when(words["period"])
    for name in ("actual", "level", "expected", "gap", "gap_level", "low", "high"):
        value = params.get(name)
        if isinstance(value, int | float):
            words[name] = format_value(value, unit, locale)
            if name.startswith("gap"):
                words[name] = format_difference(abs(value), unit, locale, compact=False).lstrip("+")
    for name in SHARES:
        value = params.get(name)
        if isinstance(value, int | float):
            words[name] = (
                format_odds(value, locale) if name == "odds" else format_value(value, "percent", locale, decimals=0)
            )
    for name in ("due", "start"):
        day = params.get(name)
        words[name] = f"{day:%Y.%m.%d}" if isinstance(day, date) else ""
    if "guard" in params:
        guard_unit = str(params["guard_unit"])
        words["guard"] = str(params["guard"])
        for name in ("guard_value", "guard_level"):
            value = params[name]
            words[name] = format_value(value if isinstance(value, int | float) else None, guard_unit, locale)
        words["guard_subject"] = josa(words["guard"], "이/가")
        words["guard_level_object"] = josa(words["guard_level"], "을/를")
        words["guard_value_by"] = josa(words["guard_value"], "으로/로")
    feast = str(params.get("feast", ""))
    words["feast"] = FEASTS.get(feast, feast) if locale == "en" else feast
    words["actual_topic"] = josa(words["actual"], "은/는") if words.get("actual") else ""
    words["period_topic"] = josa(words["period"], "은/는") if words["period"] else ""
    words["period_object"] = josa(words["period"], "을/를") if words["period"] else ""
    words["level_object"] = josa(words["level"], "을/를") if words.get("level") else ""
    if locale == "ko":
        words["side"] = "이상" if up else "이하"
        words["short"] = "모자랍니다" if up else "높습니다"
    else:
        words["side"] = "above" if up else "below"
        words["short"] = "short of" if up else "above"
    said = " ".join(SENTENCES[locale][code].format(**words).split())
    why = WHY[locale].get(str(params.get("why", "")))
    return f"{said[:-1]} ({why})." if why else said


def _when(label: str) -> str:
    """'in Oct 2026', 'on Thu 2026-11-26', 'at 2026-11-26 14:00'."""
    if not re.search(r"\d{4}-\d\d-\d\d", label):
        return f"in {label}"
    return f"at {label}" if label.endswith(":00") else f"on {label}"
