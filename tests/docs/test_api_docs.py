"""docs/api.md names every operation and no other, and what it says of scopes, limits and headers is so."""

import re
from pathlib import Path

from nachim.app import policy
from nachim.app.actions import ingest
from nachim.web.api.paging import MOST
from nachim.web.api.urls import api

TEXT = (Path(__file__).parents[2] / "docs" / "api.md").read_text("utf-8")


def test_every_operation_is_named_and_no_other():
    said = re.findall(r"^\| `([A-Z]+ /api/[^`]*)` \|", TEXT, re.MULTILINE)
    there = [
        f"{method.upper()} {path}" for path, methods in api.get_openapi_schema()["paths"].items() for method in methods
    ]
    assert sorted(said) == sorted(there)


def test_scopes_and_limits_are_those_of_the_code():
    assert all(f"| `{scope}` |" in TEXT for scope in policy.SCOPES)
    assert f"at most {MOST}" in TEXT and f"{ingest.MOST_EVENTS:,} events" in TEXT
