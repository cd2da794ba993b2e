"""Whatever is sent to the API: no fault of ours (5xx), and every answer as the document says.

A short run; NACHIM_FUZZ=500 sends so many to each operation, and NACHIM_EXPLORE=1 others every time.
"""

import os
import time
from collections import Counter

import pytest
import schemathesis
from django.core.wsgi import get_wsgi_application
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from nachim.app.actions import tokens
from tests.web.test_access import house  # noqa: F401
from tests.web.test_access_api import OPERATIONS, address

pytestmark = pytest.mark.django_db
EXAMPLES = int(os.environ.get("NACHIM_FUZZ", "3"))
CHECKS = [
    not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance,
    response_headers_conformance, negative_data_rejection,
]  # fmt: skip
# Where what is sent is judged by more than the document can say.
FREE = {"POST /events/{table}"}


def sender(operation, label, known, secret, answered):
    """A test of one operation; half of its requests name what is there. Its answers are counted by their status."""

    @settings(max_examples=EXAMPLES, suppress_health_check=list(HealthCheck), report_multiple_bugs=False)
    @given(case=operation.as_strategy())
    def sent(case):
        if known and sum(map(ord, repr(case.body)[:50])) % 2:
            case.path_parameters = {**case.path_parameters, **known}
        checks = [check for check in CHECKS if label not in FREE or check is not negative_data_rejection]
        with transaction.atomic():
            # The transport of the tests asks for gzip and does not unpack it.
            answer = case.call(headers={"Authorization": f"Bearer {secret}", "Accept-Encoding": "identity"})
            answered[answer.status_code] += 1
            case.validate_response(answer, checks=checks, headers={"Authorization": f"Bearer {secret}"})
            transaction.set_rollback(True)

    return sent


# A download is streamed, and the transport of the tests does not close it.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_whatever_is_sent_the_answer_is_as_documented(house):  # noqa: F811
    """As the owner, who gets furthest."""
    schema = schemathesis.openapi.from_wsgi("/api/openapi.json", get_wsgi_application())
    token = tokens.make_token(house.company.alice, name="fuzz", scopes=["read", "write", "ingest"], days=1)[1]
    failed, seen, answered, began = {}, 0, Counter(), time.monotonic()
    for found in schema.get_all_operations():
        operation = found.ok()
        label = operation.label.replace(" /api", " ")
        there = address(label, house, "own")[1].removeprefix("/api").split("?")[0].split("/")
        parts = label.split(" ")[1].split("/")
        known = {part.strip("{}"): name for part, name in zip(parts, there, strict=True) if part.startswith("{")}
        seen += 1
        try:
            sender(operation, label, known, token, answered)()
        except (Exception, BaseExceptionGroup) as error:
            failed[label] = f"{type(error).__name__}: {error}"[:1500]
    print(f"{answered.total():,} requests to {seen} operations in {(time.monotonic() - began) / 60:.1f} minutes; "
          f"answers: {dict(sorted(answered.items()))}")  # fmt: skip
    assert seen == len(OPERATIONS)
    assert failed == {}, "\n\n".join(f"{label}\n{why}" for label, why in failed.items())
