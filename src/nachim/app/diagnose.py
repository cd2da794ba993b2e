"""Why a metric moved: from the engine's cells to the splits of its change."""

import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import numpy as np
from sqlglot import exp

from nachim.analysis.decompose import (
    Decomposition,
    Driver,
    Undecided,
    decompose,
    difference,
    leaf,
    product,
    ratio,
    total,
)
from nachim.analysis.funnel import Funnel, Refused
from nachim.analysis.localize import Abstained, Localization, attribute, localize
from nachim.analysis.why import Happening, Why, why
from nachim.app.funnels import passage
from nachim.app.lines import COUNTED, Slice, cells_of
from nachim.app.watch import WEEKS_BEFORE
from nachim.metrics.bind import Binder
from nachim.metrics.cells import Cell
from nachim.metrics.expression import parse
from nachim.metrics.metric import Calc

DAYS_AFTER = 28
KNOWN_RATES = ("aov", "conversion", "visit_conversion")


@dataclass(frozen=True)
class Diagnosis:
    """What the analyses say of one metric: levels before and after, and the splits of its change."""

    since: date
    before: float
    after: float
    drivers: Decomposition | Undecided | None
    segments: Localization | Abstained | None
    passed: Funnel | Refused | None = None

    def why(self, name: str, unit: str, labels: Mapping[str, str], happenings: Sequence[Happening]) -> Why:
        """The same for people of one language."""
        return why(name, unit, self.since, self.before, self.after, drivers=self.drivers, segments=self.segments,
                   funnel=self.passed, happenings=happenings, labels=labels)  # fmt: skip


def explain(
    binder: Binder, metric: str, since: date, last: date, now: datetime, seen: Sequence[Slice] = ()
) -> Diagnosis | None:
    """Why a metric differs from the same weekdays of the four weeks before. None where either side has no value.

    `seen`: the slices that stood out, the most surprising first; where no search of its own finds segments, these are
    what the change is attributed to."""
    last = min(last, since + timedelta(days=DAYS_AFTER - 1))
    weights = _weights(since, last)
    first, end = min(weights), max(weights) + timedelta(days=1)
    whole = _sides(cells_of(binder, (metric,), (), first, end, now), weights)
    if () not in whole:
        return None
    before, after = (_value(side) for side in whole[()])
    if not (math.isfinite(before) and math.isfinite(after)):
        return None
    drivers = _drivers(binder, metric, first, end, now, weights)
    segments = _segments(binder, metric, first, end, now, weights, whole[()], seen)
    return Diagnosis(since, before, after, drivers, segments, passage(binder, metric, weights, now))


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


def _segments(binder, metric, first, last, now, weights, whole, seen) -> Localization | Abstained | None:
    """By pairs of dimensions at most, whichever says most; else what stood out, by the first dimension it did in. None
    where the parts do not make up the whole."""
    dims = binder.dims(binder.metric(metric))
    best: Localization | Abstained | None = None
    tried = [(dim,) for dim in dims[:6]] + [(one, two) for at, one in enumerate(dims[:4]) for two in dims[at + 1 : 4]]
    gain = -1.0
    standing = tuple(dim for dim, _value in seen[0]) if seen else ()
    wheres = [dict(one) for one in dict.fromkeys(seen) if tuple(dim for dim, _value in one) == standing]
    told: Localization | Abstained | None = None
    for by in tried:
        sides = _sides(cells_of(binder, (metric,), by, first, last, now), weights)
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
        if by == standing:
            told = attribute(columns, after, before, wheres)
        if isinstance(found, Localization) and found.verdict == "segments":
            won = sum(one.gain for one in found.segments)
            if won > gain:
                best, gain = found, won
    if best is None and isinstance(told, Localization) and told.explained > 0:
        return told
    return best


def _drivers(binder, metric, first, last, now, weights) -> Decomposition | Undecided | None:
    """By the company's own formulas: a product of ratios where they make one (revenue = visits × conversion × average),
    else the metric's own arithmetic (churn = left ÷ (paying + left))."""
    chain = chained(binder, metric)
    tree = product(*(leaf(name) for name in dict.fromkeys(chain))) if len(chain) > 1 else formula(binder, metric)
    if tree is None:
        return None
    names = tuple(name for name in tree.leaves() if name in binder.model.metrics)
    cells: dict[str, list[Cell]] = defaultdict(list)
    for cell in cells_of(binder, names, (), first, last, now):
        cells[cell.metric].append(cell)
    sides = {name: _sides(cells[name], weights).get(()) for name in names}
    if any(side is None for side in sides.values()):
        return None
    fixed = {name: float(name) for name in tree.leaves() if name not in sides}
    values = [fixed | {name: _value(side[at]) for name, side in sides.items() if side is not None} for at in (0, 1)]
    if not all(math.isfinite(x) for side in values for x in side.values()):
        return None
    return decompose(tree, *values)


KINDS: dict[type[exp.Expr], Callable[..., Driver]] = {exp.Add: total, exp.Sub: difference, exp.Mul: product,
                                                      exp.Div: ratio}  # fmt: skip


def formula(binder: Binder, metric: str) -> Driver | None:
    """A metric's `calc` as a tree of other metrics; numbers are leaves by their digits. None for any other metric."""
    spec = binder.model.metrics[metric]
    if not isinstance(spec, Calc) or spec.parts:
        return None

    def made(node: exp.Expr) -> Driver | None:
        if isinstance(node, exp.Paren):
            return made(node.this)
        if isinstance(node, exp.Column) and node.name in binder.model.metrics:
            return leaf(node.name)
        if isinstance(node, exp.Literal) and not node.is_string:
            return leaf(str(node.this))
        if type(node) not in KINDS:
            return None
        left, right = made(node.this), made(node.expression)
        return KINDS[type(node)](left, right) if left and right else None

    return made(parse(spec.calc))


def chained(binder: Binder, metric: str) -> list[str]:
    """The factors of a metric by the ratios that the company has defined; itself alone where there are none."""
    specs = {name: one for name, one in binder.model.metrics.items() if getattr(one, "calc", None)}
    cost = binder.model.metrics[metric].better == "down"
    over: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for name, one in specs.items():
        above, sign, below = str(one.calc).partition(" / ")
        below_spec = binder.model.metrics.get(below)
        # What is spent is not made by what it buys: spend = sign-ups × spend a sign-up says nothing.
        bought = cost and below_spec is not None and below_spec.better == "up"
        if sign and above.isidentifier() and below_spec is not None and below_spec.unit in COUNTED and not bought:
            over[above].append((name, below))
    factors, left = [], metric
    while over.get(left):
        name, below = min(over[left], key=lambda pair: pair[0] not in KNOWN_RATES)
        if name in factors or below == metric:
            break
        factors, left = [name, *factors], below
    return [left, *factors]
