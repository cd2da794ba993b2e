"""Why a number moved, in the order in which people should look: faults of the data, drivers, segments, the step of the
funnel, and what happened at the time.

Each split adds up to the change to the last digit that a float holds; what an analysis leaves open is a part too.
The whole is one short paragraph and one waterfall.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

import numpy as np

from nachim.analysis.decompose_result import Decomposition, Undecided, settle, whole
from nachim.analysis.funnel import Funnel, Refused
from nachim.analysis.localize_result import Abstained, Localization
from nachim.core.korean import aside, josa
from nachim.core.number import DECIMALS, format_difference, format_value, rounded

Kind = Literal["drivers", "segments", "steps"]
REST, MIX, ENTERED = "rest", "mix", "entered"
WORDS = {
    REST: ("그 밖", "Everything else"),
    MIX: ("구성비 변화", "Changed mix"),
    ENTERED: ("들어온 수", "Entries"),
}
RATES = ("percent", "points", "ratio")
UNKNOWN = ("데이터에서 뚜렷한 까닭은 보이지 않습니다.", "No cause stands out in the data.")
MOST_NAMED = 3
LEAST_SHARE = 0.1


@dataclass(frozen=True)
class Part:
    """One bar of a waterfall: `name` as people read it, or REST, MIX or ENTERED."""

    name: str
    amount: float

    def label(self, locale: str = "ko") -> str:
        """The name in words."""
        return WORDS[self.name][locale == "en"] if self.name in WORDS else self.name


@dataclass(frozen=True)
class Split:
    """The parts of the change by one kind of cause; they add up to it. `key`: what the playbook knows each part by."""

    kind: Kind
    parts: tuple[Part, ...]
    keys: tuple[str, ...] = ()

    def largest(self) -> tuple[Part, ...]:
        """Named parts by size, those of nothing and what is left over not among them."""
        named = (one for one in self.parts if one.amount and one.name not in WORDS)
        return tuple(sorted(named, key=lambda one: -abs(one.amount)))


@dataclass(frozen=True)
class Happening:
    """Something of the event calendar. Beside a change it is a hint, not a cause."""

    name: str
    first: date
    last: date


@dataclass(frozen=True)
class Why:
    """`faults` are sentences by language; where there are any, the number is not explained further."""

    name: str
    unit: str
    since: date
    before: float
    after: float
    faults: tuple[Mapping[str, str], ...] = ()
    splits: tuple[Split, ...] = ()
    segments: Localization | None = None
    funnel: Funnel | None = None
    happenings: tuple[Happening, ...] = ()
    labels: Mapping[str, str] = field(default_factory=dict, hash=False)

    @property
    def change(self) -> float:
        return self.after - self.before

    @property
    def waterfall(self) -> tuple[Part, ...]:
        """The parts of the split that says most: segments where some stand out, else drivers, else the funnel's steps.
        They add up to the change; without a split it is one part."""
        for kind in ("segments", "drivers", "steps"):
            for one in self.splits:
                if one.kind == kind and one.largest():
                    return one.parts
        return (Part(REST, self.change),)

    def drivers(self) -> tuple[str, ...]:
        """What the playbook is asked with, the weightiest first: dimensions of segments, then drivers."""
        found: list[str] = []
        for one in self.segments.segments if self.segments else ():
            found += one.where
        for split in self.splits:
            if split.kind == "drivers":
                keyed = zip(split.parts, split.keys, strict=True)
                found += [key for part, key in sorted(keyed, key=lambda pair: -abs(pair[0].amount))
                          if abs(part.amount) >= LEAST_SHARE * abs(self.change) > 0]  # fmt: skip
        return tuple(dict.fromkeys(found))

    def steps(self) -> tuple[tuple[Part, float], ...]:
        """The waterfall in the digits that are shown: they add up to the change as shown."""
        step = 10.0 ** -(DECIMALS.get(self.unit, 2) + (2 if self.unit == "percent" else 0))
        parts = self.waterfall
        return tuple(zip(parts, whole([one.amount for one in parts], self.change, step), strict=True))

    def paragraph(self, locale: str = "ko") -> str:
        """One short paragraph: what changed, by how much, from what, and what happened then."""
        english = locale == "en"
        said = [self._head(english)]
        if self.faults:
            first = self.faults[0][locale if locale in self.faults[0] else "ko"]
            tail = "So the change is not explained." if english else "그래서 변화의 까닭은 따지지 않습니다."
            return " ".join([first, said[0], tail])
        said += [one for one in (self._drivers(english), self._segments(english), self._funnel(english)) if one]
        if len(said) == 1:
            said.append(UNKNOWN[english])
        if self.happenings:
            names = ", ".join(
                aside(one.name, _day(one.first, english), english) for one in self.happenings[:MOST_NAMED]
            )
            said.append(f"At the time: {names}." if english else f"같은 때 있었던 일: {names}.")
        return " ".join(said)

    def _head(self, english: bool) -> str:
        locale = "en" if english else "ko"
        compact = self.unit != "percent"
        before, after = (format_value(one, self.unit, locale, compact=compact) for one in (self.before, self.after))
        if before == after and compact:
            before, after = (format_value(one, self.unit, locale) for one in (self.before, self.after))
        size, up, when = self._size(locale), self.change >= 0, _day(self.since, english)
        if english:
            verb = ("rose" if up else "fell") if self.change else "did not change"
            by = f" by {size}" if self.change else ""
            return f"{self.name} {verb}{by} from {when}, from its usual {before} to {after}."
        if not self.change:
            return f"{josa(self.name, '은/는')} {when}부터 평소와 같습니다({after})."
        rate = self.unit in RATES
        verb = ("올랐습니다" if rate else "늘었습니다") if up else ("내렸습니다" if rate else "줄었습니다")
        return f"{josa(self.name, '이/가')} {when}부터 평소 {before}에서 {josa(after, '으로/로')} {size} {verb}."

    def _size(self, locale: str) -> str:
        """Percents differ in %p, points in points; what is measured from zero changes by a share of itself."""
        if self.unit in ("percent", "points") or self.before <= 0:
            return format_difference(abs(self.change), self.unit, locale).lstrip("+")
        return f"{rounded(abs(self.change) / self.before * 100, 1):,f}%"

    def _drivers(self, english: bool) -> str:
        split = next((one for one in self.splits if one.kind == "drivers"), None)
        named = split.largest()[:MOST_NAMED] if split else ()
        if not named:
            return ""
        parts = ", ".join(self._amount(one, english) for one in named)
        return f"By driver: {parts}." if english else f"동인별로는 {parts}입니다."

    def _segments(self, english: bool) -> str:
        found = self.segments
        if found is None:
            return ""
        if found.verdict == "uniform":
            return "It moved everywhere alike." if english else "모든 세그먼트에서 고르게 움직였습니다."
        split = next(one for one in self.splits if one.kind == "segments")
        if found.verdict == "mix":
            amount = next(one.amount for one in split.parts if one.name == MIX)
            size = format_difference(amount, self.unit, "en" if english else "ko")
            return f"{size} of it comes from a changed mix." if english else f"구성비가 바뀐 몫이 {size}입니다."
        first = split.parts[0]
        size = format_difference(first.amount, self.unit, "en" if english else "ko")
        share = first.amount / self.change if self.change else 0.0
        said = aside(size, f"{share:.0%}", english) if 0 < share <= 1 else size
        others = ", ".join(one.name for one in split.parts[1:MOST_NAMED] if one.name not in WORDS)
        if english:
            return f"{said} of it comes from {first.name}{f', then {others}' if others else ''}."
        return f"이 가운데 {josa(said, '은/는')} {first.name}에서 나왔습니다{f'(다음은 {others})' if others else ''}."

    def _funnel(self, english: bool) -> str:
        if self.funnel is None or not self.funnel.moved:
            return ""
        step, locale = self.funnel.moved[0], "en" if english else "ko"
        before, after = (format_value(one, "percent", locale) for one in (step.before, step.after))
        name, up = f"{step.start} → {step.end}", step.change > 0
        if english:
            return f"The step {name} {'rose' if up else 'fell'} from {before} to {after}."
        return f"{name} 단계는 {before}에서 {josa(after, '으로/로')} {'올랐습니다' if up else '내렸습니다'}."

    def _amount(self, part: Part, english: bool) -> str:
        locale = "en" if english else "ko"
        return f"{part.label(locale)} {format_difference(part.amount, self.unit, locale)}"


def why(
    name: str,
    unit: str,
    since: date,
    before: float,
    after: float,
    *,
    faults: Sequence[Mapping[str, str]] = (),
    drivers: Decomposition | Undecided | None = None,
    segments: Localization | Abstained | None = None,
    funnel: Funnel | Refused | None = None,
    happenings: Sequence[Happening] = (),
    labels: Mapping[str, str] | None = None,
) -> Why:
    """What is known of the change of a number from `before` to `after`, each finding brought to the same change.

    `labels` name drivers, dimensions and their values for people. A funnel's parts are those of its overall rate where
    the unit is percent, else those of its final count. ValueError where `before` or `after` is no number.
    """
    if not (math.isfinite(before) and math.isfinite(after)):
        raise ValueError("before and after are numbers")
    said, change = labels or {}, after - before
    splits: list[Split] = []
    if faults:
        return Why(name, unit, since, before, after, tuple(faults), labels=said)
    if isinstance(drivers, Decomposition) and len(drivers.contributions) > 1:
        moved = [one for one in drivers.contributions if one.amount or one.before != one.after]
        keys = tuple(one.name for one in moved)
        parts = [Part(said.get(one.name, one.name), one.amount) for one in moved]
        splits.append(_split("drivers", parts, change, keys))
    located = segments if isinstance(segments, Localization) else None
    if located is not None:
        parts = [Part(one.name(said), one.amount) for one in located.segments]
        parts += [Part(REST, located.rest)] + ([Part(MIX, located.mix)] if located.mix else [])
        splits.append(_split("segments", parts, change))
    passed = funnel if isinstance(funnel, Funnel) else None
    if passed is not None:
        rate = unit == "percent"
        parts = [] if rate else [Part(ENTERED, passed.entered)]
        parts += [Part(f"{one.start} → {one.end}", one.of_rate if rate else one.of_count) for one in passed.steps]
        splits.append(_split("steps", parts, change))
    return Why(name, unit, since, before, after, (), tuple(splits), located, passed, tuple(happenings), said)


def _split(kind: Kind, parts: Sequence[Part], change: float, keys: tuple[str, ...] = ()) -> Split:
    """Parts that add up to the change: what they leave open is a part called REST, rounding goes to the largest."""
    left = change - math.fsum(one.amount for one in parts)
    scale = max([abs(change), *(abs(one.amount) for one in parts)])
    if abs(left) > 1e-9 * scale:
        at = next((at for at, one in enumerate(parts) if one.name == REST), None)
        if at is None:
            parts, keys = [*parts, Part(REST, left)], (*keys, REST) if keys else ()
        else:
            parts = [Part(one.name, one.amount + left) if here == at else one for here, one in enumerate(parts)]
    amounts = settle(np.array([one.amount for one in parts], np.float64), change).tolist()
    return Split(kind, tuple(Part(one.name, amount) for one, amount in zip(parts, amounts, strict=True)), keys)


def _day(day: date, english: bool) -> str:
    return day.isoformat() if english else f"{day.month}월 {day.day}일"


__all__ = ["UNKNOWN", "Happening", "Part", "Split", "Why", "why"]
