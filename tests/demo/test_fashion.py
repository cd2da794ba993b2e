"""The simulated shop's rows: the same every time, day by day as in one piece, and every reference met."""

from datetime import date, datetime, time, timedelta

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from nachim.demo.fashion import COMPANY, generate, generate_day, start_of
from tests.demo.conftest import START, TODAY

SIZES = {
    "sessions": (270_000, 340_000),
    "orders": (36_000, 48_000),
    "order_lines": (50_000, 80_000),
    "customers": (24_000, 33_000),
}


def of_day(shop, name, day):
    moments = pc.local_timestamp(shop[name][COMPANY.table(name).time])
    return shop[name].filter(pc.equal(moments.cast(pa.date32()), pa.scalar(day)))


def key(table, name):
    return table[COMPANY.table(name).key].to_pylist()


def test_the_shop_has_the_size_it_should(shop):
    for name, (least, most) in SIZES.items():
        assert least < shop[name].num_rows < most, name
    assert sum(table.nbytes for table in shop.values()) < 200_000_000


@pytest.mark.parametrize("today", [date(2025, 6, 30), date(2027, 3, 1)])
def test_the_size_holds_at_another_today(today):
    made = generate(today - timedelta(days=90), today)
    assert 30_000 < made["sessions"].num_rows < 80_000 and 4_000 < made["orders"].num_rows < 11_000


def test_the_last_day_is_yesterday(shop):
    for name in ("sessions", "orders", "ads", "deliveries"):
        last = max(shop[name][COMPANY.table(name).time].to_pylist())
        assert last.date() == TODAY - timedelta(days=1)


def test_the_same_seed_makes_the_same_shop_and_another_one_another():
    start, today = date(2026, 1, 5), date(2026, 1, 20)
    one, again, other = generate(start, today), generate(start, today), generate(start, today, seed=8)
    assert all(one[name].equals(again[name]) for name in one)
    assert not one["orders"].equals(other["orders"])


@pytest.mark.parametrize("at", [0, 1, 9, 207, 251, 305, 366, 410, 475, 510, 547])
def test_a_day_alone_is_that_day_of_the_whole(shop, at):
    from nachim.demo import aftercare, shoppers, visits

    for cached in (visits._first_hand, visits.visits, aftercare.aftercare, shoppers.signups, shoppers._known_through):
        cached.cache_clear()
    day = START + timedelta(days=at)
    for name, table in generate_day(START, day).items():
        whole = of_day(shop, name, day)
        if name == "customers" and at == 0:
            table = table.slice(table.num_rows - whole.num_rows)
        assert whole.equals(table.combine_chunks()) or whole.to_pylist() == table.to_pylist(), name


def test_a_later_today_changes_no_earlier_day(shop):
    shorter = generate(START, START + timedelta(days=40))
    for name, table in shorter.items():
        assert shop[name].slice(0, table.num_rows).equals(table), name


def test_a_day_grows_by_the_minute_and_keeps_its_keys():
    day = START + timedelta(days=330)
    whole, before = generate_day(START, day), None
    for hour in (0, 6, 12, 18, 23):
        until = datetime.combine(day, time(hour, 30))
        now = generate_day(START, day, until=until)
        for name, table in now.items():
            moments = pc.local_timestamp(table[COMPANY.table(name).time]).to_pylist()
            assert all(moment <= until for moment in moments), name
            assert set(key(table, name)) <= set(key(whole[name], name)), name
            assert table.schema == whole[name].schema, name
            if before is not None:
                assert set(key(before[name], name)) <= set(key(table, name)), name
        assert now["sessions"].num_rows >= now["orders"].num_rows
        before = now
    assert before["ads"].num_rows == 0 and whole["ads"].num_rows == 3
    end = generate_day(START, day, until=datetime.combine(day + timedelta(days=1), time(0)))
    assert all(end[name].equals(whole[name]) for name in whole)
    early = generate_day(START, day, until=datetime.combine(day - timedelta(days=1), time(12)))
    assert all(table.num_rows == 0 for table in early.values())


def test_a_row_that_has_come_changes_only_its_state():
    """A cart turns into an order, an order is cancelled; all else stays."""
    day = START + timedelta(days=330)
    noon, whole = generate_day(START, day, until=datetime.combine(day, time(12))), generate_day(START, day)
    moving = {"carts": "ordered", "orders": "주문상태"}
    for name, table in noon.items():
        later = dict(zip(key(whole[name], name), whole[name].to_pylist(), strict=True))
        for row in table.to_pylist():
            changed = {column for column, value in later[row[COMPANY.table(name).key]].items() if value != row[column]}
            assert changed <= {moving.get(name)}, name
    assert {row["ordered"] for row in noon["carts"].to_pylist()} == {0, 1}


def test_an_order_that_counts_as_a_cart_already_has_its_row():
    """At any moment the carts that turned into orders are the orders."""
    day = START + timedelta(days=330)
    for hour in (9, 13, 21):
        now = generate_day(START, day, until=datetime.combine(day, time(hour, 7)))
        turned = [row["session_id"] for row in now["carts"].to_pylist() if row["ordered"]]
        assert sorted(turned) == sorted(now["orders"]["세션ID"].to_pylist())


def test_the_days_tell_nothing_with_a_zone_of_their_own():
    from zoneinfo import ZoneInfo

    day = START + timedelta(days=100)
    wall = datetime.combine(day, time(15))
    aware = wall.replace(tzinfo=ZoneInfo("Asia/Seoul")).astimezone(ZoneInfo("UTC"))
    one, two = generate_day(START, day, until=wall), generate_day(START, day, until=aware)
    assert all(one[name].equals(two[name]) for name in one)


def test_keys_are_unique_and_complete(shop):
    for name, table in shop.items():
        keys = table[COMPANY.table(name).key]
        assert keys.null_count == 0 and len(pc.unique(keys)) == table.num_rows, name


@pytest.mark.parametrize(
    "table, column, to",
    [
        ("orders", "고객ID", "customers"),
        ("orders", "세션ID", "sessions"),
        ("carts", "session_id", "sessions"),
        ("carts", "customer_id", "customers"),
        ("sessions", "customer_id", "customers"),
        ("order_lines", "order_id", "orders"),
        ("deliveries", "order_id", "orders"),
        ("returns", "order_id", "orders"),
        ("returns", "line_id", "order_lines"),
        ("surveys", "order_id", "orders"),
        ("surveys", "customer_id", "customers"),
    ],
)
def test_every_reference_is_met(shop, table, column, to):
    known = shop[to][COMPANY.table(to).key].combine_chunks()
    found = pc.is_in(shop[table][column].drop_null(), value_set=known)
    assert pc.all(found).as_py()


def moments(shop, table, column, to, on):
    """When the row a row refers to happened."""
    at = dict(zip(key(shop[to], to), shop[to][on].cast(pa.int64()).to_pylist(), strict=True))
    return np.array([at[one] for one in shop[table][column].to_pylist()])


@pytest.mark.parametrize(
    "table, column, to",
    [
        ("orders", "고객ID", "customers"),
        ("orders", "세션ID", "sessions"),
        ("carts", "session_id", "sessions"),
        ("deliveries", "order_id", "orders"),
        ("returns", "line_id", "order_lines"),
        ("surveys", "order_id", "orders"),
    ],
)
def test_nothing_happens_before_what_it_follows(shop, table, column, to):
    then = moments(shop, table, column, to, COMPANY.table(to).time)
    now = np.array(shop[table][COMPANY.table(table).time].cast(pa.int64()).to_pylist())
    assert (now > then).all()


def test_returns_and_surveys_follow_the_delivery(shop):
    delivered = dict(
        zip(shop["deliveries"]["order_id"].to_pylist(), shop["deliveries"]["delivered_at"].to_pylist(), strict=True)
    )
    for name in ("returns", "surveys"):
        for order, at in zip(
            shop[name]["order_id"].to_pylist(), shop[name][COMPANY.table(name).time].to_pylist(), strict=True
        ):
            assert delivered[order] < at


def test_cancelled_orders_are_never_delivered(shop):
    orders = shop["orders"].filter(pc.equal(shop["orders"]["주문상태"], "취소"))
    assert orders.num_rows > 1_000
    assert not pc.any(pc.is_in(shop["deliveries"]["order_id"], value_set=orders["주문번호"].combine_chunks())).as_py()


def test_the_sums_of_an_order_are_those_of_its_lines(shop):
    lines, orders = shop["order_lines"], shop["orders"]
    goods = (
        lines.append_column("goods", pc.multiply(lines["price"], lines["quantity"]))
        .group_by("order_id")
        .aggregate([("goods", "sum")])
    )
    by_order = dict(zip(goods["order_id"].to_pylist(), goods["goods_sum"].to_pylist(), strict=True))
    for row in orders.select(["주문번호", "결제금액", "할인금액", "배송비", "쿠폰"]).to_pylist():
        assert row["결제금액"] == by_order[row["주문번호"]] - row["할인금액"] + row["배송비"]
        assert (row["할인금액"] > 0) == (row["쿠폰"] is not None)
    for column in ("결제금액", "할인금액", "배송비"):
        assert not (orders[column].to_numpy() % 100).any() and pc.min(orders[column]).as_py() >= 0
    assert not (lines["price"].to_numpy() % 100).any() and not (lines["cost"].to_numpy() % 100).any()


def test_the_channel_and_region_of_an_order_are_those_of_its_session(shop):
    sessions = dict(
        zip(
            shop["sessions"]["session_id"].to_pylist(),
            shop["sessions"].select(["customer_id", "channel", "region"]).to_pylist(),
            strict=True,
        )
    )
    for row in shop["orders"].slice(0, 8_000).to_pylist():
        assert sessions[row["세션ID"]] == {"customer_id": row["고객ID"], "channel": row["채널"], "region": row["지역"]}


def test_people_differ_in_how_often_they_buy(shop):
    counts = np.array(pc.value_counts(shop["orders"]["고객ID"]).field("counts"))
    assert (counts == 1).mean() > 0.3 and (counts >= 5).mean() > 0.1 and counts.max() < 60


def test_the_week_the_holidays_and_the_hours_have_their_rhythm(shop):
    days = pc.value_counts(pc.local_timestamp(shop["sessions"]["visited_at"]).cast(pa.date32()))
    visits = {day.as_py(): n.as_py() for day, n in zip(days.field("values"), days.field("counts"), strict=True)}
    chuseok, seollal = date(2025, 10, 6), date(2026, 2, 17)
    for day in (chuseok, seollal):
        around = np.mean([visits[day + timedelta(days=d)] for d in (-14, -7, 14, 21)])
        assert visits[day] < 0.75 * around
    rush = np.mean([visits[chuseok - timedelta(days=d)] for d in range(6, 11)])
    assert rush > 1.5 * visits[chuseok]
    sale = np.mean([visits[date(2025, 11, d)] for d in range(20, 28)])
    assert sale > 1.15 * np.mean([visits[date(2025, 11, d)] for d in range(5, 19)])
    hours = np.bincount(pc.hour(pc.local_timestamp(shop["sessions"]["visited_at"])).to_numpy(), minlength=24)
    assert hours[21] > 8 * hours[4]
    usual = [(day, n) for day, n in visits.items() if day < date(2025, 9, 1)]
    assert np.mean([n for day, n in usual if day.weekday() == 6]) > np.mean(
        [n for day, n in usual if day.weekday() == 4]
    )


def test_scores_lean_to_the_ends(shop):
    """Those in between answer less: of the ends there are more than their share."""
    kinds = np.array(shop["surveys"]["kind"].to_pylist())
    score = shop["surveys"]["score"].to_numpy()
    nps, csat = score[kinds == "nps"], score[kinds == "csat"]
    assert nps.min() >= 0 and nps.max() == 10 and csat.min() >= 1 and csat.max() == 5
    assert 20 < 100 * ((nps >= 9).mean() - (nps <= 6).mean()) < 65
    assert (nps == 10).mean() > 0.15


def test_start_of_is_eighteen_months_before():
    assert start_of(date(2026, 11, 24)) == START
