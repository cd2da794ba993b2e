"""What stands out in a company's numbers: from its series to sightings, each one thing that a person is told.

Knows no finding that is stored; `app.actions.findings` keeps what this says, and `app.diagnose` says why.
"""

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import combinations

import numpy as np

from nachim.analysis.detect import GRAINS, detect
from nachim.analysis.detect_result import DataFault, Episode
from nachim.analysis.still import Step, steps
from nachim.app.lines import DAY, LEAST_DAYS, Line, Slice
from nachim.core.period import Grain

BUDGET = 2.0  # alerts a week for the whole company
WEEKS_BEFORE = 4
NEAR = timedelta(days=10)
# Of past days, or weeks: what happens more often is no alert however large the budget.
RAREST = {Grain.DAY: 0.003, Grain.WEEK: 0.006}
SURE = 1000.0  # one day in so many is as odd by chance
MOST_ODD = 3  # days that may be odd by chance
RIPE = 3  # days by which last days may differ within one detection


@dataclass(frozen=True)
class Sighting:
    """Episodes of one family of metrics at one time; `episode` is the most surprising, of `metric` over `slice`.

    `others`: the slices of the metric that stand out as well; `also`: the other metrics that do, the most surprising
    first."""

    metric: str
    slice: Slice
    episode: Episode
    others: tuple[Slice, ...] = ()
    also: tuple["Along", ...] = ()


@dataclass(frozen=True)
class Along:
    """Another metric that moved at the same time: over which part most of all, whether upwards, and when that was
    noticed."""

    metric: str
    slice: Slice
    up: bool
    noticed: date


def sightings(
    some: Sequence[Line], judged_from: date, *, budget: float = BUDGET
) -> tuple[list[Sighting], list[DataFault]]:
    """What stands out since `judged_from`, and the faults of whole metrics. The budget is shared by series that ripen
    at different speeds, in proportion to their number."""
    groups: dict[tuple[date, Grain], list[Line]] = defaultdict(list)
    still = [line for line in some if line.still]
    some = [line for line in some if not line.still]
    for line in sorted(some, key=lambda line: line.last, reverse=True):
        near = (key for key in groups if key[1] is line.grain and (key[0] - line.last).days <= RIPE)
        groups[next(near, (line.last, line.grain))].append(line)
    episodes = [(line, _moved(one)) for line in still for one in steps(line.values) if one.noticed >= judged_from]
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
                       rarest=RAREST[members[0].grain], shared=False)  # fmt: skip
        rest = step - DAY
        episodes += [
            (members[int(one.series)], replace(one, noticed=one.noticed + rest, last=one.last + rest))
            for one in found.episodes
        ]  # fmt: skip
        faults += [
            DataFault(members[int(one.series)].metric, one.kind, one.first, one.last + rest)
            for one in found.faults if not members[int(one.series)].slice and one.last >= begin
        ]  # fmt: skip
    return _together(episodes, _joined(line.family for line in some)), faults


def _moved(one: Step) -> Episode:
    return Episode("", "shift", one.since, one.noticed, one.last, one.after > one.before, one.before, one.after,
                   float(one.held), ongoing=False)  # fmt: skip


def _joined(families: Iterable[str]) -> frozenset[frozenset[str]]:
    """Pairs of tables that a metric brings together."""
    sources = {frozenset(family.split()) for family in families}
    return frozenset(frozenset(pair) for some in sources for pair in combinations(sorted(some), 2))


def _together(episodes: list[tuple[Line, Episode]], joined: frozenset[frozenset[str]] = frozenset()) -> list[Sighting]:
    """Episodes of one metric that begin or go on at the same time are one thing seen from several sides; so are those
    of one family, or of one segment in whatever metrics, that are noticed together, and those that begin on the same
    day in tables that a metric brings together (a sale is seen in visits, orders and margin)."""
    groups: list[list[tuple[Line, Episode]]] = []
    for line, one in sorted(episodes, key=lambda pair: pair[1].since):
        group = next((group for group in groups if any(_same(line, one, *other, joined) for other in group)), None)
        if group is None:
            groups.append([(line, one)])
        else:
            group.append((line, one))
    made = []
    for group in groups:
        group.sort(key=lambda pair: -pair[1].one_in)
        line, best = group[0]
        began = _began(line, best)
        noticed = min(one.noticed for _line, one in group)
        alike = dict.fromkeys(other.slice for other, _one in group if other.metric == line.metric)
        also: dict[str, Along] = {}
        for other, one in group:
            if other.metric != line.metric:
                also.setdefault(other.metric, Along(other.metric, other.slice, one.up, one.noticed))
        episode = replace(best, since=began, noticed=max(noticed, began))
        made.append(Sighting(line.metric, line.slice, episode, tuple(alike), tuple(also.values())))
    return sorted(made, key=lambda one: -one.episode.one_in)


def _same(line: Line, one: Episode, other: Line, earlier: Episode, joined: frozenset[frozenset[str]]) -> bool:
    if line.metric == other.metric and one.up == earlier.up:
        return one.since <= earlier.last + NEAR and abs(one.since - earlier.since) <= 2 * NEAR
    near = abs(one.noticed - earlier.noticed) <= GRAINS[line.grain.value].gap * line.step
    family = line.family == other.family != ""
    segment = bool(line.slice) and [value for _dim, value in line.slice] == [value for _dim, value in other.slice] != [
        ""
    ]
    if (family or segment) and near:
        return True
    ours, theirs = line.family.split(), other.family.split()
    related = any(a == b or frozenset((a, b)) in joined for a in ours for b in theirs)
    apart, step = abs(one.since - earlier.since), max(line.step, other.step)
    # A week says on which of its days something began only roughly: then both have to be surely something.
    sure = step == DAY or min(one.one_in, earlier.one_in) >= SURE
    return related and near and sure and apart < max(step, 2 * DAY)


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
