"""How a KPI is doing, in one word and one sentence. Data first, then the outcome, then the odds or the pace."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Literal

from nachim.core.status_words import say
from nachim.core.target import Binary, HitRate, Keep, Milestone, Range, Reach, Target
from nachim.core.workdays import EVERY_DAY, Days


class Status(StrEnum):
    MET = "met"
    ON_PACE = "on_pace"
    AT_RISK = "at_risk"
    BEHIND = "behind"
    UNHEALTHY = "unhealthy"
    WITHHELD = "withheld"
    NO_DATA = "no_data"
    NO_ENTRY = "no_entry"
    LATE = "late"
    FAULT = "fault"
    NO_TARGET = "no_target"
    NOT_STARTED = "not_started"


# What the data says before anyone judges: `no_entry` nobody typed it in, `late` it should be there by now,
# `fault` it came but cannot be trusted.
Data = Literal["ok", "no_entry", "late", "fault"]
ODDS_GOOD, ODDS_POOR = 0.7, 0.3
PACE_GOOD, PACE_POOR = 0.95, 0.85
# What a feast may excuse; odds know of feasts already, and a date that is over is a fact.
EXPLAINED = ("broken", "near", "outside", "behind", "slipping", "early")
# Before this share of the span is over neither pace nor odds make anything red.
LEAST_ELAPSED = 0.1


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
class Feast:
    """A period at 설날 or 추석: its own `value`, and what share of an ordinary period it was a year before."""

    name: str
    share: float
    value: float


@dataclass(frozen=True)
class Odds:
    """The probability that the target is met by its date; None with the reason where nobody can know.

    `reason`: too_short, unreliable, uncalibrated, not_computed.
    """

    p: float | None
    reason: str = ""

    def __post_init__(self) -> None:
        if self.p is not None and not 0 <= self.p <= 1:
            raise ValueError(f"odds are a probability, not {self.p}")
        if self.p is None and not self.reason:
            raise ValueError("odds that are not there need a reason")


@dataclass(frozen=True)
class Reading:
    """What decided between on pace, at risk and behind: the number, and the two borders it was held against."""

    kind: Literal["odds", "pace"]
    value: float
    good: float
    poor: float


@dataclass(frozen=True)
class Verdict:
    """`final`: an outcome that no further data changes or that is plain arithmetic; hysteresis leaves it alone.

    `vs_target` and `vs_pace` are differences in the metric's unit and two different things; how it did against the
    period before is a third, and never part of a verdict.
    """

    status: Status
    code: str
    params: dict[str, object] = field(default_factory=dict)
    reading: Reading | None = None
    final: bool = False
    vs_target: float | None = None
    vs_pace: float | None = None

    def sentence(self, locale: str = "ko") -> str:
        """The one-sentence reason, in the reader's language."""
        return say(self.code, self.params, "en" if locale == "en" else "ko")


def judge(
    target: Target | None,
    *,
    actual: float | None,
    period_label: str,
    period_end: date | None,
    today: date,
    unit: str,
    guards: Sequence[Guard] = (),
    data: Data = "ok",
    odds: Odds | None = None,
    period_start: date | None = None,
    days: Days = EVERY_DAY,
    feast: Feast | None = None,
) -> Verdict:
    """Judge the last *closed* period (`actual`, whose last day is `period_end`); unfinished cells never decide.

    `actual` is the value the target speaks of: of the period, the sum since the start for a total, the share of steps
    or periods for a milestone or hit rate. Rules in order, first match wins: what the data says; no target; not
    begun; the outcome (met, missed, outside); then the odds (0.7 / 0.3), or where there are none the pace (95 % /
    85 % of what is expected by now); neither is red in the first tenth of the span. A period at a `feast` is judged by
    what it would have been without it. Whatever would be good while a guardrail is broken is unhealthy growth.
    """
    said = "percent" if isinstance(target, Milestone | HitRate) else unit
    facts: dict[str, object] = {"period": period_label, "unit": said}
    if data != "ok":
        return Verdict(Status(data), data, facts, final=True)
    if actual is None or period_end is None:
        return Verdict(Status.NO_DATA, "no_data", final=True)
    facts["actual"] = actual
    if target is None:
        return Verdict(Status.NO_TARGET, "no_target", facts, final=True)
    facts |= {"due": target.due, "direction": getattr(target, "direction", "up")}
    if today < target.start:
        return Verdict(Status.NOT_STARTED, "not_started", facts | {"start": target.start}, final=True)
    level = aimed(target)
    if isinstance(target, Range):
        facts |= {"low": target.low, "high": target.high}
    elif level is not None:
        facts |= {"level": level, "gap_level": actual - level}
    expected = target.expected(period_end, period_start, days)
    facts |= {"expected": expected, "gap": None if expected is None else actual - expected}
    found = _outcome(target, actual, today, facts) or _running(target, actual, expected, period_end, odds, facts)
    if feast and found.code in EXPLAINED and _explained(target, actual, expected, period_end, today, feast):
        more = {"feast": feast.name, "feast_share": feast.share}
        found = Verdict(Status.ON_PACE, "feast", facts | more, final=True)
    broken = next((guard for guard in guards if guard.broken), None)
    if broken is not None and found.status in (Status.MET, Status.ON_PACE):
        found = Verdict(Status.UNHEALTHY, f"unhealthy_{broken.bound}", facts | _guard_facts(broken), final=True)
    vs_target = None if level is None else actual - level
    vs_pace = None if expected is None else actual - expected
    return Verdict(found.status, found.code, found.params, found.reading, found.final, vs_target, vs_pace)


def _explained(target: Target, actual: float, expected: float | None, day: date, today: date, feast: Feast) -> bool:
    """Whether all would be well had the period been an ordinary one, by what the feast was worth a year before."""
    if isinstance(target, Milestone | HitRate) or today > target.due:
        return False
    if feast.share <= 0:
        return feast.value >= 0 and getattr(target, "direction", "up") == "up"
    plain = feast.value / feast.share
    if isinstance(target, Reach) and target.total:
        plain += actual - feast.value
    facts: dict[str, object] = {"direction": getattr(target, "direction", "up")}
    found = _outcome(target, plain, today, facts) or _running(target, plain, expected, day, None, facts)
    return found.status in (Status.MET, Status.ON_PACE)


def aimed(target: Target) -> float | None:
    """The one number a target aims at: its level, all steps, the share of periods; a range has none."""
    match target:
        case Range():
            return None
        case Milestone():
            return 1.0
        case HitRate():
            return target.rate
        case _:
            return target.level


def _guard_facts(guard: Guard) -> dict[str, object]:
    return {
        "guard": guard.label, "guard_value": guard.value, "guard_level": guard.level, "guard_unit": guard.unit,
    }  # fmt: skip


def _outcome(target: Target, actual: float, today: date, facts: dict[str, object]) -> Verdict | None:
    """What is settled already, whatever comes."""
    over = today > target.due
    # A sum that must stay below is safe only when the time is over, and lost the moment it is passed.
    spending = isinstance(target, Reach) and target.total and target.direction == "down"
    if spending and not over and target.met(actual):
        return None
    if target.met(actual):
        code = "kept" if isinstance(target, Keep) else "inside" if isinstance(target, Range) else "met"
        return Verdict(Status.MET, code, facts, final=True)
    if over:
        return Verdict(Status.BEHIND, "outside" if isinstance(target, Range) else "missed", facts, final=True)
    if spending:
        return Verdict(Status.BEHIND, "spent", facts, final=True)
    if isinstance(target, Range):
        return Verdict(Status.BEHIND, "outside", facts, final=True)
    if isinstance(target, Keep):
        near = target.threshold is not None and target.reaches(actual, target.threshold)
        return Verdict(Status.AT_RISK if near else Status.BEHIND, "near" if near else "broken", facts, final=True)
    return None


def _running(
    target: Target, actual: float, expected: float | None, day: date, odds: Odds | None, facts: dict[str, object]
) -> Verdict:
    """On the way: by the odds where they are known, else by the pace."""
    if odds is not None and odds.p is not None:
        reading = Reading("odds", odds.p, ODDS_GOOD, ODDS_POOR)
        facts = facts | {"odds": odds.p}
        if odds.p >= ODDS_GOOD:
            return Verdict(Status.ON_PACE, "odds_good", facts, reading)
        if odds.p >= ODDS_POOR:
            return Verdict(Status.AT_RISK, "odds_even", facts, reading)
        if target.elapsed(day) < LEAST_ELAPSED:
            return Verdict(Status.AT_RISK, "odds_poor", facts, reading)
        return Verdict(Status.BEHIND, "odds_poor", facts, reading, final=odds.p == 0)
    if odds is not None:
        facts = facts | {"why": odds.reason}
    if expected is None or isinstance(target, Binary):
        return Verdict(Status.WITHHELD, "open", facts)
    up = facts["direction"] == "up"
    pace = pace_of(target, actual, expected)
    paced = Reading("pace", pace, PACE_GOOD, PACE_POOR) if pace is not None else None
    facts = facts | {"pace": pace}
    if actual >= expected if up else actual <= expected:
        return Verdict(Status.ON_PACE, "on_pace", facts, paced)
    if pace is not None and pace >= PACE_GOOD:
        return Verdict(Status.ON_PACE, "near_pace", facts, paced)
    if pace is not None and pace >= PACE_POOR:
        return Verdict(Status.AT_RISK, "slipping", facts, paced)
    if target.elapsed(day) < LEAST_ELAPSED:
        return Verdict(Status.AT_RISK, "early", facts, paced)
    return Verdict(Status.BEHIND, "behind", facts, paced)


def pace_of(target: Target, actual: float, expected: float) -> float | None:
    """Actual against what is expected by now, 1 being on the path; None where no ratio says it.

    From a baseline the way that was made ÷ the way that was expected; otherwise actual ÷ expected, for less is better
    2 − actual ÷ expected.
    """
    baseline = target.baseline if isinstance(target, Reach) else None
    if baseline is not None:
        return (actual - baseline) / (expected - baseline) if expected != baseline else None
    if expected <= 0:
        return None
    return actual / expected if getattr(target, "direction", "up") == "up" else 2 - actual / expected
