"""Evaluate metrics: bind, plan, rewrite, run on an engine, and finish the cells."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from weakref import WeakKeyDictionary

from sqlglot import exp

from nachim.core.period import MONTHS, Calendar, Grain, Period
from nachim.metrics.across import shown
from nachim.metrics.bind import Binder, Bound, Measure
from nachim.metrics.cells import Cell, State
from nachim.metrics.coverage import Coverage, cover
from nachim.metrics.engine import Engine, connection_of
from nachim.metrics.expression import Checker, instant, reading
from nachim.metrics.formula import Number, leaf, ratio
from nachim.metrics.formula import evaluate as value_of
from nachim.metrics.lineage import spec_hash, tables_of
from nachim.metrics.messages import DuplicateKeys, Issue, MetricError, Note, SpecError
from nachim.metrics.plan import Aggregate, Align, Calculate, Filter, Join, Node, Scan, aggregates, show
from nachim.metrics.rewrite import rewrite
from nachim.metrics.rewrite.split import split
from nachim.metrics.scope import Problem
from nachim.metrics.spec import Model
from nachim.metrics.sql import compile_plan, duplicates

__all__ = [
    "DuplicateKeys",
    "MetricError",
    "Query",
    "Result",
    "SpecError",
    "evaluate",
    "explain",
    "spec_hash",
    "tables_of",
]
Slices = tuple[tuple[str, str | None], ...]
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
    sql: str
    plan: str
    versions: dict[str, int]
    notes: list[Note]
    complete_through: dict[str, datetime | None] = field(default_factory=dict)

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
        return _evaluate(binder or Binder(model, engine), query, as_of, rewrites)
    except Problem as problem:
        raise SpecError([problem.at("")]) from problem


def explain(model: Model, query: Query, engine: Engine, *, as_of: datetime, locale: str = "ko") -> str:
    """How a query is answered: plan, SQL, versions and defaults, as one text."""
    return evaluate(model, query, engine, as_of=as_of).explain(locale)


def _evaluate(binder: Binder, query: Query, as_of: datetime, rewrites: bool) -> Result:
    model, engine, calendar = binder.model, binder.engine, binder.calendar
    bounds = [binder.metric(name) for name in query.metrics]
    sources = list(dict.fromkeys(source for bound in bounds for source in bound.sources))
    covers: dict[str, Coverage] = {}
    notes = [Note("manual", {"metric": bound.name}) for bound in bounds if bound.formula is None]
    for source in sources:
        covers[source], note = cover(binder.scope(source), engine, calendar, as_of)
        notes.append(note)
    start, end = _range(query, covers, calendar)
    if start and end and (end - start).days * (24 if query.grain is Grain.HOUR else 1) > MOST_CELLS:
        _few((end - start).days)
    periods = calendar.periods(query.grain, start, end) if start and end and start < end else []
    periods = [_clipped(period, query, start, end) for period in periods]
    plan = _plan(binder, bounds, query, start, end)
    versions = {table: engine.version(table) for table in sorted(_tables(plan))}
    _check_unique(plan, engine, versions)
    through = {source: one.through for source, one in covers.items()}
    if not periods or not list(aggregates(plan)):
        return Result(_empty(bounds, periods, query), "", show(plan), versions, notes, through)
    plan = rewrite(plan) if rewrites else plan
    names: dict[str, str] = {}
    rows: dict[tuple[int, tuple[str | None, ...]], dict[str, Any]] = {}
    texts = []
    for part in split(plan):
        tree = compile_plan(part, calendar, names)
        texts.append(shown(engine, tree))
        try:
            table = engine.execute(tree, versions)
        except Exception as error:
            told = _uncountable(error, bounds)
            if told is None:
                raise
            raise told from error
        for key, row in _rows(table, query).items():
            rows.setdefault(key, {}).update(row)
    _few(len(periods) * len({slices for _at, slices in rows} if query.by else [()]) * len(bounds))
    cells = [cell for bound in bounds for cell in _cells(bound, query, periods, rows, names, covers, calendar)]
    notes += [Note("zero"), Note("days", _days(model))]
    if query.grain is Grain.ALL and query.start is None and query.end is None:
        notes.append(Note("undated"))
    notes += [Note("now", {"table": table}) for table in versions if connection_of(table)]
    return Result(cells, "\n\n".join(texts), show(plan), versions, notes, through)


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


def _clipped(period: Period, query: Query, start: date | None, end: date | None) -> Period:
    """Grain all is the asked range itself, so that its state says whether that range is complete."""
    if query.grain is not Grain.ALL or start is None or end is None:
        return period
    first, last = (datetime.combine(day, datetime.min.time()) for day in (start, end))
    # Read as one long stretch of days; its key stays "all".
    return Period(first, last, Grain.ALL, period.fiscal_year_start)


def _plan(binder: Binder, bounds: list[Bound], query: Query, start: date | None, end: date | None) -> Node:
    """One aggregate a measure; rewrites share what can be shared."""
    calendar = binder.calendar
    parts: dict[str, Aggregate] = {}
    for bound in bounds:
        refs = {name: binder.slice(bound, name) for name in query.by} if bound.measures else {}
        for measure in bound.measures.values():
            scope = binder.scope(measure.source)
            time = scope.time() if query.grain is not Grain.ALL else None
            by = tuple((name, refs[name][measure.source]) for name in query.by)
            checker = Checker(scope, calendar, dims=True)
            checker.lookups.update({one.alias: one for one in measure.lookups})
            conditions = [_condition(checker, query.where, bound.name)] if query.where else []
            known = scope.time() if scope.source.time is not None else None
            if known is not None:
                conditions = [*_between(known.sql(), query, start, end, calendar), *conditions]
            for ref in [*(ref for _name, ref in by), *([known] if known else [])]:
                checker.lookups.update({one.alias: one for one in ref.path})
            node: Node = Scan(measure.source, scope.source.place)
            if checker.lookups:
                node = Join(node, _ordered(checker.lookups.values()))
            if conditions:
                node = Filter(node, tuple(conditions))
            parts[measure.id] = Aggregate(node, query.grain, time, by, (measure,))
    formulas = tuple((bound.name, bound.formula.sql(dialect="duckdb")) for bound in bounds if bound.formula is not None)
    return Calculate(Align(tuple(parts.values())), formulas)


def _condition(checker: Checker, where: str, metric: str) -> exp.Expr:
    """The query's condition on one source; a name the source lacks is told with the metric that needs it."""
    try:
        with reading(where):
            return checker.condition(where)
    except Problem as problem:
        raise SpecError([problem.at(f"metrics.{metric}")]) from problem


def _ordered(lookups: Iterable[Any]) -> tuple[Any, ...]:
    """Each lookup after the one it starts from."""
    left = list(lookups)
    done: list[Any] = []
    aliases = {one.alias for one in left}
    while left:
        ready = next(one for one in left if one.left_alias not in aliases or one.left_alias in {d.alias for d in done})
        left.remove(ready)
        done.append(ready)
    return tuple(done)


def _between(time: exp.Expr, query: Query, start: date | None, end: date | None, calendar: Calendar) -> list[exp.Expr]:
    """The asked range, widened to whole periods: a period's cell never shows a part of it because of the range."""
    if start is None or end is None or start >= end:
        return []
    if query.grain is Grain.ALL:
        if query.start is None and query.end is None:
            return []
        first, last = (calendar.instant(datetime.combine(day, datetime.min.time())) for day in (start, end))
    else:
        first = calendar.bounds(calendar.period(query.grain, start))[0]
        last = calendar.bounds(calendar.period(query.grain, end - timedelta(days=1)))[1]
        if query.grain is Grain.HOUR:
            last = calendar.instant(datetime.combine(end, datetime.min.time()))
    return [
        exp.GTE(this=time.copy(), expression=instant(first)),
        exp.LT(this=time.copy(), expression=instant(last)),
    ]


def _tables(plan: Node) -> set[str]:
    found = {plan.table} if isinstance(plan, Scan) else set()
    found |= {one.table for one in plan.lookups} if isinstance(plan, Join) else set()
    return found.union(*(_tables(part) for part in plan.inputs()))


def _check_unique(plan: Node, engine: Engine, versions: Mapping[str, int]) -> None:
    """Refuse a join whose key is not unique in the data: it would count rows more than once."""
    known = _unique.setdefault(engine, set())
    lookups = {
        one for part in aggregates(plan) for node in _walk(part) if isinstance(node, Join) for one in node.lookups
    }
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


def _rows(table: Any, query: Query) -> dict[tuple[int, tuple[str | None, ...]], dict[str, Any]]:
    """The engine's rows by period and slice."""
    found = {}
    for row in table.to_pylist():
        key = (
            int(row["period"]) if query.grain is not Grain.ALL else 0,
            tuple(row[f"s{at}"] for at in range(len(query.by))),
        )
        found[key] = row
    return found


def encode(period: Period) -> int:
    """The integer that SQL gives this period (`sql.bucket`)."""
    first = period.start
    if period.grain is Grain.ALL:
        return 0
    if period.grain in MONTHS:
        return first.year * 12 + first.month - 1
    days = (first.date() - date(1970, 1, 1)).days
    return days * 24 + first.hour if period.grain is Grain.HOUR else days


def _cells(
    bound: Bound, query: Query, periods: list[Period], rows: Mapping[Any, Mapping[str, Any]], names: Mapping[str, str],
    covers: Mapping[str, Coverage], calendar: Calendar,
) -> Iterable[Cell]:  # fmt: skip
    if bound.formula is None:
        yield from _empty([bound], periods, query)
        return
    columns = {measure.id: names[measure.id] for measure in bound.measures.values()}
    seen = {slices for (_at, slices), row in rows.items() if any(row.get(f"{name}_n") for name in columns.values())}
    wanted = (
        sorted(seen, key=lambda values: tuple((value is None, value or "") for value in values)) if query.by else [()]
    )
    parts = ratio(bound.formula)
    bare = bound.formula.unnest()
    single = bare.name if isinstance(bare, exp.Column) else None
    for period in periods:
        states = {source: covers[source].state(_spanned(period), calendar) for source in bound.sources}
        for slices in wanted:
            row = rows.get((encode(period), slices), {})
            leaves = {
                measure.id: _leaf(measure, columns[measure.id], row, states[measure.source])
                for measure in bound.measures.values()
            }
            n = max((int(row.get(f"{name}_n") or 0) for name in columns.values()), default=0)
            number = value_of(bound.formula, leaves)
            top = bottom = None
            if parts is not None:
                top, bottom = (value_of(part, leaves).value for part in parts)
            elif single is not None and bound.measures[single].function == "avg" and number.value is not None:
                top, bottom = (_decimal(row.get(columns[single] + end)) for end in ("", "_d"))
            yield Cell(
                bound.name, period.key, tuple(zip(query.by, slices, strict=True)), _float(number.value), _float(top),
                _float(bottom), n, number.state,
            )  # fmt: skip


def _spanned(period: Period) -> Period:
    """Grain all with real ends is judged like any stretch of days."""
    if period.grain is Grain.ALL and period.start.year > 1:
        return Period(period.start, period.end, Grain.DAY, period.fiscal_year_start)
    return period


def _leaf(measure: Measure, name: str, row: Mapping[str, Any], covered: State) -> Number:
    return leaf(measure, row.get(name), row.get(f"{name}_d"), int(row.get(f"{name}_n") or 0), covered)


def _decimal(value: Any) -> Decimal | None:
    return None if value is None else Decimal(value)


def _float(value: Decimal | None) -> float | None:
    return None if value is None else float(value)


def _empty(bounds: list[Bound], periods: list[Period], query: Query) -> list[Cell]:
    """Cells that say there is nothing; sliced, there is not even a slice to say it of."""
    if query.by:
        return []
    return [
        Cell(bound.name, period.key, (), None, None, None, 0, State.NO_DATA) for bound in bounds for period in periods
    ]
