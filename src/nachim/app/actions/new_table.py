"""A table that is described before it has rows: for events, whose first row no file shows."""

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _
from pydantic import ValidationError as Unsound

from nachim.app import audit, policy
from nachim.app.actions.tables import source_of
from nachim.app.home import lake
from nachim.app.models import Table
from nachim.lake.mapping import Mapping


@transaction.atomic
def describe_table(actor, *, name: str, label: str, columns: list[dict]) -> Table:
    """`columns`: [{name, type, role, entity}], one of them the key. Raises LakeError for a name no table may have."""
    policy.require(actor, "data.edit")
    stored = lake().table(name)
    if stored.exists or Table.objects.filter(name=name).exists():
        raise ValidationError({"name": _("There is a table of this name already.")})
    try:
        mapping = Mapping.model_validate({"columns": [{**column, "source": column["name"]} for column in columns]})
    except Unsound as error:
        raise ValidationError({"columns": [one["msg"] for one in error.errors()]}) from error
    if not mapping.keys:
        raise ValidationError({"columns": _("One column has to be the key: by it a row counts once.")})
    table = Table.objects.create(
        name=name, label=label, mapping=mapping.model_dump(mode="json"), source=source_of(name, mapping)
    )
    audit.record(actor, "data.create", table, after=audit.fields(table, "name", "label", "source", "mapping"),
                 topics=("data",))  # fmt: skip
    return table
