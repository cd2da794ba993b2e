"""One score out of several: weighted, with what is missing said; ratios from their parts; sums that reconcile."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from nachim.core.exact import Number, exact, percent, text_of

WITHHOLD_ABOVE = Fraction(3, 10)
WORDS: dict[str, tuple[str, str]] = {
    "no_weight": ("가중치가 모두 0이라 나눌 것이 없습니다. 가중치를 적으세요.", "All weights are zero. Give weights."),
    "negative_weight": ("가중치는 0보다 작을 수 없습니다.", "A weight cannot be negative."),
    "sum": ("가중치의 합은 100이어야 합니다. 지금은 {sum}입니다.", "Weights have to sum to 100; they sum to {sum}."),
    "small": (
        "{name}: 가중치 {weight}. 5보다 작으면 있으나 없으나 같습니다.",
        "{name}: {weight}. Below 5 hardly counts.",
    ),
    "large": ("{name}: 가중치 {weight}. 하나가 60을 넘습니다.", "{name}: {weight}. One KPI has more than 60."),
    "equal": (
        "모든 가중치가 같습니다. 무엇이 더 중요한지 정했나요?",
        "All weights are equal: is nothing more important?",
    ),
    "few": ("KPI가 {count}개입니다. 목표 하나에 2~5개가 알맞습니다.", "{count} KPIs. A goal does well with 2 to 5."),
    "redistributed": (
        "{names}에 점수가 없어 가중치 {missing}%를 나머지에 재배분했습니다.",
        "No score for {names}: {missing}% of the weight was redistributed.",
    ),
    "withheld": (
        "판단 보류: 가중치 {missing}%에 점수가 없습니다({names}). {limit}%를 넘으면 합산하지 않습니다.",
        "Withheld: {missing}% of the weight has no score ({names}); above {limit}% nothing is summed up.",
    ),
    "complete": ("모든 KPI에 점수가 있습니다.", "Every KPI has a score."),
    "average_of_ratios": (
        "비율의 평균은 전체의 비율이 아닙니다. 분자와 분모를 따로 더해(ratio) 나누거나 가중치를 주세요(weighted).",
        "An average of ratios is not the ratio of the whole. Add the parts first (ratio), or give weights (weighted).",
    ),
    "parts_needed": ("비율에는 분자와 분모가 필요합니다.", "A ratio needs its numerators and denominators."),
    "empty": ("더할 값이 없습니다.", "There is nothing to combine."),
}


@dataclass(frozen=True)
class Said:
    """A sentence about weights or a roll-up; `code` for programs, `text` for people."""

    code: str
    params: tuple[tuple[str, str], ...] = ()

    def text(self, locale: str = "ko") -> str:
        return WORDS[self.code][locale == "en"].format(**dict(self.params))


class RollupError(ValueError):
    """What cannot be summed up; `code` says why, `alternative` what to do instead."""

    def __init__(self, code: str, alternative: str = ""):
        super().__init__(WORDS[code][1])
        self.code = code
        self.alternative = alternative

    def text(self, locale: str = "ko") -> str:
        return WORDS[self.code][locale == "en"]


@dataclass(frozen=True)
class Child:
    """A KPI in a goal: its weight, and its score as it counts (capped), None where there is none."""

    name: str
    weight: Number
    score: Fraction | None


@dataclass(frozen=True)
class Share:
    """What a child counted for: its own weight and the one after redistribution, both as shares of one."""

    name: str
    weight: Fraction
    used: Fraction
    score: Fraction | None


@dataclass(frozen=True)
class Rollup:
    """`score` is None where it is withheld. `missing`: the share of the weight without a score."""

    score: Fraction | None
    shares: tuple[Share, ...]
    missing: Fraction
    said: Said

    @property
    def withheld(self) -> bool:
        return self.score is None


def roll_up(children: Sequence[Child], *, withhold_above: Number = WITHHOLD_ABOVE) -> Rollup:
    """Σ weight × score ÷ Σ weight over those with a score; withheld where more than `withhold_above` has none.

    The weight of the missing is redistributed in proportion, and `said` says so. Raises RollupError for negative
    weights, or where all are zero.
    """
    weights = [exact(child.weight) for child in children]
    if any(weight < 0 for weight in weights):
        raise RollupError("negative_weight")
    whole = sum(weights, Fraction(0))
    if whole == 0:
        raise RollupError("no_weight")
    limit = exact(withhold_above)
    scored = sum((w for w, child in zip(weights, children, strict=True) if child.score is not None), Fraction(0))
    missing = 1 - scored / whole
    names = ", ".join(child.name for child, w in zip(children, weights, strict=True) if child.score is None and w)
    told = (("names", names), ("missing", f"{percent(missing):f}"), ("limit", text_of(limit * 100, 1)))
    withheld = scored == 0 or missing > limit
    shares = tuple(
        Share(child.name, w / whole, Fraction(0) if withheld or child.score is None else w / scored, child.score)
        for child, w in zip(children, weights, strict=True)
    )
    if withheld:
        return Rollup(None, shares, missing, Said("withheld", told))
    score = sum((share.used * share.score for share in shares if share.score is not None), Fraction(0))
    return Rollup(score, shares, missing, Said("redistributed", told) if missing else Said("complete"))


def check_weights(weights: Sequence[tuple[str, Number]]) -> tuple[list[Said], list[Said]]:
    """(what is wrong, what is worth a second thought) about the weights of one goal, in percent.

    Wrong: a sum off 100 by more than 0.01, a negative weight. Worth a thought: one below 5 or above 60, all equal,
    fewer than 2 or more than 5 KPIs.
    """
    known = [(name, exact(weight)) for name, weight in weights]
    whole = sum((weight for _name, weight in known), Fraction(0))
    wrong = [Said("negative_weight")] if any(weight < 0 for _name, weight in known) else []
    if abs(whole - 100) > Fraction(1, 100):
        wrong.append(Said("sum", (("sum", text_of(whole, 2)),)))
    doubts = []
    for name, weight in known:
        told = (("name", name), ("weight", text_of(weight, 2)))
        if 0 <= weight < 5:
            doubts.append(Said("small", told))
        if weight > 60:
            doubts.append(Said("large", told))
    if len(known) > 1 and len({weight for _name, weight in known}) == 1:
        doubts.append(Said("equal"))
    if not 2 <= len(known) <= 5:
        doubts.append(Said("few", (("count", str(len(known))),)))
    return wrong, doubts


Rule = Literal["sum", "ratio", "weighted", "average", "weakest", "best"]


@dataclass(frozen=True)
class Measured:
    """A child's value, with the parts of a ratio or a weight where the rule needs them."""

    value: Number | None = None
    numerator: Number | None = None
    denominator: Number | None = None
    weight: Number = 1


def combine(rule: Rule, children: Sequence[Measured], *, ratio: bool = False) -> Fraction | None:
    """The parent's value by its declared rule; None where it is undefined (nothing to divide by).

    `ratio`: the children are ratios or percentages: their plain average is refused. `weakest` and `best` are the
    least and the greatest value. A child without a value makes a sum unknown, and drops out of the others. Raises
    RollupError.
    """
    if not children:
        raise RollupError("empty")
    if rule == "average" and ratio:
        raise RollupError("average_of_ratios", "ratio")
    if rule == "ratio":
        pairs = [(child.numerator, child.denominator) for child in children]
        if any(top is None or bottom is None for top, bottom in pairs):
            raise RollupError("parts_needed")
        below = sum((exact(bottom) for _top, bottom in pairs if bottom is not None), Fraction(0))
        return sum((exact(top) for top, _bottom in pairs if top is not None), Fraction(0)) / below if below else None
    known = [(exact(child.value), exact(child.weight)) for child in children if child.value is not None]
    if not known or (rule == "sum" and len(known) < len(children)):
        return None
    match rule:
        case "sum":
            return sum((value for value, _weight in known), Fraction(0))
        case "weakest":
            return min(value for value, _weight in known)
        case "best":
            return max(value for value, _weight in known)
        case "average":
            return sum((value for value, _weight in known), Fraction(0)) / len(known)
        case _:
            whole = sum((weight for _value, weight in known), Fraction(0))
            if whole == 0:
                raise RollupError("no_weight")
            return sum((value * weight for value, weight in known), Fraction(0)) / whole


def reconcile(parent: Number, children: Sequence[Number]) -> Fraction:
    """How much the targets of the children are above (+) or short of (−) the parent's; 0 where they agree."""
    return sum((exact(child) for child in children), Fraction(0)) - exact(parent)
