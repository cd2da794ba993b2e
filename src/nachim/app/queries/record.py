"""What the product's own odds were worth: calls against outcomes, per frequency."""

from collections import defaultdict
from dataclasses import dataclass

import numpy as np

from nachim.analysis.odds_bar import Bar, bar
from nachim.analysis.odds_record import Record
from nachim.analysis.odds_record import record as scored
from nachim.app.models import Call


@dataclass(frozen=True)
class Scored:
    """Calls of one frequency: how many were made, nobody could know, wait for their date, and how good the rest were.

    `ends`: how many different targets the settled ones were about.
    """

    grain: str
    made: int
    unknown: int
    waiting: int
    ends: int
    record: Record | None
    bar: Bar


def records() -> dict[str, Scored]:
    """By grain, the record of all calls ever made, shown or withheld."""
    by_grain: dict[str, list[tuple]] = defaultdict(list)
    fields = ("grain", "p", "came", "pace", "target_id")
    for grain, *rest in Call.objects.order_by("pk").values_list(*fields):
        by_grain[grain].append(tuple(rest))
    return {grain: _scored(grain, rows) for grain, rows in sorted(by_grain.items())}


def _scored(grain: str, rows: list[tuple]) -> Scored:
    known = [row for row in rows if row[0] is not None]
    settled = [row for row in known if row[1] is not None]
    found = None
    if settled:
        said, came = (np.array([float(row[at]) for row in settled]) for at in (0, 1))
        paced = None
        if all(row[2] is not None for row in settled):
            paced = np.array([float(row[2]) for row in settled])
        found = scored(said, came, paced)
    ends = len({row[3] for row in settled})
    return Scored(grain, len(rows), len(rows) - len(known), len(known) - len(settled), ends, found, bar(found, ends))
