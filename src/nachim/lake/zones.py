"""Wall time by arithmetic: where a zone's clock has stood still since some moment, DuckDB need not look each row up.

`x AT TIME ZONE 'Asia/Seoul'` costs more than all else in counting by month. From the last change of the zone's offset
on it is an addition; earlier instants, and zones that still change, stay as they are.
"""

from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sqlglot import exp

_EARLIEST, _LATEST, _WEEK = datetime(1970, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC), timedelta(days=7)


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
    return None if offset is None or at > datetime.now(UTC) else (at, offset)


def faster(tree: exp.Expression) -> exp.Expression:
    """The same tree, with wall time in a steady zone added up. Columns read AT TIME ZONE must hold instants."""
    return tree.transform(_added) if any(map(_given, tree.find_all(exp.AtTimeZone))) else tree


def _given(node: exp.Expression) -> tuple[datetime, timedelta] | None:
    zone = node.args.get("zone")
    return steady(zone.this) if isinstance(node.this, exp.Column) and isinstance(zone, exp.Literal) else None


def _added(node: exp.Expression) -> exp.Expression:
    found = _given(node) if isinstance(node, exp.AtTimeZone) else None
    if found is None:
        return node
    since, offset = found
    start = exp.cast(exp.Literal.string(since.isoformat(sep=" ")), "TIMESTAMPTZ")
    moved = exp.Add(
        this=exp.Anonymous(this="epoch_us", expressions=[node.this.copy()]),
        expression=exp.Literal.number(offset // timedelta(microseconds=1)),
    )
    wall = exp.Anonymous(this="make_timestamp", expressions=[moved])
    later = exp.GTE(this=node.this.copy(), expression=start)
    return exp.Case().when(later, wall).else_(node.copy())
