"""The period of an instant as an integer: plain arithmetic, so that weeks and fiscal years are the same everywhere."""

from __future__ import annotations

from sqlglot import exp

from nachim.core.period import MONTHS, Calendar, Grain
from nachim.metrics.scope import Ref


def bucket(time: Ref, grain: Grain, calendar: Calendar) -> exp.Expr:
    """The period of an instant, as an integer: hours, days or weeks by their first day, months by their index."""
    wall = business(time.sql(), calendar)
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


def business(time: exp.Expr, calendar: Calendar) -> exp.Expr:
    """The business wall time of an instant: zone time less the day start."""
    local = exp.AtTimeZone(this=time, zone=exp.Literal.string(calendar.tz))
    minutes = calendar.day_start.hour * 60 + calendar.day_start.minute
    if not minutes:
        return local
    length = exp.Interval(this=exp.Literal.string(str(minutes)), unit=exp.var("MINUTE"))
    return exp.Sub(this=exp.Paren(this=local), expression=length)


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
