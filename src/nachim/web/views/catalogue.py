"""The catalogue of KPIs: those the company's tables carry are added with one click, the others say what they lack."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from nachim.app.actions import catalogue as actions
from nachim.app.queries.catalogue import adoptable, fitted, offers
from nachim.web.person import page as guarded

STATES = ("ready", "there", "lacking")


@guarded("metric.edit", "data.view")
def page(request):
    if request.method == "POST":
        return _added(request)
    every = offers()
    parts = [(state, [one for one in every if one.state == state]) for state in STATES]
    return render(request, "metrics/catalogue.html", {"nav": "metrics", "parts": parts})


def _added(request):
    key = request.POST.get("adopt", "")
    try:
        made = actions.adopt(request.user, key, adoptable(fitted(), key))
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
        return redirect("catalogue")
    said = _("“%(metric)s” is added. Make it a KPI of a goal, and it is kept fresh.")
    messages.success(request, said % {"metric": made})
    return redirect("metric", made.pk)
