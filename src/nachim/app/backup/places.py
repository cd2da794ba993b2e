"""Connections beside the app's own: a snapshot to read from while others write, and an empty database to fill."""

import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from django.core.management import call_command
from django.db import connections, router, transaction
from django.db.migrations.executor import MigrationExecutor

from nachim.app.backup.rows import MADE_BY_DJANGO, tables
from nachim.app.database import database

Migrations = list[tuple[str, str]]


class NotEmpty(Exception):
    """The database to be filled has rows already."""

    def __init__(self, table: str):
        self.table = table


class TooNew(Exception):
    """The rows were written by a newer nachim, whose migrations this one does not know."""

    def __init__(self, unknown: Migrations):
        self.unknown = unknown


@contextmanager
def opened(alias: str, settings: dict) -> Iterator[str]:
    """A further connection for as long as it is needed."""
    made = connections.configure_settings({"default": settings})["default"]
    connections.settings[alias] = made
    try:
        yield alias
    finally:
        connections[alias].close()
        del connections[alias], connections.settings[alias]


@contextmanager
def snapshot(source: str = "default") -> Iterator[str]:
    """The database as it is at this moment, for reading; nobody waits. SQLite is copied by its backup API."""
    given = connections[source].settings_dict
    if connections[source].vendor == "sqlite":
        with tempfile.TemporaryDirectory(dir=Path(given["NAME"]).parent, prefix=".snapshot-") as folder:
            copy = Path(folder) / "app.db"
            with closing(sqlite3.connect(given["NAME"], timeout=60)) as here, closing(sqlite3.connect(copy)) as there:
                here.backup(there)
            with opened("snapshot", {**database(), "NAME": copy}) as alias:
                yield alias
        return
    import psycopg

    steady = {**given["OPTIONS"], "isolation_level": psycopg.IsolationLevel.REPEATABLE_READ}
    plain = {key: given[key] for key in ("NAME", "USER", "PASSWORD", "HOST", "PORT")}
    # Django's own backend: a reader does not queue with the writers.
    settings = {**plain, "ENGINE": "django.db.backends.postgresql", "OPTIONS": steady}
    with opened("snapshot", settings) as alias, transaction.atomic(using=alias):
        yield alias


def applied(using: str) -> Migrations:
    """The migrations of a database, in the order of names."""
    return sorted(MigrationExecutor(connections[using]).loader.applied_migrations)


def made_as(migrations: Migrations, using: str):
    """Give an empty database the tables as of these migrations; the registry of their models.

    Raises NotEmpty where there are rows, TooNew for migrations that this code does not have.
    """
    executor = MigrationExecutor(connections[using])
    unknown = sorted(set(migrations) - set(executor.loader.disk_migrations))
    if unknown:
        raise TooNew(unknown)
    require_empty(using)
    there = set(executor.loader.applied_migrations)
    if there - set(migrations):
        raise NotEmpty("django_migrations")
    graph, wanted = executor.loader.graph, set(migrations)
    parents = {parent.key for key in wanted for parent in graph.node_map[key].parents if parent.key[0] == key[0]}
    targets = sorted(wanted - parents)
    with _everything_to(using):
        executor.migrate(targets)
    apps = executor.loader.project_state(targets).apps
    for model in tables(apps):
        if model._meta.label_lower in MADE_BY_DJANGO:
            model._base_manager.using(using).all().delete()
    return apps


def up_to_date(using: str) -> None:
    """Bring a filled database from the migrations it was made as to those of this code."""
    with _everything_to(using):
        call_command("migrate", database=using, verbosity=0, skip_checks=True, interactive=False)


class _One:
    """A router that knows one database."""

    def __init__(self, using: str):
        self.using = using

    def db_for_read(self, model, **hints) -> str:
        return self.using

    db_for_write = db_for_read


@contextmanager
def _everything_to(using: str) -> Iterator[None]:
    """Migrations that move rows ask for models without naming a database: let them mean this one."""
    before = router.routers
    router.routers = [_One(using)]
    try:
        yield
    finally:
        router.routers = before


def require_empty(using: str) -> None:
    """Raises NotEmpty with the first table that has rows."""
    from django.apps import apps

    connection = connections[using]
    there = set(connection.introspection.table_names())
    for model in tables(apps):
        name = model._meta.db_table
        if name not in there or model._meta.label_lower in MADE_BY_DJANGO:
            continue
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT 1 FROM {connection.ops.quote_name(name)} LIMIT 1")  # noqa: S608
            if cursor.fetchone():
                raise NotEmpty(name)
