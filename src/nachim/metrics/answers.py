"""What reads brought back, asked for by measure, stretch of time and slice; days are added up to stretches here."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Mapping
from decimal import Context, Decimal
from functools import cached_property
from typing import Any, NamedTuple

from nachim.core.period import MONTHS, Calendar, Grain, Period
from nachim.metrics.formula import decimal
from nachim.metrics.frame import Span
from nachim.metrics.measure import DAILY, Measure
from nachim.metrics.plan import Aggregate
from nachim.metrics.reads import period_span, unit_of

Slices = tuple[str | None, ...]
# Sums are of 38 digits at most; adding many of them is exact.
EXACT = Context(prec=60)


class Part(NamedTuple):
    """A measure over some rows: its value (an average's sum), its divisor, the rows behind it, those still open."""

    value: Any = None
    divisor: Any = None
    n: int = 0
    open: int = 0


NOTHING = Part()


def encode(period: Period) -> int:
    """The integer that SQL gives this period (`sql.bucket`)."""
    return code(period.start, period.grain)


def code(start: Any, grain: Grain) -> int:
    if grain is Grain.ALL:
        return 0
    if grain in MONTHS:
        return int(start.year * 12 + start.month - 1)
    return unit_of(start, grain)


class Answer:
    """One measure of one read."""

    def __init__(self, measure: Measure, part: Aggregate, run: Span, calendar: Calendar):
        self.measure, self.part, self.run, self.calendar = measure, part, run, calendar
        self.parts: dict[Slices, dict[int, Part]] = defaultdict(dict)
        ranges = part.spans.ranges if part.spans else ()
        self.numbers = {one: at for at, one in enumerate(ranges)}
        self._exact: dict[Span, bool] = {}

    def add(self, place: int, slices: Slices, found: Part) -> None:
        self.parts[slices][place] = found

    def exact(self, span: Span) -> bool:
        """Whether this read was cut into this very stretch."""
        if span not in self._exact:
            self._exact[span] = self._is_exact(span)
        return self._exact[span]

    def _is_exact(self, span: Span) -> bool:
        grain = self.part.grain
        if self.part.time is None:
            return span == self.run
        if self.part.spans is not None:
            return (unit_of(span.start, grain), unit_of(span.end, grain)) in self.numbers
        return (
            not self.measure.over_time and self._covers(span) and span == period_span(self.calendar, grain, span.start)
        )

    def has(self, span: Span) -> bool:
        """Whether the stretch follows from this read."""
        return self.exact(span) or (self._by_unit and self._covers(span))

    @property
    def _by_unit(self) -> bool:
        daily = self.part.grain in (Grain.DAY, Grain.HOUR) and self.part.spans is None
        return daily and self.part.time is not None and self.measure.daily

    def _covers(self, span: Span) -> bool:
        return self.run.start <= span.start and span.end <= self.run.end

    def get(self, span: Span, slices: Slices) -> Part:
        grain = self.part.grain
        if not self.exact(span):
            return self._added(slices, unit_of(span.start, grain), unit_of(span.end, grain))
        if self.part.time is None:
            return self._found(slices, 0)
        if self.part.spans is None:
            return self._found(slices, code(span.start, grain))
        at = self.numbers[unit_of(span.start, grain), unit_of(span.end, grain)]
        return self._summed.get(slices, {}).get(at, NOTHING) if self.part.spans.union else self._found(slices, at)

    def occurs(self, span: Span, slices: Slices) -> bool:
        """Whether there are rows in a stretch and slice; a stock's need not be on the day that counts."""
        if not self.measure.over_time:
            return self.get(span, slices).n > 0
        begins, ends = (unit_of(one, self.part.grain) for one in span)
        return any(begins <= unit < ends and part.n for unit, part in self.parts.get(slices, {}).items())

    def _found(self, slices: Slices, place: int) -> Part:
        return self.parts.get(slices, {}).get(place, NOTHING)

    @cached_property
    def _summed(self) -> dict[Slices, dict[int, Part]]:
        """Of an interval union: the changes added up from the first stretch on."""
        found: dict[Slices, dict[int, Part]] = {}
        for slices, changes in self.parts.items():
            value = n = 0
            found[slices] = {}
            for at in range(len(self.numbers)):
                change = changes.get(at)
                if change is not None:
                    value, n = value + int(change.value or 0), n + change.n
                found[slices][at] = Part(value, None, n, 0)
        return found

    @cached_property
    def _units(self) -> list[int]:
        """The days (or hours) that have rows in any slice."""
        return sorted({unit for units in self.parts.values() for unit, part in units.items() if part.n})

    @cached_property
    def _running(self) -> dict[Slices, tuple[list[int], list[Part]]]:
        """Each slice's days, and what they add up to before each."""
        found = {}
        for slices, units in self.parts.items():
            days, sums, total = sorted(units), [Part(Decimal(0), 0, 0, 0)], Part(Decimal(0), 0, 0, 0)
            for day in days:
                one = units[day]
                value = EXACT.add(total.value, decimal(one.value) or Decimal(0))
                total = Part(value, total.divisor + int(one.divisor or 0), total.n + one.n, total.open + one.open)
                sums.append(total)
            found[slices] = (days, sums)
        return found

    def _added(self, slices: Slices, begins: int, ends: int) -> Part:
        """A stretch from its days or hours."""
        if self.measure.over_time not in ("", "sum"):
            return self._stock(slices, begins, ends)
        return self._sum(slices, begins, ends)

    def _sum(self, slices: Slices, begins: int, ends: int) -> Part:
        days, sums = self._running.get(slices, ([], []))
        first, last = bisect_left(days, begins), bisect_left(days, ends)
        if first == last:
            return NOTHING
        if last - first == 1:
            return self.parts[slices][days[first]]
        if self.measure.function in ("min", "max"):
            units = self.parts[slices]
            values = [one.value for one in (units[day] for day in days[first:last]) if one.value is not None]
            pick = min if self.measure.function == "min" else max
            n = sum(units[day].n for day in days[first:last])
            return Part(pick(values) if values else None, None, n, 0)
        low, high = sums[first], sums[last]
        value: Any = EXACT.subtract(high.value, low.value)
        if self.measure.function != "count" and all(self.parts[slices][day].value is None for day in days[first:last]):
            value = None
        return Part(value, high.divisor - low.divisor, high.n - low.n, high.open - low.open)

    def _stock(self, slices: Slices, begins: int, ends: int) -> Part:
        """Of a stock the last day that has rows in any slice, the first one, or the mean of all such days.

        Read by the hour, a day is its hours in the stretch.
        """
        first, last = bisect_left(self._units, begins), bisect_left(self._units, ends)
        per = 24 if self.part.grain is Grain.HOUR and self.measure.function in DAILY else 1
        days = list(dict.fromkeys(unit // per for unit in self._units[first:last]))
        if not days:
            return NOTHING

        def of(day: int) -> Part:
            return self._sum(slices, max(begins, day * per), min(ends, (day + 1) * per))

        if self.measure.over_time != "avg":
            return of(days[-1] if self.measure.over_time == "last" else days[0])
        values = [one for one in map(of, days) if one.n]
        total = Decimal(0)
        for one in values:
            value = decimal(one.value) or Decimal(0)
            total = EXACT.add(total, value / one.divisor if self.measure.function == "avg" and one.divisor else value)
        return Part(total / len(days), 1, sum(one.n for one in values), 0) if values else NOTHING


class Answers:
    """All answers of a query."""

    def __init__(self) -> None:
        self.known: dict[tuple[str, int], list[Answer]] = defaultdict(list)
        self._found: dict[tuple[str, int, Span], Answer | None] = {}

    def take(
        self, part: Aggregate, view: int, run: Span, calendar: Calendar, rows: Iterable[Mapping[str, Any]],
        names: Mapping[str, str],
    ) -> None:  # fmt: skip
        """The engine's rows of one aggregate."""
        answers = [(names[measure.id], Answer(measure, part, run, calendar)) for measure in part.measures]
        for row in rows:
            place = int(row["period"]) if part.time is not None else 0
            slices = tuple(row[f"s{at}"] for at in range(len(part.by)))
            for name, answer in answers:
                n = int(row.get(f"{name}_n") or 0)
                if n or (part.spans is not None and part.spans.union) or row.get(name) is not None:
                    answer.add(
                        place, slices, Part(row.get(name), row.get(f"{name}_d"), n, int(row.get(f"{name}_u") or 0))
                    )
        for _name, answer in answers:
            self.known[answer.measure.id, view].append(answer)

    def get(self, measure: Measure, view: int, span: Span, slices: Slices) -> Part:
        found = self._of(measure, view, span)
        return found.get(span, slices) if found is not None else NOTHING

    def _of(self, measure: Measure, view: int, span: Span) -> Answer | None:
        """The read that tells of a stretch: the one cut into it, or one it follows from."""
        key = (measure.id, view, span)
        if key not in self._found:
            answers = self.known[measure.id, view]
            exact = next((one for one in answers if one.exact(span)), None)
            self._found[key] = exact or next((one for one in answers if one.has(span)), None)
        return self._found[key]

    def slices(self, measure: Measure, view: int, spans: Iterable[Span]) -> set[Slices]:
        """The slices in which a measure has rows in any of these stretches; a read may have brought more."""
        found: set[Slices] = set()
        for span in spans:
            answer = self._of(measure, view, span)
            if answer is not None:
                found |= {slices for slices in answer.parts if slices not in found and answer.occurs(span, slices)}
        return found
