"""Revisions: from when a change holds, why it was made, and what was judged before it."""

from collections.abc import Iterable
from datetime import date

from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _

from nachim.app import language, policy
from nachim.app.models import Judgement, Kpi, KpiVersion, User
from nachim.app.queries.judgements import pasts
from nachim.core.period import Grain


def running_since(kpi: Kpi) -> date:
    """The first day of the period that is running: what a revision may change."""
    calendar = language.calendar()
    return calendar.period(Grain(kpi.cadence), calendar.today(timezone.now())).start.date()


def valid_from(kpi: Kpi, last, wanted: date | None) -> date:
    """From when a new version holds, `last` being the newest one: no closed period is judged again.

    Only what was made in the period that is running may still be corrected from its own first day on: nothing has been
    judged by it yet.
    """
    running = running_since(kpi)
    calendar = language.calendar()
    if last is None:
        return wanted or running
    corrects = calendar.today(last.created_at) >= running
    chosen = wanted or max(running, last.valid_from)
    if chosen < last.valid_from:
        raise ValidationError({"valid_from": _("The version before it begins later: choose %(day)s or after.") % {
            "day": last.valid_from
        }})  # fmt: skip
    if chosen < running and not (corrects and chosen == last.valid_from):
        raise ValidationError({"valid_from": _(
            "Periods before %(day)s are closed and stay as they were judged. Choose that day or a later one."
        ) % {"day": running}})  # fmt: skip
    return chosen


def reasoned(reason: str, field: str = "reason") -> str:
    """The reason, or a refusal: a change without one cannot be understood later."""
    if not reason.strip():
        raise ValidationError({field: _("Say in a few words why it changes; what was before stays beside it.")})
    return reason.strip()


def record(kpis: Iterable[Kpi]) -> None:
    """Keep how the closed periods were judged, before something changes that would judge them differently."""
    for kpi in kpis:
        rows = [
            Judgement(
                kpi=kpi, grain=kpi.cadence, period=past.point.period.key, value=past.value, status=past.status,
                score=past.score, sentence=past.sentence, kpi_version=past.kpi_version,
                metric_version=past.metric_version, target_version=past.target.version if past.target else None,
            )
            for past in pasts(kpi)
            if not past.recorded
        ]  # fmt: skip
        Judgement.objects.bulk_create(rows)


def spec_of(kpi: Kpi) -> dict:
    """What decides a KPI's number and its verdict."""
    guards = [
        {"metric": one.metric.name, "bound": one.bound, "level": one.level}
        for one in kpi.guardrails.select_related("metric")
    ]
    return {
        "goal": kpi.goal.name, "slice": kpi.slice, "cadence": kpi.cadence, "weight": kpi.weight, "guardrails": guards,
    }  # fmt: skip


def note(actor, kpi: Kpi, reason: str) -> None:
    """A version of the KPI as it now stands."""
    KpiVersion.objects.create(
        kpi=kpi, version=kpi.version, spec=spec_of(kpi), valid_from=running_since(kpi), reason=reason.strip(),
        author=author(actor),
    )  # fmt: skip


def author(actor) -> User | None:
    return None if isinstance(actor, policy.System) else actor
