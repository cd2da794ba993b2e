"""What a target is held against: the value it speaks of, its score, and whether the data lets anyone judge."""

from datetime import date

from nachim.app.models import Kpi, Series
from nachim.app.queries.points import Point, last_day
from nachim.core.scoring import Score, ScoreRefused, score
from nachim.core.status import Data
from nachim.core.target import HitRate, Reach, Target
from nachim.core.target_kinds import Entry


def span_start(target: Target | None) -> date | None:
    """From when on all periods are needed: those of a total or a hit rate since it began."""
    if isinstance(target, HitRate) or (isinstance(target, Reach) and target.total):
        return target.start
    return None


def measured(target: Target | None, closed: Point | None, known: dict[str, Point], today: date) -> float | None:
    """The value of the last closed period; for a total their sum since its start, for a hit rate the share kept.

    A total with a period missing on the way is unknown.
    """
    since = span_start(target)
    if closed is None or since is None:
        return closed.value if closed else None
    until = min(last_day(closed.period), target.due)
    inside = [
        point for point in known.values() if since <= point.period.start.date() and last_day(point.period) <= until
    ]
    if isinstance(target, HitRate):
        entries = tuple(Entry(point.value if point.closed else None, last_day(point.period)) for point in inside)
        hits, due = target.counted(entries, today)
        return hits / due if due else None
    if not inside or any(point.value is None or not point.closed for point in inside):
        return None
    return float(sum(point.value for point in inside))


def scored(target: Target | None, value: float | None) -> tuple[Score | None, ScoreRefused | None]:
    """The score, or why there is none."""
    if target is None or value is None:
        return None, None
    try:
        return score(target, value), None
    except ScoreRefused as refused:
        return None, refused


def data_of(kpi: Kpi, series: Series | None, closed: Point | None, freshness: str) -> Data:
    """Grey states of the data. Late means: no period is closed because rows that should be there are not."""
    if series is not None and series.problem:
        return "fault"
    if closed is not None:
        return "ok"
    if "manual" in kpi.metric.spec:
        return "no_entry"
    return "late" if freshness == "stale" else "ok"
