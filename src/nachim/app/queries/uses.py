"""What stands on a KPI or a metric, and would feel a change: shown before the change is made.

Other parts of the app add what they know to `SOURCES`: a function from KPIs to uses.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from django.db.models import Q

from nachim.app.actions.metrics import kpis_on, standing_on
from nachim.app.models import DriverEdge, Guardrail, KeyResult, Kpi, Metric, SheetVersion


@dataclass(frozen=True)
class Use:
    """One thing that uses it. `kind`: goal, kpi, guardrail, key_result, sheet, metric, driver; `page`: name and key."""

    kind: str
    label: str
    page: tuple[str, int] | None = None


Source = Callable[[list[Kpi]], Iterable[Use]]


def of_kpi(kpi: Kpi) -> list[Use]:
    """Everything that uses a KPI."""
    return list(dict.fromkeys(one for source in SOURCES for one in source([kpi])))


def of_metric(metric: Metric) -> list[Use]:
    """Everything that uses a metric: KPIs on it and what uses those, metrics made from it, guardrails, drivers."""
    kpis = kpis_on(metric)
    found = [Use("metric", one.label, ("metric", one.pk)) for one in standing_on(metric)]
    found += [Use("kpi", str(kpi), ("kpi", kpi.pk)) for kpi in kpis]
    guards = Guardrail.objects.filter(metric=metric, kpi__archived_at=None).select_related("kpi__metric")
    found += [Use("guardrail", str(one.kpi), ("kpi", one.kpi.pk)) for one in guards]
    edges = DriverEdge.objects.filter(Q(whole=metric) | Q(part=metric)).select_related("whole", "part")
    found += [Use("driver", f"{edge.part.label} → {edge.whole.label}") for edge in edges]
    found += [one for source in SOURCES for one in source(kpis)]
    return list(dict.fromkeys(found))


def _goals(kpis: list[Kpi]) -> Iterable[Use]:
    return (Use("goal", kpi.goal.title, ("goal", kpi.goal_id)) for kpi in kpis)


def _key_results(kpis: list[Kpi]) -> Iterable[Use]:
    found = KeyResult.objects.filter(kpi__in=kpis, archived_at=None).select_related("goal", "kpi__metric")
    return (Use("key_result", f"{one.goal.title}: {one}", ("goal", one.goal_id)) for one in found)


def _sheets(kpis: list[Kpi]) -> Iterable[Use]:
    """Agreed sheets; whose they are is not said to everybody, so there is no link."""
    names = {kpi.name for kpi in kpis}
    held: dict[int, SheetVersion] = {}
    agreed = SheetVersion.objects.filter(state=SheetVersion.State.AGREED, sheet__archived_at=None)
    for version in agreed.order_by("version"):
        held[version.sheet_id] = version
    count = sum(any(item["kpi"] in names for item in version.items) for version in held.values())
    return [Use("sheet", str(count))] if count else []


SOURCES: list[Source] = [_goals, _key_results, _sheets]
