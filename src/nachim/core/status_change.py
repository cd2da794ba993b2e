"""When a status may change its colour, and when a person may: hysteresis and the owner's override."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from nachim.core.status import Reading, Status, Verdict

MARGIN = 0.05
NEEDED = 2
ORDER = (Status.BEHIND, Status.AT_RISK, Status.ON_PACE)
OVERRIDABLE = (Status.ON_PACE, Status.AT_RISK, Status.BEHIND)


@dataclass(frozen=True)
class Standing:
    """The status that is shown, and one that knocks: how often in a row it was found."""

    status: Status
    knocking: Status | None = None
    times: int = 0


def settle(before: Standing | None, now: Verdict, *, margin: float = MARGIN, needed: int = NEEDED) -> Standing:
    """What to show after `now`. A colour changes once its border is crossed by `margin`, or at the `needed`th time.

    Outcomes and grey states (`now.final`) are shown at once, and so is whatever follows a status that is not one of
    on pace, at risk, behind: there is nothing to flicker between.
    """
    if before is None or now.status == before.status or now.final or now.reading is None:
        return Standing(now.status)
    if before.status not in ORDER or now.status not in ORDER or _beyond(before.status, now.reading) >= margin:
        return Standing(now.status)
    times = before.times + 1 if before.knocking == now.status else 1
    return Standing(now.status) if times >= needed else Standing(before.status, now.status, times)


def _beyond(shown: Status, reading: Reading) -> float:
    """How far the number lies outside the zone of the status that is shown."""
    value = round(reading.value, 9)
    if shown == Status.ON_PACE:
        return round(reading.good - value, 9)
    if shown == Status.BEHIND:
        return round(value - reading.poor, 9)
    return round(value - reading.good if value >= reading.good else reading.poor - value, 9)


# The words of the statuses that flicker.
WORDS = {
    Status.ON_PACE: ("순조", "on pace"),
    Status.AT_RISK: ("주의", "at risk"),
    Status.BEHIND: ("뒤처짐", "behind"),
}


class OverrideError(ValueError):
    """An override that cannot stand; `code`: no_reason, no_expiry, not_a_judgement, guardrail, fact."""

    def __init__(self, code: str):
        super().__init__(SENTENCES[code][1])
        self.code = code

    def text(self, locale: str = "ko") -> str:
        return SENTENCES[self.code][locale == "en"]


SENTENCES = {
    "no_reason": ("왜 다르게 보는지 이유를 적으세요.", "Say why you see it differently."),
    "no_expiry": ("언제까지 그렇게 볼지, 오늘 뒤의 날짜를 적으세요.", "Say until when: a day after today."),
    "not_a_judgement": (
        "사람이 고칠 수 있는 것은 순조, 주의, 뒤처짐뿐입니다.",
        "People can change between on pace, at risk and behind only.",
    ),
    "guardrail": (
        "보호 지표가 깨진 동안에는 좋게 바꿀 수 없습니다. 보호 지표부터 되돌리세요.",
        "While a guardrail is broken it cannot be called good. Mend the guardrail first.",
    ),
    "fact": (
        "끝난 결과나 데이터 상태는 의견으로 바뀌지 않습니다. 데이터를 고치세요.",
        "An outcome, or the state of the data, is no opinion. Correct the data.",
    ),
}


@dataclass(frozen=True)
class Override:
    """Its owner's judgement, good through `until`."""

    status: Status
    reason: str
    author: str
    until: date


@dataclass(frozen=True)
class Shown:
    """The status people see; with an override the computed verdict stays beside it.

    `knocking`: what it would change to, if the next update finds the same: it has only just crossed the border.
    """

    status: Status
    verdict: Verdict
    override: Override | None = None
    knocking: Status | None = None

    def sentence(self, locale: str = "ko") -> str:
        if self.override is None:
            said = self.verdict.sentence(locale)
            if self.knocking is None:
                return said
            word = WORDS[self.knocking][locale == "en"]
            if locale == "en":
                return f"{said} It has only just crossed the border: if the next update agrees, it becomes {word}."
            return f"{said} 이제 막 경계를 넘었으니, 다음에도 그러면 ‘{word}’ 상태로 바뀝니다."
        one = self.override
        told = f"{one.author}: “{one.reason}”"
        rest = self.verdict.sentence(locale)
        if locale == "en":
            return f"{told} (until {one.until:%Y.%m.%d}). Computed: {rest}"
        return f"{told} ({one.until:%Y.%m.%d}까지). 계산으로는: {rest}"


def overridden(verdict: Verdict, override: Override | None, today: date, standing: Standing | None = None) -> Shown:
    """The verdict, or the `standing` it has settled to, under an override; alone again once that has expired, or the
    outcome is settled.

    Raises OverrideError for one that could never stand (see `check_override`).
    """
    if override is None or today > override.until or verdict.final:
        return seen(verdict, standing)
    check_override(verdict, override, today)
    return Shown(override.status, verdict, override)


def seen(verdict: Verdict, standing: Standing | None = None) -> Shown:
    """The verdict as it has settled."""
    if standing is None:
        return Shown(verdict.status, verdict)
    return Shown(standing.status, verdict, knocking=standing.knocking)


def check_override(verdict: Verdict, override: Override, today: date) -> None:
    """What has to hold when an owner writes one."""
    if override.status not in OVERRIDABLE:
        raise OverrideError("not_a_judgement")
    if not override.reason.strip():
        raise OverrideError("no_reason")
    if override.until < today:
        raise OverrideError("no_expiry")
    if verdict.status == Status.UNHEALTHY:
        raise OverrideError("guardrail")
    if verdict.final:
        raise OverrideError("fact")
