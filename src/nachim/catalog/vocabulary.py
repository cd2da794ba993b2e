"""The words of goal sentences, from vocabulary.yaml and metrics.yaml, as the plain values `core` reads with.

It is read on every `nachim check`, so it takes the few facts it needs straight from the files; that they are sound is
checked by `catalog.entries` and the tests.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import fields
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

from nachim.core.sentence_words import ASIDE, OTHER, PROXY, UNMEASURED, Alias, Directions, Known, Vocabulary

Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class VocabularyError(ValueError):
    """vocabulary.yaml does not fit the catalogue; the message names the entry."""


@cache
def vocabulary() -> Vocabulary:
    """The words as shipped. Raises VocabularyError where they contradict the catalogue."""
    return build(_file("vocabulary.yaml"), _file("metrics.yaml")["metrics"])


def build(words: dict[str, Any], metrics: dict[str, Any]) -> Vocabulary:
    """A vocabulary from the two files' content. Raises VocabularyError."""
    _only(
        words,
        {"metrics", "others", "proxies", "unmeasured", "aside", "either_way", "open", "directions", "vague", "fillers"},
        "",
    )
    _only(words["directions"], {one.name for one in fields(Directions)}, "directions.")
    _known(words["aside"]["instead"], metrics, "aside")
    for section in ("metrics", "either_way", "open"):
        _known(words[section], metrics, section)
    aliases = [
        Alias(OTHER, tuple(words["others"])),
        Alias(ASIDE, tuple(words["aside"]["names"]), tuple(words["aside"]["instead"])),
    ]
    for kind, section in ((PROXY, "proxies"), (UNMEASURED, "unmeasured")):
        for body in words[section]:
            _only(body, {"names", "instead", "why"}, f"{section}.")
            _known(body["instead"], metrics, f"{section}.{body['names'][0]}")
            aliases.append(Alias(kind, tuple(body["names"]), tuple(body["instead"]), body.get("why", {})))
    directions = Directions(**{key: tuple(stems) for key, stems in words["directions"].items()})
    known = {name: _metric(name, body, words) for name, body in metrics.items()}
    return Vocabulary(known, tuple(aliases), directions, tuple(words["vague"]), frozenset(words["fillers"]))


def _metric(name: str, body: dict[str, Any], words: dict[str, Any]) -> Known:
    label, monthly = body["label"], body["monthly"]
    vanity = {} if name in words["open"] else body.get("vanity", {})
    names = [*words["metrics"].get(name, ()), label["ko"], label["en"], name.replace("_", " ")]
    # 고객 획득 비용(CAC) is known by both of its names.
    for one in (label["ko"], label["en"]):
        head, _, rest = one.partition("(")
        names += [head, *([rest.rstrip(")")] if rest and " " not in rest and not rest[0].isdigit() else [])]
    return Known(
        name=name, names=tuple(dict.fromkeys(one.strip() for one in names if one.strip())), label=label,
        unit=body["unit"], better=body["better"], outcomes=tuple(body["outcomes"]), typical=tuple(body["typical"]),
        down=monthly["down"], up=monthly["up"], by=monthly.get("by", "relative"),
        instead=tuple(vanity.get("instead", ())), why=vanity.get("why", {}), either_way=name in words["either_way"],
    )  # fmt: skip


def _file(name: str) -> dict[str, Any]:
    text = files("nachim").joinpath("catalog", name).read_text("utf-8")
    data: dict[str, Any] = yaml.load(text, Loader=Loader)  # noqa: S506 (a safe loader)
    return data


def _only(body: dict[str, Any], allowed: set[str], where: str) -> None:
    for key in body.keys() - allowed:
        raise VocabularyError(f"vocabulary.yaml: {where}{key} is unknown; expected: {', '.join(sorted(allowed))}")


def _known(names: Iterable[str], metrics: dict[str, Any], where: str) -> None:
    for name in names:
        if name not in metrics:
            raise VocabularyError(f"vocabulary.yaml: {where} names {name}, which is no metric of the catalogue")
