"""Whether the company has come to another stage, and which of its KPIs to retire for which."""

from dataclasses import dataclass

from nachim.app import policy
from nachim.app.language import spoken
from nachim.app.models import Goal, Kpi, Metric
from nachim.app.queries.catalogue import by_key
from nachim.app.queries.metrics import standing
from nachim.catalog.entries import entry
from nachim.catalog.stage import Advice, advise
from nachim.catalog.templates import template, templates
from nachim.core.period import Grain


@dataclass(frozen=True)
class Step:
    """One advice, with the KPI in use and the metric to follow instead; None where the company has none of it yet."""

    advice: Advice
    kpi: Kpi
    metric: Metric | None

    @property
    def goal(self) -> Goal:
        return self.kpi.goal

    @property
    def adopt(self) -> str:
        return self.metric.label if self.metric else str(getattr(entry(self.advice.adopt).label, spoken()))

    @property
    def stage(self) -> str:
        return str(getattr(template(self.advice.stage).label, spoken()))

    @property
    def why(self) -> str:
        return self.advice.why.of(spoken())

    @property
    def seen(self) -> list[str]:
        return [one.of(spoken()) for one in self.advice.seen]


def steps(user) -> list[Step]:
    """What to watch now instead of what was right before, told by whole months of what this person sees."""
    known = by_key()
    keys = {metric.pk: key for key, metric in known.items()}
    live = policy.visible(user, Kpi.objects.filter(archived_at=None, slice={}).select_related("metric", "goal"))
    watched = {keys[kpi.metric_id]: kpi for kpi in live.order_by("-pk") if kpi.metric_id in keys}
    stages = templates("stage").values()
    open_ = [step for one in stages for step in one.successions if step.retire in watched and step.adopt not in watched]
    if not open_:
        return []
    read = {sign.metric for one in stages for sign in one.signs} | {
        name for step in open_ for name in (step.retire, step.adopt)
    }
    months = {name: _months(known[name], user) for name in sorted(read & set(known))}
    return [Step(one, watched[one.retire], known.get(one.adopt)) for one in advise(months, watched)]


def _months(metric: Metric, user) -> list[float | None]:
    """The values of its closed months in a row, None where one is missing between them."""
    found = standing(metric, Grain.MONTH, user=user)
    if found is None:
        return []
    at = {point.period.start.year * 12 + point.period.start.month: point.value for point in found.points}
    return [at.get(month) for month in range(min(at), max(at) + 1)]
