"""A plan as one SQL tree, from a small closed set of functions with a rule for each engine.

Periods leave the engine as integers (days since 1970-01-01, or months since year 0), so that weeks, fiscal years and
weekdays are plain arithmetic, the same everywhere. The spine is a UNION of keys, each aggregate LEFT JOINed to it.
"""

from __future__ import annotations

from sqlglot import exp

from nachim.core.period import MONTHS, Calendar, Grain
from nachim.metrics.bind import Measure
from nachim.metrics.plan import Aggregate, Align, Calculate, Filter, Join, Node, Scan
from nachim.metrics.scope import Lookup, Ref

MONEY = "DECIMAL(38, 6)"
WHOLE = "DECIMAL(38, 0)"
# Names inside the SQL that no table of the lake can have.
PART, SPINE = "_part", "_spine"


def compile_plan(plan: Node, calendar: Calendar, names: dict[str, str]) -> exp.Select:
    """The SELECT of a plan. `names` gives each measure id its column (m0, m1 …), filled in order of appearance.

    Columns of the answer: period (unless grain all), s0 … for slices, then for each measure its value and, as
    `<name>_n`, the rows behind it; an average leaves as its sum, with its count as `<name>_d`.
    """
    align = plan.input if isinstance(plan, Calculate) else plan
    if not isinstance(align, Align):
        raise TypeError(f"a plan ends in an Align, not in {type(align).__name__}")
    parts = [part for part in align.parts if isinstance(part, Aggregate)]
    selects = [_aggregate(part, calendar, names) for part in parts]
    keys = _keys(parts[0])
    if len(parts) == 1:
        return selects[0]
    whole = exp.Select()
    for at, select in enumerate(selects):
        whole = whole.with_(f"{PART}{at}", as_=select)
    if not keys:
        whole = whole.select(
            *(exp.column(name, table=f"{PART}{at}") for at, part in enumerate(parts) for name in _columns(part, names))
        )
        for at in range(len(parts)):
            whole = whole.from_(f"{PART}0") if at == 0 else whole.join(f"{PART}{at}", join_type="cross")
        return whole
    spine: exp.Query = exp.select(*keys).from_(f"{PART}0")
    for at in range(1, len(parts)):
        spine = exp.union(spine, exp.select(*keys).from_(f"{PART}{at}"), distinct=True)
    whole = whole.with_(SPINE, as_=spine).from_(SPINE).select(*(exp.column(key, table=SPINE) for key in keys))
    for at, part in enumerate(parts):
        # A slice without a value is a slice of its own: null meets null here.
        on = [
            exp.NullSafeEQ(this=exp.column(key, table=f"{PART}{at}"), expression=exp.column(key, table=SPINE))
            for key in keys
        ]
        whole = whole.join(f"{PART}{at}", on=exp.and_(*on), join_type="left")
        whole = whole.select(*(exp.column(name, table=f"{PART}{at}") for name in _columns(part, names)))
    return whole


def _keys(part: Aggregate) -> list[str]:
    return (["period"] if part.time else []) + [f"s{at}" for at in range(len(part.by))]


def _columns(part: Aggregate, names: dict[str, str]) -> list[str]:
    found = []
    for measure in part.measures:
        name = names[measure.id]
        found += [name, f"{name}_n"] + ([f"{name}_d"] if measure.function == "avg" else [])
    return found


def _aggregate(part: Aggregate, calendar: Calendar, names: dict[str, str]) -> exp.Select:
    select = _rows(part.input)
    pushed = part.input.conditions if isinstance(part.input, Filter) else ()
    keys: list[exp.Expr] = []
    if part.time is not None:
        keys.append(exp.alias_(bucket(part.time, part.grain, calendar), "period"))
    keys += [exp.alias_(exp.cast(ref.sql(), "VARCHAR"), f"s{at}") for at, (_name, ref) in enumerate(part.by)]
    select = select.select(*keys)
    for measure in part.measures:
        name = names.setdefault(measure.id, f"m{len(names)}")
        where = None if measure.where is None or measure.where in pushed else measure.where
        select = select.select(exp.alias_(_value(measure, where), name))
        select = select.select(exp.alias_(_filtered(exp.Count(this=exp.Star()), where), f"{name}_n"))
        if measure.function == "avg":
            counted = exp.Count(this=_value_of(measure))
            select = select.select(exp.alias_(_filtered(counted, where), f"{name}_d"))
    return select.group_by(*(exp.Literal.number(at + 1) for at in range(len(keys)))) if keys else select


def _value_of(measure: Measure) -> exp.Expr:
    return measure.value.copy() if measure.value is not None else exp.Star()


def _value(measure: Measure, where: exp.Expr | None) -> exp.Expr:
    value = _value_of(measure)
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


def _rows(node: Node) -> exp.Select:
    match node:
        case Scan():
            return exp.Select().from_(_table(node.table, node.source))
        case Join():
            select = _rows(node.input)
            for one in node.lookups:
                select = select.join(_table(one.table, one.alias), on=_on(one), join_type="left")
            return select
        case Filter():
            return _rows(node.input).where(*(condition.copy() for condition in node.conditions))
    raise TypeError(f"{type(node).__name__} gives no rows")


def _table(name: str, alias: str) -> exp.Expr:
    return exp.alias_(
        exp.Table(this=exp.to_identifier(name, quoted=True)), exp.to_identifier(alias, quoted=True), table=True
    )


def _on(one: Lookup) -> exp.Expr:
    def column(name: str, table: str) -> exp.Column:
        return exp.column(exp.to_identifier(name, quoted=True), table=exp.to_identifier(table, quoted=True))

    return exp.EQ(this=column(one.left, one.left_alias), expression=column(one.key, one.alias))


def duplicates(one: Lookup, limit: int = 5) -> exp.Select:
    """The key values a lookup finds more than once, most frequent first."""
    key = exp.column(exp.to_identifier(one.key, quoted=True))
    return (
        exp.select(exp.alias_(exp.cast(key, "VARCHAR"), "key"), exp.alias_(exp.Count(this=exp.Star()), "n"))
        .from_(exp.Table(this=exp.to_identifier(one.table, quoted=True)))
        .where(exp.Not(this=exp.Is(this=key.copy(), expression=exp.Null())))
        .group_by(exp.Literal.number(1))
        .having(exp.GT(this=exp.Count(this=exp.Star()), expression=exp.Literal.number(1)))
        .order_by(exp.Ordered(this=exp.column("n"), desc=True), exp.column("key"))
        .limit(limit)
    )


def bucket(time: Ref, grain: Grain, calendar: Calendar) -> exp.Expr:
    """The period of an instant, as an integer: hours, days or weeks by their first day, months by their index."""
    local = exp.AtTimeZone(this=time.sql(), zone=exp.Literal.string(calendar.tz))
    minutes = calendar.day_start.hour * 60 + calendar.day_start.minute
    wall: exp.Expr = local
    if minutes:
        wall = exp.Sub(
            this=exp.Paren(this=local),
            expression=exp.Interval(this=exp.Literal.string(str(minutes)), unit=exp.var("MINUTE")),
        )
    day = exp.cast(wall, "DATE")
    if grain in MONTHS:
        index = _minus(_plus(_times(exp.Extract(this=exp.var("YEAR"), expression=day), 12),
                             exp.Extract(this=exp.var("MONTH"), expression=day.copy())), 1)  # fmt: skip
        step = MONTHS[grain]
        return index if step == 1 else _down(index, step, calendar.fiscal_year_start - 1)
    epoch = exp.cast(exp.Literal.string("1970-01-01"), "DATE")
    days = exp.DateDiff(this=day, expression=epoch, unit=exp.var("DAY"))
    if grain is Grain.DAY:
        return days
    if grain is Grain.WEEK:
        return _down(days, 7, (calendar.week_start - 3) % 7)
    hours = exp.Extract(this=exp.var("HOUR"), expression=wall.copy())
    return _plus(_times(days, 24), hours)


def _down(value: exp.Expr, step: int, first: int) -> exp.Expr:
    """`value` less its distance from the last multiple of `step` counted from `first`, also below zero."""
    distance = exp.Mod(this=exp.Paren(this=_minus(value.copy(), first)), expression=exp.Literal.number(step))
    positive = exp.Mod(this=exp.Paren(this=_plus(distance, step)), expression=exp.Literal.number(step))
    return exp.Sub(this=value, expression=exp.Paren(this=positive))


def _times(value: exp.Expr, by: int) -> exp.Expr:
    return exp.Mul(this=value, expression=exp.Literal.number(by))


def _plus(value: exp.Expr, other: exp.Expr | int) -> exp.Expr:
    return exp.Add(this=value, expression=exp.Literal.number(other) if isinstance(other, int) else other)


def _minus(value: exp.Expr, by: int) -> exp.Expr:
    return exp.Sub(this=value, expression=exp.Literal.number(by))
