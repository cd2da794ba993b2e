"""What each row of a table follows: the last event of the same key before it, or the next of another table after it.

A rolling distinct count sorts all rows of a key by time to see the one before (LAG); a sequence joins the nearest event
of another table (ASOF). Neither changes until its tables do. Where a tree has one over rows that are chosen by nothing
but a stretch of time, a column made once from all rows says the same: within the stretch, what lies outside it is null.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial

from sqlglot import exp

from nachim.lake.pruning import conditions
from nachim.lake.sql import literal, quoted

_SLICE = re.compile(r"s\d+")
_ENDS = (exp.GTE, exp.GT, exp.LT, exp.LTE)


@dataclass(frozen=True)
class Computed:
    """What an expression gives for each row of `table`, of its `columns` alone."""

    table: str
    columns: frozenset[str]
    text: str

    @property
    def other(self) -> str:
        return self.table

    def sql(self, held: str, column: str) -> str:
        return f"SELECT *, {self.text} AS {column} FROM {held}"  # noqa: S608


@dataclass(frozen=True)
class Coded:
    """The few texts of a column as numbers that print as texts: rows are grouped by them several times as fast."""

    table: str
    column: str
    few = 200

    @property
    def other(self) -> str:
        return self.table

    @property
    def columns(self) -> frozenset[str]:
        return frozenset({self.column})

    def values(self, held: str) -> str:
        """Which texts there are, up to one too many."""
        return f"SELECT DISTINCT {quoted(self.column)} FROM {held} LIMIT {self.few + 1}"  # noqa: S608

    def sql(self, held: str, column: str, values: Iterable[str]) -> str:
        kind = f"ENUM ({', '.join(map(literal, values))})"
        return f"SELECT *, CAST({quoted(self.column)} AS {kind}) AS {column} FROM {held}"  # noqa: S608


@dataclass(frozen=True)
class Follow:
    """For each row of `table` the moment of the row of `other` beside it in time, of the same key.

    `after`: ">=" or ">" for the next one of `others` (a SELECT of _key and _at), "" for the last one before in the same
    table.
    """

    table: str
    key: str
    time: str
    other: str
    after: str = ""
    others: str = ""

    @property
    def columns(self) -> frozenset[str]:
        return frozenset({self.key, self.time})

    def sql(self, held: str, column: str) -> str:
        """All that `held` has, and the moment as a further column."""
        key, time = quoted(self.key), quoted(self.time)
        if not self.after:
            return f"SELECT *, LAG({time}) OVER (PARTITION BY {key} ORDER BY {time}) AS {column} FROM {held}"  # noqa: S608
        return (
            f"SELECT h.*, o._at AS {column} FROM {held} AS h ASOF LEFT JOIN ({self.others}) AS o "  # noqa: S608
            f"ON h.{key} = o._key AND o._at {self.after} h.{time}"
        )


Made = Coded | Computed | Follow
Found = tuple[Made, Callable[[str], None]]


def follows(tree: exp.Expression) -> Iterator[Found]:
    """What a tree looks for beside its rows, each with how to read it from a column instead."""
    found = [_before(window) for window in tree.find_all(exp.Window)]
    found += [_next(join) for join in tree.find_all(exp.Join)]
    yield from (one for one in found if one is not None)


def computed(tree: exp.Expression) -> Iterator[Found]:
    """The days of rows, and the exact numbers that are added up: dearer to make for each question than to read."""
    found = [one.this for one in tree.find_all(exp.Alias) if one.alias in ("_day", "_last")]
    found += [one.this for one in tree.find_all(exp.Sum)]
    for one in found:
        case = one.args["ifs"][0] if isinstance(one, exp.Case) and one.parent.alias == "_last" else None
        made = _computed(one if case is None else case.args["true"])
        if made is not None:
            yield made


def _computed(one: exp.Expression) -> Found | None:
    select, columns = one.parent_select, list(one.find_all(exp.Column))
    sources = {each.table for each in columns}
    if not isinstance(one, exp.Cast) or select is None or len(sources) != 1 or one.find(exp.Query, exp.AggFunc):
        return None
    (source,) = sources
    table = next((each for each in _tables(select) if each.alias_or_name == source), None)
    if table is None:
        return None
    text = _bare(one).sql(dialect="duckdb")

    def apply(column: str) -> None:
        one.replace(exp.column(column, table=source))

    return Computed(table.name, frozenset(each.name for each in columns), text), apply


def coded(tree: exp.Expression) -> Iterator[Found]:
    """Slices by texts of a whole answer, also one that adds days up."""
    if not isinstance(tree, exp.Select) or tree.args.get("with_") or tree.args.get("group") is None:
        return
    days = _inner(tree)
    select = tree if days is None else days
    for one in list(select.expressions):
        column = one.this.this if isinstance(one, exp.Alias) and isinstance(one.this, exp.Cast) else None
        if (
            not _SLICE.fullmatch(one.alias)
            or not isinstance(column, exp.Column)
            or not one.this.to.is_type("varchar", "text")
        ):
            continue
        table = next((each for each in _tables(select) if each.alias_or_name == column.table), None)
        if table is not None:
            yield Coded(table.name, column.name), partial(_by_code, tree, one, column.table)


def _by_code(tree: exp.Select, slice_: exp.Alias, table: str, column: str) -> None:
    """Groups by a slice's code. The texts are told at the end, of the few rows of the answer."""
    slice_.set("this", exp.column(column, table=table))
    if tree.args["from_"].this.alias != "_coded":
        inner = exp.Select(**tree.args)
        for name in list(tree.args):
            tree.set(name, None)
        told = [exp.alias_(exp.column(one.alias, table="_coded"), one.alias) for one in inner.expressions]
        tree.select(*told, copy=False).from_(exp.Subquery(this=inner, alias=exp.TableAlias(this="_coded")), copy=False)
    text = next(one for one in tree.expressions if one.alias == slice_.alias)
    text.set("this", exp.cast(text.this, "TEXT"))


def _tables(select: exp.Expression) -> Iterator[exp.Table]:
    """The tables of the lake that a SELECT reads itself: a name of its own WITH is none."""
    first = select.args.get("from_")
    read = [first.this if first is not None else None, *(join.this for join in select.args.get("joins") or ())]
    yield from (one for one in read if isinstance(one, exp.Table))


def _bare(tree: exp.Expression) -> exp.Expression:
    made = tree.copy()
    for one in list(made.find_all(exp.Column)):
        one.set("table", None)
    return made


def _before(window: exp.Window) -> Found | None:
    """LAG(_high) in the order of `_day`, of rows whose day, place and value come from one table."""
    lag, reached = window.this, window.parent_select
    if (
        not isinstance(lag, exp.Lag)
        or lag.this.name != "_high"
        or reached is None
        or len(window.args["partition_by"]) != 1
    ):
        return None
    placed = _inner(reached)
    seen = _inner(placed) if placed is not None else None
    table = _table(seen)
    if placed is None or seen is None or table is None:
        return None
    high, day, value = _chosen(placed, "_high"), _chosen(seen, "_day"), _plain(_chosen(seen, "_value"))
    moments = {one.name for one in day.find_all(exp.Column)} if day is not None else set()
    if high is None or day is None or value is None or len(moments) != 1:
        return None
    time = moments.pop()
    within = _stretch(seen, table, time)
    if within is None or {one.name for one in high.find_all(exp.Column)} != {"_day"}:
        return None

    def apply(column: str) -> None:
        last = exp.Case().when(_of(within, time, column, table), _of(day, time, column, table))
        seen.select(exp.alias_(last, "_last"), copy=False)
        placed.select(exp.alias_(_later(high), "_before"), copy=False)
        window.replace(exp.column("_before", table="_placed"))

    return Follow(table.name, value.name, time, table.name), apply


def _later(place: exp.Expression) -> exp.Expression:
    """What is made of `_day`, made of `_last`."""
    made = place.copy()
    for one in list(made.find_all(exp.Column)):
        one.set("this", exp.to_identifier("_last"))
    return made


def _next(join: exp.Join) -> Found | None:
    """The only ASOF LEFT JOIN of a SELECT, of one table's rows to the events of another."""
    made, step = join.parent_select, join.this
    if made is None or join.method != "ASOF" or join.side != "LEFT" or len(made.args["joins"]) != 1:
        return None
    start, ends = _inner(made), step.this if isinstance(step, exp.Subquery) else None
    table, other = _table(start), _table(ends)
    after = join.args["on"].find(exp.GTE, exp.GT)
    if start is None or ends is None or table is None or other is None or after is None:
        return None
    key, time = _plain(_chosen(start, "_key")), _plain(_chosen(start, "_t0"))
    whose, at = _plain(_chosen(ends, "_key")), _plain(_chosen(ends, "_at"))
    if key is None or time is None or whose is None or at is None:
        return None
    bounds, others = _apart(ends, other, at.name)
    # An end before the stretch could hide one within it: it must not come after any start.
    lower = {one.expression.sql() for one in bounds if isinstance(one, exp.GTE | exp.GT)}
    begins = {one.expression.sql() for one in _apart(start, table, time.name)[0] if isinstance(one, exp.GTE | exp.GT)}
    if not lower <= begins:
        return None
    plain = exp.select(exp.alias_(whose.copy(), "_key"), exp.alias_(at.copy(), "_at")).from_(other.copy())
    plain = plain.where(*(one.copy() for one in others)) if others else plain
    sign = ">=" if isinstance(after, exp.GTE) else ">"

    def apply(column: str) -> None:
        moment: exp.Expression = exp.column(column, table="_from")
        limits = [_of(one, at.name, column, other, "_from") for one in bounds]
        if limits:
            moment = exp.Case().when(exp.and_(*limits), moment)
        start.select(exp.column(column, table=table.alias_or_name), copy=False)
        for one in list(made.find_all(exp.Column)):
            if one.table == step.alias and one.name == "_at" and one.find_ancestor(exp.Join) is not join:
                one.replace(moment.copy())
        made.set("joins", [])

    return Follow(table.name, key.name, time.name, other.name, sign, plain.sql(dialect="duckdb")), apply


def _inner(select: exp.Expression | None) -> exp.Select | None:
    """The SELECT that a SELECT reads, and nothing else."""
    first = select.args.get("from_") if isinstance(select, exp.Select) else None
    inner = first.this.this if first is not None and isinstance(first.this, exp.Subquery) else None
    return inner if isinstance(inner, exp.Select) else None


def _table(select: exp.Expression | None) -> exp.Table | None:
    """The one table that a plain SELECT reads."""
    if not isinstance(select, exp.Select) or any(
        select.args.get(one)
        for one in ("joins", "group", "distinct", "having", "limit", "qualify", "with_", "laterals")
    ):
        return None
    first = select.args.get("from_")
    return first.this if first is not None and isinstance(first.this, exp.Table) else None


def _chosen(select: exp.Select, name: str) -> exp.Expression | None:
    return next((one.this for one in select.expressions if isinstance(one, exp.Alias) and one.alias == name), None)


def _plain(chosen: exp.Expression | None) -> exp.Column | None:
    """A column, also where it is only narrowed."""
    if isinstance(chosen, exp.Cast) and chosen.to.is_type("int"):
        chosen = chosen.this
    return chosen if isinstance(chosen, exp.Column) else None


def _apart(select: exp.Select, table: exp.Table, time: str) -> tuple[list[exp.Expression], list[exp.Expression]]:
    """The conditions of a SELECT that bound its time by a constant, and the others."""
    bounds, others = [], []
    for one in conditions(select):
        bounds.append(one) if _is_bound(one, time) else others.append(one)
    return bounds, others


def _is_bound(one: exp.Expression, time: str) -> bool:
    column = one.this if isinstance(one, _ENDS) else None
    return isinstance(column, exp.Column) and column.name == time and one.expression.find(exp.Column, exp.Query) is None


def _stretch(select: exp.Select, table: exp.Table, time: str) -> exp.Expression | None:
    """The bounds of the time, where nothing else chooses the rows."""
    bounds, others = _apart(select, table, time)
    return exp.and_(*(one.copy() for one in bounds)) if bounds and not others else None


def _of(tree: exp.Expression, time: str, column: str, table: exp.Table, alias: str = "") -> exp.Expression:
    """The same of another column."""
    made = tree.copy()
    for one in [made] if isinstance(made, exp.Column) else list(made.find_all(exp.Column)):
        if one.name == time:
            one.replace(exp.column(column, table=alias or table.alias_or_name))
    return made
