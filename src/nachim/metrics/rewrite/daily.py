"""Daily parts: what a stretch of days adds up to follows from its days, so overlapping stretches read each row once."""

from dataclasses import replace

from nachim.metrics.plan import Aggregate, Align, aggregates, with_aggregates


def daily(read: Align) -> Align:
    return with_aggregates(read, tuple(_by_unit(one) for one in aggregates(read)))


def _by_unit(one: Aggregate) -> Aggregate:
    if one.spans is None or not all(measure.daily for measure in one.measures):
        return one
    return replace(one, spans=None)
