"""What does not fit into memory at once is counted in passes: each sees the rows of some values, and passes add up.

Telling values apart takes room for each of them. A value's rows all fall into one pass by its hash, so that counts of
different values add up over passes, as sums and counts do anyway.
"""

from collections.abc import Callable, Iterable

import pyarrow as pa
from sqlglot import exp

from nachim.lake.adding import again
from nachim.lake.errors import QueryError

PASSES = (8, 64)


def in_passes(tree: exp.Expression, run: Callable[[exp.Expression], pa.Table]) -> pa.Table:
    """The answer of `run(tree)`; where memory does not suffice, that of the passes put together."""
    try:
        return run(tree)
    except QueryError as error:
        how = _additive(tree) if error.code == "query_memory" else None
        if how is None:
            raise
        short = error
    for count in PASSES:
        try:
            return _together((run(_pass(tree, at, count)) for at in range(count)), how)
        except QueryError as error:
            if error.code != "query_memory":
                raise
            short = error
    raise short


def _additive(tree: exp.Expression) -> dict[str, str] | None:
    """How each column of the answer is put together, "" for keys; None where passes do not add up to the whole."""
    if not isinstance(tree, exp.Select) or any(tree.args.get(one) for one in ("having", "order", "limit", "distinct")):
        return None
    group = tree.args.get("group")
    keys = len(group.expressions) if group is not None else 0
    found: dict[str, str] = {one.alias: "" for one in tree.expressions[:keys]}
    for one in tree.expressions[keys:]:
        call = again(one.this)
        if call is None:
            return None
        found[one.alias] = call.key  # sum, min, max: as pyarrow calls them too
    return found if len(_values(tree)) == 1 and "" not in found else None


def _values(tree: exp.Expression) -> list[tuple[exp.Select, exp.Expression]]:
    """What is told apart, and the SELECT whose rows it is of: of a rolling count its `_value`, or a COUNT(DISTINCT)."""
    rolling = [(one.parent_select, one.this) for one in tree.find_all(exp.Alias) if one.alias == "_value"]
    counted = list({one.expressions[0]: (tree, one.expressions[0]) for one in _distincts(tree)}.values())
    return [*rolling, *counted]


def _distincts(tree: exp.Expression) -> Iterable[exp.Distinct]:
    return (one for one in tree.find_all(exp.Distinct) if isinstance(one.parent, exp.Count))


def _pass(tree: exp.Expression, at: int, count: int) -> exp.Expression:
    tree = tree.copy()
    ((select, value),) = _values(tree)
    hashed = exp.Mod(this=exp.Anonymous(this="hash", expressions=[value.copy()]), expression=exp.Literal.number(count))
    select.where(exp.EQ(this=hashed, expression=exp.Literal.number(at)), copy=False)
    return tree


def _together(answers: Iterable[pa.Table], how: dict[str, str]) -> pa.Table:
    parts = list(answers)
    keys = [name for name, call in how.items() if not call]
    calls = [(name, call) for name, call in how.items() if call]
    whole = pa.concat_tables(parts).group_by(keys).aggregate(calls)
    columns = [whole[name if not call else f"{name}_{call}"] for name, call in how.items()]
    return pa.Table.from_arrays(columns, names=list(how)).cast(parts[0].schema)
