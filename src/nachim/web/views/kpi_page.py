"""One KPI in depth."""

import csv as csvs
from datetime import date

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from nachim.app import policy
from nachim.app.actions.goal_flow import note_read
from nachim.app.language import spoken
from nachim.app.models import Kpi
from nachim.app.queries import revisions
from nachim.app.queries.kpi import kpi_page
from nachim.app.queries.points import Point
from nachim.app.queries.revisions import revision_days
from nachim.app.queries.scorecard import path_at
from nachim.core.number import format_value
from nachim.lake.quarantine import escape_formula
from nachim.render.chart import Band, Mark, kpi_chart
from nachim.web.forms.targets import OverrideForm
from nachim.web.odds_words import needed_text, odds_text
from nachim.web.pace import paced
from nachim.web.person import page as guarded
from nachim.web.person import thing


@guarded("company.view")
def page(request, pk):
    context = _context(request, pk)
    seen = set(request.session.get("read", []))
    note_read(context["kpi"], seen)
    if seen != set(request.session.get("read", [])):
        request.session["read"] = sorted(seen)
    return render(request, "kpi/page.html", context)


@guarded("company.view")
def body(request, pk):
    """The changing part, for a page that heard this KPI changed."""
    return render(request, "kpi/_body.html", _context(request, pk))


@guarded("company.view")
@paced("file out")
def csv(request, pk):
    """The points of the chart as a file a spreadsheet opens safely."""
    shown = _context(request, pk)["kpi_page"]
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="kpi-{pk}-{shown.grain}.csv"'
    response.write("\ufeff")
    writer = csvs.writer(response)
    writer.writerow(["period", "value", "numerator", "denominator", "n", "state", "target"])
    for point, target in zip(shown.points, shown.targets, strict=True):
        cells = [point.period.key, point.value, point.numerator, point.denominator, point.n, point.state, target]
        writer.writerow(
            ["" if cell is None else escape_formula(cell) if isinstance(cell, str) else cell for cell in cells]
        )
    return response


def _context(request, pk) -> dict:
    kpi = thing(request, Kpi.objects.select_related("metric", "goal"), pk)
    shown = kpi_page(kpi, grain=request.GET.get("grain", ""), dim=request.GET.get("dim", ""), user=request.user)
    opinion = policy.can(request.user, "status.override", kpi) and not shown.row.verdict.final
    return {
        "override_form": OverrideForm(auto_id="override_%s") if opinion else None,
        "nav": "company", "kpi": kpi, "row": shown.row, "kpi_page": shown, "chart": _chart(shown),
        "longest": max((abs(part.point.value) for part in shown.slices.parts), default=0) if shown.slices else 0,
        "table": list(zip(shown.points, shown.targets, strict=True))[::-1], "query": request.GET.urlencode(),
        **_odds(shown),
    }  # fmt: skip


def _chart(shown):
    """The chart, its title the sentence of the verdict; sums are bars from zero, ratios and levels are lines."""
    locale = spoken()
    unit = shown.row.unit
    noted = revision_days(shown.row.kpi)
    marks = [
        Mark(point.label(locale), point.value, point.partial, target, _revised_in(point.period, noted))
        for point, target in zip(shown.points, shown.targets, strict=True)
    ]
    known = [point for point in shown.points if point.value is not None]
    summary = shown.row.verdict.sentence(locale)
    if known:
        low, high = (pick(known, key=lambda point: point.value) for pick in (min, max))
        summary += " " + _("Lowest %(low)s (%(low_at)s), highest %(high)s (%(high_at)s).") % {
            "low": format_value(low.value, unit, locale), "low_at": low.label(locale),
            "high": format_value(high.value, unit, locale), "high_at": high.label(locale),
        }  # fmt: skip
    ahead, bands = _ahead(shown, locale, len(marks))
    marks += ahead
    bars = unit in ("KRW", "USD", "count", "people") and all(point.numerator is None for point in known)
    return kpi_chart(
        marks,
        name=str(shown.row.kpi),
        target_name=_("Target path"),
        running_name=_("In progress"),
        bars=bars,
        summary=summary,
        bands=bands,
    )


def _odds(shown) -> dict:
    """The odds in a sentence, what it takes, and whether they are withheld."""
    found, call = shown.ahead, shown.row.call
    if found is None or shown.row.verdict.final:
        return {}
    withheld = call is not None and call.withheld
    over, left = found.aim.over, len(found.periods)
    return {
        "odds": odds_text(found.outlook, withheld=withheld), "odds_over": over,
        "needed": needed_text(found.outlook, over, shown.row.unit, left),
    }  # fmt: skip


def _ahead(shown, locale, before):
    """Empty marks for the periods ahead, and the bands over them; the running period is there already."""
    if shown.fan is None or not shown.points:
        return [], []
    there = [point.period.key for point in shown.points]
    fresh = [period for period in shown.fan.periods if period.key not in there]
    marks = [
        Mark(
            period.label(locale),
            None,
            False,
            path_at(shown.row.target, Point(period, None, None, None, 0, "no_data"), shown.off),
        )
        for period in fresh
    ]
    keys = [*there, *(period.key for period in fresh)]
    at = {period.key: place for place, period in enumerate(shown.fan.periods)}
    unit, bands = shown.row.unit, []
    for level in (95, 80, 50):
        ends = [shown.fan.intervals[level][at[key]] if key in at else None for key in keys]
        said = [
            "–".join(format_value(one, unit, locale, compact=True) for one in pair) if pair else "" for pair in ends
        ]
        bands.append(Band(_("%(level)d %% likely") % {"level": level}, ends, said))
    return marks, bands


def _revised_in(period, noted) -> str:
    """What was revised in a period, in a word or two."""
    words = {"target": _("New target"), "metric": _("New definition"), "kpi": _("KPI revised")}
    kinds = dict.fromkeys(kind for kind, day in noted if period.start.date() <= day < period.end.date())
    return " · ".join(words[kind] for kind in kinds)


@guarded("company.view")
def history(request, pk):
    """What was thought of this KPI on a day, and every change since with its reason."""
    kpi = thing(request, Kpi.objects.select_related("metric", "goal"), pk)
    asked = request.GET.get("day", "")
    try:
        day = date.fromisoformat(asked if len(asked) > 7 else f"{asked}-15")
    except ValueError:
        day = None
    shown = revisions.history(kpi, day, user=request.user)
    months = [past.point for past in shown.pasts]
    context = {"nav": "company", "kpi": kpi, "history": shown, "months": months, "asked": bool(day)}
    return render(request, "revisions/history.html", context)
