"""Which rows of each model a sight covers. A model without a rule is refused, so that a new one gets its own."""

from collections.abc import Callable

from django.db.models import Exists, OuterRef, Q, QuerySet, TextField
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast

from nachim.app import models
from nachim.app.actions.series import slice_key
from nachim.app.models import Action, Finding, Goal, Guardrail, KeyResult, Kpi, Metric, Role, Series, Sheet, TeamMember
from nachim.app.sight import WHOLE, Sight, observed

Rule = Callable[[Sight, QuerySet], QuerySet]


def part(sight: Sight, queryset: QuerySet, role: str | None) -> QuerySet:
    """What of a queryset is seen by somebody of this sight and role."""
    model = queryset.model
    if model in OWNED:
        return OWNED[model](sight, queryset, role)
    rule = RULES.get(model)
    if rule is None and model not in OPEN:
        raise LookupError(f"nachim.app.seen has no rule for {model.__name__}: say who sees it")
    return queryset if sight.wide or rule is None else rule(sight, queryset)


def _with(model, sight: Sight) -> Q:
    """Goals or KPIs of the person's teams, or the person's own."""
    link = model.teams.through
    name = model._meta.model_name
    ours = link.objects.filter(team__in=sight.teams).values(f"{name}_id")
    return Q(pk__in=ours) | Q(owner=sight.user)


def _of_nobody(model) -> Q:
    return ~Exists(model.teams.through.objects.filter(**{f"{model._meta.model_name}_id": OuterRef("pk")}))


def _goals(sight: Sight, queryset: QuerySet) -> QuerySet:
    served = Kpi.objects.filter(_with(Kpi, sight)).values("goal_id")
    return queryset.filter(Q(_of_nobody(Goal)) | _with(Goal, sight) | Q(pk__in=served))


def _kpis(sight: Sight, queryset: QuerySet) -> QuerySet:
    goals = Goal.objects.filter(Q(_of_nobody(Goal)) | _with(Goal, sight)).values("pk")
    found = queryset.filter(_with(Kpi, sight) | (Q(_of_nobody(Kpi)) & Q(goal__in=goals)))
    return _fitting(sight, found)


def _fitting(sight: Sight, queryset: QuerySet) -> QuerySet:
    """Those whose slice may have rows in common with the person's."""
    if not sight.narrow:
        return queryset
    dims = sorted({dim for one in sight.slices for dim in one})
    names = {dim: f"_slice_{at}" for at, dim in enumerate(dims)}
    condition = Q()
    for one in sight.slices:
        fit = Q()
        for dim, value in one.items():
            fit &= Q(**{f"{names[dim]}__isnull": True}) | Q(**{names[dim]: value})
        condition |= fit
    return queryset.alias(**{names[dim]: _text(dim) for dim in dims}).filter(condition)


def _metrics(sight: Sight, queryset: QuerySet) -> QuerySet:
    """Metrics of KPIs and guardrails in sight, and those nobody has put to use."""
    kpis = _kpis(sight, Kpi.objects.all())
    free = ~Exists(Kpi.objects.filter(metric=OuterRef("pk"))) & ~Exists(Guardrail.objects.filter(metric=OuterRef("pk")))
    ours = Q(pk__in=kpis.values("metric_id")) | Q(pk__in=Guardrail.objects.filter(kpi__in=kpis).values("metric_id"))
    return queryset.filter(ours | Q(free))


def _series(sight: Sight, queryset: QuerySet) -> QuerySet:
    return _fitting(sight, queryset.filter(metric__in=_metrics(sight, Metric.objects.all())))


def _observations(sight: Sight, queryset: QuerySet) -> QuerySet:
    return queryset.filter(observed(sight, _series(sight, Series.objects.all())))


def _forecasts(sight: Sight, queryset: QuerySet) -> QuerySet:
    whole = [one.pk for one in _series(sight, Series.objects.all()) if sight.part(one) == WHOLE]
    return queryset.filter(series__in=whole)


def _findings(sight: Sight, queryset: QuerySet) -> QuerySet:
    """Those of metrics in sight; of a metric that the person's slices cut, those inside a slice."""
    found = queryset.filter(metric__in=_metrics(sight, Metric.objects.all()))
    if not sight.narrow:
        return found
    dims = {dim for one in sight.slices for dim in one}
    known = Series.objects.exclude(computed_at=None).values_list("metric_id", "dims", "slice")
    uncut = {pk for pk, _dims, _slice in known} - {pk for pk, has, cut in known if dims & {*has, *cut}}
    condition = Q(metric__in=uncut)
    names = {dim: f"_slice_{at}" for at, dim in enumerate(sorted(dims))}
    for one in sight.slices:
        condition |= Q(**{names[dim]: value for dim, value in one.items()})
    return found.alias(**{name: _text(dim) for dim, name in names.items()}).filter(condition)


def _text(dim: str) -> Cast:
    """The value of a dimension in a slice, as text on every database."""
    return Cast(KeyTextTransform(dim, "slice"), TextField())


def _actions(sight: Sight, queryset: QuerySet) -> QuerySet:
    ours = _findings(sight, Finding.objects.all()).values("pk")
    return queryset.filter(Q(owner=sight.user) | Q(finding__in=ours) | Q(finding=None, owner=None))


def _key_results(sight: Sight, queryset: QuerySet) -> QuerySet:
    goals, kpis = _goals(sight, Goal.objects.all()), _kpis(sight, Kpi.objects.all())
    shown = Q(goal__in=goals.values("pk")) & (Q(kpi=None) | Q(kpi__in=kpis.values("pk")))
    return queryset.filter(shown | Q(owner=sight.user))


def _drivers(sight: Sight, queryset: QuerySet) -> QuerySet:
    ours = _metrics(sight, Metric.objects.all()).values("pk")
    return queryset.filter(whole__in=ours, part__in=ours)


def _teams(sight: Sight, queryset: QuerySet) -> QuerySet:
    return queryset.filter(pk__in=sight.teams)


def _of_whole(sight: Sight, queryset: QuerySet) -> QuerySet:
    """What was set for or said of the whole number of a KPI: not seen by who sees a part of it."""
    kpis = _kpis(sight, Kpi.objects.all())
    if not sight.narrow:
        return queryset.filter(kpi__in=kpis.values("pk"))
    cut = {(one.metric_id, one.slice_key) for one in Series.objects.all() if sight.part(one) != WHOLE}
    known = kpis.values_list("pk", "metric_id", "slice")
    return queryset.filter(kpi__in=[pk for pk, metric, of in known if (metric, slice_key(of)) not in cut])


def _by(path: str, model, rule: Rule) -> Rule:
    """What belongs to one object is seen with it."""
    return lambda sight, queryset: queryset.filter(**{f"{path}__in": rule(sight, model.objects.all()).values("pk")})


def _nothing(sight: Sight, queryset: QuerySet) -> QuerySet:
    return queryset.none()


def led_people(sight: Sight) -> set[int]:
    """Who belongs today to a team the person leads, or leads one below it."""
    members = TeamMember.on().filter(team__in=sight.led).values_list("user_id", flat=True)
    leads = models.Team.objects.filter(pk__in=sight.led).exclude(lead=None).values_list("lead_id", flat=True)
    return {*members, *leads}


def _sheets(sight: Sight, queryset: QuerySet, role: str | None) -> QuerySet:
    if role in (Role.OWNER, Role.ADMIN, Role.AUDITOR):
        return queryset
    ours = Q(person=sight.user) | Q(lead=sight.user)
    if role == Role.LEAD:
        ours |= Q(person__in=led_people(sight))
    return queryset.filter(ours)


def _versions(sight: Sight, queryset: QuerySet, role: str | None) -> QuerySet:
    return queryset.filter(sheet__in=_sheets(sight, Sheet.objects.all(), role).values("pk"))


def _tokens(sight: Sight, queryset: QuerySet, role: str | None) -> QuerySet:
    return queryset if role == Role.OWNER else queryset.filter(user=sight.user)


def _screens(sight: Sight, queryset: QuerySet, role: str | None) -> QuerySet:
    """Who keeps the company sees everybody's."""
    return queryset if role in (Role.OWNER, Role.ADMIN) else queryset.filter(user=sight.user)


def _own(sight: Sight, queryset: QuerySet, role: str | None) -> QuerySet:
    """What is the person's alone, whatever anybody's role."""
    return queryset.filter(user=sight.user)


def _audit(sight: Sight, queryset: QuerySet, role: str | None) -> QuerySet:
    return queryset if role in (Role.OWNER, Role.ADMIN, Role.AUDITOR) else queryset.none()


def _kept(sight: Sight, queryset: QuerySet, role: str | None) -> QuerySet:
    """Connections: who keeps the company."""
    return queryset if role in (Role.OWNER, Role.ADMIN) else queryset.none()


# What the role decides, besides the sight.
OWNED = {
    Sheet: _sheets, models.SheetVersion: _versions, models.ApiToken: _tokens, models.AuditEntry: _audit,
    models.Connection: _kept, models.Channel: _kept, models.Factor: _own, models.Device: _own,
    models.NoticeRead: _own, models.Screen: _screens,
}  # fmt: skip
RULES: dict[type, Rule] = {
    Goal: _goals,
    Kpi: _kpis,
    Metric: _metrics,
    Series: _series,
    models.Observation: _observations,
    models.Forecast: _forecasts,
    Finding: _findings,
    Action: _actions,
    KeyResult: _key_results,
    models.DriverEdge: _drivers,
    models.Team: _teams,
    TeamMember: _by("team", models.Team, _teams),
    models.CheckIn: _by("key_result", KeyResult, _key_results),
    models.MetricVersion: _by("metric", Metric, _metrics),
    models.KpiVersion: _by("kpi", Kpi, _kpis),
    models.KpiRead: _by("kpi", Kpi, _kpis),
    **dict.fromkeys(
        (models.Target, models.Judgement, models.Call, models.StatusOverride, models.KpiStanding, Guardrail), _of_whole
    ),
    # Rows know no teams.
    **dict.fromkeys((models.Table, models.ImportRun, models.EventBatch, models.EventRows, models.MetricTest), _nothing),
    models.Refresh: _nothing,
}  # fmt: skip
# Everybody in the company sees these: names of people, what happened when, and the company's own plays.
OPEN = {models.User, models.Membership, models.Workspace, models.Event, models.PlaybookEntry}
