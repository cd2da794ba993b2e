"""Bring the mart up to the lake: compute what is stale and nothing else, and put it in place in one transaction.

Tables of connections keep no versions: theirs is the second in which they were read, and their numbers are asked again
when they are older than the connection says. A connection that does not answer leaves its numbers as they are, with the
reason beside them, and holds nothing else up.

What was computed from which table versions stands on each Series, so a refresh that dies leaves the mart as it was and
the next one does the same work. Two refreshes at once compute the same; the later to finish finds the work done.
"""

import time
from collections import defaultdict
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from django.db import transaction
from django.utils import timezone

from nachim.app import audit, language
from nachim.app.actions.series import slice_key, wanted
from nachim.app.engines import Engines, opened
from nachim.app.home import lake
from nachim.app.models import Guardrail, Kpi, Observation, Refresh, Series, Table
from nachim.core.period import Grain
from nachim.lake.errors import LakeError
from nachim.metrics.bind import Binder
from nachim.metrics.cells import Cell, State
from nachim.metrics.engine import Pinned, connection_of
from nachim.metrics.messages import MetricError
from nachim.metrics.refresh import HORIZON, PARTS_HORIZON, Days, Staleness, placed_by, reach_of
from nachim.metrics.run import Query, Result, evaluate, spec_hash, tables_of
from nachim.metrics.spec import Model

MOST_PARTS = 100


@dataclass
class Work:
    """What one series needs: its new inputs, and what of it is stale (None: all it remembers)."""

    series: Series
    spec_hash: str
    versions: dict[str, int]
    through: datetime
    anchor: date
    stale: Staleness | None
    dims: list[str] = field(default_factory=list)

    @property
    def full(self) -> bool:
        return self.stale is None

    def days(self, grain: Grain, horizon: timedelta) -> list[Days]:
        """The days to compute again at a grain, of those that are remembered."""
        remembered = (self.anchor - horizon, self.anchor + timedelta(days=1))
        return [remembered] if self.stale is None else self.stale.days(grain, remembered)


@dataclass(frozen=True)
class Computed:
    """The answer to one query, with the series, grain, dimension and days it replaces."""

    works: list[Work]
    grain: Grain
    dim: str
    days: Days
    result: Result
    seconds: float


@dataclass(frozen=True)
class Report:
    """What a refresh did, for the command line and tests."""

    series: int = 0
    cells: int = 0
    changed: int = 0
    problems: int = 0
    seconds: float = 0.0


def refresh(now: datetime | None = None, *, patient: bool = True) -> Report:
    """Compute and store every stale observation of the series that KPIs need.

    `patient`: numbers of connections that are young enough stand as they are; else every connection is asked.
    """
    began = time.perf_counter()
    now = now or timezone.now()
    everything = wanted()
    if not everything:
        return Report()
    with opened() as engine:
        binder = Binder(language.model(), Pinned(engine))
        works, problems = [], {}
        for series in everything:
            try:
                young = patient and _young(series, binder.model, engine, now)
                work = None if young else _work(series, binder, now)
            except (MetricError, LakeError) as error:
                problems[series] = _sentences(error)
            else:
                if work is not None:
                    works.append(work)
        computed, failed = _compute(works, binder, now) if works else ([], {})
        extents = _extents(binder, engine)
    problems |= failed
    works = [work for work in works if work.series not in failed]
    cells, changed = _store(works, computed, problems, now)
    _remember(extents, now)
    return Report(len(works), cells, changed, len(problems), time.perf_counter() - began)


def _sentences(error: MetricError | LakeError) -> dict[str, str]:
    return {locale: error.text(locale) for locale in ("ko", "en")}


def _young(series: Series, model: Model, engine: Engines, now: datetime) -> bool:
    """Whether a series of a connection was computed so recently that nobody is asked again."""
    name = series.metric.name
    tables = tables_of(model, name)
    if series.problem or series.spec_hash != spec_hash(model, name) or set(series.versions) != tables:
        return False
    elsewhere = [table for table in tables if connection_of(table) in engine.known]
    if not elsewhere or any(engine.version(table) != series.versions[table] for table in tables - {*elsewhere}):
        return False
    ages = {table: now.timestamp() - series.versions[table] for table in elsewhere}
    limits = {table: engine.known[connection_of(table)].every_minutes * 60 for table in elsewhere}
    return all(0 <= ages[table] < limits[table] for table in elsewhere)


def _work(series: Series, binder: Binder, now: datetime) -> Work | None:
    """What is stale of a series; None when it is fresh."""
    name, calendar, model = series.metric.name, binder.calendar, binder.model
    bound = binder.metric(name)
    if not bound.measures:
        return None
    digest = spec_hash(model, name)
    versions = {table: binder.engine.version(table) for table in sorted(tables_of(model, name))}
    reach = reach_of(binder, name, now)
    if reach.through is None:
        return None
    anchor = calendar.today(reach.through - timedelta(microseconds=1))
    same = series.spec_hash == digest and set(series.versions) == set(versions) and not series.problem
    if same and series.versions == versions and series.complete_through == reach.through:
        return None
    stale = None
    if same and series.complete_through is not None:
        was = calendar.today(series.complete_through - timedelta(microseconds=1))
        touched = {
            source: [] if series.versions[table] == versions[table] else _touched(table, column, series.versions[table])
            for source, (table, column) in placed_by(model, name).items()
        }
        found = Staleness(binder, name, now, touched, was, anchor)
        stale = found if found.touched is not None else None
    dims = binder.dims(bound)
    return Work(
        series, digest, versions, reach.through, anchor, stale, [dim for dim in dims if dim not in series.slice]
    )


def _touched(table: str, column: str | None, version: int) -> list[Days] | None:
    """The changed days of a table since a version, by the column that places its rows; None: they cannot be placed."""
    if column is None or connection_of(table):
        return None
    return lake().table(table).touched_since(version, column)


def _compute(works: list[Work], binder: Binder, now: datetime) -> tuple[list[Computed], dict[Series, dict[str, str]]]:
    """One query for all series that share engine, slice, days and dimension: their tables are scanned once.

    And the series that could not be computed, with the reason: those that share a query fail alone.
    """
    cadences = _cadences(works)
    groups: dict[tuple, list[Work]] = defaultdict(list)
    for work in works:
        for grain, horizon in HORIZON.items():
            for days in work.days(grain, horizon):
                groups[_places(work), work.series.slice_key, grain, "", days].append(work)
        for grain in cadences[work.series.pk]:
            for days in work.days(grain, PARTS_HORIZON[grain]):
                for dim in work.dims:
                    groups[_places(work), work.series.slice_key, grain, dim, days].append(work)
    found: list[Computed] = []
    failed: dict[Series, dict[str, str]] = {}
    for (_where, _slice, grain, dim, days), members in groups.items():
        waiting = [[work for work in members if work.series not in failed]]
        while waiting and waiting[0]:
            some = waiting.pop(0)
            try:
                found.append(_computed(some, grain, dim, days, binder, now))
            except (MetricError, LakeError) as error:
                if len(some) > 1:
                    waiting += [[work] for work in some]
                else:
                    failed[some[0].series] = _sentences(error)
    return found, failed


def _computed(works: list[Work], grain: Grain, dim: str, days: Days, binder: Binder, now: datetime) -> Computed:
    began = time.perf_counter()
    query = Query(
        tuple(work.series.metric.name for work in works), grain, *days, (dim,) if dim else (),
        condition(works[0].series.slice),
    )  # fmt: skip
    result = evaluate(binder.model, query, binder.engine, as_of=now, binder=binder)
    return Computed(works, grain, dim, days, result, time.perf_counter() - began)


def _places(work: Work) -> tuple[str, ...]:
    return tuple(sorted({connection_of(table) for table in work.versions}))


def _extents(binder: Binder, engine: Engines) -> dict[str, tuple[datetime, datetime]]:
    """First and last row of each table of a connection that was read in this refresh."""
    found = {}
    for name, source in binder.model.sources.items():
        if source.connection in engine.seen and source.time and source.table in engine.seen[source.connection]:
            with suppress(MetricError, KeyError):
                extent = binder.engine.extent(source.place, source.time)
                if extent is not None:
                    found[name] = extent
    return found


def _remember(extents: dict[str, tuple[datetime, datetime]], now: datetime) -> None:
    """What the pages say of tables that stay where they are."""
    for name, (first, last) in extents.items():
        Table.objects.filter(name=name).update(first_row_at=first, last_row_at=last, imported_at=now)


def _cadences(works: list[Work]) -> dict[int, list[Grain]]:
    """The grains at which each series is broken down: the cadences of the KPIs that show it."""
    found: dict[int, list[Grain]] = defaultdict(list)
    kpis = list(Kpi.objects.filter(archived_at=None))
    for work in works:
        grains = {
            Grain(kpi.cadence)
            for kpi in kpis
            if (kpi.metric_id, slice_key(kpi.slice)) == (work.series.metric_id, work.series.slice_key)
        }
        found[work.series.pk] = sorted(grains)
    return found


def condition(slice_: dict) -> str | None:
    """A slice as a condition of the metric language."""
    parts = []
    for dim, value in slice_.items():
        column = ".".join(f'"{part}"' for part in dim.split("."))
        parts.append(
            f"{column} is null" if value is None else "{} = '{}'".format(column, str(value).replace("'", "''"))
        )
    return " and ".join(parts) or None


@transaction.atomic
def _store(works: list[Work], computed: list[Computed], problems: dict, now: datetime) -> tuple[int, int]:
    """Replace what was computed, unless another refresh got there first."""
    current = {
        one.pk: one for one in Series.objects.select_for_update().filter(pk__in=[work.series.pk for work in works])
    }
    live = {
        work.series.pk: work
        for work in works
        if work.series.pk in current and current[work.series.pk].computed_at == work.series.computed_at
    }
    calendar = language.calendar()
    written, changed = 0, set()
    for pk, work in live.items():
        if work.full:
            Observation.objects.filter(series=pk).delete()
    for one in computed:
        names = {work.series.metric.name: work for work in one.works if work.series.pk in live}
        if not names:
            continue
        periods = calendar.periods(one.grain, *one.days)
        ids = [work.series.pk for work in names.values()]
        standing = Observation.objects.filter(
            series__in=ids, grain=one.grain.value, dim=one.dim, period__gte=periods[0].key, period__lte=periods[-1].key
        )
        before = {(o.series_id, o.period, o.part): (o.value, o.state) for o in standing} if not one.dim else {}
        standing.delete()
        record = Refresh.objects.create(
            spec_hash=next(iter(names.values())).spec_hash, versions=one.result.versions, sql=one.result.sql, as_of=now,
            notes=[{"code": note.code, "params": note.params} for note in one.result.notes],
            seconds=one.seconds, cells=len(one.result.cells),
        )  # fmt: skip
        rows = [_observation(cell, names[cell.metric].series, one, record) for cell in _kept(one, names)]
        Observation.objects.bulk_create(rows, batch_size=2000)
        written += len(rows)
        if not one.dim:
            after = {(o.series_id, o.period, o.part): (o.value, o.state) for o in rows}
            changed |= {key[0] for key in before.keys() | after.keys() if before.get(key) != after.get(key)}
    for work in live.values():
        Series.objects.filter(pk=work.series.pk).update(
            spec_hash=work.spec_hash, versions=work.versions, complete_through=work.through, dims=work.dims,
            computed_at=now, problem={},
        )  # fmt: skip
    for series, problem in problems.items():
        if series.problem != problem:
            Series.objects.filter(pk=series.pk).update(problem=problem)
            changed.add(series.pk)
    if live:
        Refresh.objects.filter(observations=None).delete()
    audit.publish(*_topics(changed))
    return written, len(changed)


def _kept(one: Computed, names: dict[str, Work]) -> list[Cell]:
    """Cells worth a row: those with a number or an undefined one, and of a dimension with many values the biggest."""
    cells = [cell for cell in one.result.cells if cell.metric in names and cell.state is not State.NO_DATA]
    if not one.dim:
        return cells
    sizes: dict[str | None, int] = defaultdict(int)
    for cell in cells:
        sizes[cell.slices[0][1]] += cell.n
    if len(sizes) <= MOST_PARTS:
        return cells
    biggest = set(sorted(sizes, key=lambda part: -sizes[part])[:MOST_PARTS])
    return [cell for cell in cells if cell.slices[0][1] in biggest]


def _observation(cell: Cell, series: Series, one: Computed, record: Refresh) -> Observation:
    return Observation(
        series=series, grain=one.grain.value, dim=one.dim, part=(cell.slices[0][1] or "")[:255] if one.dim else "",
        period=cell.period, value=cell.value, numerator=cell.numerator, denominator=cell.denominator, n=cell.n,
        state=cell.state.value, refresh=record,
    )  # fmt: skip


def _topics(changed: set[int]) -> list[str]:
    """The KPIs whose page shows a changed series, as themselves or through a guardrail."""
    if not changed:
        return []
    keys = {(one.metric_id, one.slice_key) for one in Series.objects.filter(pk__in=changed)}
    topics = [
        f"kpi-{kpi.pk}" for kpi in Kpi.objects.filter(archived_at=None) if (kpi.metric_id, slice_key(kpi.slice)) in keys
    ]
    guarded = Guardrail.objects.filter(metric__in=[metric for metric, key in keys if key == ""], kpi__archived_at=None)
    topics += [f"kpi-{guard.kpi_id}" for guard in guarded]
    return [*topics, "company"]
