"""A goal with its KPIs, targets and guardrail in one step: all of it or nothing."""

from dataclasses import dataclass
from datetime import date

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from nachim.app.actions import goals
from nachim.app.models import Goal, Kpi, KpiRead, Metric, User
from nachim.core.alignment import MOST


@dataclass(frozen=True)
class Wanted:
    """A KPI to make: its metric, how often it is judged, and its target. `level` is in the metric's unit."""

    metric: Metric
    cadence: str
    timing: str
    level_of: str
    owner: User | None
    direction: str
    baseline: float | None
    level: float


@dataclass(frozen=True)
class Guarded:
    """What must not break: `bound` is max or min."""

    metric: Metric
    bound: str
    level: float


@transaction.atomic
def start_goal(
    actor, *, title: str, start: date, due: date, owner: User | None, kpis: list[Wanted], guards: list[Guarded] = (),
    sentence: str = "", why: str = "",
) -> Goal:  # fmt: skip
    """Make the goal with two to five KPIs (one will do, none will not); the guardrails guard the first."""
    if not kpis:
        raise ValidationError(_("Choose at least one KPI: without one nobody can tell whether the goal is on its way."))
    if len(kpis) > MOST:
        raise ValidationError(_("Two to five KPIs do. Which could you leave out?"))
    goal = goals.save_goal(actor, title=title, why=why, sentence=sentence, start=start, due=due, owner=owner)
    for at, one in enumerate(kpis):
        guardrails = [
            {"metric": guard.metric, "bound": guard.bound, "level": guard.level}
            for guard in (guards if at == 0 else ())
            if guard.metric != one.metric
        ]
        kpi = goals.save_kpi(
            actor, goal=goal, metric=one.metric, cadence=one.cadence, timing=one.timing, level=one.level_of,
            owner=one.owner, guardrails=guardrails,
        )  # fmt: skip
        met = one.baseline is not None and (
            one.level <= one.baseline if one.direction == "up" else one.level >= one.baseline
        )
        # A level that is there already is one to hold.
        kind = {"kind": "keep"} if met or one.baseline is None else {"kind": "reach", "baseline": one.baseline}
        goals.set_target(actor, kpi, direction=one.direction, level=one.level, start=start, due=due, **kind)
    return goal


def note_read(kpi: Kpi, seen: set[str]) -> None:
    """Count that a KPI's page was opened today; `seen` is what this visitor's session holds, so that each counts once a
    day and nothing that is stored says who it was."""
    day = timezone.localdate()
    mark = f"{day.isoformat()} {kpi.pk}"
    if mark in seen:
        return
    seen.difference_update({one for one in seen if not one.startswith(day.isoformat())})
    seen.add(mark)
    row, made = KpiRead.objects.get_or_create(kpi=kpi, day=day)
    if not made:
        KpiRead.objects.filter(pk=row.pk).update(times=F("times") + 1)
