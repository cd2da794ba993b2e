"""Which step of a funnel moved: step rates with intervals, and contributions that add up to the change of the whole."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from scipy.special import ndtr, ndtri

from nachim.analysis.decompose import Undecided, decompose, leaf, product
from nachim.analysis.decompose_result import settle
from nachim.analysis.multiple import holm
from nachim.core.number import format_difference, format_value

REASONS = {
    "too_few_steps": ("퍼널에는 단계가 둘 이상 있어야 합니다.", "A funnel needs at least two steps."),
    "not_nested": (
        "{step} 단계의 수가 앞 단계보다 많아 퍼널로 볼 수 없습니다. 앞 단계를 거친 사람만 세었는지 확인하세요.",
        "Step {step} counts more than the step before it, so this is no funnel. Count only those who passed the step "
        "before.",
    ),
    "empty": ("첫 단계에 아무도 없는 기간이 있어 비교하지 않습니다.", "Nobody entered in one of the two periods."),
    "not_counts": ("단계의 수는 0 이상의 정수여야 합니다.", "Steps are counted in whole numbers, zero or more."),
    "undefined": ("두 기간 사이에 비율이 정해지지 않아 나누지 않습니다.", "A rate is undefined between the periods."),
}


@dataclass(frozen=True)
class Refused:
    """No answer, and why: `code` is a key of REASONS."""

    code: str
    facts: dict[str, object] = field(default_factory=dict, hash=False)

    def sentence(self, locale: str = "ko") -> str:
        return REASONS[self.code][1 if locale == "en" else 0].format(**self.facts)


@dataclass(frozen=True)
class Step:
    """One passage, from a step to the next: rates with Wilson intervals, their difference with Newcombe's.

    `p`: two-sided, by Holm over the funnel's passages. `of_count` and `of_rate`: this passage's part in the change of
    the final count and of the overall rate. Rates of a passage that nobody reached are nan.
    """

    start: str
    end: str
    before: float
    after: float
    before_interval: tuple[float, float]
    after_interval: tuple[float, float]
    change_interval: tuple[float, float]
    p: float
    of_count: float
    of_rate: float

    @property
    def change(self) -> float:
        return self.after - self.before


@dataclass(frozen=True)
class Funnel:
    """`entered` + Σ `of_count` = change of the final count; Σ `of_rate` = change of the overall rate.

    `moved`: passages whose rate changed beyond chance, by their part in the overall rate, largest first.
    """

    count_before: int
    count_after: int
    rate_before: float
    rate_after: float
    entered: float
    steps: tuple[Step, ...]
    moved: tuple[Step, ...]

    def sentence(self, locale: str = "ko") -> str:
        """ "전체 전환율이 0.8%p 내렸습니다. 가장 크게 움직인 단계는 장바구니 → 결제입니다(40.0% → 30.0%, …)." """
        english = locale == "en"
        change = self.rate_after - self.rate_before
        size = format_difference(abs(change), "percent", locale).lstrip("+")
        if english:
            head = f"Overall conversion {'rose' if change >= 0 else 'fell'} by {size}."
        else:
            head = f"전체 전환율이 {size} {'올랐습니다' if change >= 0 else '내렸습니다'}."
        if not self.moved:
            return f"{head} {'No step moved beyond chance.' if english else '우연을 넘어 움직인 단계는 없습니다.'}"
        one = self.moved[0]
        before, after = (format_value(x, "percent", locale) for x in (one.before, one.after))
        low, high = (format_difference(x, "percent", locale) for x in one.change_interval)
        if english:
            return f"{head} The step that moved most: {one.start} → {one.end}, {before} → {after} ({low} to {high})."
        return f"{head} 가장 크게 움직인 단계: {one.start} → {one.end}, {before} → {after}({low}~{high})."


def funnel(
    steps: Sequence[str], before: Sequence[int], after: Sequence[int], *, level: float = 0.95
) -> Funnel | Refused:
    """`before` and `after`: how many reached each of `steps`, everyone counted at a step having passed those before.

    The final count is entries × rates and the overall rate the product of rates, so both split by LMDI without rest.
    """
    if len(steps) < 2 or len(before) != len(steps) or len(after) != len(steps):
        return Refused("too_few_steps")
    if not all(math.isfinite(x) and x >= 0 and x == int(x) for x in (*before, *after)):
        return Refused("not_counts")
    counts = [tuple(int(x) for x in side) for side in (before, after)]
    for side in counts:
        for at in range(1, len(side)):
            if side[at] > side[at - 1]:
                return Refused("not_nested", {"step": steps[at]})
    start, end = counts
    if not start[0] or not end[0]:
        return Refused("empty")
    rates = [[b / a if a else 1.0 for a, b in itertools.pairwise(side)] for side in counts]
    names = [f"{at}" for at in range(len(rates[0]))]
    values = [dict(zip(names, side, strict=True)) for side in rates]
    of_rate = decompose(product(*map(leaf, names)), *values)
    of_count = decompose(
        product(leaf("entered"), *map(leaf, names)),
        {"entered": float(start[0])} | values[0], {"entered": float(end[0])} | values[1],
    )  # fmt: skip
    if isinstance(of_rate, Undecided) or isinstance(of_count, Undecided):
        return Refused("undefined")
    overall = start[-1] / start[0], end[-1] / end[0]
    by_count = settle(np.array([one.amount for one in of_count.contributions]), float(end[-1] - start[-1])).tolist()
    by_rate = settle(np.array([one.amount for one in of_rate.contributions]), overall[1] - overall[0]).tolist()
    chances = holm([_chance(start[at], start[at + 1], end[at], end[at + 1]) for at in range(len(names))])
    found = []
    for at in range(len(names)):
        (tried, passed), (tried_after, passed_after) = start[at : at + 2], end[at : at + 2]
        found.append(Step(
            steps[at], steps[at + 1],
            passed / tried if tried else math.nan, passed_after / tried_after if tried_after else math.nan,
            wilson(passed, tried, level), wilson(passed_after, tried_after, level),
            newcombe(passed, tried, passed_after, tried_after, level),
            float(chances[at]), by_count[at + 1], by_rate[at],
        ))  # fmt: skip
    moved = sorted((one for one in found if one.p < 1 - level), key=lambda one: -abs(one.of_rate))
    return Funnel(start[-1], end[-1], *overall, by_count[0], tuple(found), tuple(moved))


def _chance(tried: int, passed: int, tried_after: int, passed_after: int) -> float:
    """Two-sided: Fisher's exact test where a cell is small, else the score test of two shares."""
    cells = (passed, tried - passed, passed_after, tried_after - passed_after)
    if not tried or not tried_after:
        return 1.0
    if min(cells) < 5:
        # Half a second to import, and 30 MB: only where it is asked.
        from scipy.stats import fisher_exact

        return float(fisher_exact([[cells[0], cells[1]], [cells[2], cells[3]]]).pvalue)
    share = (passed + passed_after) / (tried + tried_after)
    se = math.sqrt(share * (1 - share) * (1 / tried + 1 / tried_after))
    return float(2 * ndtr(-abs(passed_after / tried_after - passed / tried) / se))


def wilson(passed: int, tried: int, level: float = 0.95) -> tuple[float, float]:
    """Wilson's score interval of a share (Wilson 1927); (0, 1) where nobody tried."""
    if not tried:
        return 0.0, 1.0
    z = float(ndtri((1 + level) / 2))
    share, wide = passed / tried, z * z / tried
    half = z * math.sqrt(share * (1 - share) / tried + wide / tried / 4)
    low, high = ((share + wide / 2 + sign * half) / (1 + wide) for sign in (-1, 1))
    return (0.0 if passed == 0 else max(low, 0.0)), (1.0 if passed == tried else min(high, 1.0))


def newcombe(passed: int, tried: int, passed_after: int, tried_after: int, level: float = 0.95) -> tuple[float, float]:
    """Interval of share after − share before, from both Wilson intervals (Newcombe 1998, method 10)."""
    if not tried or not tried_after:
        return -1.0, 1.0
    one, other = passed / tried, passed_after / tried_after
    low, high = wilson(passed, tried, level)
    low_after, high_after = wilson(passed_after, tried_after, level)
    change = other - one
    return (
        change - math.hypot(other - low_after, high - one),
        change + math.hypot(high_after - other, one - low),
    )


__all__ = ["Funnel", "Refused", "Step", "funnel", "newcombe", "wilson"]
