"""The tests people write for their metrics: each expected value against the one that is computed."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from nachim.core.period import Grain, Period
from nachim.metrics.bind import Binder
from nachim.metrics.engine import Engine
from nachim.metrics.messages import Issue, SpecError, nearest
from nachim.metrics.run import Query, evaluate
from nachim.metrics.spec import Expect, Model


@dataclass(frozen=True)
class Outcome:
    """A test and what came out: the value (None where there is none), and whether it is the expected one."""

    test: Expect
    value: float | None
    state: str
    passed: bool


def run_tests(model: Model, engine: Engine, *, as_of: datetime) -> Iterator[Outcome]:
    """Every test of a model. Raises SpecError, with the place of the test, where one cannot be computed at all."""
    binder = Binder(model, engine)
    for at, test in enumerate(model.tests):
        yield _run(binder, test, at, as_of)


def _run(binder: Binder, test: Expect, at: int, as_of: datetime) -> Outcome:
    model, file_line = binder.model, binder.model.place("tests", str(at))
    where = f"tests[{at}]"
    if test.metric not in model.metrics:
        issue = Issue("unknown_metric", where, file_line[1], file_line[0], {"name": test.metric})
        raise SpecError([Issue(**{**issue.__dict__, "nearest": nearest(test.metric, model.metrics)})])
    grain = Grain(test.grain)
    try:
        period = Period.parse(grain, test.period, binder.calendar)
    except ValueError as error:
        raise SpecError([Issue("bad_period", where, file_line[1], file_line[0], {"detail": str(error)})]) from None
    start = end = None
    if grain is not Grain.ALL:
        start, end = period.start.date(), (period.end - timedelta(microseconds=1)).date() + timedelta(days=1)
    by = tuple(test.slice)
    result = evaluate(model, Query((test.metric,), grain, start, end, by), binder.engine, as_of=as_of, binder=binder)
    wanted = tuple(test.slice.items())
    cell = next((one for one in result.cells if one.period == period.key and one.slices == wanted), None)
    value, state = (cell.value, cell.state.value) if cell is not None else (None, "no_data")
    return Outcome(test, value, state, _same(test.expect, value, test.within))


def _same(expected: float | None, value: float | None, within: float) -> bool:
    if expected is None or value is None:
        return expected is value
    return math.isclose(expected, value, rel_tol=within, abs_tol=within)
