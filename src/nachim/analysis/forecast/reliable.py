"""Whether a forecast can be relied on, decided from the history and from the forecast's own record."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from nachim.analysis.forecast.frequency import Frequency
from nachim.analysis.forecast.refusal import Refusal

Floats = npt.NDArray[np.float64]
# The recent history that is looked at, in values or in seasons; the most that may be missing or zero in it.
RECENT, RECENT_SEASONS = 60, 7
MOST_MISSING, MOST_ZEROS = 0.3, 0.6
FEWEST_ORIGINS = 4
# The fewest of past values a 95 % interval may have held.
LEAST_HELD = 0.8
# So many scales off for two thirds of the newest horizon is a break, not chance.
BREAK = 4.0


def doubt(values: Floats, scores: Floats, steps: int, frequency: Frequency, widest: Floats) -> Refusal | None:
    """The first reason not to rely on the forecast; None where there is none.

    `scores`: past errors in scales that did not know them (origins, steps), newest first. `widest`: the multiple of
    the scale of the 95 % interval at each step.
    """
    known = np.isfinite(values)
    found = int(known.sum())
    if found < frequency.least:
        return Refusal("too_short", {"found": found, "needed": frequency.least})
    recent = values[-max(RECENT, round(RECENT_SEASONS * frequency.main) if frequency.code == "H" else 0) :]
    seen = np.isfinite(recent)
    if 1 - seen.mean() > MOST_MISSING:
        return Refusal("gaps", {"share": round(100 * (1 - float(seen.mean())))})
    zeros = float((recent[seen] == 0).mean())
    if (recent[seen] == recent[seen][0]).all():
        return Refusal("constant")
    if zeros > MOST_ZEROS:
        return Refusal("zeros", {"share": round(100 * zeros)})
    if steps > len(values):
        return Refusal("too_far", {"found": len(values), "steps": steps})
    tested = int(np.isfinite(scores).any(axis=1).sum())
    if tested < FEWEST_ORIGINS:
        return Refusal("untested", {"found": tested, "needed": FEWEST_ORIGINS})
    off = np.abs(scores)
    newest = off[0][np.isfinite(off[0])]
    if len(newest) >= 3 and float((newest > BREAK).mean()) >= 2 / 3:
        return Refusal("broken")
    there = np.isfinite(off)
    held = float((off <= widest)[there].mean())
    if held < LEAST_HELD:
        return Refusal("missed", {"share": round(100 * held)})
    return None
