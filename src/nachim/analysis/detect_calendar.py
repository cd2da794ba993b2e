"""Days that behave alike: weekdays, and what Korean holidays put on top of them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

import holidays
import numpy as np
import numpy.typing as npt

from nachim.core.seasons import WIDE

Ints = npt.NDArray[np.intp]
# On top of the weekday: nothing, a single holiday, the days before a lunar feast, its days off on weekdays and on
# weekends, the days after, a single holiday on a weekend.
NONE, HOLIDAY, BEFORE, FEAST, FEAST_WEEKEND, AFTER, HOLIDAY_WEEKEND = range(7)
REACH = 3


def korean_days(days: Sequence[date]) -> Ints:
    """One of the seven classes for each day."""
    if not len(days):
        return np.zeros(0, np.intp)
    years = range(min(days).year - 1, max(days).year + 2)
    off = holidays.country_holidays("KR", language="ko", years=years)
    feasts = {day for day, names in off.items() if any(name in WIDE for name in names.split("; "))}
    offset = {feast + timedelta(at): at for feast in feasts for at in range(-REACH, REACH + 2)}
    found = np.zeros(len(days), np.intp)
    for at, day in enumerate(days):
        weekend, from_feast = day.weekday() >= 5, offset.get(day)
        if from_feast is not None:
            around = abs(from_feast) <= 1 or day in off
            found[at] = (FEAST_WEEKEND if weekend else FEAST) if around else BEFORE if from_feast < 0 else AFTER
        elif day in off:
            found[at] = HOLIDAY_WEEKEND if weekend else HOLIDAY
    return found
