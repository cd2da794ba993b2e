"""A table that is described before it has rows: for events, whose first row no file shows, and for written values."""

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _
from pydantic import ValidationError as Unsound

from nachim.app import audit, policy
from nachim.app.actions.table_record import source_of
from nachim.app.home import lake
from nachim.app.models import Table
from nachim.lake.mapping import Mapping


@transaction.atomic
def describe_table(actor, *, name: str, label: str, columns: list[dict]) -> Table:
    """`columns`: [{name, type, role, entity}], one of them the key. Raises LakeError for a name no table may have."""
    policy.require(actor, "data.edit")
    if lake().table(name).exists:
        raise ValidationError({"name": _("There is a table of this name already.")})
    return described(actor, name=name, label=label, columns=columns)


def described(actor, *, name: str, label: str, columns: list[dict], source: dict | None = None, **fields) -> Table:
    """The same for an action with a permission of its own. `source`: what its source says besides the columns."""
    lake().table(name)  # a name that a table may have
    if Table.objects.filter(name=name).exists():
        raise ValidationError({"name": _("There is a table of this name already.")})
    try:
        mapping = Mapping.model_validate({"columns": [{**column, "source": column["name"]} for column in columns]})
    except Unsound as error:
        raise ValidationError({"columns": [one["msg"] for one in error.errors()]}) from error
    if not mapping.keys:
        raise ValidationError({"columns": _("One column has to be the key: by it a row counts once.")})
    table = Table.objects.create(
        name=name, label=label, mapping=mapping.model_dump(mode="json"),
        source=source_of(name, mapping) | (source or {}), **fields,
    )  # fmt: skip
    audit.record(actor, "data.create", table, after=audit.fields(table, "name", "label", "source", "mapping"),
                 topics=("data",))  # fmt: skip
    return table
