"""The step of a funnel that a metric's change went through, counted from the company's own `steps` rows."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta

from pydantic import TypeAdapter

from nachim.analysis.funnel import Funnel, Refused, funnel
from nachim.app.lines import cells_of
from nachim.app.models import Table
from nachim.app.watch import WEEKS_BEFORE
from nachim.metrics.bind import Binder
from nachim.metrics.metric import Metric, SequenceRows

PASSED = "passed"
FEWEST = 3  # steps; with two the metric says it all by itself


def stepped(binder: Binder, metric: str) -> tuple[str, SequenceRows] | None:
    """The rows whose steps a metric runs through: it reads them, or the tables of their first and last step."""
    reads = set(binder.metric(metric).sources)
    for name, rows in binder.model.rows.items():
        if not isinstance(rows, SequenceRows) or len(rows.sequence.events) < FEWEST:
            continue
        ends = {rows.sequence.events[0].source, rows.sequence.events[-1].source}
        if name in reads or ends == reads:
            return name, rows
    return None


def passage(
    binder: Binder, metric: str, weights: Mapping[date, tuple[float, float]], now: datetime
) -> Funnel | Refused | None:
    """How many made each step on the days after and on the days they are held against; None without such rows.

    A day of the four weeks before counts as often as it is held against one.
    """
    found = stepped(binder, metric)
    if found is None:
        return None
    name_of_rows, rows = found
    labels = dict(Table.objects.values_list("name", "label"))
    steps = [labels.get(one.source) or one.source for one in rows.sequence.events]
    names = [f"{PASSED}_{at}" for at in range(1, len(steps) + 1)]
    counted = {
        name: {"unit": "count", "better": "up", "agg": f"count({name_of_rows})", "where": f"reached >= {at}"}
        for at, name in enumerate(names, 1)
    }
    parsed = TypeAdapter(dict[str, Metric]).validate_python(counted)
    model = binder.model.model_copy(update={"metrics": {**binder.model.metrics, **parsed}})
    own = Binder(model, binder.engine)
    after = max(weight for _before, weight in weights.values())
    times = {day: (round(before / after * WEEKS_BEFORE), round(weight / after)) for day, (before, weight) in
             weights.items()}  # fmt: skip
    sides = [dict.fromkeys(names, 0) for _side in range(2)]
    for cell in cells_of(own, tuple(names), (), min(weights), max(weights) + timedelta(days=1), now):
        often = times.get(date.fromisoformat(cell.period[:10]), (0, 0))
        for side in (0, 1):
            sides[side][cell.metric] += often[side] * round(cell.value or 0)
    return funnel(steps, *([side[name] for name in names] for side in sides))


__all__ = ["passage", "stepped"]
