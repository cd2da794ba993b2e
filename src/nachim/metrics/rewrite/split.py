"""One plan for each engine: an aggregate runs whole where its tables are."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from nachim.metrics.across import dialect_at, one_place
from nachim.metrics.dialects.vocabulary import FEATURES
from nachim.metrics.engine import Engine
from nachim.metrics.plan import Align, Join, Node, Scan


def split(read: Align) -> Iterator[Align]:
    """A read, one part for each place its aggregates run at, in order of appearance."""
    places: dict[str, list[Node]] = {}
    for part in read.parts:
        places.setdefault(one_place(list(tables_of(part))), []).append(part)
    for parts in places.values():
        yield replace(read, parts=tuple(parts))


def features(engine: Engine, part: Align) -> tuple[str, ...]:
    """What the engine that runs a part can do beyond the common vocabulary."""
    return FEATURES.get(dialect_at(engine, one_place(list(tables_of(part)))), ())


def tables_of(node: Node) -> Iterator[str]:
    """Every table a plan reads, as often as it is read."""
    if isinstance(node, Scan):
        yield node.table
    if isinstance(node, Join):
        yield from (one.table for one in node.lookups)
    for part in node.inputs():
        yield from tables_of(part)
