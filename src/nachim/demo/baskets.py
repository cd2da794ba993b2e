"""What goes into a cart and what is paid for it: items by season, coupons, delivery fee, cancellations."""

from datetime import date

import numpy as np

from nachim.demo import events
from nachim.demo.rhythm import on_sale

Rows = dict[str, np.ndarray]
CATEGORIES = np.array(["상의", "하의", "아우터", "신발", "잡화"])
OUTER, GOODS = 2, 4
PRICE = np.array([32_000, 44_000, 92_000, 72_000, 24_000])
COST_SHARE = np.array([0.46, 0.48, 0.52, 0.55, 0.44])
# The share of outerwear by month; the other categories share the rest.
OUTER_SHARE = (0.15, 0.13, 0.12, 0.10, 0.07, 0.05, 0.05, 0.06, 0.11, 0.15, 0.18, 0.17)
OTHERS = np.array([0.385, 0.27, 0.0, 0.16, 0.185])
PRODUCTS = 80
COUPONS = np.array(["", "신규가입 10%", "주말 10%", "생일 15%", "모아데이 12%", "감사 20%"])
COUPON_RATE = np.array([0.0, 0.10, 0.10, 0.15, 0.12, 0.20])
NEW, WEEKEND, BIRTHDAY, SALE, THANKS = range(1, 6)
# The campaign draws people to cheaper things.
CAMPAIGN_SHARE, CAMPAIGN_PRICES = 0.62, 0.94
FEE, FREE_FROM, TOPS_UP = 2_500, 70_000, 0.42
CANCELS = 0.04


def fill(random: np.random.Generator, sessions: Rows, day: date, at: int) -> dict[str, Rows]:
    """Carts of those who filled one, orders and lines of those who paid; `session` is the row of the session."""
    carted = np.flatnonzero(sessions["carted"])
    ordered = sessions["ordered"][carted]
    count = 1 + (random.random(len(carted)) < 0.33) + (random.random(len(carted)) < 0.08)
    lines = _lines(
        random, np.repeat(np.arange(len(carted)), count), day, CAMPAIGN_PRICES if events.COUPON_CAMPAIGN.on(at) else 1.0
    )
    if events.FREE_SHIPPING.on(at):
        lines = _topped_up(random, lines, len(carted), day)
    goods = np.bincount(lines["cart"], lines["price"] * lines["quantity"], len(carted)).astype(np.int64)
    opened = sessions["seconds"][carted] + random.integers(20, 240, len(carted))
    paid = np.minimum(sessions["seconds"][carted] + random.integers(300, 1500, len(carted)), 86_399)
    carts = {
        "seconds": np.minimum(opened, 86_399),
        "session": carted,
        "items": np.bincount(lines["cart"], lines["quantity"], len(carted)).astype(int),
        "amount": goods,
        "paid": np.where(ordered, paid, 86_400),
    }
    picked = np.flatnonzero(ordered)
    picked = picked[np.argsort(paid[picked], kind="stable")]
    coupon = _coupons(random, sessions["first"][carted[picked]], day, at)
    discount = (goods[picked] * COUPON_RATE[coupon]).astype(np.int64) // 100 * 100
    free = events.FREE_SHIPPING.on(at) & (goods[picked] >= FREE_FROM)
    fee = np.where(free, 0, FEE)
    cancelled = random.random(len(picked)) < CANCELS
    gone = np.minimum(paid[picked] + random.integers(600, 18_000, len(picked)), 86_399)
    dearest = np.lexsort((-lines["price"], lines["cart"]))
    main = lines["category"][dearest[np.searchsorted(lines["cart"][dearest], np.arange(len(carted)))]]
    orders = {
        "seconds": paid[picked],
        "session": carted[picked],
        "coupon": coupon,
        "discount": discount,
        "fee": fee,
        "amount": goods[picked] - discount + fee,
        "category": main[picked],
        "cancelled": np.where(cancelled, gone, 86_400),
    }
    return {"carts": carts, "orders": orders, "lines": _of_orders(lines, picked, len(carted))}


def _lines(
    random: np.random.Generator, cart: np.ndarray, day: date, level: float = 1.0, category: int | None = None
) -> Rows:
    n, outer = len(cart), OUTER_SHARE[day.month - 1]
    share = OTHERS * (1 - outer)
    share[OUTER] = outer
    kind = random.choice(len(CATEGORIES), n, p=share) if category is None else np.full(n, category)
    price = level * PRICE[kind] * random.lognormal(-0.04, 0.32, n)
    price = np.maximum(4_900, price // 1000 * 1000 + 900).astype(np.int64)
    return {
        "cart": cart,
        "category": kind,
        "product": np.floor(PRODUCTS * random.beta(0.9, 2.5, n)).astype(int),
        "price": price,
        "quantity": 1 + (random.random(n) < 0.07),
        "cost": (price * (COST_SHARE[kind] + random.normal(0, 0.02, n))).astype(np.int64) // 100 * 100,
    }


def _topped_up(random: np.random.Generator, lines: Rows, carts: int, day: date) -> Rows:
    """Below the sum from which delivery is free, many put one small thing more into the cart."""
    goods = np.bincount(lines["cart"], lines["price"] * lines["quantity"], carts)
    more = np.flatnonzero((goods < FREE_FROM) & (random.random(carts) < TOPS_UP))
    extra = _lines(random, more, day, category=GOODS)
    joined = {name: np.concatenate([lines[name], extra[name]]) for name in lines}
    return {name: column[np.argsort(joined["cart"], kind="stable")] for name, column in joined.items()}


def _coupons(random: np.random.Generator, first: np.ndarray, day: date, at: int) -> np.ndarray:
    n = len(first)
    draw, other = random.random(n), random.random(n)
    usual = WEEKEND if day.weekday() >= 5 else BIRTHDAY
    coupon = np.where(draw < (0.18 if day.weekday() >= 5 else 0.10), usual, 0)
    if on_sale(day):
        coupon = np.where(draw < 0.36, SALE, 0)
    coupon = np.where(first & (other < 0.6), NEW, coupon)
    return np.where(draw < CAMPAIGN_SHARE, THANKS, coupon) if events.COUPON_CAMPAIGN.on(at) else coupon


def _of_orders(lines: Rows, picked: np.ndarray, carts: int) -> Rows:
    """The lines of the carts that were paid, in the order of the orders; `order` is the row of the order."""
    place = np.full(carts, -1)
    place[picked] = np.arange(len(picked))
    order = place[lines["cart"]]
    kept = np.flatnonzero(order >= 0)
    kept = kept[np.argsort(order[kept], kind="stable")]
    return {"order": order[kept], **{name: column[kept] for name, column in lines.items() if name != "cart"}}
