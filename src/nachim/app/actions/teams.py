"""Teams: who works together, and who leads them."""

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from nachim.app import audit, policy
from nachim.app.actions.goals import free_name
from nachim.app.models import Team, User

FIELDS = ("name", "label", "function", "parent_id", "lead_id", "position")


@transaction.atomic
def save_team(actor, team: Team | None = None, *, members: list[User] | None = None, **fields) -> Team:
    """Make or change a team. Fields: label, function, parent, lead, name, position; `members` replace those it had."""
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
    team.name = team.name or free_name(Team, team.label)
    team.save()
    if members is not None:
        team.members.set(members)
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


def _members(team: Team) -> list[str]:
    return sorted(user.email for user in team.members.all())
