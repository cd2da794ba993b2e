"""How a KPI's own history spreads over weekdays, months and holiday windows, so that a path expects what is normal.

The model is y = level × growth × weekday × month × holiday window, fitted by iterative proportional fitting: each
factor is what its days sold over what the other factors expect of them (the maximum of the Poisson likelihood of a
table with these margins; Deming and Stephan 1940, Darroch and Ratcliff 1972).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

# Around these the whole week differs, not only the day.
WIDE = ("설날", "추석")
REACH = 3
LEAST_DAYS = 28
YEAR = 365
ROUNDS = 40


class SeasonError(ValueError):
    """A history that gives no seasons; `code` says why: too_short, negative, all_zero."""

    def __init__(self, code: str):
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class Seasons:
    """Factors around 1: Monday to Sunday, January to December, and by holiday name and days from it.

    `windows`: {"설날": {-1: 0.4, 0: 0.2, 1: 0.5}}. A window that is not here is an ordinary day.
    """

    weekday: tuple[float, ...] = (1.0,) * 7
    month: tuple[float, ...] = (1.0,) * 12
    windows: Mapping[str, Mapping[int, float]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        factors = [*self.weekday, *self.month, *(one for window in self.windows.values() for one in window.values())]
        if len(self.weekday) != 7 or len(self.month) != 12 or min(factors) < 0 or not sum(self.weekday):
            raise SeasonError("factors")

    def of(self, day: date, named: Mapping[str, Sequence[date]]) -> float:
        """What `day` weighs against an average day."""
        weight = self.weekday[day.weekday()] * self.month[day.month - 1]
        found = window_of(day, named)
        return weight * self.windows.get(found[0], {}).get(found[1], 1.0) if found else weight

    def to_json(self) -> dict[str, Any]:
        windows = {name: {str(at): one for at, one in sorted(w.items())} for name, w in sorted(self.windows.items())}
        return {"weekday": list(self.weekday), "month": list(self.month), "windows": windows}

    @classmethod
    def from_json(cls, spec: Mapping[str, Any]) -> Seasons:
        windows = {name: {int(at): float(one) for at, one in w.items()} for name, w in spec.get("windows", {}).items()}
        weekday, month = spec.get("weekday") or (1.0,) * 7, spec.get("month") or (1.0,) * 12
        return cls(tuple(map(float, weekday)), tuple(map(float, month)), windows)


def window_of(day: date, named: Mapping[str, Sequence[date]]) -> tuple[str, int] | None:
    """The holiday whose window holds `day` and the days from it: the nearest one, wide ones before others."""
    near = [
        (abs((day - one).days), name not in WIDE, name, (day - one).days)
        for name, days in named.items()
        for one in days
        if abs((day - one).days) <= (REACH if name in WIDE else 0)
    ]
    return (min(near)[2], min(near)[3]) if near else None


def seasonal_weights(history: Sequence[tuple[date, float]], holidays: Mapping[str, Sequence[date]]) -> Seasons:
    """Factors from daily values. `holidays`: by name, the days it fell on (설날 itself, not the eve).

    Below 28 days or where a value is negative SeasonError; under a year of days all months stay 1, and a window that
    the history has not seen stays out. Zeros are values; a day that is not in `history` is unknown, not zero.
    """
    days = dict(history)
    if len(days) < LEAST_DAYS:
        raise SeasonError("too_short")
    if min(days.values()) < 0:
        raise SeasonError("negative")
    if not sum(days.values()):
        raise SeasonError("all_zero")
    values = _without_growth(days)
    whole_year = (max(values) - min(values)).days + 1 >= YEAR
    keys: list[Callable[[date], Hashable]] = [lambda day: day.weekday()]
    if whole_year:
        keys.append(lambda day: day.month)
    keys.append(lambda day: window_of(day, holidays))
    factors: list[dict[Hashable, float]] = [defaultdict(lambda: 1.0) for _key in keys]
    fitted = dict.fromkeys(values, sum(values.values()) / len(values))
    for _round in range(ROUNDS):
        for key, known in zip(keys, factors, strict=True):
            seen: dict[Hashable, list[float]] = defaultdict(lambda: [0.0, 0.0])
            for day, value in values.items():
                pair = seen[key(day)]
                pair[0] += value
                pair[1] += fitted[day]
            ratios = {name: sold / due if due else 1.0 for name, (sold, due) in seen.items()}
            for name, ratio in ratios.items():
                known[name] *= ratio
            for day in fitted:
                fitted[day] *= ratios[key(day)]
    plain = factors[-1].get(None, 1.0) or 1.0
    windows: dict[str, dict[int, float]] = defaultdict(dict)
    for found, factor in factors[-1].items():
        if isinstance(found, tuple):
            windows[found[0]][found[1]] = factor / plain
    month = _around_one([factors[1].get(at) for at in range(1, 13)]) if whole_year else (1.0,) * 12
    return Seasons(_around_one([factors[0].get(at) for at in range(7)]), month, dict(windows))


def _around_one(found: Sequence[float | None]) -> tuple[float, ...]:
    """Factors with mean 1; what was not seen is 1."""
    known = [one for one in found if one is not None]
    mean = sum(known) / len(known)
    return tuple(1.0 if one is None else one / mean if mean else 1.0 for one in found)


def _without_growth(days: Mapping[date, float]) -> dict[date, float]:
    """Values at the level of the last year, where the history holds two whole years or more.

    The rate is from the first to the last whole year counted back from the end; otherwise a growing company would
    have strong Decembers.
    """
    last = max(days)
    totals: dict[int, list[float]] = defaultdict(list)
    for day, value in days.items():
        totals[(last - day).days // YEAR].append(value)
    years = (last - min(days) + timedelta(days=1)).days // YEAR
    means = [sum(totals[at]) / len(totals[at]) if totals[at] else 0.0 for at in range(years)]
    if years < 2 or not means[0] or not means[-1]:
        return dict(days)
    yearly = (means[0] / means[-1]) ** (1 / (years - 1))
    return {day: value * yearly ** ((last - day).days / YEAR) for day, value in days.items()}
