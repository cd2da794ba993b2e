"""What a query must read: which measure at which stretches of time, under which slices and filters, as a plan."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Protocol

from sqlglot import exp

from nachim.core.period import Calendar, Grain
from nachim.metrics.bind import Binder
from nachim.metrics.coverage import Coverage
from nachim.metrics.expression import Checker, instant, parse, reading
from nachim.metrics.frame import DAY, Places, Span, floor_day
from nachim.metrics.made import cohort_node, ordered, sequence_node
from nachim.metrics.measure import DAILY, Bound, Framed, Measure
from nachim.metrics.messages import Issue, MetricError, SpecError
from nachim.metrics.metric import SequenceRows
from nachim.metrics.plan import Aggregate, Align, Calculate, Filter, Join, Node, Scan, Spans
from nachim.metrics.scope import Problem

EPOCH = datetime(1970, 1, 1)
MOST_SPANS = 20_000
GRAINS = (Grain.DAY, Grain.WEEK, Grain.MONTH, Grain.QUARTER, Grain.YEAR)


@dataclass(frozen=True)
class View:
    """The slices and the condition under which something is read."""

    by: tuple[str, ...]
    where: str | None

    def without(self, dims: tuple[str, ...]) -> View:
        """The view with these dimensions left out, of slices and of conditions."""
        if not dims:
            return self
        return View(tuple(name for name in self.by if name not in dims), _without(self.where, dims))


def _without(where: str | None, dims: tuple[str, ...]) -> str | None:
    if where is None:
        return None
    tree = parse(where)
    kept = []
    for part in tree.flatten() if isinstance(tree, exp.And) else [tree]:
        names = {".".join(one.name for one in column.parts) for column in part.find_all(exp.Column)}
        hit = {name for name in names if name in dims or name.rpartition(".")[2] in dims}
        if hit and hit != names:
            raise Problem("mixed_condition", fragment=part.sql(dialect="duckdb"), dims=", ".join(dims))
        if not hit:
            kept.append(part.copy())
    return exp.and_(*kept).sql(dialect="duckdb") if kept else None


class Placing(Protocol):
    """Where a frame evaluates a cell."""

    def __call__(self, framed: Framed, span: Span) -> Places: ...


@dataclass(frozen=True)
class Need:
    """A measure at stretches that one chain of frames asks for."""

    measure: Measure
    view: View
    spans: tuple[Span, ...]


def needs_of(bounds: Iterable[Bound], spans: list[Span], view: View, places: Placing) -> list[Need]:
    """Everything the metrics ask for in cells of these stretches."""
    found: dict[tuple[str, View, str], tuple[Measure, dict[Span, None]]] = {}

    def ask(bound: Bound, spans: list[Span], view: View, chain: str) -> None:
        for measure in bound.leaves.values():
            known = found.setdefault((measure.id, view, chain), (measure, {}))
            known[1].update(dict.fromkeys(spans))
        for framed in bound.framed.values():
            asked = list(dict.fromkeys(one for span in spans for one in places(framed, span).spans))
            inner = view.without(framed.frame.drop)
            ask(framed.inner, asked, inner, f"{chain} / {framed.frame}")
            if inner.by != view.by:
                # Which slices there are is known only where they are not left out.
                ask(framed.inner, asked, view, f"{chain} / {framed.frame}")

    for bound in bounds:
        ask(bound, spans, view, "")
    return [Need(measure, view, tuple(spans)) for (_id, view, _chain), (measure, spans) in found.items()]


@dataclass(frozen=True)
class Cut:
    """How time is cut for a read: by periods of a grain, by stretches in that unit, or (no grain) one stretch."""

    grain: Grain | None
    spans: tuple[Span, ...]
    stretches: bool = False


class Reader:
    """Plans reads for one query."""

    def __init__(self, binder: Binder, covers: Mapping[str, Coverage], grain: Grain, *, undated: Span | None = None):
        """`undated`: the stretch that stands for all rows, whenever they were and even if nobody knows."""
        self.binder, self.covers, self.grain, self.undated = binder, covers, grain, undated
        self.calendar = binder.calendar

    def plan(self, needs: list[Need], bounds: list[Bound]) -> tuple[Calculate, tuple[View, ...]]:
        views: dict[View, int] = {}
        groups: dict[tuple[int, Grain | None, tuple[Span, ...], bool], dict[str, tuple[Measure, dict[Span, None]]]] = {}
        for need in needs:
            at = views.setdefault(need.view, len(views))
            cut = self._cut(need)
            own = cut.spans if cut.stretches or cut.grain is None else ()
            key = (at, cut.grain, own, cut.stretches)
            measures = groups.setdefault(key, {})
            measures.setdefault(need.measure.id, (need.measure, {}))[1].update(dict.fromkeys(need.spans))
        views_ = tuple(views)
        reads = []
        for (at, grain, own, stretches), measures in groups.items():
            for run in _runs([span for _measure, spans in measures.values() for span in spans]):
                inside = tuple(one for one in own if run.start <= one.start and one.end <= run.end)
                parts = [
                    self._aggregate(measure, views_[at], grain, inside if stretches else (), run, bounds)
                    for measure, spans in measures.values()
                    if any(run.start < span.end and span.start < run.end for span in spans)
                ]
                reads.append(Align(tuple(parts), at, run))
        formulas = tuple(
            (bound.name, bound.formula.sql(dialect="duckdb")) for bound in bounds if bound.formula is not None
        )
        return Calculate(tuple(reads), formulas), views_

    def _cut(self, need: Need) -> Cut:
        spans = need.spans
        unit = Grain.DAY if all(_midnight(one) for span in spans for one in span) else Grain.HOUR
        if need.measure.over_time:
            if unit is Grain.HOUR and need.measure.function not in DAILY and any(_long(span) for span in spans):
                raise MetricError([Issue("stock_hours", params={"function": need.measure.function})])
            return Cut(unit, spans)
        if self.grain is Grain.ALL and len(spans) == 1 and unit is Grain.DAY:
            return Cut(None, spans)
        preferred = [self.grain] if self.grain is not Grain.ALL else []
        for grain in (*preferred, *GRAINS):
            if all(span == period_span(self.calendar, grain, span.start) for span in spans):
                return Cut(grain, spans)
        if len(spans) == 1 and unit is Grain.DAY:
            return Cut(None, spans)
        if len(spans) > MOST_SPANS:
            raise MetricError([Issue("too_many_spans", params={"spans": len(spans), "most": MOST_SPANS})])
        return Cut(unit, tuple(sorted(spans)), stretches=True)

    def _aggregate(
        self, measure: Measure, view: View, grain: Grain | None, stretches: tuple[Span, ...], run: Span,
        bounds: list[Bound],
    ) -> Aggregate:  # fmt: skip
        scope = self.binder.scope(measure.source)
        time = scope.time() if grain is not None else None
        by = tuple((name, self.binder.dim(measure.source, name, _named(bounds, measure))) for name in view.by)
        checker = Checker(scope, self.calendar, dims=True)
        checker.lookups.update({one.alias: one for one in measure.lookups})
        conditions = [_condition(checker, view.where, _named(bounds, measure))] if view.where else []
        known = scope.time() if scope.source.time is not None else None
        if known is not None and not (grain is None and run == self.undated):
            conditions = [*self._between(known.sql(), run), *conditions]
        for ref in [*(ref for _name, ref in by), *([known] if known else [])]:
            checker.lookups.update({one.alias: one for one in ref.path})
        node = self._rows(measure)
        if checker.lookups:
            node = Join(node, ordered(checker.lookups.values()))
        if conditions:
            node = Filter(node, tuple(conditions))
        ranges = tuple((unit_of(one.start, grain), unit_of(one.end, grain)) for one in stretches) if grain else ()
        return Aggregate(node, grain or Grain.ALL, time, by, (measure,), Spans(ranges) if stretches else None)

    def _rows(self, measure: Measure) -> Node:
        """The table of a source, or the rows made from events."""
        name = measure.source
        if name not in self.binder.model.rows:
            return Scan(name, self.binder.scope(name).source.place)
        made, steps, cover = self.binder.model.rows[name], self.binder.steps(name), self.covers[name]
        if isinstance(made, SequenceRows):
            return sequence_node(made.sequence, name, steps, cover.followed)
        return cohort_node(made, name, steps, self.calendar, cover.first, cover.followed, measure.where)

    def _between(self, time: exp.Expr, run: Span) -> list[exp.Expr]:
        """Whole days: an hour that the clocks show twice is not cut in two."""
        first = self.calendar.instant(floor_day(run.start))
        last = self.calendar.instant(floor_day(run.end - timedelta(microseconds=1)) + DAY)
        return [
            exp.GTE(this=time.copy(), expression=instant(first)),
            exp.LT(this=time.copy(), expression=instant(last)),
        ]


@lru_cache(100_000)
def period_span(calendar: Calendar, grain: Grain, moment: datetime) -> Span:
    period = calendar.period(grain, moment)
    return Span(period.start, period.end)


def unit_of(moment: datetime, unit: Grain) -> int:
    """Days, or hours, since 1970."""
    days = (moment.date() - EPOCH.date()).days
    return days * 24 + moment.hour if unit is Grain.HOUR else days


def _long(span: Span) -> bool:
    return span.end - span.start > timedelta(hours=1)


def _midnight(moment: datetime) -> bool:
    return moment == floor_day(moment)


def _runs(spans: list[Span]) -> Iterator[Span]:
    """Stretches to read: one around all, or several where most of what lies between is not asked for."""
    joined: list[Span] = []
    for span in sorted(set(spans)):
        if joined and span.start <= joined[-1].end:
            joined[-1] = Span(joined[-1].start, max(joined[-1].end, span.end))
        else:
            joined.append(span)
    whole = Span(joined[0].start, joined[-1].end)
    asked = sum((one.end - one.start for one in joined), timedelta())
    if len(joined) <= 4 and asked * 2 < whole.end - whole.start:
        yield from joined
    else:
        yield whole


def _named(bounds: list[Bound], measure: Measure) -> str:
    """The metric to name when something is wrong with a measure."""
    return next((bound.name for bound in bounds if measure.id in bound.measures), "")


def _condition(checker: Checker, where: str, metric: str) -> exp.Expr:
    """The query's condition on one source; a name the source lacks is told with the metric that needs it."""
    try:
        with reading(where):
            return checker.condition(where)
    except Problem as problem:
        raise SpecError([problem.at(f"metrics.{metric}")]) from problem
