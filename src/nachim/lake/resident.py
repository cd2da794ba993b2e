"""What is asked again of a snapshot stays in memory: its columns as DuckDB's own, and what is made of each row.

A page asks many questions of the same rows. The first question reads Parquet and leaves nothing behind; the second of
the same snapshot copies the columns it reads, and the third what it computes of each row alone. All of it can be thrown
away at any time and made again.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import duckdb
from sqlglot import exp

from nachim.lake.beside import Coded, Made, coded, computed, follows
from nachim.lake.mapping import Type
from nachim.lake.pruning import Stretch, stretch
from nachim.lake.sql import quoted
from nachim.lake.store import Stamp

Mark = tuple[int, Stamp]  # a version of a table, and what changes when it does
# Values held at most, of 8 bytes; a text counts as several.
ROOM = 24_000_000
WIDTH = {Type.TEXT: 4}


@dataclass
class Source:
    """A table at one version: how it is read from its files, all or those of a stretch, its columns, and its rows."""

    mark: Mark
    body: str
    columns: Mapping[str, Type]
    rows: Callable[[], int]
    within: Callable[[Stretch], str]


@dataclass
class Held:
    """A copy of some columns. `made`: the further column that has what was made of each row, and from which version of
    the other table where it is beside another's rows."""

    mark: Mark
    name: str
    columns: frozenset[str]
    rows: int
    values: int
    made: dict[Made, tuple[str, Mark]] = field(default_factory=dict)


class Resident:
    """The copies of one DuckDB. `show` makes a table visible to statements under its own name."""

    def __init__(self, duck: duckdb.DuckDBPyConnection, show: Callable[[str, str, Mark], None], room: int = ROOM):
        self._duck, self._show, self.room = duck, show, room
        self._held: dict[str, Held] = {}  # the one asked last stands last
        self._asked: dict[str, tuple[Mark, frozenset[str]]] = {}
        self._wished: dict[str, tuple[Mark, set[Made]]] = {}
        self._serving: set[str] = set()  # what the tree at hand reads from memory
        self._count = 0
        self.settled = True  # whether asking the last tree once more would find nothing further to hold
        self.state = 0  # grows with each change of what is held

    def __bool__(self) -> bool:
        return bool(self._held)

    def clear(self) -> None:
        """Gives the memory back."""
        for held in self._held.values():
            self._duck.execute(f"DROP TABLE {held.name}")
        self._held.clear()
        self.state += 1
        self._asked.clear()
        self._wished.clear()

    def serve(self, tree: exp.Expression, sources: Mapping[str, Source]) -> exp.Expression:
        """Shows every table a tree reads, from memory where it is held. The tree, or one that reads what was made."""
        self.settled = True
        self._serving.clear()
        read = _read(tree) if self.room else None
        for table, source in sources.items():
            held = self._copy(table, source, _of(source.columns, read)) if self.room else None
            asked = stretch(tree, table) if held is None else None
            files = source.body if asked is None else source.within(asked)
            self._show(table, files if held is None else f"FROM {held.name}", source.mark)
            self._serving |= {table} if held is not None else set()
        if not self._serving:
            return tree
        tree = tree.copy()
        for found in (follows, computed, coded):
            for made, apply in found(tree):
                column = self._column(made, sources) if made.table in self._serving else None
                if column is not None:
                    apply(column)
        return tree

    def _copy(self, table: str, source: Source, columns: frozenset[str]) -> Held | None:
        held = self._held.get(table)
        if held is not None and held.mark == source.mark and columns <= held.columns:
            self._held[table] = self._held.pop(table)
            return held
        mark, before = self._asked.get(table, (None, frozenset()))
        known = before if mark == source.mark and source.mark[1] is not None else frozenset()
        self._asked[table] = (source.mark, known | columns)
        if not columns or not columns <= known:
            self.settled = False
            return None
        rows = source.rows()
        values = rows * sum(WIDTH.get(source.columns[name], 1) for name in known)
        if not self._free(values):
            return None
        self._drop(table)
        chosen = ", ".join(quoted(name) for name in source.columns if name in known)
        name = self._create(f"SELECT {chosen} FROM ({source.body})")  # noqa: S608
        if not name:
            return None
        held = self._held[table] = Held(source.mark, name, known, rows, values)
        return held

    def _column(self, made: Made, sources: Mapping[str, Source]) -> str | None:
        """The column that has what is made of each row; None where it is not held, as on being asked first."""
        held = self._held[made.table]
        if made.other not in sources:
            return None
        if not made.columns <= held.columns | {column for column, _mark in held.made.values()}:
            return None
        column, of = held.made.get(made, ("", None))
        if of == sources[made.other].mark:
            return column or None
        mark, wished = self._wished.get(made.table, (None, set()))
        self._wished[made.table] = (held.mark, ({*wished} if mark == held.mark else set()) | {made})
        if mark != held.mark or made not in wished:
            self.settled = False
            return None
        if not self._free(held.rows):
            return None
        column, mark = f"_made{self._count}", sources[made.other].mark
        select = self._select(made, held.name, column)
        name = self._create(select) if select else ""
        if not name:
            held.made[made] = ("", mark)
            return None
        self._duck.execute(f"DROP TABLE {held.name}")
        held.name = name
        held.values += held.rows
        held.made[made] = (column, mark)
        self._show(made.table, f"FROM {name}", held.mark)
        return column

    def _select(self, made: Made, held: str, column: str) -> str:
        """What there is of a copy, and the further column; "" where a text has too many values for it."""
        if not isinstance(made, Coded):
            return made.sql(held, column)
        texts = [text for (text,) in self._duck.execute(made.values(held)).fetchall()]
        few = 0 < len(texts) <= made.few
        return made.sql(held, column, [text for text in texts if text is not None]) if few else ""

    def _create(self, select: str) -> str:
        """The name of a table that has these rows; "" where it cannot be made.

        Where memory does not suffice, never so much is held again. A row that no question reads may have a number that
        does not fit.
        """
        self._count += 1
        self.state += 1
        name = f"_held{self._count}"
        try:
            self._duck.execute(f"CREATE TEMP TABLE {name} AS {select}")
        except duckdb.OutOfMemoryException:
            self.room = sum(held.values for held in self._held.values())
            return ""
        except duckdb.Error:
            return ""
        return name

    def _free(self, values: int) -> bool:
        """Makes room, dropping first what was asked longest ago; False where there is not enough."""
        if values > self.room:
            return False
        for table in list(self._held):
            if sum(held.values for held in self._held.values()) + values <= self.room:
                break
            if table not in self._serving:
                self._drop(table)
        return sum(held.values for held in self._held.values()) + values <= self.room

    def _drop(self, table: str) -> None:
        held = self._held.pop(table, None)
        if held is not None:
            self.state += 1
            self._duck.execute(f"DROP TABLE {held.name}")


def _read(tree: exp.Expression) -> frozenset[str] | None:
    """The names of the columns that a tree reads; None where a star reads them all."""
    names = set()
    for one in tree.find_all(exp.Column, exp.Star):
        if isinstance(one, exp.Column):
            names.add(one.name.casefold())
        elif not isinstance(one.parent, exp.Count):
            return None
    return frozenset(names)


def _of(columns: Mapping[str, Type], read: frozenset[str] | None) -> frozenset[str]:
    """Those columns of a table that are read."""
    return frozenset(columns if read is None else (name for name in columns if name.casefold() in read))
