"""Which version held on a day: a revision changes what comes after it and leaves what was judged as it was."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Protocol, TypeVar


class Dated(Protocol):
    """A version: its number, rising, and the first day it holds."""

    @property
    def version(self) -> int: ...
    @property
    def valid_from(self) -> date: ...


Version = TypeVar("Version", bound=Dated)


def in_force(versions: Iterable[Version], day: date) -> Version | None:
    """The newest version that holds on `day`; before the first one began, the first; None where there is none.

    Of two that begin on the same day the later one corrects the earlier, which then never held.
    """
    known = sorted(versions, key=lambda one: one.version)
    holding = [one for one in known if one.valid_from <= day]
    return holding[-1] if holding else (known[0] if known else None)


def next_after(versions: Iterable[Version], day: date) -> Version | None:
    """The version that will hold after the one of `day`, where one is already decided."""
    coming = [one for one in versions if one.valid_from > day]
    return min(coming, key=lambda one: (one.valid_from, -one.version), default=None)
