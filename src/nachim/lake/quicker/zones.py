"""Wall time by addition.

`x AT TIME ZONE 'Asia/Seoul'` looks each row up in the zone's history, which costs more than all else in counting by
month. Where the zone's clock stands still from some moment on, wall time is an addition; where all rows are later than
that moment, it is nothing more, and a day is a division.
"""

from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sqlglot import exp

from nachim.lake.quicker.held import Held

# not before 1970: whole days of what is not negative are a plain division
_EARLIEST, _LATEST, _WEEK = datetime(1970, 1, 8, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC), timedelta(days=7)
_MICROSECOND, _DAY = timedelta(microseconds=1), timedelta(days=1)


@lru_cache(64)
def steady(zone: str) -> tuple[datetime, timedelta] | None:
    """From when on a zone has one offset, and which; None where it still changes or nobody knows the zone."""
    try:
        clock = ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None
    at, offset = _LATEST, _LATEST.astimezone(clock).utcoffset()
    while offset is not None and at > _EARLIEST and (at - _WEEK).astimezone(clock).utcoffset() == offset:
        at -= _WEEK
    return None if offset is None or at > datetime.now(UTC) else (max(at, _EARLIEST), offset)


def added(tree: exp.Expression, held: Held) -> None:
    for node in list(tree.find_all(exp.AtTimeZone)):
        zone, column = node.args.get("zone"), node.this
        found = steady(zone.this) if isinstance(column, exp.Column) and isinstance(zone, exp.Literal) else None
        if found is not None:
            node.replace(_wall(node, *found, held(column)))
    for node in list(tree.find_all(exp.DateDiff)):
        micros = _micros_of_day(node)
        if micros is not None:
            node.replace(day_of(micros))


def day_of(micros: exp.Expression) -> exp.Expression:
    """The days since 1970 of microseconds that are not before it."""
    day = exp.IntDiv(this=exp.Paren(this=micros), expression=exp.Literal.number(_DAY // _MICROSECOND))
    return exp.cast(day, "INTEGER")


def wall_of(micros: exp.Expression) -> exp.Expression:
    return exp.Anonymous(this="make_timestamp", expressions=[micros])


def micros_of(wall: exp.Expression) -> exp.Expression | None:
    """The microseconds since 1970 of a wall time that is an addition and nothing else."""
    if isinstance(wall, exp.Anonymous) and wall.name == "make_timestamp":
        return wall.expressions[0]
    if isinstance(wall, exp.Paren):
        return micros_of(wall.this)
    if isinstance(wall, exp.Sub) and isinstance(wall.expression, exp.Interval):
        micros, unit = micros_of(wall.this), wall.expression.args["unit"].name.upper()
        if micros is not None and unit == "MINUTE":
            minutes = int(wall.expression.this.this) * 60_000_000
            return exp.Sub(this=micros.copy(), expression=exp.Literal.number(minutes))
    return None


def _micros_of_day(node: exp.DateDiff) -> exp.Expression | None:
    """Of the days between 1970-01-01 and a wall time's date."""
    day, epoch = node.this, node.expression
    first = isinstance(epoch, exp.Cast) and isinstance(epoch.this, exp.Literal) and epoch.this.this == "1970-01-01"
    if not first or not isinstance(day, exp.Cast) or node.args["unit"].name.upper() != "DAY":
        return None
    return micros_of(day.this)


def _wall(node: exp.AtTimeZone, since: datetime, offset: timedelta, held: tuple[Any, Any] | None) -> exp.Expression:
    micros = exp.Anonymous(this="epoch_us", expressions=[node.this.copy()])
    wall = wall_of(exp.Add(this=micros, expression=exp.Literal.number(offset // _MICROSECOND)))
    if (held is not None and held[0] >= since) or _asked_since(node, since):
        return wall
    start = exp.cast(exp.Literal.string(since.isoformat(sep=" ")), "TIMESTAMPTZ")
    return exp.Case().when(exp.GTE(this=node.this.copy(), expression=start), wall).else_(node.copy())


def _asked_since(node: exp.AtTimeZone, since: datetime) -> bool:
    """Whether the rows of this SELECT are asked for from a later moment on."""
    select = node.parent_select
    where = select.args.get("where") if select is not None else None
    for part in where.this.flatten() if where is not None and isinstance(where.this, exp.And) else ():
        moment = part.expression.this if isinstance(part, exp.GTE) and isinstance(part.expression, exp.Cast) else None
        if isinstance(moment, exp.Literal) and part.this == node.this and _moment(moment.this) >= since:
            return True
    return False


def _moment(text: str) -> datetime:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return _EARLIEST
    return found if found.tzinfo is not None else _EARLIEST
