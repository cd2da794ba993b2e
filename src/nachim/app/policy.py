"""Who may do what. The only permission code: `can`, `require` and `visible`.

Every permission names its roles, and `OWN` what else must be so of one object; docs/permissions.md says it in words.
What a person sees is worked out in `nachim.app.sight` and applied to each model by `RULES` in `nachim.app.seen`.
"""

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet

from nachim.app import seen
from nachim.app.models import (
    Action,
    ApiToken,
    Finding,
    Goal,
    KeyResult,
    Kpi,
    Membership,
    Metric,
    Role,
    Screen,
    Series,
    Sheet,
    Team,
    User,
)
from nachim.app.sight import EVERYTHING, WHOLE, Sight, sight_of

ALL = frozenset(Role)
KEEPERS = frozenset({Role.OWNER, Role.ADMIN})
EDITORS = KEEPERS | {Role.EDITOR}
SETTERS = EDITORS | {Role.LEAD}
ACTORS = SETTERS | {Role.MEMBER}
WATCHERS = KEEPERS | {Role.AUDITOR}

PERMISSIONS: dict[str, frozenset[Role]] = {
    "company.view": ALL,
    "self.edit": ALL,
    "token.edit": ALL,
    "data.view": ALL,
    "data.import": EDITORS,
    "data.edit": EDITORS,
    "data.ingest": EDITORS,
    "metric.edit": EDITORS,
    "driver.edit": EDITORS,
    "team.edit": EDITORS,
    "goal.edit": SETTERS,
    "kpi.edit": SETTERS,
    "target.edit": SETTERS,
    "status.override": SETTERS,
    "finding.edit": SETTERS,
    "event.edit": SETTERS,
    "playbook.edit": EDITORS,
    "action.edit": ACTORS,
    "value.write": ACTORS,
    "checkin.add": ACTORS,
    "sheet.view": ALL,
    "sheet.edit": ACTORS,
    "sheet.approve": ACTORS,
    "definition.apply": KEEPERS,
    "connection.edit": KEEPERS,
    "channel.edit": KEEPERS,
    "screen.edit": KEEPERS | {Role.LEAD},
    "workspace.edit": KEEPERS,
    "people.edit": KEEPERS,
    "owner.name": frozenset({Role.OWNER}),
    "audit.view": WATCHERS,
}
# Rows know no teams: whoever is confined to some has no business among them.
RAW = {"data.view", "data.import", "data.edit"}

# What a token may be given: a word for many permissions, or permissions by name. Never what makes more tokens.
PERSONAL = {"self.edit", "token.edit"}
SCOPES = {
    "read": {name for name in PERMISSIONS if name.endswith(".view")},
    "write": set(PERMISSIONS) - PERSONAL - {"data.ingest"},
    "ingest": {"data.ingest"},
}


class NotAllowed(PermissionDenied):
    """The person's role does not carry this permission, or not for this object."""

    def __init__(self, permission: str):
        super().__init__(permission)
        self.permission = permission


class System:
    """The actor of jobs and of the command line: whoever can run it already owns the disk."""

    def __init__(self, name: str):
        self.name = name
        self.is_authenticated = True


SYSTEM = System("system")
SHELL = System("command line")


def role(user) -> str | None:
    """The user's role in the workspace; None for outsiders."""
    if isinstance(user, System):
        return Role.OWNER
    if not user.is_authenticated or not user.is_active:
        return None
    try:
        return user.membership.role
    except Membership.DoesNotExist:
        return None


def sight(user) -> Sight | None:
    """What the user sees; None for outsiders."""
    if isinstance(user, System):
        return EVERYTHING
    return None if role(user) is None else sight_of(user)


def scope_of(names) -> frozenset[str]:
    """The permissions that the scopes of a token carry."""
    return frozenset().union(*(SCOPES.get(name, {name} - PERSONAL) for name in names))


def can(user, permission: str, obj=None) -> bool:
    """Whether `user` may do `permission`; `obj` narrows it to one object, of which `OWN` may ask more.

    Who comes by a token has a `scope`, and may do what both the scope and the person's role carry.
    """
    roles = PERMISSIONS[permission]
    has = role(user)
    if has not in roles or permission not in getattr(user, "scope", PERMISSIONS):
        return False
    if isinstance(user, System):
        return True
    if permission in RAW and not sight_of(user).wide:
        return False
    rule = OWN.get(permission)
    return rule is None or obj is None or rule(user, has, obj)


def require(user, permission: str, obj=None) -> None:
    if not can(user, permission, obj):
        raise NotAllowed(permission)


def led_teams(user) -> list[Team] | None:
    """The teams a lead leads, for what they make without naming one; None for everybody else."""
    return list(Team.objects.filter(lead=user, archived_at=None)) if role(user) == Role.LEAD else None


def visible(user, queryset: QuerySet) -> QuerySet:
    """The part of `queryset` this person may see. Outsiders see nothing."""
    sees = sight(user)
    if sees is None:
        return queryset.none()
    if isinstance(user, System):
        return queryset
    return seen.part(sees, queryset, role(user))


def _leads(user: User, has: str, obj) -> bool:
    """Leads change what the teams they lead have for themselves; the others of the role everything."""
    if has != Role.LEAD:
        return True
    if isinstance(obj, Finding):
        kpis = Kpi.objects.filter(metric=obj.metric_id, archived_at=None)
        return any(_leads(user, has, kpi) for kpi in kpis)
    if isinstance(obj, KeyResult):
        obj = obj.kpi or obj.goal
    teams = set(obj.teams.values_list("pk", flat=True))
    if not teams and isinstance(obj, Kpi):
        teams = set(obj.goal.teams.values_list("pk", flat=True))
    return bool(teams) and teams <= sight_of(user).led and (not isinstance(obj, Kpi) or sees_whole(user, obj))


def sees_whole(user, kpi: Kpi) -> bool:
    """Whether the number of a KPI is the person's, not a part of it: nobody sets a target for what they cannot see."""
    sees = sight(user) or EVERYTHING
    if not sees.narrow or sees.inside(kpi.slice):
        return True
    series = Series.objects.filter(metric=kpi.metric, slice=kpi.slice).exclude(computed_at=None).first()
    return series is not None and sees.part(series) == WHOLE


def _writes(user: User, has: str, metric: Metric) -> bool:
    """Editors; whoever owns a KPI on the metric; and leads of a team that answers for one."""
    if has in EDITORS:
        return True
    kpis = metric.kpis.filter(archived_at=None)
    return any(
        (kpi.owner_id == user.pk and sees_whole(user, kpi)) or (has == Role.LEAD and _leads(user, has, kpi))
        for kpi in kpis
    )


def _checks_in(user: User, has: str, key_result: KeyResult) -> bool:
    """Whoever owns the key result, its KPI or its objective; its lead; and editors."""
    owners = (key_result.owner_id, key_result.goal.owner_id, key_result.kpi.owner_id if key_result.kpi else None)
    return has in EDITORS or user.pk in owners or (has == Role.LEAD and _leads(user, has, key_result))


def _acts(user: User, has: str, action: Action | Finding) -> bool:
    """Members do what is theirs; leads also what their people do and what is done about their KPIs.

    Of a finding: everybody who sees it may act on it.
    """
    if isinstance(action, Finding) or has in EDITORS or action.owner_id == user.pk:
        return True
    if has != Role.LEAD:
        return False
    return _is_led(user, action.owner_id) or bool(action.finding and _leads(user, has, action.finding))


def _is_led(user: User, person_id: int | None) -> bool:
    """Whether a person belongs to a team that the user leads, or leads one below it."""
    return person_id in seen.led_people(sight_of(user))


def _sees_sheet(user: User, has: str, sheet: Sheet) -> bool:
    """The person, their lead, leads above, and who keeps or audits the company."""
    if user.pk in (sheet.person_id, sheet.lead_id) or has in WATCHERS:
        return True
    return has == Role.LEAD and _is_led(user, sheet.person_id)


def _approves(user: User, has: str, sheet: Sheet) -> bool:
    """The lead named on it or one above; never the person."""
    if user.pk == sheet.person_id:
        return False
    return user.pk == sheet.lead_id or (has == Role.LEAD and _is_led(user, sheet.person_id))


def _keeps(user: User, has: str, person: User) -> bool:
    """Owners alone touch owners."""
    try:
        return has == Role.OWNER or person.membership.role != Role.OWNER
    except Membership.DoesNotExist:
        return True


def _own_token(user: User, has: str, token: ApiToken) -> bool:
    """One's own; owners may revoke anybody's."""
    return has == Role.OWNER or user.pk == token.user_id


def _own_screen(user: User, has: str, screen: Screen) -> bool:
    """One's own; who keeps the company may revoke anybody's."""
    return has in KEEPERS or user.pk == screen.user_id


# Where it matters whose the object is.
OWN = {
    "screen.edit": _own_screen,
    "token.edit": _own_token,
    "goal.edit": _leads,
    "kpi.edit": _leads,
    "target.edit": _leads,
    "status.override": _leads,
    "finding.edit": _leads,
    "action.edit": _acts,
    "value.write": _writes,
    "checkin.add": _checks_in,
    "sheet.view": _sees_sheet,
    "sheet.edit": _sees_sheet,
    "sheet.approve": _approves,
    "people.edit": _keeps,
}

SETTING = (Goal, Kpi, KeyResult)
# Which objects those rules know.
KINDS: dict[str, tuple[type, ...]] = {
    **dict.fromkeys(("goal.edit", "kpi.edit", "target.edit", "status.override"), SETTING),
    "finding.edit": (Finding,),
    "action.edit": (Finding, Action),
    "checkin.add": (KeyResult,),
    "value.write": (Metric,),
    **dict.fromkeys(("sheet.view", "sheet.edit", "sheet.approve"), (Sheet,)),
    "people.edit": (User,),
    "token.edit": (ApiToken,),
    "screen.edit": (Screen,),
}


def may(user, obj=None) -> dict[str, bool]:
    """Every permission, as a page of `obj` needs to know it for its buttons."""
    return {name: can(user, name, obj if isinstance(obj, KINDS.get(name, ())) else None) for name in PERMISSIONS}
