"""Teams: who works together, and who leads them."""

from datetime import date, timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from nachim.app import audit, policy
from nachim.app.actions.goals import free_name
from nachim.app.models import Goal, Kpi, Team, TeamMember, User

FIELDS = ("name", "label", "function", "parent_id", "lead_id", "position", "slice")
DAY = timedelta(days=1)


@transaction.atomic
def save_team(actor, team: Team | None = None, *, members: list[User] | None = None, **fields) -> Team:
    """Make or change a team. Fields: label, function, parent, lead, slice, name, position; `members` replace those it
    has today: who is not among them leaves, who is new joins."""
    policy.require(actor, "team.edit", team)
    before = None
    if team is not None:
        before = audit.fields(team, *FIELDS) | {"members": _members(team)}
    team = team or Team()
    for name, value in fields.items():
        setattr(team, name, value)
    above = team.parent
    while above is not None:
        if team.pk and above.pk == team.pk:
            raise ValidationError({"parent": _("A team cannot be part of itself.")})
        above = above.parent
    team.slice = {str(dim).strip(): str(value).strip() for dim, value in (team.slice or {}).items()}
    if not all([*team.slice, *team.slice.values()]):
        raise ValidationError({"slice": _("A slice needs a dimension and its value.")})
    team.name = team.name or free_name(Team, team.label)
    team.save()
    if members is not None:
        _replace_members(team, members)
    after = audit.fields(team, *FIELDS) | {"members": _members(team)}
    if after != before:
        audit.record(
            actor, "team.edit" if before else "team.create", team, before=before, after=after, topics=("teams",)
        )
    return team


@transaction.atomic
def archive_team(actor, team: Team) -> None:
    """Put a team away; its goals and KPIs stay and no longer name it."""
    policy.require(actor, "team.edit", team)
    team.archived_at = timezone.now()
    team.save(update_fields=["archived_at"])
    team.goals.clear()
    team.kpis.clear()
    audit.record(actor, "team.archive", team, topics=("teams", "company"))


@transaction.atomic
def restore_team(actor, team: Team, *, goals: list[int], kpis: list[int]) -> None:
    """Bring a team back, with the goals and KPIs it had, as far as they are still there."""
    policy.require(actor, "team.edit", team)
    team.archived_at = None
    team.save(update_fields=["archived_at"])
    team.goals.add(*Goal.objects.filter(pk__in=goals))
    team.kpis.add(*Kpi.objects.filter(pk__in=kpis))
    audit.record(actor, "team.restore", team, topics=("teams", "company"))


@transaction.atomic
def set_stay(actor, team: Team, user: User, *, since: date | None = None, until: date | None = None) -> TeamMember:
    """Say from when to when a person belongs to a team. `since` None: since they joined, or from today."""
    policy.require(actor, "team.edit", team)
    if since is not None and until is not None and until < since:
        raise ValidationError({"until": _("The last day has to come after the first.")})
    known = team.stays.filter(user=user).order_by("since").last()
    if known is not None and since is not None and known.until is not None and known.until < since:
        known = None  # they come back
    before = None if known is None else audit.fields(known, "since", "until")
    stay = known or TeamMember(team=team, user=user)
    stay.since, stay.until = since or stay.since, until
    if stay.until is not None and stay.until < stay.since:
        raise ValidationError({"until": _("The last day has to come after the first.")})
    stay.save()
    after = audit.fields(stay, "since", "until")
    if after != before:
        after |= {"person": user.email}
        audit.record(actor, "team.member", team, before=before, after=after, topics=("teams",))
    return stay


def _replace_members(team: Team, members: list[User]) -> None:
    today = timezone.localdate()
    here = {stay.user_id: stay for stay in TeamMember.on(today).filter(team=team)}
    for user in members:
        if user.pk not in here:
            stay, _new = TeamMember.objects.get_or_create(team=team, user=user, since=today)
            if stay.until is not None:
                stay.until = None
                stay.save(update_fields=["until"])
    for pk, stay in here.items():
        if pk in {user.pk for user in members}:
            continue
        if stay.since == today:
            stay.delete()
        else:
            stay.until = today - DAY
            stay.save(update_fields=["until"])


def _members(team: Team) -> list[str]:
    return sorted(user.email for user in team.people())
