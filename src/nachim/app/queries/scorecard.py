"""The scorecard: one row a KPI, judged on its last closed period, in a fixed number of queries."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Prefetch
from django.utils import timezone

from nachim.app import language, policy
from nachim.app.actions.series import slice_key
from nachim.app.language import spoken
from nachim.app.models import Call, Goal, Guardrail, Judgement, Kpi, Series, StatusOverride, Table, Target, Workspace
from nachim.app.queries import feasts, standings
from nachim.app.queries.odds import newest_calls, said
from nachim.app.queries.points import Point, anchor, last_day, last_periods, load, year_before
from nachim.app.queries.standing import data_of, measured, scored, span_start
from nachim.app.sight import EVERYTHING, WHOLE, Sight
from nachim.app.workdays import closed, days
from nachim.core.period import Calendar, Grain
from nachim.core.replay import inputs
from nachim.core.revision import in_force
from nachim.core.scoring import Score, ScoreRefused
from nachim.core.status import Guard, Status, Verdict, judge
from nachim.core.status_change import Override, OverrideError, Shown, Standing, overridden, seen
from nachim.core.target import HitRate, Levels, Milestone
from nachim.core.target import Target as TargetRule
from nachim.metrics.engine import placed

SPARK_POINTS = 13


@dataclass(frozen=True)
class Freshness:
    """on_time, late (one expected arrival missed) or stale (more), from the tables a number stands on."""

    state: str
    last_row_at: datetime | None
    days: int


@dataclass(frozen=True)
class KpiRow:
    """`target` is the one the last closed period is judged by; `revised` the one that holds since, where another does.

    `recorded`: its verdict as it was before the KPI or its metric was defined anew.
    `part`: the numbers are of this part alone, because the reader sees no more; no target or odds stand beside it.
    """

    kpi: Kpi
    target: TargetRule | None
    verdict: Verdict
    closed: Point | None
    running: Point | None
    previous: Point | None
    last_year: Point | None
    expected: float | None
    score: Score | None
    refusal: ScoreRefused | None
    measured: float | None
    spark: list[Point]
    spark_targets: list[float | None]
    guards: list[tuple[Guardrail, Guard]]
    freshness: Freshness
    series: Series | None
    revised: Target | None = None
    recorded: Judgement | None = None
    call: Call | None = None
    shown: Shown | None = None
    held: Target | None = None
    standing: Standing | None = None
    read: str = ""
    part: str = ""

    @property
    def status(self) -> Status:
        if self.recorded:
            return Status(self.recorded.status)
        return self.shown.status if self.shown else self.verdict.status

    @property
    def override(self) -> Override | None:
        """Its owner's own view, as long as it holds; the computed verdict stays in `verdict`."""
        return self.shown.override if self.shown else None

    @property
    def why(self) -> dict[str, str]:
        """The sentence of its status, by language."""
        return {code: self.sentence(code) for code in ("ko", "en")}

    def sentence(self, locale: str) -> str:
        """The sentence of its status in one language."""
        if self.recorded is not None:
            return self.recorded.sentence.get(locale) or self.recorded.sentence.get("ko", "")
        return (self.shown or self.verdict).sentence(locale)

    @property
    def asks(self) -> bool:
        """Whether people should write its number in: they never did, or not in time."""
        late = self.freshness.state in ("late", "stale")
        return "manual" in self.kpi.metric.spec and (self.status == Status.NO_ENTRY or late)

    @property
    def unit(self) -> str:
        return self.kpi.metric.unit

    @property
    def variance(self) -> float | None:
        """How far the last closed value is from the path."""
        if self.measured is None or self.expected is None:
            return None
        return self.measured - self.expected

    @property
    def good_side(self) -> bool | None:
        if self.variance is None or self.target is None:
            return None
        if isinstance(self.target, Levels):
            return self.target.reaches(self.measured, self.expected)
        return self.variance >= 0

    @property
    def stated(self) -> bool:
        """Whether the final level is still ahead of the path, so that both are worth saying."""
        return self.expected is not None and getattr(self.target, "level", None) not in (None, self.expected)

    @property
    def measured_unit(self) -> str:
        """The measured value is a share where the target counts steps or periods."""
        return "percent" if isinstance(self.target, Milestone | HitRate) else self.unit

    @property
    def score_inputs(self) -> str:
        """What `nachim replay` computes this score from again; empty where there is none."""
        return inputs(self.target.to_json(), self.measured) if self.score else ""

    @property
    def loss(self) -> float:
        """What the KPI costs its goal: weight × the share not achieved; nothing where there is no score."""
        return (self.kpi.weight or 1) * max(0.0, 1 - self.score.value) if self.score else 0.0

    @property
    def broken_guards(self) -> list[Guard]:
        return [guard for _stored, guard in self.guards if guard.broken]


@dataclass(frozen=True)
class GoalRows:
    goal: Goal
    rows: list[KpiRow]

    @property
    def counts(self) -> Counter:
        return Counter(row.status.value for row in self.rows)

    @property
    def coverage(self) -> float:
        """The share of the goal's weight that has a verdict on data."""
        total = sum(row.kpi.weight or 1 for row in self.rows)
        known = sum(row.kpi.weight or 1 for row in self.rows if row.closed is not None)
        return known / total if total else 0.0


def company(user, *, now: datetime | None = None) -> list[GoalRows]:
    """Every live goal this person may see with the rows of its KPIs."""
    goals = list(policy.visible(user, Goal.objects.filter(archived_at=None).select_related("owner")))
    rows: dict[int, list[KpiRow]] = defaultdict(list)
    for row in kpi_rows(Kpi.objects.filter(goal__in=goals), user=user, now=now):
        rows[row.kpi.goal_id].append(row)
    return [GoalRows(goal, rows[goal.pk]) for goal in goals]


def kpi_rows(kpis, *, user=policy.SYSTEM, now: datetime | None = None) -> list[KpiRow]:
    """Rows for what a person sees of a queryset of KPIs, whatever their number in the same handful of queries."""
    sight = policy.sight(user) or EVERYTHING
    workspace = Workspace.current()
    calendar, off = language.calendar(workspace), closed(workspace)
    now = now or timezone.now()
    today = calendar.today(now)
    kpis = list(
        policy.visible(user, kpis)
        .filter(archived_at=None)
        .select_related("metric", "owner", "goal", "standing")
        .prefetch_related(
            Prefetch("targets", Target.objects.order_by("-version")),
            Prefetch("overrides", StatusOverride.objects.filter(ended_at=None, until__gte=today)),
            Prefetch("guardrails", Guardrail.objects.select_related("metric")),
            "judgements",
        )
    )
    metrics = {kpi.metric_id for kpi in kpis} | {guard.metric_id for kpi in kpis for guard in kpi.guardrails.all()}
    series = {(one.metric_id, one.slice_key): one for one in Series.objects.filter(metric__in=metrics)}
    # Of two tables on the same rows the imported one knows how fresh they are.
    tables = {
        place_of(table): table for table in sorted(Table.objects.all(), key=lambda one: one.last_row_at is not None)
    }
    wanted = []
    for kpi in kpis:
        grain = Grain(kpi.cadence)
        own = series.get((kpi.metric_id, slice_key(kpi.slice)))
        if own is not None:
            periods = last_periods(calendar, grain, anchor(own, calendar, today), SPARK_POINTS)
            wanted.append((own, grain, [*periods, *(year_before(calendar, period) for period in periods)]))
            wanted.append((own, grain, feasts.periods(calendar, periods[-3:])))
            starts = [start for target in kpi.targets.all() if (start := span_start(target.rule))]
            since = min(starts, default=None)
            if since is not None and since < periods[0].start.date():
                wanted.append((own, grain, calendar.periods(grain, since, periods[0].start.date())))
        for guard in kpi.guardrails.all():
            guarding = series.get((guard.metric_id, ""))
            if guarding is not None:
                wanted.append((guarding, grain, last_periods(calendar, grain, anchor(guarding, calendar, today), 3)))
    points = load(wanted, sight)
    calls = newest_calls(target.pk for kpi in kpis for target in kpi.targets.all())
    return [_row(kpi, calendar, now, series, tables, points, calls, off, sight) for kpi in kpis]


def _row(
    kpi: Kpi,
    calendar: Calendar,
    now: datetime,
    series,
    tables,
    points,
    calls: dict[int, Call],
    off: frozenset[date],
    sight: Sight,
) -> KpiRow:
    today = calendar.today(now)
    grain = Grain(kpi.cadence)
    own = series.get((kpi.metric_id, slice_key(kpi.slice)))
    spark: list[Point] = []
    last_year = None
    if own is not None:
        known = points.get((own.pk, grain), {})
        periods = last_periods(calendar, grain, anchor(own, calendar, today), SPARK_POINTS)
        spark = [known.get(period.key) or Point(period, None, None, None, 0, "no_data") for period in periods]
    closed_points = [point for point in spark if point.closed]
    closed = closed_points[-1] if closed_points else None
    running = spark[-1] if spark and spark[-1].partial else None
    previous = None
    if closed is not None:
        at = spark.index(closed)
        previous = spark[at - 1] if at > 0 and spark[at - 1].closed else None
        before = points[own.pk, grain].get(year_before(calendar, closed.period).key)
        last_year = before if before is not None and before.closed else None
    part = sight.part(own) if own is not None else WHOLE
    # What was set for the whole does not judge a part.
    versions = list(kpi.targets.all()) if part == WHOLE else []
    closed_day = last_day(closed.period) if closed else None
    held, holds = in_force(versions, closed_day or today), in_force(versions, today)
    target = held.rule if held else None
    call = _spoken(calls.get(held.pk) if held else None, closed)
    stands_on = [tables[name] for name in (own.versions if own else {}) if name in tables]
    guards = [_guard(guard, grain, series, points) for guard in kpi.guardrails.all()] if part == WHOLE else []
    fresh = freshness(stands_on, calendar, today)
    value = measured(target, closed, points.get((own.pk, grain), {}) if own else {}, today)
    marks, refusal = scored(target, value)
    workdays = days(target.start.year, target.due.year, off) if target else days(today.year, today.year, off)
    verdict = judge(
        target,
        actual=value,
        data=data_of(kpi, own, closed, fresh.state),
        period_start=closed.period.start.date() if closed else None,
        days=workdays,
        period_label=closed.period.label(spoken()) if closed else "",
        period_end=closed_day,
        today=today,
        unit=kpi.metric.unit,
        guards=[guard for _stored, guard in guards],
        odds=said(call) if call else None,
        feast=feasts.feast(calendar, closed, points.get((own.pk, grain), {}) if own else {}),
    )
    read = standings.read_at(held, closed, call)
    standing = standings.settled(standings.kept(kpi), held, read, verdict)
    return KpiRow(
        kpi=kpi,
        target=target,
        verdict=verdict,
        closed=closed,
        running=running,
        previous=previous,
        last_year=last_year,
        expected=target.expected(closed_day, closed.period.start.date(), workdays) if target and closed_day else None,
        score=marks,
        refusal=refusal,
        measured=value,
        spark=spark,
        spark_targets=[path_at(rule_at(versions, point), point, off) for point in spark],
        guards=guards,
        freshness=fresh,
        series=own,
        call=call,
        shown=_seen(kpi, verdict, today, standing) if part == WHOLE else None,
        held=held,
        standing=standing,
        read=read,
        revised=holds if holds != held else None,
        recorded=_recorded(kpi, closed) if part == WHOLE else None,
        part=", ".join(sorted(_parts(sight, own))) if own is not None and part != WHOLE else "",
    )


def _parts(sight: Sight, series: Series) -> set[str]:
    """The values a person sees of a series that they see no whole of."""
    return {value for dim in series.dims for value in sight.values(series, dim) or ()}


def rule_at(versions: Sequence[Target], point: Point) -> TargetRule | None:
    """The target that holds in a period."""
    held = in_force(versions, last_day(point.period))
    return held.rule if held else None


def _recorded(kpi: Kpi, closed: Point | None) -> Judgement | None:
    """The verdict that was kept of a period, where it was of another definition than today's."""
    if closed is None:
        return None
    return next(
        (
            kept for kept in kpi.judgements.all()
            if (kept.grain, kept.period) == (kpi.cadence, closed.period.key)
            and (kept.kpi_version, kept.metric_version) != (kpi.version, kpi.metric.version)
        ),
        None,
    )  # fmt: skip


def _seen(kpi: Kpi, verdict: Verdict, today: date, standing: Standing) -> Shown:
    """The verdict, or how its owner sees it. A guardrail that breaks later takes the override's effect away."""
    one = next(iter(kpi.overrides.all()), None)
    if one is None:
        return seen(verdict, standing)
    try:
        return overridden(
            verdict, Override(Status(one.status), one.reason, one.author_name, one.until), today, standing
        )
    except OverrideError:
        return seen(verdict, standing)


def _spoken(call: Call | None, closed: Point | None) -> Call | None:
    """The odds that speak of the periods after the last closed one; older ones are history."""
    return call if call is not None and closed is not None and call.first == closed.period.next().key else None


def path_at(target: TargetRule | None, point: Point, off: frozenset[date]) -> float | None:
    """Where the target's path is in a period; nowhere before it begins. `off`: the company's own days."""
    if not isinstance(target, Levels) or getattr(target, "total", False) or last_day(point.period) < target.start:
        return None
    first = point.period.start.date()
    return target.expected(last_day(point.period), first, days(target.start.year, target.due.year, off))


def _guard(guard: Guardrail, grain: Grain, series, points) -> tuple[Guardrail, Guard]:
    known = series.get((guard.metric_id, ""))
    closed = [point for point in points.get((known.pk, grain), {}).values() if point.closed] if known else []
    value = max(closed, key=lambda point: point.period).value if closed else None
    return guard, Guard(guard.metric.label, guard.metric.unit, guard.bound, guard.level, value)


def freshness(tables: list[Table], calendar: Calendar, today: date) -> Freshness:
    """The oldest of the tables decides: a number is as fresh as its stalest input."""
    dated = [table for table in tables if table.last_row_at is not None]
    if not dated:
        return Freshness("none", None, 0)
    oldest = min(dated, key=lambda table: table.last_row_at)
    days = max(0, (today - calendar.today(oldest.last_row_at)).days)
    late = days - oldest.expected_every_days
    state = "on_time" if late <= 0 else "late" if late <= oldest.expected_every_days else "stale"
    return Freshness(state, oldest.last_row_at, days)


def place_of(table: Table) -> str:
    """The table as engines know it: what `Series.versions` is keyed by."""
    source = table.source
    if source.get("connection"):
        return placed(source["connection"], source.get("table", ""))
    return source.get("lake") or table.name
