"""Small drawings as inline SVG: sparkline, bullet, bar. Classes only, so that the strict style policy holds."""

from collections.abc import Sequence
from functools import lru_cache
from html import escape

WIDTH, HEIGHT, EDGE = 160, 40, 4


def sparkline(values: Sequence[float | None], targets: Sequence[float | None], *, running: bool, label: str) -> str:
    """The last periods and the target's path; gaps stay gaps, the running period is hollow on a dashed end."""
    return _sparkline(tuple(values), tuple(targets), running, label)


@lru_cache(4096)
def _sparkline(values: tuple[float | None, ...], targets: tuple[float | None, ...], running: bool, label: str) -> str:
    known = [value for value in [*values, *targets] if value is not None]
    if not any(value is not None for value in values):
        return f'<svg class="spark" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{escape(label)}"></svg>'
    low, high = min(known), max(known)
    spread = (high - low) or abs(high) or 1.0

    def place(at: int, value: float) -> tuple[float, float]:
        x = EDGE + (WIDTH - 2 * EDGE) * (at / max(1, len(values) - 1))
        y = HEIGHT - EDGE - (HEIGHT - 2 * EDGE) * ((value - low) / spread)
        return round(x, 1), round(y, 1)

    def path(points: Sequence[float | None]) -> str:
        pieces, pen = [], "M"
        for at, value in enumerate(points):
            if value is None:
                pen = "M"
                continue
            # A point between two gaps has no line; "h0" with round ends makes it a dot.
            alone = pen == "M" and (at + 1 == len(points) or points[at + 1] is None)
            pieces.append(f"{pen}{_xy(place(at, value))}{'h0' if alone else ''}")
            pen = "L"
        return "".join(pieces)

    closed = list(values)
    tail = ""
    last = len(values) - 1
    if running and values[-1] is not None:
        closed[-1] = None
        before = next((at for at in range(last - 1, -1, -1) if values[at] is not None), None)
        if before is not None:
            tail = f'<path class="run" d="M{_xy(place(before, values[before] or 0))}L{_xy(place(last, values[-1]))}"/>'
    end = next((at for at in range(last, -1, -1) if values[at] is not None), 0)
    x, y = place(end, values[end] or 0.0)
    dot = f'<circle class="{"hollow" if running and end == last else "dot"}" cx="{x}" cy="{y}" r="3"/>'
    return (
        f'<svg class="spark" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{escape(label)}">'
        f'<path class="goal-line" d="{path(targets)}"/><path class="line" d="{path(closed)}"/>{tail}{dot}</svg>'
    )


def _xy(point: tuple[float, float]) -> str:
    return f"{point[0]} {point[1]}"


@lru_cache(4096)
def bullet(share: float, expected: float | None, *, good: bool | None, label: str) -> str:
    """How much of the target is reached (drawn from 0 to 1.2): a notch at the target, a tick where it should be by now.

    The drawing is stretched to its place; marks are lines, whose width does not stretch with it.
    """
    top = 1.2
    width = round(200 * min(top, max(0.0, share)) / top, 1)
    tick = ""
    if expected is not None:
        at = round(min(198.0, max(2.0, 200 * expected / top)), 1)
        tick = f'<path class="tick edge" d="M{at} 0V14"/><path class="tick" d="M{at} 0V14"/>'
    kind = "" if good is None else " good" if good else " bad"
    return (
        f'<svg class="bullet" viewBox="0 0 200 14" preserveAspectRatio="none" role="img" aria-label="{escape(label)}">'
        f'<rect class="track" x="0" y="3" width="200" height="8" rx="4"/>'
        f'<rect class="fill{kind}" x="0" y="3" width="{width}" height="8" rx="4"/>'
        f'<path class="full" d="M{round(200 / top, 1)} 3V11"/>{tick}</svg>'
    )


def bar(share: float) -> str:
    """A plain share of the longest, 0 to 1; the number stands beside it."""
    width = round(200 * min(1.0, max(0.0, share)), 1)
    return (
        '<svg class="bar" viewBox="0 0 200 10" preserveAspectRatio="none" aria-hidden="true">'
        '<rect class="track" width="200" height="10" rx="3"/>'
        f'<rect class="fill" width="{width}" height="10" rx="3"/></svg>'
    )


def step(begin: float, end: float, *, good: bool) -> str:
    """One bar of a waterfall, from `begin` to `end` of its line (0 to 1), with where it begins marked."""
    left, wide = min(begin, end) * 200, max(abs(end - begin) * 200, 1)
    return (
        '<svg class="bar step" viewBox="0 0 200 10" preserveAspectRatio="none" aria-hidden="true">'
        f'<rect class="{"good" if good else "bad"}" x="{left:.1f}" y="1" width="{wide:.1f}" height="8" rx="1"/>'
        f'<path class="from" d="M{begin * 200:.1f} 0V10"/></svg>'
    )
