"""Where imported rows lie: Delta tables, the way in, and the locked-down engine that reads them."""

from nachim.lake.errors import Cancelled, DriftFound, FileRefused, ImportFailed, LakeError, QueryError, TableError
from nachim.lake.importing import ImportResult, import_file
from nachim.lake.inspect import Preview, inspect
from nachim.lake.mapping import ColumnMap, Mapping, Role, Type
from nachim.lake.staging import Progress
from nachim.lake.store import ImportEntry, Lake, LakeTable

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
