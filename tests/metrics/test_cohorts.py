"""Cohorts against plain Python: who was born when, and what they did in each period after."""

from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from nachim.metrics.bind import Binder
from nachim.metrics.expression import Checker
from nachim.metrics.made import COHORT, cohort_node
from nachim.metrics.spec import Model
from nachim.metrics.sql.rows import rows as rows_sql
from tests.metrics import reference
from tests.metrics.test_sequences import SOURCES
from tests.metrics.worlds import calendars, companies, engine, lines

EVENTS = ["first(orders)", "visits", {"from": "orders", "where": "amount > 1"}]
NAMES = ["at", "who", *COHORT]


@settings(max_examples=60, deadline=None)
@given(
    tables=companies(days=40),
    calendar=calendars,
    period=st.sampled_from(["day", "week", "month", "quarter", "year"]),
    born=st.sampled_from(EVENTS),
    activity=st.sampled_from(["orders", {"from": "orders", "where": "channel = 'app'"}]),
    where=st.sampled_from([None, "k < 3", "k between 1 and 2 and active", "k = 0 or k = 2", "not k < 1", "3 > k"]),
    wait=st.integers(-3, 70),
)
def test_a_cohort_is_what_plain_python_makes_of_the_events(tables, calendar, period, born, activity, where, wait):
    made = {"by": "customer", "born": born, "activity": activity, "period": period, "value": "amount"}
    model = Model.load({**Model.load(SOURCES).dump(), "calendar": calendar, "rows": {"it": {"cohort": made}}})
    duck = engine(tables)
    binder = Binder(model, duck)
    moments = [row["at"] for row in (*tables["orders"], *tables["visits"])] or [datetime(2024, 1, 1, tzinfo=UTC)]
    first, through = min(moments), min(moments) + timedelta(days=wait)
    condition = Checker(binder.scope("it"), binder.calendar).condition(where) if where else None
    steps = binder.steps("it")
    node = cohort_node(model.rows["it"], "it", steps, binder.calendar, first, through, condition)
    select = rows_sql(node, binder.calendar, frozenset(NAMES)).select(*(f'"it"."{name}"' for name in NAMES))
    keep = where.replace("between 1 and 2 and active", "in (1, 2) and active") if where else "True"

    def kept(rows):
        return [row for row in rows if eval(keep.replace(" = ", " == "), {"k": row["k"], "active": row["active"]})]  # noqa: S307

    found = kept(duck.execute(select).to_pylist())
    expected = [{name: row[f"it.{name}"] for name in NAMES} for row in reference.rows(node, tables, binder.calendar)]
    assert lines(row.values() for row in found) == lines(row.values() for row in kept(expected))
    # Whatever bound the condition allowed, it has left out no row that the condition lets through.
    whole = cohort_node(model.rows["it"], "it", steps, binder.calendar, first, through, None)
    whole = [{name: row[f"it.{name}"] for name in NAMES} for row in reference.rows(whole, tables, binder.calendar)]
    assert set(lines(row.values() for row in kept(whole))) <= set(lines(row.values() for row in found))
