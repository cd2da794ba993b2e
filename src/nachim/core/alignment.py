"""Whether goals, KPIs and teams pull the same way: what is missing between them, and who works against whom."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Literal

MOST = 5

# Each of these gets the names of what it speaks of, in quotes.
WORDS: dict[str, tuple[str, str]] = {
    "no_shared_kpi": (
        "{teams} 팀이 같은 목표 {goals}에 매달리지만 함께 보는 KPI가 없습니다. 둘 다 책임지는 KPI를 하나 정하세요.",
        "{teams} serve the same goal {goals} and share no KPI. Agree on one that both answer for.",
    ),
    "goal_without_kpi": (
        "목표 {goals}에 KPI가 없어, 이루어지고 있는지 아무도 알 수 없습니다.",
        "The goal {goals} has no KPI, so nobody can tell whether it is on its way.",
    ),
    "kpi_without_goal": (
        "{kpis}: 어느 목표에도 닿지 않는 KPI입니다. 목표를 정하거나 거두세요.",
        "{kpis} serves no goal. Give it one, or put it away.",
    ),
    "harms_guardrail": (
        "{kpis}: 앞의 KPI가 목표로 가면 뒤의 KPI가 지킬 것이 깨질 수 있습니다({teams}). 한계를 함께 정하세요.",
        "{kpis}: pushing the first may break what the second has to keep ({teams}). Set the limit together.",
    ),
    "harms_opposite": (
        "{kpis}: 서로 반대로 움직이게 하는 KPI입니다({teams}). 어느 쪽이 먼저인지 정하세요.",
        "{kpis} pull opposite ways ({teams}). Decide which comes first.",
    ),
    "copied_down": (
        "{kpis}: 위 목표의 KPI를 그대로 내려받았습니다. 이 팀이 바꿀 수 있는 하위 지표로 바꾸세요.",
        "{kpis} was copied down from the goal above as it stands. Choose the part of it that this team can move.",
    ),
    "too_many_on_goal": (
        "목표 {goals}에 KPI가 {count}개입니다. 2~5개가 알맞습니다. 어느 것을 거둘까요?",
        "The goal {goals} has {count} KPIs; two to five do. Which could be retired?",
    ),
    "too_many_on_team": (
        "{teams} 팀의 KPI가 {count}개입니다. 2~5개가 알맞습니다. 어느 것을 거둘까요?",
        "{teams} has {count} KPIs; two to five do. Which could be retired?",
    ),
}
# What hurts most stands first.
ORDER = tuple(WORDS)
Code = Literal[
    "no_shared_kpi", "goal_without_kpi", "kpi_without_goal", "harms_guardrail", "harms_opposite", "copied_down",
    "too_many_on_goal", "too_many_on_team",
]  # fmt: skip
Way = Literal["up", "down"]


@dataclass(frozen=True)
class AlignedGoal:
    """A goal with the teams that serve it; `parent` is the goal it was broken down from.

    `measured`: it has something of its own beside KPIs that tells whether it is reached, such as key results.
    """

    key: str
    label: str
    teams: tuple[str, ...] = ()
    parent: str | None = None
    measured: bool = False


@dataclass(frozen=True)
class AlignedKpi:
    """A KPI as far as it meets others. `way`: where its target sends the metric.

    `guards`: (metric, bound) that must hold meanwhile; `aim` is the same text for the same target, slice and due date.
    """

    key: str
    label: str
    metric: str
    way: Way
    goal: str | None
    teams: tuple[str, ...] = ()
    guards: tuple[tuple[str, Literal["max", "min"]], ...] = ()
    aim: str = ""


@dataclass(frozen=True)
class Moves:
    """What is known of two metrics: more of `cause` moves `effect` up or down."""

    cause: str
    effect: str
    way: Way


@dataclass(frozen=True)
class Warning:
    """One thing to settle, with the keys and names of what it concerns."""

    code: Code
    goals: tuple[str, ...] = ()
    kpis: tuple[str, ...] = ()
    teams: tuple[str, ...] = ()
    count: int = 0
    names: tuple[tuple[str, str], ...] = ()

    def text(self, locale: str = "ko") -> str:
        return WORDS[self.code][locale == "en"].format(count=self.count, **dict(self.names))


def warnings(
    goals: Sequence[AlignedGoal],
    kpis: Sequence[AlignedKpi],
    moves: Iterable[Moves] = (),
    teams: dict[str, str] | None = None,
    most: int = MOST,
) -> list[Warning]:
    """Everything that does not fit together, what hurts most first. `teams`: key → name; `most`: KPIs on one.

    An identity counts as a move: a factor moves its whole up. Moves follow one another, at most two steps far: further
    away everything is connected with everything.
    """
    said = _Saying({goal.key: goal.label for goal in goals}, {kpi.key: kpi.label for kpi in kpis}, teams or {})
    known = {goal.key: goal for goal in goals}
    of: dict[str, list[AlignedKpi]] = defaultdict(list)
    for kpi in kpis:
        if kpi.goal in known:
            of[kpi.goal].append(kpi)
    found = [*_on_goals(goals, of, said, most), *_on_kpis(kpis, known, of, said), *_on_teams(kpis, said, most)]
    found += _harm(kpis, reach(moves), said)
    return sorted(dict.fromkeys(found), key=lambda one: (ORDER.index(one.code), one.goals, one.kpis, one.teams))


def reach(moves: Iterable[Moves]) -> dict[tuple[str, str], Way]:
    """Which way a metric moves another, directly or over one between; what is said both ways is left out."""
    ways: dict[tuple[str, str], set[Way]] = defaultdict(set)
    direct = list(moves)
    for one in direct:
        ways[one.cause, one.effect].add(one.way)
    for first in direct:
        for second in direct:
            if first.effect == second.cause and first.cause != second.effect:
                through: Way = "up" if first.way == second.way else "down"
                if not any(one.cause == first.cause and one.effect == second.effect for one in direct):
                    ways[first.cause, second.effect].add(through)
    return {pair: next(iter(way)) for pair, way in ways.items() if len(way) == 1}


class _Saying:
    """Names for sentences."""

    def __init__(self, goals: dict[str, str], kpis: dict[str, str], teams: dict[str, str]):
        self.labels = {"goals": goals, "kpis": kpis, "teams": teams}

    def __call__(self, code: Code, *, count: int = 0, **keys: tuple[str, ...]) -> Warning:
        names = tuple(
            (kind, ", ".join(f"“{self.labels[kind].get(key, key)}”" for key in keys.get(kind, ())) or "—")
            for kind in self.labels
        )
        return Warning(code, count=count, names=names, **keys)


def _on_goals(
    goals: Sequence[AlignedGoal], of: dict[str, list[AlignedKpi]], said: _Saying, most: int
) -> Iterable[Warning]:
    children = {goal.parent for goal in goals}
    for goal in goals:
        own = of[goal.key]
        if not own and goal.key not in children and not goal.measured:
            yield said("goal_without_kpi", goals=(goal.key,))
        if len(own) > most:
            keys = tuple(kpi.key for kpi in own)
            yield said("too_many_on_goal", goals=(goal.key,), kpis=keys, count=len(own))
        serving = sorted({*goal.teams, *(team for kpi in own for team in kpi.teams)})
        # Metrics, not KPIs: two teams may judge the same number, each on its own cadence.
        metrics = {team: {kpi.metric for kpi in own if team in kpi.teams} for team in serving}
        for one, other in combinations(serving, 2):
            if own and not metrics[one] & metrics[other]:
                yield said("no_shared_kpi", goals=(goal.key,), teams=(one, other))


def _on_kpis(
    kpis: Sequence[AlignedKpi], goals: dict[str, AlignedGoal], of: dict[str, list[AlignedKpi]], said: _Saying
) -> Iterable[Warning]:
    for kpi in kpis:
        goal = goals.get(kpi.goal or "")
        if goal is None:
            yield said("kpi_without_goal", kpis=(kpi.key,))
            continue
        for above in of[goal.parent] if goal.parent in goals else ():
            if kpi.aim and (above.metric, above.aim) == (kpi.metric, kpi.aim):
                yield said("copied_down", kpis=(kpi.key,), goals=(goal.key,))
                break


def _on_teams(kpis: Sequence[AlignedKpi], said: _Saying, most: int) -> Iterable[Warning]:
    of: dict[str, list[str]] = defaultdict(list)
    for kpi in kpis:
        for team in kpi.teams:
            of[team].append(kpi.key)
    for team, keys in of.items():
        if len(keys) > most:
            yield said("too_many_on_team", teams=(team,), kpis=tuple(keys), count=len(keys))


def _harm(kpis: Sequence[AlignedKpi], ways: dict[tuple[str, str], Way], said: _Saying) -> Iterable[Warning]:
    """Between KPIs of different teams: where one's wanted way moves what the other wants, or keeps, the wrong way."""
    for one in kpis:
        for other in kpis:
            if one.key == other.key or not one.teams or not other.teams or set(one.teams) & set(other.teams):
                continue
            teams = tuple(sorted({*one.teams, *other.teams}))
            for metric, bound in other.guards:
                pushed = _pushed(one, metric, ways)
                if pushed == ("up" if bound == "max" else "down"):
                    yield said("harms_guardrail", kpis=(one.key, other.key), teams=teams)
            pushed = _pushed(one, other.metric, ways)
            if pushed is not None and pushed != other.way:
                pair = (one.key, other.key)
                if _pushed(other, one.metric, ways) not in (None, one.way):
                    pair = (min(pair), max(pair))
                yield said("harms_opposite", kpis=pair, teams=teams)


def _pushed(kpi: AlignedKpi, metric: str, ways: dict[tuple[str, str], Way]) -> Way | None:
    """Which way a KPI on its way to its target moves a metric; None where nothing is known."""
    if kpi.metric == metric:
        return kpi.way
    way = ways.get((kpi.metric, metric))
    if way is None:
        return None
    return "up" if way == kpi.way else "down"
