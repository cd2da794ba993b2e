"""A KPI's driver tree: its parts by the stored identities, where they stand, and sub-targets that make its target."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal

from sqlglot import exp

from nachim.app import policy
from nachim.app.models import DriverEdge, Kpi, Metric
from nachim.app.queries.metrics import standing
from nachim.app.queries.scorecard import kpi_rows
from nachim.core.driver_tree import Driver, DriverError, Gap, gaps, rolled_up
from nachim.core.driver_tree_balance import change, decompose
from nachim.core.number import rounded
from nachim.core.period import Grain
from nachim.core.status import aimed
from nachim.metrics.expression import parse
from nachim.metrics.messages import MetricError

STEPS = {"KRW": 0, "USD": 2, "count": 0, "people": 0, "percent": 4, "points": 2, "ratio": 3}


@dataclass(frozen=True)
class Branch:
    """One line of the tree, as deep as it stands. `options`: how a part without parts could be split, from formulas."""

    metric: Metric
    depth: int
    now: Decimal | None
    plan: Decimal | None
    held: bool
    how: str
    how_above: str
    against: bool
    kpi: Kpi | None
    gap: Gap | None
    options: tuple["Option", ...]

    @property
    def growth(self) -> float | None:
        if self.now and self.plan is not None and self.now > 0:
            return float(self.plan / self.now) - 1
        return None


@dataclass(frozen=True)
class Option:
    """A split that the formulas of metrics give: revenue = orders × (revenue ÷ orders)."""

    how: str
    parts: tuple[Metric, ...]
    against: tuple[bool, ...]


@dataclass(frozen=True)
class DriverPlan:
    """`tree` is None where a part has no number yet: `missing` says which."""

    root: Metric
    branches: list[Branch]
    tree: Driver | None
    missing: list[Metric]
    goal: Decimal | None


def driver_plan(kpi: Kpi, fixed: Mapping[str, Decimal] | None = None, *, user=policy.SYSTEM) -> DriverPlan:
    """The tree of a KPI's metric, its target spread over the parts; `fixed` are values people set, in the order set."""
    edges: dict[int, list[DriverEdge]] = {}
    identities = DriverEdge.objects.filter(kind=DriverEdge.Kind.IDENTITY)
    for edge in policy.visible(user, identities).select_related("part"):
        edges.setdefault(edge.whole_id, []).append(edge)
    root, grain = kpi.metric, Grain(kpi.cadence)
    shape = list(_shape(root, edges))
    now = {metric.name: _now(metric, grain, user) for metric, *_rest in shape}
    missing = [metric for metric, *_rest in shape if now[metric.name] is None]
    row = kpi_rows(Kpi.objects.filter(pk=kpi.pk), user=user)[0]
    rule = row.revised.rule if row.revised else row.target
    level = None if rule is None else aimed(rule)
    goal = None if level is None else rounded(level, STEPS.get(root.unit, 2))
    tree = None
    if not missing and len(shape) > 1:
        tree = rolled_up(_driver(root, edges, now, against=False))
        if goal is not None:
            tree = decompose(tree, goal)
        for name, value in (fixed or {}).items():
            try:
                tree = change(tree, name, value)
            except DriverError:
                continue
    found = {gap.name: gap for gap in gaps(tree)} if tree else {}
    same = Kpi.objects.filter(archived_at=None, slice={}, cadence=kpi.cadence)
    kpis = {one.metric_id: one for one in policy.visible(user, same)}
    taken = {metric.pk for metric, *_rest in shape}
    options = _options(taken)
    branches = []
    for metric, depth, edge, split in shape:
        node = tree.find(metric.name) if tree else None
        branches.append(Branch(
            metric=metric, depth=depth, now=now[metric.name], plan=node.value if node and goal is not None else None,
            held=bool(node and node.held), how=split,
                how_above=edge.how if edge else "", against=bool(edge and edge.against),
            kpi=kpi if metric == root else kpis.get(metric.pk), gap=found.get(metric.name),
            options=() if split else tuple(options.get(metric.pk, ())),
        ))  # fmt: skip
    return DriverPlan(root, branches, tree, missing, goal)


def _shape(metric: Metric, edges, depth: int = 0, edge: DriverEdge | None = None, seen: frozenset = frozenset()):
    """(metric, depth, the edge to it, how it is made) from the top down; one that stands above itself is left."""
    parts = [one for one in edges.get(metric.pk, ()) if one.part_id not in seen | {metric.pk}]
    yield metric, depth, edge, parts[0].how if parts else ""
    for one in parts:
        yield from _shape(one.part, edges, depth + 1, one, seen | {metric.pk})


def _driver(metric: Metric, edges, now, *, against: bool, seen: frozenset = frozenset()) -> Driver:
    parts = [one for one in edges.get(metric.pk, ()) if one.part_id not in seen | {metric.pk}]
    made = tuple(_driver(one.part, edges, now, against=one.against, seen=seen | {metric.pk}) for one in parts)
    step = Decimal(1).scaleb(-STEPS.get(metric.unit, 2))
    own = Driver(metric.name, now[metric.name], step, against=against)
    return replace(own, how=parts[0].how, parts=made) if parts else own


def _now(metric: Metric, grain: Grain, user) -> Decimal | None:
    known = standing(metric, grain, user=user)
    return rounded(known.last.value, max(STEPS.get(metric.unit, 2), 6)) if known else None


def options_of(metric: Metric) -> list[Option]:
    """How the formulas of other metrics split this one."""
    return _options({metric.pk}).get(metric.pk, []) or _options(set()).get(metric.pk, [])


def _options(taken: set[int]) -> dict[int, list[Option]]:
    """Splits that formulas give: a rate a ÷ b makes a = b × the rate, a product its factors, a difference its parts."""
    metrics = {metric.name: metric for metric in Metric.objects.all()}
    found: dict[int, list[Option]] = {}
    for metric in metrics.values():
        if "calc" not in metric.spec or metric.spec.get("with"):
            continue
        try:
            tree = parse(metric.spec["calc"])
        except (MetricError, ValueError):
            continue
        sides = [metrics.get(side.name) for side in (tree.this, tree.expression) if isinstance(side, exp.Column)] \
            if isinstance(tree, exp.Binary) else []  # fmt: skip
        if len(sides) != 2 or None in sides:
            continue
        left, right = sides
        if isinstance(tree, exp.Div):
            found.setdefault(left.pk, []).append(Option("product", (right, metric), (False, False)))
        elif isinstance(tree, exp.Mul):
            found.setdefault(metric.pk, []).append(Option("product", (left, right), (False, False)))
        elif isinstance(tree, exp.Add | exp.Sub):
            against = isinstance(tree, exp.Sub)
            found.setdefault(metric.pk, []).append(Option("sum", (left, right), (False, against)))
    return {
        pk: [one for one in some if not taken & {part.pk for part in one.parts}] for pk, some in found.items()
    }  # fmt: skip
