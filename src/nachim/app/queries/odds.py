"""The odds of a target from the stored paths of its KPI, and the forecast as a page draws it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from nachim.analysis.forecast.drawn import Drawn, unpacked
from nachim.analysis.forecast.refusal import Refusal
from nachim.analysis.forecast.series import History, history
from nachim.analysis.odds import Aim, Outlook, outlook
from nachim.analysis.odds_target import aim_of
from nachim.app.models import Call, Forecast, Observation, Series, Target
from nachim.app.queries.points import CLOSED, last_day
from nachim.app.workdays import closed
from nachim.core.period import Calendar, Grain, Period
from nachim.core.status import Odds
from nachim.core.target import HitRate, Reach
from nachim.core.target import Target as TargetRule

CODES = {Grain.HOUR: "H", Grain.DAY: "D", Grain.WEEK: "W", Grain.MONTH: "M", Grain.QUARTER: "Q", Grain.YEAR: "Y"}


@dataclass(frozen=True)
class Past:
    """The closed values of a series on its grid. `ahead`: the first period that is not closed yet."""

    history: History
    first: Period
    ahead: Period

    def since(self, day: date) -> list[float]:
        """Values of the periods that begin on `day` or later; NaN for one that is missing."""
        return [value for period, value in self.periods() if period.start.date() >= day]

    def periods(self) -> list[tuple[Period, float]]:
        """Each closed period with its value, oldest first."""
        period, found = self.first, []
        for value in self.history.values.tolist():
            found.append((period, value))
            period = period.next()
        return found


def past_of(series: Series, grain: Grain, calendar: Calendar) -> Past | None:
    """The closed periods of a series, all that the mart remembers; None where there is none."""
    rows = Observation.objects.filter(series=series, grain=grain.value, dim="", state=CLOSED, value__isnull=False)
    return past(rows.order_by("period").values_list("period", "value"), grain, calendar, closed())


def past(rows: Iterable[tuple[str, float]], grain: Grain, calendar: Calendar, own: frozenset[date]) -> Past | None:
    """`own`: the days the company is closed, which a daily forecast heeds."""
    known = dict(rows)
    if not known:
        return None
    first = Period.parse(grain, min(known), calendar)
    last = Period.parse(grain, max(known), calendar)
    period, values = first, [known.get(first.key)]
    while period < last:
        period = period.next()
        values.append(known.get(period.key))
    company = sorted(own) if grain is Grain.DAY else ()
    made = history(values, CODES[grain], first.start, company=company)  # type: ignore[arg-type]
    return Past(made, first, last.next())


def periods_until(first: Period, due: date) -> list[Period]:
    """The periods from `first` that are over by the end of `due`."""
    found, period = [], first
    while last_day(period) <= due:
        found.append(period)
        period = period.next()
    return found


def stored(series: Series, known: Past, calendar: Calendar, grain: Grain) -> Drawn | None:
    """The newest forecast of a series, if it begins where the closed values end."""
    row = Forecast.objects.filter(series=series, grain=grain.value).first()
    if row is None or row.first != known.ahead.key:
        return None
    doubt = Refusal(row.doubt["code"], row.doubt.get("facts", {})) if row.doubt else None
    return unpacked(bytes(row.paths), known.history, row.origins, doubt)


@dataclass(frozen=True)
class Ahead:
    """What is likely until a target is due: `periods` that are left, what each is `aim`ed at, and the odds."""

    aim: Aim
    periods: list[Period]
    so_far: list[float]
    drawn: Drawn
    outlook: Outlook


def so_far(target: TargetRule, known: Past) -> list[float] | None:
    """What counts of the closed periods; None where one of a sum is missing."""
    if isinstance(target, HitRate):
        return known.since(target.start)
    if isinstance(target, Reach) and target.total:
        values = known.since(target.start)
        return None if any(np.isnan(values)) else values
    return []


def ahead(target: TargetRule, known: Past, made: Drawn) -> Ahead | None:
    """The odds of a target; None where it has none: over already, of a kind without odds, or a sum with a hole."""
    aim, left = aim_of(target), periods_until(known.ahead, target.due)
    done = so_far(target, known)
    if aim is None or not left or done is None:
        return None
    if len(left) > made.steps:
        doubt = Refusal("too_far", {"found": len(known.history.values), "steps": len(left)})
        none = Outlook(None, None, None, None, float("nan"), float("nan"), doubt)
        return Ahead(aim, left, done, made, none)
    cut = made.until(len(left))
    return Ahead(aim, left, done, cut, outlook(cut, aim, done))


def given(calls: Sequence[Call], target: Target | None) -> Odds | None:
    """What a verdict may use: the newest call about this target, if it was about the present periods."""
    if target is None:
        return None
    last = next((call for call in calls if call.target_id == target.pk), None)
    return said(last) if last is not None else None


def said(call: Call) -> Odds:
    """A call in the form a status is judged with."""
    if call.withheld:
        return Odds(None, "uncalibrated")
    if call.p is None:
        doubt = Refusal(call.doubt.get("code", "unreliable"), call.doubt.get("facts", {}))
        return Outlook(None, None, None, None, 0.0, 0.0, doubt).odds()
    return Odds(call.p)


def newest_calls(targets: Iterable[int]) -> dict[int, Call]:
    """By target, the newest call about it, in one query."""
    found: dict[int, Call] = {}
    for call in Call.objects.filter(target__in=list(targets), came=None).order_by("pk"):
        found[call.target_id] = call
    return found
