"""After a refresh: forecast what has a target ahead, say the odds, and settle those whose time has come.

Each step is safe to do again: the same values are not forecast twice, the same odds are not said twice, and an outcome
is written once.
"""

import hashlib
import logging
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

import numpy as np
from django.db import transaction
from django.utils import timezone

from nachim.analysis.forecast import Refusal, forecast_many
from nachim.analysis.forecast.drawn import drawn, unpacked
from nachim.analysis.odds_record import pace_call
from nachim.app import audit, language
from nachim.app.actions.series import slice_key
from nachim.app.actions.settle import settle
from nachim.app.models import Call, Forecast, Kpi, KpiStanding, Observation, Series, Target
from nachim.app.queries import record
from nachim.app.queries.odds import CODES, Ahead, Past, ahead, newest_calls, past, periods_until
from nachim.app.queries.points import CLOSED, last_day
from nachim.app.queries.scorecard import kpi_rows
from nachim.app.workdays import closed
from nachim.core.period import Calendar, Grain
from nachim.core.revision import in_force

log = logging.getLogger(__name__)
# So many periods ahead are forecast at least, for the chart; at most, whatever the date.
LEAST = {Grain.DAY: 28, Grain.WEEK: 13, Grain.MONTH: 6, Grain.QUARTER: 4}
MOST = {Grain.DAY: 366, Grain.WEEK: 106, Grain.MONTH: 36, Grain.QUARTER: 12}
# Series at a time, so that memory does not grow with their number; below MANY no processes are started.
BATCH, MANY = 400, 100


@dataclass(frozen=True)
class Report:
    """What was done, for tests and the log."""

    series: int = 0
    forecasts: int = 0
    calls: int = 0
    settled: int = 0


@dataclass
class Wanted:
    """A series to look ahead for at one grain, until the furthest date its KPIs have."""

    series: Series
    grain: Grain
    due: date | None
    known: Past

    @property
    def steps(self) -> int:
        least = min(LEAST[self.grain], len(self.known.history.values))
        until = len(periods_until(self.known.ahead, self.due)) if self.due else 0
        return max(1, min(MOST[self.grain], max(least, until)))

    @property
    def digest(self) -> str:
        said = hashlib.sha256(self.known.history.values.tobytes())
        said.update(f"{self.known.first.key} {self.steps} {self.known.history.company or ''}".encode())
        return said.hexdigest()


def look_ahead(now: datetime | None = None) -> Report:
    """Forecast, say and settle whatever is due; nothing where nothing changed."""
    now = now or timezone.now()
    calendar = language.calendar()
    today = calendar.today(now)
    kpis = list(Kpi.objects.filter(archived_at=None).select_related("metric").prefetch_related("targets"))
    settled = settle(today)
    wanted = _wanted(kpis, calendar, today)
    made = _forecast(list(wanted.values()), now, calendar)
    calls = _say(kpis, wanted, calendar, today, now)
    _keep_standings(now)
    return Report(len(wanted), made, calls, settled)


def _live(kpi: Kpi, today: date) -> list[Target]:
    """Versions of the target that may still be judged: the newest, and the one that judges the last closed period."""
    versions = list(kpi.targets.all())
    closed = last_day(language.calendar().period(Grain(kpi.cadence), today).previous())
    found = {one.pk: one for one in (*versions[:1], in_force(versions, closed)) if one is not None}
    return [target for target in found.values() if target.rule.due >= today]


def _wanted(kpis: Iterable[Kpi], calendar: Calendar, today: date) -> dict[tuple[int, Grain], Wanted]:
    """What KPIs look ahead for: those with a target that is not over, and those that have none yet."""
    series = {(one.metric_id, one.slice_key): one for one in Series.objects.exclude(computed_at=None)}
    dues: dict[tuple[int, Grain], list[date]] = defaultdict(list)
    known = {one.pk: one for one in series.values()}
    for kpi in kpis:
        own = series.get((kpi.metric_id, slice_key(kpi.slice)))
        live = _live(kpi, today)
        if own is None or (not live and kpi.targets.all()):
            continue
        dues[own.pk, Grain(kpi.cadence)] += [target.rule.due for target in live]
    values: dict[tuple[int, Grain], list[tuple[str, float]]] = defaultdict(list)
    rows = Observation.objects.filter(
        series__in={pk for pk, _grain in dues}, grain__in={grain.value for _pk, grain in dues}, dim="", state=CLOSED,
        value__isnull=False,
    )  # fmt: skip
    for pk, grain, period, value in rows.values_list("series_id", "grain", "period", "value").iterator():
        values[pk, Grain(grain)].append((period, value))
    found, own = {}, closed()
    for (pk, grain), ends in dues.items():
        one = past(values.get((pk, grain), ()), grain, calendar, own)
        if one is not None:
            found[pk, grain] = Wanted(known[pk], grain, max(ends, default=None), one)
    return found


def _forecast(wanted: list[Wanted], now: datetime, calendar: Calendar) -> int:
    """Forecast what was not forecast from the same values, and keep the paths; how many."""
    rows = Forecast.objects.filter(series__in={one.series.pk for one in wanted})
    stored = {(pk, grain): digest for pk, grain, digest in rows.values_list("series_id", "grain", "digest")}
    stale = [one for one in wanted if stored.get((one.series.pk, one.grain.value)) != one.digest]
    groups: dict[tuple[str, int], list[Wanted]] = defaultdict(list)
    for one in stale:
        groups[CODES[one.grain], one.steps].append(one)
    korean = calendar.tz == "Asia/Seoul"
    for (_code, steps), members in groups.items():
        for first in range(0, len(members), BATCH):
            some = members[first : first + BATCH]
            histories = [one.known.history for one in some]
            made = forecast_many(histories, steps, processes=None if len(some) >= MANY else 1, korean=korean)
            with transaction.atomic():
                for one, forecast in zip(some, made, strict=True):
                    kept = drawn(forecast)
                    doubt = {"code": kept.doubt.code, "facts": dict(kept.doubt.facts)} if kept.doubt else {}
                    Forecast.objects.update_or_create(
                        series=one.series, grain=one.grain.value,
                        defaults={
                            "first": one.known.ahead.key, "steps": steps, "as_of": now, "digest": one.digest,
                            "reliable": kept.reliable, "doubt": doubt, "origins": kept.origins, "paths": kept.packed(),
                        },
                    )  # fmt: skip
    return len(stale)


def _say(kpis: list[Kpi], wanted: dict, calendar: Calendar, today: date, now: datetime) -> int:
    """A call for each live target, unless the same was said of the same periods before; how many are new."""
    live = {target.pk: (kpi, target) for kpi in kpis for target in _live(kpi, today)}
    before = newest_calls(live)
    series = {(one.metric_id, one.slice_key): one.pk for one in Series.objects.all()}
    bars = {grain: one.bar.below for grain, one in record.records().items()}
    stored = {(row.series_id, row.grain): row for row in Forecast.objects.defer("paths")}
    new: list[Call] = []
    for kpi, target in live.values():
        grain = Grain(kpi.cadence)
        one = wanted.get((series.get((kpi.metric_id, slice_key(kpi.slice)), 0), grain))
        row = stored.get((one.series.pk, grain.value)) if one else None
        last = before.get(target.pk)
        withheld = bars.get(grain.value, False)
        if one is None or row is None or row.first != one.known.ahead.key:
            continue
        if last is not None and last.at >= row.as_of and last.first == row.first and last.withheld == withheld:
            continue
        found = ahead(target.rule, one.known, _drawn(row, one.known))
        if found is None:
            continue
        call = _call(kpi, target, found, row.first, withheld, now)
        if last is None or _differs(call, last):
            new.append(call)
    if new:
        with transaction.atomic():
            Call.objects.bulk_create(new)
            audit.publish("company", *(f"kpi-{call.kpi_id}" for call in new))
    return len(new)


def _keep_standings(now: datetime) -> None:
    """Write down what each verdict has settled to, where something was read that was not read before."""
    before = {one.kpi_id: one for one in KpiStanding.objects.all()}
    for row in kpi_rows(Kpi.objects.filter(archived_at=None, targets__isnull=False).distinct(), now=now):
        known, standing = before.get(row.kpi.pk), row.standing
        if row.held is None or standing is None or (known is not None and known.read == row.read):
            continue
        KpiStanding.objects.update_or_create(
            kpi=row.kpi,
            defaults={
                "target": row.held, "read": row.read, "status": standing.status.value, "times": standing.times,
                "knocking": standing.knocking.value if standing.knocking else "", "at": now,
            },
        )  # fmt: skip


def _drawn(row: Forecast, known: Past):
    doubt = Refusal(row.doubt["code"], row.doubt.get("facts", {})) if row.doubt else None
    return unpacked(bytes(row.paths), known.history, row.origins, doubt)


def _call(kpi: Kpi, target: Target, found: Ahead, first: str, withheld: bool, now: datetime) -> Call:
    said, rule = found.outlook, target.rule
    doubt = {"code": said.refusal.code, "facts": dict(said.refusal.facts)} if said.refusal else {}
    return Call(
        kpi=kpi, target=target, grain=kpi.cadence, first=first, steps=len(found.periods), due=rule.due, at=now,
        p=said.p, low=said.low, high=said.high, needed=_finite(said.needed), expected=_finite(said.expected),
        doubt=doubt, withheld=withheld, pace=_pace(found),
    )  # fmt: skip


def _pace(found: Ahead) -> bool | None:
    """What going on as lately would come to."""
    values = found.drawn.history.values
    recent = values[np.isfinite(values)][-len(found.periods) :]
    if found.aim.over == "share" or not len(recent):
        return None
    aim, done = found.aim, np.asarray(found.so_far, dtype=np.float64)
    return bool(pace_call(aim.level, aim.direction, done, recent, len(found.periods), aim.over))


def _finite(value: float | None) -> float | None:
    return float(value) if value is not None and np.isfinite(value) else None


def _differs(now: Call, last: Call) -> bool:
    same = (now.first, now.withheld, now.doubt.get("code")) == (last.first, last.withheld, last.doubt.get("code"))
    return not same or (now.p is not None and last.p is not None and abs(now.p - last.p) >= 0.005)
