"""The sentence as it would pass: the same goal, with what was missing, too much or beside the point put right."""

from __future__ import annotations

from datetime import date

from nachim.core.number import format_value, rounded
from nachim.core.period import Grain
from nachim.core.sentence import Stated
from nachim.core.sentence_due import moved
from nachim.core.sentence_kind import ABSOLUTE, LEVEL, MULTIPLE, NONE, RELATIVE
from nachim.core.sentence_words import Known, Vocabulary
from nachim.core.smart_change import limit_of, months_of

MONTHS_GIVEN = 3  # The time given where a sentence has no date.
WITHOUT_SUBJECT = "revenue"  # What grows where a sentence does not say.
GRAINS = {
    Grain.HOUR: ("시간당", "hourly"), Grain.DAY: ("일", "daily"), Grain.WEEK: ("주간", "weekly"), Grain.MONTH: ("월", "monthly"),  # noqa: E501
    Grain.QUARTER: ("분기", "quarterly"), Grain.YEAR: ("연", "annual"),
}  # fmt: skip


def rewrite(stated: Stated, today: date, failed: frozenset[str], vocabulary: Vocabulary, locale: str) -> str | None:
    """A sentence to accept with one click; None where nothing known could be measured instead."""
    metric, same = _metric(stated, failed, vocabulary)
    subject = metric.label[locale] if metric else stated.subject
    if not subject:
        return None
    late = stated.due is None or "time_bound" in failed
    due = moved(today, MONTHS_GIVEN) if late or stated.due is None else stated.due
    way = (
        metric.better
        if metric and (not same or "relevant" in failed)
        else stated.direction or (metric.better if metric else "up")
    )
    months = MONTHS_GIVEN if late else months_of(stated, today)
    kind: str
    value: float
    unit: str | None
    if stated.value is None or not same or stated.kind == NONE:
        kind, value, unit = _usual(metric, way, months)
    elif "achievable" in failed:
        kind, value, unit = RELATIVE, _floor(limit_of(way, months, metric)), "percent"
    else:
        kind, value, unit = stated.kind, stated.value, stated.unit
    keep = stated.keep and same and kind == LEVEL
    grain = stated.grain if same else None
    if grain is not None and (GRAINS[grain][0] if locale == "ko" else GRAINS[grain][1]) in subject.lower():
        grain = None
    made = _korean if locale == "ko" else _english
    return made(
        subject, way, kind, value, unit, grain, due, keep=keep, bound=stated.bound if same else None, base=stated.base
    )


def _metric(stated: Stated, failed: frozenset[str], vocabulary: Vocabulary) -> tuple[Known | None, bool]:
    """The metric of the new sentence, and whether it is the one that was meant."""
    known = vocabulary.metrics.get(stated.metric or "")
    alias = stated.found.alias if stated.found else None
    instead = known.instead if known else alias.instead if alias else ()
    if instead and (known is None or "impact" in failed):
        return vocabulary.metrics[instead[0]], False
    if known is None and not stated.subject:
        return vocabulary.metrics[WITHOUT_SUBJECT], True
    return known, True


def _usual(metric: Known | None, way: str, months: float) -> tuple[str, float, str]:
    """A third of what the time plausibly allows."""
    if metric is not None and metric.by == "points":
        width = (metric.down if way == "down" else metric.up) * min(months, 12) / 3
        if metric.unit == "percent":
            return ABSOLUTE, float(rounded(max(width, 1), 0)) / 100, "percent"
        return ABSOLUTE, float(rounded(width, 1 if width < 2 else 0)), metric.unit
    return RELATIVE, _floor(limit_of(way, min(months, 12), metric) / 3), "percent"


def _floor(share: float) -> float:
    """Down to whole 5 %, of small shares to whole percents, at least 1 %."""
    step = 0.05 if share >= 0.05 else 0.01
    return max(0.01, round(int(min(share, 100) / step + 1e-9) * step, 4))


def _korean(
    subject: str, way: str, kind: str, value: float, unit: str | None, grain: Grain | None, due: date, *, keep: bool, bound: str | None, base: float | None  # noqa: E501
) -> str:  # fmt: skip
    head = f"{due.year}년 {due.month}월 {due.day}일까지 {GRAINS[grain][0] + ' ' if grain else ''}{subject}"
    verb = "증가" if way == "up" else "감소"
    if kind == LEVEL:
        limit = (
            "이상"
            if (bound == "least" or (bound is None and way == "up" and keep))
            else "이하"
            if bound == "most"
            else ""
        )
        start = f"{amount(base, unit, 'ko')}에서 " if base is not None else ""
        end = "유지" if keep else "달성" if limit or not base else ""
        shown = amount(value, unit, "ko")
        if end:
            return f"{head} {start}{shown}{' ' + limit if limit else ''} {end}"
        return f"{head} {start}{shown}까지 {verb}"
    if kind == MULTIPLE:
        return f"{head} {_plain(value)}배로 {verb}"
    if kind == RELATIVE or unit != "percent":
        return f"{head} {amount(value, unit, 'ko')} {verb}"
    return f"{head} {amount(value, unit, 'ko')}p {verb}"


def _english(
    subject: str, way: str, kind: str, value: float, unit: str | None, grain: Grain | None, due: date, *, keep: bool, bound: str | None, base: float | None  # noqa: E501
) -> str:  # fmt: skip
    name = f"{GRAINS[grain][1] + ' ' if grain else ''}{subject[0].lower() + subject[1:] if subject[1:2].islower() else subject}"  # noqa: E501
    tail = f"by {due:%B} {due.day}, {due.year}"
    verb = "Increase" if way == "up" else "Reduce"
    if kind == LEVEL:
        limit = "at least " if bound == "least" else "at most " if bound == "most" else ""
        if keep:
            return f"Keep {name} at {limit or ('at least ' if way == 'up' else 'at most ')}{amount(value, unit, 'en')} {tail.replace('by', 'until', 1)}".replace(  # noqa: E501
                "at at", "at"
            )
        start = f"from {amount(base, unit, 'en')} " if base is not None else ""
        return f"{verb} {name} {start}to {limit}{amount(value, unit, 'en')} {tail}"
    if kind == MULTIPLE:
        return f"{verb} {name} to {_plain(value)} times {tail}"
    if kind == RELATIVE or unit != "percent":
        return f"{verb} {name} by {amount(value, unit, 'en')} {tail}"
    return f"{verb} {name} by {amount(value, unit, 'en').removesuffix('%')} percentage points {tail}"


def amount(value: float | None, unit: str | None, locale: str) -> str:
    """An amount as it is written in a goal: 15%, 12억 원, 8분, 4.5점."""
    number = value or 0.0
    if unit == "percent":
        return f"{_plain(number * 100)}%"
    if unit == "seconds":
        for size, ko, en in (
            (86400, "일", "days"),
            (3600, "시간", "hours"),
            (60, "분", "minutes"),
            (1, "초", "seconds"),
        ):
            if (number and number % size == 0) or size == 1:
                return f"{_plain(number / size)}{ko}" if locale == "ko" else f"{_plain(number / size)} {en}"
    if unit == "KRW":
        return _won(number) if locale == "ko" else f"{format_value(number, 'KRW', 'en').removeprefix('₩')} won"
    suffix = (
        {"people": "명", "count": "건", "points": "점", "ratio": "배"}.get(unit or "", "") if locale == "ko" else ""
    )
    return f"{'$' if unit == 'USD' else ''}{_plain(number)}{suffix}"


def _won(number: float) -> str:
    """Exact: 12억 3,457만 원."""
    left, parts = round(number), []
    for size, name in ((10**12, "조"), (10**8, "억"), (10**4, "만"), (1, "")):
        count, left = divmod(left, size)
        if count:
            parts.append(f"{count:,}{name}")
    return f"{' '.join(parts) or '0'}{' ' if parts and not parts[-1][-1].isdigit() else ''}원"


def _plain(number: float) -> str:
    return f"{rounded(number, 4):,f}".rstrip("0").rstrip(".") if number % 1 else f"{number:,.0f}"
