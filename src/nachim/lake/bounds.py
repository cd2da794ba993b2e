"""What a snapshot's own log says of its columns, read without opening a row: between which values they lie."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from deltalake import DeltaTable

Bounds = dict[str, tuple[Any, Any]]
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def files_in_log(snapshot: DeltaTable) -> pa.Table:
    """What the log says of each file: its path, how many rows it has, and its columns' bounds."""
    return pa.RecordBatchReader.from_stream(snapshot.get_add_actions(flatten=True)).read_all()


def bounds_of(snapshot: DeltaTable) -> Bounds:
    """Least and greatest value of each column, where the log knows them for every file that holds one.

    Times are cut to milliseconds in the log: the least is never too late, the greatest may be too early.
    """
    actions = files_in_log(snapshot)
    if not len(actions) or "num_records" not in actions.column_names:
        return {}
    found: Bounds = {}
    for name in snapshot.schema().to_arrow().names:
        if not {f"min.{name}", f"max.{name}", f"null_count.{name}"} <= set(actions.column_names):
            continue
        low, high, nulls = (actions[f"{kind}.{name}"] for kind in ("min", "max", "null_count"))
        empty = pc.equal(nulls, actions["num_records"])
        known = pc.or_kleene(pc.and_(pc.is_valid(low), pc.is_valid(high)), empty)
        if pc.all(known, skip_nulls=False).as_py() and pc.any(pc.is_valid(low)).as_py():
            found[name] = (plain(pc.min(low)), plain(pc.max(high)))
    return found


def rows_of(snapshot: DeltaTable) -> int:
    """How many rows a snapshot has."""
    actions = files_in_log(snapshot)
    return int(pc.sum(actions["num_records"]).as_py() or 0) if "num_records" in actions.column_names else 0


def plain(value: pa.Scalar) -> Any:
    """A scalar as Python has it. An instant is made by hand: pyarrow loads pandas before it gives one."""
    if pa.types.is_timestamp(value.type) and value.is_valid and value.type.tz:
        micros = value.cast(pa.timestamp("us", "UTC")).cast(pa.int64()).as_py()
        return EPOCH + timedelta(microseconds=micros)
    return value.as_py()
