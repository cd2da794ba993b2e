"""What people may write in a condition or a formula: parsed by SQLGlot, then checked node by node against a short list.

Nothing outside the list passes, whatever it is: the tree that reaches an engine is built from known columns only.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime

import sqlglot
from sqlglot import Token, TokenType, exp
from sqlglot.dialects.duckdb import DuckDB
from sqlglot.errors import SqlglotError

from nachim.core.period import Calendar
from nachim.metrics.engine import ColumnType
from nachim.metrics.scope import Lookup, Problem, Ref, Scope

LOGIC = (exp.And, exp.Or, exp.Not)
COMPARE = (exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE)
MATH = (exp.Add, exp.Sub, exp.Mul, exp.Div, exp.Mod)
ALLOWED = "+ - * / %, = <> < <= > >=, and or not, in, between, like, is null, case, coalesce, lower, upper, abs"
AGGREGATES: dict[type[exp.Expr], str] = {
    exp.Sum: "sum",
    exp.Avg: "avg",
    exp.Min: "min",
    exp.Max: "max",
    exp.Median: "median",
    exp.Count: "count",
}
NUMERIC = (ColumnType.NUMBER, ColumnType.INTEGER)
Kind = ColumnType | None
LONGEST, DEEPEST, MOST_TYPES = 20_000, 60, 4
MICROSECONDS = {"seconds": 1_000_000, "minutes": 60_000_000, "hours": 3_600_000_000, "days": 86_400_000_000}


def parse(text: str) -> exp.Expr:
    """One expression, nothing more: no statements, no comments, no second expression."""
    if len(text) > LONGEST:
        raise Problem("too_deep")
    if not text.strip():
        raise Problem("empty")
    try:
        tokens = sqlglot.tokenize(text, read="duckdb")
        for token in tokens:
            if token.token_type is TokenType.SEMICOLON:
                raise Problem("refused", fragment=";", at=token.start + 1, expected=ALLOWED)
            if token.comments:
                mark = "/*" if "/*" in text else "--"
                raise Problem("refused", fragment=mark, at=text.find(mark) + 1, expected=ALLOWED)
        _few_types(tokens)
        trees = sqlglot.parse(text, dialect="duckdb") if tokens else []
    except SqlglotError as error:
        raise Problem("syntax", text=text[:200]) from error
    except RecursionError:
        raise Problem("too_deep") from None
    if len(trees) != 1 or trees[0] is None:
        raise Problem("refused", fragment=text.strip()[:60], expected=ALLOWED)
    _shallow(trees[0])
    return trees[0]


def _few_types(tokens: list[Token]) -> None:
    """Refuse words for types that call each other: SQLGlot tries each as a type and as a call, 2ⁿ times for n."""
    brackets: list[bool] = []
    deep, before = 0, None
    for token in tokens:
        if token.token_type is TokenType.L_PAREN:
            brackets.append(before in DuckDB.Parser.TYPE_TOKENS)
            deep += brackets[-1]
            if deep > MOST_TYPES:
                raise Problem("too_deep")
        elif token.token_type is TokenType.R_PAREN and brackets:
            deep -= brackets.pop()
        before = token.token_type


def _shallow(tree: exp.Expr) -> None:
    """Refuse what is nested so deeply that walking it could exhaust the stack."""
    level = [tree]
    for _depth in range(DEEPEST):
        level = [part for node in level for part in node.iter_expressions()]
        if not level:
            return
    raise Problem("too_deep")


def refused(node: exp.Expr, expected: str = ALLOWED) -> Problem:
    """What is not on the list of allowed nodes."""
    return Problem("refused", fragment=node.sql(dialect="duckdb")[:60], expected=expected)


@contextmanager
def reading(text: str, entry: str = "") -> Iterator[None]:
    """Problems inside are about this text, which stands in this entry of a metric; they say at which character."""
    try:
        yield
    except Problem as problem:
        if not problem.entry and not problem.metric:
            problem.entry = entry
            if problem.code == "syntax":
                problem.params.setdefault("text", text[:200])
            found = next((str(problem.params[key]) for key in ("fragment", "name") if problem.params.get(key)), "")
            at = text.lower().find(found.lower()) if found else -1
            if at >= 0 and problem.code not in ("cycle", "not_yet"):
                problem.params.setdefault("at", at + 1)
        raise


class Checker:
    """Checks and resolves row expressions of one source; `lookups` gathers the joins they need.

    `dims`: a bare name means the dimension of that name before a column, as in the slices of a query.
    `unit`: of the metric; the `lag` of a sequence is read in it where it is one of time, else in hours.
    """

    def __init__(self, scope: Scope, calendar: Calendar, *, dims: bool = False, unit: str = ""):
        self.scope, self.calendar, self.dims, self.unit = scope, calendar, dims, unit
        self.lookups: dict[str, Lookup] = {}

    def condition(self, text: str) -> exp.Expr:
        tree, kind = self.row(parse(text))
        if kind is not ColumnType.BOOL:
            raise Problem("not_a_condition", fragment=text)
        return tree

    def row(self, node: exp.Expr) -> tuple[exp.Expr, Kind]:
        """The node over real columns, and its type (None: null)."""
        if not isinstance(node, exp.Expr):  # SQLGlot is lenient with some half-written expressions
            raise Problem("syntax")
        if isinstance(node, exp.Paren):
            tree, kind = self.row(node.this)
            return exp.Paren(this=tree), kind
        if isinstance(node, exp.Column):
            return self.column(node)
        if isinstance(node, exp.Literal):
            kind = (
                ColumnType.TEXT if node.is_string else ColumnType.INTEGER if node.this.isdigit() else ColumnType.NUMBER
            )
            return node.copy(), kind
        if isinstance(node, exp.Boolean):
            return node.copy(), ColumnType.BOOL
        if isinstance(node, exp.Null):
            return node.copy(), None
        if isinstance(node, exp.Neg):
            return exp.Neg(this=self.number(node.this)), ColumnType.NUMBER
        if isinstance(node, exp.Abs):
            return exp.Abs(this=self.number(node.this)), ColumnType.NUMBER
        if isinstance(node, MATH):
            return self._math(node)
        if isinstance(node, LOGIC):
            return self._logic(node), ColumnType.BOOL
        if isinstance(node, COMPARE):
            left, right = self._pair(node, node.this, node.expression)
            return type(node)(this=left, expression=right), ColumnType.BOOL
        return self._other(node)

    def number(self, node: exp.Expr) -> exp.Expr:
        return self._number(node)[0]

    def _number(self, node: exp.Expr) -> tuple[exp.Expr, Kind]:
        tree, kind = self.row(node)
        if kind is not None and kind not in NUMERIC:
            raise Problem("not_a_number", fragment=node.sql(dialect="duckdb"), type=kind.value)
        return tree, kind

    # Each part is looked at once: twice at each level would be 2ⁿ times for n levels.

    def _math(self, node: exp.Expr) -> tuple[exp.Expr, Kind]:
        (left, one), (right, two) = self._number(node.this), self._number(node.expression)
        kinds = {one, two}
        if isinstance(node, exp.Div | exp.Mod):
            right = exp.func("NULLIF", right, exp.Literal.number(0))
            left = exp.cast(left, "DOUBLE") if isinstance(node, exp.Div) else left
        whole = kinds <= {ColumnType.INTEGER} and not isinstance(node, exp.Div)
        return type(node)(this=left, expression=right), ColumnType.INTEGER if whole else ColumnType.NUMBER

    def column(self, node: exp.Column) -> tuple[exp.Expr, Kind]:
        ref = (self.scope.dim(node.name) if self.dims and not node.table else None) or self.scope.column(node)
        self.lookups.update({step.alias: step for step in ref.path})
        if self.is_lag(node):
            return exp.Div(this=exp.cast(ref.sql(), "DOUBLE"), expression=self.per()), ColumnType.NUMBER
        return ref.sql(), ref.type

    def is_lag(self, node: exp.Expr) -> bool:
        """Whether a node is the lag of a sequence, which is made as whole microseconds, exact on every engine."""
        if not isinstance(node, exp.Column) or node.name != "lag" or "lag" not in self.scope.extras:
            return False
        return node.table in ("", self.scope.name, self.scope.base)

    def lag(self) -> exp.Column:
        """The lag itself, in microseconds."""
        return Ref(self.scope.name, "lag", ColumnType.INTEGER, ()).sql()

    def per(self) -> exp.Expr:
        """How many microseconds the metric's unit of time has."""
        return exp.Literal.number(MICROSECONDS.get(self.unit, MICROSECONDS["hours"]))

    def _logic(self, node: exp.Expr) -> exp.Expr:
        sides = [node.this] if isinstance(node, exp.Not) else [node.this, node.expression]
        made = []
        for side in sides:
            tree, kind = self.row(side)
            if kind is not ColumnType.BOOL:
                raise Problem("not_a_condition", fragment=side.sql(dialect="duckdb"))
            made.append(tree)
        return exp.Not(this=made[0]) if isinstance(node, exp.Not) else type(node)(this=made[0], expression=made[1])

    def _pair(
        self, whole: exp.Expr, left: exp.Expr, right: exp.Expr, known: tuple[exp.Expr, Kind] | None = None
    ) -> list[exp.Expr]:
        """Both sides of a comparison, of one family of types; text beside a time is read as a time.

        `known`: the left side, where it was looked at already.
        """
        (first, one), (second, two) = known or self.row(left), self.row(right)
        if one is ColumnType.TIME and isinstance(right, exp.Literal):
            return [first, self._moment(right)]
        if two is ColumnType.TIME and isinstance(left, exp.Literal):
            return [self._moment(left), second]
        if one is not None and two is not None and one is not two and not {one, two} <= set(NUMERIC):
            raise Problem("types", fragment=whole.sql(dialect="duckdb"), left=one.value, right=two.value)
        return [first, second]

    def _moment(self, literal: exp.Literal) -> exp.Expr:
        """A day begins when the business day does; with a time of day it is what the clock on the wall shows."""
        try:
            moment = datetime.fromisoformat(literal.this)
        except ValueError:
            raise Problem("not_a_moment", fragment=literal.this) from None
        if moment.tzinfo is None:
            wall = moment if len(literal.this) <= len("2026-01-31") else moment - self.calendar.day_offset
            moment = self.calendar.instant(wall)
        return instant(moment)

    def _other(self, node: exp.Expr) -> tuple[exp.Expr, Kind]:
        boolean = ColumnType.BOOL
        if isinstance(node, exp.In) and not node.args.get("query") and not node.args.get("unnest"):
            known = self.row(node.this)
            options = [self._pair(node, node.this, option, known)[1] for option in node.expressions]
            return exp.In(this=known[0], expressions=options), boolean
        if isinstance(node, exp.Between) and not node.args.get("symmetric"):
            known = self.row(node.this)
            low = self._pair(node, node.this, node.args["low"], known)
            high = self._pair(node, node.this, node.args["high"], known)
            return exp.Between(this=low[0], low=low[1], high=high[1]), boolean
        if isinstance(node, exp.Like | exp.ILike):
            subject, kind = self.row(node.this)
            if kind is not ColumnType.TEXT:
                type_ = kind.value if kind else "null"
                raise Problem("not_text_column", fragment=node.sql(dialect="duckdb"), type=type_)
            if not isinstance(node.expression, exp.Literal) or not node.expression.is_string:
                raise refused(node)
            return type(node)(this=subject, expression=node.expression.copy()), boolean
        if isinstance(node, exp.Is):
            if not isinstance(node.expression, exp.Null | exp.Boolean):
                raise refused(node)
            return exp.Is(this=self.row(node.this)[0], expression=node.expression.copy()), boolean
        if isinstance(node, exp.Lower | exp.Upper):
            made, kind = self.row(node.this)
            if kind is not ColumnType.TEXT:
                type_ = kind.value if kind else "null"
                raise Problem("not_text_column", fragment=node.sql(dialect="duckdb"), type=type_)
            return type(node)(this=made), ColumnType.TEXT
        if isinstance(node, exp.Coalesce):
            parts = [self.row(part) for part in (node.this, *node.expressions)]
            return exp.func("COALESCE", *(tree for tree, _kind in parts)), _one_kind(
                node, [kind for _tree, kind in parts]
            )
        if isinstance(node, exp.Case) and node.this is None:
            return self._case(node)
        raise refused(node)

    def _case(self, node: exp.Case) -> tuple[exp.Expr, Kind]:
        kinds: list[Kind] = []
        made = exp.Case()
        for branch in node.args["ifs"]:
            condition, boolean = self.row(branch.this)
            if boolean is not ColumnType.BOOL:
                raise Problem("not_a_condition", fragment=branch.this.sql(dialect="duckdb"))
            value, kind = self.row(branch.args["true"])
            made = made.when(condition, value)
            kinds.append(kind)
        if node.args.get("default") is not None:
            value, kind = self.row(node.args["default"])
            made = made.else_(value)
            kinds.append(kind)
        return made, _one_kind(node, kinds)


class Outer(Checker):
    """Checks what is done with the values of each entity: their names are i0, i1 … and whole or not."""

    def __init__(self, whole: Mapping[str, bool], calendar: Calendar):
        self.whole, self.calendar, self.dims, self.unit = whole, calendar, False, ""
        self.lookups = {}

    def column(self, node: exp.Column) -> tuple[exp.Expr, Kind]:
        if node.name not in self.whole or node.table != "_each":
            raise Problem("bare_column", fragment=node.sql(dialect="duckdb"))
        return exp.column(node.name, table="_each"), ColumnType.INTEGER if self.whole[node.name] else ColumnType.NUMBER


def _one_kind(node: exp.Expr, kinds: list[Kind]) -> Kind:
    """The type of a place that several values can fill: they must be of one family."""
    known = [kind for kind in kinds if kind is not None]
    if not known or set(known) == {known[0]}:
        return known[0] if known else None
    if set(known) <= set(NUMERIC):
        return ColumnType.NUMBER
    other = next(kind for kind in known if kind is not known[0])
    raise Problem("mixed", fragment=node.sql(dialect="duckdb")[:60], left=known[0].value, right=other.value)


def instant(moment: datetime) -> exp.Expr:
    """A UTC instant as a literal every engine reads."""
    text = moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f+00:00")
    return exp.cast(exp.Literal.string(text), "TIMESTAMPTZ")


def aggregate_name(node: exp.Expr) -> str | None:
    """sum, count, count_distinct … if the node is an aggregate call."""
    if isinstance(node, exp.Count) and isinstance(node.this, exp.Distinct):
        return "count_distinct"
    if type(node) in AGGREGATES:
        return AGGREGATES[type(node)]
    if isinstance(node, exp.Anonymous) and str(node.this).lower() == "count_distinct":
        return "count_distinct"
    return None
