"""모아옷장, a simulated fashion shop: every day is drawn from seeds of its own, so any day can be made again alone.

`visits` and `aftercare` say what happens; here it becomes tables. With `until` a day holds only what has happened by
then: rows keep their keys, a cart turns into an order and an order is cancelled when the moment comes.
"""

from datetime import date, datetime, timedelta

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from nachim.demo import events, shoppers
from nachim.demo.aftercare import CARRIERS, FURTHEST, KINDS, REASONS, aftercare
from nachim.demo.baskets import CATEGORIES, COUPONS
from nachim.demo.company import DAYS, SEED, Company, tables_of
from nachim.demo.events import EVENTS
from nachim.demo.rhythm import GROWTH_A_YEAR, draws
from nachim.demo.shoppers import REGIONS, SOURCES
from nachim.demo.visits import CHANNELS, DEVICES, Rows, visits
from nachim.demo.world import ZONE, second_of

EVENING = 86_340
PAID_SOURCES, CAMPAIGNS = (0, 1, 3), np.array(["검색어 광고", "신상품 릴스", "제휴 블로그"])
CLICK_COST = np.array([600, 500, 400])


def start_of(today: date, days: int = DAYS) -> date:
    return today - timedelta(days=days)


def generate(start: date, today: date, seed: int = SEED) -> dict[str, pa.Table]:
    """Every table from `start` through the day before `today`."""
    parts: dict[str, list[pa.Table]] = {}
    for at in range((today - start).days):
        for name, table in generate_day(start, start + timedelta(days=at), seed).items():
            parts.setdefault(name, []).append(table)
    return {name: pa.concat_tables(tables).combine_chunks() for name, tables in parts.items()}


def generate_day(start: date, day: date, seed: int = SEED, until: datetime | None = None) -> dict[str, pa.Table]:
    """The rows of one day by table; with `until` (wall time in Seoul) only what has happened by then.

    The first day also brings the customers who had joined before it.
    """
    by, made = second_of(day, until), visits(day, start, seed)
    return {
        "customers": _customers(day, start, seed, by),
        "sessions": _sessions(day, made, by),
        "carts": _carts(day, start, made, by),
        "orders": _orders(day, made, by),
        "order_lines": _lines(day, made, by),
        **_aftercare(day, start, seed, by),
        "ads": _ads(day, seed, made, by),
    }


def _when(day: date, seconds: np.ndarray) -> pa.Array:
    moments = np.datetime64(day, "s") + np.asarray(seconds).astype("timedelta64[s]")
    return pc.assume_timezone(pa.array(moments).cast(pa.timestamp("us")), ZONE)


def _ids(prefix: str, numbers: np.ndarray, digits: int = 5) -> pa.Array:
    """Typed, so that a day without rows has the same columns as any other; no one below zero."""
    return pa.array([None if one < 0 else f"{prefix}{one:0{digits}d}" for one in numbers.tolist()], pa.string())


def _names(names: np.ndarray, numbers: np.ndarray) -> pa.Array:
    return pa.array(names).take(pa.array(numbers))


def _customer_ids(customer: np.ndarray) -> pa.Array:
    return _ids("C", customer, 6)


def _session_ids(day: date, session: np.ndarray) -> pa.Array:
    return _ids(f"S{day:%y%m%d}-", session)


def _order_ids(day: date, order: np.ndarray) -> pa.Array:
    return _ids(f"{day:%Y%m%d}-", order + 1)


def _customers(day: date, start: date, seed: int, by: int) -> pa.Table:
    joined = shoppers.signups(day, start, seed)
    happened = np.flatnonzero(joined["seconds"] <= by)
    customer, seconds, source = (joined[name][happened] for name in ("customer", "seconds", "source"))
    if day == start:
        before = shoppers.founders(start, seed)
        customer, seconds = np.concatenate([before["customer"], customer]), np.concatenate([before["seconds"], seconds])
        source = np.concatenate([before["source"], source])
    return pa.table(
        {
            "customer_id": _customer_ids(customer),
            "joined_at": _when(day, seconds),
            "source": _names(SOURCES, source),
            "gender": _names(shoppers.GENDERS, shoppers.gender(customer)),
            "age_group": _names(shoppers.AGES, shoppers.age(customer)),
            "region": _names(REGIONS, shoppers.region(customer)),
        }
    )


def _sessions(day: date, made: dict[str, Rows], by: int) -> pa.Table:
    s = made["sessions"]
    at = np.flatnonzero(s["seconds"] <= by)
    customer = s["customer"][at]
    visitor = [f"C{c}" if c >= 0 else f"K{k}" for c, k in zip(customer.tolist(), s["cookie"][at].tolist(), strict=True)]
    return pa.table(
        {
            "session_id": _session_ids(day, at),
            "visited_at": _when(day, s["seconds"][at]),
            "visitor_id": pa.array(visitor, pa.string()),
            "customer_id": _customer_ids(customer),
            "channel": _names(CHANNELS, s["channel"][at]),
            "device": _names(DEVICES, s["device"][at]),
            "source": _names(SOURCES, s["source"][at]),
            "region": _names(REGIONS, s["region"][at]),
        }
    )


def _carts(day: date, start: date, made: dict[str, Rows], by: int) -> pa.Table:
    c, s = made["carts"], made["sessions"]
    lost = events.CART_GAP.on((day - start).days)
    at = np.flatnonzero((c["seconds"] <= by) & (not lost))
    session = c["session"][at]
    return pa.table(
        {
            "cart_id": _ids(f"B{day:%y%m%d}-", at),
            "created_at": _when(day, c["seconds"][at]),
            "session_id": _session_ids(day, session),
            "customer_id": _customer_ids(s["customer"][session]),
            "channel": _names(CHANNELS, s["channel"][session]),
            "items": c["items"][at],
            "amount": c["amount"][at],
            "ordered": (c["paid"][at] <= by).astype(np.int64),
        }
    )


def _orders(day: date, made: dict[str, Rows], by: int) -> pa.Table:
    s = made["sessions"]
    at = np.flatnonzero(made["orders"]["seconds"] <= by)
    o = {name: column[at] for name, column in made["orders"].items()}
    coupon = pa.array([name or None for name in COUPONS[o["coupon"]].tolist()], pa.string())
    return pa.table(
        {
            "주문번호": _order_ids(day, at),
            "주문일시": _when(day, o["seconds"]),
            "고객ID": _customer_ids(s["customer"][o["session"]]),
            "세션ID": _session_ids(day, o["session"]),
            "결제금액": o["amount"],
            "할인금액": o["discount"],
            "배송비": o["fee"],
            "쿠폰": coupon,
            "채널": _names(CHANNELS, s["channel"][o["session"]]),
            "지역": _names(REGIONS, s["region"][o["session"]]),
            "카테고리": _names(CATEGORIES, o["category"]),
            "주문상태": pa.array(np.where(o["cancelled"] <= by, "취소", "결제완료"), pa.string()),
        }
    )


def _line_ids(day: date, line: np.ndarray) -> pa.Array:
    return _ids(f"L{day:%y%m%d}-", line)


def _products(lines: Rows, at: np.ndarray) -> pa.Array:
    return pa.array(
        [f"P{kind + 1}{one:03d}" for kind, one in zip(lines["category"][at], lines["product"][at], strict=True)],
        pa.string(),
    )


def _lines(day: date, made: dict[str, Rows], by: int) -> pa.Table:
    lines, seconds = made["lines"], made["orders"]["seconds"][made["lines"]["order"]]
    at = np.flatnonzero(seconds <= by)
    return pa.table(
        {
            "line_id": _line_ids(day, at),
            "order_id": _order_ids(day, lines["order"][at]),
            "ordered_at": _when(day, seconds[at]),
            "product_id": _products(lines, at),
            "category": _names(CATEGORIES, lines["category"][at]),
            "quantity": lines["quantity"][at],
            "price": lines["price"][at],
            "cost": lines["cost"][at],
        }
    )


def _aftercare(day: date, start: date, seed: int, by: int) -> dict[str, pa.Table]:
    """What reaches the shop today of the orders of the days before."""
    made: dict[str, list[pa.Table]] = {"deliveries": [], "returns": [], "surveys": []}
    for ago in range(min(FURTHEST, (day - start).days), -1, -1):
        bought = day - timedelta(days=ago)
        before, after = visits(bought, start, seed), aftercare(bought, start, seed)
        for name, build in (("deliveries", _deliveries), ("returns", _returns), ("surveys", _surveys)):
            rows = after[name]
            at = np.flatnonzero((rows["later"] == ago) & (rows["seconds"] <= by))
            # Nothing reaches the shop on the day of the order; that empty table gives a day without rows its columns.
            if len(at) or (ago == 0 and not made[name]):
                made[name].append(build(day, bought, before, rows, at))
    return {name: _in_time(pa.concat_tables(tables)) for name, tables in made.items()}


def _in_time(table: pa.Table) -> pa.Table:
    moment = next(field.name for field in table.schema if pa.types.is_timestamp(field.type))
    return table.take(pc.sort_indices(table, [(moment, "ascending")])).combine_chunks()


def _deliveries(day: date, bought: date, before: dict[str, Rows], d: Rows, at: np.ndarray) -> pa.Table:
    return pa.table(
        {
            "delivery_id": _ids(f"D{bought:%y%m%d}-", d["order"][at]),
            "order_id": _order_ids(bought, d["order"][at]),
            "delivered_at": _when(day, d["seconds"][at]),
            "days": d["later"][at].astype(np.int64),
            "carrier": _names(CARRIERS, d["carrier"][at]),
            "region": _names(REGIONS, d["region"][at]),
        }
    )


def _returns(day: date, bought: date, before: dict[str, Rows], r: Rows, at: np.ndarray) -> pa.Table:
    lines, line = before["lines"], r["line"][at]
    return pa.table(
        {
            "return_id": _ids(f"R{bought:%y%m%d}-", line),
            "line_id": _line_ids(bought, line),
            "order_id": _order_ids(bought, lines["order"][line]),
            "returned_at": _when(day, r["seconds"][at]),
            "category": _names(CATEGORIES, lines["category"][line]),
            "amount": lines["price"][line] * lines["quantity"][line],
            "reason": _names(REASONS, r["reason"][at]),
        }
    )


def _surveys(day: date, bought: date, before: dict[str, Rows], v: Rows, at: np.ndarray) -> pa.Table:
    order, sessions = v["order"][at], before["sessions"]
    return pa.table(
        {
            "survey_id": _ids(f"V{bought:%y%m%d}-", order),
            "order_id": _order_ids(bought, order),
            "customer_id": _customer_ids(sessions["customer"][before["orders"]["session"][order]]),
            "answered_at": _when(day, v["seconds"][at]),
            "kind": _names(KINDS, v["kind"][at]),
            "score": v["score"][at].astype(np.int64),
            "region": _names(REGIONS, v["region"][at]),
        }
    )


def _ads(day: date, seed: int, made: dict[str, Rows], by: int) -> pa.Table:
    """What each paid source cost and brought: told in the evening of its day."""
    random, paid = draws(seed, day, 10), np.array(PAID_SOURCES)
    clicks = np.bincount(made["sessions"]["source"], minlength=len(SOURCES))[paid] + random.integers(0, 12, len(paid))
    spend = (clicks * CLICK_COST * random.normal(1, 0.05, len(paid))).astype(np.int64) // 100 * 100
    shown = (clicks / random.uniform(0.012, 0.022, len(paid))).astype(np.int64)
    table = pa.table(
        {
            "ad_id": pa.array([f"{day:%Y%m%d}-{SOURCES[one]}" for one in paid], pa.string()),
            "day": _when(day, np.full(len(paid), EVENING)),
            "source": _names(SOURCES, paid),
            "campaign": _names(CAMPAIGNS, np.arange(len(paid))),
            "spend": spend,
            "impressions": shown,
            "clicks": clicks,
        }
    )
    return table if by >= EVENING else table.slice(0, 0)


COMPANY = Company(
    "ecommerce",
    {"ko": "모아옷장", "en": "Moa Closet"},
    tables_of("ecommerce"),
    EVENTS,
    growth=GROWTH_A_YEAR,
    plan={
        "revenue": (150_000_000, 1.55), "app_revenue": (90_000_000, 1.6), "orders": (75, 1.4), "visits": (3_600, 1.35),
        "buyers": (1_500, 1.5), "signups": (185, 1.2), "ad_spend": (6_300_000, 1.3),
    },
    pulse="orders",
    generate=generate,
    generate_day=generate_day,
)  # fmt: skip
