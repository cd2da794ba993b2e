"""The KPI map as inline SVG: goals, their KPIs and the teams in three columns; what drives what beside the KPIs.

Edges differ in stroke and not in colour alone: an identity is a double line, a contribution dashed, a claim dotted with
its lag. Classes only, so that the strict style policy holds.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from html import escape

BOX, ROW, TOP = 212, 58, 34
COLUMNS = {"goal": 8, "kpi": 330, "team": 668}
WIDTH = 888
LINES = 15


@dataclass(frozen=True)
class Node:
    """A box: `kind` goal, kpi or team; `state` is a status word of a KPI; `url` where it leads."""

    key: str
    kind: str
    label: str
    note: str = ""
    state: str = ""
    url: str = ""


@dataclass(frozen=True)
class Link:
    """`kind`: serves (goal–KPI), answers (KPI–team), works (goal–team), or identity, contributes, claimed."""

    one: str
    other: str
    kind: str
    label: str = ""


@dataclass(frozen=True)
class Drawn:
    svg: str
    places: dict[str, tuple[float, float]] = field(default_factory=dict)


def kpi_map(nodes: Sequence[Node], links: Sequence[Link], *, label: str) -> Drawn:
    """Draw it; KPIs stand in the order given, goals and teams at the middle of theirs."""
    places: dict[str, tuple[float, float]] = {}
    kpis = [node for node in nodes if node.kind == "kpi"]
    for at, node in enumerate(kpis):
        places[node.key] = (COLUMNS["kpi"], TOP + at * ROW)
    for kind in ("goal", "team"):
        _beside([node for node in nodes if node.kind == kind], kind, links, places)
    height = max((y for _x, y in places.values()), default=0) + ROW
    parts = [_link(link, places) for link in links if link.one in places and link.other in places]
    parts += [_box(node, *places[node.key]) for node in nodes]
    svg = (
        f'<svg class="map" viewBox="0 0 {WIDTH} {height:.0f}" width="{WIDTH}" height="{height:.0f}" role="group" '
        f'aria-label="{escape(label)}">{"".join(parts)}</svg>'
    )
    return Drawn(svg, places)


def _beside(nodes: Sequence[Node], kind: str, links: Sequence[Link], places: dict[str, tuple[float, float]]) -> None:
    """At the mean height of what they are linked to, pushed down where two would overlap."""
    wanted = []
    for at, node in enumerate(nodes):
        heights = [
            places[other][1]
            for link in links
            for here, other in ((link.one, link.other), (link.other, link.one))
            if here == node.key and other in places and places[other][0] == COLUMNS["kpi"]
        ]
        wanted.append((sum(heights) / len(heights) if heights else 1e6 + at, at, node))
    free = float(TOP)
    for height, _at, node in sorted(wanted, key=lambda one: one[:2]):
        y = max(free, height if height < 1e6 else free)
        places[node.key] = (COLUMNS[kind], y)
        free = y + ROW


def _link(link: Link, places: dict[str, tuple[float, float]]) -> str:
    (x1, y1), (x2, y2) = sorted((places[link.one], places[link.other]))
    mid1, mid2 = y1 + 23, y2 + 23
    if x1 == x2:
        # Between two KPIs: an arc at their right, further out the longer it is; it ends with an arrow at the whole.
        edge = x1 + BOX
        (start, end) = (places[link.other][1] + 23, places[link.one][1] + 23)
        bow = edge + 22 + min(70, abs(end - start) / 5)
        path = f"M{edge} {start}C{bow} {start} {bow} {end} {edge + 7} {end}"
        head = f'<path class="head" d="M{edge + 1} {end}l8 -4v8z"/>'
        text = ""
        if link.label:
            text = f'<text class="lag" x="{bow - 12:.0f}" y="{(start + end) / 2:.0f}">{escape(link.label)}</text>'
        twin = f'<path class="link gap" d="{path}"/>' if link.kind == "identity" else ""
        return f'<g class="edge"><path class="link {link.kind}" d="{path}"/>{twin}{head}{text}</g>'
    start_x = x1 + BOX
    middle = (start_x + x2) / 2
    return f'<path class="link {link.kind}" d="M{start_x} {mid1}C{middle} {mid1} {middle} {mid2} {x2} {mid2}"/>'


def _box(node: Node, x: float, y: float) -> str:
    label = node.label if len(node.label) <= LINES + 4 else node.label[: LINES + 3] + "…"
    note = f'<text class="note" x="{x + 14}" y="{y + 37}">{escape(node.note)}</text>' if node.note else ""
    height = 20 if node.note else 28
    mark = f'<rect class="mark {node.state}" x="{x}" y="{y}" width="6" height="46" rx="3"/>' if node.state else ""
    title = f"<title>{escape(node.label)}</title>"
    body = (
        f'{title}<rect class="box {node.kind}" x="{x}" y="{y}" width="{BOX}" height="46" rx="8"/>{mark}'
        f'<text class="name" x="{x + 14}" y="{y + height}">{escape(label)}</text>{note}'
    )
    return f'<a href="{escape(node.url)}">{body}</a>' if node.url else f"<g>{body}</g>"
