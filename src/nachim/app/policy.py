"""Who may do what. The only permission code: `can`, `require` and `visible`.

Every permission has one least role; docs/permissions.md names them all.
"""

from django.db.models import QuerySet

from nachim.app.models import Membership, Role, User

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
    "finding.edit": Role.EDITOR,
    "definition.apply": Role.OWNER,
    "connection.edit": Role.OWNER,
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
    """Whether `user` may do `permission`. `obj` narrows it to one object: today no rule depends on it."""
    least = PERMISSIONS[permission]
    has = role(user)
    return has is not None and RANK[has] >= RANK[least]


def require(user, permission: str, obj=None) -> None:
    if not can(user, permission, obj):
        raise NotAllowed(permission)


def visible(user: User, queryset: QuerySet) -> QuerySet:
    """The part of `queryset` this person may see. Outsiders see nothing."""
    return queryset if role(user) is not None else queryset.none()
