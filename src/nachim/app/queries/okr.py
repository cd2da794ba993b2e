"""Objectives with their key results: progress from the KPI's score or the last check-in, and people's confidence."""

from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from django.utils import timezone

from nachim.app import language, policy
from nachim.app.models import CheckIn, Goal, KeyResult, Kpi
from nachim.app.queries.scorecard import KpiRow, kpi_rows
from nachim.core.exact import exact
from nachim.core.replay import Part
from nachim.core.replay import rolled as written
from nachim.core.rollup import Child, Rollup, RollupError, roll_up

# Older than this, nobody has looked.
STALE_DAYS = 14


@dataclass(frozen=True)
class Result:
    """A key result: its progress as a share, None where there is none; `said` are its check-ins, newest first."""

    key_result: KeyResult
    row: KpiRow | None
    progress: float | None
    said: list[CheckIn]
    may_check_in: bool
    stale: bool

    @property
    def confidence(self) -> int | None:
        return self.said[0].confidence if self.said else None

    @property
    def before(self) -> int | None:
        return self.said[1].confidence if len(self.said) > 1 else None


@dataclass(frozen=True)
class Objective:
    goal: Goal
    results: list[Result]
    rolled: Rollup | None
    elapsed: float
    inputs: str = ""

    @property
    def progress(self) -> float | None:
        return float(self.rolled.score) if self.rolled and self.rolled.score is not None else None


def objectives(user, goals=None) -> list[Objective]:
    """The live objectives a person may see; `goals` narrows them."""
    wanted = policy.visible(user, Goal.objects.filter(archived_at=None, framework=Goal.Framework.OKR))
    if goals is not None:
        wanted = wanted.filter(pk__in=goals)
    wanted = list(wanted.select_related("owner").prefetch_related("teams"))
    results = list(
        policy.visible(user, KeyResult.objects.filter(goal__in=wanted, archived_at=None))
        .select_related("goal", "kpi__metric", "owner").prefetch_related("check_ins__author")
    )  # fmt: skip
    theirs = Kpi.objects.filter(key_results__in=results).distinct()
    rows = {row.kpi.pk: row for row in kpi_rows(theirs, user=user)} if results else {}
    today = language.calendar().today(timezone.now())
    made = [_result(user, one, rows.get(one.kpi_id), today) for one in results]
    return [_objective(goal, [one for one in made if one.key_result.goal_id == goal.pk], today) for goal in wanted]


def _result(user, one: KeyResult, row: KpiRow | None, today: date) -> Result:
    said = list(one.check_ins.all())
    if one.kpi_id is not None:
        progress = float(row.score.value) if row and row.score else None
    else:
        progress = next((at.progress for at in said if at.progress is not None), None)
    last = said[0].day if said else one.created_at.date()
    may = policy.can(user, "checkin.add", one)
    return Result(one, row, progress, said, may, (today - last).days > STALE_DAYS)


def _objective(goal: Goal, results: list[Result], today: date) -> Objective:
    """Each key result counts to 100 % at most: one that flies does not carry one that fails."""
    children = [
        Child(
            str(one.key_result), one.key_result.weight or 1 if any(r.key_result.weight for r in results) else 1,
            _counted(one),
        )
        for one in results
    ]  # fmt: skip
    try:
        rolled = roll_up(children) if children else None
    except RollupError:
        rolled = None
    span = (goal.due - goal.start).days + 1
    over = min(1.0, max(0.0, ((today - goal.start).days + 1) / span))
    parts = [
        Part(child.name, child.weight, one.row.score_inputs if one.row else "", _said(one))
        for child, one in zip(children, results, strict=True)
    ]
    return Objective(goal, results, rolled, over, written(parts, cap=1))


def _counted(one: Result) -> Fraction | None:
    """What a key result counts for: from its KPI's score, or as people said."""
    if one.row is not None and one.row.score:
        return min(Fraction(1), one.row.score.capped)
    said = _said(one)
    return None if said is None else exact(said)


def _said(one: Result) -> float | None:
    if one.progress is None or (one.row is not None and one.row.score):
        return None
    return min(1.0, max(0.0, one.progress))
