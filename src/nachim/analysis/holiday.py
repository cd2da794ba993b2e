"""Days that are not like others: 설날 and 추석 with the days around them, public holidays and their substitutes,
and the company's own days. What each is worth is learnt from the series itself, and nothing where it shows nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from nachim.core.seasons import WIDE, window_of
from nachim.core.workdays import Days

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
# An effect counts from so many standard errors on; below it a day is an ordinary one.
CLEAR = 2.5
ORDINARY = 0


@lru_cache(maxsize=64)
def korea(first_year: int, last_year: int) -> Days:
    """Public holidays of Korea with 대체공휴일, and when 설날 and 추석 fall; a year more on either side."""
    import holidays

    off = holidays.country_holidays("KR", language="ko", years=range(first_year - 1, last_year + 2))
    named: dict[str, list[date]] = {}
    for day, names in sorted(off.items()):
        for name in names.split("; "):
            named.setdefault(name, []).append(day)
    # The eve and the day after belong to the windows around the feast itself.
    single = {name: found for name, found in named.items() if name in WIDE or not name.startswith(WIDE)}
    return Days(frozenset(off), named={name: tuple(found) for name, found in single.items()})


def kinds_of_days(first: date, count: int, company: Iterable[date] = ()) -> Ints:
    """A number for each of `count` days from `first`: 0 ordinary, otherwise which kind of special day it is.

    Each day of the windows around 설날 (1 to 7) and 추석 (11 to 17) is a kind, other public holidays are one (20),
    their substitutes one (21), the company's days one (22).
    """
    last = first + timedelta(days=count)
    known = korea(first.year, last.year)
    own = frozenset(company)
    # A substitute falls on a Monday or so and empties offices, not shops: it is not the holiday it stands in for.
    out = np.zeros(count, dtype=np.int64)
    for at in range(count):
        day = first + timedelta(days=at)
        found = window_of(day, known.named)
        if day in own:
            out[at] = 22
        elif found is None:
            continue
        elif found[0] in WIDE:
            out[at] = 10 * WIDE.index(found[0]) + found[1] + 4
        elif found[1] == 0:
            out[at] = 21 if "대체" in found[0] else 20
    return out


def kinds_of_weeks(first: date, count: int, company: Iterable[date] = ()) -> Ints:
    """A number for each of `count` weeks from the one that begins on `first`: the feast's week, the one before, after.

    설날 1 (before), 2 (the feast), 3 (after); 추석 11, 12, 13.
    """
    known = korea(first.year, (first + timedelta(days=7 * count)).year)
    out = np.zeros(count, dtype=np.int64)
    for place, name in enumerate(WIDE):
        for day in known.named.get(name, ()):
            at = (day - first).days // 7
            for step, kind in ((-1, 1), (1, 3), (0, 2)):
                if 0 <= at + step < count:
                    out[at + step] = 10 * place + kind
    return out


@dataclass(frozen=True)
class Effects:
    """What each kind of day sells against an ordinary day of its weekday; kinds that are not here are ordinary."""

    factors: dict[int, float]

    def __bool__(self) -> bool:
        return bool(self.factors)

    def of(self, kinds: Ints) -> Floats:
        return np.array([self.factors.get(int(kind), 1.0) for kind in kinds])

    def special(self, kinds: Ints) -> npt.NDArray[np.bool_]:
        return np.isin(kinds, list(self.factors))


NONE = Effects({})


def effects(values: Floats, kinds: Ints, season: int) -> Effects:
    """Learn effects from a history not below zero (NaN are gaps); `kinds` of the same length or longer.

    Each special step is held against the ordinary ones one and two `season`s before and after. A kind seen once is
    believed only together with the same day around the other feast.
    """
    length = len(values)
    kinds = kinds[:length]
    if length < 8 * season or np.nanmin(values, initial=0.0) < 0 or not (kinds != ORDINARY).any():
        return NONE
    plain = np.where(kinds == ORDINARY, values, np.nan)
    around = np.stack([_moved(plain, by * season) for by in (-2, -1, 1, 2)])
    known = np.isfinite(around)
    seen = known.sum(axis=0)
    base = np.where(known, around, 0.0).sum(axis=0) / np.maximum(seen, 1)
    usable = np.isfinite(values) & (seen >= 2) & (base > 0)
    ratio = np.where(usable, values / np.where(base > 0, base, 1.0), np.nan)
    ordinary = ratio[usable & (kinds == ORDINARY)]
    if len(ordinary) < 4 * season:
        return NONE
    noise = 1.4826 * float(np.median(np.abs(ordinary - np.median(ordinary))))
    noise = max(noise, 0.5 * float(ordinary.std()), 1e-6)
    found: dict[int, float] = {}
    for kind in np.unique(kinds[kinds != ORDINARY]):
        own = ratio[usable & (kinds == kind)]
        if len(own) == 1 and kind < 20:
            own = ratio[usable & (kinds % 10 == kind % 10) & (kinds != ORDINARY) & (kinds < 20)]
        if len(own) < 2:
            continue
        middle = float(np.mean(own))
        error = noise / np.sqrt(len(own))
        off = middle - 1
        if abs(off) > CLEAR * error:
            found[int(kind)] = max(0.0, 1 + off * (1 - (error / off) ** 2))
    return Effects(found)


def _moved(values: Floats, by: int) -> Floats:
    """The value `by` steps later in the place of each; NaN beyond the ends."""
    out = np.full_like(values, np.nan)
    if by > 0:
        out[:-by] = values[by:]
    else:
        out[-by:] = values[:by]
    return out


@lru_cache(maxsize=256)
def calendar(code: str, first: date, count: int, company: tuple[date, ...] = ()) -> Ints | None:
    """The kinds of `count` periods from `first`, for frequencies that have them: days and weeks. Not to be written to:
    series that begin on one day share it."""
    if code not in ("D", "W"):
        return None
    found = kinds_of_days(first, count, company) if code == "D" else kinds_of_weeks(first, count, company)
    found.setflags(write=False)
    return found
