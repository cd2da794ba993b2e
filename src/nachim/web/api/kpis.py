"""KPIs: what they measure, their targets, and how their owners see them."""

from datetime import date, datetime
from functools import partial
from typing import Annotated, Any, Literal

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from ninja import Query, Router, Schema, Status
from pydantic import TypeAdapter

from nachim.app import policy
from nachim.app.actions import goals as actions
from nachim.app.actions import override as overrides
from nachim.app.models import Kpi, Metric
from nachim.app.sight import WHOLE
from nachim.app.work import later
from nachim.web.api.door import operation
from nachim.web.api.fields import Day, Given, Line, Name, Number, Short, Slug
from nachim.web.api.found import Behind, Email, email_of, named, person, teams, thing
from nachim.web.api.goals import Percent, goal_of
from nachim.web.api.paging import Page, PagingQuery, page
from nachim.web.views.target import series_of

router = Router(tags=["KPIs"])
op = partial(operation, router)
KPIS = Behind(Kpi.objects.select_related("goal", "metric", "owner").prefetch_related("teams", "guardrails__metric"))
Cadence = Literal["day", "week", "month", "quarter"]
DAY = TypeAdapter(Day)
REFRESH = "nachim.jobs.tasks.refresh"


class GuardrailForm(Given):
    metric: Name
    bound: Literal["max", "min"]
    level: Number


class GuardrailOut(Schema):
    metric: str
    bound: Literal["max", "min"]
    level: float

    @staticmethod
    def resolve_metric(one):
        return one.metric.name


class KpiOut(Schema):
    name: str
    goal: str
    metric: str
    label: str
    slice: dict[str, str | None]
    owner: str | None
    cadence: Cadence
    level: Literal["strategic", "operational", "functional"]
    timing: Literal["leading", "lagging"]
    function: str
    teams: list[str]
    weight: int
    guardrails: list[GuardrailOut]
    version: int
    archived_at: datetime | None

    @staticmethod
    def resolve_goal(kpi):
        return kpi.goal.name

    @staticmethod
    def resolve_metric(kpi):
        return kpi.metric.name

    @staticmethod
    def resolve_owner(kpi):
        return email_of(kpi.owner)

    @staticmethod
    def resolve_teams(kpi):
        return [team.name for team in kpi.teams.all()]


class KpiChange(Given):
    goal: Name | None = None
    label: Short = ""
    slice: dict[Name, Annotated[Short, "value"] | None] = {}
    owner: Email | None = None
    cadence: Cadence = "month"
    level: Literal["strategic", "operational", "functional"] = "operational"
    timing: Literal["leading", "lagging"] = "lagging"
    function: Annotated[Slug, "function"] = ""
    teams: list[Name] = []
    weight: Percent = 0
    guardrails: list[GuardrailForm] = []
    reason: Line = ""


class KpiIn(KpiChange):
    name: Slug = ""
    goal: Name
    metric: Name


class KpiFilter(Schema):
    goal: Short = ""
    metric: Short = ""
    team: Short = ""
    owner: Short = ""
    archived: bool = False


@op("get", "/kpis", "company.view", response=Page[KpiOut])
def list_kpis(request, paging: PagingQuery, only: Annotated[KpiFilter, Query()]):
    return page(wanted(request, only), paging)


@op("post", "/kpis", "kpi.edit", response={201: KpiOut})
def make_kpi(request, given: KpiIn):
    """Give it a target next: a KPI without one says nothing."""
    made = actions.save_kpi(request.user, check=True, **_fields(request, given))
    later(REFRESH)
    return Status(201, KPIS.of(request).get(pk=made.pk))


@op("get", "/kpis/{name}", "company.view", response=KpiOut)
def get_kpi(request, name: Name):
    return thing(request, KPIS, name=name)


@op("patch", "/kpis/{name}", "kpi.edit", response=KpiOut)
def change_kpi(request, name: Name, given: KpiChange):
    """What decides its number or verdict changes with a `reason`, and is a new version."""
    kpi = actions.save_kpi(request.user, _live(request, name), check=True, **_fields(request, given))
    later(REFRESH)
    return KPIS.of(request).get(pk=kpi.pk)


@op("post", "/kpis/{name}/archive", "kpi.edit", response=KpiOut)
def archive_kpi(request, name: Name):
    kpi = _live(request, name)
    actions.archive_kpi(request.user, kpi)
    return kpi


@op("post", "/kpis/{name}/restore", "kpi.edit", response=KpiOut)
def restore_kpi(request, name: Name):
    kpi = thing(request, KPIS, name=name, archived_at__isnull=False)
    actions.restore_kpi(request.user, kpi)
    later(REFRESH)
    return kpi


class TargetOut(Schema):
    version: int
    spec: dict[str, Any]
    valid_from: date
    reason: str
    author: str | None
    created_at: datetime

    @staticmethod
    def resolve_author(target):
        return email_of(target.author)


class TargetIn(Given):
    """`spec` as in a definition file: kind, direction, baseline, level, start, due, and what else its kind has."""

    spec: dict[str, Any]
    valid_from: Day | None = None
    reason: Line = ""


@op("get", "/kpis/{name}/targets", "company.view", response=list[TargetOut])
def list_targets(request, name: Name):
    """Every version, the newest first."""
    kpi = thing(request, KPIS, name=name)
    return list(kpi.targets.select_related("author")) if sees_whole(request, kpi) else []


@op("post", "/kpis/{name}/targets", "target.edit", response={201: TargetOut})
def set_target(request, name: Name, given: TargetIn):
    """A first target, or a revision with its reason; earlier ones stay."""
    if {"reason", "valid_from", "kpi", "actor"} & set(given.spec):
        raise ValidationError({"spec": _("“reason” and “valid_from” stand beside it.")})
    target = actions.set_target(
        request.user, _live(request, name), reason=given.reason, valid_from=given.valid_from, **target_spec(given.spec)
    )
    later("nachim.jobs.tasks.foresee")
    return Status(201, target)


class OverrideOut(Schema):
    status: str
    reason: str
    until: date
    author: str
    ended_at: datetime | None

    @staticmethod
    def resolve_author(one):
        return one.author_name


class OverrideIn(Given):
    status: Literal["on_pace", "at_risk", "behind"]
    reason: Line
    until: Day


@op("get", "/kpis/{name}/overrides", "company.view", response=list[OverrideOut])
def list_overrides(request, name: Name):
    kpi = thing(request, KPIS, name=name)
    return list(kpi.overrides.all()) if sees_whole(request, kpi) else []


@op("post", "/kpis/{name}/overrides", "status.override", response={201: OverrideOut})
def override_status(request, name: Name, given: OverrideIn):
    """See a status differently until a day, with a reason; what is computed stays beside it."""
    return Status(201, overrides.override_status(request.user, _live(request, name), **given.model_dump()))


@op("delete", "/kpis/{name}/overrides", "status.override", response={204: None})
def end_override(request, name: Name):
    overrides.end_override(request.user, _live(request, name))
    return Status(204, None)


def wanted(request, only: KpiFilter):
    """The KPIs this person may see and asks for."""
    found = KPIS.of(request).filter(archived_at__isnull=not only.archived)
    for name, value in (
        ("goal__name", only.goal), ("metric__name", only.metric), ("teams__name", only.team),
        ("owner__email", only.owner.lower()),
    ):  # fmt: skip
        found = found.filter(**{name: value}) if value else found
    return found


def sees_whole(request, kpi: Kpi) -> bool:
    """Whether the KPI's number is this person's, not a part of it: the whole's target is not shown beside a part."""
    series = series_of(kpi)
    return series is None or policy.sight(request.user).part(series) == WHOLE


def target_spec(spec: dict[str, Any]) -> dict[str, Any]:
    """A target's fields as keywords that reach the rules and nothing else."""
    for name in ("start", "due"):
        try:
            DAY.validate_python(spec.get(name) or "2000-01-01")
        except ValueError:
            raise ValidationError({"spec": _("“%(name)s” is a day, as 2026-11-24.") % {"name": name}}) from None
    if not all(name.isidentifier() for name in spec) or _largest(spec) > 1e15:
        raise ValidationError({"spec": _("Only the fields of a target, and numbers up to 10^15.")})
    return spec


def _largest(value: Any) -> float:
    if isinstance(value, dict):
        return max(map(_largest, value.values()), default=0)
    if isinstance(value, list):
        return max(map(_largest, value), default=0)
    return abs(value) if isinstance(value, int | float) else 0


def _live(request, name: str) -> Kpi:
    return thing(request, KPIS, name=name, archived_at=None)


def _fields(request, given: KpiChange) -> dict:
    fields = given.named
    if fields.get("goal", "") is None:
        del fields["goal"]
    for name, found in (
        ("goal", lambda value: goal_of(request, value)),
        ("metric", lambda value: named(request, Metric, value, "metric")),
        ("owner", lambda value: person(value, "owner")),
        ("teams", lambda value: teams(request, value)),
        ("guardrails", lambda value: [
            {"metric": named(request, Metric, one.metric, "guardrails"), "bound": one.bound, "level": one.level}
            for one in value
        ]),
    ):  # fmt: skip
        if name in fields:
            fields[name] = found(fields[name])
    return fields
