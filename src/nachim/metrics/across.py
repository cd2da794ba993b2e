"""Several engines as one: the lake's at home, and one for each connection. A query is split where its tables are.

Each aggregate runs whole on the engine that has its tables; the cells meet here, so that a calc may span engines. Rows
of two engines are never joined.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlglot import exp

from nachim.metrics.dialects import TITLES
from nachim.metrics.engine import Engine, Pinned, connection_of
from nachim.metrics.messages import Issue, MetricError, SpecError


class Across:
    """Implements `Engine`. `connections` opens the engine of each name; each is opened when it is first needed."""

    def __init__(self, home: Engine, connections: Mapping[str, Callable[[], Engine]]):
        self.home, self.connections = home, connections
        self._opened: dict[str, Engine] = {}

    @property
    def dialect(self) -> str:
        return self.home.dialect

    def at(self, connection: str) -> Engine:
        """The engine of a connection; the one at home for no name."""
        if not connection:
            return self.home
        if connection not in self.connections:
            raise SpecError([Issue("unknown_connection", params={"name": connection})])
        if connection not in self._opened:
            self._opened[connection] = self.connections[connection]()
        return self._opened[connection]

    def columns(self, table: str) -> Mapping[str, str]:
        return self.at(connection_of(table)).columns(bare(table))

    def version(self, table: str) -> int:
        return self.at(connection_of(table)).version(bare(table))

    def extent(self, table: str, column: str) -> tuple[datetime, datetime] | None:
        return self.at(connection_of(table)).extent(bare(table), column)

    def execute(self, tree: exp.Expr, versions: Mapping[str, int] | None = None) -> Any:
        place = self.place(tree)
        own = self._own(tree) if place else tree
        kept = {bare(table): at for table, at in (versions or {}).items() if connection_of(table) == place}
        return self.at(place).execute(own, kept)

    def render(self, tree: exp.Expr) -> str:
        """The text that runs, under a line that says where."""
        place, own = self.place(tree), self._own(tree)
        engine = self.at(place)
        render = getattr(engine, "render", None)
        text = render(own) if render else own.sql(dialect=engine.dialect, pretty=True)
        return f"-- {place}: {TITLES.get(engine.dialect, engine.dialect)}\n{text}" if place else str(text)

    def place(self, tree: exp.Expr) -> str:
        """The one connection whose tables a tree reads; "" for those at home."""
        return one_place([table.name for table in _tables(tree)])

    def _own(self, tree: exp.Expr) -> exp.Expr:
        """The tree with the names its tables have where they are."""
        copied = tree.copy()
        for table in _tables(copied):
            table.set("this", exp.to_identifier(bare(table.name), quoted=True))
        return copied


def _tables(tree: exp.Expr) -> list[exp.Table]:
    own = {cte.alias for cte in tree.find_all(exp.CTE)}
    return [table for table in tree.find_all(exp.Table) if table.name not in own]


def bare(table: str) -> str:
    """A table's name on its own engine."""
    return table.partition(":")[2] if connection_of(table) else table


def one_place(tables: list[str]) -> str:
    """The one connection all tables are on; MetricError where there are two."""
    places = {connection_of(table) for table in tables}
    if len(places) > 1:
        raise MetricError([Issue("two_engines", params={"tables": ", ".join(sorted(set(tables)))})])
    return next(iter(places), "")


def connections(engine: Engine) -> list[str]:
    """The names of the connections an engine has."""
    inner = engine.engine if isinstance(engine, Pinned) else engine
    return list(inner.connections) if isinstance(inner, Across) else []


def reaches(engine: Engine, connection: str) -> bool:
    """Whether an engine has this connection."""
    return not connection or connection in connections(engine)


def dialect_at(engine: Engine, place: str) -> str:
    """The dialect of the engine at a connection, or at home for none."""
    inner = engine.engine if isinstance(engine, Pinned) else engine
    return inner.at(place).dialect if isinstance(inner, Across) else inner.dialect


def shown(engine: Engine, tree: exp.Expr) -> Callable[[], str]:
    """Gives the SQL that an engine runs for a tree, also once the engine is closed."""
    inner = engine.engine if isinstance(engine, Pinned) else engine
    if isinstance(inner, Across):
        place = inner.place(tree)
        if place:
            text = inner.render(tree)
            return lambda: text
        inner = inner.home
    render = getattr(inner, "render", None)
    text = str(render(tree)) if render else ""
    return lambda: text or _text(tree, inner.dialect)


@lru_cache(256)
def _text(tree: exp.Expr, dialect: str) -> str:
    return str(tree.sql(dialect=dialect, pretty=True))
