"""Frames: which stretches of time a metric is asked for when a cell asks it in another frame. Pure calendar work.

A stretch is half-open business wall time. A frame maps the stretch of a cell to one or several; frames compose by
mapping one after the other, the outer first, so `growth of (year to date)` and `(year to date) of growth` differ.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from nachim.core.period import Calendar, Grain
from nachim.metrics import lunar
from nachim.metrics.duration import Duration, Shift, add_months

DAY = timedelta(days=1)
WEEK = timedelta(days=7)


class Span(NamedTuple):
    """Business wall time from `start` up to `end`."""

    start: datetime
    end: datetime


class Places(NamedTuple):
    """Where a cell is evaluated. `cut_short`: it is still under way, and is evaluated as of the last complete day."""

    spans: tuple[Span, ...]
    cut_short: bool


@dataclass(frozen=True)
class Frame:
    """`shift`, then `window` or `to_date`, evaluated once (`end`, `start`) or each day (`avg`, `max`, `min`).

    `drop`: dimensions that neither slice nor filter inside this frame.
    """

    shift: Shift | None = None
    window: Duration | None = None
    to_date: Grain | None = None
    eval: str = "end"
    over: Duration | None = None
    drop: tuple[str, ...] = ()

    def places(self, span: Span, calendar: Calendar, until: datetime | None) -> Places:
        """The stretches to evaluate at. `until`: the business time through which everything is known, if it is."""
        if self.shift is not None:
            span = shifted(span, self.shift)
        if self.window is None and self.to_date is None and self.eval == "end":
            return Places((span,), False)
        short = until is not None and span.start < until < span.end
        if short and until is not None:
            span = Span(span.start, max(floor_day(until), min(floor_day(span.start) + DAY, span.end)))
        if self.eval == "end":
            return Places((self._reached(span, calendar),), short)
        if self.over is not None:
            span = Span(self.over.after(span.end, -1), span.end)
        days = days_of(span)
        if self.eval == "start":
            days = days[:1]
        return Places(tuple(self._reached(day, calendar) for day in days), short)

    def _reached(self, span: Span, calendar: Calendar) -> Span:
        """The stretch that ends with `span` and reaches back as far as the window or to the start of the period."""
        if self.window is not None:
            return Span(self.window.after(span.end, -1), span.end)
        if self.to_date is not None:
            return Span(calendar.period(self.to_date, span.end - timedelta(microseconds=1)).start, span.end)
        return span

    @property
    def whole(self) -> bool:
        """Whether the value is the metric's own at one stretch, rather than made of several."""
        return self.eval in ("end", "start")

    def __str__(self) -> str:
        parts = [f"shift {self.shift}" if self.shift else "", f"window {self.window}" if self.window else ""]
        parts += [f"{self.to_date} to date" if self.to_date else "", self.eval if self.eval != "end" else ""]
        parts += [f"over {self.over}" if self.over else "", f"all {', '.join(self.drop)}" if self.drop else ""]
        return " ".join(part for part in parts if part)


def shifted(span: Span, shift: Shift) -> Span:
    """The stretch so much earlier or later: whole months stay whole months, shorter stretches keep their length."""
    start, end = span
    if shift.by.months and _month_start(start) and _month_start(end):
        return Span(add_months(start, shift.by.months), add_months(end, shift.by.months))
    moved = shift.by.after(start)
    if shift.align and end - start <= WEEK:
        moved = _aligned(start, moved, shift)
    return Span(moved, moved + (end - start))


def _aligned(start: datetime, moved: datetime, shift: Shift) -> datetime:
    """The nearest day of the same weekday; with `lunar`, as far from the same feast wherever one is near."""
    if shift.align == "lunar":
        found = lunar.counterpart(start.date(), moved.year)
        if found is not None:
            return datetime.combine(found, start.time())
    off = (start.weekday() - moved.weekday() + 3) % 7 - 3
    return moved + timedelta(days=off)


def days_of(span: Span) -> list[Span]:
    """Its business days; a stretch within one day is one."""
    found, at = [], span.start
    while at < span.end:
        after = min(floor_day(at) + DAY, span.end)
        found.append(Span(at, after))
        at = after
    return found


def floor_day(moment: datetime) -> datetime:
    return datetime(moment.year, moment.month, moment.day)


def _month_start(moment: datetime) -> bool:
    return moment.day == 1 and moment == floor_day(moment)
