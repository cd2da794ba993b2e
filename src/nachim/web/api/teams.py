"""Teams, people, and who one is."""

from datetime import datetime
from functools import partial
from typing import Annotated, Literal

from django.urls import reverse
from ninja import Router, Schema, Status
from pydantic import Field

from nachim.app import policy
from nachim.app.actions import factors, people
from nachim.app.actions import teams as actions
from nachim.app.models import Membership, Role, Team, User
from nachim.web.api.door import operation
from nachim.web.api.fields import Given, Name, Short, Slug
from nachim.web.api.found import Behind, Email, email_of, named, person, thing
from nachim.web.api.paging import Page, PagingQuery, page

router = Router(tags=["people"])
op = partial(operation, router)
TEAMS = Behind(Team.objects.select_related("parent", "lead"))
MEMBERS = Behind(Membership.objects.select_related("user"))
PEOPLE = Behind(User.objects.filter(membership__isnull=False))
RoleName = Literal[tuple(Role.values)]  # type: ignore[valid-type]
PersonName = Annotated[Short, Field(min_length=1, max_length=80)]


class MeOut(Schema):
    """Whom this request acts as, and what it may do."""

    email: str
    name: str
    role: str
    permissions: list[str]


@op("get", "/me", "company.view", response=MeOut)
def who_am_i(request):
    user = request.user
    may = sorted(name for name in policy.PERMISSIONS if policy.can(user, name))
    return {"email": user.email, "name": user.name, "role": policy.role(user), "permissions": may}


class TeamOut(Schema):
    name: str
    label: str
    function: str
    parent: str | None
    lead: str | None
    members: list[str]
    archived_at: datetime | None

    @staticmethod
    def resolve_parent(team):
        return team.parent and team.parent.name

    @staticmethod
    def resolve_lead(team):
        return email_of(team.lead)

    @staticmethod
    def resolve_members(team):
        return sorted(user.email for user in team.members.all())


class TeamChange(Given):
    label: Annotated[Short, Field(min_length=1)] | None = None
    function: Slug = ""
    parent: Name | None = None
    lead: Email | None = None
    members: list[Email] = []


class TeamIn(TeamChange):
    name: Slug = ""
    label: Annotated[Short, Field(min_length=1)]


@op("get", "/teams", "company.view", response=Page[TeamOut])
def list_teams(request, paging: PagingQuery):
    return page(TEAMS.of(request).filter(archived_at=None), paging)


@op("post", "/teams", "team.edit", response={201: TeamOut})
def make_team(request, given: TeamIn):
    made = actions.save_team(request.user, **_team(request, given))
    return Status(201, TEAMS.of(request).get(pk=made.pk))


@op("get", "/teams/{name}", "company.view", response=TeamOut)
def get_team(request, name: Name):
    return thing(request, TEAMS, name=name)


@op("patch", "/teams/{name}", "team.edit", response=TeamOut)
def change_team(request, name: Name, given: TeamChange):
    team = actions.save_team(request.user, _live(request, name), **_team(request, given))
    return TEAMS.of(request).get(pk=team.pk)


@op("delete", "/teams/{name}", "team.edit", response={204: None})
def archive_team(request, name: Name):
    """Put it away; its goals and KPIs stay and no longer name it."""
    actions.archive_team(request.user, _live(request, name))
    return Status(204, None)


def _live(request, name: str) -> Team:
    return thing(request, TEAMS, name=name, archived_at=None)


def _team(request, given: TeamChange) -> dict:
    fields = {name: value for name, value in given.named.items() if name != "label" or value is not None}
    if "parent" in fields:
        fields["parent"] = named(request, Team, fields["parent"], "parent")
    if "lead" in fields:
        fields["lead"] = person(fields["lead"], "lead")
    if "members" in fields:
        fields["members"] = [person(email, "members") for email in fields["members"]]
    return fields


class PersonOut(Schema):
    email: str
    name: str
    role: str
    invited: bool
    since: datetime

    @staticmethod
    def resolve_email(member):
        return member.user.email

    @staticmethod
    def resolve_name(member):
        return member.user.name

    @staticmethod
    def resolve_invited(member):
        return not member.user.has_usable_password()


class InviteIn(Given):
    email: Email
    name: PersonName
    role: RoleName = "viewer"


class InvitedOut(Schema):
    email: str
    link: str


class RoleIn(Given):
    role: RoleName


@op("get", "/people", "people.edit", response=Page[PersonOut])
def list_people(request, paging: PagingQuery):
    return page(MEMBERS.of(request), paging)


@op("post", "/people", "people.edit", response={201: InvitedOut})
def invite_person(request, given: InviteIn):
    """The link works once, for seven days, and is told only now."""
    user, token = people.invite(request.user, **given.model_dump())
    return Status(201, {"email": user.email, "link": request.build_absolute_uri(reverse("invite", args=[token]))})


@op("patch", "/people/{email}", "people.edit", response=PersonOut)
def change_role(request, email: Email, given: RoleIn):
    user = _person(request, email)
    people.set_role(request.user, user, given.role)
    return MEMBERS.of(request).get(user=user)


@op("delete", "/people/{email}", "people.edit", response={204: None})
def remove_person(request, email: Email):
    """Take them out; what they did stays in the audit trail."""
    people.remove(request.user, _person(request, email))
    return Status(204, None)


class SignedOutOut(Schema):
    """`browsers`: how many they were signed in with."""

    browsers: int


@op("post", "/people/{email}/sign-out", "people.edit", response=SignedOutOut)
def sign_out_person(request, email: Email):
    """End every session of theirs; tokens go on."""
    return {"browsers": factors.sign_out(request.user, _person(request, email))}


def _person(request, email: str) -> User:
    return thing(request, PEOPLE, email=email.lower())
