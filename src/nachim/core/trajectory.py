"""The path to a target: straight, in steps, month by month, or with the seasons of the KPI's own history."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, ClassVar

from nachim.core.seasons import SeasonError, Seasons
from nachim.core.workdays import Days


class TrajectoryError(ValueError):
    """A path that cannot be; `code` says why."""

    def __init__(self, code: str):
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class Linear:
    """The same distance every day."""

    kind: ClassVar[str] = "linear"


@dataclass(frozen=True)
class Step:
    """`steps`: from each day on, this share of the way is done. Days and shares rise; the last share is 1."""

    steps: tuple[tuple[date, float], ...]
    kind: ClassVar[str] = "steps"

    def __post_init__(self) -> None:
        days, shares = [day for day, _share in self.steps], [share for _day, share in self.steps]
        if not self.steps or days != sorted(set(days)) or shares != sorted(shares) or shares[0] < 0 or shares[-1] != 1:
            raise TrajectoryError("steps_rise_to_one")


@dataclass(frozen=True)
class Months:
    """`levels`: the level of each month by hand, ("2026-01", 80.0); a month that is not named holds the one before."""

    levels: tuple[tuple[str, float], ...]
    kind: ClassVar[str] = "months"

    def __post_init__(self) -> None:
        names = [name for name, _level in self.levels]
        try:
            known = [date.fromisoformat(f"{name}-01") for name in names]
        except ValueError:
            raise TrajectoryError("months_form") from None
        if not known or known != sorted(set(known)):
            raise TrajectoryError("months_form")

    def at(self, day: date) -> float:
        passed = [level for name, level in self.levels if name <= f"{day:%Y-%m}"]
        return passed[-1] if passed else self.levels[0][1]


@dataclass(frozen=True)
class Seasonal:
    """Straight in the long run, and in each period as strong or weak as its days were in the history."""

    seasons: Seasons = field(default_factory=Seasons)
    kind: ClassVar[str] = "seasonal"


Trajectory = Linear | Step | Months | Seasonal


def weight_between(path: Trajectory, first: date, last: date, days: Days, business: bool) -> float:
    """What the days from `first` through `last` weigh: business days or all, and each as its season has it."""
    if not isinstance(path, Seasonal):
        return float(days.count(first, last) if business else max(0, (last - first).days + 1))
    whole = range(max(0, (last - first).days + 1))
    some = (first + timedelta(days=at) for at in whole)
    return sum(path.seasons.of(day, days.named) for day in some if not business or days.works(day))


def share_of_way(path: Trajectory, start: date, due: date, day: date, days: Days, business: bool) -> float:
    """How much of the way from `start` (nothing yet) to `due` (all of it) should be done at the end of `day`."""
    if isinstance(path, Step):
        return max([0.0, *(share for at, share in path.steps if at <= day)])
    if day <= start:
        return 0.0
    if day >= due:
        return 1.0
    straight = path if not isinstance(path, Seasonal) else Linear()
    first = start + timedelta(days=1)
    whole = weight_between(straight, first, due, days, business)
    return weight_between(straight, first, day, days, business) / whole if whole else 1.0


def share_of_total(path: Trajectory, start: date, due: date, day: date, days: Days, business: bool) -> float:
    """How much of a sum that grows from the morning of `start` should be there at the end of `day`."""
    if isinstance(path, Step):
        return max([0.0, *(share for at, share in path.steps if at <= day)])
    if day < start:
        return 0.0
    whole = weight_between(path, start, due, days, business)
    return weight_between(path, start, min(day, due), days, business) / whole if whole else 1.0


def season_of(path: Trajectory, start: date, due: date, first: date, last: date, days: Days, business: bool) -> float:
    """How strong the period from `first` through `last` is against an average one of its length, 1 being average."""
    if not isinstance(path, Seasonal) or last < first:
        return 1.0
    length, whole = (last - first).days + 1, (due - start).days + 1
    average = weight_between(path, start, due, days, business) / whole
    return weight_between(path, first, last, days, business) / length / average if average else 1.0


def path_to_json(path: Trajectory) -> Any:
    match path:
        case Linear():
            return "linear"
        case Step(steps):
            return {"steps": {day.isoformat(): share for day, share in steps}}
        case Months(levels):
            return {"months": dict(levels)}
        case Seasonal(seasons):
            return {"seasonal": seasons.to_json()}


def path_from_json(spec: Any) -> Trajectory:
    """Reads what `path_to_json` writes. Raises TrajectoryError."""
    if spec in (None, "linear"):
        return Linear()
    if not isinstance(spec, Mapping) or len(spec) != 1:
        raise TrajectoryError("unknown")
    kind, value = next(iter(spec.items()))
    try:
        if kind == "steps":
            return Step(tuple((date.fromisoformat(str(day)), float(share)) for day, share in value.items()))
        if kind == "months":
            return Months(tuple((str(name), float(level)) for name, level in value.items()))
        if kind == "seasonal":
            return Seasonal(Seasons.from_json(value))
    except SeasonError as error:
        raise TrajectoryError("seasons") from error
    except TrajectoryError:
        raise
    except (ValueError, TypeError, AttributeError) as error:
        raise TrajectoryError("unreadable") from error
    raise TrajectoryError("unknown")
