"""Events into tables: taken at once, merged by a job, each key once."""

from functools import partial
from typing import Annotated

from django.conf import settings
from django.db import OperationalError
from django.utils.translation import gettext as _
from ninja import Router, Schema, Status
from pydantic import Field

from nachim.app.actions import ingest
from nachim.app.models import ImportRun
from nachim.app.policy import visible
from nachim.web.api.data import TABLES
from nachim.web.api.door import operation
from nachim.web.api.fields import Name, read_json
from nachim.web.api.found import thing
from nachim.web.api.problem import Refusal

router = Router(tags=["events"])
op = partial(operation, router)
TOLD = 20
EVENT = {"type": "object", "additionalProperties": {"type": ["string", "number", "boolean", "null"]}}
BODY = {
    "required": True,
    "content": {
        "application/json": {"schema": {"type": "array", "items": EVENT, "maxItems": ingest.MOST_EVENTS}},
        "application/x-ndjson": {"schema": {"type": "string"}, "example": '{"id": 1}\n{"id": 2}\n'},
    },
}


class RefusedOut(Schema):
    """`at`: its place in the request, from 0. `column`: the one at fault, empty for the whole event."""

    at: int
    column: str
    message: str


class AcceptedOut(Schema):
    """`refused` went to the table's quarantine; of them `errors` tells the first. `waiting`: not in the table yet."""

    accepted: int
    refused: int
    errors: list[RefusedOut]
    waiting: int


@op("post", "/events/{table}", "data.ingest", response={202: AcceptedOut}, request_body=BODY)
def send_events(request, table: Name):
    """Send events, as a JSON array or as JSON lines (`application/x-ndjson`), 10,000 and 5 MB at most.

    202 says they are safe. An event with a key that was sent before counts once, with what was sent last.
    """
    found = thing(request, TABLES, name=table)
    events = _lines(request.body) if "ndjson" in request.content_type else _array(request.body)
    try:
        done = ingest.accept(request.user, found, events, request.token)
    except ingest.Full as error:
        raise _not_now(_("%(most)d events wait for their tables already.") % {"most": settings.EVENTS_MAX_WAITING},
                       error.seconds) from None  # fmt: skip
    except OperationalError:
        # The disk is full, or the database is held: nothing was promised, so nothing is lost.
        raise _not_now(_("The events could not be kept."), ingest.Full.seconds) from None
    errors = [{"at": at, "column": column, "message": why} for at, column, why in done.refused[:TOLD]]
    return Status(202, {
        "accepted": done.accepted, "refused": len(done.refused), "errors": errors, "waiting": done.waiting
    })  # fmt: skip


class SpoolOut(Schema):
    """`waiting`: accepted, not in the table yet. `today`: what the merges of today did."""

    waiting: int
    today: Annotated[dict[str, int], Field(description="read, inserted, updated, unchanged, quarantined")]


@op("get", "/events/{table}", "data.view", response=SpoolOut)
def get_events(request, table: Name):
    found = thing(request, TABLES, name=table)
    run = visible(
        request.user, ImportRun.objects.filter(table_name=found.name, filename__startswith="events ", path="")
    )
    last = run.order_by("-pk").first()
    names = ("read", "inserted", "updated", "unchanged", "quarantined")
    return {"waiting": ingest.waiting_for(found), "today": {name: getattr(last, name, 0) for name in names}}


def _array(body: bytes) -> list:
    found = read_json(body)
    if not isinstance(found, list):
        raise Refusal(400, _("An array of events, or JSON lines with the type application/x-ndjson."), code="json")
    return found


def _lines(body: bytes) -> list:
    """A line that cannot be read is refused alone, as its text."""
    events: list = []
    for line in body.split(b"\n"):
        if line.strip():
            try:
                events.append(read_json(line))
            except Refusal:
                events.append(line.decode("utf-8", "replace").replace("\0", ""))
    return events


def _not_now(why: str, seconds: int) -> Refusal:
    return Refusal(503, why, code="full", headers={"Retry-After": str(seconds)})
