"""What follows an order: its delivery, what comes back, and what the customer says.

Decided on the day of the order, told when it happens.
"""

from datetime import date
from functools import lru_cache

import numpy as np

from nachim.demo import events
from nachim.demo.baskets import OUTER
from nachim.demo.rhythm import clock, draws, office_hours
from nachim.demo.shoppers import keenness
from nachim.demo.visits import Rows, visits

CARRIERS = np.array(["한빛택배", "누리택배", "새벽로지스"])
YEONGNAM = (2, 3)
RETURN = np.array([0.075, 0.095, 0.115, 0.10, 0.035])
REASONS = np.array(["사이즈", "품질", "설명과 다름", "단순 변심"])
REASON_SHARE, REASON_SHARE_WRONG_CHART = [0.40, 0.17, 0.16, 0.27], [0.72, 0.10, 0.11, 0.07]
KINDS, NPS_SHARE = np.array(["nps", "csat"]), 0.6
LONGEST_DELIVERY, RETURN_WITHIN, SURVEY_WITHIN = 8, 9, 6
FURTHEST = LONGEST_DELIVERY + max(RETURN_WITHIN, SURVEY_WITHIN)


@lru_cache(maxsize=64)
def aftercare(day: date, start: date, seed: int) -> dict[str, Rows]:
    """Deliveries, returns and surveys of one day's orders, `later` days after it; `order` and `line` are its rows."""
    at, random, made = (day - start).days, draws(seed, day, 9), visits(day, start, seed)
    orders, lines, sessions = made["orders"], made["lines"], made["sessions"]
    home, customer = sessions["region"][orders["session"]], sessions["customer"][orders["session"]]
    n = len(home)
    days = 1 + np.minimum(random.poisson(1.05, n), 4)
    if events.DELIVERY_DELAY.on(at):
        late = np.floor(events.DELIVERY_DELAY.size + random.random(n)).astype(int)
        days = days + np.where(np.isin(home, YEONGNAM), late, 0)
    sent = np.flatnonzero(orders["cancelled"] == 86_400)
    deliveries = {
        "order": sent,
        "later": days[sent],
        "seconds": office_hours(random, len(sent)),
        "region": home[sent],
        "carrier": random.choice(len(CARRIERS), len(sent), p=[0.5, 0.35, 0.15]),
    }
    return {
        "deliveries": deliveries,
        "returns": _returns(random, lines, orders, days, at),
        "surveys": _surveys(random, sent, days, customer, home, day),
    }


def _returns(random: np.random.Generator, lines: Rows, orders: Rows, days: np.ndarray, at: int) -> Rows:
    wrong = (lines["category"] == OUTER) & events.OUTER_RETURNS.on(at)
    chance = RETURN[lines["category"]] * np.where(wrong, events.OUTER_RETURNS.size, 1.0)
    back = np.flatnonzero((random.random(len(chance)) < chance) & (orders["cancelled"][lines["order"]] == 86_400))
    n = len(back)
    usual, misled = random.choice(4, n, p=REASON_SHARE), random.choice(4, n, p=REASON_SHARE_WRONG_CHART)
    return {
        "line": back,
        "later": days[lines["order"][back]] + random.integers(1, RETURN_WITHIN + 1, n),
        "seconds": office_hours(random, n),
        "reason": np.where(wrong[back], misled, usual),
    }


def _surveys(
    random: np.random.Generator, sent: np.ndarray, days: np.ndarray, customer: np.ndarray, home: np.ndarray, day: date
) -> Rows:
    """Everyone is asked; the delighted and the angry answer more often than those in between."""
    felt = (
        8.25
        + 1.4 * (keenness(customer[sent]) - 0.5)
        + random.normal(0, 1.3, len(sent))
        - 0.9 * np.maximum(0, days[sent] - 3)
    )
    answers = random.random(len(sent)) < 0.16 + 0.06 * np.abs(np.clip(felt, 0, 10) - 7.5)
    order, felt = sent[answers], felt[answers]
    n = len(order)
    nps = random.random(n) < NPS_SHARE
    score = np.where(nps, np.clip(np.round(felt), 0, 10), np.clip(np.round(felt / 2), 1, 5)).astype(int)
    return {
        "order": order,
        "later": days[order] + random.integers(1, SURVEY_WITHIN + 1, n),
        "seconds": clock(random, n, day),
        "kind": np.where(nps, 0, 1),
        "score": score,
        "region": home[order],
    }
