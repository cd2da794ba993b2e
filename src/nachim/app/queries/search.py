"""Everything a person may see, by name: for the palette and the search page."""

from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from nachim.app import policy
from nachim.app.models import Goal, Kpi, Metric, Table, Team
from nachim.core.korean import nearness

MOST = 12
# Places: the address, its name, and the permission that opens it.
PLACES = (
    ("company", gettext_lazy("Company"), "company.view"), ("goals", gettext_lazy("Goals"), "company.view"),
    ("bowler", gettext_lazy("Month by month"), "company.view"), ("map", gettext_lazy("KPI map"), "company.view"),
    ("findings", gettext_lazy("Findings"), "company.view"), ("okr", gettext_lazy("OKR"), "company.view"),
    ("sheets", gettext_lazy("Agreed goals (MBO)"), "sheet.view"), ("teams", gettext_lazy("Teams"), "company.view"),
    ("record", gettext_lazy("How good the odds were"), "company.view"),
    ("metrics", gettext_lazy("Metrics"), "company.view"), ("data", gettext_lazy("Data"), "data.view"),
    ("goal-start", gettext_lazy("New goal"), "goal.edit"), ("metric-new", gettext_lazy("New metric"), "metric.edit"),
    ("upload", gettext_lazy("Upload a file"), "data.import"), ("settings", gettext_lazy("Settings"), "workspace.edit"),
    ("audit", gettext_lazy("Audit trail"), "audit.view"), ("me", gettext_lazy("Language and theme"), "self.edit"),
)  # fmt: skip


@dataclass(frozen=True)
class Hit:
    """Something found: what it is, its name, what tells it from others of the name, and where it is."""

    kind: str
    name: str
    aside: str
    url: str


def search(user, typed: str) -> list[Hit]:
    """The nearest of all that `user` may see, at most `MOST`; nothing for nothing."""
    found: list[tuple[int, int, int, Hit]] = []
    for order, (hit, also) in enumerate(_all(user)):
        near = [one for one in (nearness(name, typed) for name in (hit.name, *also)) if one is not None]
        if near:
            found.append((min(near), len(hit.name), order, hit))
    return [hit for *_order, hit in sorted(found, key=lambda one: one[:3])[:MOST]]


def _all(user):
    """Each thing with other names it goes by."""
    kpis = policy.visible(user, Kpi.objects.filter(archived_at=None).select_related("metric", "goal"))
    for kpi in kpis:
        yield (
            Hit(_("KPI"), str(kpi), kpi.goal.title, reverse("kpi", args=[kpi.pk])),
            (kpi.metric.name, kpi.metric.label_en),
        )
    for goal in policy.visible(user, Goal.objects.filter(archived_at=None)):
        yield Hit(_("Goal"), goal.title, "", reverse("goal", args=[goal.pk])), ()
    for metric in policy.visible(user, Metric.objects.all()):
        other = (metric.name, metric.label_ko, metric.label_en)
        yield Hit(_("Metric"), metric.label, metric.name, reverse("metric", args=[metric.pk])), other
    for team in policy.visible(user, Team.objects.filter(archived_at=None)):
        yield Hit(_("Team"), team.label, "", reverse("teams")), ()
    if policy.can(user, "data.view"):
        for table in policy.visible(user, Table.objects.all()):
            yield (
                Hit(_("Table"), table.label or table.name, table.name, reverse("table", args=[table.pk])),
                (table.name,),
            )
    for name, label, permission in PLACES:
        if policy.can(user, permission):
            yield Hit(_("Page"), str(label), "", reverse(name)), ()
