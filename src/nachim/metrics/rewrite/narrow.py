"""Time pushdown into sequences: starts out of the asked range and ends that no window reaches are not read at all."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from sqlglot import exp

from nachim.metrics.expression import instant
from nachim.metrics.made import with_rows
from nachim.metrics.plan import Aggregate, Align, Events, Filter, Join, Node, Sequence, aggregates, with_aggregates


def narrow(read: Align) -> Align:
    return with_aggregates(read, tuple(_in(one) for one in aggregates(read)))


def _in(one: Aggregate) -> Aggregate:
    node = one.input
    rows = node.input if isinstance(node, Filter) else node
    made = rows.input if isinstance(rows, Join) else rows
    if not isinstance(node, Filter) or not isinstance(made, Sequence):
        return one
    time = made.start.time.sql()
    bounds: list[exp.Expr] = [one for one in node.conditions if isinstance(one, exp.GTE | exp.LT) and one.this == time]
    if made.start.time.path or not bounds:
        return one
    steps = tuple(_kept(step, _reached(bounds, step, made)) for step in made.steps)
    narrowed = replace(made, start=_kept(made.start, [bound.copy() for bound in bounds]), steps=steps)
    rows = replace(rows, input=narrowed) if isinstance(rows, Join) else narrowed
    return replace(one, input=replace(node, input=rows))


def _reached(bounds: list[exp.Expr], step: Events, made: Sequence) -> list[exp.Expr]:
    """The same bounds for an end: from the first start on, until the window of the last one has closed."""
    found: list[exp.Expr] = []
    for bound in bounds:
        moment = datetime.fromisoformat(bound.expression.this.this)
        if isinstance(bound, exp.LT):
            moment += made.within.longest
        found.append(type(bound)(this=step.time.sql(), expression=instant(moment)))
    return found


def _kept(events: Events, conditions: list[exp.Expr]) -> Events:
    rows: Node = events.rows
    if isinstance(rows, Filter):
        return with_rows(events, Filter(rows.input, (*rows.conditions, *conditions)))
    return with_rows(events, Filter(rows, tuple(conditions)))
