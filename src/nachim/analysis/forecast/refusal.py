"""Why a series cannot be forecast at all, and why a forecast cannot be relied on: a code and a sentence."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

SENTENCES = {
    # --- no forecast at all
    "empty": ("값이 하나도 없습니다.", "There is not one value."),
    "infinite": (
        "무한한 값이 있습니다. 유한한 숫자만 받습니다.",
        "A value is infinite; only finite numbers can be used.",
    ),
    "twice": (
        "{time}이(가) 있는 기간에 값이 둘 이상입니다. 기간마다 하나로 더하거나 --freq를 더 잘게 주세요.",
        "There are two or more values in the period of {time}. Add them up first, or give a finer --freq.",
    ),
    "mixed": ("날짜와 순번이 섞여 있습니다. 하나만 쓰세요.", "Dates and step numbers are mixed; use one of them."),
    "span": (
        "처음과 끝이 {steps:,}기간이나 떨어져 있습니다. 잘못 적은 날짜가 있는지, --freq가 맞는지 보세요.",
        "The first and the last value lie {steps:,} periods apart. Look for a mistyped date, or check --freq.",
    ),
    "frequency": ("{code}: D, W, M, Q, H, Y 가운데 하나여야 합니다.", "{code}: it has to be one of D, W, M, Q, H, Y."),
    # --- a forecast that cannot be relied on
    "too_short": (
        "값이 {found}개뿐이라 믿을 만한 예측을 할 수 없습니다. 적어도 {needed}개가 필요합니다.",
        "With only {found} values no forecast can be relied on; at least {needed} are needed.",
    ),
    "too_far": (
        "기록 {found}기간으로 {steps}기간 앞은 멀어서 알 수 없습니다.",
        "From {found} periods of history {steps} ahead is too far to know.",
    ),
    "gaps": (
        "최근 기록의 {share}%가 비어 있어 예측을 믿을 수 없습니다.",
        "{share} % of the recent history is missing, so the forecast cannot be relied on.",
    ),
    "zeros": (
        "최근 값의 {share}%가 0이라 예측을 믿을 수 없습니다.",
        "{share} % of the recent values are zero, so the forecast cannot be relied on.",
    ),
    "constant": (
        "값이 한 번도 바뀌지 않아 얼마나 움직일지 알 수 없습니다.",
        "The value has never changed, so nobody can know how much it may move.",
    ),
    "untested": (
        "지난 예측을 {found}번만 되돌려 볼 수 있어 폭을 확인하지 못했습니다(적어도 {needed}번).",
        "Only {found} earlier forecasts could be made again to check the width; at least {needed} are needed.",
    ),
    "broken": (
        "최근 값이 이 기록으로 설명되지 않을 만큼 달라졌습니다. 새 수준이 자리 잡을 때까지 예측을 믿을 수 없습니다.",
        "The latest values differ from all the history explains; wait until the new level has settled.",
    ),
    "missed": (
        "지난 예측의 95% 구간이 실제 값의 {share}%만 담아 예측을 믿을 수 없습니다.",
        "The 95 % intervals of earlier forecasts held only {share} % of what came, so they cannot be relied on.",
    ),
}


@dataclass(frozen=True)
class Refusal:
    """A reason: `code` is a key of SENTENCES, `facts` its numbers."""

    code: str
    facts: Mapping[str, object] = field(default_factory=dict, hash=False)

    def sentence(self, locale: str = "ko") -> str:
        """The reason in the reader's language ("ko" or "en")."""
        return SENTENCES[self.code][1 if locale == "en" else 0].format(**self.facts)


class SeriesError(ValueError):
    """A series that cannot be put on a grid; `text` says why in the reader's language."""

    def __init__(self, code: str, facts: Mapping[str, object] | None = None):
        self.refusal = Refusal(code, facts or {})
        super().__init__(self.refusal.sentence("en"))
        self.code = code

    def text(self, locale: str = "ko") -> str:
        return self.refusal.sentence(locale)
