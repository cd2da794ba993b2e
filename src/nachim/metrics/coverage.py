"""How far a source can be believed: from its first row to the moment through which it is complete."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from nachim.core.period import Calendar
from nachim.metrics.cells import State
from nachim.metrics.duration import Duration
from nachim.metrics.engine import ColumnType, Engine
from nachim.metrics.frame import Span
from nachim.metrics.messages import Note
from nachim.metrics.scope import Problem, Ref, Scope

LESS = re.compile(r"\s*(?:max\(\s*(?P<column>[^()]+?)\s*\)|now)\s*(?:-\s*(?P<count>\d+)\s*(?P<unit>hour|day)s?)?\s*")


@dataclass(frozen=True)
class Coverage:
    """Instants: rows are known from `first` up to `through`; no `first`, no rows. `timeless` sources always count.

    A sequence is open for `within` after its starts, and the steps are known up to `followed`.
    """

    first: datetime | None
    last: datetime | None
    through: datetime | None
    timeless: bool = False
    within: Duration | None = None
    followed: datetime | None = None

    def state(self, span: Span, calendar: Calendar) -> State:
        """ok when the source is complete to the end of the stretch, partial while it is under way, no_data outside.

        Immature while the window of a start in it can still be open.
        """
        if self.timeless:
            return State.OK
        if self.first is None or self.through is None:
            return State.NO_DATA
        begins, ends = calendar.instant(span.start), calendar.instant(span.end)
        if ends <= self.first or begins >= self.through:
            return State.NO_DATA
        if self.within is not None and (self.followed is None or closed(ends, self.within, calendar) > self.followed):
            return State.IMMATURE
        return State.PARTIAL_PERIOD if ends > self.through else State.OK


def closed(moment: datetime, within: Duration, calendar: Calendar) -> datetime:
    """When the window that opens at an instant closes: hours as they pass, months by the calendar on the wall."""
    if within.months:
        return calendar.instant(within.after(calendar.local(moment) + calendar.day_offset) - calendar.day_offset)
    return moment + timedelta(hours=within.hours)


def cover(scope: Scope, engine: Engine, calendar: Calendar, as_of: datetime) -> tuple[Coverage, Note]:
    """The coverage of a source, and the line of lineage that says by which rule.

    Default: complete through the end of the business day that holds its last row, but never beyond `as_of`.
    A definition may say `now`, or `max(column) - 1 day`.
    """
    if scope.source.time is None:
        return Coverage(None, None, None, timeless=True), Note("timeless", {"source": scope.base})
    time = scope.time()
    table = time.path[-1].table if time.path else scope.source.place
    extent = engine.extent(table, time.column)
    if extent is None:
        return Coverage(None, None, None), Note("empty", {"source": scope.base})
    first, last = extent
    rule, given = scope.source.complete_through, rule_of(scope)
    if given is None:
        through = calendar.instant(datetime.combine(calendar.today(last) + timedelta(days=1), datetime.min.time()))
        through = min(through, as_of)
    else:
        through = _given(given, scope, engine, as_of)
    note = Note(
        "complete", {"source": scope.base, "rule": rule or "", "through": f"{calendar.local(through):%Y-%m-%d %H:%M}"}
    )
    return Coverage(first, last, through.astimezone(UTC)), note


@dataclass(frozen=True)
class Rule:
    """`complete_through` as written: the newest value of a time column, or now, less some time."""

    column: Ref | None
    less: timedelta


def rule_of(scope: Scope) -> Rule | None:
    """The rule a source gives, checked; None where it leaves it to the default."""
    text = scope.source.complete_through
    if text is None:
        return None
    found = LESS.fullmatch(text)
    if found is None:
        raise Problem("complete_rule", text=text)
    column = scope.dotted(found["column"].replace('"', "").strip()) if found["column"] else None
    if column is not None and column.type is not ColumnType.TIME:
        raise Problem("time_type", name=found["column"], type=column.type.value)
    return Rule(column, timedelta(**{f"{found['unit']}s": int(found["count"])}) if found["count"] else timedelta())


def _given(rule: Rule, scope: Scope, engine: Engine, as_of: datetime) -> datetime:
    base = as_of
    if rule.column is not None:
        table = rule.column.path[-1].table if rule.column.path else scope.source.place
        extent = engine.extent(table, rule.column.column)
        base = extent[1] if extent else as_of
    return min(base - rule.less, as_of)
