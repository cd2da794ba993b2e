"""The company's calendar for paths: weekends, Korean holidays with their substitutes, and when 설날 and 추석 fall."""

from functools import lru_cache

import holidays

from nachim.core.seasons import WIDE
from nachim.core.workdays import Days


@lru_cache(maxsize=64)
def days(first_year: int, last_year: int) -> Days:
    """Both years included; one more on either side, so that a window over New Year is whole."""
    years = range(first_year - 1, last_year + 2)
    off = holidays.country_holidays("KR", language="ko", years=years)
    named: dict[str, list] = {}
    for day, names in sorted(off.items()):
        for name in names.split("; "):
            named.setdefault(name, []).append(day)
    # The eve and the day after belong to the windows around the feast itself.
    single = {name: found for name, found in named.items() if name in WIDE or not name.startswith(WIDE)}
    return Days(frozenset(off), named={name: tuple(found) for name, found in single.items()})
