"""What must be computed again: the periods whose reading meets a change. A refresh computes these and nothing else."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from nachim.core.period import Grain, Period
from nachim.metrics.bind import Binder
from nachim.metrics.covered import covered
from nachim.metrics.duration import duration
from nachim.metrics.finish import Finish
from nachim.metrics.frame import DAY, Span
from nachim.metrics.lineage import reach
from nachim.metrics.made import highest
from nachim.metrics.measure import Measure
from nachim.metrics.metric import CohortRows, SequenceRows
from nachim.metrics.reads import View, needs_of
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
    """The stretch in which a metric can have values; of a sequence, how far its steps are known too."""
    covers = [covered(binder, source, as_of)[0] for source in binder.metric(name).sources]
    firsts = [one.first for one in covers if one.first is not None]
    throughs = [end for one in covers for end in (one.through, one.followed) if end is not None]
    return Reach(min(firsts, default=None), min(throughs, default=None))


def placed_by(model: Model, name: str) -> dict[str, tuple[str, str | None]]:
    """For each source a metric reads, its table and the column that places its rows in time.

    No column: changes cannot be placed (the source is looked up, or timed by a lookup); they touch every period.
    """
    found: dict[str, tuple[str, str | None]] = {}
    _metrics, sources = reach(model, name)
    looked_up = {model.sources[one].join(join).to for one in sources for join in model.sources[one].joins}
    for one in sources:
        source = model.sources[one]
        placed = source.time is not None and "." not in source.time and one not in looked_up
        found[one] = (source.place, source.time if placed else None)
    return found


class Staleness:
    """Which periods of a metric must be computed again: those whose reading meets a change, and no other.

    `touched`: the changed days of each source (None: nobody knows which). Periods still open at the last refresh, from
    `was_through` on, change with time itself; where the first row moves (`was_first`, `now_first`), the empty periods
    between change from no data to zero or back though no row in them was touched.
    """

    def __init__(
        self, binder: Binder, name: str, as_of: datetime, touched: Mapping[str, list[Days] | None],
        was_through: date | None, now_through: date, *, was_first: date | None = None, now_first: date | None = None,
    ):  # fmt: skip
        self.binder, self.bound = binder, binder.metric(name)
        self.touched: dict[str, list[Span]] | None = None
        if was_through is None or any(days is None for days in touched.values()):
            return
        moved = [(min(was_through, now_through), max(was_through, now_through) + DAY)]
        always = moved if now_through != was_through or any(touched.values()) else []
        if was_first is not None and now_first is not None and was_first != now_first:
            always.append((min(was_first, now_first), max(was_first, now_first) + DAY))
        self.touched = {one: [_span(*days) for days in [*(own or []), *always]] for one, own in touched.items()}
        # A first event that is new or gone long ago gives an entity another birth: no one knows which cells that moves.
        for source in self.bound.sources:
            if source in binder.model.rows and isinstance(binder.model.rows[source], CohortRows):
                births = binder.steps(source).sources[0].base
                if any(start < was_through for start, _end in touched.get(births) or []):
                    self.touched = None
                    return
        covers = {source: covered(binder, source, as_of)[0] for source in self.bound.sources}
        self._finish = Finish(covers, binder.calendar, View((), None))

    @property
    def nothing(self) -> bool:
        return self.touched is not None and not any(self.touched.values())

    def days(self, grain: Grain, horizon: Days) -> list[Days]:
        """The stale periods of a grain in a horizon, as few ranges of days."""
        if self.touched is None:
            return [horizon] if horizon[0] < horizon[1] else []
        if self.nothing:
            return []
        found = [period for period in self.binder.calendar.periods(grain, *horizon) if self.stale(_of(period))]
        days = [(period.start.date(), (period.end - timedelta(microseconds=1)).date() + DAY) for period in found]
        return within(merged(days), horizon)

    def stale(self, span: Span) -> bool:
        """Whether what a cell of this stretch reads meets a change."""
        if self.touched is None:
            return True
        for need in needs_of([self.bound], [span], View((), None), self._finish.places):
            for one in need.spans:
                for source, reached in self._reached(need.measure, one):
                    if any(reached.start < end and start < reached.end for start, end in self.touched.get(source, [])):
                        return True
        return False

    def _reached(self, measure: Measure, span: Span) -> Iterator[tuple[str, Span]]:
        """The sources behind a measure, and the stretch of each that bears on its value in `span`."""
        name, model = measure.source, self.binder.model
        if name not in model.rows:
            yield name, span
            return
        made, scopes = model.rows[name], self.binder.steps(name).sources
        yield scopes[0].base, span
        if isinstance(made, SequenceRows):
            within_ = duration(made.sequence.within)
            late = within_.longest if within_ is not None else timedelta(days=3700)
        else:
            last = highest(measure.where, name)
            late = LONGEST[made.cohort.period] * (last + 2) if last is not None else timedelta(days=36500)
            span = Span(span.start - LONGEST[made.cohort.period], span.end)
        for scope in scopes[1:]:
            yield scope.base, Span(span.start, span.end + late)


LONGEST = {
    "day": timedelta(days=1), "week": timedelta(days=7), "month": timedelta(days=31), "quarter": timedelta(days=92),
    "year": timedelta(days=366),
}  # fmt: skip


def _span(start: date, end: date) -> Span:
    return Span(datetime.combine(start, datetime.min.time()), datetime.combine(end, datetime.min.time()))


def _of(period: Period) -> Span:
    return Span(period.start, period.end)


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


def within(ranges: list[Days], horizon: Days) -> list[Days]:
    """The part of `ranges` that lies in the horizon."""
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
