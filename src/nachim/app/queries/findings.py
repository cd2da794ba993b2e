"""Findings as pages show them: from the app database alone."""

from dataclasses import dataclass
from itertools import accumulate

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import override

from nachim.app import policy
from nachim.app.language import spoken
from nachim.app.models import Action, Event, Finding
from nachim.app.queries.playbook import book, label
from nachim.catalog.playbook import Answer, Play, Playbook
from nachim.core.korean import aside
from nachim.core.number import format_value

LIVE = (Finding.State.OPEN, Finding.State.ACKNOWLEDGED, Finding.State.ACTION)
MOST_CLOSED, MOST_ON_COMPANY = 30, 3


@dataclass(frozen=True)
class Bar:
    """One part of the change, as a waterfall has it: it runs from `begin` to `end`, both 0 to 1 of the drawing."""

    label: str
    amount: float
    begin: float
    end: float


def waterfall(parts: list[tuple[str, float]]) -> tuple[Bar, ...]:
    """Each part where the one before ends, in their order; parts of nothing are left out."""
    parts = [(label, amount) for label, amount in parts if amount]
    ends = [0.0, *accumulate(amount for _label, amount in parts)]
    low, high = min(ends), max(ends)
    wide = high - low or 1.0
    return tuple(
        Bar(label, amount, (begin - low) / wide, (end - low) / wide)
        for (label, amount), begin, end in zip(parts, ends, ends[1:], strict=False)
    )


@dataclass(frozen=True)
class Shown:
    """A finding with its words in the reader's language."""

    finding: Finding
    paragraph: str
    bars: tuple[Bar, ...]
    plays: tuple[tuple[str, str], ...]

    @property
    def change(self) -> float:
        return sum(bar.amount for bar in self.bars)


@dataclass(frozen=True)
class Page:
    shown: Shown
    causes: tuple[tuple[str, str], ...]
    plays: tuple[tuple[Play, str, str, str, str], ...]
    actions: QuerySet[Action]


def told(finding: Finding, user) -> tuple[dict[str, str], list]:
    """Its words by language and its bars, as far as the reader sees.

    Who sees only some rows reads of them alone: the split is of the whole company.
    """
    sight = policy.sight(user)
    if sight is None or not sight.narrow or not finding.slice:
        return finding.paragraph, finding.waterfall
    return {code: _own_words(finding, code) for code in ("ko", "en")}, []


def shown(finding: Finding, user, known: Playbook | None = None) -> Shown:
    """In the reader's language. `known`: the playbook, where many are shown."""
    locale = spoken()
    words, parts = told(finding, user)
    bars = waterfall([(en if locale == "en" else ko, amount) for ko, en, amount in parts])
    known = known or book()
    answer = known.answers.get(finding.answer)
    plays = tuple((play.name, play.title.of(locale)) for play in known.plays_of(answer)) if answer else ()
    return Shown(finding, words.get(locale, ""), bars, plays)


def _own_words(finding: Finding, locale: str) -> str:
    """From its own levels, without a word on what else moved."""
    unit = finding.metric.unit
    with override(locale):
        name = aside(finding.metric.label, ", ".join(finding.slice.values()), locale == "en")
        if finding.usual is None or finding.seen is None:
            return name
        return _("%(name)s went from %(usual)s to %(seen)s.") % {
            "name": name, "usual": format_value(finding.usual, unit, locale),
            "seen": format_value(finding.seen, unit, locale),
        }  # fmt: skip


def _answer(finding: Finding) -> Answer | None:
    return book().answers.get(finding.answer)


def live(user, most: int | None = None) -> list[Shown]:
    """What is not closed: what got worse first, then the latest; at most so many."""
    found = policy.visible(user, Finding.objects.filter(state__in=LIVE).select_related("metric"))
    first = sorted(found, key=lambda one: (one.state != "open", not one.worse))[:most]
    known = book() if first else None
    return [shown(one, user, known) for one in first]


def closed(user) -> QuerySet[Finding]:
    found = Finding.objects.exclude(state__in=LIVE).select_related("metric", "decided_by")
    return policy.visible(user, found)[:MOST_CLOSED]


def actions(user) -> list[Action]:
    """What is to be done; `mine` says of each whether this person may say that it is."""
    found = policy.visible(user, Action.objects.filter(done_at=None).select_related("owner", "finding__metric"))
    for one in (found := list(found)):
        one.mine = policy.can(user, "action.edit", one)
    return found


def events(user) -> QuerySet[Event]:
    return policy.visible(user, Event.objects.all())[:MOST_CLOSED]


def page(finding: Finding, user) -> Page:
    """One finding: what may lie behind it, how to check, and what to do."""
    locale, answer = spoken(), _answer(finding)
    causes = tuple((one.cause.of(locale), one.check.of(locale)) for one in answer.causes) if answer else ()
    plays = tuple(
        (play, play.title.of(locale), play.how.of(locale), label(play.watch.metric, locale),
         label(play.moves.metric, locale))
        for play in book().plays_of(answer)
    ) if answer else ()  # fmt: skip
    return Page(shown(finding, user), causes, plays, policy.visible(user, finding.actions.select_related("owner")))
