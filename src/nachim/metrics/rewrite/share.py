"""Shared scans: aggregates with the same input and keys become one, so a table is read once for all its metrics."""

from dataclasses import replace

from nachim.metrics.plan import Aggregate, Align, Filter, Join, Node, aggregates, with_aggregates


def share(read: Align) -> Align:
    groups: dict[object, Aggregate] = {}
    for one in aggregates(read):
        each = one.measures[0].id if one.measures[0].each is not None else ""
        key = (_base(one.input), one.grain, one.time, one.by, one.spans, each)
        known = groups.get(key)
        if known is None:
            groups[key] = one
        else:
            fresh = tuple(measure for measure in one.measures if measure not in known.measures)
            groups[key] = replace(known, input=_joined(known.input, one.input), measures=(*known.measures, *fresh))
    return with_aggregates(read, tuple(groups.values()))


def _base(node: Node) -> object:
    """What must be equal to share a scan: everything but the lookups, which can be united as none adds rows."""
    if isinstance(node, Join):
        return _base(node.input)
    if isinstance(node, Filter):
        return (_base(node.input), node.conditions)
    return node


def _joined(first: Node, second: Node) -> Node:
    """`first` with the lookups of `second` as well."""
    if isinstance(first, Filter) and isinstance(second, Filter):
        return replace(first, input=_joined(first.input, second.input))
    one = first.lookups if isinstance(first, Join) else ()
    two = second.lookups if isinstance(second, Join) else ()
    united = tuple(dict.fromkeys((*one, *two)))
    base = first.input if isinstance(first, Join) else first
    return Join(base, united) if united else base
