"""Who may do what. The only permission code: `can`, `require` and `visible`.

Every permission has one least role; docs/permissions.md names them all.
"""

from django.db.models import Q, QuerySet

from nachim.app.models import KeyResult, Membership, Role, Sheet, User

RANK = {Role.VIEWER: 1, Role.EDITOR: 2, Role.OWNER: 3}

PERMISSIONS = {
    "company.view": Role.VIEWER,
    "data.view": Role.VIEWER,
    "data.import": Role.EDITOR,
    "data.edit": Role.EDITOR,
    "metric.edit": Role.EDITOR,
    "goal.edit": Role.EDITOR,
    "kpi.edit": Role.EDITOR,
    "target.edit": Role.EDITOR,
    "status.override": Role.EDITOR,
    "finding.edit": Role.EDITOR,
    "playbook.edit": Role.EDITOR,
    "team.edit": Role.EDITOR,
    "driver.edit": Role.EDITOR,
    "checkin.add": Role.VIEWER,
    "sheet.view": Role.VIEWER,
    "sheet.edit": Role.VIEWER,
    "sheet.approve": Role.VIEWER,
    "definition.apply": Role.OWNER,
    "connection.edit": Role.OWNER,
    "channel.edit": Role.OWNER,
    "workspace.edit": Role.OWNER,
    "people.edit": Role.OWNER,
    "audit.view": Role.OWNER,
    "self.edit": Role.VIEWER,
}


class NotAllowed(Exception):
    """The person's role does not carry this permission."""

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


def can(user, permission: str, obj=None) -> bool:
    """Whether `user` may do `permission`. `obj` narrows it to one object: check-ins and sheets are somebody's own."""
    least = PERMISSIONS[permission]
    has = role(user)
    if has is None or RANK[has] < RANK[least]:
        return False
    rule = OWN.get(permission)
    return rule is None or obj is None or isinstance(user, System) or rule(user, has, obj)


def _checks_in(user: User, has: str, key_result: KeyResult) -> bool:
    """Editors; and whoever owns the key result, its KPI or its objective."""
    owners = (key_result.owner_id, key_result.goal.owner_id, key_result.kpi.owner_id if key_result.kpi else None)
    return RANK[has] >= RANK[Role.EDITOR] or user.pk in owners


def _sees_sheet(user: User, has: str, sheet: Sheet) -> bool:
    """The person, their lead, and owners of the workspace."""
    return has == Role.OWNER or user.pk in (sheet.person_id, sheet.lead_id)


def _approves(user: User, has: str, sheet: Sheet) -> bool:
    """The lead alone; never the person."""
    return user.pk == sheet.lead_id != sheet.person_id


# Where it matters whose the object is.
OWN = {
    "checkin.add": _checks_in,
    "sheet.view": _sees_sheet,
    "sheet.edit": _sees_sheet,
    "sheet.approve": _approves,
}


def require(user, permission: str, obj=None) -> None:
    if not can(user, permission, obj):
        raise NotAllowed(permission)


def visible(user: User, queryset: QuerySet) -> QuerySet:
    """The part of `queryset` this person may see. Outsiders see nothing; sheets are seen as `_sees_sheet` says."""
    has = role(user)
    if has is None:
        return queryset.none()
    if queryset.model is Sheet and has != Role.OWNER:
        return queryset.filter(Q(person=user) | Q(lead=user))
    return queryset
