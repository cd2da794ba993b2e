"""What a decomposition says: amounts that add up to the change, and the sentences people read."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from nachim.core.korean import josa
from nachim.core.number import format_difference, format_value

Floats = npt.NDArray[np.float64]
REASONS = {
    "missing": ("값이 없는 동인이 있어 나누지 않습니다: {names}.", "Some drivers have no value: {names}."),
    "undefined": (
        "앞뒤 기간 가운데 분모가 0인 때가 있어 나누지 않습니다.",
        "A denominator is zero in one of the two periods, so there is nothing to split.",
    ),
    "undefined_between": (
        "분모가 0에서 생기거나 0이 되어 동인별로 나눌 수 없습니다.",
        "A denominator comes from or goes to zero, so the change cannot be split by driver.",
    ),
}


@dataclass(frozen=True)
class Undecided:
    """No decomposition, and why."""

    code: str
    facts: dict[str, object] = field(default_factory=dict, hash=False)

    def sentence(self, locale: str = "ko") -> str:
        return REASONS[self.code][1 if locale == "en" else 0].format(**self.facts)


@dataclass(frozen=True)
class Contribution:
    """How much of the change one driver brought, with the driver's own two values."""

    name: str
    amount: float
    before: float
    after: float


@dataclass(frozen=True)
class Decomposition:
    """`contributions` add up to `change` (= after − before) to the last digit that a float holds.

    `method`: lmdi, shapley, or shapley_sampled (a mean over some of the orders; still adds up).
    """

    before: float
    after: float
    contributions: tuple[Contribution, ...]
    method: str

    @property
    def change(self) -> float:
        return self.after - self.before

    def largest(self) -> tuple[Contribution, ...]:
        """Contributions by size, largest first; those of nothing left out."""
        return tuple(sorted((one for one in self.contributions if one.amount), key=lambda one: -abs(one.amount)))

    def in_steps(self, step: float = 1.0) -> dict[str, float]:
        """Contributions in whole `step`s (won) that still add up to the change in whole steps: shown as a waterfall."""
        return dict(zip((one.name for one in self.contributions),
                        whole([one.amount for one in self.contributions], self.change, step), strict=True))  # fmt: skip

    def sentence(
        self, locale: str = "ko", *, name: str, unit: str = "count", labels: Mapping[str, str] | None = None
    ) -> str:
        """The change and its three largest drivers: "매출이 ₩1,200만 줄었습니다: 방문 -₩900만, 전환율 -₩300만"."""
        english, labels = locale == "en", labels or {}
        size = format_difference(abs(self.change), unit, locale).lstrip("+")
        if self.change == 0:
            return f"{name} did not change." if english else f"{josa(name, '은/는')} 그대로입니다."
        if english:
            head = f"{name} {'rose' if self.change > 0 else 'fell'} by {size}"
        else:
            head = f"{josa(name, '이/가')} {size} {'늘었습니다' if self.change > 0 else '줄었습니다'}"
        parts = [
            f"{labels.get(one.name, one.name)} {format_difference(one.amount, unit, locale)}"
            for one in self.largest()[:3]
        ]
        return f"{head}: {', '.join(parts)}." if parts else f"{head}."

    def rows(self, locale: str = "ko", unit: str = "count") -> list[tuple[str, str, str]]:
        """Name, before → after, contribution, as a table shows them."""
        return [
            (one.name, f"{format_value(one.before, locale=locale)} → {format_value(one.after, locale=locale)}",
             format_difference(one.amount, unit, locale))
            for one in self.largest()
        ]  # fmt: skip


def build(
    names: Sequence[str],
    before: Mapping[str, float],
    after: Mapping[str, float],
    amounts: Floats,
    value_before: float,
    value_after: float,
    method: str,
) -> Decomposition:
    """What rounding in floats left over goes to the largest contribution."""
    amounts = settle(amounts, value_after - value_before)
    each = (Contribution(name, float(amounts[at]), before[name], after[name]) for at, name in enumerate(names))
    return Decomposition(value_before, value_after, tuple(each), method)


def settle(amounts: Floats, change: float) -> Floats:
    """`amounts` with the rounding error, never more, moved into the largest."""
    amounts = amounts.copy()
    if len(amounts):
        left = change - math.fsum(amounts.tolist())
        amounts[int(np.argmax(np.abs(amounts)))] += left
    return amounts


def whole(amounts: Sequence[float], change: float, step: float) -> list[float]:
    """Amounts in whole steps by largest remainder; they add up to the change in whole steps."""
    target = round(change / step)
    exact = [amount / step for amount in amounts]
    floors = [math.floor(one) for one in exact]
    short = target - sum(floors)
    by_remainder = sorted(range(len(exact)), key=lambda at: floors[at] - exact[at])
    for at in range(abs(short)):
        place = by_remainder[at % len(exact)] if short > 0 else by_remainder[-1 - at % len(exact)]
        floors[place] += 1 if short > 0 else -1
    return [one * step for one in floors]
