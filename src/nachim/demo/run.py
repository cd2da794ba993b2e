"""Open the simulated shop in a home of its own, and keep its today moving."""

import json
import logging
import tempfile
import threading
from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.parquet as pq
from django.db import DatabaseError, close_old_connections, transaction

from nachim.app import audit, policy
from nachim.app.actions.refresh import refresh
from nachim.app.actions.tables import import_now
from nachim.app.definition.apply import apply
from nachim.app.definition.form import read
from nachim.app.home import home, lake
from nachim.app.models import Membership, Role, User, Workspace
from nachim.core.period import Calendar
from nachim.demo.definition import PEOPLE, SOURCES, definition
from nachim.demo.fashion import ZONE, generate, generate_day
from nachim.lake.errors import LakeError
from nachim.lake.mapping import ColumnMap, Mapping, Type
from nachim.lake.mapping import Role as ColumnRole

EMAIL, PASSWORD = PEOPLE[0]["email"], "compass-2026"
FIRST_TICK_SECONDS, TICK_SECONDS = 5, 15
COMPACT_FILES = 40
log = logging.getLogger(__name__)
_arrived: dict[tuple[date, str], int] = {}


def now() -> datetime:
    """Wall time in Seoul, where the shop is."""
    return datetime.now(ZoneInfo(ZONE)).replace(tzinfo=None)


def make(days: int, tell: Callable[[str], None] = lambda text: None) -> str:
    """Fill this home with the shop, once; the company's name. A home made earlier is only brought up to now."""
    note = home() / "demo"
    today = now().date()
    if not note.exists() or Workspace.current() is None:
        start = today - timedelta(days=days)
        tell(f"… {days} days")
        tables = generate(start, today)
        for name, table in tables.items():
            put(name, table)
        apply(policy.SYSTEM, read(definition(today)))
        _owner()
        note.write_text(json.dumps({"start": start.isoformat(), "made": today.isoformat()}))
        tell(", ".join(f"{name} {table.num_rows:,}" for name, table in tables.items()))
    up_to_now()
    refresh()
    return Workspace.current().name


def up_to_now() -> None:
    """Bring the shop from the last day it was open to this moment."""
    note = json.loads((home() / "demo").read_text())
    start, moment = date.fromisoformat(note["start"]), now()
    last = lake().table("orders").extent("주문일시")
    day = Calendar().today(last[1]) if last else start
    while day <= moment.date():
        for name, table in generate_day(start, day, until=moment).items():
            # The rows of a day only grow: as many as before are the same ones.
            if table.num_rows > _arrived.get((day, name), 0):
                put(name, table)
                _arrived[day, name] = table.num_rows
        day += timedelta(days=1)


def catch_up(stop: threading.Event) -> None:
    """Until told to stop: what has just happened at the shop arrives, and the pages hear of it."""
    wait = FIRST_TICK_SECONDS
    while not stop.wait(wait):
        wait = TICK_SECONDS
        try:
            up_to_now()
            refresh()
            for name in lake().names():
                if len(lake().table(name).snapshot().file_uris()) > COMPACT_FILES:
                    lake().table(name).compact()
        except (DatabaseError, LakeError):
            # The next tick brings what this one could not.
            log.exception("the shop stood still for a moment")
        finally:
            close_old_connections()


def put(name: str, table: pa.Table) -> None:
    """One table's rows into the lake, the way any file comes; rows already there change nothing."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"{name}.parquet"
        pq.write_table(table, path)
        import_now(policy.SYSTEM, path, name, mapping_of(name, table.schema))


def mapping_of(name: str, schema: pa.Schema) -> Mapping:
    """What the columns mean, as the definition says it."""
    source = SOURCES[name]
    entities = {column: entity for entity, column in source.get("entities", {}).items()}

    def column(field: pa.Field) -> ColumnMap:
        kind = (
            Type.TIME
            if pa.types.is_timestamp(field.type)
            else Type.INTEGER
            if pa.types.is_integer(field.type)
            else Type.TEXT
        )
        entity = None
        if field.name == source["key"]:
            role = ColumnRole.KEY
        elif field.name == source["time"]:
            role = ColumnRole.TIME
        elif field.name in entities:
            role, entity = ColumnRole.ENTITY, entities[field.name]
        elif field.name in source["dims"]:
            role = ColumnRole.DIMENSION
        else:
            role = ColumnRole.AMOUNT if kind is Type.INTEGER else ColumnRole.TEXT
        return ColumnMap(source=field.name, name=field.name, type=kind, role=role, entity=entity)

    return Mapping(columns=tuple(column(field) for field in schema))


@transaction.atomic
def _owner() -> None:
    """The person who signs in. The password is public: the demo's home holds nothing but the simulated company."""
    for person in PEOPLE:
        user = User.objects.get(email=person["email"])
        user.set_password(PASSWORD)
        user.save(update_fields=["password"])
    workspace = Workspace.current()
    workspace.sample = True
    workspace.save(update_fields=["sample"])
    owner = Membership.objects.get(user__email=EMAIL)
    owner.role = Role.OWNER
    owner.save(update_fields=["role"])
    audit.record(policy.SYSTEM, "demo.open", workspace)
