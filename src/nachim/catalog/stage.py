"""The stage a company has come to, seen in its data, and which KPI to retire for which.

Downloads lead to first orders and first orders to orders again; what to watch moves on with the company. The advice
speaks up when the data shows that the stage has come, or when the KPI in use grows while its successor does not.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from nachim.catalog.entries import Entry, entry
from nachim.catalog.tables import Text
from nachim.catalog.templates import Sign, Succession, Template, templates
from nachim.core.korean import josa
from nachim.core.number import format_value

# Values of whole months, the oldest first; None where there is none.
Months = Mapping[str, Sequence[float | None]]
SPAN, GROWS, FALLS = 3, 0.15, -0.05


@dataclass(frozen=True)
class Advice:
    """Retire one KPI and adopt another: `why` in general, `seen` what the data show."""

    stage: str
    retire: str
    adopt: str
    why: Text
    seen: tuple[Text, ...]


def stage_of(months: Months) -> Template | None:
    """The furthest stage whose every sign the data show. None where they show none, or say too little."""
    shown = [one for one in templates("stage").values() if all(holds(sign, months) for sign in one.signs)]
    return max(shown, key=lambda one: one.order, default=None)


def holds(sign: Sign, months: Months) -> bool:
    """Whether the metric has been within the sign's bounds in each of its last months."""
    known = _last(months.get(sign.metric, ()), sign.months)
    least = float("-inf") if sign.least is None else sign.least
    most = float("inf") if sign.most is None else sign.most
    return known is not None and all(least <= value <= most for value in known)


def advise(months: Months, watched: Iterable[str]) -> list[Advice]:
    """What to retire and adopt, given monthly values of metrics and the KPIs in use; the furthest stage first.

    Advice is for a KPI in use whose successor is not. It comes with the stage, or ahead of it when over the last three
    months against the three before the KPI in use rose by 15 % or more and its successor fell by 5 % or more.
    """
    watched, now = set(watched), stage_of(months)
    found = []
    for stage in sorted(templates("stage").values(), key=lambda one: -one.order):
        come = now is not None and stage.order <= now.order
        for step in stage.successions:
            if step.retire not in watched or step.adopt in watched:
                continue
            seen = parted(step, months) + (_signs(now, months) if come and now else ())
            if seen:
                found.append(Advice(stage.name, step.retire, step.adopt, step.why, seen))
    return found


def parted(step: Succession, months: Months) -> tuple[Text, ...]:
    """The sentence that the KPI in use grows while its successor falls; nothing when that is not so."""
    old, new = entry(step.retire), entry(step.adopt)
    up, down = change(months.get(step.retire, ())), change(months.get(step.adopt, ()))
    if up is None or down is None:
        return ()
    up, down = (one if kpi.better == "up" else -one for one, kpi in ((up, old), (down, new)))
    if up < GROWS or down > FALLS:
        return ()
    better, worse = ("좋아지는", "나빠졌습니다") if "down" in (old.better, new.better) else ("늘어나는", "줄었습니다")
    return (
        Text(
            f"최근 석 달 {josa(old.label.ko, '이/가')} {up:.0%} {better} 동안 "
            f"{josa(new.label.ko, '은/는')} {-down:.0%} {worse}.",
            f"Over the last three months {old.label.en} improved by {up:.0%} while {new.label.en} lost {-down:.0%}.",
        ),
    )


def change(values: Sequence[float | None]) -> float | None:
    """The mean of the last three months against that of the three before; None where one is missing."""
    known = _last(values, 2 * SPAN)
    if known is None or sum(known[:SPAN]) <= 0:
        return None
    return sum(known[SPAN:]) / sum(known[:SPAN]) - 1


def _last(values: Sequence[float | None], n: int) -> list[float] | None:
    known = [one for one in values[-n:] if one is not None]
    return known if len(known) == n else None


def _signs(stage: Template, months: Months) -> tuple[Text, ...]:
    """What shows that the stage has come, one sentence a sign."""
    return tuple(_sign(sign, entry(sign.metric), months[sign.metric][-1]) for sign in stage.signs)


def _sign(sign: Sign, kpi: Entry, value: float | None) -> Text:
    bound = sign.least if sign.least is not None else sign.most
    ko, en = ("이상", "at least") if sign.least is not None else ("이하", "at most")
    here, now = ([format_value(one, kpi.unit, locale) for locale in ("ko", "en")] for one in (bound, value))
    return Text(
        f"{josa(kpi.label.ko, '이/가')} {_months(sign.months)} 내리 {here[0]} {ko}입니다 (지금 {now[0]}).",
        f"{kpi.label.en} has been {en} {here[1]} for {sign.months} months (now {now[1]}).",
    )


def _months(n: int) -> str:
    return {1: "한 달", 2: "두 달", 3: "석 달", 4: "넉 달"}.get(n, f"{n}개월")
