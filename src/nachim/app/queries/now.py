"""What needs a person now: one answer a kind of home, each in a fixed number of queries."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from fractions import Fraction
from itertools import groupby
from math import lcm

from django.db.models import Max, Q
from django.utils import timezone

from nachim.app import audit, language, policy, seen
from nachim.app.models import (
    Action,
    AuditEntry,
    Finding,
    Goal,
    ImportRun,
    KeyResult,
    Kpi,
    Role,
    Sheet,
    SheetVersion,
    Target,
)
from nachim.app.queries.findings import Shown, shown
from nachim.app.queries.okr import STALE_DAYS
from nachim.app.queries.scorecard import KpiRow, kpi_rows
from nachim.app.queries.values import Due, due
from nachim.core.replay import Part
from nachim.core.replay import rolled as written
from nachim.core.rollup import Child, Rollup, roll_up
from nachim.core.status import Status

HOMES = {
    Role.OWNER: "executive", Role.ADMIN: "executive", Role.LEAD: "lead", Role.EDITOR: "member", Role.MEMBER: "member",
    Role.VIEWER: "viewer", Role.AUDITOR: "auditor",
}  # fmt: skip
ATTENTION = (Status.UNHEALTHY, Status.BEHIND, Status.AT_RISK)
MOST_KPIS, MOST_FINDINGS, MOST_LINES = 5, 3, 7
LATELY, SOON = timedelta(days=14), timedelta(days=7)
ENDS_SOON = timedelta(days=30)
# The newest entries that the auditor's home checks each time; `nachim doctor --audit` checks all.
CHECKED = 1000


@dataclass(frozen=True)
class Review:
    """A person's own sheet and what comes next with it: `write`, `wait`, `change`, `ends` or `agreed`."""

    sheet: Sheet
    step: str
    answer: str = ""

    @property
    def mine(self) -> bool:
        """Whether the next step is the person's own."""
        return self.step in ("write", "change", "ends")


@dataclass(frozen=True)
class Trail:
    """The audit chain's newest `checked` of `entries`, and where it breaks."""

    broken: audit.Broken | None
    checked: int
    entries: int
    newest: list[AuditEntry]


@dataclass(frozen=True)
class Now:
    """`rows` are the KPIs this home is about, `attention` those of them that are not well, worst first; `late` those
    whose numbers are late or faulty. `sheets` wait for this person's answer, `results` for a check-in, `values` to be
    written in, `imports` for a yes. `targets` were revised lately."""

    home: str
    today: date
    rows: list[KpiRow] = field(default_factory=list)
    attention: list[KpiRow] = field(default_factory=list)
    late: list[KpiRow] = field(default_factory=list)
    score: Rollup | None = None
    inputs: str = ""
    findings: list[Shown] = field(default_factory=list)
    more_findings: int = 0
    sheets: list[SheetVersion] = field(default_factory=list)
    actions: list[Action] = field(default_factory=list)
    results: list[KeyResult] = field(default_factory=list)
    values: list[Due] = field(default_factory=list)
    imports: list[ImportRun] = field(default_factory=list)
    targets: list[Target] = field(default_factory=list)
    review: Review | None = None
    trail: Trail | None = None

    @property
    def overdue(self) -> list[Action]:
        return [one for one in self.actions if one.due < self.today]

    @property
    def counts(self) -> list[tuple[str, int]]:
        """How many KPIs are in each status, in the order of statuses."""
        found = [row.status for row in self.rows]
        return [(status.value, found.count(status)) for status in Status if status in found]

    @property
    def calm(self) -> bool:
        """Whether nothing waits for this person."""
        broken = self.trail is not None and self.trail.broken is not None
        review = self.review is not None and self.review.mine
        waits = (self.attention, self.late, self.findings, self.sheets, self.actions, self.results, self.values,
                 self.imports)  # fmt: skip
        return not (broken or review or any(waits))


def now(user) -> Now:
    """The home of a member of the company."""
    home = HOMES[Role(policy.role(user))]
    today = language.calendar().today(timezone.now())
    return {"executive": _executive, "lead": _lead, "viewer": _viewer, "auditor": _auditor}.get(home, _member)(
        user, home, today
    )


def _executive(user, home: str, today: date) -> Now:
    rows = kpi_rows(Kpi.objects.filter(goal__archived_at=None), user=user)
    return Now(
        home, today, **_rows(rows), **_score(rows), **_findings(user, worse=True), sheets=_sheets(user),
        actions=_actions(user, Q(owner=user), today), targets=_targets(user, today), imports=_imports(user),
        values=_values(user, rows, today),
    )  # fmt: skip


def _viewer(user, home: str, today: date) -> Now:
    rows = kpi_rows(Kpi.objects.filter(goal__archived_at=None), user=user)
    return Now(home, today, **_rows(rows), **_score(rows), **_findings(user, worse=True), targets=_targets(user, today))


def _lead(user, home: str, today: date) -> Now:
    sight = policy.sight(user)
    led = Q(teams__in=sight.led)
    untold = Kpi.objects.filter(teams=None, goal__in=Goal.objects.filter(led)).values("pk")
    ours = Q(pk__in=Kpi.objects.filter(led).values("pk")) | Q(pk__in=untold) | Q(owner=user)
    rows = kpi_rows(Kpi.objects.filter(ours, goal__archived_at=None), user=user)
    people = Q(owner=user) | Q(owner__in=seen.led_people(sight), due__lt=today)
    return Now(
        home, today, **_rows(rows), **_score(rows), **_findings(user), sheets=_sheets(user),
        actions=_actions(user, people, today), results=_results(user, today), review=_review(user, today),
        targets=_targets(user, today), values=_values(user, rows, today),
    )  # fmt: skip


def _member(user, home: str, today: date) -> Now:
    rows = kpi_rows(Kpi.objects.filter(owner=user, goal__archived_at=None), user=user)
    mine = {row.kpi.metric_id for row in rows}
    return Now(
        home, today, **_rows(rows), **_findings(user, metrics=mine), sheets=_sheets(user),
        actions=_actions(user, Q(owner=user), today), results=_results(user, today), review=_review(user, today),
        imports=_imports(user), values=_values(user, rows, today),
    )  # fmt: skip


def _auditor(user, home: str, today: date) -> Now:
    entries = policy.visible(user, AuditEntry.objects.all())
    count = entries.count()
    broken = audit.broken_link(newest=CHECKED)
    return Now(home, today, trail=Trail(broken, min(count, CHECKED), count, list(entries[:8])))


def _rows(rows: list[KpiRow]) -> dict:
    wrong = sorted((row for row in rows if row.status in ATTENTION), key=lambda row: ATTENTION.index(row.status))
    late = [row for row in rows if row.status == Status.FAULT or row.freshness.state in ("late", "stale")]
    return {"rows": rows, "attention": wrong, "late": late}


def _score(rows: list[KpiRow]) -> dict:
    score, inputs = total(rows)
    return {"score": score, "inputs": inputs}


def total(rows: list[KpiRow]) -> tuple[Rollup | None, str]:
    """One score out of all KPIs, and what `nachim replay` computes it from again: every goal counts the same, and in
    it each KPI by its weight. `rows` come goal by goal."""
    goals = [list(some) for _goal, some in groupby(rows, key=lambda row: row.kpi.goal_id)]
    sums = [sum(_weight(row, some) for row in some) for some in goals]
    if not sums or not all(sums):
        return None, ""
    whole = lcm(*sums)
    weighed = [(row, _weight(row, some) * (whole // total)) for some, total in zip(goals, sums, strict=True)
               for row in some]  # fmt: skip
    children = [Child(str(row.kpi), weight, _counted(row)) for row, weight in weighed]
    inputs = written([Part(str(row.kpi), weight, row.score_inputs) for row, weight in weighed])
    return roll_up(children), inputs


def _weight(row: KpiRow, some: list[KpiRow]) -> int:
    """Its percent of the goal; an equal share where nobody gave weights."""
    return row.kpi.weight if any(one.kpi.weight for one in some) else 1


def _counted(row: KpiRow) -> Fraction | None:
    return row.score.capped if row.score else None


def _findings(user, *, worse: bool = False, metrics: set[int] | None = None) -> dict:
    """New findings, those that moved their metric most first."""
    found = policy.visible(user, Finding.objects.filter(state=Finding.State.OPEN).select_related("metric"))
    if worse:
        found = found.filter(worse=True)
    if metrics is not None:
        found = found.filter(metric__in=metrics)
    every = sorted(found, key=lambda one: (not one.worse, -_moved(one)))
    first = every[:MOST_FINDINGS]
    return {"findings": [shown(one, user) for one in first], "more_findings": len(every) - len(first)}


def _moved(finding: Finding) -> float:
    """By which share of what was usual."""
    if finding.usual is None or finding.seen is None:
        return 0.0
    return abs(finding.seen - finding.usual) / (abs(finding.usual) or 1.0)


def _sheets(user) -> list[SheetVersion]:
    waiting = SheetVersion.objects.filter(state=SheetVersion.State.PROPOSED, sheet__lead=user, sheet__archived_at=None)
    return list(policy.visible(user, waiting.select_related("sheet__person", "sheet__lead"))[:MOST_LINES])


def _actions(user, whose: Q, today: date) -> list[Action]:
    """What is overdue or due within a week."""
    due = Action.objects.filter(whose, done_at=None, due__lte=today + SOON).select_related("owner", "finding__metric")
    found = list(policy.visible(user, due)[:MOST_LINES])
    for one in found:
        one.mine = one.owner_id == user.pk
    return found


def _results(user, today: date) -> list[KeyResult]:
    """Key results of this person that nobody has spoken of for two weeks."""
    since = today - timedelta(days=STALE_DAYS)
    own = KeyResult.objects.filter(owner=user, archived_at=None, goal__archived_at=None, goal__due__gte=today)
    own = own.annotate(last=Max("check_ins__day")).filter(Q(last__lt=since) | Q(last=None, created_at__date__lt=since))
    return list(policy.visible(user, own.select_related("goal", "kpi__metric"))[:MOST_LINES])


def _values(user, rows: list[KpiRow], today: date) -> list[Due]:
    """The closed periods of this person's KPIs that nobody has written a value for."""
    return due(user, [row.kpi for row in rows], today)[:MOST_LINES]


def _imports(user) -> list[ImportRun]:
    if not policy.can(user, "data.import"):
        return []
    return list(policy.visible(user, ImportRun.objects.filter(state=ImportRun.State.STAGED))[:MOST_LINES])


def _targets(user, today: date) -> list[Target]:
    revised = Target.objects.filter(version__gt=1, created_at__date__gte=today - LATELY)
    revised = revised.filter(kpi__archived_at=None).select_related("kpi__metric", "author").order_by("-created_at")
    return list(policy.visible(user, revised)[:MOST_LINES])


def _review(user, today: date) -> Review | None:
    sheet = Sheet.objects.filter(person=user, archived_at=None).select_related("lead").first()
    if sheet is None:
        return None
    last = sheet.versions.first()
    if last is None:
        return Review(sheet, "write")
    if last.state == SheetVersion.State.PROPOSED:
        return Review(sheet, "wait")
    if last.state == SheetVersion.State.DECLINED:
        return Review(sheet, "change", last.answer)
    return Review(sheet, "ends" if sheet.due <= today + ENDS_SOON else "agreed")
