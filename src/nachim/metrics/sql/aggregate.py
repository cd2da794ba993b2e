"""Aggregates as SQL: by period, by stretch of time, by entity first, and distinct counts by interval union."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from itertools import pairwise

from sqlglot import exp

from nachim.core.period import Calendar
from nachim.metrics.measure import Each, Measure
from nachim.metrics.plan import Aggregate, Cohort, Filter, Join, Node, Sequence, Spans
from nachim.metrics.sql.buckets import bucket
from nachim.metrics.sql.names import EACH, MONEY, SPAN, WHOLE, column, inner, known, named, number, own, rows_of
from nachim.metrics.sql.rows import rows

Names = dict[str, str]


def keys_of(part: Aggregate) -> list[str]:
    """The columns by which an aggregate's rows are known: period, s0, s1 …"""
    return (["period"] if part.time else []) + [f"s{at}" for at in range(len(part.by))]


def columns_of(part: Aggregate, names: Names) -> list[str]:
    """A measure's value, the rows behind it as _n, an average's count as _d, a cohort's open rows as _u."""
    found = []
    for measure in part.measures:
        name = names[measure.id]
        found += [name, f"{name}_n"] + ([f"{name}_d"] if measure.function == "avg" else [])
        found += [f"{name}_u"] if opens(part) else []
    return found


def opens(part: Aggregate) -> bool:
    """Whether rows say themselves that they are still open."""
    return any(isinstance(node, Cohort) for node in _below(part.input))


def aggregate(part: Aggregate, calendar: Calendar, names: Names) -> exp.Select:
    for measure in part.measures:
        names.setdefault(measure.id, f"m{len(names)}")
    if part.spans is not None and part.spans.union:
        return _union(part, calendar, names)
    if part.measures[0].each is not None:
        return _each(part, part.measures[0], part.measures[0].each, calendar, names)
    select = _keyed(part, calendar)
    pushed = part.input.conditions if isinstance(part.input, Filter) else ()
    for measure in part.measures:
        name = names[measure.id]
        where = None if measure.where is None or measure.where in pushed else measure.where
        chosen = [named(value_of(measure, where), name)]
        chosen.append(named(_filtered(exp.Count(this=exp.Star()), where), f"{name}_n"))
        if measure.function == "avg":
            chosen.append(named(_filtered(exp.Count(this=_given(measure)), where), f"{name}_d"))
        if opens(part):
            chosen.append(named(_open(part, where), f"{name}_u"))
        select = select.select(*chosen, copy=False)
    return _grouped(select, len(keys_of(part)))


def _keyed(part: Aggregate, calendar: Calendar) -> exp.Select:
    """The rows with their period (or the number of each stretch they are in) and slices."""
    select = rows(part.input, calendar, used(part))
    if part.time is not None and part.spans is not None:
        unit = bucket(part.time, part.grain, calendar)
        values = [(at, *one) for at, one in enumerate(part.spans.ranges)]
        on = exp.and_(
            exp.GTE(this=unit, expression=own("begins", SPAN)),
            exp.LT(this=unit.copy(), expression=own("ends", SPAN)),
        )
        select = select.join(rows_of(values, SPAN, "place", "begins", "ends"), on=on, copy=False)
        select = select.select(named(own("place", SPAN), "period"), copy=False)
    elif part.time is not None:
        select = select.select(named(bucket(part.time, part.grain, calendar), "period"), copy=False)
    slices = [named(exp.cast(ref.sql(), "VARCHAR"), f"s{at}") for at, (_name, ref) in enumerate(part.by)]
    return select.select(*slices, copy=False)


def _each(part: Aggregate, measure: Measure, each: Each, calendar: Calendar, names: Names) -> exp.Select:
    """First each entity's values, then a function of them."""
    keys, name = keys_of(part), names[measure.id]
    first = _keyed(part, calendar).select(named(each.key.sql(), "_entity"), copy=False)
    first = first.where(known(each.key.sql()), copy=False)
    pushed = part.input.conditions if isinstance(part.input, Filter) else ()
    if measure.where is not None and measure.where not in pushed:
        first = first.where(measure.where.copy(), copy=False)
    for at, one in enumerate(each.parts):
        value = value_of(one, None)
        if one.function == "avg":
            count = exp.Nullif(this=exp.Count(this=_given(one)), expression=exp.Literal.number(0))
            value = exp.Div(this=exp.cast(value, "DOUBLE"), expression=count)
        first = first.select(named(value, f"i{at}"), copy=False)
    if opens(part):
        first = first.select(named(_open(part, None), "_open"), copy=False)
    first = _grouped(first, len(keys) + 1)
    select = exp.select(*(named(own(key, EACH), key) for key in keys)).from_(inner(first, EACH), copy=False)
    chosen = [named(value_of(measure, None), name), named(exp.Count(this=exp.Star()), f"{name}_n")]
    if measure.function == "avg":
        chosen.append(named(exp.Count(this=_given(measure)), f"{name}_d"))
    if opens(part):
        chosen.append(named(exp.Sum(this=own("_open", EACH)), f"{name}_u"))
    return _grouped(select.select(*chosen, copy=False), len(keys))


def _union(part: Aggregate, calendar: Calendar, names: Names) -> exp.Select:
    """A distinct count over overlapping stretches, as what is added and taken away where stretches begin and end.

    A value seen on a day is in the stretches numbered from low up to high. Taken in order of days, its stretches are a
    union of intervals: each adds one where it begins beyond the last one's end, and takes one away at its own end.
    Both low and high grow with the day, so the last end is the largest. Rows are counted the same way.
    """
    (measure,), spans, keys = part.measures, part.spans, keys_of(part)
    if spans is None or part.time is None or measure.value is None:
        raise TypeError("an interval union is of a value over stretches of time")
    name, slices = names[measure.id], keys[1:]
    seen = rows(part.input, calendar, used(part))
    seen = seen.select(named(bucket(part.time, part.grain, calendar), "_day"), copy=False)
    seen = seen.select(
        *(named(exp.cast(ref.sql(), "VARCHAR"), f"s{at}") for at, (_name, ref) in enumerate(part.by)),
        named(measure.value.copy(), "_value"), copy=False,
    )  # fmt: skip
    pushed = part.input.conditions if isinstance(part.input, Filter) else ()
    if measure.where is not None and measure.where not in pushed:
        seen = seen.where(measure.where.copy(), copy=False)
    kept = [own(key, "_placed") for key in (*slices, "_value")]
    before = exp.Window(
        this=exp.Max(this=own("_high", "_placed")),
        partition_by=[one.copy() for one in kept],
        order=exp.Order(expressions=[exp.Ordered(this=own("_day", "_placed"), nulls_first=True)]),
        spec=exp.WindowSpec(kind="ROWS", start="UNBOUNDED", start_side="PRECEDING", end="1", end_side="PRECEDING"),
    )
    reached = exp.select(
        *kept, own("_low", "_placed"), own("_high", "_placed"), named(before, "_before")
    ).from_(inner(_placed(seen, slices, spans), "_placed"), copy=False)  # fmt: skip
    low, high, rows_, new = own("_low"), own("_high"), own("_rows"), own("_new")
    start = exp.Greatest(
        this=low, expressions=[exp.Coalesce(this=own("_before"), expressions=[low.copy()])], ignore_nulls=True
    )
    adds = exp.Case().when(
        exp.and_(known(own("_value")), exp.LT(this=start.copy(), expression=high.copy())), "1"
    ).else_("0")  # fmt: skip
    # Few kinds of intervals stand for many rows: they are counted before they are told apart.
    kinds = exp.select(
        *(own(key) for key in slices), low.copy(), high.copy(), named(start, "_start"),
        named(exp.Sum(this=adds), "_new"), named(exp.Count(this=exp.Star()), "_rows"),
    ).from_(inner(reached, "_reached"), copy=False)  # fmt: skip
    kinds = _grouped(kinds, len(slices) + 3)
    zero = exp.Literal.number(0)
    changes = [
        (own("_start"), new, zero), (high, exp.Neg(this=new.copy()), zero), (low, zero, rows_),
        (high, zero, exp.Neg(this=rows_.copy())),
    ]  # fmt: skip
    whole: exp.Query | None = None
    for place, step, count in changes:
        one = exp.select(
            *(own(key) for key in slices), named(place.copy(), "_place"), named(step.copy(), "_step"),
            named(count.copy(), "_count"),
        ).from_("_kinds")  # fmt: skip
        whole = one if whole is None else exp.union(whole, one, distinct=False)
    if whole is None:
        raise TypeError
    select = exp.Select().select(named(own("_place"), "period"))
    select = select.select(*(own(key) for key in slices)).from_(inner(whole, "_changes"))
    added, seen_rows = exp.Sum(this=own("_step")), exp.Sum(this=own("_count"))
    select = _grouped(select.select(named(added, name), named(seen_rows, f"{name}_n")), len(keys))
    return select.with_("_kinds", as_=kinds, copy=False)


def _placed(seen: exp.Select, slices: list[str], spans: Spans) -> exp.Select:
    """Rows with the first stretch that holds their day, and the one after the last."""
    begins, ends = [begin for begin, _end in spans.ranges], [end for _begin, end in spans.ranges]
    chosen = [own(key, "_seen") for key in (*slices, "_value", "_day")]
    day = own("_day", "_seen")
    if all(two == (one[0] + 1, one[1] + 1) for one, two in pairwise(spans.ranges)):
        low = exp.Greatest(this=_less(day, ends[0] - 1), expressions=[exp.Literal.number(0)], ignore_nulls=True)
        last = exp.GTE(this=day.copy(), expression=number(begins[-1]))
        high = exp.Case().when(last, exp.Literal.number(len(begins))).else_(_less(day, begins[0] - 1))
        select = exp.select(*chosen, named(low, "_low"), named(high, "_high")).from_(inner(seen, "_seen"), copy=False)
        inside = exp.GTE(this=day.copy(), expression=number(begins[0]))
        return select.where(inside, exp.LT(this=day.copy(), expression=number(ends[-1])), copy=False)
    # From the first stretch whose end lies beyond the day up to the first that begins after it.
    reach = ((day, bisect_right(ends, day), bisect_right(begins, day)) for day in range(begins[0], ends[-1]))
    placed = [(day, low, high) for day, low, high in reach if low < high]
    select = exp.select(*chosen, named(own("low", "_days"), "_low"), named(own("high", "_days"), "_high"))
    on = exp.EQ(this=day, expression=own("day", "_days"))
    values = rows_of(placed or [(0, 0, 0)], "_days", "day", "low", "high")
    return select.from_(inner(seen, "_seen"), copy=False).join(values, on=on, copy=False)


def _less(value: exp.Expr, by: int) -> exp.Expr:
    other = number(abs(by))
    return exp.Add(this=value.copy(), expression=other) if by < 0 else exp.Sub(this=value.copy(), expression=other)


def used(part: Aggregate) -> frozenset[str]:
    """The columns of the base rows that anything in an aggregate reads."""
    alias, trees, lefts = "", [], set()
    for node in _below(part.input):
        if isinstance(node, Sequence | Cohort):
            alias = node.name
    if not alias:
        return frozenset()
    for node in _below(part.input):
        if isinstance(node, Filter):
            trees += list(node.conditions)
        if isinstance(node, Join):
            lefts |= {one.left for one in node.lookups if one.left_alias == alias}
    for measure in part.measures:
        trees += [one for one in (measure.value, measure.where) if one is not None]
        if measure.each is not None:
            trees += [one.value for one in measure.each.parts if one.value is not None]
            trees.append(measure.each.key.sql())
    trees += [ref.sql() for _name, ref in part.by] + ([part.time.sql()] if part.time else [])
    found = {one.name for tree in trees for one in tree.find_all(exp.Column) if one.table == alias}
    return frozenset(found | lefts | ({"matured"} if opens(part) else set()))


def _below(node: Node) -> Iterator[Node]:
    """The nodes from which an aggregate's rows come, down to the table or the made rows."""
    yield node
    if isinstance(node, Filter | Join):
        yield from _below(node.input)


def _open(part: Aggregate, where: exp.Expr | None) -> exp.Expr:
    """How many rows are of periods that are not over."""
    name = next(node.name for node in _below(part.input) if isinstance(node, Cohort))
    still = exp.Not(this=column("matured", name))
    return _filtered(exp.Count(this=exp.Star()), still if where is None else exp.and_(where.copy(), still))


def _grouped(select: exp.Select, keys: int) -> exp.Select:
    return select.group_by(*(exp.Literal.number(at + 1) for at in range(keys)), copy=False) if keys else select


def _given(measure: Measure) -> exp.Expr:
    return measure.value.copy() if measure.value is not None else exp.Star()


def value_of(measure: Measure, where: exp.Expr | None) -> exp.Expr:
    """The aggregate call of a measure; an average leaves as its sum."""
    value = _given(measure)
    match measure.function:
        case "count":
            return _filtered(exp.Count(this=value), where)
        case "count_distinct":
            return _filtered(exp.Count(this=exp.Distinct(expressions=[value])), where)
        case "sum" | "avg":
            # Exact and independent of the order of rows: each row is rounded to a millionth, then added as a decimal.
            exact = exp.cast(value, WHOLE if measure.whole else MONEY)
            return _filtered(exp.Sum(this=exact), where)
        case "min":
            return _filtered(exp.Min(this=exp.cast(value, "DOUBLE")), where)
        case "max":
            return _filtered(exp.Max(this=exp.cast(value, "DOUBLE")), where)
        case _:
            return _filtered(exp.Median(this=exp.cast(value, "DOUBLE")), where)


def _filtered(call: exp.Expr, where: exp.Expr | None) -> exp.Expr:
    return call if where is None else exp.Filter(this=call, expression=exp.Where(this=where.copy()))
