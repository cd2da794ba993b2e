"""The odds that a target is met by its date, from sample paths; what it would take; and which targets they propose.

A forecast that cannot be relied on has no odds: the answer is 판단 불가 with the reason.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from nachim.analysis.forecast.drawn import Ahead
from nachim.analysis.forecast.refusal import Refusal
from nachim.core.status import Odds

Floats = npt.NDArray[np.float64]
Direction = Literal["up", "down"]
# What a target speaks of: the last period before it is due, the sum or the average of all periods from its start, the
# ratio of two sums, every single period, or the share of periods that keep a rule.
Over = Literal["last", "sum", "average", "rate", "every", "share"]
PATHS = 4000
# Doubt about the width itself: its interval holds the true odds so often.
SURE = 1.2816
# Which of the reasons a status knows (core.status.Odds) each refusal is.
STATUS_REASON = {"too_short": "too_short", "too_far": "too_short", "untested": "too_short", "missed": "uncalibrated"}


@dataclass(frozen=True)
class Aim:
    """`level` to reach from below (`up`) or to stay under (`down`); equality is met.

    `share`: for `over` "share" the least share of periods that keep to the level. `weights`: for "rate" the
    denominators of the periods so far and ahead, in order.
    """

    level: float
    direction: Direction = "up"
    over: Over = "last"
    share: float = 1.0
    weights: tuple[float, ...] = ()


@dataclass(frozen=True)
class Outlook:
    """The odds `p`, or None with the `refusal`. `low`, `high`: p as it would be with a width a little off.

    `needed`: what each remaining period has to bring on average. `recent`: what the last periods brought, as many as
    remain (or all there are). `expected`: the median of what the target speaks of.
    """

    p: float | None
    low: float | None
    high: float | None
    needed: float | None
    recent: float
    expected: float
    refusal: Refusal | None = None

    def odds(self) -> Odds:
        """In the form a status is judged with."""
        if self.p is not None:
            return Odds(self.p)
        code = self.refusal.code if self.refusal else "unreliable"
        return Odds(None, STATUS_REASON.get(code, "unreliable"))


def outlook(of: Ahead, aim: Aim, so_far: Sequence[float] = (), paths: Floats | None = None) -> Outlook:
    """The odds of `aim` at the end of the forecast's horizon. `so_far`: periods since the start, oldest first.

    `paths`: the forecast's own, where they have been drawn already.
    """
    done = np.asarray(so_far, dtype=np.float64)
    if aim.over == "rate" and len(aim.weights) != len(done) + of.steps:
        raise ValueError("a rate needs the denominators of all its periods, those ahead too")
    paths = of.paths(PATHS) if paths is None else paths
    reached = measure(paths, aim, done)
    needed = required(aim, done, of.steps)
    values = of.history.values[np.isfinite(of.history.values)]
    recent = float(values[-of.steps :].mean())
    expected = float(np.median(reached))
    if of.doubt is not None:
        return Outlook(None, None, None, needed, recent, expected, of.doubt)
    p = _chance(reached, aim)
    off = paths - of.mean
    usual = off.std(axis=0)
    around = [_chance(measure(of.mean + wide * off + shift * usual, aim, done), aim) for wide, shift in _doubts(of)]
    return Outlook(p, min([p, *around]), max([p, *around]), needed, recent, expected)


def measure(paths: Floats, aim: Aim, done: Floats) -> Floats:
    """(paths,): what the target speaks of at the end of each path (paths, steps), given the periods so far."""
    up = aim.direction == "up"
    if aim.over == "last":
        return paths[:, -1]
    if aim.over in ("sum", "average"):
        total: Floats = paths.sum(axis=1) + done.sum()
        return total if aim.over == "sum" else total / (len(done) + paths.shape[1])
    before = np.broadcast_to(done, (len(paths), len(done)))
    whole = np.concatenate([before, paths], axis=1)
    found: Floats
    match aim.over:
        case "rate":
            weights = np.asarray(aim.weights, dtype=np.float64)
            total = weights.sum()
            if total <= 0 or (weights < 0).any():
                raise ValueError("the denominators of a rate are not below zero, and not all of them are zero")
            found = whole @ (weights / total)
        case "every":
            found = whole.min(axis=1) if up else whole.max(axis=1)
        case "share":
            found = (whole >= aim.level if up else whole <= aim.level).mean(axis=1)
    return found


def required(aim: Aim, done: Floats, ahead: int) -> float | None:
    """What each of the `ahead` periods has to bring on average for the aim to be met exactly; None where none can."""
    up = aim.direction == "up"
    match aim.over:
        case "last":
            return aim.level
        case "sum":
            return float((aim.level - done.sum()) / ahead)
        case "average":
            return float((aim.level * (len(done) + ahead) - done.sum()) / ahead)
        case "rate":
            weights = np.asarray(aim.weights, dtype=np.float64)
            left = float(weights[len(done) :].sum())
            return float((aim.level * weights.sum() - done @ weights[: len(done)]) / left) if left > 0 else None
        case "every":
            kept = (done >= aim.level).all() if up else (done <= aim.level).all()
            return aim.level if kept else None
        case "share":
            hits = int((done >= aim.level).sum() if up else (done <= aim.level).sum())
            return aim.level if hits + ahead >= aim.share * (len(done) + ahead) else None


def _chance(reached: Floats, aim: Aim) -> float:
    if aim.over == "share":
        return float((reached >= aim.share - 1e-9).mean())
    return float((reached >= aim.level if aim.direction == "up" else reached <= aim.level).mean())


def _doubts(of: Ahead) -> list[tuple[float, float]]:
    """How far the width and the middle may be off, in shares of the width: the record holds only so many origins."""
    count = max(of.origins / 2, 1.0)
    wide, shift = SURE / np.sqrt(2 * count), 0.5 * SURE / np.sqrt(count)
    return [(float(1 + wide), 0.0), (float(1 / (1 + wide)), 0.0), (1.0, float(shift)), (1.0, -float(shift))]


@dataclass(frozen=True)
class Proposal:
    """Levels for a target: `likely` is reached in half of all cases, `ambitious` in one of five, `stretch` in
    one of ten, and `safe` is the level whose odds are 70 %. `refusal`: why none is proposed; the levels are then None.
    """

    likely: float | None
    ambitious: float | None
    stretch: float | None
    safe: float | None
    refusal: Refusal | None = None


def propose(of: Ahead, aim: Aim, so_far: Sequence[float] = ()) -> Proposal:
    """Targets from the odds for what `aim` speaks of; its own level does not matter."""
    if of.doubt is not None:
        return Proposal(None, None, None, None, of.doubt)
    likely, ambitious, stretch, safe = (level_at(of, aim, p, so_far) for p in (0.5, 0.2, 0.1, 0.7))
    return Proposal(likely, ambitious, stretch, safe)


def level_at(of: Ahead, aim: Aim, p: float, so_far: Sequence[float] = ()) -> float:
    """The level whose odds are `p`. For a share of periods: the level that the share of periods keeps with odds `p`."""
    if not 0 < p < 1:
        raise ValueError("odds lie between 0 and 1")
    done = np.asarray(so_far, dtype=np.float64)
    paths = of.paths(PATHS)
    up = aim.direction == "up"
    if aim.over == "share":
        whole = np.concatenate([np.broadcast_to(done, (len(paths), len(done))), paths], axis=1)
        # The level that exactly the wanted number of periods keeps, on each path.
        kept = int(np.ceil(aim.share * whole.shape[1] - 1e-9))
        ordered = np.sort(whole, axis=1)
        reached = ordered[:, -kept] if up else ordered[:, kept - 1]
    else:
        reached = measure(paths, aim, done)
    return float(np.quantile(reached, 1 - p if up else p))


@dataclass(frozen=True)
class Precedent:
    """How often a change as large happened before: `times` of `of` spans of the same length."""

    times: int
    of: int


def precedent(values: Sequence[float] | Floats, steps: int, change: float, *, relative: bool) -> Precedent:
    """How often the series moved by `change` (a share of where it stood, if `relative`) or more in `steps` periods."""
    known = np.asarray(values, dtype=np.float64)
    if steps < 1:
        raise ValueError("there has to be at least one step")
    before, after = known[:-steps], known[steps:]
    usable = np.isfinite(before) & np.isfinite(after) & ((before > 0) if relative else True)
    moved = (after[usable] - before[usable]) / (before[usable] if relative else 1.0)
    return Precedent(int((moved >= change).sum() if change >= 0 else (moved <= change).sum()), len(moved))
