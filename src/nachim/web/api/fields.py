"""Kinds of values in requests: what every store can hold, and no more."""

import json
import math
from datetime import date
from typing import Annotated, Any

from ninja import Schema
from ninja.parser import Parser
from pydantic import AfterValidator, BeforeValidator, ConfigDict, Field, StringConstraints

from nachim.web.api.problem import Refusal

MOST, DEEPEST = 2**53, 20


def _holdable(text: str) -> str:
    """No store keeps NUL, and half a character is none."""
    if "\0" in text or any("\ud800" <= letter <= "\udfff" for letter in text):
        raise ValueError("a text without NUL and half characters")
    return text


def _no_float_day(value: Any) -> Any:
    """A day is written; seconds since 1970 are none."""
    if isinstance(value, int | float):
        raise ValueError("a day, as 2026-11-24")
    return value


Id = Annotated[int, Field(ge=1, le=MOST)]
Name = Annotated[str, StringConstraints(min_length=1, max_length=100), AfterValidator(_holdable)]
Slug = Annotated[str, StringConstraints(max_length=100, pattern=r"^[-\w]*$")]
Short = Annotated[str, StringConstraints(max_length=100), AfterValidator(_holdable)]
Line = Annotated[str, StringConstraints(max_length=300), AfterValidator(_holdable)]
Text = Annotated[str, StringConstraints(max_length=5000), AfterValidator(_holdable)]
Title = Annotated[str, StringConstraints(min_length=1, max_length=200), AfterValidator(_holdable)]
Number = Annotated[float, Field(ge=-1e15, le=1e15)]
Day = Annotated[date, BeforeValidator(_no_float_day), Field(ge=date(1970, 1, 1), le=date(2199, 12, 31))]


class Given(Schema):
    """What comes in: a name that is not known is a mistake, not a silence."""

    model_config = ConfigDict(extra="forbid")

    @property
    def named(self) -> dict:
        """The fields that the request names, as they are."""
        return {name: getattr(self, name) for name in type(self).model_fields if name in self.model_fields_set}


class Body(Parser):
    """JSON as RFC 8259 has it: UTF-8, no NaN, numbers that survive, texts that can be kept."""

    def parse_body(self, request) -> Any:
        return read_json(request.body)


def read_json(body: bytes) -> Any:
    """Raises Refusal(400) with what is wrong."""
    try:
        text = body.decode("utf-8")
        found = json.loads(text, parse_constant=_no_constant, parse_int=_whole, parse_float=_real)
    except (ValueError, RecursionError) as error:
        raise Refusal(400, f"JSON: {error}", code="json") from None
    _check(found, 0, "\\u" in text or "\0" in text)
    return found


def _no_constant(name: str) -> float:
    raise ValueError(f"{name} is not a number of JSON")


def _whole(digits: str) -> int:
    if len(digits) > 17 or abs(int(digits)) > MOST:
        raise ValueError(f"{digits[:20]} is too large: whole numbers go to 2^53")
    return int(digits)


def _real(digits: str) -> float:
    value = float(digits)
    if not math.isfinite(value):
        raise ValueError(f"{digits[:20]} is too large")
    return value


def _check(value: Any, depth: int, texts: bool) -> None:
    if depth > DEEPEST:
        raise Refusal(400, f"JSON: deeper than {DEEPEST} levels", code="json")
    if isinstance(value, dict):
        for name, one in value.items():
            if texts:
                _check(name, depth, texts)
            _check(one, depth + 1, texts)
    elif isinstance(value, list):
        for one in value:
            _check(one, depth + 1, texts)
    elif texts and isinstance(value, str):
        try:
            _holdable(value)
        except ValueError as error:
            raise Refusal(400, f"JSON: {error}", code="json") from None
