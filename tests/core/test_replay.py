"""A score from its inputs, the same bytes every time."""

import json

import pytest

from nachim.core.replay import FORM, ReplayError, inputs, replay

TARGET = {"level": 3, "start": "2026-01-01", "due": "2026-12-31"}
EXPECTED = """{
 "form": "nachim/score/1",
 "inputs_sha256": "%s",
 "score": {
  "method": "ratio",
  "formula": "실적 ÷ 목표",
  "proposed": true,
  "actual": "1",
  "raw": "0.333333333333",
  "raw_exact": "1/3",
  "capped": "0.333333333333",
  "capped_exact": "1/3",
  "cap": "1.2",
  "displayed": "33.3%%",
  "flags": [],
  "reason": "높을수록 좋고 목표가 0보다 크며 출발점이 없어, 실적을 목표로 나눕니다.",
  "grade": "D",
  "graded_on": "raw"
 }
}
"""


def test_the_bytes_are_these():
    from hashlib import sha256

    text = inputs(TARGET, 1, grades={"cuts": [["S", 120], ["A", 100]], "lowest": "D"})
    assert replay(text) == EXPECTED % sha256(text.encode()).hexdigest() == replay(text)


def test_a_weighted_total_is_replayed_from_the_inputs_of_its_parts():
    one = json.loads(inputs(TARGET, 3))
    text = json.dumps({"form": FORM, "children": [
        {"name": "매출", "weight": 70, "inputs": one}, {"name": "만족", "weight": 30, "score": None},
    ]})  # fmt: skip
    made = json.loads(replay(text))
    assert made["rollup"]["displayed"] == "100.0%" and made["missing"] == "0.3"
    assert "재배분" in made["said"] and made["shares"][0]["score"]["method"] == "ratio"


def test_no_value_gives_no_score_and_milestones_take_their_steps():
    assert json.loads(replay(inputs(TARGET, None)))["score"] is None
    steps = TARGET | {"kind": "milestone", "steps": [{"name": "가"}, {"name": "나"}]}
    del steps["level"]
    assert json.loads(replay(inputs(steps, [{"name": "가", "on": "2026-02-01"}])))["score"]["displayed"] == "50.0%"


@pytest.mark.parametrize(
    "text",
    ["", "[]", "{", '{"form": "other"}', json.dumps({"form": FORM}), inputs(TARGET | {"level": 0}, 1),
     inputs(TARGET | {"kind": "wish"}, 1), inputs(TARGET, "많이"), inputs(TARGET, {"a": 1}),
     json.dumps({"form": FORM, "children": []}), json.dumps({"form": FORM, "children": 3}),
     json.dumps({"form": FORM, "target": 3, "actual": 1}), inputs(TARGET, [1]),
     inputs(TARGET, 1, grades={"cuts": 1}), inputs(TARGET, float("nan"))],
)  # fmt: skip
def test_what_cannot_be_replayed_says_so_in_both_languages(text):
    with pytest.raises(ReplayError) as caught:
        replay(text)
    assert caught.value.text("ko") and caught.value.text("en")
