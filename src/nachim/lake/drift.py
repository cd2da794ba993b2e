"""How the columns of a file differ from the table they go into."""

from collections.abc import Mapping as MappingABC
from dataclasses import dataclass

from nachim.lake.mapping import Mapping, Type
from nachim.lake.messages import sentence


@dataclass(frozen=True)
class Change:
    """One difference: kind is `new`, `missing`, `retyped` or `key`."""

    kind: str
    column: str
    before: str = ""
    after: str = ""

    def text(self, locale: str = "ko") -> str:
        params = {"column": self.column, "before": self.before, "after": self.after}
        return sentence(f"drift_{self.kind}", locale, params)

    def __str__(self) -> str:
        return self.text()


def drift(mapping: Mapping, columns: MappingABC[str, Type], keys: tuple[str, ...] | None = None) -> list[Change]:
    """Changes from a table (its columns and key) to a mapping; none for a table that does not exist yet."""
    if not columns:
        return []
    changes = []
    kept = {column.name: column.type for column in mapping.kept}
    for name, kind in kept.items():
        if name not in columns:
            changes.append(Change("new", name, after=kind))
        elif columns[name] != kind and not fits(kind, columns[name]):
            changes.append(Change("retyped", name, columns[name], kind))
    changes += [Change("missing", name, before=kind) for name, kind in columns.items() if name not in kept]
    if keys is not None and set(keys) != set(mapping.keys):
        changes.append(Change("key", "", ", ".join(keys), ", ".join(mapping.keys)))
    return changes


def fits(new: Type, old: Type) -> bool:
    """Whether values of one type go into a column of another without loss: a month of whole amounts is no news."""
    return new == Type.INTEGER and old == Type.NUMBER


def settled(mapping: Mapping, columns: MappingABC[str, Type]) -> tuple[Mapping, dict[str, Type]]:
    """The mapping with the types its values will be read as, and the columns of the table to widen first.

    integer → number widens the table, anything → text widens it too, as the mapping says so explicitly. In all other
    cases the table's type stands, and values it cannot take are quarantined, never dropped.
    """
    widen: dict[str, Type] = {}
    made = []
    for column in mapping.columns:
        old = columns.get(column.name) if column.keep else None
        if old is None or old == column.type:
            made.append(column)
        elif column.type == Type.TEXT or (column.type == Type.NUMBER and old == Type.INTEGER):
            widen[column.name] = column.type
            made.append(column)
        else:
            made.append(column.model_copy(update={"type": old}))
    return mapping.model_copy(update={"columns": tuple(made)}), widen
