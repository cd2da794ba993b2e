"""Signs that a KPI is being met rather than the work done (Goodhart): evidence to talk about, not a verdict on people.

Each check gives a Signal with a chance and a size; `gaming_signals` says which stand by Holm over all checks made. A
small chance with a small size is not a signal.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

import numpy as np
import numpy.typing as npt
from scipy.special import ndtr, stdtr

from nachim.analysis.guardrail import change_between
from nachim.analysis.multiple import holm
from nachim.core.korean import josa

__all__ = [
    "Signal", "definition_change", "gaming_signals", "heaping", "pair_diverging", "period_end", "shrinking_denominator",
]  # fmt: skip

Floats = npt.NDArray[np.float64]
LEVEL = 0.01
LEAST_EXCESS, LEAST_SPIKE, LEAST_MOVE = 1.5, 1.2, 0.05
MOST_OWN = 0.25  # of the denominator's part, that the numerator may have done
BINS = 8
SENTENCES = {
    "heaping": (
        "{name}: 기준 {threshold:g} 바로 위에 값이 몰려 있습니다(예상의 {size:.1f}배). 바로 아래는 비어 있습니다.",
        "{name} heaps just above {threshold:g} ({size:.1f} times what its neighbours suggest), with a hole just below.",
    ),
    "period_end": (
        "{name}: 기간의 마지막 {days}일에 몰립니다(평소의 {size:.1f}배).",
        "{name} piles up in the last {days} days of a period ({size:.1f} times the rest).",
    ),
    "definition_change": (
        "{name}: {day}에 정의가 바뀌었고 값이 {size:+.0%} 움직였습니다. 앞뒤를 그대로 비교하지 마세요.",
        "The definition of {name} changed on {day} and the value moved by {size:+.0%}. Do not compare across it.",
    ),
    "shrinking_denominator": (
        "{name}: 좋아진 만큼이 분자가 아니라 분모에서 나왔습니다(분모 {size:+.0%}, 분자 {numerator:+.0%}).",
        "{name} improved by its denominator ({size:+.0%}), not its numerator ({numerator:+.0%}).",
    ),
    "pair_diverging": (
        "{name_topic} 좋아졌는데 짝 지표 {pair_topic} 나빠졌습니다({size:+.0%}).",
        "{name} improved while its companion {pair} got worse ({size:+.0%}).",
    ),
}


@dataclass(frozen=True)
class Signal:
    """`code` is a key of SENTENCES. `chance`: of such evidence without gaming; `large`: whether its size matters."""

    code: str
    chance: float
    large: bool
    facts: dict[str, object] = field(default_factory=dict, hash=False)

    def sentence(self, locale: str = "ko") -> str:
        return SENTENCES[self.code][1 if locale == "en" else 0].format(**self.facts)


def gaming_signals(checks: Sequence[Signal | None], *, level: float = LEVEL) -> tuple[Signal, ...]:
    """The checks that stand, smallest chance first. None (a check that had too little data) counts for nothing."""
    made = [one for one in checks if one is not None]
    chances = holm([one.chance for one in made])
    kept = [one for one, chance in zip(made, chances.tolist(), strict=True) if chance < level and one.large]
    return tuple(sorted(kept, key=lambda one: one.chance))


def heaping(name: str, values: npt.ArrayLike, threshold: float, width: float) -> Signal | None:
    """Single results (a deal, a person's month) just above a threshold and missing just below it (bunching; Kleven
    2016). The bins beside the threshold, `width` wide, are compared with a smooth curve through the eight on either
    side. Round numbers heap by themselves: choose a threshold that is not one, or compare with the year before."""
    found = np.asarray(values, np.float64)
    at = np.floor((found[np.isfinite(found)] - threshold) / width)
    places = np.arange(-BINS, BINS)
    counts = np.array([(at == place).sum() for place in places], float)
    away = (places != -1) & (places != 0)
    if counts[away].sum() < 5 * BINS:
        return None
    x = (places + 0.5) / BINS
    design = np.column_stack([np.ones(len(x)), x, x**2])
    mean, covariance = _poisson_curve(design[away], counts[away])
    beside = design[~away]
    expected = np.exp(beside @ mean)
    spread = np.diag(expected) + (expected[:, None] * beside) @ covariance @ (expected[:, None] * beside).T
    contrast = np.array([-1.0, 1.0])
    below, above = counts[~away]
    z = float(contrast @ (counts[~away] - expected)) / math.sqrt(float(contrast @ spread @ contrast))
    size = above / max(float(expected[1]), 1e-9)
    large = size >= LEAST_EXCESS and below < expected[0]
    return Signal("heaping", float(ndtr(-z)), large, {"name": name, "threshold": threshold, "size": size})


def _poisson_curve(design: Floats, counts: Floats) -> tuple[Floats, Floats]:
    """Coefficients of a log-linear mean by Newton's steps, and their covariance with the overdispersion seen."""
    beta = np.linalg.lstsq(design, np.log(counts + 0.5), rcond=None)[0]
    for _ in range(50):
        mean = np.exp(np.clip(design @ beta, -30, 30))
        step = np.linalg.pinv(design.T @ (mean[:, None] * design)) @ design.T @ (counts - mean)
        beta = beta + np.clip(step, -2, 2)
        if np.abs(step).max() < 1e-10:
            break
    mean = np.exp(np.clip(design @ beta, -30, 30))
    over = max(1.0, float(((counts - mean) ** 2 / np.maximum(mean, 1e-9)).sum()) / (len(counts) - design.shape[1]))
    covariance = over * np.linalg.pinv(design.T @ (mean[:, None] * design))
    return np.asarray(beta, np.float64), np.asarray(covariance, np.float64)


def period_end(name: str, values: npt.ArrayLike, days: Sequence[date], *, last: int = 3) -> Signal | None:
    """Daily values that pile up in the last days of months, weekdays taken out; at least four whole months."""
    found = np.asarray(values, np.float64)
    weekday = np.array([day.weekday() for day in days])
    usual = np.array([np.nanmean(found[weekday == one]) if (weekday == one).any() else np.nan for one in range(7)])
    with np.errstate(divide="ignore", invalid="ignore"):
        level = found / usual[weekday]
    months: dict[tuple[int, int], list[float]] = {}
    for day, value in zip(days, level.tolist(), strict=True):
        months.setdefault((day.year, day.month), []).append(value)
    # A month is whole when it has 28 days or more here; the first and last of a history often are not.
    whole = [np.array(one) for one in months.values() if len(one) >= 28]
    logs = []
    for one in whole:
        end, rest = np.nanmean(one[-last:]), np.nanmean(one[:-last])
        if end > 0 and rest > 0:
            logs.append(math.log(end / rest))
    if len(logs) < 4:
        return None
    mean, se = float(np.mean(logs)), float(np.std(logs, ddof=1)) / math.sqrt(len(logs))
    chance = float(stdtr(len(logs) - 1, -mean / se)) if se > 0 else float(mean <= 0)
    size = math.exp(mean)
    return Signal("period_end", chance, size >= LEAST_SPIKE, {"name": name, "days": last, "size": size})


def definition_change(
    name: str, values: npt.ArrayLike, days: Sequence[date], versions: Sequence[tuple[date, str]], *, reach: int = 28
) -> Signal | None:
    """The latest change of the metric's definition (`versions`: since when, and a hash) with four weeks on either side:
    whether the value moved with it."""
    changes = [now for (_, was), (now, is_) in itertools.pairwise(versions) if was != is_]
    if not changes:
        return None
    found, at = np.asarray(values, np.float64), sum(day < changes[-1] for day in days)
    before = found[max(0, at - reach) : at]
    change, se, df = change_between(before, found[at : at + reach])
    base = float(np.nanmean(before)) if len(before) else 0.0
    if not df > 0 or base == 0:
        return None
    chance = float(2 * stdtr(df, -abs(change) / se)) if se > 0 else float(change == 0)
    size = change / abs(base)
    return Signal(
        "definition_change", chance, abs(size) >= LEAST_MOVE, {"name": name, "day": changes[-1], "size": size}
    )


def shrinking_denominator(
    name: str, before: npt.ArrayLike, after: npt.ArrayLike, *, better: str = "up", block: int = 7
) -> Signal | None:
    """A ratio, (n, 2) numerators and denominators by day, that improved although its numerator did not: fewer visits
    make a better conversion. For a ratio that should fall, a denominator that grew."""
    one, other = (np.asarray(side, np.float64) for side in (before, after))
    sums = [np.nanmean(side, axis=0) for side in (one, other)]
    if min(float(part.min()) for part in sums) <= 0:
        return None
    top, bottom = (math.log(sums[1][at] / sums[0][at]) for at in (0, 1))
    change, se, df = change_between(one[:, 1], other[:, 1], block)
    if not df > 0:
        return None
    towards = -1.0 if better == "up" else 1.0
    chance = float(stdtr(df, -towards * change / se)) if se > 0 else float(towards * change <= 0)
    improved = (top - bottom) * -towards > 0
    idle = top * -towards < MOST_OWN * abs(bottom)
    large = improved and idle and abs(bottom) >= LEAST_MOVE
    facts = {"name": name, "size": math.expm1(bottom), "numerator": math.expm1(top)}
    return Signal("shrinking_denominator", chance, large, facts)


def pair_diverging(
    name: str, before: npt.ArrayLike, after: npt.ArrayLike, pair: str, pair_before: npt.ArrayLike,
    pair_after: npt.ArrayLike, *, better: str = "up", pair_better: str = "up", block: int = 7,
) -> Signal | None:  # fmt: skip
    """A KPI that improved while the outcome it stands for got worse. Both must be shown: the larger chance counts."""
    chances, sizes = [], []
    for first, second, towards in (
        (before, after, 1.0 if better == "up" else -1.0),
        (pair_before, pair_after, -1.0 if pair_better == "up" else 1.0),
    ):
        change, se, df = change_between(first, second, block)
        level = _level(first)
        if not df > 0 or level == 0:
            return None
        chances.append(float(stdtr(df, -towards * change / se)) if se > 0 else float(towards * change <= 0))
        sizes.append(towards * change / abs(level))
    large = min(sizes) >= LEAST_MOVE
    facts = {
        "name": name, "pair": pair, "size": sizes[1] * (-1.0 if pair_better == "up" else 1.0),
        "name_topic": josa(name, "은/는"), "pair_topic": josa(pair, "은/는"),
    }  # fmt: skip
    return Signal("pair_diverging", max(chances), large, facts)


def _level(values: npt.ArrayLike) -> float:
    found = np.asarray(values, np.float64)
    if found.ndim == 2:
        whole = float(np.nansum(found[:, 1]))
        return float(np.nansum(found[:, 0])) / whole if whole else 0.0
    return float(np.nanmean(found))
