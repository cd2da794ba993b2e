"""The company's own plays and answers: written, taken back."""

from typing import Any

import yaml
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from nachim.app import audit, policy
from nachim.app.models import PlaybookEntry
from nachim.app.queries.playbook import own
from nachim.catalog.playbook import merged


@transaction.atomic
def save_entry(actor, part: str, name: str, body: dict[str, Any]) -> PlaybookEntry:
    """Write a play or an answer, as playbook.yaml has it; one of a known name takes its place. ValidationError says
    what the whole playbook would be wrong with."""
    policy.require(actor, "playbook.edit")
    entry = PlaybookEntry.objects.filter(part=part, name=name).first() or PlaybookEntry(part=part, name=name)
    before, entry.body = dict(entry.body) or None, body
    entry.full_clean()
    given = own()
    _fits({**given, part: {**given.get(part, {}), name: body}})
    entry.save()
    audit.record(actor, "playbook.edit", entry, before=before, after=body, topics=("findings",))
    return entry


@transaction.atomic
def remove_entry(actor, entry: PlaybookEntry) -> None:
    """Take the company's own entry back; a shipped one of its name comes out again."""
    policy.require(actor, "playbook.edit", entry)
    given = own()
    given[entry.part] = {name: body for name, body in given[entry.part].items() if name != entry.name}
    _fits(given)
    audit.record(actor, "playbook.remove", entry, before=entry.body, topics=("findings",))
    entry.delete()


def read_body(text: str) -> dict[str, Any]:
    """An entry as people type it."""
    try:
        body = yaml.safe_load(text)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 1 if mark else 1
        raise ValidationError({"body": _("Line %(line)s cannot be read as YAML.") % {"line": line}}) from None
    if not isinstance(body, dict) or not body:
        raise ValidationError({"body": _("Write fields with their values, as in the example.")})
    return body


def _fits(given: dict[str, dict[str, Any]]) -> None:
    try:
        merged(given)
    except (ValueError, TypeError) as error:
        raise ValidationError({"body": _said(error)}) from None


def _said(error: Exception) -> str:
    """What is wrong, without the machinery of who found it."""
    told = getattr(error, "errors", None)
    if told is None:
        return str(error)
    return "; ".join(f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in told(include_url=False)[:3])
