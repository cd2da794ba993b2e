"""모아옷장, a simulated fashion shop: every day is drawn from its own seed, so any day can be made again alone.

Orders come from sessions, lines from orders, returns a week after their order and surveys ten days after.
"""

from datetime import date, datetime, timedelta
from functools import lru_cache

import holidays
import numpy as np
import pyarrow as pa

from nachim.demo import events

SEED = 7
BASE_CUSTOMERS = 8_000
VISITS_A_DAY = 560
CHANNELS = np.array(["앱", "모바일웹", "PC"])
SOURCES = np.array(["검색", "SNS광고", "직접", "제휴", "이메일"])
REGIONS = np.array(["서울", "경기·인천", "부산·경남", "대구·경북", "광주·전라", "대전·충청", "강원·제주"])
CATEGORIES = np.array(["상의", "하의", "아우터", "신발", "잡화"])
REASONS = np.array(["사이즈", "품질", "설명과 다름", "단순 변심"])
CHANNEL_SHARE, CHANNEL_CONVERSION = [0.52, 0.32, 0.16], np.array([0.17, 0.105, 0.085])
SOURCE_SHARE, SOURCE_CONVERSION = [0.31, 0.24, 0.27, 0.11, 0.07], np.array([1.1, 0.72, 1.2, 0.9, 1.15])
REGION_SHARE = [0.27, 0.29, 0.15, 0.09, 0.08, 0.08, 0.04]
PRICE = np.array([32_000, 44_000, 98_000, 76_000, 24_000])
RETURN = np.array([0.075, 0.095, 0.115, 0.10, 0.035])
HOURS = np.array([9, 5, 3, 2, 2, 3, 6, 11, 17, 21, 24, 27, 30, 27, 25, 25, 26, 28, 31, 35, 42, 48, 41, 22], float)
WEEKDAYS = (1.05, 0.98, 0.96, 0.97, 0.95, 0.98, 1.11)
SEASON = (1.02, 0.93, 1.0, 1.05, 1.04, 0.95, 0.9, 0.92, 1.03, 1.1, 1.18, 1.12)
RETURN_AFTER, SURVEY_AFTER = 7, 10
ZONE = "Asia/Seoul"
_calendar = holidays.country_holidays("KR", language="ko")


def rng(seed: int, day: date, stream: int) -> np.random.Generator:
    return np.random.default_rng([seed, day.toordinal(), stream])


def rhythm(day: date, start: date) -> float:
    """How busy a day is: growth, season, weekday, payday, holidays with the rush before them."""
    level = 1.28 ** ((day - start).days / 365) * SEASON[day.month - 1] * WEEKDAYS[day.weekday()]
    level *= 1.06 if day.day in (10, 25) else 1.0
    name = _calendar.get(day, "")
    if "설날" in name or "추석" in name:
        return level * 0.55
    ahead = [_calendar.get(day + timedelta(days=days), "") for days in range(4, 11)]
    level *= 1.12 if any("설날" in name or "추석" in name for name in ahead) else 1.0
    level *= 0.95 if name else 1.0
    return level * (1.35 if day.month == 11 and 20 <= day.day <= 27 else 1.0)


def signups_on(day: date, start: date, seed: int) -> int:
    at = (day - start).days
    return int(rng(seed, day, 1).poisson(26 * rhythm(day, start) ** 0.6 * events.MEMBER_PUSH.factor(at)))


@lru_cache(maxsize=8)
def _counts(start: date, until: date, seed: int) -> dict[date, int]:
    """Customers known at the beginning of each day."""
    known, found = BASE_CUSTOMERS, {}
    for at in range((until - start).days + 1):
        day = start + timedelta(days=at)
        found[day] = known
        known += signups_on(day, start, seed)
    return found


def customers_before(day: date, start: date, seed: int) -> int:
    # One table of counts a year ahead serves every day, and is made once.
    end = date(day.year + 1, 12, 31)
    return _counts(start, end, seed).get(day, BASE_CUSTOMERS)


@lru_cache(maxsize=64)
def _day(day: date, start: date, seed: int) -> dict[str, dict[str, np.ndarray]]:
    """Sessions, orders and lines of one day as columns."""
    at = (day - start).days
    random = rng(seed, day, 2)
    rate = VISITS_A_DAY * 0.86 * rhythm(day, start) * random.normal(1, 0.04)
    n = int(random.poisson(max(1.0, rate)))
    source = random.choice(len(SOURCES), n, p=SOURCE_SHARE)
    if events.BOT_TRAFFIC.on(at):
        extra = int(n * (events.BOT_TRAFFIC.size - 1))
        source = np.concatenate([source, np.full(extra, 1)])
        n += extra
    channel = random.choice(len(CHANNELS), n, p=CHANNEL_SHARE)
    seconds = _times(random, n)
    known = customers_before(day, start, seed)
    returning = random.random(n) < 0.62
    # Newer customers come more often; the loyalty programme brings the older ones back.
    recent = random.beta(1.0, 2.6 if not events.LOYALTY.on(at) else 1.9, n)
    customer = known - 1 - np.floor(recent * known).astype(int)
    conversion = CHANNEL_CONVERSION[channel] * SOURCE_CONVERSION[source]
    conversion = conversion * np.where(channel == 1, events.CHECKOUT_BUG.factor(at), 1.0)
    conversion = conversion * np.where((source == 1) & events.BOT_TRAFFIC.on(at), 0.4, 1.0)
    conversion = conversion * events.COUPON_CAMPAIGN.factor(at) * (1.05 if events.LOYALTY.on(at) else 1.0)
    draw = random.random(n)
    ordered = draw < conversion
    carted = draw < np.minimum(0.9, conversion * 2.15)
    order = np.flatnonzero(ordered)
    lines = _lines(random, order, at)
    region = _region(customer)
    kept = ~((channel == 2) & events.PC_GAP.on(at))
    sessions = {
        "index": np.arange(n), "seconds": seconds, "customer": np.where(returning | ordered, customer, -1),
        "channel": channel, "source": source, "carted": carted, "ordered": ordered, "kept": kept,
    }  # fmt: skip
    value = np.bincount(lines["order"], lines["price"] * lines["quantity"], len(order)).astype(int)
    coupon = random.random(len(order)) < (0.62 if events.COUPON_CAMPAIGN.on(at) else 0.24)
    discount = np.where(coupon, (value * 0.12 // 100 * 100).astype(int), 0)
    late = np.where((region[order] == 2) & events.DELIVERY_DELAY.on(at), int(events.DELIVERY_DELAY.size), 0)
    orders = {
        "seconds": np.minimum(seconds[order] + random.integers(60, 1500, len(order)), 86_399),
        "customer": customer[order], "channel": channel[order], "region": region[order], "amount": value - discount,
        "discount": discount, "coupon": coupon, "session": order, "category": lines["first"],
        "cancelled": random.random(len(order)) < 0.04, "delivery": 1 + random.poisson(1.1, len(order)) + late,
    }  # fmt: skip
    return {"sessions": sessions, "orders": orders, "lines": lines}


def _times(random: np.random.Generator, n: int) -> np.ndarray:
    return random.choice(24, n, p=HOURS / HOURS.sum()) * 3600 + random.integers(0, 3600, n)


def _region(customer: np.ndarray) -> np.ndarray:
    """A customer lives where their number says."""
    spread = (customer.astype(np.int64) * 2_654_435_761 % 1000) / 1000
    return np.searchsorted(np.cumsum(REGION_SHARE), spread, side="right").clip(0, len(REGIONS) - 1)


def _lines(random: np.random.Generator, order: np.ndarray, at: int) -> dict[str, np.ndarray]:
    count = 1 + (random.random(len(order)) < 0.33) + (random.random(len(order)) < 0.08)
    owner = np.repeat(np.arange(len(order)), count)
    category = random.choice(len(CATEGORIES), len(owner), p=[0.34, 0.24, 0.12, 0.14, 0.16])
    price = PRICE[category] * random.lognormal(0, 0.32, len(owner))
    price = price * events.FREE_SHIPPING.factor(at) * events.COUPON_BASKET.factor(at)
    quantity = 1 + (random.random(len(owner)) < 0.07)
    first = np.zeros(len(order), int)
    first[owner[::-1]] = category[::-1]
    return {
        "order": owner, "category": category, "price": (price // 100 * 100).astype(int), "quantity": quantity,
        "first": first, "return_draw": random.random(len(owner)), "reason": random.choice(4, len(owner), p=[0.45, 0.17, 0.16, 0.22]),
    }  # fmt: skip


def generate_day(start: date, day: date, seed: int = SEED, until: datetime | None = None) -> dict[str, pa.Table]:
    """The rows of one day by table; with `until` (wall time in Seoul) only what has happened by then."""
    at = (day - start).days
    made = _day(day, start, seed)
    tables = {
        "sessions": _sessions(day, made), "orders": _orders(day, made), "order_lines": _order_lines(day, made),
        "signups": _signups(day, start, seed), "ads": _ads(day, start, seed, made),
        "returns": _returns(day, start, seed) if at >= RETURN_AFTER else None,
        "surveys": _surveys(day, start, seed) if at >= SURVEY_AFTER else None,
    }  # fmt: skip
    found = {name: table for name, table in tables.items() if table is not None}
    return found if until is None else {name: _by(table, until) for name, table in found.items()}


def generate(start: date, today: date, seed: int = SEED) -> dict[str, pa.Table]:
    """Every table from `start` through the day before `today`."""
    parts: dict[str, list[pa.Table]] = {}
    for at in range((today - start).days):
        for name, table in generate_day(start, start + timedelta(days=at), seed).items():
            parts.setdefault(name, []).append(table)
    return {name: pa.concat_tables(tables) for name, tables in parts.items()}


def _by(table: pa.Table, until: datetime) -> pa.Table:
    import pyarrow.compute as pc

    moment = next(field.name for field in table.schema if pa.types.is_timestamp(field.type))
    limit = pa.scalar(until.replace(microsecond=0), pa.timestamp("us")).cast(pa.timestamp("us"))
    local = pc.local_timestamp(table[moment])
    return table.filter(pc.less_equal(local, limit))


def _when(day: date, seconds: np.ndarray) -> pa.Array:
    midnight = np.datetime64(day, "s")
    naive = pa.array(midnight + seconds.astype("timedelta64[s]")).cast(pa.timestamp("us"))
    import pyarrow.compute as pc

    return pc.assume_timezone(naive, ZONE)


def _customer_ids(customer: np.ndarray) -> list[str | None]:
    return [None if one < 0 else f"C{one:06d}" for one in customer]


def _order_ids(day: date, n: int) -> list[str]:
    return [f"{day:%Y%m%d}-{at:05d}" for at in range(n)]


def _ids(prefix: str, numbers) -> pa.Array:
    """Typed, so that a day without rows has the same columns as any other."""
    return pa.array([f"{prefix}{one:05d}" for one in numbers], pa.string())


def _sessions(day: date, made) -> pa.Table:
    s = made["sessions"]
    kept = np.flatnonzero(s["kept"])
    return pa.table({
        "session_id": _ids(f"S{day:%y%m%d}-", s["index"][kept]), "visited_at": _when(day, s["seconds"][kept]),
        "customer_id": pa.array(_customer_ids(s["customer"][kept]), pa.string()), "channel": CHANNELS[s["channel"][kept]],
        "source": SOURCES[s["source"][kept]], "added_to_cart": s["carted"][kept].astype(int), "ordered": s["ordered"][kept].astype(int),
    })  # fmt: skip


def _orders(day: date, made) -> pa.Table:
    o = made["orders"]
    return pa.table({
        "주문번호": _ids(f"{day:%Y%m%d}-", range(len(o["seconds"]))), "주문일시": _when(day, o["seconds"]),
        "고객ID": pa.array(_customer_ids(o["customer"]), pa.string()), "결제금액": o["amount"], "할인금액": o["discount"],
        "쿠폰사용": np.where(o["coupon"], "예", "아니오"), "채널": CHANNELS[o["channel"]], "지역": REGIONS[o["region"]],
        "카테고리": CATEGORIES[o["category"]], "주문상태": np.where(o["cancelled"], "취소", "결제완료"), "배송일수": o["delivery"],
    })  # fmt: skip


def _order_lines(day: date, made) -> pa.Table:
    lines, ids = made["lines"], _order_ids(day, len(made["orders"]["seconds"]))
    return pa.table({
        "line_id": _ids(f"L{day:%y%m%d}-", range(len(lines["order"]))),
        "order_id": pa.array([ids[one] for one in lines["order"]], pa.string()), "ordered_at": _when(day, made["orders"]["seconds"][lines["order"]]),
        "category": CATEGORIES[lines["category"]], "quantity": lines["quantity"], "price": lines["price"],
    })  # fmt: skip


def _signups(day: date, start: date, seed: int) -> pa.Table:
    n, first, random = signups_on(day, start, seed), customers_before(day, start, seed), rng(seed, day, 3)
    return pa.table({
        "customer_id": pa.array([f"C{first + at:06d}" for at in range(n)], pa.string()), "joined_at": _when(day, _times(random, n)),
        "source": SOURCES[random.choice(len(SOURCES), n, p=SOURCE_SHARE)],
    })  # fmt: skip


def _ads(day: date, start: date, seed: int, made) -> pa.Table:
    """What each paid source cost and brought: known in the evening of its day."""
    random, paid = rng(seed, day, 4), (0, 1, 3)
    visits = [int((made["sessions"]["source"] == one).sum()) for one in paid]
    cost = np.array([520, 430, 350]) * random.normal(1, 0.05, 3)
    clicks = np.array(visits) + random.integers(0, 12, 3)
    return pa.table({
        "ad_id": [f"{day:%Y%m%d}-{SOURCES[one]}" for one in paid], "day": _when(day, np.full(3, 86_340)),
        "source": SOURCES[list(paid)], "spend": (clicks * cost // 10 * 10).astype(int),
        "impressions": (clicks / random.uniform(0.012, 0.022, 3)).astype(int), "clicks": clicks,
    })  # fmt: skip


def _returns(day: date, start: date, seed: int) -> pa.Table:
    bought = day - timedelta(days=RETURN_AFTER)
    made, at = _day(bought, start, seed), (bought - start).days
    lines, orders = made["lines"], made["orders"]
    chance = RETURN[lines["category"]] * np.where(lines["category"] == 2, events.OUTER_RETURNS.factor(at), 1.0)
    back = np.flatnonzero((lines["return_draw"] < chance) & ~orders["cancelled"][lines["order"]])
    ids, random = _order_ids(bought, len(orders["seconds"])), rng(seed, day, 5)
    return pa.table({
        "return_id": _ids(f"R{day:%y%m%d}-", back), "order_id": pa.array([ids[lines["order"][one]] for one in back], pa.string()),
        "returned_at": _when(day, _times(random, len(back))), "category": CATEGORIES[lines["category"][back]],
        "amount": (lines["price"] * lines["quantity"])[back], "reason": REASONS[lines["reason"][back]],
    })  # fmt: skip


def _surveys(day: date, start: date, seed: int) -> pa.Table:
    bought = day - timedelta(days=SURVEY_AFTER)
    orders, random = _day(bought, start, seed)["orders"], rng(seed, day, 6)
    asked = np.flatnonzero(random.random(len(orders["seconds"])) < 0.16)
    late = np.maximum(0, orders["delivery"][asked] - 3)
    score = np.clip(np.round(random.normal(8.8, 1.5, len(asked)) - 0.9 * late), 0, 10).astype(int)
    satisfied = np.clip(np.round(random.normal(4.3, 0.75, len(asked)) - 0.35 * late), 1, 5).astype(int)
    kind = random.random(len(asked)) < 0.5
    return pa.table({
        "survey_id": _ids(f"V{day:%y%m%d}-", asked), "answered_at": _when(day, _times(random, len(asked))),
        "kind": np.where(kind, "nps", "csat"), "score": np.where(kind, score, satisfied), "region": REGIONS[orders["region"][asked]],
    })  # fmt: skip
