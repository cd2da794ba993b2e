"""From what was read to cells: formulas and frames, stretch by stretch and slice by slice, each with its state."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import NamedTuple

from sqlglot import exp

from nachim.core.period import Calendar, Period
from nachim.metrics.answers import Answers, Slices
from nachim.metrics.cells import Cell, State
from nachim.metrics.coverage import Coverage
from nachim.metrics.formula import Number, decimal, evaluate, leaf, ratio, single, worst
from nachim.metrics.frame import DAY, Places, Span, floor_day
from nachim.metrics.measure import Bound, Framed, Measure
from nachim.metrics.reads import View, needs_of


class Value(NamedTuple):
    """A metric at one stretch and slice: the number, the parts it re-aggregates from, and the rows behind it."""

    number: Number
    top: Decimal | None
    bottom: Decimal | None
    n: int


class Finish:
    """Computes the cells of one query; `view` is how the query slices and filters."""

    def __init__(self, covers: Mapping[str, Coverage], calendar: Calendar, view: View):
        self.covers, self.calendar, self.view = covers, calendar, view
        self._places: dict[tuple[str, Span], Places] = {}
        self._until: dict[str, datetime | None] = {}
        self._begun: dict[str, datetime] = {}
        self._states: dict[tuple[str, Span], State] = {}

    def places(self, framed: Framed, span: Span) -> Places:
        """Where a frame evaluates a cell, given how far what it reads is known."""
        key = (framed.id, span)
        if key not in self._places:
            if framed.id not in self._until:
                ends = [self.covers[source].through for source in framed.inner.sources]
                known = [self.calendar.local(end) for end in ends if end is not None]
                self._until[framed.id] = min(known, default=None)
            self._places[key] = framed.frame.places(span, self.calendar, self._until[framed.id])
        return self._places[key]

    def slices(self, bound: Bound, spans: list[Span], answers: Answers, views: tuple[View, ...]) -> list[Slices]:
        """Every slice in which anything a metric asks for in these stretches has rows, in order."""
        found: set[Slices] = set()
        for need in needs_of([bound], spans, self.view, self.places):
            if need.view.by == self.view.by:
                found |= answers.slices(need.measure, views.index(need.view), need.spans)
        return sorted(found, key=lambda values: tuple((value is None, value or "") for value in values))

    def cells(
        self, bound: Bound, at: list[tuple[Period, Span]], slices: list[Slices], answers: Answers,
        views: tuple[View, ...],
    ) -> Iterable[Cell]:  # fmt: skip
        if bound.formula is None or not views:
            # There is nothing to read; sliced, there is not even a slice to say it of.
            blank = [] if self.view.by else at
            yield from (Cell(bound.name, one.key, (), None, None, None, 0, State.NO_DATA) for one, _span in blank)
            return
        known = _Evaluation(self, answers, {view: number for number, view in enumerate(views)})
        for period, span in at:
            for values in slices:
                found = known.value(bound, span, values, self.view)
                yield Cell(
                    bound.name, period.key, tuple(zip(self.view.by, values, strict=True)), _float(found.number.value),
                    _float(found.top), _float(found.bottom), found.n, found.number.state,
                )  # fmt: skip

    def state(self, source: str, span: Span) -> State:
        key = (source, span)
        if key not in self._states:
            self._states[key] = self.covers[source].state(span, self.calendar)
        return self._states[key]

    def filled(self, framed: Framed, span: Span) -> bool:
        """Whether what a window reads had begun when the window does."""
        if framed.frame.window is None:
            return True
        if framed.id not in self._begun:
            firsts = [self.covers[source].first for source in framed.inner.sources]
            days = [floor_day(self.calendar.local(first)) for first in firsts if first is not None]
            self._begun[framed.id] = max(days, default=datetime.min)
        return self._begun[framed.id] <= span.start


class _Evaluation:
    """Values by recursion: a formula asks its parts at the same stretch, a frame asks its metric at others."""

    def __init__(self, finish: Finish, answers: Answers, views: Mapping[View, int]):
        self.finish, self.answers, self.views = finish, answers, views
        self._ratios: dict[int, tuple[exp.Expr, exp.Expr] | None] = {}
        self._singles: dict[int, tuple[str, Decimal] | None] = {}
        self._without: dict[tuple[View, tuple[str, ...]], View] = {}

    def value(self, bound: Bound, span: Span, slices: Slices, view: View) -> Value:
        leaves: dict[str, Number] = {}
        shown: dict[str, Value] = {}
        n = 0
        for id_, measure in bound.leaves.items():
            part = self.answers.get(measure, self.views[view], span, slices)
            covered = self.finish.state(measure.source, span)
            number = leaf(measure, part.value, part.divisor, part.n, covered)
            if part.open and number.value is not None:
                number = Number(number.value, worst(number.state, State.IMMATURE))
            if number.value is not None and not self._whole(measure, span, slices, view):
                number = Number(number.value, worst(number.state, State.PARTIAL_PERIOD))
            leaves[id_] = number
            n = max(n, part.n)
            if measure.function == "avg" and number.value is not None:
                shown[id_] = Value(number, decimal(part.value), decimal(part.divisor), part.n)
        for id_, framed in bound.framed.items():
            shown[id_] = self._framed(framed, span, slices, view)
            leaves[id_] = shown[id_].number
            n = max(n, shown[id_].n)
        if bound.formula is None:
            raise TypeError(f"{bound.name} is not computed")
        number = evaluate(bound.formula, leaves)
        top = bottom = None
        key = id(bound.formula)
        if key not in self._ratios:
            self._ratios[key] = ratio(bound.formula)
            self._singles[key] = single(bound.formula)
        parts, one = self._ratios[key], self._singles[key]
        if parts is not None:
            top, bottom = (evaluate(part, leaves).value for part in parts)
        elif one is not None and one[0] in shown and number.value is not None:
            top, bottom = shown[one[0]].top, shown[one[0]].bottom
            top = None if top is None else top / one[1]
        return Value(number, top, bottom, n)

    def _whole(self, measure: Measure, span: Span, slices: Slices, view: View) -> bool:
        """Whether people wrote all that a stretch is made of: a value for each period that ends in it; of a level the
        last of these alone. What is not written by hand is whole."""
        if measure.every is None:
            return True
        until = (span.end - timedelta(microseconds=1)).date() + DAY
        periods = self.finish.calendar.periods(measure.every, span.start.date(), until)
        inside = [Span(max(one.start, span.start), one.end) for one in periods if span.start < one.end <= span.end]
        if measure.over_time == "last":
            inside = inside[-1:]
        return all(self.answers.get(measure, self.views[view], one, slices).n for one in inside)

    def _framed(self, framed: Framed, span: Span, slices: Slices, view: View) -> Value:
        frame = framed.frame
        key = (view, frame.drop)
        if key not in self._without:
            self._without[key] = view.without(frame.drop)
        inner = self._without[key]
        kept = tuple(value for name, value in zip(view.by, slices, strict=True) if name in inner.by)
        places = self.finish.places(framed, span)
        values = [self.value(framed.inner, one, kept, inner) for one in places.spans]
        states = [State.PARTIAL_PERIOD] if places.cut_short else []
        if places.spans and not self.finish.filled(framed, places.spans[0]):
            states.append(State.PARTIAL_PERIOD)
        if frame.whole and values:
            one = values[0]
            if one.number.value is None:
                return one
            return one._replace(number=Number(one.number.value, worst(one.number.state, *states)))
        known = [one for one in values if one.number.value is not None]
        if not known:
            undefined = [one.number.state for one in values if one.number.state is not State.NO_DATA]
            return Value(Number(None, worst(State.OK, *undefined) if undefined else State.NO_DATA), None, None, 0)
        numbers = [one.number.value for one in known if one.number.value is not None]
        made = sum(numbers) / len(numbers) if frame.eval == "avg" else (max if frame.eval == "max" else min)(numbers)
        state = worst(State.OK, *states, *(one.number.state for one in known))
        return Value(Number(Decimal(made), state), None, None, sum(one.n for one in known))


def _float(value: Decimal | None) -> float | None:
    return None if value is None else float(value)
