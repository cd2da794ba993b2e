"""Whether a metric's data can carry a KPI: a source, fresh rows, enough history, few empty cells."""

import re
from dataclasses import dataclass

from django.utils import timezone

from nachim.app import language
from nachim.app.home import lake
from nachim.app.models import Metric, Table
from nachim.app.queries.metrics import Standing, standing
from nachim.app.queries.scorecard import Freshness, freshness
from nachim.core.period import Grain
from nachim.lake.errors import LakeError
from nachim.metrics.lineage import reach
from nachim.metrics.messages import MetricError

ENOUGH = {Grain.DAY: 28, Grain.WEEK: 12, Grain.MONTH: 6, Grain.QUARTER: 4}
MOST_EMPTY = 0.05


@dataclass(frozen=True)
class DataCheck:
    """`empty`: the largest share of empty cells among the columns it reads, with that column's name."""

    tables: list[Table]
    fresh: Freshness | None
    standing: Standing | None
    enough: int
    empty: float | None
    column: str

    @property
    def source(self) -> bool:
        return bool(self.tables)

    @property
    def periods(self) -> int:
        return len(self.standing.points) if self.standing else 0

    @property
    def long_enough(self) -> bool:
        return self.periods >= self.enough

    @property
    def filled(self) -> bool | None:
        return None if self.empty is None else self.empty <= MOST_EMPTY

    @property
    def usable(self) -> bool:
        """Whether the KPI would show a number."""
        return self.source and self.standing is not None


def data_check(metric: Metric, grain: Grain) -> DataCheck:
    calendar = language.calendar()
    enough = min(ENOUGH.get(grain, 6), 12)
    try:
        model = language.model()
        below, sources = reach(model, metric.name)
    except MetricError:
        return DataCheck([], None, None, enough, None, "")
    places = {model.sources[source].place for source in sources}
    tables = [table for table in Table.objects.filter(rows__gt=0) if table.source.get("lake", table.name) in places]
    empty, column = _empty(tables, list(Metric.objects.filter(name__in=below)))
    fresh = freshness(tables, calendar, calendar.today(timezone.now())) if tables else None
    return DataCheck(tables, fresh, standing(metric, grain), enough, empty, column)


def _empty(tables: list[Table], metrics: list[Metric]) -> tuple[float | None, str]:
    """From the counts that the lake's files carry: no row is read."""
    text = " ".join(str(metric.spec.get(key, "")) for metric in metrics for key in ("agg", "where"))
    words = set(re.findall(r'"([^"]+)"|([^\W\d]\w*)', text))
    named = {one or other for one, other in words}
    found: list[tuple[float, str]] = []
    for table in tables:
        try:
            actions = lake().table(table.name).snapshot().get_add_actions(flatten=True)
            held = {name: actions.column(name).to_pylist() for name in actions.schema.names if name in _counts(named)}
        except (LakeError, KeyError, AttributeError):
            continue
        rows = sum(one or 0 for one in held.get("num_records", []))
        wanted = named | {table.source.get("time", "")}
        for name, counts in held.items():
            column = name.removeprefix("null_count.")
            if name != "num_records" and column in wanted and rows:
                found.append((sum(one or 0 for one in counts) / rows, column))
    return max(found, default=(None, ""), key=lambda one: one[0])


def _counts(named: set[str]) -> set[str]:
    return {"num_records", *(f"null_count.{name}" for name in named)}
