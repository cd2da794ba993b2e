"""What is planted in the delivery app, the cloud storage and the cafés can be seen: every claim, beyond chance."""

from dataclasses import asdict
from pathlib import Path

import duckdb
import numpy as np
import pytest
import yaml

from nachim.demo import company as companies
from nachim.demo.company import MODULES, company
from tests.demo.conftest import START
from tests.demo.test_truths import Seen, condition

# Per company: views beside its tables, and per metric the table and the value of one row or (`daily`) of a day.
VIEWS = {
    "startup": {
        "ordered": """select *, lead(ordered_at) over (partition by customer_id order by ordered_at)
            < ordered_at + interval 30 day again from orders""",
        "complained": """select *, exists (select 1 from tickets t where t.order_id = orders.order_id
            and t.kind = '불만') complained from orders""",
    },
    "saas": {
        "joined": """select *, exists (select 1 from onboarding o where o.customer_id = s.customer_id
            and o.step = '폴더 동기화') synced from signups s""",
        "dues": """select d.customer_id, d.plan, d.nth, d.gone, j.nth joined, j.synced from (
            select customer_id, plan, nth, false gone, subscription_id from payments
            union all select customer_id, plan, nth, true, subscription_id from cancellations) d
            join joined j using (customer_id) join subscriptions s using (subscription_id) where d.nth > s.nth""",
    },
    "store": {
        "visited": """select *, customer_id is not null member, coalesce(lead(ordered_at) over
            (partition by card_id order by ordered_at) < ordered_at + interval 30 day, false) again from orders""",
    },
}
DAILY = {
    "startup": {"signups": ("signups", "count(*)"), "orders": ("orders", "count(*)")},
    "saas": {"tickets": ("tickets", "count(*)")},
    "store": {"member_signups": ("signups", "count(*)")},
}
BY_ROW = {
    "startup": {
        "second_order_30d": ("(select * from ordered where nth_order = 1)", "coalesce(again, false)::int"),
        "reorder_30d": ("ordered", "coalesce(again, false)::int"),
        "delivery_minutes": ("deliveries", "minutes"),
        "complaint_rate": ("complained", "complained::int"),
        "csat": ("surveys", "score"),
        "coupon_use": ("orders", "(coupon is not null)::int"),
        "earned_per_order": ("orders", "commission + delivery_fee - discount"),
    },
    "saas": {
        "onboarding_rate": ("joined", "synced::int"),
        "churn": ("dues", "gone::int"),
        "arpu": ("payments", "amount"),
        "response_minutes": ("replies", "minutes"),
    },
    "store": {
        "revisit_30d": ("visited", "again::int"),
        "awareness": ("(select * from surveys where kind = '멤버십을 안다')", "score"),
        "member_share": ("visited", "member::int"),
        "aov": ("orders", "amount"),
        "waiting_time": ("orders", "wait_minutes"),
        "csat": ("(select * from surveys where kind = 'csat')", "score"),
        "complaints": ("(select o.*, t.ticket_id from orders o left join tickets t using (order_id))",
                       "(ticket_id is not null)::int"),
    },
}  # fmt: skip
# The last days, whose follow-up is not over, are left out.
OVER = 517
# For good: the days after it against the days before, both half open.
STRETCHES = {
    "invite_push": ((270, 330), (225, 270)), "guide_dropped": ((300, OVER), (180, 300)),
    "staff_explains": ((310, OVER), (180, 310)), "cake_set": ((365, OVER), (250, 365)),
    "members_return": ((0, OVER), (0, OVER)),
}  # fmt: skip
# Where a claim is against other rows than those of other days: which rows, and which days of both.
AGAINST = {
    ("guide_dropped", 1): ("plan = '팀' and not synced and joined >= 300", "plan = '팀' and synced and joined >= 300"),
    ("members_return", 0): ("member", "not member"),
}
OTHERS = [name for name in MODULES if name != "ecommerce"]
TRUTHS = yaml.safe_load((Path(companies.__file__).parent / "truths.yaml").read_text("utf-8"))
CLAIMS = [
    (one["company"], one["id"], at) for one in TRUTHS if one["company"] in OTHERS for at in range(len(one["shows"]))
]  # fmt: skip


@pytest.fixture(scope="module")
def data(made):
    """A connection for each company, its tables with `nth`, the day after the start."""
    opened = {}
    for name, tables in made.items():
        connection = opened[name] = duckdb.connect()
        connection.execute("set timezone = 'Asia/Seoul'")
        for table, rows in tables.items():
            time = company(name).table(table).time
            connection.register(f"raw_{table}", rows)
            columns = "* rename (nth as nth_order)" if "nth" in rows.schema.names else "*"
            day = f"datediff('day', date '{START}', {time}::timestamp::date)"
            connection.execute(f"create table {table} as select {columns}, {day} nth from raw_{table}")  # noqa: S608
        for view, query in VIEWS[name].items():
            connection.execute(f"create table {view} as {query}")
    yield opened
    for connection in opened.values():
        connection.close()


def stretches(truth, shows):
    if truth["id"] == "price_rise":
        return ([(395, 455)], [(335, 395), (455, 515)]) if shows["metric"] == "churn" else ([(395, 455)], [(335, 395)])
    if truth["id"] in STRETCHES:
        (first, last), around = STRETCHES[truth["id"]]
        return [(first + shows.get("after", 0), last)], [around]
    first, last = truth["first"], truth["first"] + truth["days"]
    return [(first, last)], [(first - 35, first), (last + 3, min(last + 38, OVER))]


def values(connection, name, metric, where, days):
    inside = " or ".join(f"nth >= {first} and nth < {last}" for first, last in days)
    daily = metric in DAILY[name]
    table, value = (DAILY if daily else BY_ROW)[name][metric]
    query = f"select ({value})::double from {table} where ({where}) and ({inside})"  # noqa: S608
    return np.array([row[0] for row in connection.execute(query + (" group by nth" if daily else "")).fetchall()])


def test_the_truths_are_those_the_generators_plant():
    planted = {(name, event.id): asdict(event) for name in MODULES for event in company(name).truths}
    assert planted.keys() == {(one["company"], one["id"]) for one in TRUTHS}
    for one in TRUTHS:
        event = planted[one["company"], one["id"]]
        assert {key: one[key] for key in event} == pytest.approx(event)
        assert set(one) == {*event, "company", "what", "tables", "cause", "driver", "shows", "answer"}


def test_the_tables_and_columns_of_the_truths_are_there(made):
    for one in TRUTHS:
        if one["company"] in made:
            for table, columns in one["tables"].items():
                assert set(columns) <= set(made[one["company"]][table].schema.names), one["id"]


@pytest.mark.parametrize("name, event, at", CLAIMS)
def test_what_is_planted_is_visible(data, name, event, at):
    truth = next(one for one in TRUTHS if one["id"] == event)
    shows = truth["shows"][at]
    here, there = AGAINST.get((event, at), (condition(shows["where"]),) * 2)
    inside, around = stretches(truth, shows)
    if (event, at) in AGAINST:
        around = inside
    if "level" in shows:
        found = values(data[name], name, shows["metric"], here, inside)
        assert abs(found.mean() - shows["level"]) < 0.2 * shows["level"], found.mean()
        return
    found = Seen(values(data[name], name, shows["metric"], here, inside),
                 values(data[name], name, shows["metric"], there, around))  # fmt: skip
    claimed, measured = (shows["shift"], found.shift) if "shift" in shows else (shows["change"], found.change)
    error = found.error if "shift" in shows else found.error / found.around.mean()
    assert abs(measured - claimed) < 0.25 * abs(claimed) + 2 * error, f"{measured:.3f}, claimed {claimed}"
    assert abs(found.shift) > 4 * found.error, f"{measured:.3f} ± {error:.3f}"


@pytest.mark.parametrize(
    "name, event, at, where",
    [
        ("startup", "rider_shortage", 0, "area <> '인천 송도'"),
        ("startup", "rider_shortage", 1, "area <> '인천 송도'"),
        ("startup", "invite_push", 1, "channel <> '친구 초대'"), ("saas", "guide_dropped", 0, "plan <> '팀'"),
        ("store", "staff_explains", 0, "store <> '연남점'"), ("store", "barista_gone", 0, "store <> '강남역점'"),
    ],
)  # fmt: skip
def test_an_event_leaves_other_segments_alone(data, name, event, at, where):
    truth = next(one for one in TRUTHS if one["id"] == event)
    shows = truth["shows"][at]
    inside, around = stretches(truth, shows)
    found = [values(data[name], name, shows["metric"], where, days).mean() for days in (inside, around)]
    planted = abs(shows.get("change", 0)) or abs(shows["shift"]) / found[1]
    assert abs(found[0] / found[1] - 1) < 0.3 * planted, found


def test_every_event_that_ends_does_so_before_the_demo_does():
    assert all(one["first"] + one["days"] < companies.DAYS - 20 for one in TRUTHS)
