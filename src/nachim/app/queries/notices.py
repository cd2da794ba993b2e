"""What a person is told of: told anew each time from what there is and what they may see; only what they have read is
kept."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta

from django.db.models import Max, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from nachim.app import policy
from nachim.app.language import spoken
from nachim.app.models import Action, Finding, KeyResult, Kpi, NoticeRead, OneTimeLink, SheetVersion, Target, Team
from nachim.app.queries.findings import LIVE, told
from nachim.app.queries.okr import STALE_DAYS

LATELY = timedelta(days=30)
MOST = 100
DUE_AHEAD = timedelta(days=2)


@dataclass(frozen=True)
class Notice:
    """One thing worth knowing. `key` is its own for good; `place` names the page it leads to and the pk there."""

    key: str
    kind: str
    at: datetime
    text: str
    place: str
    pk: int
    read: bool = False
    more: str = ""


def notices(user) -> list[Notice]:
    """Those of the last month, newest first."""
    if policy.role(user) is None:
        return []
    since = timezone.now() - LATELY
    found = [one for tell in TELLERS for one in tell(user, since)]
    read = set(NoticeRead.objects.filter(user=user).values_list("key", flat=True))
    found.sort(key=lambda one: one.at, reverse=True)
    return [replace(one, read=one.key in read) for one in found[:MOST]]


def unread(user) -> int:
    return sum(not one.read for one in notices(user))


def _findings(user, since: datetime) -> Iterator[Notice]:
    found = Finding.objects.filter(state__in=LIVE, created_at__gte=since).select_related("metric")
    for one in policy.visible(user, found):
        text = _("%(name)s left its usual course.") % {"name": one.metric.label}
        yield Notice(f"finding-{one.pk}", "finding", one.created_at, text, "finding", one.pk,
                     more=told(one, user)[0].get(spoken(), ""))  # fmt: skip


def _actions(user, since: datetime) -> Iterator[Notice]:
    """What was given to the person, and once more when it is due."""
    now = timezone.now()
    found = Action.objects.filter(owner=user, done_at=None).filter(
        Q(created_at__gte=since) | Q(due__gte=since.date(), due__lte=(now + DUE_AHEAD).date())
    )
    for one in policy.visible(user, found.select_related("finding")):
        place, pk = ("finding", one.finding_id) if one.finding_id else ("findings", 0)
        if one.created_at >= since:
            text = _("“%(title)s” is yours to do.") % {"title": one.title}
            yield Notice(f"action-{one.pk}", "action", one.created_at, text, place, pk)
        begins = timezone.make_aware(datetime.combine(one.due - DUE_AHEAD, time(8)))
        if begins <= now:
            text = _("“%(title)s” is due soon.") if one.due >= timezone.localdate() else _("“%(title)s” is overdue.")
            yield Notice(f"due-{one.pk}-{one.due}", "due", begins, text % {"title": one.title}, place, pk)


def _sheets(user, since: datetime) -> Iterator[Notice]:
    """Proposals that wait for this person, and answers to their own."""
    found = SheetVersion.objects.select_related("sheet__person", "sheet__lead").filter(sheet__archived_at=None)
    waiting = found.filter(sheet__lead=user, state=SheetVersion.State.PROPOSED)
    for one in policy.visible(user, waiting):
        text = _("%(name)s proposed goals and waits for your answer.") % {"name": one.sheet.person.name}
        yield Notice(f"sheet-{one.pk}", "sheet", one.created_at, text, "sheet", one.sheet_id)
    decided = found.filter(sheet__person=user, decided_at__gte=since).exclude(decided_by=user)
    for one in policy.visible(user, decided.exclude(decided_by=None)):
        agreed = one.state == SheetVersion.State.AGREED
        text = _("%(name)s agreed to your goals.") if agreed else _("%(name)s asked for a change of your goals.")
        text %= {"name": one.sheet.lead.name}
        yield Notice(f"answer-{one.pk}", "sheet", one.decided_at, text, "sheet", one.sheet_id, more=one.answer)


def _targets(user, since: datetime) -> Iterator[Notice]:
    """New targets of KPIs that the person owns, or whose team they lead, set by others."""
    led = Team.objects.filter(lead=user, archived_at=None).values("pk")
    ours = Kpi.objects.filter(Q(owner=user) | Q(teams__in=led), archived_at=None).values("pk")
    found = Target.objects.filter(kpi__in=ours, created_at__gte=since).exclude(author=user).exclude(author=None)
    for one in policy.visible(user, found.select_related("kpi__metric", "author")):
        said = (
            _("%(name)s set a target for “%(kpi)s”.")
            if one.version == 1
            else _("%(name)s revised the target of “%(kpi)s”.")
        )
        text = said % {"name": one.author.name, "kpi": one.kpi}
        yield Notice(f"target-{one.pk}", "target", one.created_at, text, "kpi-history", one.kpi_id, more=one.reason)


def _check_ins(user, since: datetime) -> Iterator[Notice]:
    """Key results of the person that nobody has spoken of for two weeks."""
    own = KeyResult.objects.filter(owner=user, archived_at=None, goal__archived_at=None, goal__due__gte=since.date())
    for one in policy.visible(user, own.select_related("goal", "kpi__metric")).annotate(last=Max("check_ins__day")):
        last = one.last or timezone.localdate(one.created_at)
        late = timezone.make_aware(datetime.combine(last + timedelta(days=STALE_DAYS + 1), time(8)))
        if late <= timezone.now() and policy.can(user, "checkin.add", one):
            text = _("Nobody has said for two weeks how “%(name)s” is going.") % {"name": one}
            yield Notice(f"checkin-{one.pk}-{last}", "due", late, text, "result-check", one.pk)


def _people(user, since: datetime) -> Iterator[Notice]:
    """Who came by an invitation, for who keeps the company."""
    if not policy.can(user, "people.edit"):
        return
    came = OneTimeLink.objects.filter(purpose=OneTimeLink.Purpose.INVITE, used_at__gte=since, user__is_active=True)
    for one in came.exclude(user=user).select_related("user"):
        text = _("%(name)s accepted the invitation.") % {"name": one.user.name}
        yield Notice(f"joined-{one.pk}", "people", one.used_at, text, "person", one.user_id)


TELLERS = (_findings, _actions, _sheets, _targets, _check_ins, _people)
