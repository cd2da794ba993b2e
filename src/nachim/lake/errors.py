"""Everything that can go wrong in the lake, as one tree that prints as one sentence.

An error has a stable `code`, the place (`file`, `line`, `column`) and `params`; `str(error)` is Korean and
`error.text("en")` English. Bad input never shows as a traceback: callers catch `LakeError` and print it.
"""

from typing import Any

from nachim.lake.messages import sentence


class LakeError(Exception):
    """Base of all errors of the lake."""

    def __init__(
        self, code: str, *, file: str | None = None, line: int | None = None, column: str | None = None, **params: Any
    ) -> None:
        self.code, self.file, self.line, self.column = code, file, line, column
        self.params = params
        super().__init__(code)

    def where(self, locale: str = "ko") -> str:
        """The place, for example `orders.csv 3번째 줄`; empty if the error has none."""
        parts = [self.file or ""]
        if self.line is not None:
            parts.append(f"{self.line}번째 줄" if locale.startswith("ko") else f"line {self.line}")
        return " ".join(part for part in parts if part)

    def text(self, locale: str = "ko") -> str:
        said = sentence(self.code, locale, {"column": self.column, **self.params})
        place = self.where(locale)
        return f"{place}: {said}" if place else said

    def __str__(self) -> str:
        return self.text("ko")


class FileRefused(LakeError):
    """The file as a whole cannot be read; nothing was imported."""


class ImportFailed(LakeError):
    """The file can be read, but cannot go into this table with this mapping."""


class DriftFound(ImportFailed):
    """The columns of the file differ from the table; `changes` lists how. Import with `drift="accept"` to go on."""

    def __init__(self, changes: list[Any], *, file: str | None = None) -> None:
        self.changes = changes
        super().__init__("drift", file=file)

    def text(self, locale: str = "ko") -> str:
        self.params["changes"] = ", ".join(change.text(locale) for change in self.changes)
        return super().text(locale)


class Cancelled(LakeError):
    """The caller asked to stop; the table is as before."""

    def __init__(self) -> None:
        super().__init__("cancelled")


class TableError(LakeError):
    """A table name is not allowed, a table is missing or damaged, or writers keep colliding."""


class NoSuchTable(TableError, KeyError):
    """The lake has no table of that name."""


class QueryError(LakeError):
    """The engine refused a query, or it failed, or ran too long."""
