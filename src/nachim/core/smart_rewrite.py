"""The sentence as it would pass: the same goal, with what was missing, too much or beside the point put right."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from nachim.core.korean import josa
from nachim.core.number import rounded
from nachim.core.period import Grain
from nachim.core.sentence import Stated
from nachim.core.sentence_due import moved
from nachim.core.sentence_kind import ABSOLUTE, LEVEL, MULTIPLE, RELATIVE
from nachim.core.sentence_words import Known, Vocabulary
from nachim.core.smart_change import limit_of, months_of

MONTHS_GIVEN = 3  # The time given where a sentence has no date.
MOST_MONTHS = 12  # The time that counts when an amount is proposed.
WITHOUT_SUBJECT = "revenue"  # What grows where a sentence does not say.
GRAINS = {
    Grain.HOUR: ("시간당", "hourly"), Grain.DAY: ("일", "daily"), Grain.WEEK: ("주간", "weekly"),
    Grain.MONTH: ("월", "monthly"), Grain.QUARTER: ("분기", "quarterly"), Grain.YEAR: ("연", "annual"),
}  # fmt: skip
EACH = {Grain.WEEK: ("매주", "every week"), Grain.MONTH: ("매월", "every month"),
        Grain.QUARTER: ("분기마다", "every quarter"), Grain.YEAR: ("매년", "every year")}  # fmt: skip
CLOCK = ((86400, "일", "day"), (3600, "시간", "hour"), (60, "분", "minute"), (1, "초", "second"))
COUNTED = {"people": "명", "count": "건", "points": "점", "ratio": "배"}


@dataclass(frozen=True)
class Wanted:
    """What the new sentence says, part by part. `limit`: a level is a floor (least), a ceiling (most) or neither."""

    subject: str
    direction: str
    kind: str
    value: float
    unit: str | None
    due: date
    grain: Grain | None = None
    recurring: bool = False
    base: float | None = None
    limit: str | None = None
    keep: bool = False


def rewrite(
    stated: Stated, today: date, failed: frozenset[str], vocabulary: Vocabulary, locale: str
) -> str | None:  # fmt: skip
    """A sentence to accept with one click; None where the sentence names nothing that could be a KPI."""
    wanted = _wanted(stated, today, failed, vocabulary, locale)
    if wanted is None:
        return None
    return _korean(wanted) if locale == "ko" else _english(wanted)


def _wanted(
    stated: Stated, today: date, failed: frozenset[str], vocabulary: Vocabulary, locale: str
) -> Wanted | None:  # fmt: skip
    metric, same = _metric(stated, failed, vocabulary)
    subject = metric.label[locale] if metric else stated.subject
    if not subject:
        return None
    better = metric.better if metric else "up"
    way = stated.direction if same and stated.direction and "relevant" not in failed else better
    dated = stated.due if stated.due is not None and "time_bound" not in failed else None
    due = dated or (moved(today, MONTHS_GIVEN) if today.year < date.max.year else date.max)
    months = months_of(stated, today) if dated else MONTHS_GIVEN
    if stated.value is None or not same:
        kind, value, unit = _proposed(metric, way, min(months, MOST_MONTHS))
        return Wanted(subject, way, kind, value, unit, due, _grain(stated, subject, locale) if same else None)
    grain = _grain(stated, subject, locale)
    if "achievable" in failed:
        return Wanted(subject, way, RELATIVE, _floor(limit_of(way, months, metric)), "percent", due, grain)
    return Wanted(
        subject, way, stated.kind, stated.value, stated.unit, due, grain, stated.recurring, stated.base, stated.bound,
        stated.keep,
    )  # fmt: skip


def _metric(stated: Stated, failed: frozenset[str], vocabulary: Vocabulary) -> tuple[Known | None, bool]:
    """The metric of the new sentence, and whether it is the one that was meant."""
    known = vocabulary.metrics.get(stated.metric or "")
    alias = stated.found.alias if stated.found else None
    instead = known.instead if known else alias.instead if alias else ()
    if instead and (known is None or "impact" in failed):
        return vocabulary.metrics[instead[0]], False
    if known is None and not stated.subject and stated.value is not None:
        return vocabulary.metrics[WITHOUT_SUBJECT], True
    return known, True


def _grain(stated: Stated, subject: str, locale: str) -> Grain | None:
    """The grain, unless the metric's name says it already."""
    if stated.grain is None:
        return None
    word = GRAINS[stated.grain][0 if locale == "ko" else 1]
    return None if word in subject.lower() and not stated.recurring else stated.grain


def _proposed(metric: Known | None, way: str, months: float) -> tuple[str, float, str]:
    """Kind, value and unit of an amount: a third of what the time plausibly allows."""
    if metric is not None and metric.by == "points":
        width = (metric.down if way == "down" else metric.up) * months / 3
        if metric.unit == "percent":
            return ABSOLUTE, float(rounded(max(width, 1), 0)) / 100, "percent"
        return ABSOLUTE, float(rounded(width, 1 if width < 2 else 0)), metric.unit
    return RELATIVE, _floor(limit_of(way, months, metric) / 3), "percent"


def _floor(share: float) -> float:
    """Down to whole 5 %, of small shares to whole percents, at least 1 %."""
    step = 0.05 if share >= 0.05 else 0.01
    return max(0.01, round(int(min(share, 100) / step + 1e-9) * step, 4))


def _korean(one: Wanted) -> str:
    day = f"{one.due.year}년 {one.due.month}월 {one.due.day}일까지"
    often = f"{(EACH if one.recurring else GRAINS)[one.grain][0]} " if one.grain else ""
    head, shown = f"{day} {often}{one.subject}", written(one.value, one.unit, "ko")
    verb = "증가" if one.direction == "up" else "감소"
    if one.kind == MULTIPLE:
        return f"{head} {'절반으로' if one.value == 0.5 else _plain(one.value) + '배로'} {verb}"
    if one.kind != LEVEL:
        return f"{head} {shown}{'p' if one.kind == ABSOLUTE and one.unit == 'percent' else ''} {verb}"
    limit = {"least": " 이상", "most": " 이하"}.get(one.limit or "", "")
    start = f"{written(one.base, one.unit, 'ko')}에서 " if one.base is not None else ""
    if one.base is not None and not limit and not one.keep:
        return f"{head} {start}{josa(shown, '으로/로')} {verb}"
    return f"{head} {start}{shown}{limit} {'유지' if one.keep else '달성'}"


def _english(one: Wanted) -> str:
    grain = one.grain if one.grain and not one.recurring else None
    plain = one.subject[1:2].islower()
    name = (f"{GRAINS[grain][1]} " if grain else "") + (one.subject[:1].lower() if plain else one.subject[:1])
    name += one.subject[1:]
    day = f"{one.due:%B} {one.due.day}, {one.due.year}"
    tail = f"{EACH[one.grain][1] + ' ' if one.recurring and one.grain else ''}by {day}"
    verb, shown = "Increase" if one.direction == "up" else "Reduce", written(one.value, one.unit, "en")
    if one.kind == MULTIPLE:
        return f"{verb} {name} {'by half' if one.value == 0.5 else f'to {_plain(one.value)} times'} {tail}"
    if one.kind != LEVEL:
        points = one.kind == ABSOLUTE and one.unit == "percent"
        return f"{verb} {name} by {shown.removesuffix('%') + ' percentage points' if points else shown} {tail}"
    if one.keep:
        limit = one.limit or ("least" if one.direction == "up" else "most")
        return f"Keep {name} at {shown} or {'higher' if limit == 'least' else 'lower'} until {day}"
    limit = f"at {one.limit} " if one.limit else ""
    start = f"from {written(one.base, one.unit, 'en')} " if one.base is not None else ""
    return f"{verb} {name} {start}to {limit}{shown} {tail}"


def written(value: float | None, unit: str | None, locale: str) -> str:
    """An amount as it stands in a goal: 15%, 12억 3,000만 원, 8분, 4.5점; 8 minutes."""
    number, korean = value or 0.0, locale == "ko"
    if unit == "percent":
        return f"{_plain(number * 100)}%"
    if unit == "seconds":
        size, ko, en = next(one for one in CLOCK if (number and number % one[0] == 0) or one[0] == 1)
        count = number / size
        return f"{_plain(count)}{ko}" if korean else f"{_plain(count)} {en}{'' if count == 1 else 's'}"
    if unit == "KRW":
        return _won(number) if korean else f"{_plain(number)} won"
    return f"{'$' if unit == 'USD' else ''}{_plain(number)}{COUNTED.get(unit or '', '') if korean else ''}"


def _won(number: float) -> str:
    """Exact: 12억 3,457만 원."""
    left, parts = round(number), []
    for size, name in ((10**12, "조"), (10**8, "억"), (10**4, "만")):
        count, left = divmod(left, size)
        if count:
            parts.append(f"{count:,}{name}")
    if left or not parts:
        return f"{' '.join([*parts, f'{left:,}'])}원"
    return f"{' '.join(parts)} 원"


def _plain(number: float) -> str:
    return f"{rounded(number, 4):,f}".rstrip("0").rstrip(".") if number % 1 else f"{number:,.0f}"
