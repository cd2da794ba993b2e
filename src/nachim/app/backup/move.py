"""Carry a workspace from one database to another, and compare every table row by row afterwards."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.db import transaction

from nachim.app import audit
from nachim.app.backup import places, rows
from nachim.app.database import database


@dataclass(frozen=True)
class Table:
    """One table, as it was and as it is now."""

    label: str
    before: rows.Sum
    after: rows.Sum

    @property
    def same(self) -> bool:
        return self.before == self.after


class Differs(Exception):
    """A table did not arrive as it left; nothing was kept."""

    def __init__(self, table: Table):
        self.table = table


class BrokenTrail(Exception):
    """The audit chain does not hold in the new database; nothing was kept."""


def move(address: str) -> Iterator[Table]:
    """Fill the empty database at `address`, table by table as they arrive. All of it is kept, or nothing.

    Raises NotEmpty, Differs, BrokenTrail. Nobody may be writing to the old database meanwhile: their rows would stay.
    """
    with places.opened("target", database(address)) as target, places.snapshot() as source:
        registry = places.made_as(places.applied(source), target)
        with transaction.atomic(using=target):
            for model in rows.tables(registry):
                yield _carry(model, source, target)
            if audit.broken_link(target) is not None:
                raise BrokenTrail
        places.up_to_date(target)


def _carry(model, source: str, target: str) -> Table:
    label, last = model._meta.label_lower, rows.last_number(model, source)
    names = [field.attname for field in rows.fields(model)]
    values = model._base_manager.using(source).order_by("pk").values_list(*names).iterator(chunk_size=rows.BATCH)
    rows.load(model, names, ([rows.plain(value) for value in row] for row in values), target)
    rows.go_on_after(model, last, target)
    before = rows.Sum(*rows.summed(rows.lines(model, source)), last)
    after = rows.Sum(*rows.summed(rows.lines(model, target)), rows.last_number(model, target))
    table = Table(label, before, after)
    if not table.same:
        raise Differs(table)
    return table
