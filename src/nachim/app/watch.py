"""What stands out in a company's daily numbers and why: from the engine's cells to findings with their diagnosis.

Knows no finding that is stored; `app.actions.findings` keeps what this says.
"""

import math
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

import numpy as np

from nachim.analysis.decompose import Decomposition, Undecided, decompose, leaf, product
from nachim.analysis.detect import detect
from nachim.analysis.detect_result import DataFault, Episode
from nachim.analysis.localize import Abstained, Localization, localize
from nachim.analysis.why import Happening, Why, why
from nachim.core.period import Grain
from nachim.metrics.bind import Binder
from nachim.metrics.cells import Cell, State
from nachim.metrics.messages import MetricError
from nachim.metrics.run import Query, evaluate

BUDGET = 2.0  # alerts a week for the whole company
MOST_PARTS, LEAST_DAYS = 30, 90
WEEKS_BEFORE, DAYS_AFTER = 4, 28
NEAR = timedelta(days=10)
MOST_ODD = 3  # days that may be odd by chance
RIPE = 3  # days by which last days may differ within one detection
KNOWN_RATES = ("aov", "conversion", "visit_conversion")
COUNTED = ("count", "people")
Slice = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Line:
    """One daily series: a metric over one part of one dimension, or over all rows."""

    metric: str
    slice: Slice
    values: Mapping[date, float]

    @property
    def last(self) -> date:
        return max(self.values)


@dataclass(frozen=True)
class Sighting:
    """Episodes of one metric at one time; `episode` is the most surprising, over `slice`."""

    metric: str
    slice: Slice
    episode: Episode
    others: tuple[Slice, ...] = ()


def lines(
    binder: Binder, metrics: Collection[str], first: date, last: date, now: datetime, *, parts: bool = True
) -> list[Line]:
    """The daily series from `first` to `last` (excluded): every metric, and each by its dimensions' values."""
    found: dict[tuple[str, Slice], dict[date, float]] = defaultdict(dict)
    for names, dim in _queries(binder, metrics, parts):
        for cell in _cells(binder, names, (dim,) if dim else (), first, last, now):
            if cell.value is not None and math.isfinite(cell.value):
                where = tuple((name, value or "") for name, value in cell.slices)
                found[cell.metric, where][date.fromisoformat(cell.period[:10])] = cell.value
    made = [Line(metric, where, values) for (metric, where), values in found.items() if len(values) >= LEAST_DAYS]
    return _biggest(made)


def _queries(binder: Binder, metrics: Collection[str], parts: bool) -> Iterable[tuple[tuple[str, ...], str]]:
    """One query for all metrics of the same sources, and one more a dimension."""
    groups: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for name in metrics:
        bound = binder.metric(name)
        if bound.measures:
            groups[tuple(sorted(bound.sources))].append(name)
    for names in groups.values():
        yield tuple(names), ""
        for dim in binder.dims(binder.metric(names[0])) if parts else ():
            yield tuple(names), dim


def _cells(
    binder: Binder, names: tuple[str, ...], by: tuple[str, ...], first: date, last: date, now: datetime,
    where: str | None = None,
) -> list[Cell]:  # fmt: skip
    try:
        result = evaluate(binder.model, Query(names, Grain.DAY, first, last, by, where), binder.engine, as_of=now,
                          binder=binder)  # fmt: skip
    except MetricError:
        return []
    return [cell for cell in result.cells if cell.state is State.OK]


def _biggest(made: list[Line]) -> list[Line]:
    """Of a dimension with many values those with most days; and no dimension that has one value."""
    groups: dict[tuple[str, str], list[Line]] = defaultdict(list)
    for line in made:
        groups[line.metric, line.slice[0][0] if line.slice else ""].append(line)
    kept = []
    for (_metric, dim), some in groups.items():
        if not dim or len(some) > 1:
            kept += sorted(some, key=lambda line: -len(line.values))[:MOST_PARTS]
    return kept


def sightings(
    some: Sequence[Line], judged_from: date, *, budget: float = BUDGET
) -> tuple[list[Sighting], list[DataFault]]:
    """What stands out since `judged_from`, and the faults of whole metrics. The budget is shared by series that ripen
    at different speeds, in proportion to their number."""
    groups: dict[date, list[Line]] = defaultdict(list)
    for line in sorted(some, key=lambda line: line.last, reverse=True):
        last = next((day for day in groups if (day - line.last).days <= RIPE), line.last)
        groups[last].append(line)
    episodes: list[tuple[Line, Episode]] = []
    faults: list[DataFault] = []
    for last, members in groups.items():
        first = min(min(line.values) for line in members)
        days = [first + timedelta(days=at) for at in range((last - first).days + 1)]
        if days[-1] < judged_from or (judged_from - first).days < LEAST_DAYS:
            continue
        values = np.array([[line.values.get(day, math.nan) for day in days] for line in members])
        found = detect(values, days, [str(at) for at in range(len(members))], judged_from=judged_from,
                       budget_per_week=budget * len(members) / len(some))  # fmt: skip
        episodes += [(members[int(one.series)], one) for one in found.episodes if not one.shared]
        faults += [
            DataFault(members[int(one.series)].metric, one.kind, one.first, one.last)
            for one in found.faults if not members[int(one.series)].slice and one.last >= judged_from
        ]  # fmt: skip
    return _together(episodes), faults


def _together(episodes: list[tuple[Line, Episode]]) -> list[Sighting]:
    """Episodes of one metric that begin or go on at the same time are one thing seen from several sides."""
    groups: list[list[tuple[Line, Episode]]] = []
    for line, one in sorted(episodes, key=lambda pair: pair[1].since):
        for group in groups:
            if group[0][0].metric == line.metric and any(
                one.since <= other.last + NEAR and abs(one.since - other.since) <= 2 * NEAR and one.up == other.up
                for _line, other in group
            ):
                group.append((line, one))
                break
        else:
            groups.append([(line, one)])
    made = []
    for group in groups:
        line, best = max(group, key=lambda pair: pair[1].one_in)
        began = _began(line, best)
        began = replace(best, since=began, noticed=max(best.noticed, began))
        made.append(Sighting(line.metric, line.slice, began, tuple(other.slice for other, _one in group)))
    return sorted(made, key=lambda one: -one.episode.one_in)


@dataclass(frozen=True)
class Diagnosis:
    """What the analyses say of one metric: levels before and after, and the splits of its change."""

    since: date
    before: float
    after: float
    drivers: Decomposition | Undecided | None
    segments: Localization | Abstained | None

    def why(self, name: str, unit: str, labels: Mapping[str, str], happenings: Sequence[Happening]) -> Why:
        """The same for people of one language."""
        return why(name, unit, self.since, self.before, self.after, drivers=self.drivers, segments=self.segments,
                   happenings=happenings, labels=labels)  # fmt: skip


def _began(line: Line, one: Episode) -> date:
    """The day that parts the levels before and in an episode best: an odd day shortly before is not its beginning.
    Weekdays are freed of their own means in the weeks before."""
    if one.kind == "spike" or one.last - one.since < timedelta(days=MOST_ODD):
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


def explain(binder: Binder, metric: str, since: date, last: date, now: datetime) -> Diagnosis | None:
    """Why a metric differs from the same weekdays of the four weeks before. None where either side has no value."""
    last = min(last, since + timedelta(days=DAYS_AFTER - 1))
    weights = _weights(since, last)
    first, end = min(weights), max(weights) + timedelta(days=1)
    whole = _sides(_cells(binder, (metric,), (), first, end, now), weights)
    if () not in whole:
        return None
    before, after = (_value(side) for side in whole[()])
    if not (math.isfinite(before) and math.isfinite(after)):
        return None
    drivers = _drivers(binder, metric, first, end, now, weights)
    return Diagnosis(since, before, after, drivers, _segments(binder, metric, first, end, now, weights, whole[()]))


def _weights(since: date, last: date) -> dict[date, tuple[float, float]]:
    """Of each day: its weight on the side before and after; both add up to one."""
    days = [since + timedelta(days=at) for at in range((last - since).days + 1)]
    weights: dict[date, list[float]] = defaultdict(lambda: [0.0, 0.0])
    for day in days:
        weights[day][1] += 1 / len(days)
        back = day - timedelta(days=7 * (1 + (day - since).days // 7))
        for week in range(WEEKS_BEFORE):
            weights[back - timedelta(days=7 * week)][0] += 1 / len(days) / WEEKS_BEFORE
    return {day: (one[0], one[1]) for day, one in weights.items()}


def _sides(cells: Iterable[Cell], weights: Mapping[date, tuple[float, float]]) -> dict[tuple[str, ...], np.ndarray]:
    """Per slice (before, after) × (sum of values or numerators, of denominators; nan where there are none)."""
    found: dict[tuple[str, ...], np.ndarray] = {}
    for cell in cells:
        day = date.fromisoformat(cell.period[:10])
        if cell.value is None or day not in weights:
            continue
        ratio = cell.denominator is not None
        parts = np.array([cell.numerator if ratio else cell.value, cell.denominator if ratio else math.nan], float)
        key = tuple(value or "" for _name, value in cell.slices)
        side = found.setdefault(key, np.array([[0.0, 0.0 if ratio else math.nan]] * 2))
        side += np.outer(weights[day], np.nan_to_num(parts)) if ratio else np.outer(weights[day], [parts[0], 0.0])
    return found


def _value(side: np.ndarray) -> float:
    if math.isnan(side[1]):
        return float(side[0])
    return float(side[0] / side[1]) if side[1] else math.nan


def _segments(binder, metric, first, last, now, weights, whole) -> Localization | Abstained | None:
    """By pairs of dimensions at most, whichever says most. None where the parts do not make up the whole."""
    dims = binder.dims(binder.metric(metric))
    best: Localization | Abstained | None = None
    tried = [(dim,) for dim in dims[:6]] + [(one, two) for at, one in enumerate(dims[:4]) for two in dims[at + 1 : 4]]
    gain = -1.0
    for by in tried:
        sides = _sides(_cells(binder, (metric,), by, first, last, now), weights)
        if not 2 <= len(sides) <= 2000:
            continue
        table = np.array(list(sides.values()))
        ratio = not np.isnan(whole[:, 1]).any()
        part = table if ratio else table[:, :, :1]
        if np.isnan(part).any() or not np.allclose(part.sum(0), whole if ratio else whole[:, :1], rtol=1e-6, atol=1e-9):
            continue
        columns = {dim: [key[at] or "—" for key in sides] for at, dim in enumerate(by)}
        before, after = (table[:, side] if ratio else table[:, side, 0] for side in (0, 1))
        found = localize(columns, after, before)
        if isinstance(found, Localization) and found.verdict == "segments":
            won = sum(one.gain for one in found.segments)
            if won > gain:
                best, gain = found, won
    return best


def _drivers(binder, metric, first, last, now, weights) -> Decomposition | Undecided | None:
    """The metric as a product, where the company's own ratios make one: revenue = visits × conversion × average."""
    chain = chained(binder, metric)
    if len(chain) < 2:
        return None
    names = tuple(dict.fromkeys(chain))
    cells: dict[str, list[Cell]] = defaultdict(list)
    for cell in _cells(binder, names, (), first, last, now):
        cells[cell.metric].append(cell)
    sides = {name: _sides(cells[name], weights).get(()) for name in names}
    if any(side is None for side in sides.values()):
        return None
    values = [{name: _value(side[at]) for name, side in sides.items() if side is not None} for at in (0, 1)]
    tree = product(*(leaf(name) for name in names))
    if not all(math.isfinite(x) for side in values for x in side.values()):
        return None
    return decompose(tree, *values)


def chained(binder: Binder, metric: str) -> list[str]:
    """The factors of a metric by the ratios that the company has defined; itself alone where there are none."""
    specs = {name: one for name, one in binder.model.metrics.items() if getattr(one, "calc", None)}
    over: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for name, one in specs.items():
        above, sign, below = str(one.calc).partition(" / ")
        below_spec = binder.model.metrics.get(below)
        if sign and above.isidentifier() and below_spec is not None and below_spec.unit in COUNTED:
            over[above].append((name, below))
    factors, left = [], metric
    while over.get(left):
        name, below = min(over[left], key=lambda pair: pair[0] not in KNOWN_RATES)
        if name in factors or below == metric:
            break
        factors, left = [name, *factors], below
    return [left, *factors]
