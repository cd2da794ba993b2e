"""How closed periods were judged: by the target that held then; and as recorded, where something was revised since."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone

from nachim.app import language, policy
from nachim.app.actions.series import slice_key
from nachim.app.models import Judgement, Kpi, Series, Target
from nachim.app.queries import feasts
from nachim.app.queries.points import Point, anchor, last_day, last_periods, load
from nachim.app.queries.standing import measured, scored, span_start
from nachim.app.sight import EVERYTHING, WHOLE
from nachim.app.workdays import closed, days
from nachim.core.period import Grain
from nachim.core.revision import in_force
from nachim.core.status import Guard, judge

PERIODS = 13
LOCALES = ("ko", "en")


@dataclass(frozen=True)
class Past:
    """A closed period, its verdict, and the versions it was judged by. `recorded`: kept from before a revision."""

    point: Point
    value: float | None
    status: str
    score: float | None
    sentence: dict[str, str]
    kpi_version: int
    metric_version: int
    target: Target | None
    recorded: bool


def pasts(kpi: Kpi, *, user=policy.SYSTEM, now: datetime | None = None, count: int = PERIODS) -> list[Past]:
    """The closed periods of a KPI, newest first; none for who sees only a part of it: the whole was judged."""
    calendar, now = language.calendar(), now or timezone.now()
    grain, today = Grain(kpi.cadence), calendar.today(now)
    own = Series.objects.filter(metric=kpi.metric, slice_key=slice_key(kpi.slice)).first()
    if own is None or (policy.sight(user) or EVERYTHING).part(own) != WHOLE:
        return []
    guards = list(kpi.guardrails.select_related("metric"))
    series = {
        one.metric_id: one for one in Series.objects.filter(metric__in=[g.metric_id for g in guards], slice_key="")
    }
    periods = last_periods(calendar, grain, anchor(own, calendar, today), count)
    versions = list(kpi.targets.all())
    since = min((start for target in versions if (start := span_start(target.rule))), default=None)
    wanted = [(own, grain, periods), *((one, grain, periods) for one in series.values())]
    if since is not None and since < periods[0].start.date():
        wanted.append((own, grain, calendar.periods(grain, since, periods[0].start.date())))
    wanted.append((own, grain, feasts.periods(calendar, periods)))
    points = load(wanted)
    known = points.get((own.pk, grain), {})
    kept = {one.period: one for one in Judgement.objects.filter(kpi=kpi, grain=grain.value)}
    by_number = {target.version: target for target in versions}
    found, off = [], closed()
    for period in reversed(periods):
        point = known.get(period.key)
        if point is None or not point.closed:
            continue
        if period.key in kept:
            found.append(_recorded(point, kept[period.key], by_number))
            continue
        at = []
        for guard in guards:
            value = _value(points, series.get(guard.metric_id), grain, period.key)
            at.append(Guard(guard.metric.label, guard.metric.unit, guard.bound, guard.level, value))
        found.append(_judged(kpi, point, versions, known, at, today, off, feasts.feast(calendar, point, known)))
    return found


def _judged(
    kpi: Kpi, point: Point, versions: Sequence[Target], known: dict[str, Point], guards, today, off, feast
) -> Past:
    end = last_day(point.period)
    target = in_force(versions, end)
    rule = target.rule if target else None
    upto = {key: one for key, one in known.items() if key <= point.period.key}
    value = measured(rule, point, upto, today)
    marks, _refused = scored(rule, value)
    verdicts = {
        code: judge(
            rule,
            actual=value,
            period_start=point.period.start.date(),
            period_end=end,
            today=min(today, end + timedelta(days=1)),
            guards=guards,
            days=days(rule.start.year, rule.due.year, off) if rule else days(end.year, end.year, off),
            unit=kpi.metric.unit,
            period_label=point.label(code),
            feast=feast,
        )
        for code in LOCALES
    }
    said = {code: verdict.sentence(code) for code, verdict in verdicts.items()}
    status = verdicts["ko"].status.value
    return Past(
        point, point.value, status, float(marks.value) if marks else None, said, kpi.version,
        kpi.metric.version, target, recorded=False,
    )  # fmt: skip


def _recorded(point: Point, kept: Judgement, versions: dict[int, Target]) -> Past:
    return Past(
        point, kept.value, kept.status, kept.score, kept.sentence, kept.kpi_version, kept.metric_version,
        versions.get(kept.target_version or 0), recorded=True,
    )  # fmt: skip


def _value(points, series: Series | None, grain: Grain, key: str) -> float | None:
    point = points.get((series.pk, grain), {}).get(key) if series else None
    return point.value if point is not None and point.closed else None
