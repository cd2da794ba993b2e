"""What is in a file and what its columns probably mean: a preview with a proposed mapping, for a person to confirm."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

from nachim.lake.drift import Change, drift
from nachim.lake.errors import FileRefused
from nachim.lake.mapping import RESERVED, ColumnMap, Mapping, Role, Type
from nachim.lake.messages import sentence
from nachim.lake.quarantine import unescape_column
from nachim.lake.reading import Named, Source, open_source
from nachim.lake.values import convert, infer
from nachim.lake.vocabulary import entity_of, is_code, role_of

if TYPE_CHECKING:
    from nachim.lake.store import LakeTable

ROWS = 100_000
"""Rows looked at; the import reads all."""
TYPED_FROM = 20_000
"""Distinct texts a column's type is judged from."""
FEW = 50
"""A text column with at most this many distinct values is worth slicing by."""


@dataclass(frozen=True)
class Warn:
    """Something to know before importing."""

    code: str
    params: dict[str, Any] = field(default_factory=dict)

    def text(self, locale: str = "ko") -> str:
        return sentence(self.code, locale, self.params)

    def __str__(self) -> str:
        return self.text()


@dataclass(frozen=True)
class ColumnPreview:
    """A column as found: facts over the rows looked at, and the proposed role."""

    name: str
    type: Type
    role: Role
    empty_share: float
    minimum: Any
    maximum: Any
    examples: list[str]
    distinct: int
    unreadable: int = 0


@dataclass(frozen=True)
class Preview:
    """A file before its import."""

    format: str
    encoding: str
    delimiter: str
    header_row: int
    columns: list[ColumnPreview]
    sample: list[list[str | None]]
    mapping: Mapping
    warnings: list[Warn]
    drift: list[Change]
    rows: int
    complete: bool
    """All rows were looked at."""
    rejected: int
    sheets: tuple[str, ...] = ()


def inspect(
    path: Path | str,
    *,
    filename: str | None = None,
    zone: str = "Asia/Seoul",
    remembered: Mapping | None = None,
    table: "LakeTable | None" = None,
    sheet: str | None = None,
) -> Preview:
    """Looks at a file and proposes a mapping.

    `remembered` (or the mapping of the last import into `table`) is applied by header name; columns it does not know
    are judged afresh. `table` also gives `Preview.drift`. Raises FileRefused with a sentence.
    """
    path = Path(path)
    fixed = None if sheet is None else Mapping(columns=(), sheet=sheet)
    source = open_source(path, fixed, filename)
    if remembered is None and table is not None and table.exists:
        remembered = table.mapping
    lines, texts, rejects, complete = _sample(source)
    if not len(lines) and not rejects:
        raise FileRefused("no_rows", file=filename or path.name)
    warnings = _layout_warnings(source, rejects, len(lines), complete)
    judged = [
        _judge(column, column_texts, source, remembered, warnings)
        for column, column_texts in zip(source.columns, texts, strict=True)
    ]
    if remembered is None:
        judged = _one_role_each(judged, texts, warnings)
    mapping = Mapping(
        columns=tuple(judged),
        encoding=source.layout.encoding if source.layout.format in ("csv", "jsonl") else None,
        delimiter=source.layout.delimiter if source.layout.format == "csv" else None,
        header_row=source.layout.header_row if source.layout.format in ("csv", "xlsx") else None,
        sheet=source.layout.sheet,
    )
    columns = [_facts(column, column_texts, zone, warnings) for column, column_texts in zip(judged, texts, strict=True)]
    changes = [] if table is None or not table.exists else drift(mapping, table.columns, table.keys)
    head = [column.slice(0, 20).to_pylist() for column in texts]
    return Preview(
        format=source.layout.format + (".gz" if source.layout.gz else ""),
        encoding=source.layout.encoding,
        delimiter=source.layout.delimiter,
        header_row=source.layout.header_row,
        columns=columns,
        sample=[list(row) for row in zip(*head, strict=True)],
        mapping=mapping,
        warnings=warnings,
        drift=changes,
        rows=len(lines),
        complete=complete,
        rejected=len(rejects),
        sheets=source.layout.sheets,
    )


def _sample(source: Source) -> tuple[pa.ChunkedArray, list[pa.ChunkedArray], list[Any], bool]:
    lines: list[pa.Array] = []
    texts: list[list[pa.Array]] = [[] for _ in source.columns]
    rejects: list[Any] = []
    count, complete = 0, True
    for block in source.blocks():
        if count >= ROWS:
            complete = False
            break
        count += len(block)
        lines.append(block.lines)
        rejects += block.rejects
        for held, column in zip(texts, block.columns, strict=True):
            held.append(unescape_column(column) if source.is_repair else column)
    return (
        pa.chunked_array(lines, pa.int64()),
        [pa.chunked_array(each, pa.string()) for each in texts],
        rejects,
        complete,
    )


def _layout_warnings(source: Source, rejects: list[Any], rows: int, complete: bool) -> list[Warn]:
    warnings = []
    layout = source.layout
    if layout.format in ("csv", "xlsx"):
        if layout.header_row == 0:
            warnings.append(Warn("warn_no_header"))
        elif layout.header_row > 1:
            warnings.append(Warn("warn_titles", {"count": layout.header_row - 1}))
    if len(layout.sheets) > 1:
        warnings.append(Warn("warn_sheets", {"sheets": ", ".join(layout.sheets), "sheet": layout.sheet}))
    warnings += [Warn("warn_dropped", {"position": position}) for position in layout.dropped]
    for column in source.columns:
        if column.header and column.header != column.name and layout.header_row:
            warnings.append(Warn("warn_renamed", {"source": column.header, "name": column.name}))
    if rejects:
        warnings.append(Warn("warn_rejected", {"count": len(rejects), "line": rejects[0].line}))
    if not complete:
        warnings.append(Warn("warn_sample", {"rows": rows}))
    return warnings


def _judge(
    column: Named, texts: pa.ChunkedArray, source: Source, remembered: Mapping | None, warnings: list[Warn]
) -> ColumnMap:
    name = column.name
    known = None if remembered is None else next((each for each in remembered.columns if each.source == name), None)
    if name in RESERVED:
        return ColumnMap(source=name, name=name, keep=False)
    if known is not None and not known.keep:
        return known
    empty = texts.null_count == len(texts)
    if not column.header:
        position = {"position": column.position}
        if empty:
            warnings.append(Warn("warn_dropped", position))
            return ColumnMap(source=name, name=name, keep=False)
        warnings.append(Warn("warn_unnamed", {**position, "name": name}))
    role, entity = role_of(name), entity_of(name)
    hints = {Role.TIME: Type.TIME, Role.AMOUNT: Type.NUMBER}
    words = pc.unique(texts).drop_null().slice(0, TYPED_FROM).to_pylist()
    hint = hints.get(role) if known is None else known.type
    guess = infer(words, hint=hint, is_code=is_code(name), semicolons=source.layout.delimiter == ";")
    if known is not None:
        # a column without values in this file, or of whole numbers where decimals are known, has not changed its type
        same = not words or (known.type, guess.type) in ((Type.NUMBER, Type.INTEGER), (Type.TEXT, guess.type))
        kind = known.type if same else guess.type
        role = known.role if known.role != Role.TIME or kind == Type.TIME else Role.NONE
        return known.model_copy(
            update={"type": kind, "role": role, "date_order": guess.date_order, "decimal": guess.decimal}
        )
    guess_type = hint if empty and hint is not None else guess.type
    return ColumnMap(
        source=name,
        name=name,
        type=guess_type,
        role=_role(role, guess_type, words),
        entity=entity if role == Role.ENTITY else None,
        date_order=guess.date_order,  # type: ignore[arg-type]
        decimal=guess.decimal,  # type: ignore[arg-type]
    )


def _role(role: Role, kind: Type, words: list[str]) -> Role:
    """The role a header promises, as far as the values keep the promise."""
    if role in (Role.KEY, Role.ENTITY):
        return role if kind in (Type.TEXT, Type.INTEGER) else Role.NONE
    if kind == Type.TIME:
        return Role.TIME
    if kind == Type.NUMBER or (kind == Type.INTEGER and role == Role.AMOUNT):
        return Role.AMOUNT
    if kind == Type.BOOL or role == Role.DIMENSION:
        return Role.DIMENSION
    if kind == Type.INTEGER:
        return Role.NONE
    return Role.DIMENSION if 0 < len(words) <= FEW else Role.TEXT


def _one_role_each(judged: list[ColumnMap], texts: list[pa.ChunkedArray], warnings: list[Warn]) -> list[ColumnMap]:
    """One key (unique in the data, first in the file), one time; an entity id that is unique is the key of its list."""
    made = list(judged)
    candidates = [at for at, column in enumerate(judged) if column.role == Role.KEY]
    key = None
    for at in candidates:
        repeated = _repeated(texts[at])
        if key is None and repeated is None and texts[at].null_count == 0:
            key = at
            continue
        made[at] = judged[at].model_copy(update={"role": Role.TEXT})
        if repeated is not None and key is None:
            warnings.append(Warn("warn_key_not_unique", {"column": judged[at].name, "example": repeated}))
    times = [at for at, column in enumerate(judged) if column.role == Role.TIME]
    chosen = next((at for at in times if role_of(judged[at].source) == Role.TIME), times[0] if times else None)
    for at in times:
        if at != chosen:
            made[at] = judged[at].model_copy(update={"role": Role.NONE})
    if key is None and not candidates:
        for at, column in enumerate(judged):
            first_entity = column.role == Role.ENTITY and at == 0
            if first_entity and texts[at].null_count == 0 and _repeated(texts[at]) is None and len(texts[at]) > 1:
                made[at] = column.model_copy(update={"role": Role.KEY, "entity": column.entity})
    return made


def _repeated(texts: pa.ChunkedArray) -> str | None:
    """The text that occurs most often, or None if none occurs twice."""
    words = texts.drop_null()
    if pc.count_distinct(words).as_py() == len(words):
        return None
    counts = pc.value_counts(words)
    often = counts.field("counts")
    return str(counts.field("values")[pc.index(often, pc.max(often)).as_py()].as_py())


def _facts(column: ColumnMap, texts: pa.ChunkedArray, zone: str, warnings: list[Warn]) -> ColumnPreview:
    values: list[pa.Array] = []
    bad_texts: list[pa.Array] = []
    for chunk in texts.chunks:
        made, bad = convert(chunk, column, zone)
        values.append(made)
        bad_texts.append(chunk.filter(bad))
    unreadable = sum(map(len, bad_texts))
    if unreadable and column.keep:
        example = _first(bad_texts)
        code = "warn_unreadable"
        warnings.append(
            Warn(code, {"column": column.name, "count": unreadable, "type": str(column.type), "example": example})
        )
    joined = pa.chunked_array(values) if values else pa.chunked_array([], pa.string())
    low = high = None
    if len(joined) and joined.null_count < len(joined):
        limits = pc.min_max(joined)
        low, high = limits["min"].as_py(), limits["max"].as_py()
    words = pc.unique(texts).drop_null()
    return ColumnPreview(
        name=column.name,
        type=column.type,
        role=column.role,
        empty_share=texts.null_count / len(texts) if len(texts) else 0.0,
        minimum=low,
        maximum=high,
        examples=words.slice(0, 5).to_pylist(),
        distinct=len(words),
        unreadable=unreadable,
    )


def _first(arrays: Iterable[pa.Array]) -> str:
    return next(str(array[0].as_py())[:60] for array in arrays if len(array))
