"""One plan for each engine: an aggregate runs whole where its tables are."""

from __future__ import annotations

from collections.abc import Iterator

from nachim.metrics.across import one_place
from nachim.metrics.plan import Align, Calculate, Join, Node, Scan


def split(plan: Node) -> Iterator[Node]:
    """The plan, one part for each place its aggregates run at, in order of appearance."""
    align = plan.input if isinstance(plan, Calculate) else plan
    if not isinstance(align, Align):
        yield plan
        return
    places: dict[str, list[Node]] = {}
    for part in align.parts:
        places.setdefault(one_place(list(tables_of(part))), []).append(part)
    formulas = plan.formulas if isinstance(plan, Calculate) else ()
    for parts in places.values():
        yield Calculate(Align(tuple(parts)), formulas)


def tables_of(node: Node) -> Iterator[str]:
    """Every table a plan reads, as often as it is read."""
    if isinstance(node, Scan):
        yield node.table
    if isinstance(node, Join):
        yield from (one.table for one in node.lookups)
    for part in node.inputs():
        yield from tables_of(part)
