"""Where imported rows lie: Delta tables, the way in, and the locked-down engine that reads them.

What is named here is loaded when it is asked for: a question of the lake need not wait for all that imports take.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from nachim.lake.errors import Cancelled, DriftFound, FileRefused, ImportFailed, LakeError, QueryError, TableError
    from nachim.lake.importing import ImportResult, import_file
    from nachim.lake.mapping import ColumnMap, Mapping, Role, Type
    from nachim.lake.preview import Preview, inspect
    from nachim.lake.staging import Progress
    from nachim.lake.store import ImportEntry, Lake, LakeTable

_PLACES = {
    "errors": ("Cancelled", "DriftFound", "FileRefused", "ImportFailed", "LakeError", "QueryError", "TableError"),
    "importing": ("ImportResult", "import_file"),
    "preview": ("Preview", "inspect"),
    "mapping": ("ColumnMap", "Mapping", "Role", "Type"),
    "staging": ("Progress",),
    "store": ("ImportEntry", "Lake", "LakeTable"),
}
_PLACE = {name: place for place, names in _PLACES.items() for name in names}

__all__ = [
    "Cancelled",
    "ColumnMap",
    "DriftFound",
    "FileRefused",
    "ImportEntry",
    "ImportFailed",
    "ImportResult",
    "Lake",
    "LakeError",
    "LakeTable",
    "Mapping",
    "Preview",
    "Progress",
    "QueryError",
    "Role",
    "TableError",
    "Type",
    "import_file",
    "inspect",
]


def __getattr__(name: str) -> Any:
    if name not in _PLACE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found = getattr(import_module(f"{__name__}.{_PLACE[name]}"), name)
    globals()[name] = found
    return found
