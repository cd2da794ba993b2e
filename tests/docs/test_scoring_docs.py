"""Each example in docs/scoring*.md is a line of the case file, with the answer it has there."""

import re
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[2]
EXAMPLE = re.compile(r"^- .*?`([^`]+)` → (.+)$", re.MULTILINE)
ANSWERS = ("score", "status", "shows", "grade", "grades", "change", "expects", "gives", "total")


def cases() -> dict[str, set[str]]:
    """What each line answers, by what it says; two groups may say the same."""
    found: dict[str, set[str]] = {}
    for group in yaml.safe_load((ROOT / "tests/core/scoring_cases.yaml").read_text("utf-8")):
        for case in group["cases"]:
            answer = next((case[name] for name in ANSWERS if name in case), None)
            if "refused" in case and case["refused"] is not True:
                said = {f"거절, 대신 {case['use']}", f"refused, use {case['use']}"} if "use" in case else {"거절"}
            elif group["check"] == "rollup" and case.get("total") is None:
                said = {"판단 보류", "withheld"}
            else:
                said = {", ".join(map(str, answer)) if isinstance(answer, list) else str(answer)}
            found.setdefault(case["say"], set()).update(said)
    return found


@pytest.mark.parametrize("name", ["scoring.md", "scoring.ko.md"])
def test_every_example_is_a_case_with_this_answer(name):
    known = cases()
    examples = EXAMPLE.findall((ROOT / "docs" / name).read_text("utf-8"))
    assert len(examples) > 25
    for said, answer in examples:
        assert answer in known.get(said, ()), f"{name}: {said} → {answer}"


@pytest.mark.parametrize("name", ["scoring.md", "scoring.ko.md"])
def test_every_method_and_kind_is_explained(name):
    from typing import get_args

    from nachim.core.target import KINDS, Method

    text = (ROOT / "docs" / name).read_text("utf-8")
    for word in (*get_args(Method), *KINDS):
        assert f"`{word}`" in text, word
