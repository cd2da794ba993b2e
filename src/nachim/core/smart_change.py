"""Whether a change can be achieved: by odds, by the company's own past, or else by what a month plausibly moves.

The plausible bands are the catalogue's `monthly`: over m months a relative band grows as (1 + up)^m − 1 and falls as
1 − (1 − down)^m, a band in points as m times its width; less than a month counts as one.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

from nachim.core.number import format_odds
from nachim.core.sentence import Stated
from nachim.core.sentence_kind import ABSOLUTE, LEVEL, MULTIPLE, RELATIVE
from nachim.core.sentence_words import Known
from nachim.core.smart_words import percent, say

MONTH = 30.4375
LIKELY = 0.2  # The lowest odds at which a target is a stretch and not a wish.
STRETCH = 1.5  # How far beyond the usual most a target may reach before it is called implausible.
USUAL = (0.15, 0.15)  # The monthly band, down and up, where the metric is not known.
Judged = tuple[Literal["pass", "fail", "unknown"], str, str | None]


@dataclass(frozen=True)
class History:
    """The company's past changes over the same length of time, as shares of the value (0.1 is a tenth up)."""

    best: float
    median: float
    worst: float


def achievable(
    stated: Stated, today: date, known: Known | None, locale: str, history: History | None = None,
    odds: float | None = None,
) -> Judged:  # fmt: skip
    """Verdict, reason and fix of the letter A."""
    if stated.value is None:
        return "unknown", say("no_amount_to_judge", locale), say("add_amount", locale)
    if impossible := _impossible(stated, known):
        return "fail", say(impossible, locale), say("lower_amount", locale)
    if odds is not None:
        chance = format_odds(odds, locale)
        if odds >= LIKELY:
            return "pass", say("likely", locale, odds=chance), None
        return "fail", say("unlikely", locale, odds=chance), say("lower_amount", locale)
    change = change_of(stated, known)
    if change is None:
        return "unknown", say("no_base", locale), say("add_base", locale)
    if history is not None:
        return _by_history(change, history, locale)
    if stated.due is None:
        return "unknown", say("no_pace", locale), say("add_date", locale)
    months = months_of(stated, today)
    limit = limit_of(stated.direction, months, known)
    monthly = percent((1 + change) ** (1 / months) - 1 if change > -1 else -1.0)
    values = {
        "change": percent(change),
        "months": f"{months:.1f}".removesuffix(".0"),
        "monthly": monthly,
        "limit": percent(limit),
    }
    if abs(change) <= limit * STRETCH + 1e-9:
        return "pass", say("plausible", locale, **values), None
    return "fail", say("implausible", locale, **values), say("plausible_limit", locale, **values)


def _by_history(change: float, history: History, locale: str) -> Judged:
    values = {
        "change": percent(change),
        "best": percent(history.best),
        "median": percent(history.median),
        "worst": percent(history.worst),
    }
    best = max(history.best, history.worst) if change >= 0 else min(history.best, history.worst)
    if abs(change) <= abs(best) and change * best >= 0:
        return "pass", say("past_allows", locale, **values), None
    return "fail", say("past_forbids", locale, **values), say("lower_amount", locale)


def _impossible(stated: Stated, known: Known | None) -> str | None:
    """What no company reaches: a share over 100 %, less than nothing, an index beyond its ends."""
    value = stated.value or 0.0
    if stated.kind == RELATIVE and stated.direction == "down" and value > 1:
        return "below_nothing"
    if stated.kind != LEVEL or known is None:
        return None
    top = known.typical[1]
    if (
        known.unit == "percent"
        and stated.unit == "percent"
        and top is not None
        and top <= 1
        and value > 1
        and "growth" not in known.name
    ):
        return "over_all"
    if (known.name in ("nps", "enps") and abs(value) > 100) or (
        known.name == "csat" and stated.unit == "percent" and value > 1
    ):
        return "over_all"
    return None


def change_of(stated: Stated, known: Known | None) -> float | None:
    """The change asked for, as a signed share of the value today; None where today's value is not known.

    Of percentage points and scores without a value today the middle of the metric's usual range stands in.
    """
    value = stated.value
    if value is None:
        return None
    sign = -1 if stated.direction == "down" else 1
    if stated.kind == RELATIVE:
        return sign * value
    if stated.kind == MULTIPLE:
        return value - 1 if not (sign < 0 and value > 1) else 1 / value - 1
    if stated.kind == LEVEL:
        return value / stated.base - 1 if stated.base else None
    if stated.base:
        return sign * value / stated.base
    middle = middle_of(known)
    if (
        stated.kind == ABSOLUTE
        and middle
        and known
        and known.unit == stated.unit
        and known.unit in ("percent", "points")
    ):
        return sign * value / middle
    return None


def middle_of(known: Known | None) -> float | None:
    """The middle of a metric's usual range, of one that reaches below zero half its upper end."""
    low, high = known.typical if known else (None, None)
    if low is None or high is None:
        return None
    return high / 2 if low < 0 else (low + high) / 2


def months_of(stated: Stated, today: date) -> float:
    """How long the change has, in months, at least one: from the day it is said, or from the start of its period."""
    if stated.due is None:
        return 1.0
    since = min(today, stated.since or today)
    return max(1.0, (stated.due - since).days / MONTH)


def limit_of(direction: str | None, months: float, known: Known | None) -> float:
    """The most that so many months plausibly change a metric, as a positive share."""
    down, up = (known.down, known.up) if known else USUAL
    if known and known.by == "points":
        width = (down if direction == "down" else up) / (100 if known.unit == "percent" else 1)
        middle = middle_of(known) or 1.0
        return width * months / middle
    return float(1 - (1 - down) ** months if direction == "down" else (1 + up) ** months - 1)
