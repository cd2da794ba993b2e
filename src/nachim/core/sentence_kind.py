"""What an amount does in a sentence: a change (relative, absolute, multiple) or a level to reach or keep.

"10% 이상 늘리자" changes by a tenth and more; "10% 이하로 줄이자" is a level. The particle behind the number, a word
of comparison and the first word of direction decide; a percent of what is counted in won or people is a change.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from nachim.core.sentence_number import FACTOR, POINTS, SHARE, Amount
from nachim.core.sentence_way import CHANGES, KEEP, Way, turned

RELATIVE, ABSOLUTE, LEVEL, MULTIPLE, NONE = "relative", "absolute", "level", "multiple", "none"

LEAST_KO = r"이상|초과|넘게|넘는|웃도|상회|위로"
MOST_KO = r"이하|미만|이내|안쪽|안으로|내로|안에|내(?=\s|$)|아래|밑|하회"
TAIL_KO = re.compile(
    rf"\s*(?:\([^)]*\)\s*)?(?:씩|정도|가량|쯤|내외|안팎|선|대|수준|수)?\s*(?:(?P<least>{LEAST_KO})|(?P<most>{MOST_KO}))?(?:의|씩|수준)?\s*(?:수준|선)?\s*(?P<to>으로|로(?![가-힣])|까지)?"
    r"(?:을|를|이|가|은|는|의|만큼|만|도|씩)?\s*(?:(?P<more>더|추가로|추가)\s*)?"
)
ADVERBS = r"(?:(?:[가-힣]+(?:으로|적으로|히|게|껏)|꼭|반드시|더|대폭|모두|함께|이상|씩)\s*)*"
GAP_KO = re.compile(rf"\s*{ADVERBS}$")
NOT_OVER = re.compile(
    r"\s*(?:점|선)?\s*(?:을|를|이|가)?\s*(?:이상(?:으로|이)?\s*)?(?:넘|초과|넘기|넘어|올라|오르|늘어|늘|증가하|높아|상승하|커|되|걸리|올리|높이)[가-힣]{0,3}지\s*(?:는\s*)?(?:않|말|못)|\s*(?:을|를|이|가)?\s*(?:초과|넘는\s*것)\s*(?:을|를)?\s*(?:방지|금지|막)"
)
NOT_UNDER = re.compile(
    r"\s*(?:점|선)?\s*(?:을|를|이|가)?\s*(?:이하|미만|밑|아래)?(?:으로|로)?\s*(?:는\s*)?(?:떨어|내려|밑돌|낮아|줄|하회|감소|하락|빠)[가-힣]{0,2}지\s*(?:는\s*)?(?:않|말|못)"
)
HEAD_LEAST_KO = re.compile(r"(?:최소|최소한|적어도|못해도)\s*(?:월|일|연)?\s*(?:평균)?\s*$")
HEAD_MOST_KO = re.compile(r"(?:최대|많아도|늦어도|길어도)\s*(?:평균)?\s*$")

HEAD_EN = re.compile(
    r"(?:(?P<by>\bby)|(?P<to>\b(?:up\s+to|down\s+to|to|at|reach|reaches|hit|of|into|is|be|=|:)|(?<=[a-z])\s*[:=]))?\s*"
    r"(?:(?:about|around|approximately|roughly|an?|the|an average of|average of|just)\s*)*"
    r"(?:(?P<least>\b(?:at\s+least|above|over|more\s+than|no\s+less\s+than|not\s+less\s+than|no\s+fewer\s+than|minimum\s+of|a\s+minimum\s+of|greater\s+than|higher\s+than|exceed|surpass|beyond|>=?|≥))"
    r"|(?P<most>\b(?:at\s+most|below|under|less\s+than|fewer\s+than|lower\s+than|no\s+more\s+than|not\s+more\s+than|no\s+longer\s+than|within|in\s+under|maximum\s+of|a\s+maximum\s+of|beneath|<=?|≤)))?\s*(?:(?:an?|the|average)\s*)*$"
)
TAIL_EN = re.compile(
    r"\s*(?:(?P<least>or\s+(?:higher|more|above|better|greater|over)|\+|plus\b|and\s+above)|(?P<most>or\s+(?:less|lower|below|fewer|under|faster|shorter)|max\b|at\s+most))?"
)
GAP_EN = re.compile(r"^\s*(?:year-on-year\s+|annual\s+|additional\s+|[a-z]+\s+){0,4}$")
NOT_OVER_EN = re.compile(
    r"(?:not|never|n't|n’t)\s+(?:to\s+|let\s+\w+\s+(?:\w+\s+)?)?(?:\w+\s+){0,3}?(?:exceed|go\s+(?:over|above|beyond)|rise\s+above|surpass|be\s+(?:above|over|more\s+than))\s*$"
)
NOT_UNDER_EN = re.compile(
    r"(?:not|never|n't|n’t|without|avoid)\s+(?:to\s+|let\s+\w+\s+(?:\w+\s+)?)?(?:\w+\s+){0,3}?(?:fall|drop|go|dip|slip|be|falling|dropping|dipping)\s+(?:below|under)\s*$"
)


@dataclass(frozen=True)
class Role:
    """An amount's part: `kind`, `direction` (None when nothing says), and whether a level is a floor or a ceiling."""

    kind: str
    direction: str | None
    bound: str | None = None
    keep: bool = False


@dataclass(frozen=True)
class Context:
    """What stands around an amount: the text of its clause, its words of direction, and the metric meant.

    `rated`: the metric is itself a share or a score, so that a percent may be its level.
    """

    text: str
    start: int
    ways: Sequence[Way]
    better: str
    rated: bool | None
    ratio: bool
    korean: bool
    from_to: bool


@dataclass(frozen=True)
class Heard:
    """What stands around an amount: the word of direction that rules it, one `before` it, a word of comparison.

    `to`: a particle or preposition makes it a level. `direct`: the word of direction takes the amount as its measure.
    `more`: so much more than today.
    """

    way: Way | None
    before: Way | None
    bound: str | None
    to: bool
    direct: bool
    more: bool = False


def role(amount: Amount, around: Context) -> Role:
    """The part an amount plays."""
    return _korean(amount, around) if around.korean else _english(amount, around)


COMPARED_KO = re.compile(
    r"\s*(?:이상|정도|가량)?\s*(?:더\s*)?(?:(?P<up>높은|높게|많은|많이|높아|큰)|(?P<down>낮은|낮게|적은|적게|짧은|짧게|빠른|빠르게|빨리|낮아))"
)
THAN_KO = re.compile(r"(?:보다|대비|에\s*비해)\s*(?:\S+\s*){0,2}$")


def _korean(amount: Amount, around: Context) -> Role:
    text, end = around.text, amount.span.end
    if NOT_OVER.match(text, end):
        return Role(LEVEL if around.rated is not False or amount.sort != SHARE else RELATIVE, "down", "most")
    if NOT_UNDER.match(text, end):
        return Role(LEVEL, "up", "least")
    compared = COMPARED_KO.match(text, end)
    if compared and amount.sort != FACTOR and THAN_KO.search(text[around.start : amount.span.start]):
        kind = RELATIVE if amount.sort == SHARE else ABSOLUTE
        return Role(kind, "up" if compared["up"] else "down")
    tail = TAIL_KO.match(text, end)
    head = text[around.start : amount.span.start]
    least = bool(tail and tail["least"]) or bool(HEAD_LEAST_KO.search(head))
    most = bool(tail and tail["most"]) or bool(HEAD_MOST_KO.search(head))
    to, more = bool(tail and tail["to"]), bool(tail and tail["more"])
    after = next((one for one in around.ways if one.span.start >= end), None)
    before = next((one for one in reversed(around.ways) if one.span.end <= amount.span.start), None)
    direct = after is not None and bool(GAP_KO.match(text[tail.end() if tail else end : after.span.start]))
    bound = "least" if least else "most" if most else None
    return _decided(amount, around, Heard(after, before, bound, to=to, direct=direct, more=more))


def _english(amount: Amount, around: Context) -> Role:
    text = around.text
    head = text[around.start : amount.span.start]
    if NOT_OVER_EN.search(head):
        return Role(LEVEL, "down", "most")
    if NOT_UNDER_EN.search(head):
        return Role(LEVEL, "up", "least")
    found, tail = HEAD_EN.search(head), TAIL_EN.match(text, amount.span.end)
    least = bool(found and found["least"]) or bool(tail and tail["least"])
    most = bool(found and found["most"]) or bool(tail and tail["most"])
    by, to = bool(found and found["by"]), bool(found and found["to"])
    bound = "least" if least else "most" if most else None
    before = next((one for one in reversed(around.ways) if one.span.end <= amount.span.start), None)
    after = next((one for one in around.ways if one.span.start >= (tail.end() if tail else 0)), None)
    noun = (
        after is not None
        and bool(GAP_EN.match(text[tail.end() if tail else amount.span.end : after.span.start]))
        and after.sort in CHANGES
    )
    strict = bool(
        re.search(
            r"\b(?:above|below|under|beneath|within|less than|no more than|lower than)\s*(?:an?\s+|the\s+)?$", head
        )
    )
    if before is None or (noun and before.sort not in CHANGES):
        way, direct = after, noun
    else:
        way, direct = before, before.sort in CHANGES
    if by and way is None:
        way = before or after
    if to and not by:
        direct = False
    if strict and not by:
        to, direct = True, False
    change = by or noun
    return _decided(amount, around, Heard(way, None, bound, to=to and not change, direct=direct or change))


def _decided(amount: Amount, around: Context, heard: Heard) -> Role:
    """Kind and direction from what was heard around the amount."""
    way, bound = heard.way, heard.bound
    said = turned(way, around.better) if way else None
    change = said is not None and heard.direct and not heard.to
    noun = turned(heard.before, around.better) if heard.before and not way else None
    keep = bool(way and way.sort == KEEP)
    floor = {"least": "up", "most": "down"}.get(bound or "")
    if way and way.negated:
        floor = said
    if around.from_to and (heard.to or not change):
        return Role(LEVEL, said or noun, bound, keep)
    if amount.signed and amount.sort != FACTOR:
        kind = RELATIVE if amount.sort == SHARE else ABSOLUTE
        return Role(kind, said or ("up" if amount.signed > 0 else "down"))
    if amount.sort == POINTS:
        return Role(ABSOLUTE, said or noun or floor, bound)
    if amount.sort == FACTOR:
        if around.ratio and (bound or (way and way.sort not in CHANGES)):
            return Role(LEVEL, floor, bound, keep)
        if amount.value < 1 and said == "up":
            # 절반 이상으로 높이자 is a level of a share, and growing by half a change by it.
            return Role(LEVEL if heard.to and around.rated else RELATIVE, said, bound)
        return Role(MULTIPLE, said or noun or ("up" if amount.value >= 1 else "down"), bound)
    if amount.sort == SHARE and around.rated is False:
        return Role(RELATIVE, said or noun or floor, bound, keep)
    changed = RELATIVE if amount.sort == SHARE else ABSOLUTE
    if heard.more and not heard.to and amount.sort != SHARE:
        return Role(changed, said or "up", bound)
    if change and bound != "most":
        return Role(changed, said, bound)
    if noun and not (bound or heard.to):
        return Role(changed, noun)
    if amount.sort == SHARE and around.rated is None and said and not (heard.to or bound or keep):
        return Role(changed, said)
    return Role(LEVEL, floor or said or noun, bound, keep)
