"""Series planted in the mart as a refresh would leave them, for tests of what stands on them."""

from datetime import UTC, datetime, time, timedelta

from nachim.app.actions.series import series_of
from nachim.app.models import Kpi, Observation, Refresh
from nachim.core.period import Calendar, Grain

CALENDAR = Calendar()


def plant(kpi: Kpi, values, last, *, grain: str = "", partial: float | None = None):
    """Closed periods of a KPI's series, the newest holding the day `last`; `partial` is the running one after it."""
    grain = Grain(grain or kpi.cadence)
    series = series_of(kpi.metric, kpi.slice)
    record = Refresh.objects.create(spec_hash="-", as_of=datetime.now(UTC))
    period, rows = CALENDAR.period(grain, last), []
    after = period.next()
    if partial is not None:
        rows.append(_row(series, after, partial, "partial_period", record))
    for value in reversed(list(values)):
        if value is not None:
            rows.append(_row(series, period, value, "ok", record))
        period = period.previous()
    Observation.objects.filter(series=series, grain=grain.value, dim="").delete()
    Observation.objects.bulk_create(rows)
    end = after.start.date() + timedelta(days=1 if partial is not None else 0)
    series.complete_through = datetime.combine(end, time(), CALENDAR.zone)
    series.computed_at = datetime.now(UTC)
    series.save()
    return series


def _row(series, period, value, state, record):
    return Observation(
        series=series, grain=period.grain.value, period=period.key, value=value, n=1, state=state, refresh=record
    )


def noon(day):
    """An instant on a business day."""
    return datetime.combine(day, time(12), CALENDAR.zone)
