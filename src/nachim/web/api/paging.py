"""Pages of a list: so many items, and a cursor to what follows. What is added meanwhile moves nothing."""

import base64
import binascii
from collections.abc import Callable, Sequence
from typing import Annotated, Any, Generic, TypeVar

from django.db.models import QuerySet
from ninja import Query, Schema
from pydantic import Field

from nachim.web.api.problem import Refusal

T = TypeVar("T")
MOST = 200


class Paging(Schema):
    limit: Annotated[int, Field(ge=1, le=MOST, description="How many items at most")] = 50
    cursor: Annotated[str, Field(max_length=100, description="`next` of the page before")] = ""


class Page(Schema, Generic[T]):
    """`next` is null on the last page."""

    items: list[T]
    next: str | None = None


def page(found: QuerySet, paging: Paging, shown: Callable[[Any], Any] = lambda one: one, *, newest=False) -> dict:
    """A page of a queryset by id, oldest first or newest first."""
    after = _read(paging.cursor)
    if after is not None:
        found = found.filter(pk__lt=after) if newest else found.filter(pk__gt=after)
    some = list(found.order_by("-pk" if newest else "pk")[: paging.limit + 1])
    more = len(some) > paging.limit
    some = some[: paging.limit]
    return {"items": [shown(one) for one in some], "next": _write(some[-1].pk) if more else None}


def page_of(found: Sequence, paging: Paging) -> dict:
    """A page of a list that was computed as a whole."""
    begin = _read(paging.cursor) or 0
    end = begin + paging.limit
    return {"items": list(found[begin:end]), "next": _write(end) if end < len(found) else None}


def _write(at: int) -> str:
    return base64.urlsafe_b64encode(f"after:{at}".encode()).decode().rstrip("=")


def _read(cursor: str) -> int | None:
    if not cursor:
        return None
    try:
        word, _colon, at = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode("ascii").partition(":")
        if word == "after" and at.isdecimal() and len(at) < 16:
            return int(at)
    except (binascii.Error, ValueError):
        pass
    raise Refusal(422, code="cursor", errors=[{"where": "cursor", "message": cursor, "expected": "`next`"}])


PagingQuery = Annotated[Paging, Query()]
