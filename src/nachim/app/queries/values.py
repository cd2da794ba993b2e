"""Values that people write in, by period: what stands there, who wrote it, and what is missing."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from statistics import fmean

from django.utils import timezone

from nachim.app import language, policy
from nachim.app.home import lake
from nachim.app.models import Kpi, Metric, Observation
from nachim.core.named_period import up_to
from nachim.core.period import Grain, Period
from nachim.metrics.by_hand import source_of

SHOWN = 13


@dataclass(frozen=True)
class Entry:
    """What people wrote for a period. `days`: the instants of its rows, more than one where a file brought them.

    `missing`: it is over, and nobody wrote it.
    """

    period: Period
    value: float | None = None
    note: str = ""
    by: str = ""
    at: datetime | None = None
    days: tuple[datetime, ...] = field(default=(), hash=False)
    missing: bool = False
    running: bool = False


def every_of(metric: Metric) -> Grain | None:
    """The grain people write a metric at; None where it is computed."""
    manual = metric.spec.get("manual")
    return Grain(manual.get("every", "month")) if isinstance(manual, dict) else None


def name_of(metric: Metric) -> str:
    """The table of a metric's values."""
    return source_of(metric.name)


def stored(metric: Metric) -> dict[str, list[dict]]:
    """The rows of the lake by the period they speak of, oldest first."""
    calendar, every = language.calendar(), every_of(metric)
    found: dict[str, list[dict]] = {}
    table = lake().table(name_of(metric))
    for row in sorted(table.read(), key=lambda row: row["day"]) if {"day", "value"} <= set(table.columns) else ():
        row["day"] = row["day"].astimezone(UTC)
        found.setdefault(calendar.period(every, row["day"]).key, []).append(row)
    return found


def shown(metric: Metric, period: Period, rows: dict[str, list[dict]]) -> Entry:
    """The value of a period: of several rows what the metric makes of them."""
    own = rows.get(period.key, [])
    known = [row for row in own if row["value"] is not None]
    days = tuple(row["day"] for row in known)
    last = max(own, key=lambda row: row.get("at") or row["day"], default=None)
    said = {"by": last.get("by") or "", "at": last.get("at")} if last else {}
    if not known:
        return Entry(period, days=days, **said)
    how = metric.spec["manual"].get("over_time", "last")
    values = [row["value"] for row in known]
    value = {"last": values[-1], "sum": sum(values), "avg": fmean(values)}[how]
    return Entry(period, value, known[-1].get("note") or "", days=days, **said)


def entries(metric: Metric, count: int = SHOWN, now: datetime | None = None) -> list[Entry]:
    """The newest periods with what is written for each, the one under way first.

    Missing is what is over and empty: since the first value, or the last period alone where there is none yet.
    """
    calendar, every, rows = language.calendar(), every_of(metric), stored(metric)
    today = calendar.today(now or timezone.now())
    periods = up_to(today, every, calendar, count)
    first = min((key for key, own in rows.items() if any(row["value"] is not None for row in own)), default="")
    found = []
    for at, period in enumerate(periods):
        entry = shown(metric, period, rows)
        wanted = at > 0 and (period.key > first if first else at == 1)
        found.append(replace(entry, missing=wanted and entry.value is None, running=at == 0))
    return found


def written(metric: Metric) -> list[Entry]:
    """Every period with a row, newest first; those taken back have no value."""
    calendar, every, rows = language.calendar(), every_of(metric), stored(metric)
    return [shown(metric, Period.parse(every, key, calendar), rows) for key in sorted(rows, reverse=True)]


@dataclass(frozen=True)
class Due:
    """A metric whose last closed period nobody wrote yet, and the KPI it is asked for."""

    metric: Metric
    kpi: Kpi
    period: Period


def due(user, kpis: Iterable[Kpi], today: date) -> list[Due]:
    """What a person has to write of KPIs they own: by the mart, in one query."""
    calendar = language.calendar()
    wanted: dict[int, Due] = {}
    for kpi in kpis:
        every = every_of(kpi.metric)
        if kpi.owner_id == user.pk and every is not None and kpi.metric_id not in wanted:
            wanted[kpi.metric_id] = Due(kpi.metric, kpi, calendar.period(every, today).previous())
    if not wanted:
        return []
    known = set(
        Observation.objects.filter(
            series__metric__in=wanted, series__slice_key="", dim="",
            grain__in={one.period.grain.value for one in wanted.values()},
            period__in={one.period.key for one in wanted.values()},
        ).values_list("series__metric", "grain", "period")
    )  # fmt: skip
    return [
        one for pk, one in wanted.items()
        if (pk, one.period.grain.value, one.period.key) not in known and policy.can(user, "value.write", one.metric)
    ]  # fmt: skip
