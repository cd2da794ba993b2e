"""The mapping of a file, changed by options of the command line."""

from nachim.cli.words import wrong
from nachim.lake.mapping import ColumnMap, Mapping, Role, Type
from nachim.metrics.messages import nearest


def remapped(mapping: Mapping, key, time, entities, dims, renames) -> Mapping:
    """The proposed mapping with what the options say; columns may go by their old or their new name."""
    columns = list(mapping.columns)
    for pair in renames:
        old, new = _pair(pair, "--map OLD=NEW")
        _change(columns, _find(columns, old), name=new)
    if key:
        for at, column in enumerate(columns):
            if column.role is Role.KEY:
                _change(columns, at, role=Role.NONE)
        for name in key:
            _change(columns, _find(columns, name), role=Role.KEY)
    if time:
        for at, column in enumerate(columns):
            if column.role is Role.TIME:
                _change(columns, at, role=Role.NONE)
        _change(columns, _find(columns, time), role=Role.TIME, type=Type.TIME)
    for pair in entities:
        name, column = _pair(pair, "--entity NAME=COL")
        for at, known in enumerate(columns):
            if known.role is Role.ENTITY and known.entity == name:
                _change(columns, at, role=Role.NONE, entity=None)
        _change(columns, _find(columns, column), role=Role.ENTITY, entity=name)
    for name in dims:
        _change(columns, _find(columns, name), role=Role.DIMENSION)
    return mapping.model_validate(mapping.model_copy(update={"columns": tuple(columns)}).model_dump())


def _pair(text: str, form: str) -> tuple[str, str]:
    left, equals, right = text.partition("=")
    if not (left and equals and right):
        raise wrong(f"{form} 꼴로 적으세요: {text}", f"Write it as {form}: {text}")
    return left.strip(), right.strip()


def _find(columns: list[ColumnMap], name: str) -> int:
    for at, column in enumerate(columns):
        if name in (column.source, column.name):
            return at
    known = list(dict.fromkeys(each for column in columns for each in (column.source, column.name)))
    near = nearest(name, known)
    hint = (f" 혹시 “{near}”인가요?", f" Did you mean “{near}”?") if near else ("", "")
    raise wrong(
        f"파일에 “{name}” 열이 없습니다. 있는 열: {', '.join(known)}.{hint[0]}",
        f"The file has no column “{name}”. It has: {', '.join(known)}.{hint[1]}",
    )


def _change(columns: list[ColumnMap], at: int, **fields) -> None:
    columns[at] = columns[at].model_copy(update={"keep": True, **fields})
