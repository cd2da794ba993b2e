"""The lake's own SQL in a private in-memory DuckDB: quoting, and a Delta snapshot as something to select from."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import unquote, urlparse

import duckdb
from deltalake import DeltaTable

from nachim.lake.mapping import Type
from nachim.lake.values import type_of

NATIVE: dict[Type, str] = {
    Type.TEXT: "VARCHAR",
    Type.NUMBER: "DOUBLE",
    Type.INTEGER: "BIGINT",
    Type.TIME: "TIMESTAMPTZ",
    Type.BOOL: "BOOLEAN",
}


def quoted(name: str) -> str:
    """An identifier, safe whatever it holds."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


@contextmanager
def duck() -> Iterator[duckdb.DuckDBPyConnection]:
    """A private in-memory DuckDB in UTC for the lake's own statements, never for a user's."""
    engine = duckdb.connect(":memory:")
    try:
        engine.execute("SET TimeZone='UTC'")
        engine.execute("SET autoinstall_known_extensions=false")
        engine.execute("SET preserve_insertion_order=false")
        yield engine
    finally:
        engine.close()


def columns_of(snapshot: DeltaTable) -> dict[str, Type]:
    """Columns of a snapshot and their types, the lake's own `_file` and `_line` included."""
    import pyarrow as pa

    return {field.name: type_of(field.type) for field in pa.schema(snapshot.schema().to_arrow())}


def files_of(snapshot: DeltaTable) -> list[str]:
    """The Parquet files of a snapshot as plain paths; delta-rs gives them percent-encoded."""
    files = []
    for uri in snapshot.file_uris():
        path = urlparse(uri).path if uri.startswith("file:") else uri
        files.append(str(Path(unquote(path))))
    return files


def snapshot_sql(files: Sequence[str], columns: Mapping[str, Type]) -> str:
    """A SELECT of exactly these columns and types over exactly these files; a file that lacks a column gives nulls."""
    empty = ", ".join(f"CAST(NULL AS {NATIVE[kind]}) AS {quoted(name)}" for name, kind in columns.items())
    nothing = f"SELECT {empty} WHERE false"
    if not files:
        return nothing
    listed = ", ".join(literal(file) for file in files)
    chosen = ", ".join(f"CAST({quoted(name)} AS {NATIVE[kind]}) AS {quoted(name)}" for name, kind in columns.items())
    # the empty SELECT makes sure that a column no file holds yet exists all the same
    return (
        f"SELECT {chosen} FROM (SELECT * FROM read_parquet([{listed}], union_by_name=true, hive_partitioning=false) "  # noqa: S608
        f"UNION ALL BY NAME {nothing})"
    )
