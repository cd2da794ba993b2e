"""What a metric stands on, read from its text alone: no engine is needed."""

from __future__ import annotations

import hashlib
import json

from sqlglot import exp

from nachim.metrics.by_hand import as_agg
from nachim.metrics.expression import parse
from nachim.metrics.scope import Problem
from nachim.metrics.spec import Agg, At, Calc, Metric, Model, SequenceRows

# Part of every hash: raised when a definition comes to mean another number, so that stored numbers are made again.
LANGUAGE = 3


def spec_hash(model: Model, name: str) -> str:
    """Changes when the metric, anything below it, a source it reads or the calendar change; not with labels."""
    metrics, sources = reach(model, name)
    body = {
        "language": LANGUAGE,
        "calendar": model.calendar.model_dump(mode="json"),
        "metrics": {
            one: model.metrics[one].model_dump(mode="json", exclude={"label", "about"}) for one in sorted(metrics)
        },
        "sources": {one: model.sources[one].model_dump(mode="json", exclude={"label"}) for one in sorted(sources)},
        "rows": {
            one: model.rows[one].model_dump(mode="json", exclude={"label"}) for one in sorted(rows_of(model, metrics))
        },
    }
    return hashlib.sha256(json.dumps(body, sort_keys=True, ensure_ascii=False).encode()).hexdigest()[:32]


def tables_of(model: Model, name: str) -> set[str]:
    """The tables a metric reads, joined ones included."""
    return {model.sources[source].place for source in reach(model, name)[1]}


def reach(model: Model, name: str) -> tuple[set[str], set[str]]:
    """Names of the metrics and sources below a metric, itself included; joined sources count."""
    metrics = _below(model, name)
    sources: set[str] = set()
    for one in _aggs(model, metrics):
        for read in _read(model, one):
            sources.update(made_from(model, read))
    waiting = list(sources)
    while waiting:
        source = model.sources.get(waiting.pop())
        for join in source.joins if source else ():
            target = source.join(join).to if source else ""
            if target in model.sources and target not in sources:
                sources.add(target)
                waiting.append(target)
    return metrics & set(model.metrics), sources & set(model.sources)


def rows_of(model: Model, metrics: set[str]) -> set[str]:
    """The rows made from events that these metrics read."""
    return {read for one in _aggs(model, metrics) for read in _read(model, one) if read in model.rows}


def made_from(model: Model, name: str) -> list[str]:
    """The sources of made rows, or a source itself."""
    if name not in model.rows:
        return [name]
    made = model.rows[name]
    events = made.sequence.events if isinstance(made, SequenceRows) else made.cohort.events
    return [one.source for one in events]


def _below(model: Model, name: str) -> set[str]:
    found = {name}
    waiting: list[Metric] = [model.metrics[name]] if name in model.metrics else []
    while waiting:
        one, called = waiting.pop(), []
        if isinstance(one, At):
            called = [one.at]
        if isinstance(one, Calc):
            names = [column.name for column in _columns(one.calc)]
            waiting += [one.parts[each] for each in names if each in one.parts]
            called = [each for each in names if each not in one.parts]
        fresh = {each for each in called if each in model.metrics} - found
        found |= fresh
        waiting += [model.metrics[each] for each in fresh]
    return found


def _aggs(model: Model, metrics: set[str]) -> list[Agg]:
    """The aggregates of metrics, those written inside a calc too, and those that values written by hand are."""
    found: list[Agg] = []
    for name in metrics & set(model.metrics):
        rows = as_agg(model, name, model.metrics[name])
        found += [rows] if rows is not None else []

    def walk(one: Metric) -> None:
        if isinstance(one, Agg):
            found.append(one)
        if isinstance(one, Calc):
            for part in one.parts.values():
                walk(part)

    for name in metrics & set(model.metrics):
        walk(model.metrics[name])
    return found


def _read(model: Model, one: Agg) -> set[str]:
    """The sources or made rows an aggregate reads; all of them where its text does not tell."""
    known = {*model.sources, *model.rows}
    named = {part.name for column in _columns(one.agg) for part in column.parts[:-1]}
    named |= {column.name for column in _columns(one.agg) if not column.table}
    return ({one.source} if one.source else named & known) or set(model.sources)


def _columns(text: str) -> list[exp.Column]:
    try:
        return list(parse(text).find_all(exp.Column))
    except Problem:
        return []
