"""What a KPI's verdict has settled to: hysteresis over updates, never over page views."""

from nachim.app.models import Call, Kpi, KpiStanding, Target
from nachim.app.queries.points import Point
from nachim.core.status import Status, Verdict
from nachim.core.status_change import Standing, settle


def read_at(target: Target | None, closed: Point | None, call: Call | None) -> str:
    """What a verdict was read from: another of these is an update."""
    return f"{target.pk if target else ''}:{closed.period.key if closed else ''}:{call.pk if call else ''}"


def kept(kpi: Kpi) -> KpiStanding | None:
    return getattr(kpi, "standing", None)


def settled(stored: KpiStanding | None, target: Target | None, read: str, verdict: Verdict) -> Standing:
    """Where the verdict stands after what was stored; another target begins anew."""
    if stored is None or target is None or stored.target_id != target.pk or verdict.final:
        return settle(None, verdict)
    before = Standing(Status(stored.status), Status(stored.knocking) if stored.knocking else None, stored.times)
    return before if stored.read == read else settle(before, verdict)
