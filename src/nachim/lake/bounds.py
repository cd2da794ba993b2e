"""What a snapshot's own log says of its columns, read without opening a row: between which values they lie."""

from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from deltalake import DeltaTable

Bounds = dict[str, tuple[Any, Any]]


def bounds_of(snapshot: DeltaTable) -> Bounds:
    """Least and greatest value of each column, where the log knows them for every file that holds one.

    Times are cut to milliseconds in the log: the least is never too late, the greatest may be too early.
    """
    actions = pa.table(snapshot.get_add_actions(flatten=True))
    if not len(actions) or "num_records" not in actions.column_names:
        return {}
    found: Bounds = {}
    for name in snapshot.schema().to_arrow().names:
        if not {f"min.{name}", f"max.{name}", f"null_count.{name}"} <= set(actions.column_names):
            continue
        low, high, nulls = (actions[f"{kind}.{name}"] for kind in ("min", "max", "null_count"))
        empty = pc.fill_null(pc.equal(nulls, actions["num_records"]), False)
        known = pc.or_(pc.and_(pc.is_valid(low), pc.is_valid(high)), empty)
        if pc.all(known).as_py() and pc.any(pc.is_valid(low)).as_py():
            found[name] = (pc.min(low).as_py(), pc.max(high).as_py())
    return found
