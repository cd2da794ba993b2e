"""What detection says: episodes, faults of the data, and the sentences people read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from nachim.core.korean import josa
from nachim.core.number import format_value

KINDS = {"spike": ("급변", "spike"), "shift": ("수준 변화", "level shift"), "trend": ("추세 변화", "trend break")}
FAULTS = {
    "missing": ("{from_}부터 {to}까지 {name} 데이터가 없습니다.", "{name} has no data from {from_} to {to}."),
    "stale": ("{from_}부터 {name} 데이터가 들어오지 않습니다.", "{name} has had no data since {from_}."),
    "frozen": (
        "{from_}부터 {to}까지 {name} 값이 똑같습니다. 갱신이 멈췄는지 확인하세요.",
        "{name} repeats one value from {from_} to {to}. Check whether it is still being updated.",
    ),
    "zero": (
        "{from_}부터 {to}까지 {name} 값이 0입니다. 수집이 멈췄는지 확인하세요.",
        "{name} is zero from {from_} to {to}. Check whether it is still being collected.",
    ),
}


def _day(day: date, locale: str) -> str:
    return day.isoformat() if locale == "en" else f"{day.month}월 {day.day}일"


@dataclass(frozen=True)
class DataFault:
    """`series` had no usable data: missing, stale (missing up to the end), frozen or zero."""

    series: str
    kind: str
    first: date
    last: date

    def sentence(self, locale: str = "ko", *, name: str | None = None) -> str:
        ko, en = FAULTS[self.kind]
        return (en if locale == "en" else ko).format(
            name=name or self.series, from_=_day(self.first, locale), to=_day(self.last, locale)
        )


@dataclass(frozen=True)
class Episode:
    """A stretch of days that one series stood out, as one alert.

    `since`: when it began, estimated; `noticed`: the first day that stood out; `last`: the latest one. `usual` is the
    level before and `seen` the level up to the most surprising day, both free of weekday and holiday. `one_in`: a day
    as surprising is expected once in so many days of one series. `shared`: every series moved together; `members`
    names those it moved most.
    """

    series: str
    kind: str
    since: date
    noticed: date
    last: date
    up: bool
    usual: float
    seen: float
    one_in: float
    ongoing: bool
    shared: bool = False
    members: tuple[str, ...] = ()

    @property
    def change(self) -> float | None:
        """Relative to what was usual; None where that is zero or the series goes below zero."""
        return self.seen / self.usual - 1 if self.usual > 0 and self.seen >= 0 else None

    def sentence(self, locale: str = "ko", *, name: str | None = None, unit: str = "count") -> str:
        english, said = locale == "en", name or self.series
        when = _day(self.since, locale)
        if self.shared:
            names = ", ".join(self.members)
            if english:
                return f"Many series moved {'up' if self.up else 'down'} together from {when}, most of all {names}."
            return f"{when}부터 여러 지표가 함께 {'올랐습니다' if self.up else '내렸습니다'}. 가장 크게: {names}."
        usual, seen = (format_value(one, unit, locale, compact=unit != "percent") for one in (self.usual, self.seen))
        if english:
            verb = {"spike": "stood out", "shift": "has been", "trend": "has drifted"}[self.kind]
            end = {"spike": f"at {seen}", "shift": f"at {seen}", "trend": f"to {seen}"}[self.kind]
            return f"{said} {verb} {end} from {when}, {'above' if self.up else 'below'} its usual {usual}."
        size = "높습니다" if self.up else "낮습니다"
        if self.kind == "trend":
            size = "올라가고 있습니다" if self.up else "내려가고 있습니다"
        since = f"{when}에" if self.kind == "spike" and self.since == self.last else f"{when}부터"
        return f"{josa(said, '이/가')} {since} 평소({usual})보다 {size}: {seen}."


@dataclass(frozen=True)
class Detection:
    """`faults` first: days without usable data are not judged. `episodes` by surprise, most surprising first.

    `expected_per_week`: alerts a week that the threshold gave on the past it was set on, at most the budget.
    `too_short`: series with too little history to judge.
    """

    faults: tuple[DataFault, ...]
    episodes: tuple[Episode, ...]
    threshold: float
    expected_per_week: float
    too_short: tuple[str, ...]
