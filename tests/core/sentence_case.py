"""The sentences of sentences.yaml, and a reading as the row they expect."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import yaml

from nachim.core.sentence import Reading, read
from nachim.core.sentence_words import Vocabulary
from nachim.core.smart import LETTERS, check

FIELDS = ("metric", "direction", "kind", "value", "unit", "grain", "due", *LETTERS)
VERDICTS = {"p": "pass", "f": "fail", "u": "unknown"}


@dataclass(frozen=True)
class Case:
    """A sentence, the day it is said on, and what it says."""

    today: date
    sentence: str
    expected: dict[str, Any]


def cases() -> Iterator[Case]:
    text = Path(__file__).with_name("sentences.yaml").read_text("utf-8")
    for today, rows in yaml.safe_load(text).items():
        for sentence, *plain, verdicts in rows:
            yield Case(today, sentence, dict(zip(FIELDS, [*plain, *(VERDICTS[one] for one in verdicts)], strict=True)))


def read_as(case: Case, vocabulary: Vocabulary) -> dict[str, Any]:
    """What the reader makes of a case, in the fields of FIELDS."""
    return fields_of(read(case.sentence, case.today, vocabulary), vocabulary)


def fields_of(reading: Reading, vocabulary: Vocabulary) -> dict[str, Any]:
    stated = reading.first
    grain = stated.grain.value if stated.grain else None
    made = [stated.metric, stated.direction, stated.kind, stated.value, stated.unit, grain, stated.due]
    checks = check(reading, stated, vocabulary).checks
    return dict(zip(FIELDS, [*made, *(checks[letter].verdict for letter in LETTERS)], strict=True))


def same(left: Any, right: Any) -> bool:
    """Equal, numbers to the ninth digit."""
    if isinstance(left, int | float) and isinstance(right, int | float):
        return abs(left - right) <= 1e-9 * max(1, abs(left))
    return bool(left == right)
