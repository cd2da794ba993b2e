"""What a KPI's page and its target's editor say of the future: odds, fan, what it takes, which levels are proposed."""

from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise

import numpy as np

from nachim.analysis.forecast import SeriesError, forecast
from nachim.analysis.forecast.drawn import Drawn, drawn
from nachim.analysis.odds import Aim, Precedent, Proposal, precedent, propose
from nachim.app import language
from nachim.app.models import Kpi, Series
from nachim.app.queries.odds import Ahead, Past, ahead, past_of, stored
from nachim.app.queries.points import last_day, year_before
from nachim.app.workdays import days
from nachim.core.period import Grain, Period
from nachim.core.seasons import SeasonError, Seasons, seasonal_weights
from nachim.core.target import Levels, Reach
from nachim.core.target import Target as TargetRule

# How many periods ahead a chart shows at most.
SHOWN = {Grain.DAY: 30, Grain.WEEK: 16, Grain.MONTH: 12, Grain.QUARTER: 6}
YEAR = 365


@dataclass(frozen=True)
class Fan:
    """The periods ahead with the middle of what is likely, and the 50, 80 and 95 % intervals of each."""

    periods: list[Period]
    middle: list[float]
    intervals: dict[int, list[tuple[float, float]]]


def of_kpi(kpi: Kpi, series: Series | None, *, fresh: bool = False) -> tuple[Past, Drawn] | None:
    """The closed values of a KPI and its stored forecast. `fresh`: forecast now where none is stored."""
    if series is None:
        return None
    calendar, grain = language.calendar(), Grain(kpi.cadence)
    known = past_of(series, grain, calendar)
    if known is None:
        return None
    made = stored(series, known, calendar, grain)
    if made is None and fresh:
        try:
            made = drawn(forecast(known.history, min(SHOWN[grain], len(known.history.values))))
        except SeriesError:
            return None
    return (known, made) if made is not None else None


def fan(known: Past, made: Drawn, grain: Grain) -> Fan | None:
    """None where the forecast cannot be relied on: a band that keeps no word is not drawn."""
    if not made.reliable:
        return None
    cut = made.until(min(made.steps, SHOWN[grain]))
    periods = [known.ahead]
    while len(periods) < cut.steps:
        periods.append(periods[-1].next())
    bands = {}
    for level in (50, 80, 95):
        low, high = cut.interval(level / 100)
        bands[level] = list(zip(low.tolist(), high.tolist(), strict=True))
    return Fan(periods, np.median(cut.courses, axis=0).tolist(), bands)


@dataclass(frozen=True)
class Editor:
    """What stands beside a target while it is typed.

    `rise`: the change the target asks for from the last closed value, as a share. `last_year`: the values a year before
    each period of the span, and `path` what the target expects of it, both None where there is none.
    """

    found: Ahead | None
    proposal: Proposal | None
    precedent: Precedent | None
    rise: float | None
    periods: list[Period]
    last_year: list[float | None]
    path: list[float | None]


def editor(kpi: Kpi, series: Series | None, target: TargetRule | None) -> Editor:
    """Odds and proposals for a target that is being written; everything empty without a history."""
    looked = of_kpi(kpi, series, fresh=True)
    if looked is None or target is None:
        return Editor(None, None, None, None, [], [], [])
    known, made = looked
    found = ahead(target, known, made)
    if found is None:
        return Editor(None, None, None, None, *_beside(known, target, Grain(kpi.cadence)))
    proposal = propose(found.drawn, found.aim, found.so_far) if found.outlook.refusal is None else None
    seen, rise = _precedent(known, found.aim, len(found.periods))
    return Editor(found, proposal, seen, rise, *_beside(known, target, Grain(kpi.cadence)))


def _precedent(known: Past, aim: Aim, steps: int) -> tuple[Precedent | None, float | None]:
    """How often the KPI moved so far in so long before; of a level only."""
    values = known.history.values
    if aim.over != "last" or len(values) <= steps or values[-1] <= 0:
        return None, None
    rise = aim.level / float(values[-1]) - 1
    wanted = rise if aim.direction == "up" else min(rise, 0.0)
    if (aim.direction == "up") != (rise > 0):
        return None, None
    return precedent(values, steps, wanted, relative=True), rise


def _beside(known: Past, target: TargetRule, grain: Grain) -> tuple[list[Period], list, list]:
    calendar = language.calendar()
    periods = calendar.periods(grain, target.start, target.due + timedelta(days=1))[:120]
    values = {period.key: value for period, value in known.periods()}
    before = [values.get(year_before(calendar, period).key) for period in periods]
    path: list[float | None] = [None] * len(periods)
    if isinstance(target, Levels):
        off = days(target.start.year, target.due.year)
        path = [target.expected(last_day(period), period.start.date(), off) for period in periods]
        if isinstance(target, Reach) and target.total:
            path = [after - so_far for so_far, after in pairwise([0.0, *path])]
    return periods, before, path


def seasons_of(series: Series | None, today: date) -> Seasons | None:
    """How the KPI's own days spread over weekdays, months and holidays; None where its history shows nothing."""
    if series is None:
        return None
    known = past_of(series, Grain.DAY, language.calendar())
    if known is None:
        return None
    off = days(known.first.start.year, today.year + 1)
    try:
        return seasonal_weights(
            [(period.start.date(), value) for period, value in known.periods() if np.isfinite(value)], off.named
        )
    except SeasonError:
        return None
