"""Things by the names requests give them: in an address they are there or not, in a body they are right or wrong."""

from typing import Annotated, Any

from django.core.exceptions import ValidationError
from django.db.models import Model, Q, QuerySet
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from ninja import Schema
from pydantic import StringConstraints

from nachim.app import policy
from nachim.app.models import Team, User

Email = Annotated[str, StringConstraints(min_length=3, max_length=254, pattern=r"^[^@\s\x00]+@[^@\s\x00]+$")]


class Made(Schema):
    """What was made, or changed: how to find it."""

    name: str


class Behind:
    """A queryset that nobody gets at but through somebody's eyes: `of` is the part of it that who asks may see."""

    def __init__(self, queryset: QuerySet):
        self._all = queryset

    def of(self, request) -> QuerySet:
        return policy.visible(request.user, self._all.all())


def thing(request, behind: Behind, *asked: Q, **by: Any) -> Any:
    """The thing of this address: not found for who may not see it, refused to who may not do this to it."""
    found = get_object_or_404(behind.of(request), *asked, **by)
    policy.require(request.user, request.permission, found)
    return found


def named(request, model: type[Model], name: str | None, field: str) -> Any:
    """The thing a body names; None stays None."""
    if name is None:
        return None
    found = policy.visible(request.user, model._default_manager.all()).filter(name=name).first()
    if found is None:
        raise ValidationError({field: _("There is none of this name: %(name)s.") % {"name": name}})
    return found


def person(email: str | None, field: str) -> User | None:
    """Somebody who is here, by e-mail address."""
    if email is None:
        return None
    found = User.objects.filter(email=email.lower(), is_active=True, membership__isnull=False).first()
    if found is None:
        raise ValidationError({field: _("Nobody here has this e-mail address: %(email)s.") % {"email": email}})
    return found


def teams(request, names: list[str] | None) -> list[Team] | None:
    return None if names is None else [named(request, Team, one, "teams") for one in names]


def email_of(user: User | None) -> str | None:
    return user.email if user else None
