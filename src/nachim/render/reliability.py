"""The reliability curve as inline SVG: what was said across, how often it came up. Classes only."""

from collections.abc import Sequence
from html import escape

SIZE, EDGE = 240, 14


def curve(bins: Sequence[tuple[float, float, float, float]], *, label: str) -> str:
    """`bins`: (said, came, low, high), shares from 0 to 1; the diagonal is odds that keep their word."""

    def at(share: float) -> float:
        return round(EDGE + (SIZE - 2 * EDGE) * share, 1)

    def up(share: float) -> float:
        return round(SIZE - at(share), 1)

    drawn = "".join(
        f'<path class="span" d="M{at(said)} {up(low)}V{up(high)}"/>'
        f'<circle class="dot" cx="{at(said)}" cy="{up(came)}" r="4"/>'
        for said, came, low, high in bins
    )
    line = "L".join(f"{at(said)} {up(came)}" for said, came, _low, _high in bins)
    return (
        f'<svg class="reliability" viewBox="0 0 {SIZE} {SIZE}" role="img" aria-label="{escape(label)}">'
        f'<path class="frame" d="M{EDGE} {EDGE}V{SIZE - EDGE}H{SIZE - EDGE}"/>'
        f'<path class="goal-line" d="M{at(0)} {up(0)}L{at(1)} {up(1)}"/>'
        f'<path class="line" d="M{line}"/>{drawn}</svg>'
    )
