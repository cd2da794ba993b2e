"""설날 and 추석, which move in the solar year: where a day lies from them, and the day that lies there another year."""

from __future__ import annotations

from datetime import date, timedelta
from functools import cache

# How near a feast a day must be to be compared by it.
NEAR = timedelta(days=14)
NAMES = ("설날", "추석")


@cache
def feast(name: str, year: int) -> date | None:
    """The day itself, the middle of the three that are off; None for years the almanac does not have."""
    if not 1949 <= year <= 2100:
        return None
    import holidays  # only comparisons by feast need the almanacs

    found = holidays.country_holidays("KR", years=year, language="ko")
    return next((day for day, said in sorted(found.items()) if name in said.split("; ")), None)


def counterpart(day: date, year: int) -> date | None:
    """The day of `year` that is as far from the same feast as `day` is; None where no feast is near."""
    best: tuple[timedelta, str, date] | None = None
    for name in NAMES:
        own = feast(name, day.year)
        if own is not None and abs(day - own) <= NEAR and (best is None or abs(day - own) < best[0]):
            best = (abs(day - own), name, own)
    if best is None:
        return None
    other = feast(best[1], year)
    return None if other is None else other + (day - best[2])
