"""Open a simulated company in a home of its own, and keep its today moving."""

import json
import logging
import tempfile
import threading
from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
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
from nachim.demo.company import SEED, Company, company
from nachim.demo.definition import definition, people
from nachim.demo.world import ZONE
from nachim.lake.errors import LakeError
from nachim.lake.mapping import ColumnMap, Mapping, Type
from nachim.lake.mapping import Role as ColumnRole

EMAIL, PASSWORD = "alice@example.com", "compass-2026"
# Changes with the tables of the company: a home made in another shape is shown as it is, and its today stands still.
SHAPE = 3
FIRST_TICK_SECONDS, TICK_SECONDS = 5, 15
COMPACT_FILES = 40
log = logging.getLogger(__name__)
_arrived: dict[str, pa.Table] = {}


def now() -> datetime:
    """Wall time in Seoul, where the companies are."""
    return datetime.now(ZoneInfo(ZONE)).replace(tzinfo=None)


def make(days: int, tell: Callable[[str], None] = lambda text: None, name: str = "ecommerce") -> str:
    """Fill this home with a company, once; what it is called. A home made earlier is only brought up to now."""
    note = home() / "demo"
    today = now().date()
    if not note.exists() or Workspace.current() is None:
        start = today - timedelta(days=days)
        tell(f"… {days} days")
        made = company(name)
        tables = made.generate(start, today, SEED)
        for one, table in tables.items():
            put(made, one, table)
        apply(policy.SYSTEM, read(definition(start, today, name), f"{name}.yaml"))
        _owner(name)
        said = {"company": name, "start": start.isoformat(), "made": today.isoformat(), "shape": SHAPE}
        note.write_text(json.dumps(said))
        tell(", ".join(f"{one} {table.num_rows:,}" for one, table in tables.items()))
    elif _note().get("shape") != SHAPE:
        tell("예전 판이 만든 데모라 그대로 둡니다. / Made by an earlier version, left as it is. → --fresh")
    elif _note()["company"] != name:
        tell(
            "다른 회사의 홈이라 그 회사를 엽니다. / This home holds another company, which is opened. → --fresh, --home"
        )
    up_to_now()
    refresh()
    return Workspace.current().name


def _note() -> dict[str, Any]:
    return json.loads((home() / "demo").read_text())


def up_to_now() -> None:
    """Bring the company from the last day it was open to this moment."""
    note, moment = _note(), now()
    if note.get("shape") != SHAPE:
        return
    start, made = date.fromisoformat(note["start"]), company(note["company"])
    last = lake().table(made.pulse).extent(made.table(made.pulse).time)
    # The last day once more: its evening may not have arrived before the first order of the next.
    day = max(start, Calendar().today(last[1]) - timedelta(days=1)) if last else start
    while day <= moment.date():
        for name, table in made.generate_day(start, day, SEED, moment).items():
            before = _arrived.get(f"{day} {name}")
            # Rows that have come may still change: a cart turns into an order, an order is cancelled.
            if table.num_rows and (before is None or not table.equals(before)):
                put(made, name, table)
                _arrived[f"{day} {name}"] = table
        day += timedelta(days=1)
    for key in [key for key in _arrived if key < f"{moment.date() - timedelta(days=2)}"]:
        del _arrived[key]


def catch_up(stop: threading.Event) -> None:
    """Until told to stop: what has just happened at the company arrives, and the pages hear of it."""
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
            log.exception("the company stood still for a moment")
        finally:
            close_old_connections()


def put(made: Company, name: str, table: pa.Table) -> None:
    """One table's rows into the lake, the way any file comes; rows already there change nothing."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"{name}.parquet"
        pq.write_table(table, path)
        import_now(policy.SYSTEM, path, name, mapping_of(made, name, table.schema))


def mapping_of(made: Company, name: str, schema: pa.Schema) -> Mapping:
    """What the columns mean, as the definition says it."""
    spec = made.table(name)
    entities = {column: entity for entity, column in spec.entities.items()}

    def column(field: pa.Field) -> ColumnMap:
        kind = (
            Type.TIME
            if pa.types.is_timestamp(field.type)
            else Type.INTEGER
            if pa.types.is_integer(field.type)
            else Type.TEXT
        )
        entity = None
        if field.name == spec.key:
            role = ColumnRole.KEY
        elif field.name == spec.time:
            role = ColumnRole.TIME
        elif field.name in entities:
            role, entity = ColumnRole.ENTITY, entities[field.name]
        elif field.name in spec.dims:
            role = ColumnRole.DIMENSION
        else:
            role = ColumnRole.AMOUNT if kind is Type.INTEGER else ColumnRole.TEXT
        return ColumnMap(source=field.name, name=field.name, type=kind, role=role, entity=entity)

    return Mapping(columns=tuple(column(field) for field in schema))


@transaction.atomic
def _owner(name: str) -> None:
    """The person who signs in. The password is public: the demo's home holds nothing but the simulated company."""
    for person in people(name):
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
