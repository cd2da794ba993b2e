"""Metrics as the pages list them: in words, with where they stand, and those a table suggests."""

import re
from dataclasses import dataclass, replace

from django.utils import timezone
from django.utils.translation import gettext as _

from nachim.app import language, policy
from nachim.app.engines import opened
from nachim.app.home import lake
from nachim.app.models import Metric, Series, Table
from nachim.app.queries.data import columns
from nachim.app.queries.points import Point, anchor, last_periods, load
from nachim.app.sight import EVERYTHING
from nachim.core.period import Grain
from nachim.lake.errors import LakeError
from nachim.metrics.by_hand import source_of
from nachim.metrics.engine import connection_of
from nachim.metrics.messages import MetricError
from nachim.metrics.run import Query, evaluate, tables_of
from nachim.metrics.suggest import Suggestion, suggest

CALL = re.compile(r"(count|sum|avg|count_distinct|min|max|median)\((.+)\)", re.DOTALL)
MOST_ROWS = 3_000_000


@dataclass(frozen=True)
class Standing:
    """Where a metric stands: its closed periods of the last year, oldest first."""

    points: list[Point]

    @property
    def last(self) -> Point:
        return self.points[-1]

    @property
    def average(self) -> float:
        return sum(point.value for point in self.points) / len(self.points)


def standing(metric: Metric, grain: Grain, *, user=policy.SYSTEM) -> Standing | None:
    """From the mart where some KPI already keeps the metric fresh; else computed, as long as its tables are small.

    Of the part that the user sees; a part is in the mart or nowhere.
    """
    sight = policy.sight(user) or EVERYTHING
    calendar = language.calendar()
    now = timezone.now()
    series = Series.objects.filter(metric=metric, slice_key="").exclude(computed_at=None).first()
    if series is not None:
        periods = last_periods(calendar, grain, anchor(series, calendar, calendar.today(now)), 13)
        known = load([(series, grain, periods)], sight).get((series.pk, grain), {})
        points = [known[period.key] for period in periods if period.key in known]
    else:
        points = [] if sight.narrow else _computed(metric, grain, calendar, now)
    closed = [point for point in points if point.closed and point.value is not None][-12:]
    return Standing(closed) if closed else None


def _computed(metric: Metric, grain: Grain, calendar, now) -> list[Point]:
    try:
        model = language.model()
        read = tables_of(model, metric.name)
        # Pages wait for no warehouse: a metric on a connection shows its past once a KPI keeps it fresh.
        if any(map(connection_of, read)) or sum(lake().table(name).rows for name in read) > MOST_ROWS:
            return []
        periods = {period.key: period for period in last_periods(calendar, grain, calendar.today(now), 13)}
        first = min(period.start for period in periods.values()).date()
        with opened() as engine:
            cells = evaluate(model, Query((metric.name,), grain, first), engine, as_of=now).cells
    except (MetricError, LakeError):
        return []
    return [
        Point(periods[cell.period], cell.value, None, None, cell.n, cell.state.value)
        for cell in cells
        if cell.period in periods
    ]


def suggestions() -> list[tuple[Table, list[Suggestion]]]:
    """For each table with rows, the usual metrics that are not there yet, under whatever name."""
    metrics = list(Metric.objects.all())
    taken = {metric.name for metric in metrics}
    formulas = {_plain(metric.spec) for metric in metrics}
    found = []
    by_hand = {source_of(metric.name) for metric in metrics if "manual" in metric.spec}
    for table in Table.objects.filter(rows__gt=0):
        if not table.source.get("time") or table.name in by_hand:
            continue
        amounts = [column["name"] for column in table.mapping.get("columns", []) if column.get("role") == "amount"]
        some = suggest(table.name, table.source, columns(table), amounts, taken)
        some = [_named(one, table) for one in some if _plain(one.spec) not in formulas]
        if some:
            found.append((table, some))
    return found


def _plain(spec: dict) -> str:
    """A definition without quotes, spaces and what only places it."""
    return re.sub(r'[\s"]', "", str(spec.get("agg") or spec.get("calc") or "")) + str(spec.get("where", ""))


def _named(one: Suggestion, table: Table) -> Suggestion:
    """A suggestion of any table but that of orders says whose number it is: not every sum is revenue."""
    if not one.name.startswith(f"{table.name}_"):
        return one
    call = CALL.fullmatch(one.spec.get("agg", ""))
    if call and call[1] == "sum":
        column = call[2].rpartition(".")[2].strip('"')
        return replace(one, label_ko=f"{table} {column} 합계", label_en=f"Sum of {column} of {table}", unit="count")
    if call and call[1] == "count":
        return replace(one, label_ko=f"{table} 건수", label_en=f"Number of {table}")
    return replace(one, label_ko=f"{table} {one.label_ko}", label_en=f"{one.label_en} of {table}")


def in_words(spec: dict, *, tables: dict[str, Table] | None = None, labels: dict[str, str] | None = None) -> str:
    """A definition as a sentence where it is plain enough; empty where only the formula says it."""
    tables = {table.name: table for table in Table.objects.all()} if tables is None else tables
    if "agg" in spec:
        return _agg_words(spec, tables)
    if "manual" in spec:
        return _manual_words(spec["manual"])
    if "calc" in spec and not spec.get("with"):
        labels = {metric.name: metric.label for metric in Metric.objects.all()} if labels is None else labels
        return _calc_words(spec["calc"], labels)
    return ""


def _agg_words(spec: dict, tables: dict[str, Table]) -> str:
    call = CALL.fullmatch(spec["agg"].strip())
    if not call or re.search(r"[()<>=+*/]", call[2]):
        return ""
    name, _dot, column = call[2].replace('"', "").rpartition(".")
    if call[1] == "count" and column in tables:
        name, column = column, ""
    table = tables.get(name or spec.get("from", ""))
    if table is None:
        return ""
    words = {
        "count": _("number of rows"), "sum": _("sum of %(column)s"), "avg": _("average of %(column)s"),
        "count_distinct": _("number of different %(column)s"), "min": _("smallest %(column)s"),
        "max": _("largest %(column)s"),
        "median": _("median of %(column)s"),
    }[call[1]] % {"column": column}  # fmt: skip
    text = _("%(table)s: %(what)s") % {"table": table, "what": words}
    return text + (_(", only where %(condition)s") % {"condition": spec["where"]} if spec.get("where") else "")


def _manual_words(manual: dict) -> str:
    every = {
        "day": _("written in by people every day"), "week": _("written in by people every week"),
        "month": _("written in by people every month"), "quarter": _("written in by people every quarter"),
        "year": _("written in by people every year"),
    }[manual.get("every", "month")]  # fmt: skip
    longer = {
        "last": _("a longer period is its last value"), "sum": _("a longer period is their sum"),
        "avg": _("a longer period is their mean"),
    }[manual.get("over_time", "last")]  # fmt: skip
    return f"{every}; {longer}"


def _calc_words(calc: str, labels: dict[str, str]) -> str:
    text = re.sub(r'"?([^\W\d]\w*)"?', lambda found: labels.get(found[1], found[0]), calc)
    return text.replace("*", "×").replace("/", "÷").replace(" - ", " − ")
