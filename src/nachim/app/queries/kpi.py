"""One KPI in depth: its time line with the target path, its slices, and where its number comes from."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Max
from django.utils import timezone

from nachim.app import language, policy
from nachim.app.models import AuditEntry, ImportRun, Kpi, Observation, Refresh, Series, Table, Target
from nachim.app.queries.odds import Ahead, ahead
from nachim.app.queries.outlook import Fan, fan, of_kpi
from nachim.app.queries.points import Point, anchor, last_periods
from nachim.app.queries.scorecard import KpiRow, kpi_rows, path_at, rule_at
from nachim.app.sight import EVERYTHING, WHOLE, Own
from nachim.app.workdays import closed
from nachim.core.period import Grain
from nachim.metrics.lineage import reach, rows_of
from nachim.metrics.messages import MetricError, Note

# How many periods the big chart shows at each grain.
WINDOW = {Grain.DAY: 90, Grain.WEEK: 53, Grain.MONTH: 25, Grain.QUARTER: 13, Grain.YEAR: 6}
PARTS_SHOWN = 12


@dataclass(frozen=True)
class Part:
    """One value of a dimension in the last closed period, and the one before."""

    name: str
    point: Point
    previous: Point | None
    share: float | None


@dataclass(frozen=True)
class Slices:
    """`of_base`: the shares are of what a ratio divides by, not of the value itself."""

    dim: str
    parts: list[Part]
    more: int
    shared: bool
    of_base: bool


@dataclass(frozen=True)
class Provenance:
    """Where the number comes from: what was computed, from which rows, when, and how to compute it again."""

    formula: dict
    metric_version: int
    versions: dict[str, int]
    notes: list[Note]
    tables: list[tuple[Table, ImportRun | None]]
    refresh: Refresh | None
    point: Point | None
    replay: str


@dataclass(frozen=True)
class KpiPage:
    row: KpiRow
    grain: Grain
    grains: list[Grain]
    points: list[Point]
    targets: list[float | None]
    slices: Slices | None
    dims: list[str]
    versions: list[Target]
    provenance: Provenance
    history: list[AuditEntry]
    ahead: Ahead | None = None
    fan: Fan | None = None
    off: frozenset[date] = frozenset()


def kpi_page(kpi: Kpi, *, grain: str = "", dim: str = "", user=policy.SYSTEM, now: datetime | None = None) -> KpiPage:
    """Everything the page of one KPI shows at the chosen grain and dimension, of the part its reader sees."""
    sight = policy.sight(user) or EVERYTHING
    now = now or timezone.now()
    calendar = language.calendar()
    row = kpi_rows(Kpi.objects.filter(pk=kpi.pk), user=user, now=now)[0]
    chosen = Grain(grain) if grain in {one.value for one in WINDOW} else Grain(kpi.cadence)
    points: list[Point] = []
    slices = None
    dims = row.series.dims if row.series else []
    whole = row.series is None or sight.part(row.series) == WHOLE
    if not whole:
        dims = [dim for dim in dims if sight.values(row.series, dim)]
    if row.series is not None:
        periods = last_periods(calendar, chosen, anchor(row.series, calendar, calendar.today(now)), WINDOW[chosen])
        points = _trimmed(_points(row.series, chosen, periods, sight.part(row.series)))
        dim = dim if dim in dims else (dims[0] if dims else "")
        if dim and row.closed is not None:
            slices = _slices(row, dim, sight.values(row.series, dim))
    # A target is a level per period of the cadence: it has no path at another grain.
    same_grain = chosen == Grain(kpi.cadence)
    looked = of_kpi(kpi, row.series) if whole else None
    versions = list(kpi.targets.select_related("author")) if whole else []
    off = closed()
    return KpiPage(
        row=row,
        grain=chosen,
        grains=list(WINDOW),
        points=points,
        targets=[path_at(rule_at(versions, point), point, off) if same_grain else None for point in points],
        slices=slices,
        dims=dims,
        versions=versions,
        provenance=_provenance(row),
        history=list(AuditEntry.objects.filter(object_kind="kpi", object_name=kpi.name)[:20]) if whole else [],
        ahead=ahead(row.target, *looked) if looked and row.target else None,
        fan=fan(*looked, chosen) if looked and same_grain else None,
        off=off,
    )


def _points(series: Series, grain: Grain, periods, part: Own | None) -> list[Point]:
    fields = ("period", "value", "numerator", "denominator", "n", "state", "refresh_id")
    if part is None:
        return []
    own = {"dim": part[0], "part": part[1]} if part != WHOLE else {"dim": ""}
    found = {
        key: rest
        for key, *rest in Observation.objects.filter(
            series=series, grain=grain.value, **own, period__gte=periods[0].key, period__lte=periods[-1].key
        ).values_list(*fields)
    }
    return [Point(period, *found.get(period.key, (None, None, None, 0, "no_data"))) for period in periods]


def _trimmed(points: list[Point]) -> list[Point]:
    """Without the empty stretch before the data begins; none where no period has a value."""
    first = next((at for at, point in enumerate(points) if point.value is not None), len(points))
    return points[first:]


def _slices(row: KpiRow, dim: str, seen: frozenset[str] | None) -> Slices:
    period, before = row.closed.period, row.closed.period.previous()
    found: dict[str, dict[str, Point]] = defaultdict(dict)
    fields = ("part", "period", "value", "numerator", "denominator", "n", "state", "refresh_id")
    known = Observation.objects.filter(
        series=row.series, grain=period.grain.value, dim=dim, period__in=[period.key, before.key]
    )
    if seen is not None:
        known = known.filter(part__in=seen)
    for part, key, *rest in known.values_list(*fields):
        found[part][key] = Point(period if key == period.key else before, *rest)
    now = {name: points[period.key] for name, points in found.items() if period.key in points}
    now = {name: point for name, point in now.items() if point.value is not None}
    of_base = row.closed.denominator is not None
    whole = _size(row.closed, of_base)
    sizes = {name: _size(point, of_base) for name, point in now.items()}
    # Shares only where the parts make up the whole: people of two channels may be the same people.
    shared = bool(whole) and None not in sizes.values() and min(sizes.values(), default=0) >= 0
    shared = shared and abs(sum(sizes.values()) - whole) <= 1e-6 * abs(whole)
    parts = [
        Part(name, point, found[name].get(before.key), sizes[name] / whole if shared else None)
        for name, point in now.items()
    ]
    parts.sort(key=lambda part: (-(part.share or 0), -part.point.n, part.name))
    return Slices(dim, parts[:PARTS_SHOWN], max(0, len(parts) - PARTS_SHOWN), shared, of_base)


def _size(point: Point, of_base: bool) -> float | None:
    return point.denominator if of_base else point.value


def _provenance(row: KpiRow) -> Provenance:
    series, metric = row.series, row.kpi.metric
    names = list(series.versions) if series else []
    done = ImportRun.objects.filter(table_name__in=names, state=ImportRun.State.DONE)
    newest = done.order_by().values("table_name").annotate(last=Max("pk")).values("last")
    last_runs = {run.table_name: run for run in ImportRun.objects.filter(pk__in=newest)}
    known = list(Table.objects.all())
    tables = [(table, last_runs.get(table.name)) for table in known if table.name in names]
    point = row.closed or next((point for point in row.spark[::-1] if point.partial), None)
    refresh = Refresh.objects.filter(pk=point.refresh_id).first() if point and point.refresh_id else None
    return Provenance(
        formula=language.metric_definition(metric),
        metric_version=metric.version,
        versions={name: version for name, version in refresh.versions.items() if name in names} if refresh else {},
        notes=_notes(refresh, metric.name) if refresh else [],
        tables=tables,
        refresh=refresh,
        point=point,
        replay=_replay(row, point),
    )


def _notes(refresh: Refresh, name: str) -> list[Note]:
    """The defaults taken for this metric: a refresh computes many at once, and tells of all they read."""
    notes = [Note(note["code"], note["params"]) for note in refresh.notes]
    try:
        model = language.model()
        below, sources = reach(model, name)
        read = {"source": sources, "name": rows_of(model, below), "metric": below}
    except MetricError:
        # A definition that cannot be read is told of where it is.
        return notes
    return [note for note in notes if all(note.params.get(key) in (None, *names) for key, names in read.items())]


def _replay(row: KpiRow, point: Point | None) -> str:
    """The command that computes the shown number again."""
    if point is None:
        return ""
    period = point.period
    days = f"--from {period.start.date()} --to {period.end.date()}"
    command = f"nachim query {row.kpi.metric.name} --grain {period.grain} {days}"
    for dim, value in row.kpi.slice.items():
        command += f" --where \"{dim} = '{value}'\""
    return command
