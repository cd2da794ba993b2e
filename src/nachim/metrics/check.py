"""Everything that is wrong with a model on an engine, each thing told once and where it is written."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

from nachim.metrics.bind import Binder
from nachim.metrics.coverage import rule_of
from nachim.metrics.engine import Engine
from nachim.metrics.messages import Issue, SpecError
from nachim.metrics.scope import Problem
from nachim.metrics.spec import Model


def check(model: Model, engine: Engine) -> list[Issue]:
    """Every issue of a model on an engine: sources first, then metrics; empty when all of it can be computed."""
    return list(dict.fromkeys(_check(model, engine)))


def _check(model: Model, engine: Engine) -> Iterator[Issue]:
    binder = Binder(model, engine)
    broken = set()
    for name in model.sources:
        for problem in _source_problems(binder, name):
            broken.add(name)
            yield problem.at(
                f"sources.{name}", model.place("sources", name, *([problem.entry] if problem.entry else []))
            )
    said = set()
    for name in model.rows:
        try:
            binder.scope(name)
            binder.steps(name)
        except Problem as problem:
            said.add((problem.code, str(problem.params)))
            if not (broken and problem.code == "unknown_table"):
                yield problem.at(f"rows.{name}", model.place("rows", name))
    for name in model.metrics:
        try:
            binder.metric(name)
        except SpecError as error:
            # What follows from a source or from rows that are broken already has been said there.
            yield from (
                issue for issue in error.issues
                if not (broken and issue.code == "unknown_table")
                and (issue.code, str({key: one for key, one in issue.params.items() if key != "at"})) not in said
            )  # fmt: skip


def _source_problems(binder: Binder, name: str) -> Iterator[Problem]:
    """What is wrong with a source: each entry is tried, whatever the others say."""
    try:
        scope = binder.scope(name)
    except Problem as problem:
        yield problem
        return
    source = scope.source
    trials: list[tuple[str, Callable[[], object]]] = [("key", partial(scope.dotted, one)) for one in source.keys]
    trials += [("entities", partial(scope.dotted, one)) for one in source.entities.values()]
    trials += [("dims", partial(scope.dotted, one)) for one in source.dims]
    for join in source.joins:
        trials.append(("joins", partial(scope.find, source.join(join).on)))
        if join in scope.joined:
            trials.append(("joins", partial(scope.find, scope.joined[join][0].keys[0], join)))
    if source.time is not None:
        trials += [("time", scope.time), ("complete_through", partial(rule_of, scope))]
    said = set()
    for entry, trial in trials:
        try:
            trial()
        except Problem as problem:
            problem.entry = entry
            if (problem.code, str(problem.params)) not in said:
                said.add((problem.code, str(problem.params)))
                yield problem
