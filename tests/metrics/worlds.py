"""Small companies for property tests: their rows as plain Python and as an engine, around days that clocks jump."""

from datetime import UTC, datetime, time, timedelta
from decimal import Decimal

import pyarrow as pa
from hypothesis import strategies as st

from tests.metrics.company import Tables

TIME = pa.timestamp("us", "UTC")
COLUMNS = {
    "orders": {"id": pa.int64(), "at": TIME, "who": pa.string(), "channel": pa.string(), "amount": pa.float64()},
    "visits": {"id": pa.int64(), "at": TIME, "who": pa.string(), "channel": pa.string()},
    "stock": {"id": pa.int64(), "at": TIME, "item": pa.string(), "channel": pa.string(), "amount": pa.int64()},
}
# The clocks of New York jump on 2024-03-10 and 2023-11-05, those of London on 2024-03-31; 2024 has a 29 February.
BEGINNINGS = [datetime(2024, 2, 26), datetime(2024, 3, 8), datetime(2023, 11, 3), datetime(2023, 12, 29)]
CALENDARS = [
    {},
    {"tz": "America/New_York", "day_start": time(5), "week_start": "sunday", "fiscal_year_start": 4},
    {"tz": "America/New_York"},
    {"tz": "Europe/London", "day_start": time(3), "fiscal_year_start": 2},
]
calendars = st.sampled_from(CALENDARS)


@st.composite
def companies(draw, *, days=8, most=10, people=("a", "b", None), channels=("app", "web", None)):
    """{table: rows}: few people, so that they return; few moments, so that there are ties, and rows twice."""
    begins = draw(st.sampled_from(BEGINNINGS)).replace(tzinfo=UTC)
    halves = st.integers(0, days * 48)
    moments = draw(st.lists(halves, min_size=1, max_size=8))
    when = st.one_of(st.sampled_from(moments), halves).map(lambda one: begins + timedelta(minutes=30 * one))
    who = st.just("a") if draw(st.integers(0, 9)) == 0 else st.sampled_from(people)
    one = {
        "id": st.integers(1, 4),
        "at": when,
        "who": who,
        "item": st.sampled_from(["x", "y"]),
        "channel": st.sampled_from(channels),
        "amount": st.sampled_from([0, 1, 2, 5, None]),
    }
    found = {}
    for table, columns in COLUMNS.items():
        rows = draw(st.lists(st.fixed_dictionaries({name: one[name] for name in columns}), max_size=most))
        found[table] = rows + (rows[:1] if draw(st.integers(0, 3)) == 0 else [])
    return found


def engine(tables):
    return Tables(
        **{
            name: pa.table({key: pa.array([row[key] for row in rows], kind) for key, kind in COLUMNS[name].items()})
            for name, rows in tables.items()
        }
    )


def lines(rows):
    """Rows in one order, instants without whose notion of UTC they are, decimals and floats as numbers."""

    def one(value):
        if isinstance(value, datetime):
            return value.timestamp()
        return float(value) if isinstance(value, Decimal | int | float) and not isinstance(value, bool) else value

    return sorted(str([one(value) for value in row]) for row in rows)
