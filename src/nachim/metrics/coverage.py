"""How far a source can be believed: from its first row to the moment through which it is complete."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from nachim.core.period import Calendar, Period
from nachim.metrics.cells import State
from nachim.metrics.engine import Engine
from nachim.metrics.messages import Note
from nachim.metrics.scope import Problem, Scope

LESS = re.compile(r"\s*(?:max\(\s*(?P<column>[\w.]+)\s*\)|now)\s*(?:-\s*(?P<count>\d+)\s*(?P<unit>hour|day)s?)?\s*")


@dataclass(frozen=True)
class Coverage:
    """Instants: rows are known from `first` up to `through`. None first: no rows at all. `timeless` sources always count."""

    first: datetime | None
    last: datetime | None
    through: datetime | None
    timeless: bool = False

    def state(self, period: Period, calendar: Calendar) -> State:
        """ok when the source is complete to the period's end, partial while it is under way, no_data outside."""
        if self.timeless:
            return State.OK
        if self.first is None or self.through is None:
            return State.NO_DATA
        begins, ends = calendar.bounds(period)
        if ends <= self.first or begins >= self.through:
            return State.NO_DATA
        return State.PARTIAL_PERIOD if ends > self.through else State.OK


def cover(scope: Scope, engine: Engine, calendar: Calendar, as_of: datetime) -> tuple[Coverage, Note]:
    """The coverage of a source, and the line of lineage that says by which rule.

    Default: complete through the end of the business day that holds its last row, but never beyond `as_of`.
    A definition may say `now`, or `max(column) - 1 day`.
    """
    if scope.source.time is None:
        return Coverage(None, None, None, timeless=True), Note("timeless", {"source": scope.name})
    time = scope.time()
    table = time.path[-1].table if time.path else scope.source.lake
    extent = engine.extent(table, time.column)
    if extent is None:
        return Coverage(None, None, None), Note("empty", {"source": scope.name})
    first, last = extent
    rule = scope.source.complete_through
    if rule is None:
        through = calendar.instant(datetime.combine(calendar.today(last) + timedelta(days=1), datetime.min.time()))
        through = min(through, as_of)
    else:
        through = _given(rule, last, as_of)
    note = Note("complete", {"source": scope.name, "rule": rule or "", "through": f"{calendar.local(through):%Y-%m-%d %H:%M}"})
    return Coverage(first, last, through.astimezone(UTC)), note


def _given(rule: str, last: datetime, as_of: datetime) -> datetime:
    found = LESS.fullmatch(rule)
    if found is None:
        raise Problem("syntax", text=rule, detail="now, max(column) - 1 day")
    base = last if found["column"] else as_of
    if found["count"]:
        base -= timedelta(**{f"{found['unit']}s": int(found["count"])})
    return min(base, as_of)
