"""From names to meaning: every metric becomes a formula over measures, and a measure is one aggregate of one source."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from sqlglot import exp

from nachim.core.period import Calendar, Grain
from nachim.metrics.by_hand import as_agg, source_of
from nachim.metrics.duration import duration, shift
from nachim.metrics.engine import ColumnType, Engine
from nachim.metrics.expression import NUMERIC, Checker, Outer, aggregate_name, parse, reading, refused
from nachim.metrics.frame import Frame
from nachim.metrics.made import Steps, scope_of, steps_of
from nachim.metrics.measure import Bound, Each, Framed, Measure
from nachim.metrics.messages import Issue, SpecError, nearest
from nachim.metrics.scope import Lookup, Problem, Ref, Scope
from nachim.metrics.spec import Agg, At, Calc, Manual, Metric, Model

ARITHMETIC = (exp.Add, exp.Sub, exp.Mul, exp.Div)
LENGTHS = ("sum", "avg", "min", "max", "median")
MOST_NODES, MOST_LEVELS, MOST_FRAMES = 5_000, 100, 12
# Problems that hang on which metrics led here.
OF_THE_WAY = ("cycle", "too_tall")


@dataclass(frozen=True)
class _Call:
    """What the aggregates of one metric share."""

    source: str
    where: exp.Expr | None
    lookups: dict[str, Lookup] = field(hash=False)
    metric: Agg = field(hash=False)
    key: Ref | None


class Binder:
    """Binds metrics of one model on one engine, each once."""

    def __init__(self, model: Model, engine: Engine):
        self.model, self.engine = model, engine
        self.calendar: Calendar = model.calendar.calendar()
        self._scopes: dict[str, Scope] = {}
        self._steps: dict[str, Steps] = {}
        self._bound: dict[str, Bound] = {}
        self._failed: dict[str, Problem] = {}

    def scope(self, source: str) -> Scope:
        if source not in self._scopes:
            self._scopes[source] = scope_of(self.model, source, self.engine)
        return self._scopes[source]

    def steps(self, rows: str) -> Steps:
        """The events that made rows come from."""
        if rows not in self._steps:
            self._steps[rows] = steps_of(self.model, rows, self.engine, self.calendar)
        return self._steps[rows]

    def metric(self, name: str) -> Bound:
        """The bound metric; SpecError with its issue otherwise."""
        if name not in self.model.metrics:
            raise SpecError([Issue("unknown_metric", params={"name": name}, nearest=nearest(name, self.model.metrics))])
        try:
            return self._metric(name, ())
        except Problem as problem:
            raise SpecError([self._issue(one) for one in (problem, *problem.also)]) from problem

    def _issue(self, problem: Problem) -> Issue:
        where = ("metrics", problem.metric)
        return problem.at(".".join(where), self.model.place(*where, *([problem.entry] if problem.entry else [])))

    def _metric(self, name: str, path: tuple[str, ...]) -> Bound:
        if name in path:
            raise Problem("cycle", path=" → ".join((*path[path.index(name) :], name)))
        if len(path) > MOST_LEVELS:
            raise Problem("too_tall")
        if name in self._failed:
            raise self._failed[name]
        if name not in self._bound:
            try:
                self._bound[name] = self._bind(name, self.model.metrics[name], (*path, name))
            except Problem as problem:
                for one in (problem, *problem.also):
                    one.metric = one.metric or name
                if problem.code not in OF_THE_WAY:
                    self._failed[name] = problem
                raise
        return self._bound[name]

    def _bind(self, name: str, metric: Metric, path: tuple[str, ...]) -> Bound:
        leaves: dict[str, Measure] = {}
        framed: dict[str, Framed] = {}
        if isinstance(metric, Manual):
            rows = as_agg(self.model, name, metric)
            if rows is None:
                return Bound(name, None, {})
            formula = self._aggregate(rows, leaves)
            leaves = {id_: replace(one, every=Grain(metric.manual.every)) for id_, one in leaves.items()}
        elif isinstance(metric, Agg):
            formula = self._aggregate(metric, leaves)
        elif isinstance(metric, At):
            formula = self._frame(metric, path, framed)
        else:
            with reading(metric.calc, "calc"):
                formula = self._calculate(metric, parse(metric.calc), path, leaves, framed)
                _bounded(formula)
        return Bound(name, formula, leaves, framed)

    def _frame(self, metric: At, path: tuple[str, ...], framed: dict[str, Framed]) -> exp.Expr:
        with reading(metric.at, "at"):
            if metric.at not in self.model.metrics:
                raise Problem("unknown_metric", nearest(metric.at, self.model.metrics), name=metric.at)
            inner = self._metric(metric.at, path)
            if inner.formula is None:
                raise Problem("frame_of_manual", name=metric.at, source=source_of(metric.at))
            if inner.frames >= MOST_FRAMES:
                raise Problem("too_tall")
        frame = Frame(
            shift(metric.shift) if metric.shift else None, duration(metric.window) if metric.window else None,
            Grain(metric.to_date) if metric.to_date else None, metric.eval,
            duration(metric.over) if metric.over else None, tuple(metric.all),
        )  # fmt: skip
        with reading(", ".join(metric.all), "all"):
            for name in metric.all:
                if not any(self.scope(source).dim(name) for source in inner.sources):
                    dims = [dim for source in inner.sources for dim in self.scope(source).dims]
                    expected = ", ".join(dict.fromkeys(dims)) or "—"
                    raise Problem("unknown_dim", nearest(name, dims), metric=metric.at, name=name,
                                  source=", ".join(inner.sources), expected=expected)  # fmt: skip
        made = Framed(inner, frame)
        framed[made.id] = made
        return exp.column(exp.to_identifier(made.id, quoted=True))

    def _calculate(
        self, metric: Calc, node: exp.Expr, path: tuple[str, ...], leaves: dict[str, Measure], framed: dict[str, Framed]
    ) -> exp.Expr:
        if isinstance(node, exp.Column):
            name = node.name
            if len(node.parts) > 1:
                raise Problem("not_a_metric", fragment=node.sql(dialect="duckdb"))
            if name in metric.parts:
                bound = self._bind(name, metric.parts[name], (*path, f"with {name}"))
            elif name in self.model.metrics:
                bound = self._metric(name, path)
            else:
                raise Problem("unknown_metric", nearest(name, [*metric.parts, *self.model.metrics]), name=name)
            if bound.formula is None:
                raise Problem("frame_of_manual", name=name, source=source_of(name))
            leaves.update(bound.leaves)
            framed.update(bound.framed)
            return exp.Paren(this=bound.formula.copy())
        return _arithmetic(node, lambda part: self._calculate(metric, part, path, leaves, framed))

    def _aggregate(self, metric: Agg, measures: dict[str, Measure]) -> exp.Expr:
        with reading(metric.agg, "agg"):
            tree = parse(metric.agg)
            calls = [node for node in tree.walk() if aggregate_name(node)]
            if not calls:
                raise Problem("no_aggregate", text=metric.agg)
            source = metric.source or self._source_of(tree, calls)
            scope = self.scope(source)
            if source in self.model.rows:
                self.steps(source)
        checker = Checker(scope, self.calendar, unit=metric.unit)
        wrong: Problem | None = None
        where: exp.Expr | None = None
        try:
            with reading(metric.where or "", "where"):
                where = checker.condition(metric.where) if metric.where else None
        except Problem as problem:
            wrong = problem
        call = _Call(source, where, dict(checker.lookups), metric, self._key(metric, scope))

        def leaf(node: exp.Expr) -> exp.Expr:
            if not aggregate_name(node):
                if isinstance(node, exp.Column):
                    raise Problem("bare_column", fragment=node.sql(dialect="duckdb"))
                return _arithmetic(node, leaf)
            measure = self._measure(node, call)
            measures[measure.id] = measure
            leaf_ = exp.column(exp.to_identifier(measure.id, quoted=True))
            lag = measure.value is not None and measure.value == checker.lag()
            return exp.Paren(this=exp.Div(this=leaf_, expression=checker.per())) if lag else leaf_

        try:
            with reading(metric.agg, "agg"):
                formula = leaf(tree)
        except Problem as problem:
            problem.also += [wrong] if wrong else []
            raise
        if wrong is not None:
            raise wrong
        return formula

    def _key(self, metric: Agg, scope: Scope) -> Ref | None:
        with reading(metric.per or "", "per"):
            return scope.entity(metric.per) if metric.per else None

    def _measure(self, node: exp.Expr, call: _Call) -> Measure:
        value = argument(node)
        nested = any(aggregate_name(inner) for inner in value.walk())
        if call.key is not None:
            if not nested:
                raise Problem("per_needs")
            return self._each(node, value, call)
        if nested:
            raise Problem("nested", fragment=node.sql(dialect="duckdb"))
        return self._of_rows(node, value, call, call.where)

    def _of_rows(self, node: exp.Expr, value: exp.Expr, call: _Call, where: exp.Expr | None) -> Measure:
        """A function of the rows themselves."""
        function, source = aggregate_name(node) or "", call.source
        checker = Checker(self.scope(source), self.calendar, unit=call.metric.unit)
        checker.lookups.update(call.lookups)
        tree: exp.Expr | None
        base = self.scope(source).base
        counts_rows = isinstance(value, exp.Star) or (
            isinstance(value, exp.Column) and not value.table and value.name in (source, base)
        )
        if function == "count" and counts_rows and source not in self.scope(source).columns:
            tree, kind = None, ColumnType.INTEGER
        elif call.key is None and function in LENGTHS and checker.is_lag(value):
            # Added up in whole microseconds, and put into the metric's unit afterwards.
            tree, kind = checker.lag(), ColumnType.INTEGER
        else:
            tree, found = checker.row(value)
            kind = found or ColumnType.INTEGER
        if call.key is not None and function in ("min", "max") and kind is ColumnType.BOOL:
            tree, kind = _as_number(tree, kind)
        if function in ("sum", "avg"):
            tree, kind = _as_number(tree, kind)
        if function in ("sum", "avg", "median", "min", "max") and kind not in NUMERIC:
            raise Problem("not_a_number", fragment=value.sql(dialect="duckdb"), type=kind.value)
        lookups = tuple(checker.lookups.values())
        whole = kind is ColumnType.INTEGER
        return Measure(source, function, tree, whole, where, lookups, over_time=call.metric.over_time or "")

    def _each(self, node: exp.Expr, value: exp.Expr, call: _Call) -> Measure:
        """A function of what each entity's rows come to."""
        parts: list[Measure] = []

        def inner(one: exp.Expr) -> exp.Expr:
            if not aggregate_name(one):
                return one
            parts.append(self._of_rows(one, argument(one), call, None))
            return exp.column(f"i{len(parts) - 1}", table="_each")

        replaced = value.copy().transform(inner)
        kinds = {f"i{at}": part.whole for at, part in enumerate(parts)}
        given, found = Outer(kinds, self.calendar).row(replaced)
        tree, kind = _as_number(given, found or ColumnType.INTEGER)
        if kind not in NUMERIC:
            raise Problem("not_a_number", fragment=value.sql(dialect="duckdb"), type=kind.value)
        lookups = {one.alias: one for part in parts for one in part.lookups} | call.lookups
        key = call.key
        if key is None:
            raise Problem("per_needs")
        lookups |= {one.alias: one for one in key.path}
        each = Each(call.metric.per or "", key, tuple(parts))
        function, whole = aggregate_name(node) or "", kind is ColumnType.INTEGER
        return Measure(call.source, function, tree, whole, call.where, tuple(lookups.values()), each)

    def _source_of(self, tree: exp.Expr, calls: list[exp.Expr]) -> str:
        """The one source an agg reads: the prefix from which all others are reached, or the only source there is."""
        sources = {**self.model.sources, **self.model.rows}
        named = {column.table for column in tree.find_all(exp.Column) if column.table}
        named |= {
            call.this.name for call in calls
            if isinstance(call.this, exp.Column) and not call.this.table and call.this.name in sources
        }  # fmt: skip
        if not named:
            if len(self.model.sources) == 1:
                return next(iter(self.model.sources))
            first = next(tree.find_all(exp.Column), None)
            if first is None:
                if not isinstance(calls[0].this, exp.Star):
                    Checker(self.scope(next(iter(sources))), self.calendar).row(calls[0].this)
                raise Problem("no_source", text=tree.sql(dialect="duckdb")[:60], expected=", ".join(sources))
            owners = [name for name in sources if first.name in self.scope(name).columns]
            expected = ", ".join(f"{name}.{first.name}" for name in owners) or ", ".join(sources)
            raise Problem("ambiguous", name=first.name, expected=expected)
        for name in sorted(named):
            if name not in sources and not any(name in source.joins for source in self.model.sources.values()):
                raise Problem("unknown_source", nearest(name, sources), name=name)
        for name in sorted(named & set(sources)):
            if named - {name} <= set(self.scope(name).joined):
                return name
        raise Problem("two_sources", found=", ".join(sorted(named)))

    def slice(self, bound: Bound, name: str) -> dict[str, Ref]:
        """Where each source of a metric keeps the dimension `name`."""
        sources = dict.fromkeys(one.source for one, dropped in bound.read() if name not in dropped)
        return {source: self.dim(source, name, bound.name) for source in sources or bound.sources}

    def dim(self, source: str, name: str, metric: str) -> Ref:
        """Where a source keeps a dimension; told with the metric that is to be sliced by it where it has none."""
        ref = self.scope(source).dim(name)
        if ref is None:
            dims = self.scope(source).dims
            params = {"metric": metric, "name": name, "source": source, "expected": ", ".join(dims) or "—"}
            raise SpecError([Issue("unknown_dim", nearest=nearest(name, dims), params=params)])
        return ref

    def dims(self, bound: Bound) -> list[str]:
        """The dimensions a metric can be sliced by: those every source of it has, as its own or by a join."""
        scopes = [self.scope(source) for source in bound.sources]
        named = dict.fromkeys(dim for scope in scopes for dim in scope.dims)
        return [dim for dim in named if all(_answers(scope, dim) for scope in scopes)]


def _answers(scope: Scope, dim: str) -> bool:
    """Whether exactly one dimension of a source goes by a name."""
    try:
        return scope.dim(dim) is not None
    except Problem:
        return False


def _bounded(formula: exp.Expr) -> None:
    """Refuse what metrics calling metrics made too large: each call writes the other's formula in, so n of two make 2ⁿ.

    And what is nested so deeply that reading it could exhaust the stack.
    """
    level, nodes = [formula], 0
    for _depth in range(MOST_LEVELS):
        nodes += len(level)
        level = [part for node in level for part in node.iter_expressions()]
        if not level:
            return
        if nodes > MOST_NODES:
            break
    raise Problem("too_wide")


def _arithmetic(node: exp.Expr, leaf: Callable[[exp.Expr], exp.Expr]) -> exp.Expr:
    """The node with its operands bound by `leaf`; anything but plain arithmetic is refused."""
    if not isinstance(node, exp.Expr):
        raise Problem("syntax")
    if isinstance(node, exp.Paren):
        return exp.Paren(this=leaf(node.this))
    if isinstance(node, exp.Neg):
        return exp.Neg(this=leaf(node.this))
    if isinstance(node, exp.Literal) and not node.is_string:
        return node.copy()
    if isinstance(node, ARITHMETIC):
        return type(node)(this=leaf(node.this), expression=leaf(node.expression))
    raise refused(node, "+ - * / ( )")


def argument(node: exp.Expr) -> exp.Expr:
    """The one value an aggregate is of."""
    value = next(iter(node.expressions), None) if isinstance(node, exp.Anonymous) else node.this
    given = value.expressions if isinstance(value, exp.Distinct) else [value]
    named = ("this", "expressions" if isinstance(node, exp.Anonymous) else "big_int")
    more = len(node.expressions) > 1 or any(value for key, value in node.args.items() if key not in named)
    distinct = isinstance(value, exp.Distinct) and aggregate_name(node) != "count_distinct"
    if more or len(given) != 1 or distinct:
        raise Problem("one_value", fragment=node.sql(dialect="duckdb"))
    if not isinstance(given[0], exp.Expr):
        raise Problem("no_aggregate", text=node.sql(dialect="duckdb"))
    return given[0]


def _as_number(tree: exp.Expr | None, kind: ColumnType) -> tuple[exp.Expr | None, ColumnType]:
    """A condition as 1 and 0; null stays null."""
    if kind is not ColumnType.BOOL or tree is None:
        return tree, kind
    return exp.Case().when(tree, "1").when(exp.Not(this=exp.Paren(this=tree.copy())), "0"), ColumnType.INTEGER
