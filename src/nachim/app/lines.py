"""Which series of a company's numbers are watched, and by the day or the week: from the engine's cells."""

import math
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

import numpy as np

from nachim.analysis.still import stands_still
from nachim.catalog.playbook import kind_of
from nachim.core.period import Grain
from nachim.metrics.bind import Binder
from nachim.metrics.cells import Cell, State
from nachim.metrics.messages import MetricError
from nachim.metrics.metric import Calc
from nachim.metrics.run import Query, evaluate

MOST_PARTS, LEAST_DAYS = 30, 90
FEW, FEW_COUNTED, FEW_A_WEEK, OFTEN_ZERO, STILL = 20, 5, 2, 0.1, 0.3
COUNTED, RATES = ("count", "people"), ("percent", "points", "ratio")
WHY = ("reason", "topic")  # kinds of dimension that say why
DAY, WEEK = timedelta(days=1), timedelta(days=7)
Slice = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Line:
    """One series: a metric over one part of one dimension, or over all rows, by day or by week (Mondays).

    `family`: metrics of the same tables have the same; what moves several of them at once is one thing to tell.
    `behind`: of a rate, how many things each value is of. `still`: it stands still, as a price does, until it moves.
    """

    metric: str
    slice: Slice
    values: Mapping[date, float]
    grain: Grain = Grain.DAY
    family: str = ""
    behind: Mapping[date, float] = field(default_factory=dict)
    still: bool = False

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
    """The series from `first` to `last` (excluded): every metric, and each by its dimensions' values; where rows say
    why (a reason, a topic), by that within every other dimension too.

    What a day has too few things behind to judge by is taken by the week, and not at all where a week has too few too.
    """
    made: list[Line] = []
    for family, names, by in _queries(binder, metrics, parts):
        daily = _series(binder, names, by, first, last, now, Grain.DAY)
        daily = {key: cells for key, cells in daily.items() if len(cells) >= LEAST_DAYS}
        unit = {name: binder.model.metrics[name].unit for name in names}
        thin = {key for key, cells in daily.items() if _thin(unit[key[0]], cells.values())}
        made += [_line(key, cells, Grain.DAY, family, unit[key[0]]) for key, cells in daily.items() if key not in thin]
        priced = [_line(key, daily[key], Grain.DAY, family, unit[key[0]]) for key in thin
                  if unit[key[0]] not in (*COUNTED, *RATES)]  # fmt: skip
        made += [replace(line, still=True) for line in priced if stands_still(line.values)]
        if thin:
            some = tuple(dict.fromkeys(name for name, _where in thin))
            weekly = _series(binder, some, by, first, last, now, Grain.WEEK)
            made += [
                _line(key, cells, Grain.WEEK, family, unit[key[0]]) for key, cells in weekly.items()
                if key in thin and 7 * len(cells) >= LEAST_DAYS and not _thin(unit[key[0]], cells.values(), FEW_A_WEEK)
            ]  # fmt: skip
    for name in metrics if parts else ():
        made += _reasons(binder, name, first, last, now)
    return _biggest(made)


def _reasons(binder: Binder, metric: str, first: date, last: date, now: datetime) -> list[Line]:
    """Of a rate of things whose rows say why (returned ÷ sold): how often for each reason, in all and within each
    dimension. What it is a rate of knows no reasons, so the two are asked apart."""
    spec = binder.model.metrics[metric]
    above, sign, below = str(spec.calc).partition(" / ") if isinstance(spec, Calc) and not spec.parts else ("", "", "")
    known = binder.model.metrics
    if not sign or not all(name in known and known[name].unit in COUNTED for name in (above, below)):
        return []
    many, of = (binder.dims(binder.metric(name)) for name in (above, below))
    family = " ".join(sorted(binder.metric(metric).sources))
    made = []
    for why in [dim for dim in many if kind_of(dim) in WHY and dim not in of]:
        for by in ((), *((dim,) for dim in many if dim in of)):
            made += _rates(binder, metric, (above, below), (*by, why), by, (first, last, now), family)
    return made


def _rates(
    binder: Binder, metric: str, parts: tuple[str, str], by: tuple[str, ...], under: tuple[str, ...],
    when: tuple[date, date, datetime], family: str,
) -> list[Line]:  # fmt: skip
    (above, below), settled, made = parts, set(), []
    for grain, few in ((Grain.DAY, FEW_COUNTED), (Grain.WEEK, FEW_A_WEEK)):
        many = _series(binder, (above,), by, *when, grain)
        of = {where: cells for (_name, where), cells in _series(binder, (below,), under, *when, grain).items()}
        for (_name, where), cells in many.items():
            whole = {day: cell.value for day, cell in of.get(where[:-1], {}).items() if cell.value}
            values = {day: (cells[day].value or 0.0) / n for day, n in whole.items() if day in cells}
            behind = {day: whole[day] for day in values}
            enough = len(values) * (7 if grain is Grain.WEEK else 1) >= LEAST_DAYS
            if where in settled or not enough or _middle(list(behind.values())) < FEW:
                continue
            if _middle([cells[day].value or 0.0 for day in values]) >= few:
                made.append(Line(metric, where, values, grain, family, behind))
                settled.add(where)
    return made


def _queries(
    binder: Binder, metrics: Collection[str], parts: bool
) -> Iterable[tuple[str, tuple[str, ...], tuple[str, ...]]]:
    """One query for all metrics of the same sources, one more a dimension, and one a reason within each other one."""
    groups: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for name in metrics:
        bound = binder.metric(name)
        if bound.measures:
            groups[tuple(sorted(bound.sources))].append(name)
    for sources, names in groups.items():
        dims = binder.dims(binder.metric(names[0])) if parts else ()
        told = [dim for dim in dims if kind_of(dim) in WHY]
        within = dict.fromkeys(tuple(sorted((why, dim), key=dims.index)) for why in told for dim in dims if dim != why)
        for by in ((), *((dim,) for dim in dims), *within):
            yield " ".join(sources), tuple(names), by


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


def _thin(unit: str, cells: Collection[Cell], few: int = FEW_COUNTED) -> bool:
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
    return _middle(values) < few if unit in COUNTED else values.count(0.0) > OFTEN_ZERO * len(values)


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
    groups: dict[tuple[str, tuple[str, ...]], list[Line]] = defaultdict(list)
    for line in made:
        groups[line.metric, tuple(dim for dim, _value in line.slice)].append(line)
    kept = []
    for (_metric, dims), some in groups.items():
        if not dims or len(some) > 1:
            kept += sorted(some, key=lambda line: -len(line.values) * line.step.days)[:MOST_PARTS]
    return kept
