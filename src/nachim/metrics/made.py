"""Rows made from events, bound to their sources: the scope metrics read them in and the node that makes them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from sqlglot import exp

from nachim.core.period import MONTHS, Calendar, Grain
from nachim.metrics import plan
from nachim.metrics.duration import duration
from nachim.metrics.engine import ColumnType, Engine, connection_of
from nachim.metrics.expression import Checker, reading
from nachim.metrics.metric import Cohort, CohortRows, Events, Sequence, SequenceRows
from nachim.metrics.scope import Lookup, Problem, Ref, Scope
from nachim.metrics.spec import Model

SEQUENCE = {
    "converted": ColumnType.BOOL, "lag": ColumnType.INTEGER, "reached": ColumnType.INTEGER, "end_at": ColumnType.TIME,
    "matured": ColumnType.BOOL,
}  # fmt: skip
COHORT = {
    "k": ColumnType.INTEGER, "active": ColumnType.BOOL, "value": ColumnType.NUMBER, "matured": ColumnType.BOOL,
}  # fmt: skip


def scope_of(model: Model, name: str, engine: Engine) -> Scope:
    """Names inside a source, or inside rows made from sources."""
    if name not in model.rows:
        return Scope(model, name, engine)
    made = model.rows[name]
    if isinstance(made, SequenceRows):
        return Scope(model, _source(model, made.sequence.events[0]), engine, alias=name, extras=SEQUENCE)
    extras = {key: kind for key, kind in COHORT.items() if key != "value" or made.cohort.value}
    return Scope(model, _source(model, made.cohort.events[0]), engine, alias=name, extras=extras)


def _source(model: Model, events: Events) -> str:
    if events.source in model.rows:
        raise Problem("rows_of_rows", name=events.source)
    return events.source


@dataclass(frozen=True)
class Steps:
    """The events of made rows: the first one's columns are those of the rows."""

    first: plan.Events
    others: tuple[plan.Events, ...]
    order: tuple[Ref, ...]
    sources: tuple[Scope, ...]


def steps_of(model: Model, name: str, engine: Engine, calendar: Calendar) -> Steps:
    """The events that rows are made from, checked: entities are there and of one type, on one engine."""
    rows = model.rows[name]
    made: Sequence | Cohort = rows.sequence if isinstance(rows, SequenceRows) else rows.cohort
    scopes, found = [], []
    for at, events in enumerate(made.events):
        scope = Scope(model, _source(model, events), engine, alias=name if at == 0 else "")
        checker = Checker(scope, calendar)
        with reading(events.where or "", "where"):
            condition = checker.condition(events.where) if events.where else None
        time, key = scope.time(), scope.entity(made.by)
        for ref in (time, key):
            checker.lookups.update({step.alias: step for step in ref.path})
        if isinstance(made, Cohort) and at == 1 and made.value:
            checker.lookups.update({step.alias: step for step in value_of(made, scope).path})
        node: plan.Node = plan.Scan(scope.name, scope.source.place)
        if checker.lookups:
            node = plan.Join(node, ordered(checker.lookups.values()))
        if condition is not None:
            node = plan.Filter(node, (condition,))
        scopes.append(scope)
        found.append(plan.Events(node, time, key))
    _one_kind(made.by, found, scopes)
    order = tuple(ref for ref in (scopes[0].dotted(key) for key in scopes[0].source.keys) if not ref.path)
    return Steps(found[0], tuple(found[1:]), order, tuple(scopes))


def value_of(made: Cohort, activity: Scope) -> Ref:
    """The column whose sum is a cohort's `value`."""
    ref = activity.dotted(made.value or "")
    if ref.type not in (ColumnType.NUMBER, ColumnType.INTEGER):
        raise Problem("not_a_number", fragment=made.value, type=ref.type.value)
    return ref


def _one_kind(entity: str, found: list[plan.Events], scopes: list[Scope]) -> None:
    numbers = (ColumnType.NUMBER, ColumnType.INTEGER)
    first = found[0].key
    for events, scope in zip(found[1:], scopes[1:], strict=True):
        kinds = {first.type, events.key.type}
        if len(kinds) > 1 and not kinds <= set(numbers):
            raise Problem(
                "entity_types", name=entity, one=f"{scopes[0].base}.{first.column}", first=first.type.value,
                two=f"{scope.base}.{events.key.column}", second=events.key.type.value,
            )  # fmt: skip
    places = {connection_of(scope.source.place) for scope in scopes}
    if len(places) > 1:
        raise Problem("two_places", name=entity, found=", ".join(scope.source.place for scope in scopes))


def sequence_node(made: Sequence, name: str, steps: Steps, through: datetime | None) -> plan.Sequence:
    within = duration(made.within)
    if within is None:
        raise Problem("not_a_duration", name=made.within)
    return plan.Sequence(name, steps.first, steps.others, within, made.pick == "next", through)


def cohort_node(
    made: CohortRows, name: str, steps: Steps, calendar: Calendar, first: datetime | None, through: datetime | None,
    where: exp.Expr | None,
) -> plan.Cohort:  # fmt: skip
    """`where` may bound k from above; without a bound k goes as far as periods have begun."""
    cohort, grain = made.cohort, Grain(made.cohort.period)
    epoch = datetime(1970, 1, 1, tzinfo=UTC)
    reached = encoded(calendar, grain, through or epoch)
    born = encoded(calendar, grain, first or epoch)
    begun = max(0, (reached - born) // step_of(grain))
    bound = highest(where, name)
    value = value_of(cohort, steps.sources[1]) if cohort.value else None
    last = begun if bound is None else max(0, bound)
    until = encoded(calendar, grain, (through or epoch) - timedelta(microseconds=1)) if bound is None else None
    return plan.Cohort(name, steps.first, steps.order, steps.others[0], value, grain, last, until, reached)


def encoded(calendar: Calendar, grain: Grain, moment: datetime) -> int:
    """The integer by which SQL knows the period of a moment (`sql.bucket`)."""
    start = calendar.period(grain, moment).start
    return start.year * 12 + start.month - 1 if grain in MONTHS else (start.date() - datetime(1970, 1, 1).date()).days


def step_of(grain: Grain) -> int:
    """How far apart two neighbouring periods are as integers."""
    return MONTHS.get(grain, 7 if grain is Grain.WEEK else 1)


def highest(where: exp.Expr | None, name: str) -> int | None:
    """The highest k a condition lets through, where it says so plainly: k < 12, k <= 11, k = 0, k between 1 and 3."""
    if where is None:
        return None
    bounds = []
    for part in where.flatten() if isinstance(where, exp.And) else [where]:
        part = part.unnest()
        left, right = part.args.get("this"), part.args.get("expression")
        if isinstance(part, exp.Between):
            right = part.args["high"]
        mine = isinstance(left, exp.Column) and (left.table, left.name) == (name, "k")
        if not mine or not isinstance(right, exp.Literal) or right.is_string or not right.this.isdigit():
            continue
        if isinstance(part, exp.LT):
            bounds.append(int(right.this) - 1)
        elif isinstance(part, exp.LTE | exp.EQ | exp.Between):
            bounds.append(int(right.this))
    return min(bounds) if bounds else None


def ordered(lookups: Iterable[Lookup]) -> tuple[Lookup, ...]:
    """Each lookup after the one it starts from."""
    left = list(lookups)
    done: list[Lookup] = []
    aliases = {one.alias for one in left}
    while left:
        ready = next(one for one in left if one.left_alias not in aliases or one.left_alias in {d.alias for d in done})
        left.remove(ready)
        done.append(ready)
    return tuple(done)


def with_rows(events: plan.Events, rows: plan.Node) -> plan.Events:
    return replace(events, rows=rows)
