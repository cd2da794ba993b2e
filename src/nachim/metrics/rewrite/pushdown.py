"""Filter pushdown: a condition that every measure of a scan has is asked of the rows once, before aggregating."""

from dataclasses import replace

from nachim.metrics.plan import Aggregate, Align, Filter, aggregates, with_aggregates


def pushdown(read: Align) -> Align:
    return with_aggregates(read, tuple(_pushed(one) for one in aggregates(read)))


def _pushed(one: Aggregate) -> Aggregate:
    shared = one.measures[0].where
    if shared is None or any(measure.where != shared for measure in one.measures):
        return one
    kept = one.input.conditions if isinstance(one.input, Filter) else ()
    rows = one.input.input if isinstance(one.input, Filter) else one.input
    bare = Filter(rows, (*kept, shared))
    return replace(one, input=bare)
