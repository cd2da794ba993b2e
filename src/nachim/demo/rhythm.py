"""When a Korean company is busy: by year, season, weekday, holiday, payday, sale and hour.

Draws are keyed by day, so any day stands alone.
"""

from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import lru_cache

import holidays
import numpy as np

HOURS = np.array([9, 5, 3, 2, 2, 3, 6, 11, 17, 21, 24, 27, 33, 29, 25, 25, 26, 28, 31, 35, 42, 48, 41, 22], float)
WEEKEND_HOURS = np.array(
    [14, 9, 5, 3, 2, 2, 4, 7, 12, 20, 28, 32, 33, 33, 34, 35, 34, 33, 32, 35, 41, 46, 38, 21], float
)
_calendar = holidays.country_holidays("KR", language="ko")


def draws(seed: int, day: date, stream: int) -> np.random.Generator:
    return np.random.default_rng([seed, day.toordinal(), stream])


def big_holiday(day: date) -> bool:
    """설날 and 추석, their eves and substitutes."""
    name = _calendar.get(day, "")
    return "설날" in name or "추석" in name


def free(day: date) -> bool:
    """A weekend or a public holiday."""
    return day.weekday() >= 5 or day in _calendar


@dataclass(frozen=True)
class Rhythm:
    """How a kind of business breathes: `growth` a year, then factors by weekday from Monday and by month.

    `holiday` and `big` (설날, 추석) are factors of those days; `hours` and `free_hours` weigh the hours of a day.
    """

    growth: float
    weekdays: tuple[float, ...]
    season: tuple[float, ...] = (1.0,) * 12
    holiday: float = 1.0
    big: float = 1.0
    hours: np.ndarray = field(default_factory=lambda: HOURS, compare=False)
    free_hours: np.ndarray = field(default_factory=lambda: WEEKEND_HOURS, compare=False)

    def day(self, day: date) -> float:
        """How busy a day is among the days around it, an ordinary one being 1.0."""
        if big_holiday(day):
            return self.weekdays[day.weekday()] * self.big
        return self.weekdays[day.weekday()] * (self.holiday if day in _calendar else 1.0)

    def level(self, day: date, start: date) -> float:
        """How busy a day is, an ordinary day at the start being 1.0."""
        return self.growth ** ((day - start).days / 365) * self.season[day.month - 1] * self.day(day)

    def clock(self, random: np.random.Generator, n: int, day: date) -> np.ndarray:
        """Seconds after midnight for `n` people, by the hours of a working day or a free one."""
        hours = self.free_hours if free(day) else self.hours
        return random.choice(24, n, p=hours / hours.sum()) * 3600 + random.integers(0, 3600, n)


# The fashion shop.
GROWTH_A_YEAR = 1.28
SHOP = Rhythm(
    GROWTH_A_YEAR,
    weekdays=(1.05, 0.98, 0.96, 0.97, 0.95, 0.98, 1.11),
    season=(1.02, 0.93, 1.0, 1.05, 1.04, 0.95, 0.9, 0.92, 1.03, 1.1, 1.18, 1.12),
    holiday=0.95,
    big=0.55,
)
# Its sales, (month, first day, last day, factor): a summer sale, and the one around Black Friday.
SALES = ((6, 20, 28, 1.22), (11, 20, 27, 1.35))
PAYDAYS = (10, 25)
clock = SHOP.clock


def on_sale(day: date) -> bool:
    return any(day.month == month and first <= day.day <= last for month, first, last, _factor in SALES)


@lru_cache(maxsize=4096)
def rhythm(day: date, start: date) -> float:
    """How busy the shop is on a day, 1.0 being an ordinary day at the start."""
    level = SHOP.level(day, start)
    if big_holiday(day):
        return level
    if any(big_holiday(day + timedelta(days=ahead)) for ahead in range(4, 11)):
        level *= 1.12
    level *= 1.06 if day.day in PAYDAYS else 1.0
    for month, first, last, factor in SALES:
        level *= factor if day.month == month and first <= day.day <= last else 1.0
    return level


def office_hours(random: np.random.Generator, n: int) -> np.ndarray:
    """Seconds after midnight between nine in the morning and nine at night."""
    return random.integers(9 * 3600, 21 * 3600, n)
