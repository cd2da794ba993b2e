"""A goal in one sentence, read: which metric, which way, how much, how it is counted, until when.

`read` never fails: what it does not understand it returns as spans. It decides the obvious reading only; the words it
knows come from the catalogue as a `Vocabulary`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from nachim.core.period import Calendar, Grain
from nachim.core.sentence_clause import Clause, Piece, clauses
from nachim.core.sentence_due import CADENCE, DUE, STRETCH, Due, spoken
from nachim.core.sentence_grain import grains
from nachim.core.sentence_kind import LEVEL, MULTIPLE, NONE, Context, role
from nachim.core.sentence_left import left_over, subject_of
from nachim.core.sentence_number import FACTOR, POINTS, QUANTITY, SHARE, Amount, amounts
from nachim.core.sentence_text import Span, Text
from nachim.core.sentence_way import CHANGES, Way, turned, ways
from nachim.core.sentence_words import METRIC, OTHER, Found, Known, Vocabulary

SECONDS = {"seconds": 1, "minutes": 60, "hours": 3600, "days": 86400}
RATES = ("percent", "points", "ratio")
RATED = re.compile(
    r"(?:률|율|비중|점수|지수|만족도|정도|rate|ratio|share|score|margin|index)\s*(?:을|를|이|가|은|는)?$"
)
FIRM = re.compile(r"(?:까지|안에|내|내에|이내|이내에|동안|만에)$|^(?:by|within|before|until|in)\b")


@dataclass(frozen=True)
class Stated:
    """One KPI as a sentence states it.

    `metric` is the catalogue's key, None where none is known; `subject` what is meant, as written. `kind` is
    relative, absolute, level, multiple or none; `value` in base units (0.15 for 15 %, won, seconds), of 10%p 0.10;
    `base` where it stands today, in the same unit, where the sentence says so. `bound` is least or most where the
    level is a floor or a ceiling, `keep` where it is to be held. `since` is the day from which the change counts.
    """

    metric: str | None
    subject: str
    found: Found | None
    direction: str | None
    kind: str
    value: float | None
    unit: str | None
    grain: Grain | None
    due: date | None
    base: float | None = None
    bound: str | None = None
    keep: bool = False
    since: date | None = None
    recurring: bool = False


@dataclass(frozen=True)
class Reading:
    """A sentence read on a day. `kpis` holds at least one.

    `unread` are the words not understood, `vague` those that sound like a date and are none; `spans` are the places
    understood, each with what it is: metric, subject, amount, due, compared, direction, grain.
    """

    text: str
    today: date
    korean: bool
    kpis: tuple[Stated, ...]
    unread: tuple[Span, ...]
    vague: tuple[Span, ...]
    spans: tuple[tuple[Span, str], ...]

    @property
    def first(self) -> Stated:
        return self.kpis[0]


def read(sentence: str, today: date, vocabulary: Vocabulary, calendar: Calendar | None = None) -> Reading:
    """Reads a Korean or English sentence on a given day. Never raises; a text beyond LONGEST is cut."""
    text = Text.of(sentence)
    even = text.even
    names = [_whole(one, even) for one in vocabulary.find(text)]
    times = [one for one in spoken(even, today, calendar or Calendar()) if not _in_name(one, names)]
    names = [one for one in names if not any(one.span.overlaps(time.span) for time in times)]
    times = _as_values(even, times, names, vocabulary)
    taken = [one.span for one in names] + [one.span for one in times]
    numbers = amounts(even, taken)
    vague = _vague(even, vocabulary.vague, taken)
    taken += [one.span for one in numbers]
    found = ways(even, vocabulary.directions, taken)
    counted = grains(even, [one.span for one in times if one.role != CADENCE])
    whole = Piece(Span(0, len(even)), tuple(names), tuple(numbers), tuple(found))
    parts = clauses(even, whole, [one.span for one in times], vocabulary)
    kpis = [one for part in parts for one in _stated(text, part, parts, times, counted, found, vocabulary)]
    spans = _spans(whole, times, counted)
    unread = left_over(text, [span for span, _what in spans] + vague, vocabulary.fillers)
    return Reading(text.written, today, text.korean, tuple(_once(kpis)), unread, tuple(vague), tuple(spans))


SHARE_OF = re.compile(
    r"\s*(?:고객\s*)?(?:비중|비률|기여도|달성률|목표\s*달성률|예측\s*정확도|예측|편차|취소율|취소\s*건수)"
)


def _whole(one: Found, text: str) -> Found:
    """신규 고객 비중 is another metric than 신규 고객 수, and not one of the catalogue."""
    if one.kind == METRIC and (more := SHARE_OF.match(text, one.span.end)):
        return Found(Span(one.span.start, more.end()), OTHER)
    return one


def _in_name(due: Due, names: Sequence[Found]) -> bool:
    """30일 재구매율: the time is part of the metric's name."""
    overlapping = [one.span for one in names if due.span.overlaps(one.span)]
    return any(
        one.end > due.span.end or (one.end == due.span.end and one.start < due.span.start) for one in overlapping
    )


def _as_values(text: str, times: list[Due], names: Sequence[Found], vocabulary: Vocabulary) -> list[Due]:
    """Without the stretches that are a value: 배송 시간을 2일 이내로, resolve complaints within 2 days."""
    clocked = any(one.name in vocabulary.metrics and vocabulary.metrics[one.name].unit in SECONDS for one in names)
    kept = []
    for one in times:
        if one.role == STRETCH:
            others = amounts(text, [time.span for time in times] + [name.span for name in names])
            written = text[one.span.start : one.span.end]
            to = re.search(r"로$", written) or re.match(
                r"(?:으)?로(?![가-힣])|\s*(?:유지|이하|처리)", text[one.span.end :]
            )
            to = to or re.search(r"\bto\s+(?:be\s+)?$", text[: one.span.start])
            if to or (clocked and not others):
                continue
        kept.append(one)
    return kept


def _vague(text: str, words: Sequence[str], taken: Sequence[Span]) -> list[Span]:
    found = []
    for word in words:
        edge = r"\b" if word.isascii() else ""
        for match in re.finditer(edge + re.escape(word).replace(r"\ ", r"\s*") + edge, text):
            span = Span(*match.span())
            if not any(span.overlaps(one) for one in taken):
                found.append(span)
    return sorted(set(found))


def _stated(
    text: Text, part: Clause, parts: Sequence[Clause], times: Sequence[Due], counted: Sequence[tuple[Span, Grain]],
    found: Sequence[Way], vocabulary: Vocabulary,
) -> list[Stated]:  # fmt: skip
    """The KPIs of one clause: one for each name that shares its number."""
    due = _due(text.even, part, times)
    grain = next((grain for span, grain in counted if span.within(part.span)), None)
    if grain is None and len(parts) == 1:
        grain = next((grain for _span, grain in counted), None)
    made = []
    for subject in part.subjects or (None,):
        known = vocabulary.metrics.get(subject.name) if subject else None
        if subject:
            words = text.written[subject.span.start : subject.span.end]
        else:
            words = subject_of(text, part, vocabulary.fillers)
        plain = Stated(
            known.name if known else None, words, subject, None, NONE, None, None, grain,
            due.day if due else None, since=due.since if due else None, recurring=bool(due and due.role == CADENCE),
        )  # fmt: skip
        made.append(_aimed(plain, text, part, known, found))
    return made


def _aimed(plain: Stated, text: Text, part: Clause, known: Known | None, found: Sequence[Way]) -> Stated:
    """A KPI with its direction and amount."""
    better, unit = (known.better, known.unit) if known else ("up", None)
    if part.amount is None:
        return replace(plain, direction=_bare(part.ways, known))
    rated = unit in RATES if known else True if RATED.search(plain.subject) else None
    around = Context(
        text.even, part.span.start, part.ways or _borrowed(part, found), better, rated, unit == "ratio", text.korean,
        part.from_to,
    )  # fmt: skip
    amount = _as_metric(part.amount, unit, text.even)
    played, value = role(amount, around), float(amount.value)
    base = float(_as_metric(part.base, unit, text.even).value) if part.base is not None else None
    direction = played.direction or better
    if base is not None and base != value and played.kind == LEVEL:
        direction = "up" if value > base else "down"
    return replace(
        plain, direction=direction, kind=played.kind, value=value,
        unit=_unit(amount, played.kind, unit, text.even), base=base, bound=played.bound, keep=played.keep,
    )  # fmt: skip


def _bare(found: Sequence[Way], known: Known | None) -> str | None:
    """The direction where there is no number: the first word that says one; keeping a metric is its better way."""
    better = known.better if known else "up"
    for one in found:
        if one.sort in CHANGES:
            return turned(one, better)
    return better if found and known else None


def _borrowed(part: Clause, found: Sequence[Way]) -> tuple[Way, ...]:
    """매출 10%, 주문 20% 증가: a clause without a word of direction shares the next change of the sentence."""
    if part.amount is None or part.amount.sort != SHARE:
        return ()
    return tuple(one for one in found if one.span.start >= part.span.end and one.sort in CHANGES)[:1]


def _as_metric(amount: Amount, unit: str | None, text: str) -> Amount:
    """A number in the metric's own unit: 5포인트 of a percent is 5%p, a bare 30 of a percent 30 %."""
    if amount.sort != QUANTITY:
        return amount
    if unit == "percent" and amount.unit == "points":
        written = text[amount.span.start : amount.span.end]
        sort = POINTS if "포인트" in written or "point" in written else SHARE
        return replace(amount, sort=sort, unit="percent", value=amount.value / 100)
    if amount.unit is None and unit == "percent":
        return replace(
            amount, sort=SHARE, unit="percent", value=amount.value / 100 if amount.value > 1 else amount.value
        )
    if amount.unit is None and unit in SECONDS:
        return replace(amount, unit="seconds", value=amount.value * SECONDS[unit])
    return amount


def _unit(amount: Amount, kind: str, unit: str | None, text: str) -> str | None:
    if amount.sort == FACTOR:
        return "ratio" if kind == MULTIPLE or unit == "ratio" else "percent"
    if amount.unit is not None or unit is not None:
        return amount.unit or ("seconds" if unit in SECONDS else unit)
    return "KRW" if re.search("[억조]", text[amount.span.start : amount.span.end]) else None


def _due(text: str, part: Clause, times: Sequence[Due]) -> Due | None:
    """The date of a clause: its own, or else the sentence's; one that is firm (까지, by) before one that is not."""
    dated = [one for one in times if one.role in (DUE, CADENCE, STRETCH)]
    own = [one for one in dated if one.span.within(part.span)] or dated

    def weight(one: Due) -> tuple[int, int, int]:
        firm = bool(FIRM.search(text[one.span.start : one.span.end].strip()))
        return int(one.role == DUE or one.role == STRETCH), int(firm), one.span.start

    return max(own, key=weight, default=None)


def _once(kpis: Sequence[Stated]) -> list[Stated]:
    """Without a KPI said twice, one of the catalogue first."""
    kept: list[Stated] = []
    for one in kpis:
        if not any(
            one.metric == other.metric and one.subject == other.subject and one.value == other.value for other in kept
        ):
            kept.append(one)
    known = [one for one in kept if one.metric]
    return known + [one for one in kept if not one.metric] if known and not kept[0].metric else kept


def _spans(
    whole: Piece, times: Sequence[Due], counted: Sequence[tuple[Span, Grain]]
) -> list[tuple[Span, str]]:  # fmt: skip
    made = [(one.span, "metric" if one.kind == METRIC else "subject") for one in whole.names]
    made += [(one.span, "amount") for one in whole.amounts]
    made += [(one.span, "due" if one.day else "compared") for one in times]
    made += [(one.span, "direction") for one in whole.ways] + [(span, "grain") for span, _grain in counted]
    return sorted(made)
