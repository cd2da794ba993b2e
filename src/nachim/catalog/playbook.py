"""The playbook: what may lie behind a KPI that moved, how to check it, and what to do about it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import field
from functools import cache
from typing import Any, Literal

from pydantic.dataclasses import dataclass

from nachim.catalog.entries import Companion, Function, catalogue
from nachim.catalog.tables import STRICT, Text, written

# Kinds of dimension by the words they go by: a company's "sessions.channel" or 채널 is a channel.
DIMENSIONS = {
    "campaign": ("campaign", "캠페인", "광고"), "carrier": ("carrier", "배송사", "택배"),
    "category": ("category", "분류", "카테고리", "품목"), "channel": ("channel", "채널"),
    "coupon": ("coupon", "쿠폰", "할인"), "device": ("device", "기기", "os"),
    "plan": ("plan", "요금제", "플랜", "member", "회원", "등급"), "product": ("product", "상품", "메뉴", "sku"),
    "reason": ("reason", "사유", "이유"), "region": ("region", "area", "지역", "시도", "city"),
    "source": ("source", "유입", "경로", "told_by"), "staff": ("staff", "team", "직원", "담당", "팀"),
    "step": ("step", "단계"), "store": ("store", "branch", "매장", "지점", "점포"),
    "topic": ("topic", "kind", "주제", "유형"),
}  # fmt: skip


@dataclass(frozen=True, config=STRICT)
class Effect:
    """By how much a play usually moves a metric: a rule of thumb, until the company has measured its own.

    `relative`: shares of the value (0.1 is a tenth); `points`: the metric's own unit, percents in percentage points.
    """

    metric: str
    low: float
    high: float
    weeks: int
    by: Literal["relative", "points"] = "relative"


@dataclass(frozen=True, config=STRICT)
class Play:
    """One thing to do. `owner`: the function that does it; `watch`: the guardrail to keep an eye on meanwhile."""

    name: str
    title: Text
    how: Text
    owner: Function
    moves: Effect
    watch: Companion


@dataclass(frozen=True, config=STRICT)
class Cause:
    """A likely cause, and how to check it. `see`: metrics to look at and kinds of dimension to cut by."""

    cause: Text
    check: Text
    see: tuple[str, ...]


@dataclass(frozen=True, config=STRICT)
class Answer:
    """For a family of metrics that moved to the `worse` or, suspiciously, to the `better`.

    `known_as`: other names, and words of a label, by which companies call such metrics. `driver`: metrics or kinds of
    dimension, one of which moved it; empty fits any.
    """

    name: str
    metrics: tuple[str, ...]
    causes: tuple[Cause, ...]
    plays: tuple[str, ...]
    known_as: tuple[str, ...] = ()
    move: Literal["worse", "better"] = "worse"
    driver: tuple[str, ...] = ()

    def fits(self, name: str, label: str) -> int:
        """2 where it names the metric, 1 where the label holds one of its words, else 0."""
        if name in self.metrics or name in self.known_as:
            return 2
        return int(any(word in label for word in self.known_as if not word.isascii()))


@dataclass(frozen=True, config=STRICT)
class Playbook:
    """Plays and answers by name."""

    plays: dict[str, Play] = field(hash=False)
    answers: dict[str, Answer] = field(hash=False)

    def answer(
        self, name: str, *, label: str = "", move: str = "worse", drivers: Collection[str] = ()
    ) -> Answer | None:
        """The answer for a metric, the most particular first: one whose driver is among `drivers` (metrics and
        dimensions, the weightiest first), then a general one. None where the playbook knows none."""
        kinds = [one for driver in drivers for one in (driver, kind_of(driver)) if one]
        fitting = [(one, one.fits(name, label)) for one in self.answers.values() if one.move == move]
        fitting = [(one, how) for one, how in fitting if how and (not one.driver or set(one.driver) & set(kinds))]
        if not fitting:
            return None
        first = {kind: at for at, kind in reversed(list(enumerate(kinds)))}
        last = len(kinds)
        return min(
            fitting, key=lambda pair: (-pair[1], min((first.get(one, last) for one in pair[0].driver), default=last))
        )[0]

    def plays_of(self, answer: Answer) -> tuple[Play, ...]:
        """What to do, best first."""
        return tuple(self.plays[name] for name in answer.plays)


def kind_of(dimension: str) -> str:
    """Which kind of dimension a column is ("sessions.channel" is a channel); empty where unknown."""
    said = dimension.casefold().rpartition(".")[2]
    for kind, words in DIMENSIONS.items():
        if any(word in said for word in words):
            return kind
    return ""


def merged(company: Mapping[str, Any] | None = None) -> Playbook:
    """The shipped playbook with a company's own `plays` and `answers`: new names are added, known ones replaced.

    ValueError names what is wrong: an unknown field, play, metric or kind of dimension.
    """
    data, own = written("playbook.yaml"), company or {}
    if unknown := set(own) - {"plays", "answers"}:
        raise ValueError(f"a playbook has plays and answers, not {', '.join(sorted(unknown))}")
    plays, answers = ({**data[part], **(own.get(part) or {})} for part in ("plays", "answers"))
    book = Playbook(
        plays={name: Play(name=name, **body) for name, body in plays.items()},
        answers={name: Answer(name=name, **body) for name, body in answers.items()},
    )
    _check(book)
    return book


def _check(book: Playbook) -> None:
    known = catalogue()
    metrics = {*known.entries, *known.parts}
    for play in book.plays.values():
        for name in (play.moves.metric, play.watch.metric):
            if name not in metrics:
                raise ValueError(f"play {play.name}: no metric {name} in the catalogue")
        if play.moves.low > play.moves.high:
            raise ValueError(f"play {play.name}: low is above high")
    for answer in book.answers.values():
        if missing := [one for one in answer.plays if one not in book.plays]:
            raise ValueError(f"answer {answer.name}: no play {missing[0]}")
        named = [*answer.driver, *(one for cause in answer.causes for one in cause.see)]
        if odd := [one for one in named if one not in metrics and one not in DIMENSIONS]:
            raise ValueError(f"answer {answer.name}: {odd[0]} is neither a metric nor a kind of dimension")
        if odd := [one for one in answer.metrics if one not in metrics]:
            raise ValueError(f"answer {answer.name}: no metric {odd[0]} in the catalogue")
        if not (answer.causes and answer.plays):
            raise ValueError(f"answer {answer.name}: causes and plays are both needed")


@cache
def playbook() -> Playbook:
    """The playbook as shipped, read once and checked."""
    return merged()
