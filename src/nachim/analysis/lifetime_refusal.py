"""Why customer lifetime value cannot be estimated from the data at hand, as a code and as a sentence."""

from __future__ import annotations

from dataclasses import dataclass, field

SENTENCES = {
    "too_few_customers": (
        "고객이 {found:,}명뿐이라 생애 가치를 추정하지 않습니다. 적어도 {needed:,}명이 필요합니다.",
        "With only {found:,} customers there is no lifetime estimate; at least {needed:,} are needed.",
    ),
    "too_few_repeats": (
        "다시 산 고객이 {found:,}명뿐이라 생애 가치를 추정하지 않습니다. 적어도 {needed:,}명이 필요합니다.",
        "Only {found:,} customers bought again, so there is no lifetime estimate; at least {needed:,} are needed.",
    ),
    "negative_value": (
        "금액이 0보다 작은 구매가 {found:,}명에게 있습니다. 취소와 반품을 먼저 빼세요.",
        "{found:,} customers have purchases below zero. Leave out cancellations and returns first.",
    ),
    "not_identified": (
        "이 자료로는 {model} 모형의 값을 정할 수 없습니다(같은 설명력의 값이 여럿입니다). 더 긴 이력이 필요합니다.",
        "The data cannot settle the {model} model (many parameter values fit alike). A longer history is needed.",
    ),
    "no_convergence": (
        "{model} 모형의 계산이 수렴하지 않아 추정하지 않습니다.",
        "The {model} model did not converge, so there is no estimate.",
    ),
    "frequency_and_value": (
        "자주 사는 고객일수록 한 번에 쓰는 금액이 다릅니다(상관 {found:.2f}, 허용 ±{needed:.2f}). "
        "둘이 따로라는 가정이 깨져 금액 모형을 쓰지 않습니다.",
        "Frequent buyers spend differently per purchase (correlation {found:.2f}, allowed ±{needed:.2f}). "
        "The model of spend assumes the two are unrelated, so it is not used.",
    ),
    "infinite_mean": (
        "고객 사이의 금액 차이가 너무 커서 평균 구매 금액이 정해지지 않습니다.",
        "Spend differs so widely between customers that its mean does not exist in the model.",
    ),
}


@dataclass(frozen=True)
class Refusal:
    """No estimate, and why: `code` is a key of SENTENCES, `facts` its numbers."""

    code: str
    facts: dict[str, object] = field(default_factory=dict, hash=False)

    def sentence(self, locale: str = "ko") -> str:
        """The reason in the reader's language ("ko" or "en")."""
        return SENTENCES[self.code][1 if locale == "en" else 0].format(**self.facts)
