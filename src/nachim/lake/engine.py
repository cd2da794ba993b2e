"""The engine that computes metrics over the lake: an in-memory DuckDB that can read lake files and nothing else.

It runs one SELECT at a time, checked as a tree before it becomes text: every table in it is a lake table or one of its
own WITH names, and no function reads files, settings or the environment. DuckDB is locked as a second wall: only the
lake folder may be read, extensions neither load nor install, and settings cannot change. (The wall alone would let
COPY write inside the lake folder; the tree check is what stops it.)
"""

import re
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache, lru_cache, partial
from types import TracebackType
from typing import Self

import duckdb
import pyarrow as pa
import sqlglot
from deltalake import DeltaTable
from sqlglot import exp
from sqlglot.tokens import TokenType

from nachim.lake.bounds import Bounds, bounds_of, plain, rows_of
from nachim.lake.errors import NoSuchTable, QueryError, TableError
from nachim.lake.mapping import Type
from nachim.lake.passes import in_passes
from nachim.lake.pruning import Stretch, extents, overlaps
from nachim.lake.quicker import quicker
from nachim.lake.resident import ROOM, Mark, Resident, Source
from nachim.lake.sql import columns_of, files_of, literal, quoted, snapshot_sql
from nachim.lake.store import Lake, Stamp

READY = 128  # statements kept at most
_SELECTS = (exp.Select, exp.SetOperation, exp.Subquery)
_REFUSED_NODES = (
    exp.Command, exp.DDL, exp.DML, exp.Into, exp.Copy, exp.Set,
    exp.Pragma, exp.Attach, exp.Detach, exp.Use,
)  # fmt: skip
_REFUSED_FUNCTIONS = (
    "read_", "parquet_", "sniff_", "scan_", "duckdb_", "pragma_", "query", "getenv", "getvariable", "glob", "sql_auto",
    "pg_", "current_setting", "set_", "force_", "checkpoint", "which_secret", "seq_scan", "arrow_scan", "pandas_scan",
    "python_", "copy_", "import_", "export_", "load_", "install_", "sqlite_", "postgres_", "mysql_", "iceberg_",
    "delta_", "json_execute", "from_substrait", "read", "nextval", "currval", "shell", "write_", "add_parquet", "test_",
)  # fmt: skip

_SUSPECT = re.compile(rf";|(?:{'|'.join(_REFUSED_FUNCTIONS)})\w*\W*\(", re.IGNORECASE)


@lru_cache(512)
def _check_calls(statement: str) -> None:
    """Refuses a second statement and functions that read files, settings or the environment.

    Looks at the text that will run rather than at the tree, as a function may print under another name.
    """
    if not _SUSPECT.search(statement):
        return  # nothing in it looks like one, not even within a text
    tokens = sqlglot.tokenize(statement, read="duckdb")
    for token, following in zip(tokens, [*tokens[1:], None], strict=True):
        if token.token_type == TokenType.SEMICOLON:
            raise QueryError("query_refused", detail=";")
        called = following is not None and following.token_type == TokenType.L_PAREN
        if called and token.text.lower().startswith(_REFUSED_FUNCTIONS):
            raise QueryError("query_refused", detail=f"{token.text}()")


@dataclass(frozen=True)
class Ready:
    """The statement of a tree, and which views it reads: good as long as these and what is held stay as they were."""

    tree: exp.Expression
    state: int
    shown: dict[str, tuple[str, Mark]]
    statement: str


class LakeEngine:
    """Implements `nachim.metrics.engine.Engine`. One query at a time; make one engine per thread that needs more.

    `memory` and `threads` bound DuckDB; a query that runs longer than `timeout` seconds is interrupted. At most `held`
    values stay in memory of what is asked again.
    """

    dialect = "duckdb"

    def __init__(
        self, lake: Lake, *, memory: str = "1GB", threads: int = 2, timeout: float = 60.0, held: int = ROOM
    ) -> None:
        self.lake, self.timeout = lake, timeout
        self._lock = threading.Lock()
        self._views: dict[str, tuple[str, Mark]] = {}
        self._ready: dict[int, Ready] = {}
        self._sources: dict[str, Source] = {}
        self._newest: dict[str, tuple[DeltaTable, Stamp]] = {}
        self._bounds: dict[tuple[str, int], tuple[Stamp, Bounds]] = {}
        self._extents: dict[tuple[str, str], tuple[Stamp, tuple[datetime, datetime] | None]] = {}
        self._duck = duckdb.connect(":memory:")
        root = str(lake.root.resolve())
        for setting in (
            "TimeZone = 'UTC'",
            f"memory_limit = {literal(memory)}",
            f"threads = {int(threads)}",
            "temp_directory = ''",  # nothing of a query is written to disk
            "preserve_insertion_order = false",
            "python_enable_replacements = false",
            "autoinstall_known_extensions = false",
            "autoload_known_extensions = false",
            "allow_community_extensions = false",
            f"allowed_directories = [{literal(root + '/')}]",
            "enable_external_access = false",
            "lock_configuration = true",
        ):
            self._duck.execute(f"SET {setting}")
        self._resident = Resident(self._duck, self._show, held)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        self._duck.close()

    def tables(self) -> list[str]:
        return self.lake.names()

    def columns(self, table: str) -> dict[str, Type]:
        """Columns and types of the newest version; KeyError (with a sentence) for an unknown table."""
        return {name: kind for name, kind in columns_of(self._latest(table)).items() if not name.startswith("_")}

    def version(self, table: str) -> int:
        return int(self._latest(table).version())

    def _latest(self, table: str) -> DeltaTable:
        """The newest snapshot, opened again only when there is a newer commit."""
        place = self.lake.table(table)
        stamp = place.stamp()
        held = self._newest.get(place.name)
        if stamp is None or held is None or held[1] != stamp:
            held = self._newest[place.name] = (place.snapshot(), stamp)
        return held[0]

    def _bounds_of(self, table: str, version: int | None) -> Bounds:
        """Between which values the columns of a version lie (default: the newest)."""
        place = self.lake.table(table)
        number = self.version(table) if version is None else version
        stamp = place.stamp(number)
        held = self._bounds.get((table, number))
        if stamp is None or held is None or held[0] != stamp:
            held = self._bounds[table, number] = (stamp, bounds_of(self._snapshot(table, number)))
        return held[1]

    def _snapshot(self, table: str, number: int) -> DeltaTable:
        latest = self._latest(table)
        return latest if int(latest.version()) == number else self.lake.table(table).snapshot(number)

    def extent(self, table: str, column: str) -> tuple[datetime, datetime] | None:
        """First and last instant of a time column; None if it is empty."""
        if column not in self.columns(table):
            raise TableError("no_such_column", table=table, column=column, columns=", ".join(self.columns(table)))
        stamp = self.lake.table(table).stamp()
        held = self._extents.get((table, column))
        if stamp is None or held is None or held[0] != stamp:
            held = self._extents[table, column] = (stamp, self._extent(table, column))
        return held[1]

    def _extent(self, table: str, column: str) -> tuple[datetime, datetime] | None:
        low, high = (exp.Column(this=exp.to_identifier(column, quoted=True)) for _ in range(2))
        tree = exp.select(exp.Min(this=low).as_("low"), exp.Max(this=high).as_("high")).from_(
            exp.Table(this=exp.to_identifier(table, quoted=True))
        )
        low, high = (plain(column[0]) for column in self.execute(tree).columns)
        return None if low is None or high is None else (low, high)

    def execute(self, tree: exp.Expression, versions: Mapping[str, int] | None = None) -> pa.Table:
        """The result of one SELECT, whole. `versions` pins tables to earlier versions, so a number can be replayed.

        A tree asked again must not have been changed since: what was made of it is kept.
        """
        pinned = versions or {}
        answer = self._again(tree, pinned)
        if answer is not None:
            return answer
        spoken = quicker(tree, lambda name: self._bounds_of(name, pinned.get(name)))
        return in_passes(spoken, lambda one: self._execute(tree, one, pinned, keep=one is spoken))

    def _again(self, tree: exp.Expression, versions: Mapping[str, int]) -> pa.Table | None:
        """The answer to a tree whose statement is ready; None where it must be made."""
        ready = self._ready.get(id(tree))
        if ready is None or ready.tree is not tree:
            return None
        with self._lock:
            sources = {name: self._source(name, versions.get(name)) for name in ready.shown}
            same = all(sources[name].mark == mark for name, (_body, mark) in ready.shown.items())
            if not same or ready.state != self._resident.state:
                return None
            for name, (body, mark) in ready.shown.items():
                self._show(name, body, mark)
            try:
                return self._run(ready.statement)
            except QueryError as error:
                if error.code != "query_memory":
                    raise
                return None

    def _execute(
        self, tree: exp.Expression, spoken: exp.Expression, versions: Mapping[str, int], *, keep: bool = False
    ) -> pa.Table:
        wanted = self._check(tree)
        with self._lock:
            try:
                statement = self._served(spoken, wanted, versions)
                answer = self._run(statement)
            except QueryError as error:
                if error.code != "query_memory" or not self._resident:
                    raise
                self._resident.clear()
                return self._run(self._served(spoken, wanted, versions))
            shown = {name: self._views[name] for name in wanted}
            if keep and self._resident.settled and all(stamp for _body, (_number, stamp) in shown.values()):
                self._ready[id(tree)] = Ready(tree, self._resident.state, shown, statement)
                if len(self._ready) > READY:
                    del self._ready[next(iter(self._ready))]
            return answer

    def _served(self, spoken: exp.Expression, wanted: list[str], versions: Mapping[str, int]) -> str:
        """The statement of a tree, the tables it reads made visible."""
        own = self._resident.serve(spoken, {name: self._source(name, versions.get(name)) for name in wanted})
        statement = own.sql(dialect="duckdb", comments=False)
        _check_calls(statement)
        return statement

    def sql(self, statement: str, versions: Mapping[str, int] | None = None) -> pa.Table:
        """The same for text, under the same check."""
        try:
            trees = sqlglot.parse(statement, dialect="duckdb")
        except sqlglot.ParseError as error:
            raise QueryError("query_refused", detail=str(error).splitlines()[0]) from error
        if len(trees) != 1 or trees[0] is None:
            raise QueryError("query_refused", detail=f"{len(trees)}")
        return self._execute(trees[0], trees[0], versions or {})

    def _check(self, tree: exp.Expression) -> list[str]:
        """The lake tables a tree reads. Raises QueryError unless it is one SELECT over them and nothing else."""
        if not isinstance(tree, _SELECTS):
            raise QueryError("query_refused", detail=type(tree).__name__)
        own = {cte.alias.casefold() for cte in tree.find_all(exp.CTE)}
        known = {name.casefold(): name for name in self.lake.names()}
        wanted: set[str] = set()
        for node in tree.walk():
            if isinstance(node, _REFUSED_NODES):
                raise QueryError("query_refused", detail=type(node).__name__)
            if isinstance(node, exp.Table):
                if isinstance(node.this, exp.Func):
                    continue  # generate_series and the like, judged as functions
                if not isinstance(node.this, exp.Identifier) or node.args.get("db") or node.args.get("catalog"):
                    raise QueryError("query_refused", detail=node.sql(dialect="duckdb")[:80])
                name = node.name.casefold()
                if name in known:
                    wanted.add(known[name])
                elif name not in own:
                    raise NoSuchTable("no_such_table", name=node.name[:80], names=", ".join(known.values()))
        return sorted(wanted)

    def _source(self, table: str, version: int | None) -> Source:
        """How a table is read at a version (default: the newest)."""
        number = self.version(table) if version is None else version
        mark = (number, self.lake.table(table).stamp(number))
        if mark[1] is None or table not in self._sources or self._sources[table].mark != mark:
            snapshot = self._snapshot(table, number)
            columns = columns_of(snapshot)
            files = files_of(snapshot)
            # the log is asked once for each column, and once for the rows
            extent, rows = cache(partial(extents, snapshot)), cache(partial(rows_of, snapshot))

            def within(asked: Stretch) -> str:
                known = extent(asked.column)
                return snapshot_sql([one for one in files if overlaps(known, one, asked)], columns)

            body = snapshot_sql(files, columns)
            self._sources[table] = Source(mark, body, columns, rows, within)
        return self._sources[table]

    def _show(self, table: str, body: str, mark: Mark) -> None:
        """Makes a table visible as a view over its Parquet files, or over what is held of them."""
        if mark[1] is not None and self._views.get(table) == (body, mark):
            return
        self._duck.execute(f"CREATE OR REPLACE TEMP VIEW {quoted(table)} AS {body}")
        self._views[table] = (body, mark)

    def _run(self, statement: str) -> pa.Table:
        late = threading.Event()

        def stop() -> None:
            late.set()
            self._duck.interrupt()

        timer = threading.Timer(self.timeout, stop)
        timer.daemon = True
        timer.start()
        try:
            # fetched whole in one call: an unfinished result would block the connection
            relation = self._duck.sql(statement)
            return relation.to_arrow_table()
        except duckdb.InterruptException as error:
            raise QueryError("query_timeout", seconds=f"{self.timeout:g}") from error
        except duckdb.OutOfMemoryException as error:
            raise QueryError("query_memory") from error
        except (duckdb.Error, RuntimeError) as error:
            if late.is_set():
                raise QueryError("query_timeout", seconds=f"{self.timeout:g}") from error
            raise QueryError("query_failed", detail=str(error).splitlines()[0][:300]) from error
        finally:
            timer.cancel()
            timer.join()
