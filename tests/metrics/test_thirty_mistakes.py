"""A file with thirty mistakes and more: each gets its own sentence, with its line and the nearest name.

fixtures/thirty_mistakes.txt has the sentences, Korean and English, in the order of the lines.
"""

from pathlib import Path

import pyarrow as pa
import pytest

from nachim.metrics.across import Across
from nachim.metrics.check import check
from nachim.metrics.messages import MetricError
from nachim.metrics.spec import Model
from tests.metrics.company import Tables, at

FILE = Path(__file__).parent / "fixtures" / "thirty_mistakes.yaml"
TIME = pa.array([at("2026-01-01")], pa.timestamp("us", "UTC"))
ID = pa.array([1], pa.int64())
ENGINE = Across(
    Tables(
        orders=pa.table({"id": ID, "at": TIME, "who": ["a"], "channel": ["x"], "amount": [1.0]}),
        lines=pa.table({"order_id": ID, "at": TIME, "n": ID}),
        visits=pa.table({"id": ID, "at": TIME, "who": ["a"], "channel": ["x"]}),
        tickets=pa.table({"id": ID, "at": TIME, "code": ID}),
        plans=pa.table({"id": ID, "name": ["x"], "who": ["a"]}),
    ),
    {"warehouse": lambda: Tables(carts=pa.table({"id": ID, "at": TIME, "who": ["a"]}))},
)
FORM, MEANING = FILE.read_text(encoding="utf-8").split("# ----")
# The second half keeps its lines.
HALVES = [FORM, "\n" * FORM.count("\n") + "#" + MEANING]
SAID = [line for line in FILE.with_suffix(".txt").read_text(encoding="utf-8").splitlines() if not line.startswith("#")]


def issues(text):
    try:
        found = check(Model.load(text, file="m.yaml"), ENGINE)
    except MetricError as error:
        found = error.issues
    return sorted(found, key=lambda one: one.line)


def test_each_of_thirty_mistakes_gets_its_own_sentence_and_line():
    found = [issue for half in HALVES for issue in issues(half)]
    assert [line for issue in found for line in (issue.text("ko"), issue.text("en"))] == SAID
    assert len(found) >= 30
    assert len({issue.text("en") for issue in found}) == len(found)


@pytest.mark.parametrize("half", HALVES)
def test_every_line_with_a_mistake_is_named_and_no_other(half):
    lines = half.splitlines()
    wrong = {at_ for at_, line in enumerate(lines, 1) if "{" in line and not line.endswith("# right")}
    assert {issue.line for issue in issues(half)} == wrong
