"""Months across, KPIs down; and how good the product's own odds were."""

from datetime import date

from django.shortcuts import render

from nachim.app.queries.bowler import bowler
from nachim.app.queries.record import records
from nachim.web.person import page as guarded


@guarded("company.view")
def page(request):
    try:
        until = date.fromisoformat(request.GET.get("until", ""))
    except ValueError:
        until = None
    return render(request, "bowler/page.html", {"nav": "company", "bowler": bowler(request.user, until=until)})


@guarded("company.view")
def record(request):
    return render(request, "record/page.html", {"nav": "company", "records": list(records().values())})
