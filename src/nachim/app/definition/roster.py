"""The people of the company as a CSV: who they are, their role, and from when to when they are in which team.

A line is a person in a team; a person in two teams has two lines, one in none a line without a team. What the file
does not name stays as it is: nobody is taken out by a line that is missing, only by `active` no.
"""

import csv
import io
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.utils.translation import gettext as _

from nachim.app import policy
from nachim.app.actions import people, teams
from nachim.app.models import Membership, Role, Team, TeamMember, User
from nachim.lake.quarantine import escape_formula, unescape_formula
from nachim.metrics.messages import nearest

COLUMNS = ("email", "name", "role", "team", "from", "until", "active")
YES, NO = ("", "yes", "true", "1", "예"), ("no", "false", "0", "아니요")
ANSWERS = dict.fromkeys(YES, True) | dict.fromkeys(NO, False)
MOST_LINES = 20_000


@dataclass(frozen=True)
class Line:
    """One line of the file; `number` as an editor counts. Empty fields are None: they say nothing."""

    number: int
    email: str
    name: str
    role: str
    team: str
    since: date | None
    until: date | None
    active: bool


@dataclass(frozen=True)
class Step:
    """One change. `verb`: invite, role, name, deactivate, join, change; `before` and `after` in words."""

    verb: str
    email: str
    before: str
    after: str
    do: Callable = field(compare=False, repr=False)


def export() -> str:
    """Everybody, with every stay, past ones too; in the form `read` takes."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    members = Membership.objects.select_related("user").order_by("user__email")
    for member in members.prefetch_related("user__stays__team"):
        user = member.user
        stays = sorted(user.stays.all(), key=lambda one: (one.team.name, one.since)) or [None]
        for stay in stays:
            place = (stay.team.name, stay.since, stay.until or "") if stay else ("", "", "")
            cells = (user.email, user.name, member.role, *place, "yes")
            writer.writerow([escape_formula(str(cell)) for cell in cells])
    return out.getvalue()


def read(text: str) -> list[Line]:
    """The lines of a file. ValidationError names every line that cannot be read, and why."""
    reader = csv.reader(io.StringIO(text.removeprefix("\ufeff")))
    head = [cell.strip().lower() for cell in next(reader, [])]
    if missing := [name for name in ("email",) if name not in head]:
        raise ValidationError(_("The first line has to name the columns; “%(name)s” is missing. They are: %(all)s.") % {
            "name": missing[0], "all": ", ".join(COLUMNS)})  # fmt: skip
    if unknown := [name for name in head if name not in COLUMNS]:
        raise ValidationError(_("There is no column “%(name)s”. They are: %(all)s.") % {
            "name": unknown[0], "all": ", ".join(COLUMNS)})  # fmt: skip
    lines, wrong = [], []
    for cells in reader:
        if not any(cell.strip() for cell in cells):
            continue
        if len(lines) >= MOST_LINES:
            raise ValidationError(_("More than %(n)d lines.") % {"n": MOST_LINES})
        given = {name: unescape_formula(cell.strip()) for name, cell in zip(head, cells, strict=False)}
        try:
            lines.append(_line(reader.line_num, given))
        except ValidationError as error:
            wrong += [_at(reader.line_num, message) for message in error.messages]
    wrong += _contradictions(lines)
    if wrong:
        raise ValidationError(wrong)
    return lines


def plan(lines: list[Line]) -> list[Step]:
    """What would change, in order. ValidationError where a line names a team that is not there."""
    known = {member.user.email: member for member in Membership.objects.select_related("user")}
    by_name = {team.name: team for team in Team.objects.filter(archived_at=None)}
    wrong = [_at(one.number, _no_team(one.team, by_name)) for one in lines if one.team and one.team not in by_name]
    if wrong:
        raise ValidationError(wrong)
    steps: list[Step] = []
    first: dict[str, Line] = {}
    for one in lines:
        first.setdefault(one.email, one)
    for email, one in first.items():
        steps += _person(one, known.get(email))
    for one in lines:
        if one.team and first[one.email].active:
            steps += _stay(one, by_name[one.team])
    return steps


@transaction.atomic
def apply(actor, lines: list[Line]) -> tuple[list[Step], dict[str, str]]:
    """Carry the plan out, all of it or nothing; the steps, and the invitation of everybody who is new."""
    policy.require(actor, "people.edit")
    steps, invitations = plan(lines), {}
    for step in steps:
        token = step.do(actor)
        if step.verb == "invite":
            invitations[step.email] = token
    return steps, invitations


def _person(one: Line, member: Membership | None) -> list[Step]:
    if member is None:
        if not one.active:
            return []
        role, name = one.role or Role.VIEWER, one.name or one.email.partition("@")[0]

        def invite(actor):
            return people.invite(actor, email=one.email, name=name, role=role)[1]

        return [Step("invite", one.email, "", f"{name} · {Role(role).label}", invite)]
    user, steps = member.user, []
    if not one.active:
        return [
            Step("deactivate", one.email, str(Role(member.role).label), "", lambda actor: people.remove(actor, user))
        ]
    if one.name and one.name != user.name:
        steps.append(Step("name", one.email, user.name, one.name, lambda actor: people.rename(actor, user, one.name)))
    if one.role and one.role != member.role:
        before, after = Role(member.role).label, Role(one.role).label
        steps.append(
            Step("role", one.email, str(before), str(after), lambda actor: people.set_role(actor, user, one.role))
        )
    return steps


def _stay(one: Line, team: Team) -> list[Step]:
    stays = TeamMember.objects.filter(team=team, user__email=one.email)
    known = stays.filter(since=one.since).first() if one.since else stays.order_by("since").last()
    if known is not None and known.until == one.until:
        return []

    def set_stay(actor):
        user = User.objects.get(email=one.email)
        return teams.set_stay(actor, team, user, since=one.since or (known.since if known else None), until=one.until)

    before = f"{team.label} {known.since} – {known.until or ''}" if known else ""
    after = f"{team.label} {one.since or (known.since if known else _('from today'))} – {one.until or ''}"
    return [Step("change" if known else "join", one.email, before, after, set_stay)]


def _line(number: int, given: dict[str, str]) -> Line:
    email, role, active = given.get("email", "").lower(), given.get("role", "").lower(), given.get("active", "").lower()
    validate_email(email)
    if role and role not in Role.values:
        raise ValidationError(_("“%(role)s” is no role. They are: %(all)s.") % {
            "role": role, "all": ", ".join(Role.values)})  # fmt: skip
    if active not in ANSWERS:
        raise ValidationError(_("“active” is yes or no, not “%(given)s”.") % {"given": active})
    since, until = _day(given.get("from", "")), _day(given.get("until", ""))
    if since and until and until < since:
        raise ValidationError(_("The last day has to come after the first."))
    if (since or until) and not given.get("team"):
        raise ValidationError(_("Days are of a team, and there is none in this line."))
    return Line(number, email, given.get("name", "")[:80], role, given.get("team", ""), since, until, ANSWERS[active])


def _day(text: str) -> date | None:
    if not text:
        return None
    found = re.fullmatch(r"(\d{4})[-./]\s?(\d{1,2})[-./]\s?(\d{1,2})\.?", text)
    try:
        return date(*map(int, found.groups())) if found else date.fromisoformat(text)
    except ValueError:
        raise ValidationError(_("“%(text)s” is no day. Write it as 2026-11-26.") % {"text": text}) from None


def _contradictions(lines: list[Line]) -> list[str]:
    """Lines of one person that say different things of the person."""
    said: dict[str, Line] = {}
    wrong = []
    for one in lines:
        before = said.setdefault(one.email, one)
        for name in ("name", "role", "active"):
            if getattr(one, name) != getattr(before, name):
                wrong.append(_at(one.number, _("“%(column)s” of %(email)s is another in line %(n)d.") % {
                    "column": name, "email": one.email, "n": before.number}))  # fmt: skip
    return wrong


def _no_team(name: str, known: dict[str, Team]) -> str:
    close = nearest(name, list(known))
    near = " " + _("Did you mean “%(name)s”?") % {"name": close} if close else ""
    return _("There is no team “%(name)s”.") % {"name": name} + near


def _at(number: int, message: str) -> str:
    return _("Line %(n)d: %(message)s") % {"n": number, "message": message}
