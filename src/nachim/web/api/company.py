"""The company's settings, its definitions as a file, what drives what, the audit trail, and tokens."""

from datetime import datetime
from functools import partial
from typing import Annotated, Any, Literal

from django.http import HttpResponse
from ninja import Query, Router, Schema, Status
from pydantic import Field

from nachim.app import policy
from nachim.app.actions import drivers, tokens, workspace
from nachim.app.definition.apply import apply
from nachim.app.definition.export import current, to_yaml
from nachim.app.definition.form import read
from nachim.app.models import ApiToken, AuditEntry, DriverEdge, Metric, Workspace
from nachim.app.work import later
from nachim.web.api.door import operation
from nachim.web.api.fields import Given, Id, Line, Name, Short
from nachim.web.api.found import Behind, named, thing
from nachim.web.api.kpis import REFRESH
from nachim.web.api.paging import Page, PagingQuery, page

router = Router(tags=["company"])
op = partial(operation, router)
DRIVERS = Behind(DriverEdge.objects.select_related("whole", "part"))
MOST_DEFINITION = 2_000_000
YAML = {"200": {"description": "The definitions", "content": {"application/yaml": {"schema": {}}}}}


class CompanyOut(Schema):
    name: str
    tz: str
    week_start: int
    fiscal_year_start: int
    day_start: str
    locale: str

    @staticmethod
    def resolve_day_start(company):
        return str(company.day_start)[:5]


class CompanyChange(Given):
    name: Annotated[Short, Field(min_length=1)] = ""
    tz: Annotated[str, Field(max_length=64, pattern=r"^[A-Za-z][\w+\-/]*$")] = ""
    week_start: Annotated[int, Field(ge=0, le=6)] = 0
    fiscal_year_start: Annotated[int, Field(ge=1, le=12)] = 1
    day_start: Annotated[str, Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")] = ""
    locale: Literal["ko", "en"] = "ko"


@op("get", "/company", "company.view", response=CompanyOut)
def get_company(request):
    return Workspace.current()


@op("patch", "/company", "workspace.edit", response=CompanyOut)
def change_company(request, given: CompanyChange):
    """A changed calendar makes every number be computed again."""
    saved = workspace.edit(request.user, **given.named)
    later(REFRESH)
    return Workspace.objects.get(pk=saved.pk)


@op("get", "/definition", "definition.apply", response=None, answer=YAML)
def export_definition(request):
    """Everything defined here, as `nachim export` writes it."""
    return HttpResponse(to_yaml(current()), content_type="application/yaml; charset=utf-8")


class DefinitionIn(Given):
    yaml: Annotated[str, Field(max_length=MOST_DEFINITION)]


class StepOut(Schema):
    verb: Literal["create", "change", "keep"]
    kind: str
    name: str
    fields: dict[str, list[Any]]


class AppliedOut(Schema):
    """`invitations`: the token of each new person's link, behind /invite/."""

    steps: list[StepOut]
    invitations: dict[str, str]
    unchecked: list[str]


@op("post", "/definition", "definition.apply", response=AppliedOut)
def apply_definition(request, given: DefinitionIn, dry_run: bool = False):
    """Apply a definition file: all of it or nothing. `dry_run` only says what would change."""
    done = apply(request.user, read(given.yaml, "definition"), dry_run=dry_run)
    locale = "en" if request.LANGUAGE_CODE == "en" else "ko"
    if not dry_run:
        later(REFRESH)
    steps = [
        {"verb": step.verb, "kind": step.kind, "name": step.name,
         "fields": {name: list(pair) for name, pair in step.fields.items()}}
        for step in done.steps
    ]  # fmt: skip
    return {
        "steps": steps, "invitations": {} if dry_run else done.invitations,
        "unchecked": [issue.text(locale) for issue in done.unchecked],
    }  # fmt: skip


class DriverOut(Schema):
    id: int
    part: str
    whole: str
    kind: Literal["identity", "contributes", "claimed"]
    how: str
    against: bool
    direction: Literal["up", "down"]
    lag_days: int
    note: str

    @staticmethod
    def resolve_part(edge):
        return edge.part.name

    @staticmethod
    def resolve_whole(edge):
        return edge.whole.name


class DriverIn(Given):
    part: Name
    whole: Name
    kind: Literal["identity", "contributes", "claimed"] = "contributes"
    how: Literal["", "product", "sum"] = ""
    against: bool = False
    direction: Literal["up", "down"] = "up"
    lag_days: Annotated[int, Field(ge=0, le=3660)] = 0
    note: Line = ""


@op("get", "/drivers", "company.view", response=Page[DriverOut])
def list_drivers(request, paging: PagingQuery):
    """Which metric makes, contributes to or is claimed to move another."""
    return page(DRIVERS.of(request), paging)


@op("post", "/drivers", "driver.edit", response={201: DriverOut})
def save_driver(request, given: DriverIn):
    """The same two again change the edge there is."""
    fields = given.model_dump()
    whole, part = (named(request, Metric, fields.pop(name), name) for name in ("whole", "part"))
    return Status(201, drivers.save_edge(request.user, whole, part, **fields))


@op("delete", "/drivers/{id}", "driver.edit", response={204: None})
def remove_driver(request, id: Id):
    drivers.remove_edge(request.user, thing(request, DRIVERS, pk=id))
    return Status(204, None)


class EntryOut(Schema):
    id: int
    at: datetime
    actor: str
    action: str
    object_kind: str
    object_name: str
    before: dict[str, Any] | None
    after: dict[str, Any] | None
    request_id: str

    @staticmethod
    def resolve_actor(entry):
        return entry.actor_name


class EntryFilter(Schema):
    kind: Short = ""
    person: Short = ""


@op("get", "/audit", "audit.view", response=Page[EntryOut])
def list_audit(request, paging: PagingQuery, only: Annotated[EntryFilter, Query()]):
    """Newest first. A `request_id` that begins with a token's prefix was that token's doing."""
    found = policy.visible(request.user, AuditEntry.objects.all())
    found = found.filter(object_kind=only.kind) if only.kind else found
    return page(found.filter(actor_name=only.person) if only.person else found, paging, newest=True)


class TokenOut(Schema):
    prefix: str
    name: str
    user: str
    scopes: list[str]
    expires_at: datetime
    last_used_at: datetime | None

    @staticmethod
    def resolve_user(token):
        return token.user.email


TOKENS = Behind(ApiToken.objects.filter(revoked_at=None).select_related("user"))


@op("get", "/tokens", "token.edit", response=Page[TokenOut])
def list_tokens(request, paging: PagingQuery):
    """One's own; for owners everybody's. A token cannot ask this: sign in."""
    return page(TOKENS.of(request), paging)


@op("delete", "/tokens/{prefix}", "token.edit", response={204: None})
def revoke_token(request, prefix: Name):
    tokens.revoke_token(request.user, thing(request, TOKENS, prefix=prefix))
    return Status(204, None)
