"""What must be computed again: pure rules over days. A refresh computes these ranges and nothing else."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from nachim.core.period import Grain
from nachim.metrics.bind import Binder
from nachim.metrics.coverage import cover
from nachim.metrics.lineage import reach
from nachim.metrics.spec import Model

Days = tuple[date, date]
# Ranges closer than this are computed as one: a query costs more than a few extra days.
NEAR = timedelta(days=7)
MOST_RANGES = 6


@dataclass(frozen=True)
class Reach:
    """How far a metric's data goes: its first row, and the moment all its sources are complete through."""

    first: datetime | None
    through: datetime | None


def reach_of(binder: Binder, name: str, as_of: datetime) -> Reach:
    """The stretch in which a metric can have values."""
    sources = binder.metric(name).sources
    covers = [cover(binder.scope(source), binder.engine, binder.calendar, as_of)[0] for source in sources]
    firsts = [one.first for one in covers if one.first is not None]
    throughs = [one.through for one in covers if one.through is not None]
    return Reach(min(firsts, default=None), min(throughs, default=None))


def fact_times(model: Model, name: str) -> dict[str, set[str | None]]:
    """For each table a metric reads, the time columns that place its rows in periods.

    None stands for a table whose changes cannot be placed (looked up, or timed by a lookup): they touch every period.
    """
    found: dict[str, set[str | None]] = {}
    _metrics, sources = reach(model, name)
    looked_up = {model.sources[one].join(join).to for one in sources for join in model.sources[one].joins}
    for one in sources:
        source = model.sources[one]
        placed = source.time is not None and "." not in source.time and one not in looked_up
        found.setdefault(source.place, set()).add(source.time if placed else None)
    return found


def merged(ranges: Iterable[Days]) -> list[Days]:
    """Half-open day ranges, sorted, joined where they touch or nearly do, and few."""
    near = NEAR
    ordered = sorted(ranges)
    while True:
        joined: list[Days] = []
        for start, end in ordered:
            if joined and start <= joined[-1][1] + near:
                joined[-1] = (joined[-1][0], max(joined[-1][1], end))
            else:
                joined.append((start, end))
        if len(joined) <= MOST_RANGES:
            return joined
        near *= 2


def stale(
    touched: Iterable[list[Days] | None], was_through: date | None, now_through: date, *,
    was_first: date | None = None, now_first: date | None = None,
) -> list[Days] | None:  # fmt: skip
    """The days whose periods must be computed again; None: all of them.

    `touched` are the changed days of each table (None: unknown). Periods still open at the last refresh, from
    `was_through` on, change with time itself. Where the first row of a source moves (`was_first`, `now_first`, if
    known), the empty periods between change from no data to zero or back, though no row in them was touched.
    """
    if was_through is None:
        return None
    ranges: list[Days] = []
    for days in touched:
        if days is None:
            return None
        ranges += days
    if was_first is not None and now_first is not None and was_first != now_first:
        ranges.append((min(was_first, now_first), max(was_first, now_first) + timedelta(days=1)))
    if now_through != was_through or ranges:
        # Removed rows can bring the end nearer: what was complete has no data then.
        ranges.append((min(was_through, now_through), max(was_through, now_through) + timedelta(days=1)))
    return merged(ranges)


def within(ranges: list[Days] | None, horizon: Days) -> list[Days]:
    """The part of `ranges` (None: everything) that lies in the horizon."""
    if ranges is None:
        return [horizon]
    clipped = [(max(start, horizon[0]), min(end, horizon[1])) for start, end in ranges]
    return [(start, end) for start, end in clipped if start < end]


# How far back the mart remembers, by grain; the lake remembers everything.
HORIZON = {
    Grain.DAY: timedelta(days=430),
    Grain.WEEK: timedelta(days=760),
    Grain.MONTH: timedelta(days=1130),
    Grain.QUARTER: timedelta(days=1900),
    Grain.YEAR: timedelta(days=3700),
}
# Broken down by dimension, less is kept.
PARTS_HORIZON = {
    Grain.DAY: timedelta(days=16),
    Grain.WEEK: timedelta(days=63),
    Grain.MONTH: timedelta(days=400),
    Grain.QUARTER: timedelta(days=760),
}
