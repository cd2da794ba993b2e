"""The company's own settings: its name and how it cuts time."""

from datetime import date, time
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from nachim.app import audit, policy
from nachim.app.models import Workspace

FIELDS = ("name", "tz", "week_start", "fiscal_year_start", "day_start", "locale", "closed")
# More days a year than anybody is closed are a slip.
MOST_CLOSED = 2_000


@transaction.atomic
def ensure(actor, name: str, **fields) -> Workspace:
    """The workspace, made when there is none: imports on a fresh home ask nothing."""
    workspace = Workspace.current()
    if workspace is None:
        workspace = Workspace.objects.create(name=name, **fields)
        audit.record(actor, "workspace.create", workspace, after=audit.fields(workspace, *FIELDS))
    return workspace


@transaction.atomic
def edit(actor, **fields) -> Workspace:
    """Change the company's settings; a changed calendar makes every observation stale."""
    policy.require(actor, "workspace.edit")
    workspace = Workspace.current()
    before = audit.fields(workspace, *FIELDS)
    if "tz" in fields:
        try:
            ZoneInfo(fields["tz"])
        except (KeyError, ValueError) as error:
            raise ValidationError({"tz": _("There is no such time zone. Asia/Seoul is one.")}) from error
    if not 1 <= int(fields.get("fiscal_year_start", 1)) <= 12:
        raise ValidationError({"fiscal_year_start": _("A month, 1 to 12.")})
    if not 0 <= int(fields.get("week_start", 0)) <= 6:
        raise ValidationError({"week_start": _("A weekday, 0 (Monday) to 6.")})
    if isinstance(fields.get("day_start"), str):
        fields["day_start"] = time.fromisoformat(fields["day_start"])
    if "closed" in fields:
        fields["closed"] = _dates(fields["closed"])
    for name, value in fields.items():
        setattr(workspace, name, value)
    workspace.save()
    after = audit.fields(workspace, *FIELDS)
    if after != before:
        audit.record(actor, "workspace.edit", workspace, before=before, after=after, topics=("company", "settings"))
    return workspace


def _dates(given) -> list[str]:
    """Each day once, in order, as they are stored."""
    try:
        found = sorted({date.fromisoformat(str(day)) for day in given})
    except ValueError as error:
        raise ValidationError({"closed": _("A day is written 2026-05-04.")}) from error
    if len(found) > MOST_CLOSED:
        raise ValidationError({"closed": _("These are too many days.")})
    return [str(day) for day in found]
