"""Where one KPI of a sentence ends and the next begins, and which number belongs to which."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from nachim.core.sentence_number import POINTS, QUANTITY, SHARE, Amount, in_unit_of
from nachim.core.sentence_text import Span
from nachim.core.sentence_way import CHANGES, Way
from nachim.core.sentence_words import METRIC, Found, Vocabulary

BREAK = re.compile(
    r"[,;\n•·]|(?<!\d)\.(?=\s|$)|(?<=\d)\.(?=\s+\D|\s*$)|[!?](?=\s|$)|\s및\s|\s그리고\s|\s또한\s|\s아울러\s|\s동시에\s|\s/\s|"
    r"\s(?:and|while|plus|but|as well as|then)\s|&"
)
# A verb that goes on to the next: 늘리고, 낮추며, 유지하면서, 하되.
JOINED = re.compile(r"[가-힣]{0,4}?(?:고|며|면서|되|지만)(?=\s)|\s*(?:와|과)(?=\s)|\s*및\s")
# A clause that says how or why, not how much.
MEANS = re.compile(r"(?:통해|통하여|위해|위하여|위한|려면|하려고|으로써|함으로써|기반으로|바탕으로)")
MEANS_VERB = re.compile(r"(?:[가-힣]{0,2}?(?:여|려|춰|워|해|켜|어)(?:서)?)(?=\s)")
SHARED = re.compile(r"\s*(?:와|과|및|랑|하고|,|·|/|and|&)\s*(?:the\s+)?$")

HEAD = re.compile(r"\b(?:by|to|below|under|above|at least)\s*$")

# Numbers that are no target: 5점 만점, 고객 100명 중, 상위 10%, 10% 할인, 30대, 1위, 3년차.
ASIDE_AFTER = re.compile(
    r"\s*(?:짜리\s*)?(?:만점|척도|등급|위(?![가-힣]*[하])|위로|년\s*차|차\s|주년|단계|종(?!료)|가지|호(?!점)|번째|부문|학년|세대?\b|살|대\s*(?:고객|여성|남성|이상|손님|층|연령)|층|도\b|인\s*가구|인당|명당|건당|"
    r"(?:을|를)?\s*(?:할인|쿠폰|적립|캐시백|세일|환급|인상분)|중(?:에|에서)?(?=\s)|가운데|당(?=\s)|개\s*(?:매장|지점|점포|팀|부서|채널|제품|상품|브랜드|국가|도시|지역|사업부)|회\s*(?:이상\s*)?(?:구매|방문|주문|이용)|"
    r"(?:이상|이하)?\s*(?:구매|주문|결제)\s*(?:고객|회원|시)|번\s*이상\s*(?:구매|방문)|out\s+of|scale|(?:off\s+(?:coupon|sale|deal|promo)\w*|discount)|-?point\s+scale|stars?\s+scale|\s*(?:stores|teams|channels|branches|regions|locations)\b|x\s*service|/7)"
)
ASIDE_BEFORE = re.compile(
    r"(?:상위|하위|(?<![가-힣])제|(?<![a-z])(?:top|bottom|v|ver|version|no|b)|#|(?<![가-힣])만|vip|신제품|나이|페이지|버전|시즌|출시|운영|하루\s*종일|"
    r"out\s+of|scale\s+of|/)\s*$"
)
# What stood there before: 현재 3%인, 10억이던, 100건 대비, 작년 80점.
BASE_AFTER = re.compile(
    r"\s*(?:수준)?\s*(?:인(?=\s)|(?:이나\s*)?걸리(?:던|는)|이던|였던|이었던|이었|였|인데|이나|에\s*머|에\s*그친|에\s*불과|에\s*그치|대비|보다|에\s*비해|이지만|지만|수준인|밖에|의\s*(?:매출|수준)\s*에서)"
)
BASE_BEFORE = re.compile(
    r"(?:현재|지금|기존|현\s*수준|종전|기준선|baseline|currently|current|now|now\s+at|현재\s*(?:는|값|평균)|today's)\s*(?:약|평균|at|is|of|:)?\s*$"
)
PAST_BEFORE = re.compile(
    r"(?:작년|지난해|전년도?|지난달|지난\s*달|전월|지난\s*분기|last\s+(?:year|month|quarter))"
    r"(?!.*(?:대비|비\s|보다|비해|동기|처럼|같은|than|over))\s*(?:의\s*)?(?:[가-힣a-z]+\s*){0,2}:?\s*$"
)
FROM_KO = re.compile(r"\s*(?:수준)?\s*(?:에서(?:부터)?|부터|→|->|=>|⇒|>(?!=))")
FROM_EN = re.compile(
    r"\bfrom\s+(?:about\s+|around\s+|roughly\s+|an?\s+|the\s+|current\s+|its\s+|an?\s+average\s+of\s+)*$"
)
# What may stand before a second number of the same metric: 현재 12분, 목표 8분.
LEAD = re.compile(
    r"\s*(?:올해|내년|향후|연말)?\s*(?:목표(?:는|값|치)?|이후|to be|target|goal|then|to)?\s*(?:is|of|:)?\s*"
)


@dataclass(frozen=True)
class Clause:
    """One KPI's share of a sentence: what it names, its target amount, where it came from, its words of direction."""

    span: Span
    subjects: tuple[Found, ...]
    amount: Amount | None
    base: Amount | None
    from_to: bool
    ways: tuple[Way, ...]


@dataclass(frozen=True)
class Piece:
    """A stretch of the even text with the names, amounts and words of direction found in it."""

    span: Span
    names: tuple[Found, ...]
    amounts: tuple[Amount, ...]
    ways: tuple[Way, ...]

    def cut(self, edges: Iterable[int]) -> list[Piece]:
        """The pieces between these places."""
        return [self._within(Span(start, end)) for start, end in pairwise(sorted(set(edges)))]

    def joined(self, other: Piece) -> Piece:
        span = Span(self.span.start, other.span.end)
        return Piece(span, self.names + other.names, self.amounts + other.amounts, self.ways + other.ways)

    def _within(self, span: Span) -> Piece:
        return Piece(
            span,
            tuple(one for one in self.names if one.span.within(span)),
            tuple(one for one in self.amounts if one.span.within(span)),
            tuple(one for one in self.ways if one.span.within(span)),
        )


def clauses(text: str, whole: Piece, times: Sequence[Span], vocabulary: Vocabulary) -> list[Clause]:
    """The KPIs of a sentence in its order; at least one, which may be empty.

    A clause without a number is one where no other has a number, or where it says of its own metric which way it goes.
    """
    pieces = _merged(text, _pieces(text, whole, times))
    made = [one for piece in pieces for one in _split(text, piece)]
    clauses = [_clause(text, piece, vocabulary) for piece in made]
    with_number = [one for one in clauses if one.amount is not None]
    if with_number:
        kept = [one for one in clauses if one.amount is not None or _states(text, one)]
        named = [one for one in kept if one.subjects]
        return named or kept[:1]
    named = [one for one in clauses if one.subjects and _states(text, one)] or [one for one in clauses if one.subjects]
    return named or clauses[:1]


def _states(text: str, clause: Clause) -> bool:
    """Whether a clause without a number is a goal of its own: a metric and its way, not the means to another."""
    if clause.amount is not None:
        return True
    if not any(one.kind == METRIC for one in clause.subjects) or not any(way.sort in CHANGES for way in clause.ways):
        return False
    written = text[clause.span.start : clause.span.end]
    return not MEANS.search(written) and not any(MEANS_VERB.match(text, way.span.end - 1) for way in clause.ways)


def _pieces(text: str, whole: Piece, times: Sequence[Span]) -> list[Piece]:
    closed = [*times, *(one.span for one in whole.names), *(one.span for one in whole.amounts)]
    cuts = [0, len(text)]
    for match in BREAK.finditer(text):
        at = Span(*match.span())
        if not any(at.overlaps(one) for one in closed) and not _between_numbers(at, whole.amounts):
            cuts.append(at.end)
    for way in whole.ways:
        if joined := JOINED.match(text, way.span.end):
            cuts.append(joined.end())
    return [one for one in whole.cut(cuts) if one.names or one.amounts or one.ways] or [whole]


def _between_numbers(at: Span, numbers: Sequence[Amount]) -> bool:
    """between 10 and 15 %: an `and` with a number on both sides."""
    return any(0 <= at.start - one.span.end <= 1 for one in numbers) and any(
        0 <= one.span.start - at.end <= 1 for one in numbers
    )


def _merged(text: str, pieces: list[Piece]) -> list[Piece]:
    """A metric and its number that a comma parted, and names that share one number, are one piece."""
    made: list[Piece] = []
    for piece in pieces:
        if made and _belongs(text, made[-1], piece):
            made[-1] = made[-1].joined(piece)
        else:
            made.append(piece)
    return made


def _belongs(text: str, last: Piece, piece: Piece) -> bool:
    """Whether a piece goes on with the one before it."""
    if not piece.names and not piece.amounts:
        return True
    if not last.amounts:
        return not (piece.names and last.ways)
    if piece.names or not last.names or last.ways:
        return False
    # 현재 12분, 목표 8분: a second number of the same metric.
    return bool(LEAD.fullmatch(text[piece.span.start : piece.amounts[0].span.start]))


def _split(text: str, piece: Piece) -> list[Piece]:
    """A piece in which names and numbers alternate holds a KPI for each name with a number behind it."""
    names = _distinct(piece.names)
    if len(names) < 2 or len(piece.amounts) < 2:
        return [piece]
    starts = []
    for at, name in enumerate(names):
        until = names[at + 1].span.start if at + 1 < len(names) else piece.span.end
        if any(name.span.end <= one.span.start < until and not _is_base(text, one) for one in piece.amounts):
            starts.append(name)
    if len(starts) < 2:
        return [piece]
    return piece.cut([piece.span.start, *(one.span.start for one in starts[1:]), piece.span.end])


def _distinct(names: Iterable[Found]) -> list[Found]:
    """Names without a second of the same metric right behind: 고객 만족도(CSAT)."""
    kept: list[Found] = []
    for one in names:
        if not (kept and one.name and kept[-1].name == one.name):
            kept.append(one)
    return kept


def _is_base(text: str, one: Amount) -> bool:
    head = text[max(0, one.span.start - 24) : one.span.start]
    past = one.sort == QUANTITY and PAST_BEFORE.search(head)
    return bool(BASE_AFTER.match(text, one.span.end) or BASE_BEFORE.search(head) or past)


def _in_brackets(text: str, one: Amount) -> bool:
    """신규 계약 30건 (전년 대비 20% 증가): a remark beside the target."""
    opened = text.rfind("(", 0, one.span.start)
    return opened > text.rfind(")", 0, one.span.start) and ")" in text[one.span.end :]


def _is_aside(text: str, one: Amount) -> bool:
    head = text[max(0, one.span.start - 16) : one.span.start]
    return bool(ASIDE_AFTER.match(text, one.span.end) or ASIDE_BEFORE.search(head))


def _clause(text: str, piece: Piece, vocabulary: Vocabulary) -> Clause:
    numbers = [one for one in piece.amounts if not _is_aside(text, one)]
    amount, base, from_to = _from_to(text, numbers)
    if amount is None:
        bases = [one for one in numbers if _is_base(text, one)]
        targets = [one for one in numbers if one not in bases]
        amount = _chosen(text, targets, piece, vocabulary)
        if amount is not None and bases and _alike(bases[0], amount):
            base = in_unit_of(bases[0], text, amount)
    subjects = _subjects(text, piece, amount)
    return Clause(piece.span, subjects, amount, base, from_to, piece.ways)


def _from_to(text: str, numbers: Sequence[Amount]) -> tuple[Amount | None, Amount | None, bool]:
    """15분에서 8분으로, from 2 to 3 %, 3% → 5%."""
    for first, second in pairwise(numbers):
        korean = FROM_KO.match(text, first.span.end)
        english = FROM_EN.search(text[: first.span.start])
        between = text[first.span.end : second.span.start]
        if english and not re.search(r"\bto\b|\bdown\b|\bup\b|->|→", between):
            continue
        if (korean or english) and _alike(first, second):
            return in_unit_of(second, text, first), in_unit_of(first, text, second), True
    if len(numbers) == 2 and re.fullmatch(r"\s*(?:to)\s*", text[numbers[0].span.end : numbers[1].span.start]):
        first, second = numbers
        if _alike(first, second) and not re.search(r"\b(?:by|between)\s*$", text[: first.span.start]):
            return in_unit_of(second, text, first), in_unit_of(first, text, second), True
    return None, None, False


def _alike(first: Amount, second: Amount) -> bool:
    return None in (first.unit, second.unit) or (
        first.unit == second.unit and {first.sort, second.sort} != {SHARE, POINTS}
    )


def _chosen(text: str, numbers: Sequence[Amount], piece: Piece, vocabulary: Vocabulary) -> Amount | None:
    """The number that is the target: one with a unit that fits, behind a metric, before a word of direction."""
    if not numbers:
        return None
    units = {vocabulary.metrics[one.name].unit for one in piece.names if one.name in vocabulary.metrics}
    clocks = units & {"hours", "minutes", "seconds", "days"}

    def weight(one: Amount) -> tuple[int, int]:
        fits = one.unit in units or (one.unit == "seconds" and clocks)
        behind = any(name.span.end <= one.span.start for name in piece.names if name.kind == METRIC)
        before = any(0 <= way.span.start - one.span.end <= 8 for way in piece.ways)
        odd = one.unit == "seconds" and units and not clocks
        led = HEAD.search(text[: one.span.start])
        own = (
            3 * bool(one.sort != QUANTITY or fits)
            - 3 * bool(odd)
            + 2 * behind
            + before
            + bool(led)
            - 4 * _in_brackets(text, one)
        )
        return own, -one.span.start

    return max(numbers, key=weight)


def _subjects(text: str, piece: Piece, amount: Amount | None) -> tuple[Found, ...]:
    """The names an amount is about: the nearest before it with those joined to it, or else the first behind it."""
    names = _distinct(piece.names)
    if not names:
        return ()
    known = [one for one in names if one.kind == METRIC] or names
    if amount is None:
        way = next((one for one in piece.ways), None)
        before = [one for one in known if way is None or one.span.end <= way.span.start] or known
        # 매출 증가를 위해 방문 수를 늘리자: what is done for another is the KPI said last.
        anchor = known[-1] if MEANS.search(text[piece.span.start : piece.span.end]) else before[-1]
        return _with_shared(text, names, anchor)
    before = [one for one in names if one.span.end <= amount.span.start and not _compared(text, one)]
    after = [one for one in names if one.span.start >= amount.span.end]
    if before:
        return _with_shared(text, names, before[-1])
    return (after[0],) if after else (known[0],)


def _compared(text: str, one: Found) -> bool:
    """방문자 수 대비: what the metric is set against, not the metric."""
    return bool(re.match(r"\s*(?:대비|보다|에\s*비해|고객의|팀의?|담당|부서)", text[one.span.end :]))


def _with_shared(text: str, names: Sequence[Found], last: Found) -> tuple[Found, ...]:
    """매출과 객단가: the names joined to the last one, in their order."""
    at, made = names.index(last), [last]
    while at > 0 and SHARED.fullmatch(text[names[at - 1].span.end : names[at].span.start]):
        at -= 1
        made.insert(0, names[at])
    return tuple(made)
