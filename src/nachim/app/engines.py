"""The engines a workspace asks: the lake's own, and that of each connection, opened when a table on it is met.

Everything that computes goes through `opened`; everything that only checks definitions goes through `checking`, which
prefers what was last seen of an engine's tables: editing a metric does not wait for a warehouse.
"""

import atexit
import os
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any

from django.conf import settings

from nachim.app.home import home, lake
from nachim.app.models import Connection
from nachim.connect.engines import Address, open_engine
from nachim.connect.hosts import Refused, admit, entries
from nachim.connect.secrets import Keys, Unreadable
from nachim.lake.engine import LakeEngine
from nachim.lake.sql import files_of
from nachim.metrics.across import Across, bare
from nachim.metrics.engine import Engine, connection_of
from nachim.metrics.messages import EngineFailed, Issue

IN_PROCESS = re.compile(r"local(\[(\d+|\*)\])?")
PORTS = {"postgres": 5432, "clickhouse": 8123, "spark": 7077}
SECURE_PORTS = {"clickhouse": 8443}
# After these nobody answers soon: the rest of a refresh does not wait for each of its metrics.
LASTING = ("engine_away", "engine_driver", "engine_secret", "engine_variable", "engine_one_spark")


class Once:
    """A connection's engine that, once it could not be reached, is not asked again."""

    def __init__(self, open_it: Callable[[], Any]):
        self._open, self._engine, self._failed = open_it, None, None

    @property
    def dialect(self) -> str:
        return self._asked(lambda engine: engine.dialect)

    def columns(self, table: str) -> Mapping[str, str]:
        return self._asked(lambda engine: engine.columns(table))

    def version(self, table: str) -> int:
        return self._asked(lambda engine: engine.version(table))

    def extent(self, table: str, column: str) -> tuple[datetime, datetime] | None:
        return self._asked(lambda engine: engine.extent(table, column))

    def execute(self, tree, versions=None):
        return self._asked(lambda engine: engine.execute(tree, versions))

    def render(self, tree) -> str:
        return self._asked(lambda engine: engine.render(tree))

    def ping(self) -> None:
        self._asked(lambda engine: engine.ping())

    def close(self) -> None:
        if self._engine is not None:
            self._engine.close()

    def _asked(self, question):
        if self._failed is not None:
            raise self._failed
        try:
            if self._engine is None:
                self._engine = self._open()
            return question(self._engine)
        except EngineFailed as error:
            if error.issues[0].code in LASTING or error.issues[0].code.startswith("host_"):
                self._failed = error
            raise


class Engines(Across):
    """All of them as one; those it opens it closes.

    `remembered`: columns of connections as last seen, where they have been seen."""

    def __init__(
        self, home: Engine, known: Mapping[str, Connection], *, lenient: bool = False, remembered: bool = False
    ):
        super().__init__(home, {name: partial(Once, partial(reach, one)) for name, one in known.items()})
        self.known, self.lenient, self.remembered = known, lenient, remembered
        self.failures: dict[str, EngineFailed] = {}
        self.seen: dict[str, dict[str, dict[str, str]]] = {}

    def columns(self, table: str) -> Mapping[str, str]:
        name = connection_of(table)
        if not name or name not in self.known:
            return super().columns(table)
        last = self.known[name].tables.get(bare(table))
        if self.remembered and last:
            return last
        try:
            found = dict(super().columns(table))
        except EngineFailed as error:
            self.failures[name] = error
            if not self.lenient:
                raise
            if last:
                return last
            raise KeyError(table) from None
        self.seen.setdefault(name, {})[bare(table)] = found
        return found

    def close(self) -> None:
        for engine in self._opened.values():
            engine.close()
        for name, tables in self.seen.items():
            now = {**self.known[name].tables, **tables}
            if now != self.known[name].tables:
                Connection.objects.filter(name=name).update(tables=now)


@contextmanager
def opened() -> Iterator[Engines]:
    """The engines to compute with. EngineFailed where one that is needed does not answer."""
    yield from _opened()


@contextmanager
def checking(*, remembered: bool = True) -> Iterator[Engines]:
    """The engines to check definitions with: one that does not answer is as if its unseen tables had no rows yet."""
    yield from _opened(lenient=True, remembered=remembered)


def _opened(**how) -> Iterator[Engines]:
    known = {one.name: one for one in Connection.objects.all()}
    with _at_home() as engine:
        engines = Engines(engine, known, **how)
        try:
            yield engines
        finally:
            engines.close()


# The lake's engine between two uses, with what it holds in memory of the rows that were asked again: one a process.
_resting: list[LakeEngine] = []


@contextmanager
def _at_home() -> Iterator[LakeEngine]:
    """An engine over the lake that nobody else uses meanwhile."""
    place = lake()
    try:
        engine = _resting.pop()
    except IndexError:
        engine = place.engine()
    if engine.lake.root != place.root:
        engine.close()
        engine = place.engine()
    try:
        yield engine
    finally:
        if _resting:
            engine.close()
        else:
            _resting.append(engine)


@atexit.register
def _rest() -> None:
    while _resting:
        _resting.pop().close()


def reach(connection: Connection):
    """The driver of a connection, its host checked and its password at hand. Raises EngineFailed with a sentence."""
    address = admitted(address_of(connection))
    engine = open_engine(address, password_of(connection))
    if connection.engine == Connection.Engine.SPARK:
        engine.lake = lambda name: files_of(lake().table(name).snapshot())
    return engine


def address_of(connection: Connection) -> Address:
    one = connection
    return Address(
        one.name, one.engine, one.host, one.port, one.database, one.user, one.schema, one.zone, one.secure, one.seconds
    )


def admitted(address: Address) -> Address:
    """The address with what its host was checked to be. A Spark that runs in this process reaches nowhere."""
    if address.engine == "spark" and IN_PROCESS.fullmatch(address.host):
        return address
    usual = SECURE_PORTS.get(address.engine) if address.secure else None
    port = address.port or usual or PORTS[address.engine]
    try:
        at = admit(address.host, port, entries(settings.CONNECTION_HOSTS))
    except Refused as refused:
        params = {"connection": address.name, "host": refused.host[:80]}
        raise EngineFailed([Issue(f"host_{refused.code}", params=params)]) from None
    return replace(address, at=at)


def keys() -> Keys:
    return Keys(home() / "connections.key", settings.CONNECTION_KEYS)


def password_of(connection: Connection) -> str:
    """The password itself, for the driver and nobody else."""
    if connection.variable:
        value = os.environ.get(connection.variable, "")
        if not value:
            params = {"connection": connection.name, "name": connection.variable}
            raise EngineFailed([Issue("engine_variable", params=params)])
        return value
    try:
        return keys().decrypt(connection.secret) if connection.secret else ""
    except Unreadable:
        raise EngineFailed([Issue("engine_secret", params={"connection": connection.name})]) from None
