"""A small company with everything that engines disagree about, the same in each of them."""

import random
from datetime import UTC, datetime, timedelta

import pyarrow as pa

from tests.catalog import company as standard
from tests.metrics.company import Tables, at

TIME = pa.timestamp("us", "UTC")
CHANNELS = ("app", "web", "매장", "App", "école", "a_b", "a%b", "a\\b", None)
# Midnight in Seoul and just before it, Sundays, the hours New York skips and repeats, a leap day.
# The year's ends, 1969.
MOMENTS = (
    "2026-01-03T15:00:00", "2026-01-03T14:59:59.999999", "2026-01-04T03:00:00", "2026-01-10T18:30:00",
    "2025-12-31T14:59:59", "2025-12-31T15:00:00", "2026-03-08T06:59:59", "2026-03-08T07:00:00", "2026-03-08T09:30:00",
    "2025-11-02T05:30:00", "2025-11-02T06:30:00", "2025-11-02T09:59:00", "2024-02-28T15:00:00", "2024-02-29T14:59:59",
    "1969-12-31T14:59:59", "1969-07-20T20:17:40",
)  # fmt: skip
# A month later New York's clocks show the hour for the second time, or skip it: who came back within that month.
CLOCKS = {
    "inside the second": ("2025-10-02T05:30:00", "2025-11-02T06:29:59"),
    "at its end": ("2025-10-02T05:30:00", "2025-11-02T06:30:00"),
    "inside the gap": ("2026-02-08T07:30:00", "2026-03-08T07:29:59"),
    "at the end of the gap": ("2026-02-08T07:30:00", "2026-03-08T07:30:00"),
    "after the gap": ("2026-02-08T08:30:00", "2026-03-08T07:29:59"),
    "from a longer month": ("2026-01-31T15:00:00", "2026-02-28T14:59:59"),
    "at the shorter month's end": ("2026-01-31T15:00:00", "2026-02-28T15:00:00"),
}
AMOUNTS = (
    0.1,
    0.2,
    0.3,
    4.35,
    1.005,
    -2.5,
    0.0000005,
    0.0000025,
    1234567.891234,
    9007199254.5,
    1e-9,
    0.0,
    54200.0,
    54300.0,
)


def tables() -> dict[str, pa.Table]:
    chance = random.Random(20261124)  # noqa: S311
    moments = [at(text) for text in MOMENTS]
    moments += [at("2025-10-01") + timedelta(minutes=chance.randrange(200 * 24 * 60)) for _ in range(300)]
    orders = []
    for number, moment in enumerate(moments):
        amount = chance.choice([*AMOUNTS, None, round(chance.uniform(1000, 90000), 2)])
        orders.append({
            "order_id": number, "ordered_at": None if number % 97 == 96 else moment,
            "customer_id": chance.choice([None, *(f"c{one}" for one in range(20))]), "채널": chance.choice(CHANNELS),
            "결제 금액(원)": amount, "quantity": chance.choice([None, 0, 1, 2, 3, -7, 2**40]),
            "paid": chance.choice([True, True, False, None]), "store_id": chance.choice(["s1", "s2", "s9", None]),
        })  # fmt: skip
    orders += [dict(row) for row in orders[5:9]]  # the same rows again
    orders += [
        {"order_id": 9000 + number, "ordered_at": at(moment), "customer_id": who, "채널": "app",
         "결제 금액(원)": 1000.0, "quantity": 1, "paid": True, "store_id": None}
        for number, (who, moment) in enumerate((who, moment) for who, pair in CLOCKS.items() for moment in pair)
    ]  # fmt: skip
    visits = [
        {"visit_id": number, "visited_at": at("2025-12-20") + timedelta(hours=7 * number),
            "customer_id": f"c{number % 23}",
         "채널": chance.choice(["app", "web", "tv"])}
        for number in range(120)
    ]  # fmt: skip
    return {
        "orders": pa.Table.from_pylist(orders, pa.schema([
            ("order_id", pa.int64()), ("ordered_at", TIME), ("customer_id", pa.string()), ("채널", pa.string()),
            ("결제 금액(원)", pa.float64()), ("quantity", pa.int64()), ("paid", pa.bool_()), ("store_id", pa.string()),
        ])),
        "visits": pa.Table.from_pylist(visits, pa.schema([
            ("visit_id", pa.int64()), ("visited_at", TIME), ("customer_id", pa.string()), ("채널", pa.string()),
        ])),
        "stores": pa.table({"store_id": ["s1", "s2", "s3"], "city": ["서울", None, "부산"],
            "region_id": ["r1", "r1", "r2"]}),
        "regions": pa.table({"region_id": ["r1"], "name": ["수도권"]}),
        "empty": pa.table({"id": pa.array([], pa.int64()), "when": pa.array([], TIME),
            "amount": pa.array([], pa.float64())}),
        "single": pa.table({"id": pa.array([1], pa.int64()), "when": pa.array([at("2026-01-04T14:59:59")], TIME),
                            "amount": pa.array([0.1])}),
        "주문 표": pa.table({"번호": pa.array([1, 2, 3], pa.int64()),
                          "일시": pa.array([at("2026-01-03T15:00:00"), at("2026-01-04"), None], TIME),
                          "금액 \"원\"": pa.array([10.5, None, 3.0]), "고객.ID": ["가", "가", "나"]}),
    }  # fmt: skip


# The catalogue's tables stand beside them, under names of their own.
KPIS = "kpi_"


def kpi_tables() -> dict[str, pa.Table]:
    return {KPIS + name: standard.arrow(frame) for name, frame in standard.frames().items()}


def model(calendar: dict | None = None, connection: str = "") -> dict:
    """The definitions, over tables of the lake or of a connection."""
    sources = {
        "orders": {"table": "orders", "key": "order_id", "time": "ordered_at", "entities": {"customer": "customer_id"},
                   "dims": ["채널", "stores.city", "regions.name", "paid", "quantity", "결제 금액(원)"],
                   "joins": {"stores": "store_id"}},
        "visits": {"table": "visits", "key": "visit_id", "time": "visited_at", "entities": {"customer": "customer_id"},
                   "dims": ["채널"]},
        "stores": {"table": "stores", "key": "store_id", "joins": {"regions": "region_id"}},
        "regions": {"table": "regions", "key": "region_id"},
        "empty": {"table": "empty", "key": "id", "time": "when"},
        "single": {"table": "single", "key": "id", "time": "when"},
        "주문": {"table": "주문 표", "key": "번호", "time": "일시", "entities": {"고객": "고객.ID"}},
    }  # fmt: skip
    for source in sources.values():
        if connection:
            source["connection"] = connection
        else:
            source["lake"] = source.pop("table")
    return {"calendar": calendar or {}, "sources": sources, "rows": ROWS, "metrics": METRICS | MADE | FRAMES}


METRICS = {
    "orders": {"agg": "count(orders)"},
    "revenue": {"agg": 'sum(orders."결제 금액(원)")'},
    "paid_revenue": {"agg": 'sum(orders."결제 금액(원)")', "where": "paid"},
    "average": {"agg": 'avg(orders."결제 금액(원)")'},
    "units": {"agg": "sum(orders.quantity)"},
    "biggest": {"agg": 'max(orders."결제 금액(원)")'},
    "smallest": {"agg": 'min(orders."결제 금액(원)")', "where": "quantity > 0"},
    "middle": {"agg": 'median(orders."결제 금액(원)")'},
    "middle_paid": {"agg": 'median(orders."결제 금액(원)")', "where": "not paid"},
    "buyers": {"agg": "count_distinct(orders.customer)"},
    "app_buyers": {"agg": "count_distinct(orders.customer)", "where": "채널 in ('app', 'App')"},
    "paid_share": {"agg": "avg(orders.paid)"},
    "never": {"agg": 'sum(orders."결제 금액(원)")', "where": "채널 = 'nowhere'"},
    "never_middle": {"agg": 'median(orders."결제 금액(원)")', "where": "채널 = 'nowhere'"},
    "never_count": {"agg": "count(orders)", "where": "채널 = 'nowhere'"},
    "aov": {"calc": "revenue / orders"},
    "zero": {"calc": "orders / never_count"},
    "visits": {"agg": "count(visits)"},
    "conversion": {"calc": "orders / visits"},
    "nothing": {"agg": "sum(empty.amount)"},
    "nothing_counted": {"agg": "count(empty)"},
    "one": {"agg": "sum(single.amount)"},
    "하나": {"agg": 'sum(주문."금액 \\"원\\"")'.replace('\\"', '""')},
    "고객": {"agg": 'count_distinct(주문.고객)'},
    "math": {"agg": 'sum(orders.quantity * 2 - 1 + orders."결제 금액(원)" / orders.quantity)',
             "where": "quantity % 3 <> 1 and abs(quantity) < 100"},
    "ratio": {"agg": 'sum(orders."결제 금액(원)" / orders.quantity)'},
    "rest": {"agg": 'count(orders)', "where": '"결제 금액(원)" % 7 > 3'},
    "cases": {"agg": "sum(case when orders.paid then orders.quantity when orders.채널 is null then 1 else 0 end)"},
    "shop": {"agg": "count(orders)", "where": "regions.name = '수도권'"},
    "not_shop": {"agg": "count(orders)", "where": "coalesce(stores.city, '없음') <> '서울'"},
    "like": {"agg": "count(orders)", "where": "채널 like 'a%'"},
    "backslash": {"agg": "count(orders)", "where": "채널 like 'a\\%'"},
    "one_letter": {"agg": "count(orders)", "where": "채널 like 'a\\b'"},
    "ilike": {"agg": "count(orders)", "where": "채널 ilike 'É%'"},
    "upper": {"agg": "count(orders)", "where": "upper(채널) = 'ÉCOLE' or lower(채널) = 'app'"},
    "sorted": {"agg": "count(orders)", "where": "채널 > 'a' and 채널 < 'b'"},
    "between": {"agg": "count(orders)", "where": "채널 between 'A' and 'a_b'"},
    "is_true": {"agg": "count(orders)", "where": "(채널 = 'app') is true"},
    "is_false": {"agg": "count(orders)", "where": "(채널 = 'app') is false"},
    "since": {"agg": "count(orders)", "where": "ordered_at >= '2026-01-04' and ordered_at < '2026-02-01 09:30'"},
    "quotes": {"agg": "count(orders)", "where": "채널 <> 'it''s; -- \\ \"x\"'"},
}  # fmt: skip


ROWS = {
    "to_order": {"sequence": {"by": "customer", "start": "visits", "end": "orders", "within": "7 days"}},
    "again": {"sequence": {"by": "customer", "start": "orders", "end": "orders", "within": "1 month", "pick": "next"}},
    "steps": {"sequence": {"by": "customer", "within": "30 days", "steps": [
        {"from": "visits", "where": "채널 <> 'tv'"}, {"from": "orders", "where": "paid"},
        {"from": "orders", "where": "quantity > 0"}]}},
    "by_week": {"cohort": {"by": "customer", "born": {"from": "orders", "where": "ordered_at >= '2025-10-01'"},
                           "activity": "orders", "period": "week", "value": "quantity"}},
    "by_month": {"cohort": {"by": "customer", "born": "first(orders)", "activity": "visits"}},
}  # fmt: skip
MADE = {
    "ordered": {"agg": "avg(to_order.converted)"},
    "wait": {"agg": "avg(to_order.lag)", "unit": "minutes"},
    "middle_wait": {"agg": "median(to_order.lag)", "unit": "hours"},
    "ordered_late": {"agg": "count(to_order)", "where": "converted and lag > 48 and end_at >= '2026-01-01'"},
    "returned": {"agg": "avg(again.converted)"},
    "longest": {"agg": "max(again.lag)", "unit": "days"},
    "step_two": {"agg": "avg(steps.reached >= 2)"},
    "step_three": {"agg": "avg(steps.converted)"},
    "kept": {"agg": "avg(by_week.active)", "where": "k < 9"},
    "kept_units": {"agg": "sum(by_week.value)", "where": "k < 9"},
    "came_back": {"agg": "avg(by_month.active)", "where": "k = 1"},
    "lifetime": {"agg": "avg(sum(by_week.value))", "per": "customer"},
    "each_sum": {"agg": 'avg(sum(orders."결제 금액(원)"))', "per": "customer"},
    "each_least": {"agg": 'sum(min(orders."결제 금액(원)"))', "per": "customer"},
    "each_most": {"agg": "max(max(orders.quantity))", "per": "customer", "where": "quantity < 9"},
    "each_twice": {"agg": "avg(count(orders) >= 2)", "per": "customer"},
    "each_middle": {"agg": "median(count_distinct(orders.채널))", "per": "customer"},
    "each_mean": {"agg": 'avg(avg(orders."결제 금액(원)"))', "per": "customer"},
    "last_units": {"agg": "sum(orders.quantity)", "over_time": "last"},
    "mean_units": {"agg": "sum(orders.quantity)", "over_time": "avg"},
    "first_amount": {"agg": 'avg(orders."결제 금액(원)")', "over_time": "first"},
}  # fmt: skip
FRAMES = {
    "buyers_28": {"at": "buyers", "window": "28 days"},
    "app_buyers_28": {"at": "app_buyers", "window": "28 days"},
    "buyers_2m": {"at": "buyers", "window": "2 months"},
    "buyers_daily": {"at": "buyers", "window": "1 day", "eval": "avg"},
    "buyers_most": {"at": "buyers", "window": "7 days", "eval": "max"},
    "middle_28": {"at": "middle", "window": "28 days"},
    "revenue_28": {"at": "revenue", "window": "28 days"},
    "biggest_2m": {"at": "biggest", "window": "2 months"},
    "year_to_date": {"at": "units", "to_date": "year"},
    "last_month": {"at": "revenue", "shift": "-1 month"},
    "last_year": {"at": "orders", "shift": "-1 year align weekday"},
    "ordered_28": {"at": "ordered", "window": "28 days"},
    "each_sum_28": {"at": "each_sum", "window": "28 days"},
    "share": {"calc": "orders / whole", "with": {"whole": {"at": "orders", "all": ["채널"]}}},
}


def duck() -> Tables:
    """DuckDB over the same rows: the answers all others are compared with."""
    return Tables(**tables())


NOW = datetime(2027, 1, 1, tzinfo=UTC)
