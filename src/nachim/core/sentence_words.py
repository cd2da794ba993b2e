"""The words sentences are read with: plain values that the catalogue fills in, and finding names in a text."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from nachim.core.sentence_text import Span, Text, squeeze

# What a name found in a sentence is: a metric's, a look-alike's, a proxy's, of what nobody measures, of no bearing.
METRIC, OTHER, PROXY, UNMEASURED, ASIDE = "metric", "other", "proxy", "unmeasured", "aside"


@dataclass(frozen=True)
class Known:
    """A metric as sentences speak of it.

    `typical`: where values usually lie. `down`, `up`: the most a month's work plausibly moves it, as shares of the
    value, or where `by` is points in its own unit (percents in percentage points). `instead`: metrics that carry a
    goal better than this one, the best first, and `why`, by locale.
    """

    name: str
    names: tuple[str, ...]
    label: Mapping[str, str] = field(hash=False)
    unit: str
    better: str
    outcomes: tuple[str, ...]
    typical: tuple[float | None, float | None]
    down: float
    up: float
    by: str
    instead: tuple[str, ...] = ()
    why: Mapping[str, str] = field(default_factory=dict, hash=False)
    either_way: bool = False


@dataclass(frozen=True)
class Alias:
    """Names of what is no KPI, and which metrics stand for it better."""

    kind: str
    names: tuple[str, ...]
    instead: tuple[str, ...] = ()
    why: Mapping[str, str] = field(default_factory=dict, hash=False)


@dataclass(frozen=True)
class Directions:
    """Stems of words: which way, keeping, reaching, and what turns the way around."""

    up: tuple[str, ...]
    down: tuple[str, ...]
    better: tuple[str, ...]
    keep: tuple[str, ...]
    reach: tuple[str, ...]
    negated: tuple[str, ...]
    not_before: tuple[str, ...]


@dataclass(frozen=True)
class Found:
    """A name in the text: `name` is the metric's key, empty for what is no metric."""

    span: Span
    kind: str
    name: str = ""
    alias: Alias | None = None


@dataclass(frozen=True)
class Vocabulary:
    """All that is known of words; built by `catalog.vocabulary`, plain here so that the rules stay pure."""

    metrics: Mapping[str, Known] = field(hash=False)
    aliases: tuple[Alias, ...]
    directions: Directions
    vague: tuple[str, ...]
    fillers: frozenset[str]

    @cached_property
    def _names(self) -> dict[str, list[tuple[str, str, str, Alias | None]]]:
        """Every name, squeezed, by its first letter, the longest first: (squeezed, kind, metric, alias)."""
        flat: dict[str, tuple[str, str, Alias | None]] = {}
        for alias in self.aliases:
            flat.update((squeeze(name), (alias.kind, "", alias)) for name in alias.names)
        for metric in self.metrics.values():
            flat.update((squeeze(name), (METRIC, metric.name, None)) for name in metric.names)
        made: dict[str, list[tuple[str, str, str, Alias | None]]] = {}
        for name in sorted(flat, key=len, reverse=True):
            made.setdefault(name[0], []).append((name, *flat[name]))
        return made

    def find(self, text: Text) -> list[Found]:
        """The names in a text, left to right, the longest at each place."""
        flat, at, found = text.flat, 0, []
        while at < len(flat):
            for name, kind, metric, alias in self._names.get(flat[at], ()):
                if flat.startswith(name, at) and text.whole(at, at + len(name)):
                    found.append(Found(text.span_of_flat(at, at + len(name)), kind, metric, alias))
                    at += len(name) - 1
                    break
            at += 1
        return found

    def better(self, metric: str | None) -> str:
        """The direction in which a metric gets better; up where none is known."""
        return self.metrics[metric].better if metric and metric in self.metrics else "up"
