"""From names to meaning: every metric becomes a formula over measures, and a measure is one aggregate of one source."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial

from sqlglot import exp

from nachim.core.period import Calendar
from nachim.metrics.coverage import rule_of
from nachim.metrics.engine import ColumnType, Engine
from nachim.metrics.expression import NUMERIC, Checker, aggregate_name, parse, reading, refused
from nachim.metrics.messages import Issue, SpecError, nearest
from nachim.metrics.scope import Lookup, Problem, Ref, Scope
from nachim.metrics.spec import Agg, Calc, Manual, Metric, Model

ARITHMETIC = (exp.Add, exp.Sub, exp.Mul, exp.Div)
ADDITIVE = ("sum", "count", "count_distinct")


@dataclass(frozen=True)
class Measure:
    """One aggregate: `function` of `value` over the rows of `source` that meet `where`. value None counts rows."""

    source: str
    function: str
    value: exp.Expr | None
    whole: bool
    where: exp.Expr | None
    lookups: tuple[Lookup, ...]

    @property
    def id(self) -> str:
        value = self.value.sql(dialect="duckdb") if self.value is not None else "*"
        where = f" where {self.where.sql(dialect='duckdb')}" if self.where is not None else ""
        return f"{self.function}({value}) of {self.source}{where}"

    @property
    def additive(self) -> bool:
        """Whether no rows means zero (where the source is complete) rather than nothing."""
        return self.function in ADDITIVE


@dataclass(frozen=True)
class Bound:
    """A metric ready to plan: `formula` is arithmetic whose columns are measure ids."""

    name: str
    formula: exp.Expr | None
    measures: dict[str, Measure] = field(hash=False)

    @property
    def sources(self) -> list[str]:
        return list(dict.fromkeys(measure.source for measure in self.measures.values()))


class Binder:
    """Binds metrics of one model on one engine, each once."""

    def __init__(self, model: Model, engine: Engine):
        self.model, self.engine = model, engine
        self.calendar: Calendar = model.calendar.calendar()
        self._scopes: dict[str, Scope] = {}
        self._bound: dict[str, Bound] = {}

    def scope(self, source: str) -> Scope:
        if source not in self._scopes:
            self._scopes[source] = Scope(self.model, source, self.engine)
        return self._scopes[source]

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
        if name not in self._bound:
            try:
                self._bound[name] = self._bind(name, self.model.metrics[name], (*path, name))
            except Problem as problem:
                for one in (problem, *problem.also):
                    one.metric = one.metric or name
                raise
        return self._bound[name]

    def _bind(self, name: str, metric: Metric, path: tuple[str, ...]) -> Bound:
        if isinstance(metric, Manual):
            return Bound(name, None, {})
        measures: dict[str, Measure] = {}
        if isinstance(metric, Agg):
            formula = self._aggregate(metric, measures)
        else:
            with reading(metric.calc, "calc"):
                formula = self._calculate(metric, parse(metric.calc), path, measures)
        return Bound(name, formula, measures)

    def _calculate(self, metric: Calc, node: exp.Expr, path: tuple[str, ...], measures: dict[str, Measure]) -> exp.Expr:
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
                raise Problem("not_yet", name=f"calc({name}: manual)")
            measures.update(bound.measures)
            return exp.Paren(this=bound.formula.copy())
        return _arithmetic(node, lambda part: self._calculate(metric, part, path, measures))

    def _aggregate(self, metric: Agg, measures: dict[str, Measure]) -> exp.Expr:
        with reading(metric.agg, "agg"):
            tree = parse(metric.agg)
            calls = [node for node in tree.walk() if aggregate_name(node)]
            if not calls:
                raise Problem("no_aggregate", text=metric.agg)
            source = metric.source or self._source_of(tree, calls)
            scope = self.scope(source)
        checker = Checker(scope, self.calendar)
        wrong: Problem | None = None
        where: exp.Expr | None = None
        try:
            with reading(metric.where or "", "where"):
                where = checker.condition(metric.where) if metric.where else None
        except Problem as problem:
            wrong = problem
        needed = dict(checker.lookups)

        def leaf(node: exp.Expr) -> exp.Expr:
            if not aggregate_name(node):
                if isinstance(node, exp.Column):
                    raise Problem("bare_column", fragment=node.sql(dialect="duckdb"))
                return _arithmetic(node, leaf)
            measure = self._measure(node, source, where, needed)
            measures[measure.id] = measure
            return exp.column(exp.to_identifier(measure.id, quoted=True))

        try:
            with reading(metric.agg, "agg"):
                formula = leaf(tree)
        except Problem as problem:
            problem.also += [wrong] if wrong else []
            raise
        if wrong is not None:
            raise wrong
        return formula

    def _measure(self, node: exp.Expr, source: str, where: exp.Expr | None, needed: dict[str, Lookup]) -> Measure:
        function = aggregate_name(node) or ""
        value = next(iter(node.expressions), None) if isinstance(node, exp.Anonymous) else node.this
        given = value.expressions if isinstance(value, exp.Distinct) else [value]
        named = ("this", "expressions" if isinstance(node, exp.Anonymous) else "big_int")
        more = len(node.expressions) > 1 or any(value for key, value in node.args.items() if key not in named)
        if more or len(given) != 1 or (isinstance(value, exp.Distinct) and function != "count_distinct"):
            raise Problem("one_value", fragment=node.sql(dialect="duckdb"))
        value = given[0]
        if value is None:
            raise Problem("no_aggregate", text=node.sql(dialect="duckdb"))
        if any(aggregate_name(inner) for inner in value.walk()):
            raise Problem("nested", fragment=node.sql(dialect="duckdb"))
        checker = Checker(self.scope(source), self.calendar)
        checker.lookups.update(needed)
        tree: exp.Expr | None
        counts_rows = isinstance(value, exp.Star) or (
            isinstance(value, exp.Column) and not value.table and value.name == source
        )
        if function == "count" and counts_rows and source not in self.scope(source).columns:
            tree, kind = None, ColumnType.INTEGER
        else:
            tree, found = checker.row(value)
            kind = found or ColumnType.INTEGER
        if function in ("sum", "avg") and kind is ColumnType.BOOL:
            against = exp.Not(this=exp.Paren(this=tree))
            tree = exp.Case().when(tree, "1").when(against, "0") if tree is not None else None
            kind = ColumnType.INTEGER
        if function in ("sum", "avg", "median", "min", "max") and kind not in NUMERIC:
            raise Problem("not_a_number", fragment=value.sql(dialect="duckdb"), type=kind.value)
        lookups = tuple(checker.lookups.values())
        return Measure(source, function, tree, kind is ColumnType.INTEGER, where, lookups)

    def _source_of(self, tree: exp.Expr, calls: list[exp.Expr]) -> str:
        """The one source an agg reads: the prefix from which all others are reached, or the only source there is."""
        sources = self.model.sources
        named = {column.table for column in tree.find_all(exp.Column) if column.table}
        named |= {
            call.this.name for call in calls
            if isinstance(call.this, exp.Column) and not call.this.table and call.this.name in sources
        }  # fmt: skip
        if not named:
            if len(sources) == 1:
                return next(iter(sources))
            first = next(tree.find_all(exp.Column), None)
            if first is None:
                if not isinstance(calls[0].this, exp.Star):
                    Checker(self.scope(next(iter(sources))), self.calendar).row(calls[0].this)
                raise Problem("no_source", text=tree.sql(dialect="duckdb")[:60], expected=", ".join(sources))
            owners = [name for name in sources if first.name in self.scope(name).columns]
            expected = ", ".join(f"{name}.{first.name}" for name in owners) or ", ".join(sources)
            raise Problem("ambiguous", name=first.name, expected=expected)
        for name in sorted(named):
            if name not in sources and not any(name in source.joins for source in sources.values()):
                raise Problem("unknown_source", nearest(name, sources), name=name)
        for name in sorted(named & set(sources)):
            if named - {name} <= set(self.scope(name).joined):
                return name
        raise Problem("two_sources", found=", ".join(sorted(named)))

    def slice(self, bound: Bound, name: str) -> dict[str, Ref]:
        """Where each source of a metric keeps the dimension `name`."""
        found = {}
        for source in bound.sources:
            ref = self.scope(source).dim(name)
            if ref is None:
                dims = self.scope(source).dims
                params = {"metric": bound.name, "name": name, "source": source, "expected": ", ".join(dims) or "—"}
                raise SpecError([Issue("unknown_dim", nearest=nearest(name, dims), params=params)])
            found[source] = ref
        return found

    def dims(self, bound: Bound) -> list[str]:
        """The dimensions a metric can be sliced by: those every source of it has."""
        per_source = [self.scope(source).dims for source in bound.sources]
        if not per_source:
            return []
        return [dim for dim in per_source[0] if all(self.scope(source).dim(dim) for source in bound.sources[1:])]


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


def check(model: Model, engine: Engine) -> list[Issue]:
    """Every issue of a model on an engine: sources first, then metrics; empty when all of it can be computed."""
    return list(dict.fromkeys(_check(model, engine)))


def _check(model: Model, engine: Engine) -> Iterator[Issue]:
    binder = Binder(model, engine)
    broken = set()
    for name in model.sources:
        for problem in _source_problems(binder, name):
            broken.add(name)
            yield problem.at(
                f"sources.{name}", model.place("sources", name, *([problem.entry] if problem.entry else []))
            )
    for name in model.metrics:
        try:
            binder.metric(name)
        except SpecError as error:
            # What follows from a source that is broken already has been said there.
            yield from (issue for issue in error.issues if not (broken and issue.code in ("unknown_table",)))


def _source_problems(binder: Binder, name: str) -> Iterator[Problem]:
    """What is wrong with a source: each entry is tried, whatever the others say."""
    try:
        scope = binder.scope(name)
    except Problem as problem:
        yield problem
        return
    source = scope.source
    trials: list[tuple[str, Callable[[], object]]] = [("key", partial(scope.dotted, one)) for one in source.keys]
    trials += [("entities", partial(scope.dotted, one)) for one in source.entities.values()]
    trials += [("dims", partial(scope.dotted, one)) for one in source.dims]
    for join in source.joins:
        trials.append(("joins", partial(scope.find, source.join(join).on)))
        if join in scope.joined:
            trials.append(("joins", partial(scope.find, scope.joined[join][0].keys[0], join)))
    if source.time is not None:
        trials += [("time", scope.time), ("complete_through", partial(rule_of, scope))]
    said = set()
    for entry, trial in trials:
        try:
            trial()
        except Problem as problem:
            problem.entry = entry
            if (problem.code, str(problem.params)) not in said:
                said.add((problem.code, str(problem.params)))
                yield problem
