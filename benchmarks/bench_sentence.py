"""Goal sentences read: exact match of every field over the fixtures, and how long a sentence takes.

The peer is the plainest reader one would write instead: the first metric label found, the first number, the first verb.
"""

import re
import statistics
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "core"))

from sentence_case import FIELDS, cases, read_as, same

from nachim.catalog.vocabulary import vocabulary


def plainly(case, words):
    """A reader of twenty lines, to be better than."""
    text = case.sentence
    metric = next(
        (name for name, one in words.metrics.items() if one.label["ko"] in text or one.label["en"] in text), None
    )
    number = re.search(r"(\d[\d,]*(?:\.\d+)?)\s*(%|억|만|배)?", text)
    value = float(number[1].replace(",", "")) if number else None
    if number and number[2]:
        value *= {"%": 0.01, "억": 1e8, "만": 1e4, "배": 1}[number[2]]
    down = re.search(r"줄|낮|감소|단축|reduce|cut|lower", text, re.IGNORECASE)
    kind = (
        "none" if number is None else "multiple" if number[2] == "배" else "relative" if number[2] == "%" else "level"
    )
    return {"metric": metric, "direction": "down" if down else "up", "kind": kind, "value": value}


def main():
    words, found = vocabulary(), list(cases())
    right, plain, times = dict.fromkeys(FIELDS, 0), dict.fromkeys(FIELDS, 0), []
    for case in found:
        start = time.perf_counter()
        read = read_as(case, words)
        times.append(1000 * (time.perf_counter() - start))
        simple = plainly(case, words)
        for field in FIELDS:
            right[field] += same(read[field], case.expected[field])
            plain[field] += field in simple and same(simple[field], case.expected[field])
    print(f"{len(found)} sentences, exact match per field (in brackets: first label, first number, first verb)")
    for field in FIELDS:
        beside = f"  ({100 * plain[field] / len(found):5.1f} %)" if plain[field] else ""
        print(f"  {field:<12} {100 * right[field] / len(found):5.1f} %{beside}")
    print(f"  all fields   {100 * sum(right.values()) / len(found) / len(FIELDS):5.1f} %")
    print(f"read and checked in {statistics.median(times):.2f} ms (median), {max(times):.1f} ms at most")


if __name__ == "__main__":
    main()
