"""Made series of Korean shops whose forms are not those of the forecast's models.

Each form is a law of days; weeks and months are sums of days. All are seeded.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import numpy as np

from nachim.analysis.holiday import korea

FIRST = date(2019, 1, 7)
# Days that end on a Sunday, and so do weeks; months are whole.
DAYS = {"D": 760, "W": 7 * 200, "M": 2520}
WEEKDAYS = np.array([0.9, 0.88, 0.92, 0.95, 1.1, 1.25, 1.0])
Law = Callable[[np.random.Generator, list[date]], np.ndarray]


def breaks(chance: np.random.Generator, days: list[date]) -> np.ndarray:
    """Poisson counts whose rate jumps now and then, and stays."""
    rate = np.full(len(days), chance.uniform(20, 300))
    for at in np.flatnonzero(chance.random(len(days)) < 1 / 220):
        rate[at:] *= np.exp(chance.normal(0, 0.25))
    return chance.poisson(rate * _week(chance, days)).astype(float)


def heavy(chance: np.random.Generator, days: list[date]) -> np.ndarray:
    """Sales as a sum of baskets with Pareto tails, and a growth that changes its mind."""
    drift = np.repeat(chance.normal(0, 0.0012, len(days) // 90 + 1), 90)[: len(days)]
    baskets = chance.poisson(chance.uniform(30, 120) * np.exp(np.cumsum(drift)) * _week(chance, days))
    return np.array([float((1 + chance.pareto(2.6, count)).sum()) for count in baskets]) * 10_000


def feasts(chance: np.random.Generator, days: list[date]) -> np.ndarray:
    """A gift shop: a rush before 설날 and 추석, shut on the days themselves, slow after; a logistic season."""
    named = korea(days[0].year, days[-1].year).named
    known = np.array([day.toordinal() for day in days])
    lift = np.ones(len(days))
    for name in ("설날", "추석"):
        rush = chance.uniform(0.5, 2.0)
        for day in named[name]:
            away = known - day.toordinal()
            lift += rush * np.exp(-(((away + 6) / 3.5) ** 2)) * (away < -1)
            lift[np.abs(away) <= 1] = 0.0
            lift[(away > 1) & (away < 6)] *= 0.7
    phase = chance.uniform(0, 2 * np.pi)
    season = 1 / (1 + np.exp(-4 * np.sin(2 * np.pi * known / 365.25 + phase)))
    mean = chance.uniform(50, 400) * (0.7 + 0.6 * season) * lift * _week(chance, days)
    return chance.negative_binomial(12, 12 / (12 + mean)).astype(float)


def rare(chance: np.random.Generator, days: list[date]) -> np.ndarray:
    """A slow seller: it sells on some days, in lots, and its demand comes and goes in regimes."""
    regime = np.zeros(len(days), dtype=int)
    for at in range(1, len(days)):
        regime[at] = 1 - regime[at - 1] if chance.random() < 1 / 120 else regime[at - 1]
    often = np.array([chance.uniform(0.25, 0.5), chance.uniform(0.5, 0.9)])[regime]
    return (chance.random(len(days)) < often) * (1 + chance.geometric(0.35, len(days))).astype(float)


def campaigns(chance: np.random.Generator, days: list[date]) -> np.ndarray:
    """A web shop: sales events at uneven distances with a dip after each, over visits that err for weeks on end."""
    wander = np.zeros(len(days))
    for at in range(1, len(days)):
        wander[at] = 0.985 * wander[at - 1] + chance.normal(0, 0.035)
    lift = np.zeros(len(days))
    at = int(chance.integers(10, 40))
    while at < len(days):
        size, length = chance.uniform(0.2, 0.9), int(chance.integers(3, 8))
        lift[at : at + length] += size
        lift[at + length : at + 2 * length] -= 0.25 * size
        at += int(chance.integers(25, 75))
    return chance.poisson(chance.uniform(80, 500) * np.exp(wander + lift) * _week(chance, days)).astype(float)


FORMS: dict[str, Law] = {"breaks": breaks, "heavy tails": heavy, "feasts": feasts, "rare": rare, "campaigns": campaigns}


def made(law: Law, code: str, seed: int) -> tuple[np.ndarray, date]:
    """(values, first day) of one shop by "D", "W" or "M"."""
    days = [FIRST + timedelta(days=at) for at in range(DAYS[code])]
    values = law(np.random.default_rng([seed, *law.__name__.encode()]), days)
    if code == "D":
        return values, FIRST
    if code == "W":
        return values.reshape(-1, 7).sum(axis=1), FIRST
    months = np.array([12 * day.year + day.month for day in days])
    whole = np.unique(months)[1:-1]
    return np.array([values[months == one].sum() for one in whole]), date(2019, 2, 1)


def _week(chance: np.random.Generator, days: list[date]) -> np.ndarray:
    factors = WEEKDAYS ** chance.uniform(0, 2)
    return np.array([factors[day.weekday()] for day in days])
