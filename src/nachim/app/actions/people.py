"""Letting people in: the first owner, invitations, roles, and what a person sets for themselves."""

import secrets
from datetime import date, timedelta

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from nachim.app import audit, policy
from nachim.app.models import Membership, OneTimeLink, Role, TeamMember, User, Workspace
from nachim.connect.secrets import hashed

SETUP_MINUTES = 10
INVITE_DAYS, LINK_DAYS = 7, 1


def issue_setup_link() -> str:
    """A token for the first owner, good for ten minutes; earlier unused ones stop working."""
    if Membership.objects.filter(role=Role.OWNER).exists():
        raise ValidationError(_("This installation already has an owner. Sign in instead."))
    OneTimeLink.objects.filter(purpose=OneTimeLink.Purpose.SETUP, used_at=None).delete()
    return _issue(OneTimeLink.Purpose.SETUP, timedelta(minutes=SETUP_MINUTES))


def find_link(token: str, purpose: str) -> OneTimeLink | None:
    """The unused, unexpired link of this token; that of a person who was taken out has ended too."""
    links = OneTimeLink.objects.filter(purpose=purpose, used_at=None, expires_at__gt=timezone.now())
    return links.exclude(user__is_active=False).filter(token_hash=hashed(token)).first()


@transaction.atomic
def create_owner(
    token: str, *, email: str, name: str, password: str, company: str, fiscal_year_start: int = 1, locale: str = "ko"
) -> User:
    """First run: the owner's account and the company, which speaks the owner's language. The link works once."""
    link = _use(token, OneTimeLink.Purpose.SETUP)
    if Membership.objects.filter(role=Role.OWNER).exists():
        raise ValidationError(_("This installation already has an owner. Sign in instead."))
    sound_password(password, User(email=email, name=name))
    if User.objects.filter(email=email.lower()).exists():
        raise ValidationError({"email": _("Someone with this e-mail address is already here.")})
    user = User.objects.create_user(email, name, password)
    workspace = Workspace.current() or Workspace(name=company)
    workspace.name, workspace.locale = company, locale
    workspace.fiscal_year_start = fiscal_year_start
    workspace.save()
    Membership.objects.create(user=user, workspace=workspace, role=Role.OWNER)
    link.user = user
    link.save(update_fields=["user"])
    audit.record(user, "people.first_owner", user, after={"email": user.email, "company": company}, topics=("company",))
    return user


@transaction.atomic
def invite(actor, *, email: str, name: str, role: str) -> tuple[User, str]:
    """Add a person, or one who had left; returns them and the token of a link that lets them set a password."""
    policy.require(actor, "people.edit")
    _name_owner(actor, role)
    if Membership.objects.filter(user__email=email.lower()).exists():
        raise ValidationError({"email": _("Someone with this e-mail address is already here.")})
    user = User.objects.filter(email=email.lower()).first() or User(email=email.lower())
    user.name, user.is_active = name, True
    user.set_unusable_password()
    user.save()
    Membership.objects.create(user=user, workspace=Workspace.current(), role=Role(role))
    token = _issue(OneTimeLink.Purpose.INVITE, timedelta(days=INVITE_DAYS), user)
    audit.record(actor, "people.invite", user, after={"email": user.email, "role": role}, topics=("settings",))
    return user, token


@transaction.atomic
def accept(token: str, password: str) -> User:
    link = _use(token, OneTimeLink.Purpose.INVITE)
    user = link.user
    sound_password(password, user)
    user.set_password(password)
    user.save(update_fields=["password"])
    audit.record(user, "people.accept", user)
    return user


@transaction.atomic
def new_link(actor, user: User, *, forget_factors: bool = False) -> str:
    """The token of a link by which a person who is here already chooses a new password: once, within a day.

    It goes by their second proof, unless whoever makes it knows that they have lost that: then it is forgotten.
    """
    policy.require(actor, "people.edit", user)
    OneTimeLink.objects.filter(user=user, purpose=OneTimeLink.Purpose.INVITE, used_at=None).delete()
    if forget_factors:
        user.factors.all().delete()
        user.recovery_codes.all().delete()
    audit.record(actor, "people.link", user, after={"forget_factors": forget_factors})
    return _issue(OneTimeLink.Purpose.INVITE, timedelta(days=LINK_DAYS), user)


@transaction.atomic
def set_role(actor, user: User, role: str) -> None:
    """Change a person's role; the last owner stays an owner."""
    policy.require(actor, "people.edit", user)
    _name_owner(actor, role)
    membership = user.membership
    before = membership.role
    _keep_an_owner(membership, leaving=role != Role.OWNER)
    membership.role = Role(role)
    membership.save(update_fields=["role"])
    audit.record(actor, "people.role", user, before={"role": before}, after={"role": role}, topics=("settings",))


@transaction.atomic
def confine(actor, user: User, confined: bool) -> None:
    """Let a viewer see the company, or only what leads and members see: what has no team, and their own teams."""
    policy.require(actor, "people.edit", user)
    membership = user.membership
    if membership.confined == confined:
        return
    membership.confined = confined
    membership.save(update_fields=["confined"])
    audit.record(actor, "people.confine", user, after={"confined": confined}, topics=("settings",))


@transaction.atomic
def rename(actor, user: User, name: str) -> None:
    policy.require(actor, "people.edit", user)
    before, user.name = user.name, name
    user.save(update_fields=["name"])
    audit.record(actor, "people.rename", user, before={"name": before}, after={"name": name}, topics=("settings",))


@transaction.atomic
def remove(actor, user: User) -> None:
    """Take a person out; what they did stays in the audit trail."""
    policy.require(actor, "people.edit", user)
    _keep_an_owner(user.membership, leaving=True)
    audit.record(actor, "people.remove", user, before={"role": user.membership.role}, topics=("settings",))
    today = timezone.localdate()
    user.stays.filter(since__gte=today).delete()
    user.stays.filter(Q(until=None) | Q(until__gte=today)).update(until=today - timedelta(days=1))
    user.devices.all().delete()
    user.membership.delete()
    user.is_active = False
    user.save(update_fields=["is_active"])


@transaction.atomic
def bring_back(actor, user: User, *, role: str, confined: bool, stays: list[tuple[int, date, date | None]]) -> None:
    """Somebody who was taken out by mistake is a member again, with their role and `stays` (team, since, until).
    Their password was never taken away; they sign in anew."""
    policy.require(actor, "people.edit", user)
    _name_owner(actor, role)
    user.is_active = True
    user.save(update_fields=["is_active"])
    Membership.objects.create(user=user, workspace=Workspace.current(), role=Role(role), confined=confined)
    for team, since, until in stays:
        TeamMember.objects.update_or_create(user=user, team_id=team, since=since, defaults={"until": until})
    audit.record(actor, "people.bring_back", user, after={"role": role}, topics=("settings",))


@transaction.atomic
def edit_self(user: User, *, name: str, locale: str, theme: str) -> None:
    policy.require(user, "self.edit", user)
    before = audit.fields(user, "name", "locale", "theme")
    user.name, user.locale, user.theme = name, locale, theme
    user.save(update_fields=["name", "locale", "theme"])
    audit.record(user, "self.edit", user, before=before, after=audit.fields(user, "name", "locale", "theme"))


def sound_password(password: str, user: User, field: str = "password") -> None:
    """ValidationError on `field` for a password that is short, common, or about the person."""
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise ValidationError({field: error.error_list}) from error


def _name_owner(actor, role: str) -> None:
    """Owners alone make owners."""
    if role == Role.OWNER:
        policy.require(actor, "owner.name")


def _keep_an_owner(membership: Membership, *, leaving: bool) -> None:
    owners = Membership.objects.filter(role=Role.OWNER, user__is_active=True)
    if leaving and membership.role == Role.OWNER and owners.count() == 1:
        raise ValidationError(_("Someone has to be the owner. Make another person owner first."))


def _issue(purpose: str, good_for: timedelta, user: User | None = None) -> str:
    token = secrets.token_urlsafe(32)
    OneTimeLink.objects.create(
        token_hash=hashed(token), purpose=purpose, user=user, expires_at=timezone.now() + good_for
    )
    return token


def _use(token: str, purpose: str) -> OneTimeLink:
    link = find_link(token, purpose)
    if link is None:
        raise ValidationError(_("This link has expired or was used already. Ask for a new one."))
    link.used_at = timezone.now()
    link.save(update_fields=["used_at"])
    return link
