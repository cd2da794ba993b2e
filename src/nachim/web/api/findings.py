"""Findings, what is done about them, and the calendar of what happened."""

from datetime import date, datetime
from functools import partial
from typing import Annotated, Literal

from ninja import Query, Router, Schema, Status

from nachim.app.actions import findings as actions
from nachim.app.models import Action, Event, Finding
from nachim.app.policy import visible
from nachim.app.queries.findings import page as finding_page
from nachim.web.api.door import operation
from nachim.web.api.fields import Day, Given, Id, Line, Short, Slug, Title
from nachim.web.api.found import Behind, Email, email_of, person, thing
from nachim.web.api.paging import Page, PagingQuery, page
from nachim.web.api.scorecard import finite

router = Router(tags=["findings"])
op = partial(operation, router)
FINDINGS = Behind(Finding.objects.select_related("metric", "decided_by"))
ACTIONS = Behind(Action.objects.select_related("owner"))
Judged = Literal["acknowledged", "explained", "fault"]


class BarOut(Schema):
    ko: str
    en: str
    amount: float


class FindingOut(Schema):
    """`usual` → `seen`: the level before and in it. `waterfall` adds up to the change."""

    id: int
    metric: str
    slice: dict[str, str | None]
    kind: Literal["spike", "shift", "trend", "fault"]
    since: date
    noticed: date
    last: date
    up: bool
    worse: bool
    usual: float | None
    seen: float | None
    one_in: float | None
    paragraph: dict[str, str]
    waterfall: list[BarOut]
    state: Literal["open", "acknowledged", "explained", "fault", "action"]
    note: str
    decided_by: str | None
    decided_at: datetime | None

    @staticmethod
    def resolve_metric(one):
        return one.metric.name

    @staticmethod
    def resolve_waterfall(one):
        return [dict(zip(("ko", "en", "amount"), bar, strict=True)) for bar in one.waterfall]

    @staticmethod
    def resolve_decided_by(one):
        return email_of(one.decided_by)

    @staticmethod
    def resolve_usual(one):
        return finite(one.usual)

    @staticmethod
    def resolve_seen(one):
        return finite(one.seen)

    @staticmethod
    def resolve_one_in(one):
        return finite(one.one_in)


class Cause(Schema):
    cause: str
    check: str


class Play(Schema):
    name: str
    title: str
    how: str


class FindingPage(FindingOut):
    """With what may lie behind it, how to check, and what the playbook says to do."""

    causes: list[Cause]
    plays: list[Play]


class FindingFilter(Schema):
    state: Literal["open", "acknowledged", "explained", "fault", "action"] | None = None
    metric: Short = ""


@op("get", "/findings", "company.view", response=Page[FindingOut])
def list_findings(request, paging: PagingQuery, only: Annotated[FindingFilter, Query()]):
    found = FINDINGS.of(request)
    found = found.filter(state=only.state) if only.state else found
    return page(found.filter(metric__name=only.metric) if only.metric else found, paging, newest=True)


@op("get", "/findings/{id}", "company.view", response=FindingPage)
def get_finding(request, id: Id):
    finding = thing(request, FINDINGS, pk=id)
    shown = finding_page(finding, request.user)
    finding.causes = [{"cause": cause, "check": check} for cause, check in shown.causes]
    finding.plays = [{"name": play.name, "title": title, "how": how} for play, title, how, *_words in shown.plays]
    return finding


class JudgeIn(Given):
    state: Judged
    note: Line = ""


@op("post", "/findings/{id}/judge", "finding.edit", response=FindingOut)
def judge_finding(request, id: Id, given: JudgeIn):
    """Seen, explained (with why), or a fault of the data."""
    return actions.judge(request.user, thing(request, FINDINGS, pk=id), given.state, given.note)


class ActionOut(Schema):
    id: int
    finding: int | None
    title: str
    play: str
    owner: str | None
    due: date
    done_at: datetime | None

    @staticmethod
    def resolve_finding(one):
        return one.finding_id

    @staticmethod
    def resolve_owner(one):
        return email_of(one.owner)


class ActionIn(Given):
    title: Title
    owner: Email | None = None
    due: Day
    play: Slug = ""


@op("post", "/findings/{id}/actions", "action.edit", response={201: ActionOut})
def act_on_finding(request, id: Id, given: ActionIn):
    """Turn a finding into an action with an owner (who asks, if none is named) and a day."""
    owner = person(given.owner, "owner") if "owner" in given.model_fields_set else request.user
    fields = given.model_dump() | {"owner": owner}
    return Status(201, actions.act(request.user, thing(request, FINDINGS, pk=id), **fields))


@op("get", "/actions", "company.view", response=Page[ActionOut])
def list_actions(request, paging: PagingQuery, done: bool = False):
    return page(ACTIONS.of(request).filter(done_at__isnull=not done), paging)


@op("post", "/actions/{id}/done", "action.edit", response=ActionOut)
def finish_action(request, id: Id):
    return actions.finish(request.user, thing(request, ACTIONS, pk=id))


Kind = Literal["holiday", "release", "campaign", "price", "action"]


class HappeningOut(Schema):
    id: int
    name: str
    kind: Kind
    first: date
    last: date


class HappeningIn(Given):
    name: Annotated[Short, "name"]
    kind: Kind
    first: Day
    last: Day | None = None


@op("get", "/calendar", "company.view", response=Page[HappeningOut])
def list_calendar(request, paging: PagingQuery):
    """What happened when: findings name it beside changes of the same days."""
    return page(visible(request.user, Event.objects.all()), paging, newest=True)


@op("post", "/calendar", "event.edit", response={201: HappeningOut})
def write_into_calendar(request, given: HappeningIn):
    return Status(201, actions.write_event(request.user, **given.model_dump()))
