"""Findings: look for them, judge them, act on them; and the calendar of what happened."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from nachim.analysis.detect_result import Episode
from nachim.analysis.holiday import korea
from nachim.analysis.why import UNKNOWN, Happening, Why
from nachim.app import audit, diagnose, language, leads, policy, watch
from nachim.app.actions.series import wanted
from nachim.app.engines import opened
from nachim.app.lines import Slice, can_be_asked, lines
from nachim.app.models import Action, Event, Finding, Metric, Watching
from nachim.app.queries.playbook import book
from nachim.core.korean import aside, josa
from nachim.metrics.bind import Binder
from nachim.metrics.engine import Pinned

JUDGED, HISTORY = timedelta(days=28), timedelta(days=548)
BESIDE = timedelta(days=2)
MOST_ALONG = 4
NONE = {"ko": "없음", "en": "none"}
LIVE = (Finding.State.OPEN, Finding.State.ACKNOWLEDGED, Finding.State.ACTION)


@dataclass(frozen=True)
class Moved:
    """A metric that moved at the same time, over which part of it most, and whether upwards."""

    metric: Metric
    slice: Slice
    up: bool


def look(now: datetime | None = None) -> list[Finding]:
    """Look for what stands out in the last four weeks; the findings that are new. Known ones are brought up to date."""
    now = now or timezone.now()
    metrics = {series.metric.name: series.metric for series in wanted()}
    if not metrics:
        return []
    today = language.calendar().today(now)
    with opened() as engine:
        binder = Binder(language.model(), Pinned(engine))
        metrics = {name: metric for name, metric in metrics.items() if can_be_asked(binder, name)}
        some = lines(binder, metrics, today - HISTORY, today, now)
        if not some:
            return []
        leads.look(binder, metrics, today, now)
        seen, faults = watch.sightings(some, today - JUDGED, budget=Watching.budget())
        drafts: list[tuple[Finding, list[Moved]]] = [(_fault(metrics[fault.series], fault), []) for fault in faults]
        drafts += [drafted(binder, metrics, one, now) for one in seen]
    return _keep(drafts)


def drafted(
    binder: Binder, metrics: Mapping[str, Metric], one: watch.Sighting, now: datetime
) -> tuple[Finding, list[Moved]]:
    """A finding that is not stored yet: what was seen, diagnosed and put into words, and what moved along."""
    metric = metrics[one.metric]
    diagnosis = diagnose.explain(
        binder, metric.name, one.episode.since, one.episode.last, now, (one.slice, *one.others)
    )
    beside = happenings(one.episode.since, one.episode.noticed)
    found = [_why(binder, metric, diagnosis, locale, beside) for locale in ("ko", "en")]
    also = [Moved(metrics[along.metric], along.slice, along.up) for along in one.also]
    return _draft(metric, one, found, also), also


def happenings(first: date, last: date) -> list[Happening]:
    """What the calendar says of these days and the two before: public holidays, and the company's own events."""
    begin = first - BESIDE
    own = Event.objects.filter(first__lte=last, last__gte=begin)
    found = [Happening(one.name, one.first, one.last) for one in own]
    for name, days in korea(begin.year, last.year).named.items():
        found += [Happening(name, day, day) for day in days if begin <= day <= last]
    return found


def _why(
    binder: Binder, metric: Metric, diagnosis: diagnose.Diagnosis | None, locale: str, beside: Sequence[Happening]
) -> Why | None:
    if diagnosis is None:
        return None
    # What a segment is called says enough; the columns are called as the tables have them.
    labels = dict.fromkeys((dim for source in binder.model.sources.values() for dim in source.dims), "")
    labels |= {name: one.label.get(locale) or name for name, one in binder.model.metrics.items() if one.label}
    return diagnosis.why(_label(metric, locale), metric.unit, labels, beside)


def _draft(metric: Metric, one: watch.Sighting, found: list[Why | None], also: Sequence[Moved]) -> Finding:
    episode = one.episode
    worse = (metric.better == "up") != episode.up
    korean, english = found
    drivers = [dim for dim, _value in one.slice]
    made = Finding(
        metric=metric, slice=dict(one.slice), kind=episode.kind, since=episode.since, noticed=episode.noticed,
        last=episode.last, up=episode.up, worse=worse, usual=episode.usual, seen=episode.seen, one_in=episode.one_in,
    )  # fmt: skip
    said = [
        episode.sentence(locale, name=_named(metric, one.slice, locale), unit=metric.unit) for locale in ("ko", "en")
    ]
    # The whole may have moved too little to speak of where one part stands out: then the part speaks first.
    if korean is not None and english is not None:
        moved = korean.change != 0 and (korean.change > 0) == episode.up
        paragraphs = [one_.paragraph(locale) for one_, locale in ((korean, "ko"), (english, "en"))]
        if moved and one.slice:
            # The segment is known, so that no cause stands out elsewhere is not worth a sentence.
            said = [f"{first} {rest.removesuffix(UNKNOWN[at])}".rstrip() for at, (first, rest) in
                    enumerate(zip(said, paragraphs, strict=True))]  # fmt: skip
        elif moved:
            said = paragraphs
        if moved:
            bars = zip(korean.steps(), english.steps(), strict=True)
            made.waterfall = [[ko.label("ko"), en.label("en"), amount] for (ko, amount), (en, _a) in bars]
            drivers += korean.drivers()
    made.paragraph = {
        locale: f"{text}{_along(also, locale)}{_ahead(metric, one.episode, locale)}"
        for locale, text in zip(("ko", "en"), said, strict=True)
    }
    made.answer = _answer([Moved(metric, one.slice, episode.up), *also], drivers)
    return made


def _answer(moved: Sequence[Moved], drivers: Sequence[str]) -> str:
    """What the playbook answers to the metric that stands out, else to the first of those beside it that it knows. What
    moved along is a driver too, after those that the change was split by."""
    known = book()
    for at, one in enumerate(moved):
        move = "worse" if (one.metric.better == "up") != one.up else "better"
        beside = [other.metric.name for other in moved[:at] + moved[at + 1 :]]
        own = [*drivers, *beside] if at == 0 else [*(dim for dim, _value in one.slice), *beside]
        answer = known.answer(one.metric.name, label=one.metric.label_ko, move=move, drivers=own)
        if answer:
            return answer.name
    return ""


def _along(also: Sequence[Moved], locale: str) -> str:
    """The other metrics that moved at the same time."""
    english = locale == "en"
    names = ", ".join(f"{_named(one.metric, one.slice, locale)} {'↑' if one.up else '↓'}" for one in also[:MOST_ALONG])
    return "" if not names else f" Moved with it: {names}." if english else f" 함께 움직인 지표: {names}."


def _ahead(metric: Metric, episode: Episode, locale: str) -> str:
    """What usually follows when this metric moves, and from when: a warning, since it has not happened yet."""
    said = ""
    for lead in leads.known()[1]:
        link = lead.link
        follower = Metric.objects.filter(name=link.follower).first() if link.leader == metric.name else None
        if follower is None:
            continue
        when, up = episode.since + timedelta(weeks=link.lag), (link.correlation > 0) == episode.up
        name = _label(follower, locale)
        if locale == "en":
            weeks = f"{link.lag} week{'s' if link.lag > 1 else ''}"
            said += f" {name} tends to follow {weeks} later: it may {'rise' if up else 'fall'} from {when.isoformat()}."
        else:
            verb = "오를" if up else "내릴"
            said += (
                f" {josa(name, '은/는')} {link.lag}주 뒤에 따라 움직이는 편이라, {when.month}월 {when.day}일쯤부터 "
                f"{verb} 수 있습니다."
            )
    return said


def _label(metric: Metric, locale: str) -> str:
    return (metric.label_en if locale == "en" else metric.label_ko) or metric.name


def _named(metric: Metric, slice_: Slice, locale: str) -> str:
    parts = ", ".join(value or NONE[locale] for _dim, value in slice_)
    return aside(_label(metric, locale), parts, locale == "en")


def _fault(metric: Metric, fault) -> Finding:
    said = {locale: fault.sentence(locale, name=_label(metric, locale)) for locale in ("ko", "en")}
    return Finding(
        metric=metric, kind=Finding.Kind.FAULT, since=fault.first, noticed=fault.first, last=fault.last, paragraph=said
    )


@transaction.atomic
def _keep(drafts: Sequence[tuple[Finding, Sequence[Moved]]]) -> list[Finding]:
    """New ones are stored; of a known one that nobody has closed, what is said goes along with the days. A known one
    may have another metric of those that moved together: which of them stands out most changes from day to day."""
    new = []
    for draft, also in drafts:
        near = Finding.objects.filter(since__lte=draft.last + watch.NEAR, last__gte=draft.since - watch.NEAR)
        if draft.kind == Finding.Kind.FAULT:
            known = near.filter(metric=draft.metric, kind=Finding.Kind.FAULT)
        else:
            same = Q(metric=draft.metric, up=draft.up)
            for one in also:
                same |= Q(metric=one.metric, up=one.up)
            known = near.filter(same).exclude(kind=Finding.Kind.FAULT)
        before = known.order_by("-pk").first()
        if before is None:
            draft.save()
            new.append(draft)
        elif before.state in LIVE and draft.last > before.last:
            Finding.objects.filter(pk=before.pk).update(
                last=draft.last, seen=draft.seen, paragraph=draft.paragraph, waterfall=draft.waterfall,
                answer=draft.answer or before.answer,
            )  # fmt: skip
    if new:
        audit.publish("findings", "company")
    return new


@transaction.atomic
def judge(actor, finding: Finding, state: str, note: str = "") -> Finding:
    """Say what a finding is: seen, explained (with why), or a fault of the data."""
    policy.require(actor, "finding.edit", finding)
    if state not in (Finding.State.ACKNOWLEDGED, Finding.State.EXPLAINED, Finding.State.FAULT):
        raise ValidationError({"state": _("Choose one of: seen, explained, a fault of the data.")})
    if state == Finding.State.EXPLAINED and not note.strip():
        raise ValidationError({"note": _("Say in a few words what explains it; others will read it.")})
    return _set(actor, finding, state, note.strip()[:300])


@transaction.atomic
def take_back(actor, finding: Finding, *, state: str, note: str) -> Finding:
    """What was said of a finding was a mistake: it is what it was before."""
    policy.require(actor, "finding.edit", finding)
    return _set(actor, finding, state, note)


def _set(actor, finding: Finding, state: str, note: str) -> Finding:
    before = audit.fields(finding, "state", "note")
    finding.state, finding.note, finding.decided_at = state, note, timezone.now()
    finding.decided_by = None if isinstance(actor, policy.System) else actor
    finding.save(update_fields=["state", "note", "decided_at", "decided_by"])
    after = audit.fields(finding, "state", "note")
    if after != before:
        topics = ("company", "findings", f"finding-{finding.pk}")
        audit.record(actor, "finding.judge", finding, before=before, after=after, topics=topics)
    return finding


@transaction.atomic
def act(actor, finding: Finding, *, title: str, owner, due: date, play: str = "") -> Action:
    """Turn a finding into an action with an owner and a day."""
    policy.require(actor, "action.edit", Action(finding=finding, owner=owner))
    if not title.strip():
        raise ValidationError({"title": _("Say what will be done.")})
    if due < timezone.localdate():
        raise ValidationError({"due": _("The due date has to lie ahead.")})
    if play and play not in book().plays:
        raise ValidationError({"play": _("The playbook has no such entry.")})
    made = Action.objects.create(finding=finding, title=title.strip()[:200], owner=owner, due=due, play=play)
    audit.record(actor, "action.create", made, after=audit.fields(made, "title", "owner_id", "due", "play"))
    _set(actor, finding, Finding.State.ACTION, finding.note)
    return made


@transaction.atomic
def finish(actor, action: Action) -> Action:
    """An action is done."""
    policy.require(actor, "action.edit", action)
    if action.done_at is None:
        action.done_at = timezone.now()
        action.save(update_fields=["done_at"])
        audit.record(actor, "action.done", action, topics=("company", "findings"))
    return action


@transaction.atomic
def reopen(actor, action: Action) -> Action:
    """It was not done after all."""
    policy.require(actor, "action.edit", action)
    if action.done_at is not None:
        action.done_at = None
        action.save(update_fields=["done_at"])
        audit.record(actor, "action.reopen", action, topics=("company", "findings"))
    return action


@transaction.atomic
def write_event(actor, *, name: str, kind: str, first: date, last: date | None = None) -> Event:
    """Write down what happened when; findings name it beside changes of the same days."""
    policy.require(actor, "event.edit")
    last = last or first
    if last < first:
        raise ValidationError({"last": _("The last day has to come after the first.")})
    event = Event(name=name.strip(), kind=kind, first=first, last=last)
    event.full_clean()
    event.save()
    audit.record(actor, "event.create", event, after=audit.fields(event, "name", "kind", "first", "last"),
                 topics=("findings",))  # fmt: skip
    return event
