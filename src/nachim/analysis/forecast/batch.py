"""Forecasts of one series or of many, in parallel processes."""

from __future__ import annotations

import multiprocessing
import os
import threading
from collections import defaultdict
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from nachim.analysis.forecast.calibration import COMMON, Calibration, pooled
from nachim.analysis.forecast.combine import Ints, combine
from nachim.analysis.forecast.frequency import FREQUENCIES, Code
from nachim.analysis.forecast.reliable import doubt
from nachim.analysis.forecast.result import Forecast
from nachim.analysis.forecast.series import History
from nachim.analysis.forecast.slips import without_slips
from nachim.analysis.forecast.spread import POWER, Spread, spread
from nachim.analysis.holiday import ORDINARY, calendar

Floats = npt.NDArray[np.float64]
# Series a process takes at a time; fewer than FEW in all are not worth starting processes for.
CHUNK, FEW = 24, 24
NEIGHBOURS = 150
# Below so many changes the usual one, in shares of the values' size, is partly guessed.
FEW_CHANGES, GUESS = 5, 0.1


@dataclass(frozen=True, eq=False)
class _Draft:
    """A forecast before it is known how many scales its intervals reach; in units of the series' usual size."""

    unit: float
    center: Floats
    spread: Spread
    weights: Floats


def forecast(of: History, steps: int, *, calibration: Calibration = COMMON, korean: bool = True) -> Forecast:
    """Forecast the next `steps` periods. `korean`: learn from the series what Korean holidays are worth."""
    if steps < 1:
        raise ValueError("there has to be at least one step")
    return _finished(of, _drafts([of], steps, korean)[0], calibration)


def forecast_many(
    histories: Sequence[History],
    steps: int,
    *,
    processes: int | None = None,
    together: bool = True,
    korean: bool = True,
    progress: Callable[[int], None] = lambda done: None,
) -> list[Forecast]:
    """Forecast each history, in the order given.

    `together`: widths are calibrated on all series of a frequency at once; otherwise a series' result is the same as
    alone. `processes`: default one per processor. `progress` hears how many series are done.
    """
    if steps < 1:
        raise ValueError("there has to be at least one step")
    drafts = _in_processes(histories, steps, processes or _processors(), korean, progress)
    by_code: dict[Code, list[int]] = defaultdict(list)
    for at, one in enumerate(histories):
        by_code[one.code].append(at)
    found: list[Forecast | None] = [None] * len(histories)
    for members in by_code.values():
        calibration = pooled((drafts[at].spread.scores for at in members), steps) if together else COMMON
        for at in members:
            found[at] = _finished(histories[at], drafts[at], calibration)
    return [one for one in found if one is not None]


def _processors() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _in_processes(
    histories: Sequence[History], steps: int, processes: int, korean: bool, progress: Callable[[int], None]
) -> list[_Draft]:
    # Of one frequency and similar length together, so that rows run side by side.
    order = sorted(range(len(histories)), key=lambda at: (histories[at].code, len(histories[at].values), at))
    parts = [order[first : first + CHUNK] for first in range(0, len(order), CHUNK)]
    drafts: list[_Draft | None] = [None] * len(histories)
    done = 0

    def keep(part: list[int], made: list[_Draft]) -> None:
        nonlocal done
        for at, draft in zip(part, made, strict=True):
            drafts[at] = draft
        done += len(part)
        progress(done)

    if processes == 1 or len(histories) <= FEW:
        for part in parts:
            keep(part, _drafts([histories[at] for at in part], steps, korean))
    else:
        # A copy of a process with threads may hold their locks for ever; then a fresh one is started instead.
        alone = threading.active_count() == 1 and "fork" in multiprocessing.get_all_start_methods()
        context = multiprocessing.get_context("fork" if alone else "spawn")
        with ProcessPoolExecutor(min(processes, len(parts)), mp_context=context) as pool:
            jobs = [pool.submit(_drafts, [histories[at] for at in part], steps, korean) for part in parts]
            for part, job in zip(parts, jobs, strict=True):
                keep(part, job.result())
    return [one for one in drafts if one is not None]


def _drafts(histories: Sequence[History], steps: int, korean: bool) -> list[_Draft]:
    """Drafts in the order given; histories of several frequencies one after the other."""
    drafts: list[_Draft | None] = [None] * len(histories)
    by_code: dict[Code, list[int]] = defaultdict(list)
    for at, one in enumerate(histories):
        by_code[one.code].append(at)
    for code, members in by_code.items():
        frequency = FREQUENCIES[code]
        recent = [histories[at].values[-frequency.history :] for at in members]
        kinds = [_kinds(histories[at], len(values), steps) if korean else None
                 for at, values in zip(members, recent, strict=True)]  # fmt: skip
        recent = [without_slips(values, None if own is None else own[: len(values)] == ORDINARY)
                  for values, own in zip(recent, kinds, strict=True)]  # fmt: skip
        units = [_unit(values) for values in recent]
        scaled = [values / unit for values, unit in zip(recent, units, strict=True)]
        tracks = combine(scaled, steps, frequency, kinds)
        for at, values, unit, track in zip(members, scaled, units, tracks, strict=True):
            width = spread(track.errors, _step(values, frequency.main), code, track.apart)
            drafts[at] = _Draft(unit, track.mean, width, track.weights)
    return [one for one in drafts if one is not None]


def _kinds(of: History, used: int, steps: int) -> Ints | None:
    start = of.time(len(of.values) - used)
    return None if start is None else calendar(of.code, start.date(), used + steps, of.company)


def _finished(of: History, draft: _Draft, calibration: Calibration) -> Forecast:
    steps = len(draft.center)
    reach = np.abs(calibration.quantile(np.array([0.025, 0.975]), steps)).max(axis=1)
    reason = doubt(of.values, draft.spread.scores, steps, of.frequency, reach)
    return Forecast(of, draft.unit, draft.center, draft.spread, draft.weights, calibration, reason)


def _unit(values: Floats) -> float:
    """The usual size of the values, so that inside all series are of the size of one."""
    size = np.abs(values[np.isfinite(values)])
    largest = float(size.max())
    if largest == 0:
        return 1.0
    return max(float((size / largest).mean()) * largest, 1e-300)


def _step(values: Floats, season: float) -> float:
    """The mean of |change|^1.5 from one value to the next, or to the same place a season later if that is smaller.

    Of hardly any values it is a guess: that they move by a tenth of their size.
    """
    recent = values[-NEIGHBOURS:]
    seen = int(np.isfinite(np.diff(recent)).sum())
    if seen < FEW_CHANGES and (recent[np.isfinite(recent)] != 0).any():
        told = _mean_power(np.diff(recent)) or 0.0
        return float((told * seen + GUESS**POWER) / (seen + 1))
    found = [_mean_power(np.diff(recent))]
    back = round(season)
    if season > 1 and len(recent) >= 2 * back:
        found.append(_mean_power(recent[back:] - recent[:-back]))
    known = [one for one in found if one is not None]
    return min(known) if known else 0.0


def _mean_power(change: Floats) -> float | None:
    there = np.abs(change[np.isfinite(change)])
    return float((there**POWER).mean()) if len(there) else None
