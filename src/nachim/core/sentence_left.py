"""What of a sentence was not understood, and what a goal without a known metric speaks of."""

from __future__ import annotations

import re
from collections.abc import Sequence

from nachim.core.sentence_clause import Clause
from nachim.core.sentence_text import Span, Text

WORD = re.compile(r"[^\s,.!?;:()\[\]{}\"'“”‘’·~/]+")
PARTICLE = re.compile(r"(?:에서는|에서|에게|으로|까지|부터|보다|의|을|를|은|는)$")
ENDING = re.compile(
    r"(?:으로|로|을|를|이|가|은|는|의|도|만|에|와|과|씩|까지|까진|인|이던|에서|시키|시켜|하|해|자|기|다|게|고|면서|린|릴|며|서|여|려|춰|워|한|할|함|도록|겠|습니|합니|합시|리|추|지|켜|됩니|된|될|되|요|야|는데|수|률|달성|이상|이하|미만|초과|이내|내|안|간|당|별|평균|"
    r"s|ed|ing|d|er|or|more|less|higher|lower)*"
)


def left_over(text: Text, understood: Sequence[Span], fillers: frozenset[str]) -> tuple[Span, ...]:
    """The words no rule took, left to right. A particle or ending of an understood word is understood."""
    even, found = text.even, []
    for match in WORD.finditer(even):
        span = Span(*match.span())
        if not any(letter.isalnum() for letter in match[0]):
            continue
        inside = [one for one in understood if one.overlaps(span)]
        if inside:
            last = max(one.end for one in inside)
            first = min(one.start for one in inside)
            rest = even[last : span.end] if last < span.end else ""
            ahead = even[span.start : first] if first > span.start else ""
            if (not rest or ENDING.fullmatch(rest)) and len(ahead) < 3:
                continue
            if ahead and len(ahead) >= 3 and ahead not in fillers:
                found.append(Span(span.start, first))
            if rest and not ENDING.fullmatch(rest):
                found.append(Span(last, span.end))
        elif PARTICLE.sub("", match[0]) not in fillers and match[0] not in fillers and not ENDING.fullmatch(match[0]):
            found.append(span)
    return tuple(found)


def subject_of(text: Text, part: Clause, fillers: frozenset[str]) -> str:
    """What a clause without a known name speaks of: its own words before the number or the first word of direction."""
    understood = [way.span for way in part.ways] + ([part.amount.span] if part.amount else [])
    ends = [one.start for one in understood] or [part.span.end]
    korean = text.korean
    until = min(ends) if korean else part.span.end
    words = []
    for match in WORD.finditer(text.even, part.span.start, max(until, part.span.start)):
        span = Span(*match.span())
        word = PARTICLE.sub("", match[0]) if korean else match[0]
        if (
            word
            and word not in fillers
            and not any(span.overlaps(one) for one in understood)
            and not TIME.search(match[0])
        ):
            words.append(text.written[span.start : span.start + len(word)])
    return " ".join(words)


TIME = re.compile(
    r"^\d|(?:까지|안에|내에?|이내|이번|다음|올해|내년|언젠가|빨리|분기|반기|개월|연말|월말|동안|향후|앞으로|month|year|quarter|week|within|soon|someday)"
)
