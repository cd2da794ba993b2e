"""The playbook with what the company made its own, and how its page shows it."""

import json
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import yaml

from nachim.app.language import spoken
from nachim.app.models import PlaybookEntry
from nachim.catalog.entries import entry
from nachim.catalog.playbook import DIMENSIONS, Answer, Play, Playbook, merged, playbook
from nachim.catalog.tables import written

EXAMPLE = {"plays": "product-page", "answers": "conversion"}  # what a new entry begins from


def own() -> dict[str, dict[str, Any]]:
    """The company's entries, as `catalog.playbook.merged` takes them."""
    found: dict[str, dict[str, Any]] = {part: {} for part in PlaybookEntry.Part.values}
    for one in PlaybookEntry.objects.all():
        found[one.part][one.name] = one.body
    return found


def book() -> Playbook:
    """The playbook that findings are answered by."""
    given = own()
    return _merged(json.dumps(given, sort_keys=True)) if any(given.values()) else playbook()


@lru_cache(maxsize=4)
def _merged(given: str) -> Playbook:
    try:
        return merged(json.loads(given))
    except (ValueError, TypeError):
        # An entry that a newer catalogue no longer fits must not take the findings away.
        return playbook()


@dataclass(frozen=True)
class AnswerShown:
    """An answer in the reader's language; `own`: the company wrote it."""

    name: str
    metrics: str
    move: str
    driver: tuple[str, ...]
    causes: tuple[tuple[str, str], ...]
    plays: tuple[tuple[str, str], ...]
    own: bool


@dataclass(frozen=True)
class PlayShown:
    name: str
    title: str
    how: str
    play: Play
    moves: str
    watch: str
    own: bool


def page() -> tuple[list[AnswerShown], list[PlayShown]]:
    """All answers and plays, the company's own first."""
    known, given, locale = book(), own(), spoken()
    answers = [_answer(one, known, locale, one.name in given["answers"]) for one in known.answers.values()]
    plays = [
        PlayShown(one.name, one.title.of(locale), one.how.of(locale), one, label(one.moves.metric, locale),
                  label(one.watch.metric, locale), one.name in given["plays"])
        for one in known.plays.values()
    ]  # fmt: skip
    return sorted(answers, key=lambda one: not one.own), sorted(plays, key=lambda one: not one.own)


def text_of(part: str, name: str) -> str:
    """An entry as people edit it: the company's own, else the shipped one; empty where there is none."""
    body = own()[part].get(name) or written("playbook.yaml")[part].get(name)
    return yaml.safe_dump(body, allow_unicode=True, sort_keys=False, width=100) if body else ""


def _answer(one: Answer, known: Playbook, locale: str, mine: bool) -> AnswerShown:
    causes = tuple((cause.cause.of(locale), cause.check.of(locale)) for cause in one.causes)
    plays = tuple((play.name, play.title.of(locale)) for play in known.plays_of(one))
    metrics = ", ".join(label(name, locale) for name in one.metrics)
    drivers = tuple(_driver(name, locale) for name in one.driver)
    return AnswerShown(one.name, metrics, one.move, drivers, causes, plays, mine)


def _driver(name: str, locale: str) -> str:
    """A metric by its label, a kind of dimension by the word people use."""
    words = DIMENSIONS.get(name)
    if words is None:
        return label(name, locale)
    return next((word for word in words if not word.isascii()), name) if locale == "ko" else name


def label(name: str, locale: str) -> str:
    """What the catalogue calls a metric; its own name where the catalogue has parts without a label."""
    try:
        return entry(name).label.of(locale)
    except KeyError:
        return name


__all__ = ["EXAMPLE", "AnswerShown", "PlayShown", "book", "label", "own", "page", "text_of"]
