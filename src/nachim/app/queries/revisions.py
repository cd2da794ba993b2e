"""What was thought of a KPI, and when: every change with its reason, and how it stood on any day."""

from dataclasses import dataclass
from datetime import date, datetime

from django.utils import timezone

from nachim.app import language, policy
from nachim.app.actions.series import slice_key
from nachim.app.models import Kpi, KpiVersion, MetricVersion, Series, Target, User
from nachim.app.queries.judgements import Past, pasts
from nachim.app.queries.points import last_day
from nachim.app.sight import EVERYTHING, WHOLE
from nachim.core.revision import in_force

PERIODS = 25


@dataclass(frozen=True)
class Revision:
    """One change. `kind`: target, metric or kpi; `before` and `after` are the versions (None before the first)."""

    kind: str
    version: int
    valid_from: date
    at: datetime
    author: User | None
    reason: str
    before: Target | MetricVersion | KpiVersion | None
    after: Target | MetricVersion | KpiVersion
    changed: tuple[str, ...] = ()


@dataclass(frozen=True)
class Thought:
    """How it stood on a day: what held, how the period of that day was judged, and what was changed after it."""

    day: date
    target: Target | None
    metric: MetricVersion | None
    kpi: KpiVersion | None
    past: Past | None
    since: list[Revision]


@dataclass(frozen=True)
class History:
    revisions: list[Revision]
    pasts: list[Past]
    thought: Thought


def history(kpi: Kpi, day: date | None = None, *, user=policy.SYSTEM) -> History:
    """All revisions, newest first, the closed periods with their verdicts, and what was thought on `day`."""
    day = day or language.calendar().today(timezone.now())
    own = Series.objects.filter(metric=kpi.metric, slice_key=slice_key(kpi.slice)).first()
    whole = own is None or (policy.sight(user) or EVERYTHING).part(own) == WHOLE
    targets = list(kpi.targets.select_related("author")) if whole else []
    metrics = list(kpi.metric.versions.select_related("author"))
    versions = list(kpi.versions.select_related("author"))
    revisions = [*_revisions("target", targets), *_revisions("metric", metrics), *_revisions("kpi", versions)]
    revisions.sort(key=lambda one: (one.valid_from, one.at, one.kind), reverse=True)
    judged = pasts(kpi, count=PERIODS, user=user)
    at = next((past for past in judged if past.point.period.start.date() <= day <= last_day(past.point.period)), None)
    if at is None:
        # The day's own period is not closed: the last one that was, is what people knew.
        at = next((past for past in judged if last_day(past.point.period) < day), None)
    since = [one for one in revisions if one.valid_from > day and one.before is not None]
    thought = Thought(day, in_force(targets, day), in_force(metrics, day), in_force(versions, day), at, since)
    return History(revisions, judged, thought)


def revision_days(kpi: Kpi) -> list[tuple[str, date]]:
    """(kind, first day) of every revision, for marks on a chart; the first versions are none."""
    versions = [("target", one) for one in kpi.targets.all()]
    # Most were never revised, and need not be asked for.
    versions += [("metric", one) for one in kpi.metric.versions.all()] if kpi.metric.version > 1 else []
    versions += [("kpi", one) for one in kpi.versions.all()] if kpi.version > 1 else []
    return [(kind, one.valid_from) for kind, one in versions if one.version > 1]


def _revisions(kind: str, versions: list) -> list[Revision]:
    ordered = sorted(versions, key=lambda one: one.version)
    found = []
    for before, after in zip([None, *ordered], ordered, strict=False):
        changed = ()
        if before is not None:
            names = dict.fromkeys([*before.spec, *after.spec])
            changed = tuple(name for name in names if before.spec.get(name) != after.spec.get(name))
        found.append(Revision(
            kind, after.version, after.valid_from, after.created_at, after.author, after.reason, before, after, changed
        ))  # fmt: skip
    return found
