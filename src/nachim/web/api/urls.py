"""Every resource under /api/."""

from nachim.web.api import (
    catalogue,
    company,
    data,
    events,
    findings,
    goals,
    kpis,
    metrics,
    scorecard,
    sheets,
    teams,
    values,
)
from nachim.web.api.document import api

for resource in (goals, kpis, scorecard, findings, metrics, catalogue, values, data, events, sheets, teams, company):
    api.add_router("", resource.router)

__all__ = ["api"]
