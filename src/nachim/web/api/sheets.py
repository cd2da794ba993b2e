"""Sheets of agreed goals: one's own, and those one leads."""

from datetime import date, datetime
from functools import partial
from types import SimpleNamespace
from typing import Annotated, Literal

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from ninja import Router, Schema, Status
from pydantic import Field

from nachim.app.actions import mbo as actions
from nachim.app.models import Sheet
from nachim.app.queries.sheets import sheet_page
from nachim.web.api.door import operation
from nachim.web.api.fields import Day, Given, Line, Name, Short, Slug, Title
from nachim.web.api.found import Behind, Email, email_of, person, thing
from nachim.web.api.paging import Page, PagingQuery, page

router = Router(tags=["sheets"])
op = partial(operation, router)
SHEETS = Behind(Sheet.objects.filter(archived_at=None).select_related("person", "lead"))


class SheetOut(Schema):
    name: str
    person: str
    lead: str
    start: date
    due: date

    @staticmethod
    def resolve_person(sheet):
        return sheet.person.email

    @staticmethod
    def resolve_lead(sheet):
        return sheet.lead.email


class ItemOut(Schema):
    kpi: str
    label: str
    aim: str
    weight: float


class VersionOut(Schema):
    version: int
    state: Literal["proposed", "agreed", "declined"]
    items: list[ItemOut]
    reason: str
    author: str | None
    created_at: datetime
    answer: str
    decided_at: datetime | None

    @staticmethod
    def resolve_author(version):
        return email_of(version.author)


class SheetPageOut(SheetOut):
    """`score`: of what is agreed, where every line has one."""

    versions: list[VersionOut]
    score: float | None


class SheetIn(Given):
    name: Slug = ""
    person: Email
    lead: Email
    start: Day
    due: Day


class ItemIn(Given):
    kpi: Short = ""
    label: Title | Literal[""] = ""
    aim: Line = ""
    weight: Annotated[float, Field(ge=0, le=100)]


class ProposalIn(Given):
    items: Annotated[list[ItemIn], Field(max_length=50)]
    reason: Line = ""


class DecisionIn(Given):
    agree: bool
    answer: Line = ""


@op("get", "/sheets", "sheet.view", response=Page[SheetOut])
def list_sheets(request, paging: PagingQuery):
    return page(SHEETS.of(request), paging)


@op("post", "/sheets", "sheet.edit", response={201: SheetOut})
def open_sheet(request, given: SheetIn):
    fields = given.model_dump() | {name: person(getattr(given, name), name) for name in ("person", "lead")}
    return Status(201, actions.open_sheet(request.user, **fields))


@op("get", "/sheets/{name}", "sheet.view", response=SheetPageOut)
def get_sheet(request, name: Name):
    return _page(request, thing(request, SHEETS, name=name))


@op("post", "/sheets/{name}/proposals", "sheet.edit", response={201: VersionOut})
def propose_sheet(request, name: Name, given: ProposalIn):
    """What the sheet should say; it holds once the lead agrees."""
    sheet = thing(request, SHEETS, name=name)
    return Status(201, actions.propose(request.user, sheet, [one.model_dump() for one in given.items],
                                       reason=given.reason))  # fmt: skip


@op("post", "/sheets/{name}/decision", "sheet.approve", response=SheetPageOut)
def decide_sheet(request, name: Name, given: DecisionIn):
    """The lead agrees to what waits, or declines it and says why."""
    sheet = thing(request, SHEETS, name=name)
    version = sheet_page(sheet, user=request.user).waiting
    if version is None:
        raise ValidationError(_("Nothing waits for a decision here."))
    actions.decide(request.user, version, agree=given.agree, answer=given.answer)
    return _page(request, sheet)


def _page(request, sheet: Sheet) -> SimpleNamespace:
    shown = sheet_page(sheet, user=request.user)
    rolled = shown.rolled.score if shown.rolled else None
    return SimpleNamespace(
        name=sheet.name, person=sheet.person, lead=sheet.lead, start=sheet.start, due=sheet.due,
        versions=shown.versions, score=None if rolled is None else float(rolled),
    )  # fmt: skip
