"""Which way: the words of a sentence that say up, down, better, keep or reach, and what turns them around."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from nachim.core.sentence_text import Span
from nachim.core.sentence_words import Directions

UP, DOWN, BETTER, KEEP, REACH = "up", "down", "better", "keep", "reach"
CHANGES = (UP, DOWN, BETTER)


@dataclass(frozen=True)
class Way:
    """A word of direction. `negated`: what it says shall not happen."""

    span: Span
    sort: str
    negated: bool = False


@lru_cache(8)
def _patterns(directions: Directions) -> tuple[re.Pattern[str], re.Pattern[str], re.Pattern[str]]:
    words = {stem: sort for sort in (REACH, KEEP, BETTER, DOWN, UP) for stem in getattr(directions, sort)}
    longest = sorted(words, key=len, reverse=True)
    groups = []
    for sort in (UP, DOWN, BETTER, KEEP, REACH):
        own = [one for one in longest if words[one] == sort]
        korean = "|".join(re.escape(one).replace(r"\ ", r"\s*") for one in own if not one.isascii())
        english = "|".join(re.escape(one).replace(r"\ ", r"\s+") for one in own if one.isascii())
        groups.append(rf"(?P<{sort}>(?:{korean})|\b(?:{english})\b)")
    after = "|".join(re.escape(one).replace(r"\ ", r"\s*") for one in directions.negated)
    before = "|".join(re.escape(one).replace(r"\ ", r"\s+") for one in directions.not_before)
    return (
        re.compile("|".join(groups)),
        re.compile(rf"[가-힣]{{0,3}}\s*(?:을|를|이|가)?\s*(?:{after})"),
        re.compile(rf"\b(?:{before})(?:\s+(?:let|be|to|it))?(?:\s+\w+){{0,3}}\s*$"),
    )


def ways(text: str, directions: Directions, taken: Iterable[Span]) -> list[Way]:
    """The words of direction outside the spans already understood, left to right."""
    pattern, after, before = _patterns(directions)
    spans, found = list(taken), []
    for match in pattern.finditer(text):
        span = Span(*match.span())
        if any(span.overlaps(one) for one in spans) or (
            text[: span.start].endswith(("오", "더 이")) and match[0][0] in "늘상"
        ):
            continue
        negated = bool(
            after.match(text, span.end) or after.match(text, span.end - 1) or before.search(text[: span.start])
        )
        found.append(Way(span, match.lastgroup or UP, negated))
    return found


def turned(way: Way, better: str) -> str | None:
    """up or down, as a word says it; None for keeping and reaching."""
    if way.sort not in CHANGES:
        return None
    said = better if way.sort == BETTER else way.sort
    return ("down" if said == "up" else "up") if way.negated else said
