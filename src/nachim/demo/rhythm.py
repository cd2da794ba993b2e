"""When the simulated shop is busy: the year, the week, the day, holidays and paydays."""

from datetime import date, timedelta

import holidays
import numpy as np

GROWTH_A_YEAR = 1.30
HOURS = np.array([9, 5, 3, 2, 2, 3, 6, 11, 17, 21, 24, 27, 30, 27, 25, 25, 26, 28, 31, 35, 42, 48, 41, 22], float)
WEEKDAYS = (1.05, 0.98, 0.96, 0.97, 0.95, 0.98, 1.11)
SEASON = (1.02, 0.93, 1.0, 1.05, 1.04, 0.95, 0.9, 0.92, 1.03, 1.1, 1.18, 1.12)
PAYDAYS = (10, 25)
_calendar = holidays.country_holidays("KR", language="ko")


def busy(day: date, start: date) -> float:
    """How busy a day is against an even day at the start."""
    level = GROWTH_A_YEAR ** ((day - start).days / 365) * SEASON[day.month - 1] * WEEKDAYS[day.weekday()]
    level *= 1.06 if day.day in PAYDAYS else 1.0
    if feast(day):
        return level * 0.55
    # What is ordered four to ten days ahead still arrives before the feast.
    level *= 1.12 if any(feast(day + timedelta(days=ahead)) for ahead in range(4, 11)) else 1.0
    level *= 0.95 if day in _calendar else 1.0
    return level * (1.35 if day.month == 11 and 20 <= day.day <= 27 else 1.0)


def feast(day: date) -> bool:
    """설날 and 추석 with the days around them, when parcels rest."""
    name = _calendar.get(day, "")
    return "설날" in name or "추석" in name


def seconds_of_day(random: np.random.Generator, n: int) -> np.ndarray:
    return random.choice(24, n, p=HOURS / HOURS.sum()) * 3600 + random.integers(0, 3600, n)
