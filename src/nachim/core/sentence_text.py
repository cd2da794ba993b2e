"""A sentence made even for reading: width, case and spaces forgiven, every place traceable to the original."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import cached_property

LONGEST = 600  # Characters read of a sentence; a goal is shorter.
SKIPPED = re.compile(r"[\s\-_·'’\"“”]")
LIGATURES = {
    "‐": "-",
    "‑": "-",
    "–": "-",
    "—": "-",
    "−": "-",
    "～": "~",
    "〜": "~",
    "∼": "~",
    "→": "→",
    "➡": "→",
    "⟶": "→",
}


@dataclass(frozen=True, order=True)
class Span:
    """Characters [start, end) of the sentence as it was written."""

    start: int
    end: int

    def overlaps(self, other: Span) -> bool:
        return self.start < other.end and other.start < self.end

    def within(self, other: Span) -> bool:
        return other.start <= self.start and self.end <= other.end


def even(text: str) -> str:
    """Full width to half, lower case, 율 as 률, other dashes as a hyphen."""
    return "".join(_letter(one) for one in unicodedata.normalize("NFC", text))


def squeeze(name: str) -> str:
    """A name without spaces and hyphens, as it is looked up."""
    return SKIPPED.sub("", even(name))


def _letter(one: str) -> str:
    if one in LIGATURES:
        return LIGATURES[one]
    plain = unicodedata.normalize("NFKC", one).lower() if ord(one) > 127 else one.lower()
    # One character stays one, so that places in the even text are places in the original.
    if len(plain) != 1:
        return one if len(one) == 1 else one[0]
    return "률" if plain == "율" else plain


@dataclass(frozen=True)
class Text:
    """`written`: the sentence in composed Unicode, at most LONGEST characters; places count in it."""

    written: str

    @classmethod
    def of(cls, sentence: str) -> Text:
        return cls(unicodedata.normalize("NFC", sentence[:LONGEST])[:LONGEST])

    @cached_property
    def even(self) -> str:
        return even(self.written)

    @cached_property
    def _places(self) -> list[int]:
        return [at for at, letter in enumerate(self.even) if not SKIPPED.match(letter)]

    @cached_property
    def flat(self) -> str:
        """The even text without spaces and hyphens."""
        return "".join(self.even[at] for at in self._places)

    def span_of_flat(self, start: int, end: int) -> Span:
        return Span(self._places[start], self._places[end - 1] + 1)

    def whole(self, start: int, end: int) -> bool:
        """Whether a piece of the flat text is not torn from the middle of a Latin word."""
        first, last = self._places[start], self._places[end - 1]
        text = self.even
        if _latin(text[first]) and first and _latin(text[first - 1]):
            return False
        after = text[last + 1 : last + 3]
        if not (_latin(text[last]) and after and _latin(after[0])):
            return True
        return after[0] == "s" and not (len(after) > 1 and _latin(after[1]))

    @cached_property
    def korean(self) -> bool:
        """Whether a sentence is Korean: any Hangul makes it so."""
        return any("가" <= letter <= "힣" for letter in self.even)


def _latin(letter: str) -> bool:
    return "a" <= letter <= "z"
