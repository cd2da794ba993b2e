"""The company's goals, KPIs, teams and drivers as the rules of `core.alignment` read them."""

from dataclasses import dataclass

from nachim.app import policy
from nachim.app.models import DriverEdge, Goal, KeyResult, Kpi, Team
from nachim.app.queries.scorecard import KpiRow, kpi_rows
from nachim.core.alignment import AlignedGoal, AlignedKpi, Moves, Warning, warnings
from nachim.core.driver_tree import Edge


@dataclass(frozen=True)
class Alignment:
    """Goals with their rows, teams, the edges between the metrics of KPIs, and what does not fit."""

    goals: list[Goal]
    results: list[KeyResult]
    rows: list[KpiRow]
    teams: list[Team]
    edges: list[DriverEdge]
    warnings: list[Warning]


def alignment(user, *, team: Team | None = None) -> Alignment:
    """All of it, or what a team and the teams below it are part of."""
    goals = list(
        policy.visible(user, Goal.objects.filter(archived_at=None)).prefetch_related("teams").select_related("parent")
    )
    rows = kpi_rows(Kpi.objects.filter(goal__in=goals).prefetch_related("teams"), user=user)
    teams = list(policy.visible(user, Team.objects.filter(archived_at=None)))
    edges = list(policy.visible(user, DriverEdge.objects.select_related("whole", "part")))
    results = list(policy.visible(user, KeyResult.objects.filter(goal__in=goals, archived_at=None)))
    objectives = {one.goal_id for one in results}
    said = warnings(
        [
            AlignedGoal(
                str(goal.pk), goal.title, tuple(str(one.pk) for one in goal.teams.all()),
                str(goal.parent_id) if goal.parent_id else None, goal.pk in objectives,
            )
            for goal in goals
        ],
        [_aligned(row) for row in rows],
        [Moves(edge.part.name, edge.whole.name, edge.direction) for edge in edges],
        {str(one.pk): one.label for one in teams},
    )  # fmt: skip
    if team is not None:
        wanted = _below(team, teams)
        rows = [row for row in rows if wanted & {one.pk for one in row.kpi.teams.all()}]
        served = {row.kpi.goal_id for row in rows}
        goals = [goal for goal in goals if goal.pk in served or wanted & {one.pk for one in goal.teams.all()}]
        shown = {str(goal.pk) for goal in goals}, {str(row.kpi.pk) for row in rows}, {str(pk) for pk in wanted}
        said = [
            one for one in said if shown[0] & {*one.goals} or shown[1] & {*one.kpis} or shown[2] & {*one.teams}
        ]  # fmt: skip
    return Alignment(goals, results, rows, teams, edges, said)


def edge_of(edge: DriverEdge) -> Edge:
    return Edge(edge.whole.name, edge.part.name, edge.kind, edge.direction, edge.lag_days)


def _aligned(row: KpiRow) -> AlignedKpi:
    kpi = row.kpi
    way = getattr(row.target, "direction", None) or kpi.metric.better
    aim = ""
    if row.target is not None:
        spec = row.target.to_json()
        aim = str([spec.get(name) for name in ("level", "due", "low", "high")] + [kpi.slice])
    guards = tuple((guard.metric.name, guard.bound) for guard in kpi.guardrails.all())
    teams = tuple(str(one.pk) for one in kpi.teams.all())
    return AlignedKpi(str(kpi.pk), str(kpi), kpi.metric.name, way, str(kpi.goal_id), teams, guards, aim)


def _below(team: Team, teams: list[Team]) -> set[int]:
    found = {team.pk}
    while more := {one.pk for one in teams if one.parent_id in found} - found:
        found |= more
    return found
