"""Evaluate metrics: bind, plan what to read, rewrite, run on an engine, and finish the cells."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any
from weakref import WeakKeyDictionary

from sqlglot import exp

from nachim.core.period import Calendar, Grain, Period
from nachim.metrics.across import shown
from nachim.metrics.answers import Answers, encode
from nachim.metrics.bind import Binder
from nachim.metrics.cells import Cell
from nachim.metrics.coverage import Coverage
from nachim.metrics.covered import covered
from nachim.metrics.engine import Engine, Pinned, connection_of
from nachim.metrics.finish import Finish
from nachim.metrics.frame import Span
from nachim.metrics.lineage import spec_hash, tables_of
from nachim.metrics.measure import Bound
from nachim.metrics.messages import DuplicateKeys, Issue, MetricError, Note, SpecError
from nachim.metrics.plan import Aggregate, Align, Join, Node, Scan, show
from nachim.metrics.reads import Reader, View, needs_of
from nachim.metrics.rewrite import rewrite
from nachim.metrics.rewrite.asof import asof
from nachim.metrics.rewrite.split import features, split
from nachim.metrics.scope import Problem
from nachim.metrics.spec import Manual, Model
from nachim.metrics.sql import compile_plan, duplicates

__all__ = [
    "DuplicateKeys",
    "MetricError",
    "Query",
    "Result",
    "SpecError",
    "encode",
    "evaluate",
    "explain",
    "spec_hash",
    "tables_of",
]
MOST_CELLS = 2_000_000
# How engines say that a number does not fit a decimal.
UNCOUNTABLE = re.compile(
    r"overflow|out of range|could not cast value (?P<value>\S+) to decimal|could not convert \S+ .*decimal", re.I
)
_unique: WeakKeyDictionary[Engine, set[tuple[str, str, int]]] = WeakKeyDictionary()


@dataclass(frozen=True)
class Query:
    """Which metrics, cut how. `start` is included and `end` is not; None: as far as the rows reach."""

    metrics: tuple[str, ...]
    grain: Grain = Grain.MONTH
    start: date | None = None
    end: date | None = None
    by: tuple[str, ...] = ()
    where: str | None = None


@dataclass(frozen=True)
class Result:
    """The cells, and what reproduces them: plan, SQL, the version of each table, and the defaults taken."""

    cells: list[Cell]
    texts: tuple[Callable[[], str], ...]
    plan: str
    versions: dict[str, int]
    notes: list[Note]
    complete_through: dict[str, datetime | None] = field(default_factory=dict)

    @property
    def sql(self) -> str:
        """What the engines ran."""
        return "\n\n".join(text() for text in self.texts)

    def explain(self, locale: str = "ko") -> str:
        """The plan, the SQL, the table versions and the defaults taken, for people."""
        parts = [self.plan, self.sql, "\n".join(f"{table} @ {version}" for table, version in self.versions.items())]
        parts.append("\n".join(f"- {note.text(locale)}" for note in self.notes))
        return "\n\n".join(part for part in parts if part)


def evaluate(
    model: Model, query: Query, engine: Engine, *, as_of: datetime, rewrites: bool = True, binder: Binder | None = None
) -> Result:
    """The cells of a query. Raises SpecError or DuplicateKeys with sentences; an engine's own errors pass through.

    `binder` spares binding again where many queries follow one another on the same model and engine.
    """
    try:
        pinned = engine if isinstance(engine, Pinned) else Pinned(engine)
        return _evaluate(binder or Binder(model, pinned), query, as_of, rewrites)
    except Problem as problem:
        raise SpecError([problem.at("")]) from problem


def explain(model: Model, query: Query, engine: Engine, *, as_of: datetime, locale: str = "ko") -> str:
    """How a query is answered: plan, SQL, versions and defaults, as one text."""
    return evaluate(model, query, engine, as_of=as_of).explain(locale)


def _evaluate(binder: Binder, query: Query, as_of: datetime, rewrites: bool) -> Result:
    model, engine, calendar = binder.model, binder.engine, binder.calendar
    bounds = [binder.metric(name) for name in query.metrics]
    for bound in bounds:
        for name in query.by if bound.measures else ():
            binder.slice(bound, name)
    notes = [note for bound in bounds for note in _by_hand(model, bound)]
    covers: dict[str, Coverage] = {}
    for source in dict.fromkeys(source for bound in bounds for source in bound.sources):
        covers[source], said = covered(binder, source, as_of)
        notes += said
    notes += [note for bound in bounds for note in _framed(bound)]
    start, end = _range(query, covers, calendar)
    if start and end and (end - start).days * (24 if query.grain is Grain.HOUR else 1) > MOST_CELLS:
        _few((end - start).days)
    periods = calendar.periods(query.grain, start, end) if start and end and start < end else []
    cells_at = [(period, _span(period, query, start, end)) for period in periods]
    view = View(query.by, query.where)
    finish = Finish(covers, calendar, view)
    spans = [span for _period, span in cells_at]
    needs = needs_of(bounds, spans, view, finish.places)
    undated = cells_at[0][1] if query.grain is Grain.ALL and not (query.start or query.end) and cells_at else None
    plan, views = Reader(binder, covers, query.grain, undated=undated).plan(needs, bounds)
    versions = {table: engine.version(table) for table in sorted(_tables(plan))}
    _check_unique(plan, engine, versions)
    through = {source: one.through for source, one in covers.items()}
    texts: list[Callable[[], str]] = []
    answers = Answers()
    if rewrites:
        plan = replace(plan, reads=tuple(rewrite(read) for read in plan.reads))
    for read in plan.reads:
        for part in split(read):
            if rewrites and "asof" in features(engine, part):
                part = asof(part)
            _take(part, engine, versions, calendar, answers, texts, bounds)
    slices = {bound.name: finish.slices(bound, spans, answers, views) for bound in bounds} if query.by else {}
    _few(len(periods) * max((len(one) for one in slices.values()), default=1) * len(bounds))
    cells = [
        cell for bound in bounds
        for cell in finish.cells(bound, cells_at, slices.get(bound.name, [()]), answers, views)
    ]  # fmt: skip
    if plan.reads:
        # What people write is never taken for zero.
        counted = any(one.every is None for bound in bounds for one in bound.measures.values())
        notes += [*([Note("zero")] if counted else []), Note("days", _days(model))]
        if undated:
            notes.append(Note("undated"))
        notes += [Note("now", {"table": table}) for table in versions if connection_of(table)]
    return Result(cells, tuple(texts), show(plan), versions, list(dict.fromkeys(notes)), through)


def _take(
    read: Align, engine: Engine, versions: Mapping[str, int], calendar: Calendar, answers: Answers,
    texts: list[Callable[[], str]], bounds: list[Bound],
) -> None:  # fmt: skip
    """Run one read and keep what it brought."""
    tree, names = _compiled(read, calendar)
    texts.append(shown(engine, tree))
    try:
        table = engine.execute(tree, versions)
    except Exception as error:
        told = _uncountable(error, bounds)
        if told is None:
            raise
        raise told from error
    rows = table.to_pylist()
    for part in read.parts:
        if isinstance(part, Aggregate) and read.run is not None:
            answers.take(part, read.view, read.run, calendar, rows, names)


@lru_cache(256)
def _compiled(read: Align, calendar: Calendar) -> tuple[exp.Select, dict[str, str]]:
    """A read as SQL, and its measures' columns. Pages ask the same again; nobody may change the tree."""
    names: dict[str, str] = {}
    return compile_plan(read, calendar, names), names


def _by_hand(model: Model, bound: Bound) -> Iterable[Note]:
    """Of a metric that people write: how its values make a longer period, or that there is nowhere to write them."""
    metric = model.metrics[bound.name]
    if isinstance(metric, Manual):
        known = {"metric": bound.name}
        yield Note("manual", known) if bound.formula is None else Note("by_hand", known | metric.manual.model_dump())


def _framed(bound: Bound) -> Iterable[Note]:
    """How each frame reads a period: what others leave open."""
    for one in bound.framed.values():
        over = f" ({one.frame.over})" if one.frame.over else ""
        params = {"metric": bound.name, "frame": str(one.frame), "eval": one.frame.eval, "over": over}
        yield Note("frame", params)
        yield from _framed(one.inner)


def _few(cells: int) -> None:
    """Refuse an answer too large to hold, before it is made."""
    if cells > MOST_CELLS:
        raise MetricError([Issue("too_many_cells", params={"cells": cells, "most": MOST_CELLS})])


def _uncountable(error: Exception, bounds: list[Bound]) -> MetricError | None:
    """The engine's refusal of a number, as a sentence that names the metrics that add numbers up."""
    found = UNCOUNTABLE.search(str(error))
    if found is None:
        return None
    names = [one.name for one in bounds if any(measure.function in ("sum", "avg") for measure in one.measures.values())]
    detail = f" ({found['value']})" if found["value"] else ""
    return MetricError([Issue("overflow", params={"metric": ", ".join(names), "detail": detail})])


def _days(model: Model) -> dict[str, Any]:
    spec = model.calendar
    return {**spec.model_dump(), "day_start": f"{spec.day_start:%H:%M}"}


def _range(query: Query, covers: Mapping[str, Coverage], calendar: Calendar) -> tuple[date | None, date | None]:
    known = [one for one in covers.values() if one.first is not None and one.last is not None]
    start, end = query.start, query.end
    if start is None:
        firsts = [calendar.today(one.first) for one in known if one.first]
        start = min(firsts) if firsts else (date(1970, 1, 1) if covers and query.grain is Grain.ALL else None)
    if end is None:
        lasts = [calendar.today(one.last) for one in known if one.last]
        end = max(lasts) + timedelta(days=1) if lasts else (start + timedelta(days=1) if start and covers else None)
    return start, end


def _span(period: Period, query: Query, start: date | None, end: date | None) -> Span:
    """The stretch of a cell; grain all is the asked range itself, so its state says whether that range is complete."""
    if query.grain is Grain.ALL and start is not None and end is not None:
        return Span(*(datetime.combine(day, datetime.min.time()) for day in (start, end)))
    return Span(period.start, period.end)


def _tables(plan: Node) -> set[str]:
    found = {plan.table} if isinstance(plan, Scan) else set()
    found |= {one.table for one in plan.lookups} if isinstance(plan, Join) else set()
    return found.union(*(_tables(part) for part in plan.inputs()))


def _check_unique(plan: Node, engine: Engine, versions: Mapping[str, int]) -> None:
    """Refuse a join whose key is not unique in the data: it would count rows more than once."""
    known = _unique.setdefault(engine.engine if isinstance(engine, Pinned) else engine, set())
    lookups = {one for node in _walk(plan) if isinstance(node, Join) for one in node.lookups}
    for one in sorted(lookups, key=lambda one: one.alias):
        seen = (one.table, one.key, versions[one.table])
        if seen in known:
            continue
        found = engine.execute(duplicates(one), versions).to_pylist()
        if found:
            values = ", ".join(f"{row['key']} ×{row['n']}" for row in found)
            raise DuplicateKeys([Issue("duplicates", params={"table": one.table, "key": one.key, "values": values})])
        known.add(seen)


def _walk(node: Node) -> Iterable[Node]:
    yield node
    for part in node.inputs():
        yield from _walk(part)
