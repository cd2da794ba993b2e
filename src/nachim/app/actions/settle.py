"""Write down what came of the odds that were said, once the periods they spoke of are closed."""

from datetime import date

import numpy as np
from django.db import transaction
from django.utils import timezone

from nachim.analysis.odds import measure
from nachim.analysis.odds_target import aim_of
from nachim.app import language
from nachim.app.actions.series import slice_key
from nachim.app.models import Call, Series
from nachim.app.queries.odds import past_of, periods_until
from nachim.core.period import Calendar, Grain, Period
from nachim.core.target import HitRate, Reach


@transaction.atomic
def settle(today: date) -> int:
    """Add the outcome to the calls whose last period is closed; how many. An outcome that is there is never changed."""
    calendar = language.calendar()
    outcomes: dict[tuple[int, str, str], tuple[bool, float] | None] = {}
    done = []
    for call in Call.objects.filter(came=None, due__lt=today).select_related("target", "kpi__metric"):
        key = (call.target_id, call.grain, call.first)
        if key not in outcomes:
            outcomes[key] = _came(call, calendar)
        found = outcomes[key]
        if found is not None:
            call.came, call.value = found
            call.settled_at = timezone.now()
            done.append(call)
    Call.objects.bulk_update(done, ["came", "value", "settled_at"], batch_size=500)
    return len(done)


def _came(call: Call, calendar: Calendar) -> tuple[bool, float] | None:
    """Whether it came, and the value it hung on; None while a period that decides it is not closed."""
    grain, rule = Grain(call.grain), call.target.rule
    series = Series.objects.filter(metric=call.kpi.metric, slice_key=slice_key(call.kpi.slice)).first()
    aim, known = aim_of(rule), past_of(series, grain, calendar) if series else None
    if aim is None or known is None:
        return None
    first = Period.parse(grain, call.first, calendar)
    spoken_of = {period.key for period in periods_until(first, rule.due)}
    counts = isinstance(rule, HitRate) or (isinstance(rule, Reach) and rule.total)
    done, came = [], []
    for period, value in known.periods():
        if period.key in spoken_of:
            came.append(value)
        elif counts and period < first and period.start.date() >= rule.start:
            done.append(value)
    if len(came) < len(spoken_of) or not np.isfinite(came).all():
        return None
    value = float(measure(np.array([came]), aim, np.array(done))[0])
    if not np.isfinite(value):
        return None
    if aim.over == "share":
        return value >= aim.share - 1e-9, value
    return (value >= aim.level if aim.direction == "up" else value <= aim.level), value
