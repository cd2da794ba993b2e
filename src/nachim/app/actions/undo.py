"""Taking back what one has just done.

A signed token says what it was, and by whom. It works for ten minutes, for that person alone, as long as the thing is
as they left it: so it works once, and never over what somebody has done since. What it does goes the ordinary way,
with its permission and its entry in the trail.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.core import signing
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from nachim.app import language, policy
from nachim.app.actions import drivers, findings, goals, okr, people, playbook, teams, values
from nachim.app.models import Action, Finding, Goal, KeyResult, Kpi, Metric, Team, User
from nachim.core.period import Period

MINUTES = 10
SALT = "nachim.undo"
Facts = dict[str, Any]


@dataclass(frozen=True)
class Back:
    """What is as it was again, and the page that shows it: a name of an address and, where it has one, its pk."""

    text: str
    place: str
    pk: int | None = None


def token(actor: User, act: str, **facts: Any) -> str:
    """Lets `actor` take `act` back. `facts`: what `ACTS[act]` needs for it."""
    return signing.dumps({"act": act, "who": actor.pk, **facts}, salt=SALT, compress=True)


@transaction.atomic
def take_back(actor: User, given: str) -> Back:
    """ValidationError where it is too late; NotAllowed for who may not do it any more."""
    try:
        facts = signing.loads(given, salt=SALT, max_age=MINUTES * 60)
    except signing.BadSignature:
        raise _late() from None
    if facts["who"] != actor.pk:
        raise _late()
    return ACTS[facts["act"]](actor, facts)


def _late() -> ValidationError:
    return ValidationError(_("It is too late to take this back this way: time has passed, or it was changed since."))


def _still(known, fits: bool = True):
    """The thing, as long as it is there and as it was left."""
    if known is None or not fits:
        raise _late()
    return known


def _kpi(actor, facts: Facts) -> Back:
    kpi = policy.visible(actor, Kpi.objects.select_related("goal", "metric")).filter(pk=facts["pk"]).first()
    _still(kpi, kpi is not None and str(kpi.archived_at) == facts["at"])
    goals.restore_kpi(actor, kpi)
    return Back(_("“%(kpi)s” is back.") % {"kpi": kpi}, "goal", kpi.goal_id)


def _goal(actor, facts: Facts) -> Back:
    goal = policy.visible(actor, Goal.objects.filter(pk=facts["pk"])).first()
    _still(goal, goal is not None and str(goal.archived_at) == facts["at"])
    goals.restore_goal(actor, goal)
    return Back(_("“%(goal)s” is back with its KPIs.") % {"goal": goal}, "goal", goal.pk)


def _target(actor, facts: Facts) -> Back:
    """Nothing of targets is ever taken away: the one before holds again, as a version of its own."""
    kpi = policy.visible(actor, Kpi.objects.select_related("goal", "metric")).filter(pk=facts["pk"]).first()
    versions = list(kpi.targets.all()[:2]) if kpi is not None else []
    _still(kpi, len(versions) == 2 and versions[0].version == facts["version"])
    last, before = versions
    goals.set_target(actor, kpi, reason=_("Taken back"), valid_from=last.valid_from, **before.spec)
    return Back(_("The target is as it was; the one you took back stays in the history."), "kpi", kpi.pk)


def _result(actor, facts: Facts) -> Back:
    result = policy.visible(actor, KeyResult.objects.filter(pk=facts["pk"])).first()
    _still(result, result is not None and str(result.archived_at) == facts["at"])
    okr.restore_key_result(actor, result)
    return Back(_("“%(name)s” is back.") % {"name": result}, "goal", result.goal_id)


def _finding(actor, facts: Facts) -> Back:
    finding = policy.visible(actor, Finding.objects.select_related("metric").filter(pk=facts["pk"])).first()
    _still(finding, finding is not None and str(finding.decided_at) == facts["at"])
    findings.take_back(actor, finding, state=facts["state"], note=facts["note"])
    return Back(_("The finding is as it was."), "finding", finding.pk)


def _done(actor, facts: Facts) -> Back:
    action = policy.visible(actor, Action.objects.filter(pk=facts["pk"])).first()
    _still(action, action is not None and str(action.done_at) == facts["at"])
    findings.reopen(actor, action)
    return Back(_("“%(title)s” is to be done again.") % {"title": action.title}, "findings")


def _team(actor, facts: Facts) -> Back:
    # A team that was put away is nobody's: it is looked for by who may bring it back.
    policy.require(actor, "team.edit")
    team = Team.objects.filter(pk=facts["pk"]).first()
    _still(team, team is not None and str(team.archived_at) == facts["at"])
    teams.restore_team(actor, team, goals=facts["goals"], kpis=facts["kpis"])
    return Back(_("“%(team)s” is back.") % {"team": team}, "teams")


def _person(actor, facts: Facts) -> Back:
    policy.require(actor, "people.edit")
    user = User.objects.filter(pk=facts["pk"], membership=None, is_active=False).first()
    _still(user)
    stays = [
        (pk, date.fromisoformat(since), date.fromisoformat(until) if until else None)
        for pk, since, until in facts["stays"]
    ]
    people.bring_back(actor, user, role=facts["role"], confined=facts["confined"], stays=stays)
    return Back(_("%(name)s is a member again.") % {"name": user.name}, "person", user.pk)


def _play(actor, facts: Facts) -> Back:
    playbook.save_entry(actor, facts["part"], facts["name"], facts["body"])
    return Back(_("“%(name)s” is back.") % {"name": facts["name"]}, "playbook")


def _values(actor, facts: Facts) -> Back:
    """What stood there before is written again; a value where there was none is taken back."""
    metric = policy.visible(actor, Metric.objects.filter(pk=facts["pk"])).first()
    _still(metric, metric is not None and values.every_of(metric) is not None)
    rows, calendar, every = values.stored(metric), language.calendar(), values.every_of(metric)
    before = []
    for key, was, now in facts["values"]:
        period = Period.parse(every, key, calendar)
        entry = values.shown(metric, period, rows)
        _still(metric, [entry.value, entry.note] == now)
        before.append(values.Value(period, *was))
    values.write_values(actor, metric, before)
    return Back(_("The values are as they were."), "metric-values", metric.pk)


def _driver(actor, facts: Facts) -> Back:
    whole, part = (policy.visible(actor, Metric.objects.filter(pk=facts[side])).first() for side in ("whole", "part"))
    drivers.save_edge(actor, _still(whole), _still(part), **facts["fields"])
    return Back(_("The driver is back."), "map")


ACTS: dict[str, Callable[[User, Facts], Back]] = {
    "kpi": _kpi, "goal": _goal, "target": _target, "result": _result, "finding": _finding, "done": _done,
    "team": _team, "person": _person, "play": _play, "driver": _driver, "values": _values,
}  # fmt: skip
