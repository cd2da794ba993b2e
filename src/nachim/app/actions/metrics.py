"""Metrics: how a number is computed, checked before it is saved."""

import re
from dataclasses import replace

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from nachim.app import audit, language, policy
from nachim.app.actions import revisions, values
from nachim.app.engines import checking
from nachim.app.language import spoken
from nachim.app.models import Connection, Kpi, Metric, MetricVersion
from nachim.metrics.check import check
from nachim.metrics.spec import Issue, Model, SpecError

FIELDS = ("name", "label_ko", "label_en", "unit", "better", "spec")


@transaction.atomic
def save_metric(actor, metric: Metric | None = None, *, checked: bool = False, reason: str = "", **fields) -> Metric:
    """Make or change a metric. Fields: name, label_ko, label_en, unit, better, spec (as the metric language has it).

    A definition that cannot be computed is refused with the engine's own sentences; a changed one is a new version.
    Where KPIs stand on it the change needs a `reason`, and how their closed periods were judged is kept.
    `checked`: the caller has checked all metrics of a file together, as they refer to each other.
    """
    policy.require(actor, "metric.edit", metric)
    before = audit.fields(metric, *FIELDS) if metric else None
    metric = metric or Metric()
    for name, value in fields.items():
        setattr(metric, name, value)
    old = before or {}
    if old.get("name") not in (None, metric.name):
        raise ValidationError(
            {"name": _("A metric keeps its name: other definitions refer to it. Change its label instead.")}
        )
    after = audit.fields(metric, *FIELDS)
    if after == before:
        return metric
    if "manual" in metric.spec and (checked or _readable(metric)):
        values.keep_table(actor, metric)
    problems = [] if checked else problems_of({metric.name: language.metric_definition(metric)})
    if problems:
        raise ValidationError({"spec": problems})
    if before and old["spec"] != metric.spec:
        judged = kpis_on(metric)
        if judged:
            reason = revisions.reasoned(reason)
            revisions.record(judged)
        metric.version += 1
    metric.save()
    MetricVersion.objects.get_or_create(
        metric=metric, version=metric.version,
        defaults={
            "spec": metric.spec, "author": revisions.author(actor), "reason": reason.strip() if before else "",
            "valid_from": language.calendar().today(timezone.now()),
        },
    )  # fmt: skip
    audit.record(
        actor, "metric.edit" if before else "metric.create", metric, before=before,
        after=after | ({"reason": reason} if reason else {}),
        topics=("metrics", *(f"kpi-{kpi.pk}" for kpi in metric.kpis.all())),
    )  # fmt: skip
    return metric


@transaction.atomic
def delete_metric(actor, metric: Metric) -> None:
    """Delete a metric nothing stands on."""
    policy.require(actor, "metric.edit", metric)
    users = [str(kpi) for kpi in metric.kpis.all()] + [str(guard.kpi) for guard in metric.guards.all()]
    if users:
        raise ValidationError(_("“%(metric)s” is used by: %(users)s. Change those first.") % {
            "metric": metric.label, "users": ", ".join(users)
        })  # fmt: skip
    problems = problems_of({metric.name: None})
    if problems:
        raise ValidationError([_("Other metrics are built on “%(metric)s”.") % {"metric": metric.label}, *problems])
    if "manual" in metric.spec:
        values.let_go(actor, metric)
    audit.record(actor, "metric.delete", metric, before=audit.fields(metric, *FIELDS), topics=("metrics",))
    metric.delete()


def _readable(metric: Metric) -> bool:
    """Whether a definition is one, whatever it refers to."""
    try:
        Model.load({"metrics": {metric.name: language.metric_definition(metric)}})
    except SpecError:
        return False
    return True


def kpis_on(metric: Metric) -> list[Kpi]:
    """The live KPIs that this metric decides: on it, on one calculated from it, or guarded by it."""
    names = {one.name for one in standing_on(metric)} | {metric.name}
    live = Kpi.objects.filter(archived_at=None).select_related("metric", "goal")
    return list(live.filter(Q(metric__name__in=names) | Q(guardrails__metric__name__in=names)).distinct())


def standing_on(metric: Metric) -> list[Metric]:
    """The metrics calculated from this one, directly or through others."""
    every = list(Metric.objects.all())
    found: dict[str, Metric] = {}
    names = {metric.name}
    while more := [
        one for one in every if one.name not in found and one.name != metric.name and names & named_in(one.spec)
    ]:
        found.update({one.name: one for one in more})
        names |= {one.name for one in more}
    return list(found.values())


def named_in(spec: dict) -> set[str]:
    """The words of a definition that may be metrics: of its formula, of its parts, and what it is a frame of."""
    words = {spec["at"]} if spec.get("at") else set()
    words |= set(re.findall(r"[^\W\d]\w*", spec.get("calc", "")))
    for part in (spec.get("with") or {}).values():
        words |= named_in(part)
    return words


def problems_of(
    changed: dict[str, dict | None], *, known: set[str] | None = None, below: dict[str, dict] | None = None
) -> list[str]:
    """What would be wrong with the model after this change, as sentences; empty when it is sound.

    Problems the model already had (`known`) do not count against the change. Of the changed thing itself
    the place is not said: whoever changes it knows. `below`: sources and rows that come with it.
    """
    own = {f"metrics.{name}" for name in changed}
    found = _new_issues(changed, known, below, remembered=True)
    if found and Connection.objects.exists():
        # A column may have come since the tables of a connection were last looked at.
        found = _new_issues(changed, known, below, remembered=False)
    return [replace(issue, where="" if issue.where in own else issue.where).text(spoken()) for issue in found]


def known_issues() -> set[str]:
    """What is wrong with the model as it stands."""
    with checking() as engine:
        return {str(issue) for issue in issues(engine, {})}


def _new_issues(
    changed: dict[str, dict | None], known: set[str] | None, below: dict[str, dict] | None, *, remembered: bool
) -> list[Issue]:
    with checking(remembered=remembered) as engine:
        before = known if known is not None else {str(issue) for issue in issues(engine, {})}
        found = [issue for issue in issues(engine, changed, below) if str(issue) not in before]
        away = [issue for error in engine.failures.values() for issue in error.issues]
    # Where an engine did not answer, that is what has to be said, not that its tables are unknown.
    return [*away, *(issue for issue in found if issue.code != "unknown_table")] if found and away else found


def issues(engine, changed: dict[str, dict | None], below: dict[str, dict] | None = None) -> list[Issue]:
    """Everything wrong with the model after a change."""
    try:
        return check(language.model(changed=changed, below=below), engine)
    except SpecError as error:
        return error.issues
