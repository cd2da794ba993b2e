"""One day at 모아옷장: who comes, who fills a cart, who orders. Orders have a session; earlier buyers return.

A first-hand order plans at once when its customer will order again, so a day needs no more than the first-hand visits
of the days before it.
"""

from datetime import date, timedelta
from functools import lru_cache

import numpy as np

from nachim.demo import baskets, events
from nachim.demo.rhythm import clock, draws, rhythm
from nachim.demo.shoppers import (
    LONGEST_FIRST_ORDER,
    REGION_SHARE,
    SOURCE_SHARE,
    keenness,
    known_before,
    region,
    signups,
)

VISITS_A_DAY = 385
CHANNELS = np.array(["앱", "모바일웹", "PC"])
APP, MOBILE_WEB, PC = range(3)
CHANNEL_SHARE, CHANNEL_CONVERSION = [0.52, 0.32, 0.16], np.array([0.108, 0.070, 0.057])
SOURCE_CONVERSION = np.array([1.1, 0.72, 1.2, 0.9, 1.15])
SNS_AD = 1
DEVICES = np.array(["Android", "iOS", "Windows", "Mac"])
LOGGED_IN = 0.62
CARTS_PER_ORDER = 3.2
# Nobody comes so late that the order would fall on the next day.
LAST_VISIT = 86_000
COMES_BACK, FOLLOW_UPS, FURTHEST = 0.24, 3, 90
# The campaign moves those who walk in; planned orders come anyway.
WALK_INS_OF_ORDERS = 0.44

Rows = dict[str, np.ndarray]


def _joined(parts: list[Rows]) -> Rows:
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


def _walk_ins(day: date, start: date, seed: int) -> Rows:
    at, random = (day - start).days, draws(seed, day, 2)
    n = int(random.poisson(VISITS_A_DAY * rhythm(day, start) * max(0.7, random.normal(1, 0.04))))
    known = known_before(day, start, seed)
    # Newer customers come more often, and of three who might have come it is the keenest.
    three = known - 1 - np.floor(random.beta(1.0, 2.4, (3, n)) * known).astype(np.int64)
    customer = three[keenness(three).argmax(axis=0), np.arange(n)]
    channel, source = random.choice(3, n, p=CHANNEL_SHARE), random.choice(len(SOURCE_SHARE), n, p=SOURCE_SHARE)
    chance = CHANNEL_CONVERSION[channel] * SOURCE_CONVERSION[source]
    if events.COUPON_CAMPAIGN.on(at):
        chance = chance * (1 + (events.COUPON_CAMPAIGN.size - 1) / WALK_INS_OF_ORDERS)
    draw = random.random(n)
    wants, carted = draw < chance, draw < np.minimum(0.9, chance * CARTS_PER_ORDER)
    return {
        "seconds": clock(random, n, day),
        "customer": customer,
        "channel": channel,
        "source": source,
        "wants": wants,
        "carted": carted,
        "named": wants | (random.random(n) < LOGGED_IN),
        "first": np.zeros(n, bool),
        "bot": np.zeros(n, bool),
    }


def _planned(
    random: np.random.Generator,
    customer: np.ndarray,
    seconds: np.ndarray,
    source: np.ndarray,
    wants: np.ndarray,
    first: bool,
) -> Rows:
    """Visits of people who come for a reason: to join, or to order."""
    n = len(customer)
    return {
        "seconds": seconds,
        "customer": customer,
        "channel": random.choice(3, n, p=CHANNEL_SHARE),
        "source": source,
        "wants": wants,
        "carted": wants,
        "named": np.ones(n, bool),
        "first": np.full(n, first),
        "bot": np.zeros(n, bool),
    }


def _newcomers(day: date, start: date, seed: int) -> list[Rows]:
    """Those who join today, and those who joined lately and come for their first order."""
    random, today = draws(seed, day, 4), signups(day, start, seed)
    parts = [_planned(random, today["customer"], today["visited"], today["source"], today["first_order"] == 0, True)]
    waiting = []
    for ago in range(1, min(LONGEST_FIRST_ORDER, (day - start).days) + 1):
        joined = signups(day - timedelta(days=ago), start, seed)
        waiting.append(joined["customer"][joined["first_order"] == ago])
    customer = np.concatenate([np.empty(0, np.int64), *waiting])
    n = len(customer)
    return [
        *parts,
        _planned(
            random,
            customer,
            clock(random, n, day),
            random.choice(len(SOURCE_SHARE), n, p=SOURCE_SHARE),
            np.ones(n, bool),
            True,
        ),
    ]


def _bots(day: date, start: date, seed: int, people: int) -> Rows:
    random = draws(seed, day, 5)
    n = int(people * (events.BOT_TRAFFIC.size - 1)) if events.BOT_TRAFFIC.on((day - start).days) else 0
    never = np.zeros(n, bool)
    return {
        "seconds": random.integers(0, 86_400, n),
        "customer": np.zeros(n, np.int64),
        "channel": np.full(n, MOBILE_WEB),
        "source": np.full(n, SNS_AD),
        "wants": never,
        "carted": never,
        "named": never,
        "first": never,
        "bot": np.ones(n, bool),
    }


def _checked_out(random: np.random.Generator, rows: Rows, at: int) -> Rows:
    """Who wants to order does, unless the checkout breaks."""
    passes = random.random(len(rows["wants"])) < np.where(
        rows["channel"] == MOBILE_WEB, events.CHECKOUT_BUG.factor(at), 1.0
    )
    return {**rows, "ordered": rows["wants"] & passes}


@lru_cache(maxsize=256)
def _first_hand(day: date, start: date, seed: int) -> tuple[Rows, tuple[np.ndarray, np.ndarray]]:
    """The visits no earlier order planned, and the further orders they lead to: (days later, customer)."""
    at, random = (day - start).days, draws(seed, day, 6)
    parts = [_walk_ins(day, start, seed), *(_newcomers(day, start, seed) if at >= 0 else [])]
    rows = _checked_out(random, _joined(parts), at)
    buyers = rows["customer"][rows["ordered"]]
    chance = np.minimum(0.85, COMES_BACK * (0.4 + 1.2 * keenness(buyers)) * events.LOYALTY.factor(at))
    again = np.logical_and.accumulate(random.random((FOLLOW_UPS, len(buyers))) < chance)
    later = np.cumsum(2 + random.gamma(2.0, 8.0, again.shape).astype(np.int64), axis=0)
    kept = again & (later <= FURTHEST)
    order = np.argsort(later[kept], kind="stable")
    return rows, (later[kept][order], np.broadcast_to(buyers, again.shape)[kept][order])


def _coming_back(day: date, start: date, seed: int) -> Rows:
    found = []
    for ago in range(1, FURTHEST + 1):
        later, customer = _first_hand(day - timedelta(days=ago), start, seed)[1]
        low, high = np.searchsorted(later, [ago, ago + 1])
        found.append(customer[low:high])
    customer = np.concatenate(found)
    n, random = len(customer), draws(seed, day, 7)
    source = random.choice(len(SOURCE_SHARE), n, p=SOURCE_SHARE)
    rows = _planned(random, customer, clock(random, n, day), source, np.ones(n, bool), False)
    return _checked_out(random, rows, (day - start).days)


@lru_cache(maxsize=64)
def visits(day: date, start: date, seed: int) -> dict[str, Rows]:
    """Sessions, carts, orders and lines of one day, each in the order of time."""
    at, random = (day - start).days, draws(seed, day, 8)
    first_hand, back = _first_hand(day, start, seed)[0], _coming_back(day, start, seed)
    bots = _bots(day, start, seed, len(first_hand["wants"]) + len(back["wants"]))
    s = _joined([first_hand, back, {**bots, "ordered": bots["wants"]}])
    s["seconds"] = np.minimum(s["seconds"], LAST_VISIT)
    s = {name: column[np.argsort(s["seconds"], kind="stable")] for name, column in s.items()}
    n = len(s["seconds"])
    device = np.where(s["channel"] == PC, 2 + (random.random(n) < 0.22), (random.random(n) < 0.46).astype(int))
    # A visitor who is not logged in is known by a cookie; some cookies come again.
    cookie = np.floor(random.beta(1.0, 3.0, n) * 90_000).astype(np.int64)
    home = np.where(s["named"], region(s["customer"]), random.choice(len(REGION_SHARE), n, p=REGION_SHARE))
    s |= {"customer": np.where(s["named"], s["customer"], -1), "cookie": cookie, "device": device, "region": home}
    return {"sessions": s, **baskets.fill(random, s, day, at)}
