"""Metrics computed from the rows, as `nachim query` and the API ask for them."""

from collections.abc import Sequence
from contextlib import nullcontext
from datetime import UTC, date, datetime, timedelta

from nachim.app import language
from nachim.app.engines import Engines, opened
from nachim.core.period import Grain
from nachim.metrics.cells import Cell
from nachim.metrics.run import Query, Result, evaluate
from nachim.metrics.spec import Model

# Periods shorter than this are counted generously: a month is taken as 28 days.
DAYS = {"hour": 1 / 24, "day": 1, "week": 7, "month": 28, "quarter": 89, "year": 365, "all": 10**6}


def split(by: Sequence[str]) -> tuple[str, ...]:
    """Dimensions, each of which may be written as several: `channel,region`."""
    return tuple(name for one in by for name in one.split(",") if name)


def ask(
    metrics: Sequence[str],
    grain: Grain,
    start: date | None,
    end: date | None,
    by: Sequence[str] = (),
    where: str | None = None,
    *,
    engine: Engines | None = None,
    model: Model | None = None,
) -> Result:
    """The cells. Raises MetricError with what is wrong and where; `engine` and `model` if they are open already."""
    asked = Query(tuple(metrics), grain, start, end, split(by), where)
    with nullcontext(engine) if engine else opened() as one:
        return evaluate(model or language.model(), asked, one, as_of=datetime.now(UTC))


def periods_of(grain: Grain, start: date | None, end: date | None) -> int:
    """How many periods a range has, at most; 0 where it has no ends."""
    if start is None or end is None:
        return 0
    return int((end - start) / timedelta(days=DAYS[grain.value])) + 2


def plain(cell: Cell) -> dict:
    """A cell as the contract of the command line has it."""
    return {
        "metric": cell.metric, "period": cell.period, **dict(cell.slices), "value": cell.value,
        "numerator": cell.numerator, "denominator": cell.denominator, "n": cell.n, "state": cell.state.value,
    }  # fmt: skip
