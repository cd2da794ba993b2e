"""The mapping of a file, changed by options of the command line."""

from pydantic import ValidationError

from nachim.cli.words import wrong
from nachim.lake.mapping import ColumnMap, Mapping, Role, Type, plain_name
from nachim.metrics.messages import nearest


def remapped(mapping: Mapping, key, time, entities, dims, renames) -> Mapping:
    """The proposed mapping with what the options say; columns may go by their old or their new name."""
    columns = list(mapping.columns)
    for pair in renames:
        old, new = _pair(pair, "--map OLD=NEW")
        _change(columns, _find(columns, old), name=new)
    asked: dict[int, Role] = {}

    def give(name: str, role: Role, **fields) -> None:
        at = _find(columns, name)
        if asked.setdefault(at, role) is not role:
            taken, both = columns[at].name, f"{asked[at].value}, {role.value}"
            raise wrong(f"“{taken}” 열에 역할이 둘입니다: {both}. 하나만 주세요.",
                        f"The column “{taken}” is given two roles: {both}. Give it one.")  # fmt: skip
        _change(columns, at, role=role, **{"entity": None, **fields})

    if key:
        _clear(columns, lambda column: column.role is Role.KEY)
    if time:
        _clear(columns, lambda column: column.role is Role.TIME)
    for name in key:
        give(name, Role.KEY)
    if time:
        give(time, Role.TIME, type=Type.TIME)
    for pair in entities:
        entity, name = _pair(pair, "--entity NAME=COL")
        _clear(columns, lambda column, entity=entity: column.entity == entity)
        give(name, Role.ENTITY, entity=entity)
    for name in dims:
        give(name, Role.DIMENSION)
    return _checked(mapping, columns)


def _checked(mapping: Mapping, columns: list[ColumnMap]) -> Mapping:
    names = [column.name.casefold() for column in columns if column.keep]
    for column in columns:
        if names.count(column.name.casefold()) > 1:
            raise wrong(f"“{column.name}”이라는 열이 둘이 됩니다. --map으로 다른 이름을 주세요.",
                        f"Two columns would be called “{column.name}”. Give one another name with --map.")  # fmt: skip
        if column.keep and (column.name.startswith("_") or not column.name.strip()):
            raise wrong(f"“{column.name}”: 열 이름은 비거나 _로 시작할 수 없습니다.",
                        f"“{column.name}”: a column's name may not be blank or begin with _.")  # fmt: skip
    try:
        return Mapping.model_validate({**mapping.model_dump(), "columns": [column.model_dump() for column in columns]})
    except ValidationError as error:
        detail = error.errors()[0]["msg"]
        raise wrong(f"이렇게는 가져올 수 없습니다: {detail}", f"This mapping does not hold: {detail}") from None


def _clear(columns: list[ColumnMap], which) -> None:
    """Take the role from the columns that have it: the options name the new ones."""
    for at, column in enumerate(columns):
        if which(column):
            columns[at] = column.model_copy(update={"role": Role.NONE, "entity": None})


def _pair(text: str, form: str) -> tuple[str, str]:
    left, equals, right = text.partition("=")
    left, right = plain_name(left), plain_name(right)
    if not (left and equals and right):
        raise wrong(f"{form} 꼴로 적으세요: {text}", f"Write it as {form}: {text}")
    return left, right


def _find(columns: list[ColumnMap], name: str) -> int:
    wanted = plain_name(name)
    for by in ("name", "source"):
        for at, column in enumerate(columns):
            if wanted == getattr(column, by):
                return at
    known = list(dict.fromkeys(each for column in columns for each in (column.source, column.name)))
    near = nearest(wanted, known)
    hint = (f" 혹시 “{near}”인가요?", f" Did you mean “{near}”?") if near else ("", "")
    raise wrong(
        f"파일에 “{wanted}” 열이 없습니다. 있는 열: {', '.join(known)}.{hint[0]}",
        f"The file has no column “{wanted}”. It has: {', '.join(known)}.{hint[1]}",
    )


def _change(columns: list[ColumnMap], at: int, **fields) -> None:
    columns[at] = columns[at].model_copy(update={"keep": True, **fields})
