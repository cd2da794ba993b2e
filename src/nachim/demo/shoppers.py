"""Who shops at 모아옷장: customers from before the start, the sign-ups of every day, and what a number says of them."""

from datetime import date, timedelta
from functools import lru_cache

import numpy as np

from nachim.demo import events
from nachim.demo.rhythm import clock, draws, rhythm

FOUNDERS, FOUNDING_DAYS = 12_000, 730
SIGNUPS_A_DAY = 26
FIRST_ORDER, FIRST_ORDER_IN_PUSH = 0.36, 0.18
LONGEST_FIRST_ORDER = 28
SOURCES = np.array(["검색", "SNS광고", "직접", "제휴", "이메일"])
SOURCE_SHARE = [0.31, 0.24, 0.27, 0.11, 0.07]
REGIONS = np.array(["서울", "경기·인천", "부산·경남", "대구·경북", "광주·전라", "대전·충청", "강원·제주"])
REGION_SHARE = np.array([0.27, 0.29, 0.15, 0.09, 0.08, 0.08, 0.04])
AGES = np.array(["10대", "20대", "30대", "40대", "50대 이상"])
AGE_SHARE = np.array([0.09, 0.41, 0.29, 0.14, 0.07])
GENDERS, GENDER_SHARE = np.array(["여성", "남성"]), np.array([0.58, 0.42])


def trait(customer: np.ndarray, salt: int) -> np.ndarray:
    """A number in [0, 1) that belongs to a customer for good (splitmix64 of the customer's number)."""
    mixed = customer.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15) + np.uint64(salt * 0xD1B54A32D192ED03 % 2**64)
    mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return (mixed ^ (mixed >> np.uint64(31))) / 2.0**64


def _by_share(customer: np.ndarray, salt: int, share: np.ndarray) -> np.ndarray:
    return np.searchsorted(np.cumsum(share)[:-1], trait(customer, salt), side="right")


def keenness(customer: np.ndarray) -> np.ndarray:
    """How gladly a customer comes back, 0 to 1."""
    return trait(customer, 1)


def region(customer: np.ndarray) -> np.ndarray:
    return _by_share(customer, 2, REGION_SHARE)


def age(customer: np.ndarray) -> np.ndarray:
    return _by_share(customer, 3, AGE_SHARE)


def gender(customer: np.ndarray) -> np.ndarray:
    return _by_share(customer, 4, GENDER_SHARE)


def _count(day: date, start: date, seed: int) -> int:
    factor = events.MEMBER_PUSH.factor((day - start).days)
    return int(draws(seed, day, 1).poisson(SIGNUPS_A_DAY * rhythm(day, start) ** 0.6 * factor))


@lru_cache(maxsize=16)
def _known_through(start: date, seed: int, year: int) -> tuple[int, ...]:
    """Customers known at the beginning of each day from the start to the end of a year."""
    known = [FOUNDERS]
    for at in range((date(year, 12, 31) - start).days):
        known.append(known[-1] + _count(start + timedelta(days=at), start, seed))
    return tuple(known)


def known_before(day: date, start: date, seed: int) -> int:
    return FOUNDERS if day <= start else _known_through(start, seed, day.year)[(day - start).days]


@lru_cache(maxsize=256)
def signups(day: date, start: date, seed: int) -> dict[str, np.ndarray]:
    """Who joined on a day, in the order they came, and after how many days they first order (-1: they do not)."""
    n = _count(day, start, seed) if day >= start else 0
    random = draws(seed, day, 3)
    push = events.MEMBER_PUSH.on((day - start).days)
    buys = random.random(n) < (FIRST_ORDER_IN_PUSH if push else FIRST_ORDER)
    later = np.minimum(random.geometric(0.16, n), LONGEST_FIRST_ORDER)
    seconds = np.sort(np.minimum(clock(random, n, day), 84_000))
    return {
        "customer": known_before(day, start, seed) + np.arange(n),
        "visited": seconds,
        "seconds": seconds + random.integers(60, 240, n),
        "source": random.choice(len(SOURCES), n, p=SOURCE_SHARE),
        "first_order": np.where(buys, np.where(random.random(n) < 0.5, 0, later), -1),
    }


def founders(start: date, seed: int) -> dict[str, np.ndarray]:
    """The customers from before the start: on which earlier day each joined, the oldest first."""
    random = draws(seed, start, 0)
    # Ever more a day, up to about as many as join on the first day.
    ago = FOUNDING_DAYS * (1 - (1 - random.random(FOUNDERS)) ** (1 / 1.6))
    return {
        "customer": np.arange(FOUNDERS),
        "seconds": np.sort(-(ago * 86_400).astype(np.int64) - 1),
        "source": random.choice(len(SOURCES), FOUNDERS, p=SOURCE_SHARE),
    }
