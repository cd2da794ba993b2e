"""Only the files that can hold rows of the stretch of time a tree asks for: the log has each file's bounds.

DuckDB leaves out what a file's footer rules out, but has to open every file to read it.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import NamedTuple
from urllib.parse import unquote

from deltalake import DeltaTable
from sqlglot import exp

from nachim.lake.bounds import files_in_log, plain

# The log cuts moments to milliseconds: a file's last one may lie so much later.
CUT = timedelta(milliseconds=1)


class Stretch(NamedTuple):
    """All rows asked for have `column` from `low` up to `high`, both included."""

    column: str
    low: datetime
    high: datetime


def stretch(tree: exp.Expression, table: str) -> Stretch | None:
    """What bounds every reading of a table by the same column; None where a reading is not bounded on both sides."""
    found: Stretch | None = None
    for one in tree.find_all(exp.Table):
        if one.name.casefold() != table.casefold():
            continue
        select = one.parent_select
        asked = _bounded(select, one.alias_or_name) if isinstance(select, exp.Select) else None
        if asked is None or (found is not None and found.column != asked.column):
            return None
        found = (
            asked if found is None else Stretch(asked.column, min(found.low, asked.low), max(found.high, asked.high))
        )
    return found


def _bounded(select: exp.Select, alias: str) -> Stretch | None:
    lows: dict[str, datetime] = {}
    highs: dict[str, datetime] = {}
    for one in conditions(select):
        column, moment = (one.this, _moment(one.expression)) if isinstance(one, exp.Binary) else (None, None)
        if not isinstance(column, exp.Column) or column.table != alias or moment is None:
            continue
        if isinstance(one, exp.GTE | exp.GT):
            lows[column.name] = max(moment, lows.get(column.name, moment))
        elif isinstance(one, exp.LT | exp.LTE):
            highs[column.name] = min(moment, highs.get(column.name, moment))
    both = next((name for name in lows if name in highs), None)
    return Stretch(both, lows[both], highs[both]) if both is not None else None


def conditions(select: exp.Select) -> Iterator[exp.Expression]:
    """What a SELECT's rows must all meet."""
    where = select.args.get("where")
    waiting = [where.this] if where is not None else []
    while waiting:
        one = waiting.pop().unnest()
        if isinstance(one, exp.And):
            waiting += [one.expression, one.this]
        else:
            yield one


def _moment(value: exp.Expression) -> datetime | None:
    """A constant instant."""
    if (
        not isinstance(value, exp.Cast)
        or not isinstance(value.this, exp.Literal)
        or not value.to.is_type("timestamptz")
    ):
        return None
    try:
        moment = datetime.fromisoformat(value.this.this)
    except ValueError:
        return None
    return moment if moment.tzinfo is not None else None


Extents = dict[str, tuple[datetime, datetime]]


def extents(snapshot: DeltaTable, column: str) -> Extents:
    """The bounds of an instant in each file whose bounds the log knows, by the file's name."""
    actions = files_in_log(snapshot)
    names = [f"min.{column}", f"max.{column}"]
    if not {"path", *names} <= set(actions.column_names):
        return {}
    found: Extents = {}
    for path, low, high in zip(*(actions[name] for name in ("path", *names)), strict=True):
        first, last = plain(low), plain(high)
        if isinstance(first, datetime) and isinstance(last, datetime) and first.tzinfo and last.tzinfo:
            found[Path(unquote(path.as_py())).name] = (first, last)
    return found


def overlaps(known: Extents, file: str, asked: Stretch) -> bool:
    """Whether a file can hold rows of a stretch; one whose bounds nobody knows can."""
    first, last = known.get(Path(file).name, (asked.low, asked.high))
    return first <= asked.high and last + CUT >= asked.low
