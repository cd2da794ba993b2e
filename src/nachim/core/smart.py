"""SMART, letter by letter, and whether a KPI can be tracked and bears on the result: a verdict, a reason and a fix.

A verdict is `pass`, `fail` or `unknown`: what cannot be told from the sentence is not held against it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from nachim.core.sentence import Reading, Stated
from nachim.core.sentence_words import ASIDE, OTHER, PROXY, UNMEASURED, Alias, Known, Vocabulary
from nachim.core.smart_change import History, achievable
from nachim.core.smart_rewrite import rewrite
from nachim.core.smart_words import names_of, say

Verdict = Literal["pass", "fail", "unknown"]
LETTERS = ("specific", "measurable", "achievable", "relevant", "time_bound", "trackable", "impact")


@dataclass(frozen=True)
class Check:
    """One letter's verdict, why in a sentence, and what to do where something is to be done."""

    verdict: Verdict
    reason: str
    fix: str | None = None


@dataclass(frozen=True)
class Checked:
    """A stated KPI with the check of every letter, in the order of LETTERS, and a sentence that passes them."""

    stated: Stated
    checks: Mapping[str, Check] = field(hash=False)
    rewrite: str | None = None

    @property
    def passed(self) -> bool:
        return all(one.verdict == "pass" for one in self.checks.values())


def check(
    reading: Reading,
    stated: Stated,
    vocabulary: Vocabulary,
    *,
    locale: str | None = None,
    history: History | None = None,
    odds: float | None = None,
    tracked: bool | None = None,
    serves: frozenset[str] | None = None,
) -> Checked:
    """Judges one KPI of a reading. `locale` is the sentence's own language when not given.

    history  the company's past changes over the same length of time
    odds     the probability of reaching the target, 0 to 1, where a forecast gives one
    tracked  whether the company's data carry the metric now; None when nobody looked
    serves   the outcomes the goal is about (`growth`, `retention` …); None when there is no goal yet
    """
    speech = locale or ("ko" if reading.korean else "en")
    around = _Around(reading, stated, vocabulary, speech)
    verdict, reason, fix = achievable(stated, reading.today, around.known, speech, history, odds)
    checks = {
        "specific": _specific(around), "measurable": _measurable(around), "achievable": Check(verdict, reason, fix),
        "relevant": _relevant(around, serves), "time_bound": _time_bound(around),
        "trackable": _trackable(around, tracked),
        "impact": _impact(around),
    }  # fmt: skip
    failed = frozenset(name for name, one in checks.items() if one.verdict == "fail")
    return Checked(stated, checks, rewrite(stated, reading.today, failed, vocabulary, speech))


def check_all(reading: Reading, vocabulary: Vocabulary, *, locale: str | None = None) -> list[Checked]:
    """Judges every KPI of a reading by the sentence alone."""
    return [check(reading, one, vocabulary, locale=locale) for one in reading.kpis]


@dataclass(frozen=True)
class _Around:
    """What every letter looks at."""

    reading: Reading
    stated: Stated
    vocabulary: Vocabulary
    locale: str

    @property
    def known(self) -> Known | None:
        return self.vocabulary.metrics.get(self.stated.metric or "")

    @property
    def alias(self) -> Alias | None:
        return self.stated.found.alias if self.stated.found else None

    @property
    def sort(self) -> str:
        return self.alias.kind if self.alias else ""

    def say(self, code: str, **values: str) -> str:
        return say(code, self.locale, **values)

    def instead(self, names: tuple[str, ...]) -> str:
        return names_of(names, self.vocabulary, self.locale)

    @property
    def subject(self) -> str:
        return self.known.label[self.locale] if self.known else self.stated.subject


def _specific(around: _Around) -> Check:
    stated = around.stated
    there = {
        "what": bool(stated.metric or stated.subject), "way": stated.direction is not None,
        "amount": stated.value is not None,
    }  # fmt: skip
    missing = [part for part, said in there.items() if not said]
    if not missing:
        return Check("pass", around.say("specific"))
    parts = " · ".join(around.say(f"part_{one}") for one in missing)
    return Check("fail", around.say("not_specific", parts=parts), around.say(f"add_{missing[0]}"))


def _measurable(around: _Around) -> Check:
    stated = around.stated
    if around.sort == UNMEASURED and around.alias:
        fix = around.say("measure_by", names=around.instead(around.alias.instead))
        return Check("fail", around.say("unmeasured", name=around.subject), fix)
    if stated.value is None:
        return Check("fail", around.say("no_number"), around.say("add_amount"))
    if stated.metric:
        return Check("pass", around.say("measurable", name=around.subject))
    if stated.subject:
        return Check("pass", around.say("has_number", name=stated.subject))
    return Check("unknown", around.say("no_metric"), around.say("add_what"))


def _relevant(around: _Around, serves: frozenset[str] | None) -> Check:
    stated, known = around.stated, around.known
    if around.sort == ASIDE and around.alias:
        fix = around.say("choose_result", names=around.instead(around.alias.instead))
        return Check("fail", around.say("aside", name=around.subject), fix)
    if known is None:
        name = stated.subject or around.say("this_goal")
        return Check("unknown", around.say("relevance_unknown", name=name), around.say("name_goal"))
    if stated.direction and stated.direction != known.better and not known.either_way:
        better = around.say("up" if known.better == "up" else "down")
        return Check("fail", around.say("wrong_way", name=around.subject, way=better), around.say("turn", way=better))
    outcomes = ", ".join(around.say(f"outcome_{one}") for one in known.outcomes)
    if serves is not None and not serves & set(known.outcomes):
        wanted = ", ".join(around.say(f"outcome_{one}") for one in sorted(serves))
        return Check(
            "fail",
            around.say("other_outcome", name=around.subject, has=outcomes, wanted=wanted),
            around.say("name_goal"),
        )
    closer = around.say("better_metric", names=around.instead(known.instead)) if known.instead else None
    return Check("pass", around.say("relevant", name=around.subject, outcomes=outcomes), closer)


def _time_bound(around: _Around) -> Check:
    stated, reading = around.stated, around.reading
    if stated.due is None:
        if reading.vague:
            span = reading.vague[0]
            word = reading.text[span.start : span.end]
            return Check("fail", around.say("vague", word=word), around.say("add_date"))
        return Check("fail", around.say("no_date"), around.say("add_date"))
    if stated.due < reading.today:
        return Check("fail", around.say("past_date", day=stated.due.isoformat()), around.say("add_date"))
    return Check("pass", around.say("dated", day=stated.due.isoformat()))


def _trackable(around: _Around, tracked: bool | None) -> Check:
    if around.sort == UNMEASURED and around.alias:
        fix = around.say("measure_by", names=around.instead(around.alias.instead))
        return Check("fail", around.say("untrackable", name=around.subject), fix)
    if around.known is not None:
        if tracked is False:
            return Check("fail", around.say("no_data", name=around.subject), around.say("connect"))
        code = "tracked" if tracked else "trackable"
        return Check("pass", around.say(code, name=around.subject))
    if around.sort == PROXY:
        return Check("pass", around.say("countable", name=around.subject))
    if around.stated.value is None and not around.sort:
        return Check("fail", around.say("nothing_to_track"), around.say("add_what"))
    if around.sort == OTHER or around.stated.subject:
        return Check("unknown", around.say("not_in_catalogue", name=around.stated.subject), around.say("define"))
    return Check("unknown", around.say("no_metric"), around.say("add_what"))


def _impact(around: _Around) -> Check:
    known = around.known
    if known is not None and known.instead:
        why = known.why.get(around.locale, "")
        fix = around.say("better_metric", names=around.instead(known.instead))
        return Check("fail", around.say("vanity", name=around.subject, why=why).strip(), fix)
    if around.alias and around.sort in (PROXY, ASIDE):
        why = around.alias.why.get(around.locale, "") or around.say("aside", name=around.subject)
        fix = around.say("better_metric", names=around.instead(around.alias.instead))
        return Check("fail", why, fix)
    if known is not None:
        return Check("pass", around.say("impact", name=around.subject))
    name = around.stated.subject or around.say("this_goal")
    return Check("unknown", around.say("impact_unknown", name=name), around.say("name_goal"))
