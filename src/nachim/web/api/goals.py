"""Goals, and objectives with their key results and check-ins."""

from datetime import date, datetime
from functools import partial
from typing import Annotated, Literal

from ninja import Query, Router, Schema, Status
from pydantic import Field

from nachim.app import policy
from nachim.app.actions import goals as actions
from nachim.app.actions import okr
from nachim.app.models import Goal, KeyResult, Kpi
from nachim.web.api.door import operation
from nachim.web.api.fields import Day, Given, Line, Name, Number, Short, Slug, Text, Title
from nachim.web.api.found import Behind, Email, email_of, named, person, teams, thing
from nachim.web.api.paging import Page, PagingQuery, page

router = Router(tags=["goals"])
op = partial(operation, router)
GOALS = Behind(Goal.objects.select_related("owner", "parent").prefetch_related("teams"))
RESULTS = Behind(KeyResult.objects.select_related("goal", "kpi", "owner"))
Framework = Literal["kpi", "okr"]
Confidence = Annotated[int, Field(ge=0, le=10)]
Percent = Annotated[int, Field(ge=0, le=100)]


class GoalOut(Schema):
    name: str
    title: str
    why: str
    framework: Framework
    sentence: str
    parent: str | None
    teams: list[str]
    owner: str | None
    start: date
    due: date
    archived_at: datetime | None

    @staticmethod
    def resolve_parent(goal):
        return goal.parent and goal.parent.name

    @staticmethod
    def resolve_teams(goal):
        return [team.name for team in goal.teams.all()]

    @staticmethod
    def resolve_owner(goal):
        return email_of(goal.owner)


class GoalChange(Given):
    title: Title | None = None
    why: Text = ""
    framework: Framework = "kpi"
    sentence: Line = ""
    parent: Name | None = None
    teams: list[Name] = []
    owner: Email | None = None
    start: Day | None = None
    due: Day | None = None


class GoalIn(GoalChange):
    name: Slug = ""
    title: Title
    start: Day
    due: Day


class GoalFilter(Schema):
    owner: str = ""
    team: str = ""
    archived: bool = False


@op("get", "/goals", "company.view", response=Page[GoalOut])
def list_goals(request, paging: PagingQuery, only: Annotated[GoalFilter, Query()]):
    found = GOALS.of(request).filter(archived_at__isnull=not only.archived)
    found = found.filter(owner__email=only.owner.lower()) if only.owner else found
    return page(found.filter(teams__name=only.team) if only.team else found, paging)


@op("post", "/goals", "goal.edit", response={201: GoalOut})
def make_goal(request, given: GoalIn):
    return Status(201, actions.save_goal(request.user, **_goal(request, given)))


@op("get", "/goals/{name}", "company.view", response=GoalOut)
def get_goal(request, name: Name):
    return thing(request, GOALS, name=name)


@op("patch", "/goals/{name}", "goal.edit", response=GoalOut)
def change_goal(request, name: Name, given: GoalChange):
    saved = actions.save_goal(request.user, thing(request, GOALS, name=name), **_goal(request, given))
    return GOALS.of(request).get(pk=saved.pk)


@op("post", "/goals/{name}/archive", "goal.edit", response=GoalOut)
def archive_goal(request, name: Name):
    """Put it away with its KPIs; nothing is deleted."""
    goal = thing(request, GOALS, name=name, archived_at=None)
    actions.archive_goal(request.user, goal)
    return goal


@op("post", "/goals/{name}/restore", "goal.edit", response=GoalOut)
def restore_goal(request, name: Name):
    goal = thing(request, GOALS, name=name, archived_at__isnull=False)
    actions.restore_goal(request.user, goal)
    return goal


def goal_of(request, name: str) -> Goal:
    """The goal a body names, to which this may be done."""
    found = named(request, Goal, name, "goal")
    policy.require(request.user, request.permission, found)
    return found


def _goal(request, given: GoalChange) -> dict:
    fields = {name: value for name, value in given.named.items() if value is not None or name in ("parent", "owner")}
    for name, found in (
        ("parent", lambda value: named(request, Goal, value, "parent")),
        ("owner", lambda value: person(value, "owner")),
        ("teams", lambda value: teams(request, value)),
    ):
        if name in fields:
            fields[name] = found(fields[name])
    return fields


class KeyResultOut(Schema):
    name: str
    goal: str
    label: str
    kpi: str | None
    owner: str | None
    weight: int
    archived_at: datetime | None

    @staticmethod
    def resolve_goal(one):
        return one.goal.name

    @staticmethod
    def resolve_kpi(one):
        return one.kpi and one.kpi.name

    @staticmethod
    def resolve_owner(one):
        return email_of(one.owner)


class KeyResultChange(Given):
    label: Annotated[Title | Literal[""], Field()] = ""
    kpi: Name | None = None
    owner: Email | None = None
    weight: Percent = 0


class KeyResultIn(KeyResultChange):
    name: Slug = ""
    goal: Name


@op("get", "/key-results", "company.view", response=Page[KeyResultOut])
def list_key_results(request, paging: PagingQuery, goal: Short = ""):
    found = RESULTS.of(request).filter(archived_at=None)
    return page(found.filter(goal__name=goal) if goal else found, paging)


@op("post", "/key-results", "goal.edit", response={201: KeyResultOut})
def make_key_result(request, given: KeyResultIn):
    fields = _result(request, given) | {"goal": goal_of(request, given.goal)}
    return Status(201, okr.save_key_result(request.user, **fields))


@op("get", "/key-results/{name}", "company.view", response=KeyResultOut)
def get_key_result(request, name: Name):
    return thing(request, RESULTS, name=name)


@op("patch", "/key-results/{name}", "goal.edit", response=KeyResultOut)
def change_key_result(request, name: Name, given: KeyResultChange):
    return okr.save_key_result(request.user, thing(request, RESULTS, name=name), **_result(request, given))


@op("delete", "/key-results/{name}", "goal.edit", response={204: None})
def archive_key_result(request, name: Name):
    okr.archive_key_result(request.user, thing(request, RESULTS, name=name))
    return Status(204, None)


def _result(request, given: KeyResultChange) -> dict:
    fields = given.named
    if "kpi" in fields:
        fields["kpi"] = named(request, Kpi, fields["kpi"], "kpi")
    if "owner" in fields:
        fields["owner"] = person(fields["owner"], "owner")
    return fields


class CheckInOut(Schema):
    day: date
    confidence: int
    progress: float | None
    note: str
    author: str | None

    @staticmethod
    def resolve_author(one):
        return email_of(one.author)


class CheckInIn(Given):
    confidence: Confidence
    progress: Annotated[Number, Field(ge=0, le=1)] | None = None
    note: Annotated[Text, Field(max_length=500)] = ""


@op("get", "/key-results/{name}/check-ins", "company.view", response=Page[CheckInOut])
def list_check_ins(request, name: Name, paging: PagingQuery):
    said = policy.visible(request.user, thing(request, RESULTS, name=name).check_ins.select_related("author"))
    return page(said, paging, newest=True)


@op("post", "/key-results/{name}/check-ins", "checkin.add", response={201: CheckInOut})
def check_in(request, name: Name, given: CheckInIn):
    """Say how sure one is, 0 to 10, and of a milestone how much is done."""
    one = thing(request, RESULTS, name=name)
    return Status(201, okr.check_in(request.user, one, **given.model_dump()))
