"""A plan as SQL trees, from a small closed set of functions with a rule for each engine.

Periods leave the engine as integers (days since 1970-01-01, or months since year 0), so that weeks, fiscal years and
weekdays are plain arithmetic, the same everywhere. The spine is a UNION of keys, each aggregate LEFT JOINed to it.
"""

from __future__ import annotations

from sqlglot import exp

from nachim.core.period import Calendar
from nachim.metrics.plan import Aggregate, Align
from nachim.metrics.sql.aggregate import aggregate, columns_of, keys_of
from nachim.metrics.sql.buckets import bucket
from nachim.metrics.sql.names import PART, SPINE, apart
from nachim.metrics.sql.rows import duplicates, rows

__all__ = ["bucket", "compile_plan", "duplicates", "rows"]


def compile_plan(plan: Align, calendar: Calendar, names: dict[str, str]) -> exp.Select:
    """The SELECT of aligned aggregates. `names` gives each measure id its column (m0, m1 …), in order of appearance.

    Columns of the answer: period (unless there is one stretch), s0 … for slices, then for each measure its value and,
    as `<name>_n`, the rows behind it; an average leaves as its sum, with its count as `<name>_d`; of a cohort's rows
    `<name>_u` are still open. A distinct count by interval union leaves as changes, to be added up by period.
    """
    return apart(_compiled(plan, calendar, names))


def _compiled(plan: Align, calendar: Calendar, names: dict[str, str]) -> exp.Select:
    parts = [part for part in plan.parts if isinstance(part, Aggregate)]
    selects = [aggregate(part, calendar, names) for part in parts]
    keys = keys_of(parts[0])
    if len(parts) == 1:
        return selects[0]
    # Nothing is used twice, so nothing need be copied: with every step it would be all that came before.
    whole = exp.Select()
    for at, select in enumerate(selects):
        whole = whole.with_(f"{PART}{at}", as_=select, copy=False)
    if not keys:
        for at, part in enumerate(parts):
            chosen = [exp.column(name, table=f"{PART}{at}") for name in columns_of(part, names)]
            whole = whole.select(*chosen, copy=False)
            one = f"{PART}{at}"
            whole = whole.join(one, join_type="cross", copy=False) if at else whole.from_(one, copy=False)
        return whole
    spine: exp.Query = exp.select(*keys).from_(f"{PART}0")
    for at in range(1, len(parts)):
        spine = exp.union(spine, exp.select(*keys).from_(f"{PART}{at}"), distinct=True, copy=False)
    whole = whole.with_(SPINE, as_=spine, copy=False).from_(SPINE, copy=False)
    whole = whole.select(*(exp.column(key, table=SPINE) for key in keys), copy=False)
    for at, part in enumerate(parts):
        # A slice without a value is a slice of its own: null meets null here.
        on = [
            exp.NullSafeEQ(this=exp.column(key, table=f"{PART}{at}"), expression=exp.column(key, table=SPINE))
            for key in keys
        ]
        whole = whole.join(f"{PART}{at}", on=exp.and_(*on), join_type="left", copy=False)
        chosen = [exp.column(name, table=f"{PART}{at}") for name in columns_of(part, names)]
        whole = whole.select(*chosen, copy=False)
    return whole
