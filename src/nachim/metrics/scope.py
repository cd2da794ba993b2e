"""Names inside one source: its columns, its entities, and what its many-to-one joins reach."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlglot import exp

from nachim.metrics.across import connections, reaches
from nachim.metrics.engine import ColumnType, Engine
from nachim.metrics.messages import Issue, nearest
from nachim.metrics.spec import Model, Source


class Problem(Exception):
    """An issue without its place, which whoever catches it knows."""

    def __init__(self, code: str, nearest: str = "", **params: object):
        super().__init__(code)
        self.code, self.nearest, self.params = code, nearest, params
        self.metric = ""  # the innermost metric it was met in
        self.entry = ""  # the entry of that metric: agg, where, calc
        self.also: list[Problem] = []

    def at(self, where: str, place: tuple[str, int | None] = ("", None)) -> Issue:
        return Issue(self.code, where, place[1], place[0], dict(self.params), self.nearest)


@dataclass(frozen=True)
class Lookup:
    """One many-to-one step: `table` as `alias`, where `left_alias.left` equals its unique `key`."""

    alias: str
    table: str
    left_alias: str
    left: str
    key: str


@dataclass(frozen=True)
class Ref:
    """A column of the base table or of a lookup."""

    alias: str
    column: str
    type: ColumnType
    path: tuple[Lookup, ...]

    def sql(self) -> exp.Column:
        return exp.column(exp.to_identifier(self.column, quoted=True), table=exp.to_identifier(self.alias, quoted=True))


class Scope:
    """Resolves names for expressions over one source."""

    def __init__(
        self,
        model: Model,
        base: str,
        engine: Engine,
        *,
        alias: str = "",
        extras: Mapping[str, ColumnType] | None = None,
    ):
        """`alias`: the name the rows go by, where rows made from `base` have columns of their own (`extras`)."""
        self.model, self.base, self.name, self.engine = model, base, alias or base, engine
        if base not in model.sources:
            raise Problem("unknown_source", nearest(base, model.sources), name=base)
        self.source, self.extras = model.sources[base], dict(extras or {})
        self.columns = self._columns(self.source)
        self.joined: dict[str, tuple[Source, tuple[Lookup, ...]]] = {}
        self._fitting: set[str] = set()
        self._walk(self.source, self.name, ())

    def _columns(self, source: Source) -> dict[str, str]:
        if not reaches(self.engine, source.connection):
            known = connections(self.engine)
            raise Problem("unknown_connection", nearest(source.connection, known), name=source.connection)
        try:
            return dict(self.engine.columns(source.place))
        except KeyError:
            raise Problem("unknown_table", name=source.place) from None

    def _walk(self, source: Source, alias: str, path: tuple[Lookup, ...]) -> None:
        """Reach every source that joins lead to; the nearer of two paths to one name wins."""
        steps = []
        for name in source.joins:
            join = source.join(name)
            target = self.model.sources.get(join.to)
            if target is None:
                raise Problem("unknown_source", nearest(join.to, self.model.sources), name=join.to)
            if len(target.keys) != 1:
                raise Problem("join_key", name=join.to)
            if name in self.joined or name in (self.name, self.base):
                continue
            step = Lookup(name, target.place, alias, source.entities.get(join.on, join.on), target.keys[0])
            self.joined[name] = (target, (*path, step))
            steps.append((target, name))
        for target, name in steps:
            self._walk(target, name, self.joined[name][1])

    def column(self, column: exp.Column) -> Ref:
        """The column an expression names, as `name`, `source.name` or `join.name`."""
        parts = [part.name for part in column.parts]
        if len(parts) > 2:
            raise Problem("unknown_column", name=".".join(parts), source=self.name)
        return self.find(parts[-1], parts[0] if len(parts) == 2 else "")

    def find(self, name: str, table: str = "") -> Ref:
        if table in ("", self.name, self.base):
            if name in self.extras:
                return Ref(self.name, name, self.extras[name], ())
            source, alias = self.source, self.name
            path: tuple[Lookup, ...] = ()
            columns = self.columns
        elif table in self.joined:
            source, path = self.joined[table]
            alias, columns = table, self._columns(source)
            self._fits(path[-1], columns)
        elif table in self.model.sources:
            raise Problem("not_joined", name=table, source=self.base)
        else:
            raise Problem("unknown_source", nearest(table, [self.name, *self.joined]), name=table)
        if name not in columns and name in source.entities:
            return self.dotted(source.entities[name]) if not path else self.find(source.entities[name], table)
        if name not in columns:
            raise Problem(
                "unknown_column", nearest(name, [*columns, *source.entities, *self.extras]), name=name, source=alias
            )
        return Ref(alias, name, ColumnType(columns[name]), path)

    def _fits(self, step: Lookup, columns: dict[str, str]) -> None:
        """Both ends of a join must be there and of one type."""
        if step.alias in self._fitting:
            return
        if step.key not in columns:
            raise Problem("unknown_column", nearest(step.key, columns), name=step.key, source=step.alias)
        one, two = self.find(step.left, step.left_alias).type, ColumnType(columns[step.key])
        family = {ColumnType.INTEGER: ColumnType.NUMBER}
        if family.get(one, one) is not family.get(two, two):
            left, right = f"{step.left_alias}.{step.left}", f"{step.alias}.{step.key}"
            raise Problem("join_types", left=left, right=right, one=one.value, two=two.value)
        self._fitting.add(step.alias)

    def dotted(self, text: str) -> Ref:
        """A column written plainly in a source's definition: `column` or `join.column`."""
        if text in self.columns:
            return Ref(self.name, text, ColumnType(self.columns[text]), ())
        table, _dot, name = text.rpartition(".")
        return self.find(name, table)

    def dim(self, name: str) -> Ref | None:
        """The dimension or entity of this name; a joined dimension also answers to its last part, if no other does."""
        if name in self.extras:
            return Ref(self.name, name, self.extras[name], ())
        if name in self.source.dims:
            return self.dotted(name)
        if name in self.source.entities:
            return self.dotted(self.source.entities[name])
        found = [dim for dim in self.source.dims if dim.rpartition(".")[2] == name and name not in self.columns]
        if len(found) > 1:
            raise Problem("ambiguous", name=name, expected=", ".join(found))
        return self.dotted(found[0]) if found else None

    def entity(self, name: str) -> Ref:
        """The column of an entity."""
        if name not in self.source.entities:
            expected = ", ".join(self.source.entities) or "—"
            raise Problem(
                "unknown_entity", nearest(name, self.source.entities), name=name, source=self.base, expected=expected
            )
        return self.dotted(self.source.entities[name])

    @property
    def dims(self) -> list[str]:
        return list(self.source.dims)

    def time(self) -> Ref:
        if self.source.time is None:
            raise Problem("no_time", source=self.name)
        ref = self.dotted(self.source.time)
        if ref.type is not ColumnType.TIME:
            raise Problem("time_type", name=self.source.time, type=ref.type.value)
        return ref
