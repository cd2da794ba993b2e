"""What a metric stands on, read from its text alone: no engine is needed."""

from __future__ import annotations

import hashlib
import json

from sqlglot import exp

from nachim.metrics.expression import parse
from nachim.metrics.scope import Problem
from nachim.metrics.spec import Agg, Calc, Metric, Model

# Part of every hash: raised when a definition comes to mean another number, so that stored numbers are made again.
LANGUAGE = 2


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
    }
    return hashlib.sha256(json.dumps(body, sort_keys=True, ensure_ascii=False).encode()).hexdigest()[:32]


def tables_of(model: Model, name: str) -> set[str]:
    """The tables a metric reads, joined ones included."""
    return {model.sources[source].place for source in reach(model, name)[1]}


def reach(model: Model, name: str) -> tuple[set[str], set[str]]:
    """Names of the metrics and sources below a metric, itself included; joined sources count."""
    metrics: set[str] = set()
    sources: set[str] = set()

    def walk(one: Metric, parts: dict[str, Metric]) -> None:
        if isinstance(one, Calc):
            for column in _columns(one.calc):
                if column.name in one.parts:
                    walk(one.parts[column.name], one.parts)
                elif column.name in model.metrics and column.name not in metrics:
                    metrics.add(column.name)
                    walk(model.metrics[column.name], {})
        elif isinstance(one, Agg):
            named = {part.name for column in _columns(one.agg) for part in column.parts[:-1]}
            named |= {column.name for column in _columns(one.agg) if not column.table}
            found = {one.source} if one.source else named & set(model.sources)
            sources.update(found or set(model.sources))

    metrics.add(name)
    if name in model.metrics:
        walk(model.metrics[name], {})
    waiting = list(sources)
    while waiting:
        source = model.sources.get(waiting.pop())
        for join in source.joins if source else ():
            target = source.join(join).to if source else ""
            if target in model.sources and target not in sources:
                sources.add(target)
                waiting.append(target)
    return metrics & set(model.metrics), sources & set(model.sources)


def _columns(text: str) -> list[exp.Column]:
    try:
        return list(parse(text).find_all(exp.Column))
    except Problem:
        return []
