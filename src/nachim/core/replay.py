"""A score computed again from its exported inputs, byte for byte."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from hashlib import sha256
from typing import Any

from nachim.core.exact import Number, exact, percent, text_of
from nachim.core.grade import GradeError, Grades
from nachim.core.rollup import Child, RollupError, roll_up
from nachim.core.scoring import CAP, Done, Entry, ScoreRefused, formula, propose, score
from nachim.core.target import TargetError, target_from_json

FORM = "nachim/score/1"


class ReplayError(ValueError):
    """Inputs that cannot be replayed; `korean` and `english` say why."""

    def __init__(self, korean: str, english: str):
        super().__init__(english)
        self.korean, self.english = korean, english

    def text(self, locale: str = "ko") -> str:
        return self.english if locale == "en" else self.korean


def inputs(target: Mapping[str, Any], actual: object, **more: Any) -> str:
    """The inputs of one score as a file: what `replay` reads. `more`: cap, places, today, grades."""
    return _written({"form": FORM, "target": dict(target), "actual": actual} | more)


@dataclass(frozen=True)
class Part:
    """A child of a roll-up as it goes into a file: with the inputs of its score, a share said by people, or neither."""

    name: str
    weight: Number
    inputs: str = ""
    score: Number | None = None


def rolled(parts: Sequence[Part], *, cap: Number | None = None) -> str:
    """The inputs of a roll-up as a file. `cap`: what each child counts to at most, where not what scores do."""
    children = []
    for part in parts:
        child: dict[str, Any] = {"name": part.name, "weight": part.weight}
        if part.inputs:
            child["inputs"] = json.loads(part.inputs) | ({} if cap is None else {"cap": cap})
        else:
            child["score"] = part.score
        children.append(child)
    return _written({"form": FORM, "children": children})


def replay(text: str) -> str:
    """The score of exported inputs, or the roll-up of several, as JSON text: the same bytes for the same inputs.

    Inputs: {"form", "target", "actual", "cap", "places", "today", "grades"}, or {"form", "children": [{"name",
    "weight", "inputs" | "score"}], "withhold_above"}. Numbers are read as they are written. Raises ReplayError.
    """
    try:
        given = json.loads(text, parse_float=Decimal)
    except ValueError as error:
        raise ReplayError(f"JSON이 아닙니다: {error}", f"This is not JSON: {error}") from error
    if not isinstance(given, dict) or given.get("form") != FORM:
        raise ReplayError(f'"form": "{FORM}"이 있는 파일이어야 합니다.', f'The file has to say "form": "{FORM}".')
    try:
        found = _rolled_up(given) if "children" in given else _scored(given)
    except (ScoreRefused, TargetError, RollupError, GradeError) as error:
        raise ReplayError(error.text("ko"), error.text("en")) from error
    except (KeyError, TypeError, ValueError, AttributeError, ArithmeticError) as error:
        raise ReplayError(f"입력을 읽을 수 없습니다: {error}", f"The inputs cannot be read: {error}") from error
    return _written({"form": FORM, "inputs_sha256": sha256(text.encode()).hexdigest()} | found)


def _scored(given: Mapping[str, Any]) -> dict[str, Any]:
    target = target_from_json(_floats(given["target"]))
    cap = exact(given["cap"]) if given.get("cap") is not None else None if "cap" in given else CAP
    today = date.fromisoformat(given["today"]) if given.get("today") else None
    made = score(target, _actual(target.kind, given["actual"]), cap=cap, places=given.get("places", 1), today=today)
    if made is None:
        return {"score": None}
    found = {
        "method": made.method, "formula": formula(made.method, "ko"), "proposed": made.proposed,
        "actual": text_of(made.measured), "raw": text_of(made.raw), "raw_exact": str(made.raw),
        "capped": text_of(made.capped), "capped_exact": str(made.capped), "cap": None if cap is None else text_of(cap),
        "displayed": f"{made.displayed:f}%", "flags": list(made.flags),
    }  # fmt: skip
    if made.proposed:
        found["reason"] = propose(target).text("ko")
    if given.get("grades"):
        rule = given["grades"]
        cuts = [(str(name), at) for name, at in rule["cuts"]]
        grades = Grades.cut(cuts, str(rule["lowest"]), inclusive=rule.get("inclusive", True))
        found["grade"] = grades.of(made.raw, decimals=rule.get("decimals"))
        found["graded_on"] = "raw" if rule.get("decimals") is None else f"rounded to {rule['decimals']}"
    return {"score": found}


def _rolled_up(given: Mapping[str, Any]) -> dict[str, Any]:
    children, parts = [], []
    for child in given["children"]:
        part: dict[str, Any] = {}
        value: Fraction | None = exact(child["score"]) if child.get("score") is not None else None
        if child.get("inputs") is not None:
            part = _scored(child["inputs"])
            value = Fraction(part["score"]["capped_exact"]) if part["score"] else None
        children.append(Child(str(child["name"]), child["weight"], value))
        parts.append(part)
    more = {"withhold_above": given["withhold_above"]} if "withhold_above" in given else {}
    made = roll_up(children, **more)
    shares = [
        {"name": one.name, "weight": text_of(one.weight), "used": text_of(one.used),
         "counted": None if one.score is None else text_of(one.score)} | part
        for one, part in zip(made.shares, parts, strict=True)
    ]  # fmt: skip
    whole = None if made.score is None else {
        "raw": text_of(made.score), "raw_exact": str(made.score), "displayed": f"{percent(made.score):f}%",
    }  # fmt: skip
    return {"rollup": whole, "missing": text_of(made.missing), "said": made.said.text("ko"), "shares": shares}


def _actual(kind: str, value: Any) -> Any:
    if not isinstance(value, list):
        return value
    if kind == "milestone":
        return [Done(one["name"], date.fromisoformat(one["on"]), float(one.get("share", 1))) for one in value]
    return [
        Entry(
            None if one.get("value") is None else float(one["value"]),
            date.fromisoformat(one["due"]), one.get("excused", ""), one.get("approved_by", ""),
        )
        for one in value
    ]  # fmt: skip


def _floats(value: Any) -> Any:
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, dict):
        return {name: _floats(one) for name, one in value.items()}
    return [_floats(one) for one in value] if isinstance(value, list) else value


def _written(data: object) -> str:
    return json.dumps(data, ensure_ascii=False, indent=1) + "\n"
