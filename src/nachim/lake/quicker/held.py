"""Between which values a column of a query lies."""

from collections.abc import Callable, Iterator
from typing import Any

from sqlglot import exp

from nachim.lake.bounds import Bounds


class Held:
    """Asks the lake for the bounds of the columns that a SELECT reads from a table of the lake."""

    def __init__(self, tree: exp.Expression, bounds: Callable[[str], Bounds]):
        self._bounds, self._own = bounds, {cte.alias for cte in tree.find_all(exp.CTE)}

    def __call__(self, column: exp.Column) -> tuple[Any, Any] | None:
        """The least and the greatest value; None where nobody knows."""
        select = column.parent_select
        for table in _read(select) if select is not None and column.table else ():
            if table.alias_or_name == column.table and isinstance(table, exp.Table) and table.name not in self._own:
                return self._bounds(table.name).get(column.name)
        return None


def _read(select: exp.Expression) -> Iterator[exp.Expression]:
    """What a SELECT reads itself, not in the SELECTs it is made of."""
    first = select.args.get("from_")
    yield from [first.this] if first is not None else []
    yield from (join.this for join in select.args.get("joins") or ())
