"""The company page: every goal with its KPIs, and what needs attention first."""

from collections import Counter

from django.http import Http404
from django.shortcuts import render

from nachim.app import policy
from nachim.app.models import Kpi, Table
from nachim.app.queries.findings import MOST_ON_COMPANY, live
from nachim.app.queries.scorecard import company, kpi_rows
from nachim.core.status import Status
from nachim.web.person import page as guarded

ATTENTION = (Status.UNHEALTHY, Status.BEHIND, Status.AT_RISK)
MOST_ATTENTION = 5


@guarded("company.view")
def page(request):
    goals = company(request.user)
    rows = [row for goal in goals for row in goal.rows]
    urgent = sorted((row for row in rows if row.status in ATTENTION), key=lambda row: ATTENTION.index(row.status))
    counts = Counter(row.status.value for row in rows)
    return render(request, "company/page.html", {
        "nav": "company", "goals": goals, "rows": rows, "urgent": urgent[:MOST_ATTENTION],
        "counts": [(status.value, counts[status.value]) for status in Status if counts[status.value]],
        "findings": live(request.user, MOST_ON_COMPANY),
        "has_data": bool(rows) or policy.visible(request.user, Table.objects.all()).exists(),
    })  # fmt: skip


@guarded("company.view")
def card(request, pk):
    """One row, for a page that heard it changed."""
    rows = kpi_rows(policy.visible(request.user, Kpi.objects.filter(pk=pk)), user=request.user)
    if not rows:
        raise Http404
    return render(request, "company/_row.html", {"row": rows[0]})
