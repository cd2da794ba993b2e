"""A company that lives day by day: what a day brings it posts as rows, those of later days too.

A day needs all the days before it, in order; so a world is kept, and the same start and seed make the same one again.
"""

from abc import ABC, abstractmethod
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from nachim.demo.rhythm import Rhythm, draws

ZONE = "Asia/Seoul"
DAY = 86_400
KEPT_DAYS = 4
FURTHEST = 120

Rows = dict[str, np.ndarray]


@dataclass(frozen=True)
class Id:
    """A number as a key: 12 → C000012. Below zero there is none."""

    prefix: str
    digits: int = 6

    def array(self, start: date, numbers: np.ndarray) -> pa.Array:
        text = pc.utf8_lpad(pa.array(np.maximum(numbers, 0).astype(np.int64)).cast(pa.string()), self.digits, "0")
        named = pc.binary_join_element_wise(self.prefix, text, "")
        return pc.if_else(pa.array(numbers >= 0), named, pa.scalar(None, pa.string()))


@dataclass(frozen=True)
class Of:
    """A code as one of these names. Below zero there is none."""

    names: tuple[str, ...]

    def array(self, start: date, codes: np.ndarray) -> pa.Array:
        return pa.array(self.names, pa.string()).take(pa.array(codes, mask=codes < 0))


@dataclass(frozen=True)
class Number:
    """A whole number: won, minutes, points, a count."""

    def array(self, start: date, values: np.ndarray) -> pa.Array:
        return pa.array(values.astype(np.int64))


@dataclass(frozen=True)
class Moment:
    """Seconds since the first midnight as a time in Seoul."""

    def array(self, start: date, seconds: np.ndarray) -> pa.Array:
        moments = np.datetime64(start, "s") + seconds.astype("timedelta64[s]")
        return pc.assume_timezone(pa.array(moments).cast(pa.timestamp("us")), ZONE)


Column = Id | Of | Number | Moment
NUMBER, MOMENT = Number(), Moment()


@dataclass
class Growing:
    """Columns that get longer: what is known of customers, by their number."""

    columns: Rows = field(default_factory=dict)
    size: int = 0

    def add(self, n: int, **columns: np.ndarray | int | float | bool) -> np.ndarray:
        """The numbers of `n` new ones."""
        numbers = self.size + np.arange(n)
        for name, values in columns.items():
            new = np.broadcast_to(np.asarray(values), n)
            have = self.columns.get(name, np.empty(max(64, n), new.dtype))
            while len(have) < self.size + n:
                have = np.concatenate([have, np.empty_like(have)])
            have[self.size : self.size + n] = new
            self.columns[name] = have
        self.size += n
        return numbers

    def __getitem__(self, name: str) -> np.ndarray:
        return self.columns[name][: self.size]


class World(ABC):
    """`layout`: the columns of each table. `early`: days lived before the first, of which only `known` tables tell."""

    layout: dict[str, dict[str, Column]]
    moments: dict[str, str]
    early: int = 0
    known: tuple[str, ...] = ()
    rhythm: Rhythm

    def __init__(self, start: date, seed: int):
        self.start, self.seed = start, seed
        self.at = -self.early
        self.kept: dict[int, dict[str, Rows]] = {}
        self._posted: dict[int, dict[str, list[Rows]]] = defaultdict(lambda: defaultdict(list))
        self._counts: dict[str, int] = defaultdict(int)

    @abstractmethod
    def live(self, at: int, day: date, random: np.random.Generator) -> None:
        """One day: `at` is its number, the first day being 0."""

    def post(self, table: str, seconds: np.ndarray, **columns: np.ndarray | int) -> None:
        """Rows of a table, each at its moment, in seconds since the first midnight.

        Of the days before the first only the known tables tell, so that no row refers to one that is not there.
        """
        if self.at < 0 and table not in self.known:
            return
        n = len(seconds)
        rows = {"at": np.asarray(seconds, np.int64)}
        rows |= {name: np.broadcast_to(np.asarray(values), n) for name, values in columns.items()}
        days = rows["at"] // DAY
        for one in np.unique(days):
            self._posted[max(0, int(one))][table].append({name: values[days == one] for name, values in rows.items()})

    def number(self, table: str, n: int) -> np.ndarray:
        """The keys of `n` new rows."""
        self._counts[table] += n
        return np.arange(self._counts[table] - n, self._counts[table])

    def days(self, until: int) -> Iterator[tuple[int, dict[str, Rows]]]:
        """The days from the next through the one before `until`."""
        while self.at < until:
            day = self.start + timedelta(days=self.at)
            self.live(self.at, day, draws(self.seed, day, 20))
            if self.at >= 0:
                posted = self._posted.pop(self.at, {})
                self.kept[self.at] = {name: self._joined(name, posted.get(name, [])) for name in self.layout}
                self.kept.pop(self.at - KEPT_DAYS, None)
                self.at += 1
                yield self.at - 1, self.kept[self.at - 1]
            else:
                self.at += 1

    def _joined(self, name: str, parts: list[Rows]) -> Rows:
        if not parts:
            columns = [one for one in self.layout[name] if one != self.moments[name]]
            return {one: np.empty(0, np.int64) for one in ("at", *columns)}
        rows = {one: np.concatenate([part[one] for part in parts]) for one in parts[0]}
        order = np.argsort(rows["at"], kind="stable")
        return {one: values[order] for one, values in rows.items()}

    def table(self, name: str, rows: Rows) -> pa.Table:
        """Rows as a table: names for codes, keys for numbers, times for seconds."""
        moment = self.moments[name]
        return pa.table(
            {
                column: kind.array(self.start, rows["at" if column == moment else column])
                for column, kind in self.layout[name].items()
            }
        )

    def coming(self, random: np.random.Generator, gaps: np.ndarray, weights: np.ndarray) -> np.ndarray:
        """Which of the days each one thought of (a column of `gaps` each, in days ahead) suits best, by busyness."""
        chance = weights[np.minimum(gaps, len(weights) - 1)].cumsum(axis=0)
        picked = (random.random(gaps.shape[1]) * chance[-1] >= chance).sum(axis=0)
        return gaps[np.minimum(picked, len(gaps) - 1), np.arange(gaps.shape[1])]

    def ahead(self, day: date, rhythm: Rhythm | None = None) -> np.ndarray:
        """How busy today and the days after it are among those around them."""
        return np.array([(rhythm or self.rhythm).day(day + timedelta(days=one)) for one in range(FURTHEST + 1)])


_worlds: dict[tuple[type[World], date, int], World] = {}


def generate(kind: type[World], start: date, today: date, seed: int) -> dict[str, pa.Table]:
    """Every table from `start` through the day before `today`."""
    world = _worlds[kind, start, seed] = kind(start, seed)
    parts: dict[str, list[Rows]] = defaultdict(list)
    for _at, rows in world.days((today - start).days):
        for name, one in rows.items():
            parts[name].append(one)
    made = {}
    for name, days in parts.items():
        rows = {column: np.concatenate([one[column] for one in days]) for column in days[0]}
        made[name] = world.table(name, rows)
    return made


def generate_day(
    kind: type[World], start: date, day: date, seed: int, until: datetime | None = None
) -> dict[str, pa.Table]:
    """The rows of one day by table; with `until` (wall time in Seoul) only what has happened by then.

    The first day also brings the customers from before it.
    """
    at = (day - start).days
    world = _worlds.get((kind, start, seed))
    if world is None or (at < world.at and at not in world.kept):
        world = _worlds[kind, start, seed] = kind(start, seed)
    for _one in world.days(at + 1):
        pass
    seconds = at * DAY + second_of(day, until)
    whole = world.kept[at]
    happened = {name: rows["at"] <= seconds for name, rows in whole.items()}
    return {
        name: world.table(name, {column: values[happened[name]] for column, values in rows.items()})
        for name, rows in whole.items()
    }


def second_of(day: date, until: datetime | None) -> int:
    """The last second of the day that has passed; -1 while none has."""
    if until is None:
        return DAY - 1
    wall = until.astimezone(ZoneInfo(ZONE)).replace(tzinfo=None) if until.tzinfo else until
    passed = (wall - datetime.combine(day, datetime.min.time())).total_seconds()
    return int(min(max(passed, -1), DAY - 1))
