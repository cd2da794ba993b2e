"""What stands out in a company's numbers: from the engine's cells to sightings, each one thing that a person is told.

Knows no finding that is stored; `app.actions.findings` keeps what this says, and `app.diagnose` says why.
"""

import math
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

import numpy as np

from nachim.analysis.detect import GRAINS, detect
from nachim.analysis.detect_result import DataFault, Episode
from nachim.core.period import Grain
from nachim.metrics.bind import Binder
from nachim.metrics.cells import Cell, State
from nachim.metrics.messages import MetricError
from nachim.metrics.run import Query, evaluate

BUDGET = 2.0  # alerts a week for the whole company
MOST_PARTS, LEAST_DAYS = 30, 90
WEEKS_BEFORE = 4
NEAR = timedelta(days=10)
RAREST = 0.003  # of past days; what happens more often is no alert however large the budget
MOST_ODD = 3  # days that may be odd by chance
RIPE = 3  # days by which last days may differ within one detection
FEW, FEW_COUNTED, OFTEN_ZERO, STILL = 20, 5, 0.1, 0.3
COUNTED, RATES = ("count", "people"), ("percent", "points", "ratio")
DAY, WEEK = timedelta(days=1), timedelta(days=7)
Slice = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Line:
    """One series: a metric over one part of one dimension, or over all rows, by day or by week (Mondays).

    `family`: metrics of the same tables have the same; what moves several of them at once is one thing to tell.
    `behind`: of a rate, how many things each value is of.
    """

    metric: str
    slice: Slice
    values: Mapping[date, float]
    grain: Grain = Grain.DAY
    family: str = ""
    behind: Mapping[date, float] = field(default_factory=dict)

    @property
    def step(self) -> timedelta:
        return WEEK if self.grain is Grain.WEEK else DAY

    @property
    def last(self) -> date:
        """The last day with a value."""
        return max(self.values) + self.step - DAY

    def until(self, end: date) -> "Line":
        """As it stood on the morning of `end`."""
        return replace(self, values={day: x for day, x in self.values.items() if day + self.step <= end})


@dataclass(frozen=True)
class Sighting:
    """Episodes of one family of metrics at one time; `episode` is the most surprising, of `metric` over `slice`.

    `others`: the slices of the metric that stand out as well; `also`: the family's other metrics that do, and whether
    upwards."""

    metric: str
    slice: Slice
    episode: Episode
    others: tuple[Slice, ...] = ()
    also: tuple[tuple[str, bool], ...] = ()


def can_be_asked(binder: Binder, name: str) -> bool:
    """Whether a metric's tables and columns are there: one on a table without rows yet holds up no other."""
    try:
        binder.metric(name)
    except MetricError:
        return False
    return True


def lines(
    binder: Binder, metrics: Collection[str], first: date, last: date, now: datetime, *, parts: bool = True
) -> list[Line]:
    """The series from `first` to `last` (excluded): every metric, and each by its dimensions' values.

    What a day has too few things behind to judge by is taken by the week, and not at all where a week has too few too.
    """
    made: list[Line] = []
    for family, names, dim in _queries(binder, metrics, parts):
        by = (dim,) if dim else ()
        daily = _series(binder, names, by, first, last, now, Grain.DAY)
        daily = {key: cells for key, cells in daily.items() if len(cells) >= LEAST_DAYS}
        unit = {name: binder.model.metrics[name].unit for name in names}
        thin = {key for key, cells in daily.items() if _thin(unit[key[0]], cells.values())}
        made += [_line(key, cells, Grain.DAY, family, unit[key[0]]) for key, cells in daily.items() if key not in thin]
        if thin:
            some = tuple(dict.fromkeys(name for name, _where in thin))
            weekly = _series(binder, some, by, first, last, now, Grain.WEEK)
            made += [
                _line(key, cells, Grain.WEEK, family, unit[key[0]]) for key, cells in weekly.items()
                if key in thin and 7 * len(cells) >= LEAST_DAYS and not _thin(unit[key[0]], cells.values())
            ]  # fmt: skip
    return _biggest(made)


def _queries(binder: Binder, metrics: Collection[str], parts: bool) -> Iterable[tuple[str, tuple[str, ...], str]]:
    """One query for all metrics of the same sources, and one more a dimension."""
    groups: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for name in metrics:
        bound = binder.metric(name)
        if bound.measures:
            groups[tuple(sorted(bound.sources))].append(name)
    for sources, names in groups.items():
        for dim in ("", *(binder.dims(binder.metric(names[0])) if parts else ())):
            yield " ".join(sources), tuple(names), dim


def _series(
    binder: Binder, names: tuple[str, ...], by: tuple[str, ...], first: date, last: date, now: datetime, grain: Grain
) -> dict[tuple[str, Slice], dict[date, Cell]]:
    found: dict[tuple[str, Slice], dict[date, Cell]] = defaultdict(dict)
    for cell in cells_of(binder, names, by, first, last, now, grain=grain):
        if cell.value is not None and math.isfinite(cell.value):
            where = tuple((name, value or "") for name, value in cell.slices)
            found[cell.metric, where][date.fromisoformat(cell.period[:10])] = cell
    return found


def cells_of(
    binder: Binder, names: tuple[str, ...], by: tuple[str, ...], first: date, last: date, now: datetime,
    where: str | None = None, grain: Grain = Grain.DAY,
) -> list[Cell]:  # fmt: skip
    """The cells that are complete; none where the engine refuses the question."""
    try:
        result = evaluate(binder.model, Query(names, grain, first, last, by, where), binder.engine, as_of=now,
                          binder=binder)  # fmt: skip
    except MetricError:
        return []
    return [cell for cell in result.cells if cell.state is State.OK]


def _thin(unit: str, cells: Collection[Cell]) -> bool:
    """Whether too few things lie behind each value: a rate over a handful says nothing of its time, nor does one that
    most of the time stands still."""
    same = Counter(cell.value for cell in cells)
    if unit not in COUNTED and max(same.values(), default=0) > STILL * len(cells):
        return True
    if any(cell.denominator is not None for cell in cells):
        return _middle([cell.denominator or 0.0 for cell in cells]) < FEW
    if unit in RATES:
        return _middle([float(cell.n) for cell in cells]) < FEW
    values = [cell.value or 0.0 for cell in cells]
    return _middle(values) < FEW_COUNTED if unit in COUNTED else values.count(0.0) > OFTEN_ZERO * len(values)


def _middle(values: list[float]) -> float:
    return float(np.median(values))


def _line(key: tuple[str, Slice], cells: Mapping[date, Cell], grain: Grain, family: str, unit: str) -> Line:
    values = {day: cell.value for day, cell in cells.items() if cell.value is not None}
    behind = {day: cell.denominator for day, cell in cells.items() if cell.denominator is not None}
    if not behind and unit in RATES:
        behind = {day: float(cell.n) for day, cell in cells.items()}
    return Line(*key, values, grain, family, behind)


def _biggest(made: list[Line]) -> list[Line]:
    """Of a dimension with many values those with most days; and no dimension that has one value."""
    groups: dict[tuple[str, str], list[Line]] = defaultdict(list)
    for line in made:
        groups[line.metric, line.slice[0][0] if line.slice else ""].append(line)
    kept = []
    for (_metric, dim), some in groups.items():
        if not dim or len(some) > 1:
            kept += sorted(some, key=lambda line: -len(line.values) * line.step.days)[:MOST_PARTS]
    return kept


def sightings(
    some: Sequence[Line], judged_from: date, *, budget: float = BUDGET
) -> tuple[list[Sighting], list[DataFault]]:
    """What stands out since `judged_from`, and the faults of whole metrics. The budget is shared by series that ripen
    at different speeds, in proportion to their number."""
    groups: dict[tuple[date, Grain], list[Line]] = defaultdict(list)
    for line in sorted(some, key=lambda line: line.last, reverse=True):
        near = (key for key in groups if key[1] is line.grain and (key[0] - line.last).days <= RIPE)
        groups[next(near, (line.last, line.grain))].append(line)
    episodes: list[tuple[Line, Episode]] = []
    faults: list[DataFault] = []
    for members in groups.values():
        step, first = members[0].step, min(min(line.values) for line in members)
        count = (max(max(line.values) for line in members) - first) // step + 1
        days = [first + step * at for at in range(count)]
        if days[-1] + step <= judged_from or (judged_from - first).days < LEAST_DAYS:
            continue
        values, behind = (
            np.array([[of.get(day, math.nan) for day in days] for of in some_])
            for some_ in ([line.values for line in members], [line.behind for line in members])
        )
        # A week is read when it is over.
        begin = judged_from - step + DAY
        found = detect(values, days, [str(at) for at in range(len(members))], grain=members[0].grain.value,
                       judged_from=begin, budget_per_week=budget * len(members) / len(some),
                       families=[line.family or line.metric for line in members], behind=behind,
                       rarest=RAREST)  # fmt: skip
        rest = step - DAY
        episodes += [
            (members[int(one.series)], replace(one, noticed=one.noticed + rest, last=one.last + rest))
            for one in found.episodes if not one.shared
        ]  # fmt: skip
        faults += [
            DataFault(members[int(one.series)].metric, one.kind, one.first, one.last + rest)
            for one in found.faults if not members[int(one.series)].slice and one.last >= begin
        ]  # fmt: skip
    return _together(episodes), faults


def _together(episodes: list[tuple[Line, Episode]]) -> list[Sighting]:
    """Episodes of one metric that begin or go on at the same time are one thing seen from several sides; so are those
    of one family, or of one segment in whatever metrics, that are noticed together."""
    groups: list[list[tuple[Line, Episode]]] = []
    for line, one in sorted(episodes, key=lambda pair: pair[1].since):
        group = next((group for group in groups if any(_same(line, one, *other) for other in group)), None)
        if group is None:
            groups.append([(line, one)])
        else:
            group.append((line, one))
    made = []
    for group in groups:
        line, best = max(group, key=lambda pair: pair[1].one_in)
        began = _began(line, best)
        noticed = min(one.noticed for _line, one in group)
        alike = dict.fromkeys(other.slice for other, _one in group if other.metric == line.metric)
        also = {other.metric: one.up for other, one in group if other.metric != line.metric}
        episode = replace(best, since=began, noticed=max(noticed, began))
        made.append(Sighting(line.metric, line.slice, episode, tuple(alike), tuple(also.items())))
    return sorted(made, key=lambda one: -one.episode.one_in)


def _same(line: Line, one: Episode, other: Line, earlier: Episode) -> bool:
    if line.metric == other.metric and one.up == earlier.up:
        return one.since <= earlier.last + NEAR and abs(one.since - earlier.since) <= 2 * NEAR
    near = GRAINS[line.grain.value].gap * line.step
    family = line.family == other.family != ""
    segment = bool(line.slice) and [value for _dim, value in line.slice] == [value for _dim, value in other.slice] != [
        ""
    ]
    return (family or segment) and abs(one.noticed - earlier.noticed) <= near


def _began(line: Line, one: Episode) -> date:
    """The day that parts the levels before and in an episode best: an odd day shortly before is not its beginning.
    Weekdays are freed of their own means in the weeks before."""
    if line.grain is Grain.WEEK or one.kind == "spike" or one.last - one.since < timedelta(days=MOST_ODD):
        return one.since
    begin = one.since - timedelta(days=7 * WEEKS_BEFORE)
    days = [day for day in sorted(line.values) if begin <= day <= one.last]
    values = np.array([line.values[day] for day in days])
    early = np.array([day < one.since for day in days])
    weekday = np.array([day.weekday() for day in days])
    for at in range(7):
        same = weekday == at
        if (same & early).any():
            values[same] -= values[same & early].mean()
    at = np.arange(1, len(values))
    sums = np.cumsum(values)
    left, right = sums[:-1] / at, (sums[-1] - sums[:-1]) / (len(values) - at)
    contrast = (right - left if one.up else left - right) * np.sqrt(at * (len(values) - at) / len(values))
    return max(one.since, days[1 + int(np.argmax(contrast))]) if len(values) > MOST_ODD else one.since
