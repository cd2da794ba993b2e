"""What is planted can be seen: every claim of truths.yaml, measured on the data and beyond chance."""

from dataclasses import asdict, dataclass

import duckdb
import numpy as np
import pytest

from nachim.demo.events import EVENTS
from nachim.demo.fashion import COMPANY, DAYS
from tests.demo.conftest import START

PAD = 28
# Per metric: the table it is read from and the value of one row; `daily` counts or sums rows by day.
DAILY = {
    "signups": ("customers", "count(*)"),
    "visits": ("sessions", "count(*)"),
    "orders": ("orders", "count(*)"),
    "ad_spend": ("ads", "sum(spend)"),
}
BY_ROW = {
    "first_order_30d": ("joined", "first_order::int"),
    "conversion": ("visited", "ordered::int"),
    "cart_abandonment": ("carts", "1 - ordered"),
    "aov": ("orders", "결제금액"),
    "margin_rate": ("orders_with_cost", "1 - cost / 결제금액"),
    "delivery_days": ("deliveries", "days"),
    "nps": ("nps", "100 * ((score >= 9)::int - (score <= 6)::int)"),
    "reorder_30d": ("reordered", "again::int"),
    "return_rate": ("lines_back", "back::int"),
}
VIEWS = {
    "joined": """select c.*, exists (select 1 from orders o where o.고객ID = c.customer_id
        and o.주문일시 < c.joined_at + interval 30 day) first_order from customers c where nth >= 0""",
    "visited": """select s.*, o.주문번호 is not null ordered from sessions s
        left join orders o on o.세션ID = s.session_id""",
    "orders_with_cost": """select o.*, l.cost from orders o
        join (select order_id, sum(cost * quantity) cost from order_lines group by 1) l on l.order_id = o.주문번호""",
    "nps": "select * from surveys where kind = 'nps'",
    "reordered": """select nth, coalesce(lead(주문일시) over (partition by 고객ID order by 주문일시)
        < 주문일시 + interval 30 day, false) again from orders""",
    # Told by the day of the order: a return shows in its week a little later.
    "lines_back": "select l.*, r.line_id is not null back from order_lines l left join returns r using (line_id)",
}
# For good: the stretch after the event against the one before, as far as both can be told.
STRETCHES = {"loyalty": ((420, 517), (350, 419)), "free_shipping": ((365, 499), (0, 134))}


@dataclass(frozen=True)
class Seen:
    inside: np.ndarray
    around: np.ndarray

    @property
    def change(self) -> float:
        return self.inside.mean() / self.around.mean() - 1

    @property
    def shift(self) -> float:
        return self.inside.mean() - self.around.mean()

    @property
    def error(self) -> float:
        """The standard error of the shift."""
        return np.sqrt(sum(one.var(ddof=1) / len(one) for one in (self.inside, self.around)))

    @property
    def strength(self) -> float:
        """Welch's t."""
        return abs(self.shift) / self.error


@pytest.fixture(scope="module")
def data(shop):
    connection = duckdb.connect()
    for name, table in shop.items():
        time = COMPANY.table(name).time
        connection.register(f"raw_{name}", table)
        connection.execute("set timezone = 'Asia/Seoul'")
        nth = f"datediff('day', date '{START}', {time}::timestamp::date)"
        connection.execute(f"create table {name} as select *, {nth} nth from raw_{name}")  # noqa: S608
    for name, query in VIEWS.items():
        connection.execute(f"create table {name} as {query}")
    yield connection
    connection.close()


def windows(event, shows):
    """The days inside, and those around: half open."""
    if event["id"] in STRETCHES:
        inside, around = STRETCHES[event["id"]]
        return [(inside[0], inside[1] + 1)], [(around[0], around[1] + 1)]
    first = event["first"] + shows.get("after", 0) * (shows["metric"] != "return_rate")
    last, back = first + event["days"], shows.get("after", 0)
    return [(first, last)], [(first - PAD, first - back), (last + back, last + PAD)]


def condition(where):
    """`where` as SQL; a list means any of its values."""
    parts = [
        f"{name} in ({', '.join(repr(one) for one in np.atleast_1d(value).tolist())})" for name, value in where.items()
    ]
    return " and ".join(parts) or "true"


def seen(data, event, shows) -> Seen:
    def values(stretches):
        days = " or ".join(f"nth >= {first} and nth < {last}" for first, last in stretches)
        where = f"({condition(shows['where'])}) and ({days})"
        if shows["metric"] in DAILY:
            table, value = DAILY[shows["metric"]]
            query = f"select ({value})::double from {table} where {where} group by nth"  # noqa: S608
        else:
            table, value = BY_ROW[shows["metric"]]
            query = f"select ({value})::double from {table} where {where}"  # noqa: S608
        return np.array([row[0] for row in data.execute(query).fetchall()])

    inside, around = windows(event, shows)
    return Seen(values(inside), values(around))


def test_the_truths_are_those_the_generator_plants(truths):
    planted = {event.id: asdict(event) for event in EVENTS}
    assert planted.keys() == truths.keys()
    for name, event in planted.items():
        assert {key: truths[name][key] for key in event} == event
        assert set(truths[name]) == {*event, "company", "what", "tables", "cause", "driver", "shows", "answer"}


def test_the_tables_and_columns_of_the_truths_are_there(truths, shop):
    for truth in truths.values():
        for table, columns in truth["tables"].items():
            assert set(columns) <= set(shop[table].schema.names), truth["id"]


CLAIMS = [
    ("member_push", 0), ("member_push", 1), ("bot_traffic", 0), ("bot_traffic", 1), ("bot_traffic", 2),
    ("free_shipping", 0), ("delivery_delay", 0), ("delivery_delay", 1), ("loyalty", 0), ("outer_returns", 0),
    ("checkout_bug", 0),
    ("checkout_bug", 1), ("coupon_campaign", 0), ("coupon_campaign", 1), ("coupon_campaign", 2),
]  # fmt: skip


def test_every_claim_is_tested(truths):
    claims = {(name, at) for name, truth in truths.items() for at in range(len(truth["shows"]))}
    assert claims == {*CLAIMS, ("cart_gap", 0)}


@pytest.mark.parametrize("name, at", CLAIMS)
def test_what_is_planted_is_visible(data, truths, name, at):
    shows = truths[name]["shows"][at]
    found = seen(data, truths[name], shows)
    claimed, measured = (shows["shift"], found.shift) if "shift" in shows else (shows["change"], found.change)
    assert abs(measured - claimed) < 0.35 * abs(claimed), f"{shows['metric']}: {measured:.3f}, claimed {claimed}"
    assert found.strength > 4, f"{shows['metric']}: t = {found.strength:.1f}"


def test_the_lost_days_of_carts_are_lost_and_no_other(data, truths):
    event = truths["cart_gap"]
    gone = set(range(event["first"], event["first"] + event["days"]))
    days = {row[0] for row in data.execute("select distinct nth from carts").fetchall()}
    assert set(range(DAYS)) - days == gone
    for table in ("orders", "sessions"):
        assert gone <= {row[0] for row in data.execute(f"select distinct nth from {table}").fetchall()}  # noqa: S608


def test_an_event_leaves_other_segments_alone(data, truths):
    """The checkout breaks on the mobile web alone, the carrier is late in the south-east alone."""
    for name, at, where in (
        ("checkout_bug", 0, {"channel": "앱"}), ("delivery_delay", 0, {"region": ["서울", "경기·인천"]}),
        ("outer_returns", 0, {"category": ["상의", "하의", "신발", "잡화"]}),
        ("bot_traffic", 1, {"source": ["검색", "직접"]}),
    ):  # fmt: skip
        found = seen(data, truths[name], {**truths[name]["shows"][at], "where": where})
        assert abs(found.change) < 0.12, (name, found.change)


def test_every_event_ends_before_the_demo_does(truths):
    assert all(one["first"] + one["days"] < DAYS for one in truths.values())
