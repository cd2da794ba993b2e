"""Rows made from events, as SQL: sequences by an ASOF join or by a window over both kinds of events, and cohorts."""

from __future__ import annotations

from collections.abc import Callable

from sqlglot import exp

from nachim.core.period import Calendar
from nachim.metrics.duration import Duration
from nachim.metrics.expression import instant
from nachim.metrics.made import COHORT, SEQUENCE, step_of
from nachim.metrics.plan import Cohort, Events, Sequence
from nachim.metrics.sql.buckets import bucket
from nachim.metrics.sql.names import MONEY, column, inner, kept, known, named, number, own, rows_of

Rows = Callable[..., exp.Select]
FROM, KEY = "_from", "_key"


def sequence(node: Sequence, used: frozenset[str], calendar: Calendar, rows: Rows) -> exp.Expr:
    """(SELECT start's columns, converted, … ) AS name."""
    columns = sorted(used - set(SEQUENCE))
    start = _starts(node, columns, calendar, rows)
    by = _by_asof if node.asof else _by_window
    made = by(node, start, columns, calendar, rows)
    times = [own(f"_t{at}", FROM) for at in range(len(node.steps) + 1)]
    limit = _later(times[0], node.within, calendar)
    within = [exp.LT(this=time, expression=limit.copy()) for time in times[1:]]
    last, done = times[-1], within[-1]
    reached: exp.Expr = exp.Literal.number(1)
    for one in within:
        reached = exp.Add(this=reached, expression=exp.Case().when(one.copy(), "1").else_("0"))
    matured = exp.LTE(this=limit.copy(), expression=instant(node.through)) if node.through else exp.false()
    values = {
        "converted": exp.Case().when(done.copy(), exp.true()).else_(exp.false()),
        "lag": exp.Case().when(
            done.copy(), exp.DateDiff(this=last, expression=times[0].copy(), unit=exp.var("MICROSECOND"))
        ),
        "reached": reached,
        "end_at": exp.Case().when(done.copy(), last.copy()),
        "matured": matured,
    }
    chosen = [kept(name, FROM) for name in columns]
    chosen += [
        exp.alias_(value, exp.to_identifier(name, quoted=True)) for name, value in values.items() if name in used
    ]
    return inner(made.select(*(chosen or [own("_t0", FROM)])), node.name, quoted=True)


def _starts(node: Sequence, columns: list[str], calendar: Calendar, rows: Rows) -> exp.Select:
    """The start events: the columns asked for, their moment and whose they are."""
    chosen = [_column(name, node.name) for name in columns]
    select = rows(node.start.rows, calendar)
    return select.select(*chosen, named(node.start.time.sql(), "_t0"), named(node.start.key.sql(), KEY))


def _ends(step: Events, calendar: Calendar, rows: Rows) -> exp.Select:
    """Whose the events of a step are, and when."""
    select = rows(step.rows, calendar).where(known(step.time.sql()), known(step.key.sql()))
    return select.select(named(step.key.sql(), KEY), named(step.time.sql(), "_at"))


def _by_asof(node: Sequence, start: exp.Select, columns: list[str], calendar: Calendar, rows: Rows) -> exp.Select:
    """Each step is the nearest event after the one before, of the same entity."""
    after = exp.GT if node.strict else exp.GTE
    select = exp.select(*(kept(name, FROM) for name in columns), named(own("_t0", FROM), "_t0"))
    select = select.from_(inner(start, FROM))
    before = own("_t0", FROM)
    for at, step in enumerate(node.steps):
        alias = f"_step{at}"
        on = exp.and_(
            exp.EQ(this=own(KEY, FROM), expression=own(KEY, alias)),
            after(this=own("_at", alias), expression=before),
        )
        select = select.join(
            exp.Join(this=inner(_ends(step, calendar, rows), alias), method="ASOF", side="LEFT", on=on)
        )  # fmt: skip
        select = select.select(named(own("_at", alias), f"_t{at + 1}"))
        before = own("_at", alias)
    return exp.Select().from_(inner(select, FROM))


def _by_window(node: Sequence, start: exp.Select, columns: list[str], calendar: Calendar, rows: Rows) -> exp.Select:
    """Starts and ends in one order of time: the first end among the rows that follow is the next one.

    At the very same moment an end follows a start, or precedes it where only later ones count.
    """
    first, last = ("1", "0") if node.strict else ("0", "1")
    made = exp.Select()
    made = made.with_("_at0", as_=start)
    for at, step in enumerate(node.steps):
        now, then, link = f"_at{at}", f"_at{at + 1}", f"_link{at}"
        moment = own(f"_t{at}", now)
        marks = exp.select(
            named(own(KEY, now), KEY), named(moment, "_at"), named(exp.Literal.number(first), "_kind")
        ).distinct()  # fmt: skip
        marks = marks.from_(now).where(known(moment.copy()), known(own(KEY, now)))
        ends = _ends(step, calendar, rows).select(named(exp.Literal.number(last), "_kind"))
        both = exp.union(marks, ends, distinct=False)
        is_end = exp.EQ(this=own("_kind"), expression=exp.Literal.number(last))
        coming = exp.Window(
            this=exp.Min(this=exp.Case().when(is_end, own("_at"))),
            partition_by=[own(KEY)],
            order=exp.Order(expressions=[exp.Ordered(this=own(name), nulls_first=True) for name in ("_at", "_kind")]),
            spec=exp.WindowSpec(kind="ROWS", start="CURRENT ROW", end="UNBOUNDED", end_side="FOLLOWING"),
        )
        seen = exp.select(own(KEY), own("_at"), own("_kind"), named(coming, "_next")).from_(inner(both, "_both"))
        links = (
            exp.select(own(KEY), own("_at"), own("_next")).from_(inner(seen, "_seen"))
            .where(exp.EQ(this=own("_kind"), expression=exp.Literal.number(first)))
        )  # fmt: skip
        on = exp.and_(
            exp.EQ(this=own(KEY, now), expression=own(KEY, link)),
            exp.EQ(this=moment.copy(), expression=own("_at", link)),
        )
        ours = [KEY, *(f"_t{one}" for one in range(at + 1))]
        moved = exp.select(*(kept(name, now) for name in columns), *(named(own(name, now), name) for name in ours))
        moved = moved.from_(now)
        moved = moved.select(named(own("_next", link), f"_t{at + 1}")).join(link, on=on, join_type="left")
        made = made.with_(link, as_=links).with_(then, as_=moved)
    return made.from_(exp.alias_(exp.to_table(f"_at{len(node.steps)}"), FROM, table=True))


def _later(time: exp.Expr, within: Duration, calendar: Calendar) -> exp.Expr:
    """The moment at which a window closes: hours are counted as they pass, months by the calendar on the wall."""
    if not within.months:
        hours = exp.Interval(this=exp.Literal.string(str(within.hours)), unit=exp.var("HOUR"))
        return exp.Paren(this=exp.Add(this=time.copy(), expression=hours))
    wall = exp.AtTimeZone(this=time.copy(), zone=exp.Literal.string(calendar.tz))
    months = exp.Interval(this=exp.Literal.string(str(within.months)), unit=exp.var("MONTH"))
    moved = exp.Paren(this=exp.Add(this=exp.Paren(this=wall), expression=months))
    return exp.AtTimeZone(this=moved, zone=exp.Literal.string(calendar.tz))


def cohort(node: Cohort, used: frozenset[str], calendar: Calendar, rows: Rows) -> exp.Expr:
    """(SELECT the birth's columns, k, active, value, matured for each entity and k) AS name."""
    columns = sorted(used - set(COHORT))
    births, activity, step = "_births", "_active", step_of(node.period)
    order = [exp.Ordered(this=ref.sql(), nulls_first=True) for ref in (node.births.time, *node.order)]
    first = exp.Window(this=exp.RowNumber(), partition_by=[node.births.key.sql()], order=exp.Order(expressions=order))
    born = rows(node.births.rows, calendar).where(known(node.births.time.sql()), known(node.births.key.sql()))
    born = born.select(
        *(_column(name, node.name) for name in columns), named(node.births.key.sql(), KEY),
        named(bucket(node.births.time, node.period, calendar), "_born"), named(first, "_first"),
    )  # fmt: skip
    acted = rows(node.activity.rows, calendar).where(known(node.activity.time.sql()), known(node.activity.key.sql()))
    total = node.value.sql() if node.value is not None else exp.Literal.number(1)
    acted = acted.select(
        named(node.activity.key.sql(), KEY), named(bucket(node.activity.time, node.period, calendar), "_in"),
        named(exp.Sum(this=exp.cast(total, MONEY)), "_value"), named(exp.Count(this=exp.Star()), "_count"),
    ).group_by(exp.Literal.number(1), exp.Literal.number(2))  # fmt: skip
    k = own("k", "_ks")
    period = exp.Add(
        this=own("_born", births), expression=exp.Paren(this=exp.Mul(this=k, expression=exp.Literal.number(step)))
    )
    values = {
        "k": k.copy(),
        "active": exp.Case().when(known(own("_count", activity)), exp.true()).else_(exp.false()),
        "value": exp.Coalesce(this=own("_value", activity), expressions=[exp.Literal.number(0)]),
        "matured": exp.LT(this=exp.Paren(this=period.copy()), expression=number(node.through)),
    }
    chosen = [kept(name, births) for name in columns]
    chosen += [
        exp.alias_(value, exp.to_identifier(name, quoted=True)) for name, value in values.items() if name in used
    ]
    select = exp.select(*(chosen or [k.copy()])).from_(inner(born, births), copy=False)
    ks = rows_of([(one,) for one in range(node.last + 1)], "_ks", "k")
    select = select.join(ks, join_type="cross", copy=False)
    on = exp.and_(
        exp.EQ(this=own(KEY, activity), expression=own(KEY, births)),
        exp.EQ(this=own("_in", activity), expression=exp.Paren(this=period.copy())),
    )
    select = select.join(inner(acted, activity), on=on, join_type="left", copy=False)
    select = select.where(exp.EQ(this=own("_first", births), expression=exp.Literal.number(1)), copy=False)
    if node.begun is not None:
        select = select.where(exp.LTE(this=exp.Paren(this=period.copy()), expression=number(node.begun)), copy=False)
    return inner(select, node.name, quoted=True)


def _column(name: str, alias: str) -> exp.Expr:
    """A column of the rows that events come from, under its own name."""
    return exp.alias_(column(name, alias), exp.to_identifier(name, quoted=True))
