"""Steps the lake's tests share."""

from pathlib import Path
from typing import Any

from nachim.lake import ImportResult, Lake, import_file, inspect
from nachim.lake.mapping import Mapping, Role


def keyed(mapping: Mapping, *keys: str) -> Mapping:
    """The mapping with exactly these key columns."""
    columns = [
        column.model_copy(
            update={"role": Role.KEY if column.name in keys else Role.NONE if column.role == Role.KEY else column.role}
        )
        for column in mapping.columns
    ]
    return mapping.model_copy(update={"columns": tuple(columns)})


def retyped(mapping: Mapping, **types: Any) -> Mapping:
    """The mapping with other types for some columns."""
    columns = [column.model_copy(update={"type": types.get(column.name, column.type)}) for column in mapping.columns]
    return mapping.model_copy(update={"columns": tuple(columns)})


def load(lake: Lake, path: Path, table: str = "orders", *keys: str, **options: Any) -> ImportResult:
    """Imports a file as `inspect` proposes, with these keys if any are given."""
    mapping = inspect(path, table=lake.table(table)).mapping
    return import_file(lake, path, table, keyed(mapping, *keys) if keys else mapping, **options)


def rows(lake: Lake, table: str = "orders") -> list[dict[str, Any]]:
    """All rows, in order of file line."""
    with lake.engine() as engine:
        return engine.sql(f'SELECT * FROM "{table}" ORDER BY _file, _line').to_pylist()  # noqa: S608


def balanced(result: ImportResult) -> bool:
    """Every row of the file is somewhere."""
    return result.inserted + result.updated + result.unchanged + result.quarantined == result.read
