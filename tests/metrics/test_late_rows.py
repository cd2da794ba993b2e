"""What a late row changes: by brute force, all cells before and after it. A refresh may compute more, never less."""

from datetime import date, timedelta

import pytest

from nachim.core.period import Grain
from nachim.metrics.run import Query, evaluate
from nachim.metrics.spec import Model
from tests.metrics.company import at
from tests.metrics.test_whole_cells import DEFINITIONS
from tests.metrics.worlds import engine

LATER = at("2030-01-01")
MODEL = Model.load(
    {
        **DEFINITIONS,
        "calendar": {"tz": "UTC"},
        "metrics": {
            "revenue": {"agg": "sum(orders.amount)"},
            "buyers": {"agg": "count_distinct(orders.customer)"},
            "week": {"at": "revenue", "window": "7 days"},
            "weekly_buyers": {"at": "buyers", "window": "7 days"},
            "month": {"at": "revenue", "window": "1 month"},
            "last_month": {"at": "revenue", "shift": "-1 month"},
            "last_year": {"at": "revenue", "shift": "-1 year align weekday"},
            "week_of_last_month": {"at": "week", "shift": "-1 month"},
            "so_far": {"at": "revenue", "to_date": "month"},
            "best": {"at": "revenue", "eval": "max", "over": "3 days"},
            "growth": {"calc": "revenue / prev - 1", "with": {"prev": {"at": "revenue", "shift": "-1 week"}}},
            "conversion": {"agg": "avg(bought.converted)"},
            "again": {"agg": "sum(again.converted)"},
            "funnel": {"agg": "sum(funnel.reached)"},
            "alive": {"agg": "sum(weekly.active)", "where": "k < 3"},
            "worth": {"agg": "sum(weekly.value)", "where": "k < 3"},
            "weekly_conversion": {"at": "conversion", "window": "7 days"},
        },
    }
)


def differing(model, name, grain, before, after, horizon, as_of=LATER):
    """The periods whose cell is another one in `after` than it was in `before`."""
    both = []
    for tables in (before, after):
        cells = evaluate(model, Query((name,), grain, *horizon), engine(tables), as_of=as_of).cells
        both.append({cell.period: cell for cell in cells})
    return [period for period in both[1] if both[0][period] != both[1][period]]


def days(text):
    """`2024-02-10..2024-02-12 2024-03-01`, the last of each included."""
    found = []
    for part in text.split():
        first, _dots, last = part.partition("..")
        day, end = date.fromisoformat(first), date.fromisoformat(last or first)
        found += [f"{day + timedelta(days=one)}" for one in range((end - day).days + 1)]
    return found


def order(moment, who="a", amount=2, id_=9):
    return {"id": id_, "at": at(moment), "who": who, "channel": "app", "amount": amount}


def visit(moment, who="a"):
    return {"id": 1, "at": at(moment), "who": who, "channel": "app"}


# Known from 2023-01-02 to 2025-06-30, so that a row between moves no end: b orders and visits a little all the time.
EVERY = [at("2023-01-02 09:00") + timedelta(days=4 * one) for one in range(228)]
COMPANY = {
    "orders": [
        *({"id": 1, "at": one, "who": "b", "channel": "web", "amount": 1} for one in EVERY),
        order("2024-02-05 10:00"),
        order("2024-03-05 10:00"),
    ],
    "visits": [*({"id": 1, "at": one, "who": "b", "channel": "web"} for one in EVERY), visit("2024-02-28 12:00"),
               visit("2024-02-29 12:00"), visit("2024-03-01 08:00"), visit("2024-03-05 08:00")],
    "stock": [],
}  # fmt: skip
LATE = order("2024-02-29 12:00")
CHANGED = [
    ("revenue", LATE, "2024-02-29"),
    ("buyers", LATE, "2024-02-29"),
    ("buyers", order("2024-03-05 23:00"), "2024-03-05"),  # counted already, but one row more is behind the number
    ("week", LATE, "2024-02-29..2024-03-06"),
    ("weekly_buyers", LATE, "2024-02-29..2024-03-06"),
    # A month back from the end of the 28th, 29th and 30th of March is the 29th of February each time.
    ("month", LATE, "2024-02-29..2024-03-30"),
    # The 29th, 30th and 31st of March all look at the 29th of February.
    ("last_month", LATE, "2024-03-29..2024-03-31"),
    # 364 days later the same weekday, Thursday, is nearest.
    ("last_year", LATE, "2025-02-27"),
    ("week_of_last_month", LATE, "2024-03-29..2024-04-06"),
    ("so_far", LATE, "2024-02-29"),
    ("so_far", order("2024-02-10 01:00"), "2024-02-10..2024-02-29"),
    ("best", LATE, "2024-02-29..2024-03-02"),
    ("growth", LATE, "2024-02-29 2024-03-07"),
    # The visit at the very moment, and those of the two days before it (48 hours, to the minute).
    ("conversion", LATE, "2024-02-28 2024-02-29"),
    ("conversion", order("2024-03-03 07:59"), "2024-03-01"),
    ("conversion", order("2024-03-03 08:00"), ""),
    ("weekly_conversion", LATE, "2024-02-28..2024-03-06"),
    # An order is an end for those before it and a start of its own.
    ("again", order("2024-03-04 10:00"), "2024-03-04"),
    ("again", order("2024-03-06 10:00"), "2024-03-05 2024-03-06"),
    ("again", order("2024-03-07 10:00"), "2024-03-07"),
    ("funnel", LATE, "2024-02-28 2024-02-29"),
    # A customer's first order is where all that they did counts; three weeks, of which it was Monday 5 February.
    ("worth", order("2024-02-20 10:00"), "2024-02-05"),
    ("worth", order("2024-02-26 10:00"), ""),
    ("alive", order("2024-02-20 10:00"), "2024-02-05"),
    ("alive", order("2024-02-06 10:00"), ""),
    # An earlier first order moves the customer from one day to another.
    ("alive", order("2024-02-02 10:00"), "2024-02-02 2024-02-05"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "late", "expected"), CHANGED)
def test_a_late_row_changes_these_days(name, late, expected):
    after = {**COMPANY, "orders": [*COMPANY["orders"], late]}
    found = differing(MODEL, name, Grain.DAY, COMPANY, after, (date(2024, 1, 1), date(2025, 4, 1)))
    assert found == days(expected)
