"""The way from an empty house to a scorecard, and how far it has been walked."""

from django.urls import reverse
from django.utils.translation import gettext as _

from nachim.app.models import Goal, Kpi, Metric, Table


def first_steps() -> list[dict]:
    """The five steps with the one that is due; empty once a KPI has a target."""
    goal = Goal.objects.filter(archived_at=None).order_by("-pk").first()
    has_kpi = Kpi.objects.filter(archived_at=None, targets__isnull=False).exists()
    if has_kpi:
        return []
    steps = [
        {"text": _("Upload a file"), "url": reverse("upload"), "done": Table.objects.exists()},
        {"text": _("Choose metrics"), "url": reverse("metrics"), "done": Metric.objects.exists()},
        {"text": _("Write a goal"), "url": reverse("goal-new"), "done": goal is not None},
        {
            "text": _("Add a KPI with a target"),
            "url": reverse("kpi-new", args=[goal.pk]) if goal else "",
            "done": has_kpi,
        },
        {"text": _("Look at the company page"), "url": reverse("company"), "done": False},
    ]
    due = next((step for step in steps if not step["done"]), None)
    for step in steps:
        step["now"] = step is due
    return steps
