"""Rolling distinct as interval union: each value is added where its stretches begin and taken away where they end.

A range join would meet each row once for every stretch it is in: 28 times for a window of 28 days.
"""

from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise

from nachim.metrics.plan import Aggregate, Align, aggregates, with_aggregates


def union(read: Align) -> Align:
    return with_aggregates(read, tuple(part for one in aggregates(read) for part in _split(one)))


def _split(one: Aggregate) -> Iterator[Aggregate]:
    """Its distinct counts each for themselves, where the stretches end in the order they begin."""
    spans = one.spans
    if spans is None or not all(before[1] <= after[1] for before, after in pairwise(spans.ranges)):
        yield one
        return
    distinct = [one for one in one.measures if one.function == "count_distinct" and one.each is None]
    rest = tuple(measure for measure in one.measures if measure not in distinct)
    if rest:
        yield replace(one, measures=rest)
    for measure in distinct:
        yield replace(one, measures=(measure,), spans=replace(spans, union=True))
