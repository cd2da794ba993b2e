"""Sequences by ASOF join, where the engine has it: each start finds its next event without sorting both together."""

from dataclasses import replace

from nachim.metrics.plan import Aggregate, Align, Filter, Join, Node, Sequence, aggregates, with_aggregates


def asof(read: Align) -> Align:
    return with_aggregates(read, tuple(_in(one) for one in aggregates(read)))


def _in(one: Aggregate) -> Aggregate:
    return replace(one, input=_node(one.input))


def _node(node: Node) -> Node:
    if isinstance(node, Filter | Join):
        return replace(node, input=_node(node.input))
    return replace(node, asof=True) if isinstance(node, Sequence) else node
