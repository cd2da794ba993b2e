"""Narrow numbers: half the bits are sorted and added in half the time.

- An exact sum adds decimals of 128 bits. Where a column's values have few digits, each is cut to a millionth in 64
  bits first: the same millionths, and a sum as wide as before.
- What rows are known by in a sort (`_value` of a distinct count, `_key` of a sequence) fits 32 bits in most companies.
"""

from typing import Any

from sqlglot import exp

from nachim.lake.quicker.held import Held

# what values must stay below so that they fit once they are rounded
_SUMS = {"DECIMAL(38, 6)": ("DECIMAL(18, 6)", 10**11), "DECIMAL(38, 0)": ("DECIMAL(18, 0)", 10**17)}
_KEYS = ("_value", "_key")


def narrowed(tree: exp.Expression, held: Held) -> None:
    for cast in list(tree.find_all(exp.Cast)):
        if isinstance(cast.this, exp.Column) and isinstance(cast.parent, exp.Sum):
            narrow = _SUMS.get(cast.to.sql(dialect="duckdb"))
            if narrow is not None and _fits(held(cast.this), narrow[1]):
                cast.set("to", exp.DataType.build(narrow[0], dialect="duckdb"))
    for alias in list(tree.find_all(exp.Alias)):
        column = alias.this
        if alias.alias in _KEYS and isinstance(column, exp.Column) and _fits(held(column), 2**31, whole=True):
            column.replace(exp.cast(column.copy(), "INTEGER"))


def _fits(held: tuple[Any, Any] | None, limit: int, *, whole: bool = False) -> bool:
    if held is None or any(isinstance(one, bool) for one in held):
        return False
    return all(isinstance(one, int if whole else int | float) and -limit < one < limit for one in held)
