"""How the KPIs stand: the scorecard, their observations, and what is likely."""

import math
from datetime import datetime
from functools import partial
from typing import Annotated, Literal

from django.core.exceptions import ValidationError
from ninja import Query, Router, Schema

from nachim.app.models import Kpi, Observation
from nachim.app.policy import visible
from nachim.app.queries.kpi import kpi_page
from nachim.app.queries.outlook import editor, fan, of_kpi
from nachim.app.queries.record import records
from nachim.app.queries.scorecard import KpiRow, kpi_rows
from nachim.core.period import Grain
from nachim.core.target import TargetError, target_from_json
from nachim.web.api.door import operation
from nachim.web.api.fields import Day, Name, Short
from nachim.web.api.found import email_of, thing
from nachim.web.api.kpis import KPIS, KpiFilter, TargetIn, sees_whole, target_spec, wanted
from nachim.web.api.paging import Page, PagingQuery, page, page_of
from nachim.web.views.target import series_of

router = Router(tags=["scorecard"])
op = partial(operation, router)
StatusName = Literal[
    "met", "on_pace", "at_risk", "behind", "unhealthy", "withheld", "no_data", "no_entry", "late", "fault", "no_target",
    "not_started",
]  # fmt: skip
KpiGrain = Literal["day", "week", "month", "quarter", "year"]


class PointOut(Schema):
    period: str
    value: float | None
    numerator: float | None
    denominator: float | None
    n: int
    state: str


class RowOut(Schema):
    """One KPI, judged on its last closed period. `why` says the status in a sentence.

    `part`: its numbers are of this part alone, because whoever asks sees no more; no target stands beside them.
    """

    kpi: str
    goal: str
    label: str
    unit: str
    owner: str | None
    status: StatusName
    computed: StatusName
    why: dict[str, str]
    closed: PointOut | None
    running: PointOut | None
    expected: float | None
    variance: float | None
    score: float | None
    p: float | None
    guardrails_broken: list[str]
    part: str
    freshness: str
    last_row_at: datetime | None


def row_out(row: KpiRow) -> dict:
    return {
        "kpi": row.kpi.name, "goal": row.kpi.goal.name, "label": str(row.kpi), "unit": row.unit,
        "owner": email_of(row.kpi.owner), "status": row.status.value, "computed": row.verdict.status.value,
        "why": row.why, "closed": point_out(row.closed), "running": point_out(row.running),
        "expected": finite(row.expected), "variance": finite(row.variance),
        "score": float(row.score.value) if row.score else None,
        "p": row.call.p if row.call and not row.call.withheld else None,
        "guardrails_broken": [stored.metric.name for stored, guard in row.guards if guard.broken],
        "part": row.part, "freshness": row.freshness.state,
        "last_row_at": row.freshness.last_row_at,
    }  # fmt: skip


def point_out(point) -> dict | None:
    if point is None:
        return None
    return {
        "period": point.period.key, "value": finite(point.value), "numerator": finite(point.numerator),
        "denominator": finite(point.denominator), "n": point.n, "state": point.state,
    }  # fmt: skip


def finite(value: float | None) -> float | None:
    return None if value is None or not math.isfinite(value) else value


@op("get", "/scorecard", "company.view", response=Page[RowOut])
def read_scorecard(request, paging: PagingQuery, only: Annotated[KpiFilter, Query()], status: StatusName | None = None):
    """Every live KPI with its status, as on the company page."""
    asked = wanted(request, only).values("pk")
    rows = kpi_rows(visible(request.user, Kpi.objects.filter(pk__in=asked)), user=request.user)
    shown = [row_out(row) for row in rows if status is None or row.status.value == status]
    return page_of(shown, paging)


class ObservationOut(Schema):
    grain: str
    dim: str
    part: str
    period: str
    value: float | None
    numerator: float | None
    denominator: float | None
    n: int
    state: str
    computed_at: datetime

    @staticmethod
    def resolve_computed_at(one):
        return one.refresh.computed_at


class ObservationFilter(Schema):
    grain: KpiGrain | None = None
    dim: Short = ""
    start: Day | None = None
    end: Day | None = None


@op("get", "/kpis/{name}/observations", "company.view", response=Page[ObservationOut])
def list_observations(request, name: Name, paging: PagingQuery, only: Annotated[ObservationFilter, Query()]):
    """The stored numbers of a KPI: all of it, or by a dimension. `start` is included, `end` is not."""
    kpi = thing(request, KPIS, name=name)
    found = visible(request.user, Observation.objects.filter(series=series_of(kpi), dim=only.dim))
    found = found.select_related("refresh")
    found = found.filter(grain=only.grain or kpi.cadence)
    found = found.filter(period__gte=only.start.isoformat()) if only.start else found
    found = found.filter(period__lt=only.end.isoformat()) if only.end else found
    return page(found, paging)


class KpiStandOut(RowOut):
    """And its time line with the target's path, at a grain."""

    grain: str
    points: list[PointOut]
    targets: list[float | None]
    dims: list[str]


@op("get", "/kpis/{name}/scorecard", "company.view", response=KpiStandOut)
def get_kpi_scorecard(request, name: Name, grain: KpiGrain | None = None):
    kpi = thing(request, KPIS, name=name, archived_at=None)
    shown = kpi_page(kpi, grain=grain or kpi.cadence, user=request.user)
    return row_out(shown.row) | {
        "grain": shown.grain.value, "points": [point_out(point) for point in shown.points],
        "targets": [finite(one) for one in shown.targets], "dims": shown.dims,
    }  # fmt: skip


class IntervalOut(Schema):
    low: float
    high: float


class AheadOut(Schema):
    period: str
    middle: float
    intervals: dict[str, IntervalOut]


class ForecastOut(Schema):
    """`reliable` false: no band is shown, because it would not keep its word; `doubt` says why."""

    reliable: bool
    doubt: str
    periods: list[AheadOut]


@op("get", "/kpis/{name}/forecast", "company.view", response=ForecastOut)
def get_forecast(request, name: Name):
    """The stored forecast: the middle of what is likely, and the 50, 80 and 95 % intervals."""
    kpi = thing(request, KPIS, name=name, archived_at=None)
    looked = of_kpi(kpi, series_of(kpi)) if sees_whole(request, kpi) else None
    if looked is None:
        return {"reliable": False, "doubt": "", "periods": []}
    known, made = looked
    drawn = fan(known, made, Grain(kpi.cadence))
    doubt = made.doubt.sentence("en" if request.LANGUAGE_CODE == "en" else "ko") if made.doubt else ""
    ahead = [
        {"period": period.key, "middle": drawn.middle[at],
         "intervals": {
                str(level): {"low": bands[at][0], "high": bands[at][1]} for level, bands in drawn.intervals.items()
            }}
        for at, period in enumerate(drawn.periods)
    ] if drawn else []  # fmt: skip
    return {"reliable": made.reliable, "doubt": doubt, "periods": ahead}


class OddsOut(Schema):
    """`p` null: nobody can know, `doubt` says why. `proposals`: levels by how often they are reached."""

    p: float | None
    low: float | None
    high: float | None
    needed: float | None
    expected: float | None
    doubt: str
    proposals: dict[str, float]


@op("get", "/kpis/{name}/odds", "company.view", response=OddsOut)
def get_odds(request, name: Name):
    """The odds of the target that holds, as they were said last."""
    kpi = thing(request, KPIS, name=name, archived_at=None)
    row = kpi_rows(visible(request.user, Kpi.objects.filter(pk=kpi.pk)), user=request.user)[0]
    call = row.call
    shown = call is not None and not call.withheld
    doubt = "withheld" if call is not None and call.withheld else (call.doubt.get("code", "") if call else "none")
    return {
        **{key: getattr(call, key) if shown else None for key in ("p", "low", "high", "needed", "expected")},
        "doubt": doubt, "proposals": {},
    }  # fmt: skip


@op("post", "/kpis/{name}/odds", "target.edit", response=OddsOut)
def odds_of(request, name: Name, given: TargetIn):
    """The odds a target would have, and levels to choose from; nothing is stored."""
    kpi = thing(request, KPIS, name=name, archived_at=None)
    locale = "en" if request.LANGUAGE_CODE == "en" else "ko"
    try:
        rule = target_from_json(target_spec(given.spec))
    except TargetError as error:
        raise ValidationError({"spec": error.text(locale)}) from error
    found = editor(kpi, series_of(kpi), rule)
    said, offered = found.found and found.found.outlook, found.proposal
    levels = {key: getattr(offered, key) for key in ("likely", "safe", "ambitious", "stretch")} if offered else {}
    return {
        **{key: finite(getattr(said, key)) if said else None for key in ("p", "low", "high", "needed", "expected")},
        "doubt": said.refusal.sentence(locale) if said and said.refusal else "" if said else "none",
        "proposals": {key: level for key, level in levels.items() if finite(level) is not None},
    }  # fmt: skip


class RecordOut(Schema):
    grain: str
    made: int
    unknown: int
    waiting: int
    ends: int


@op("get", "/odds/record", "company.view", response=list[RecordOut])
def get_odds_record(request):
    """How many odds were said, and how many have their outcome, by frequency."""
    return [
        {key: getattr(one, key) for key in ("grain", "made", "unknown", "waiting", "ends")}
        for one in records().values()
    ]
