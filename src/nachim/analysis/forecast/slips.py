"""Single values that nothing around them explains: a mistyped zero too many, an order booked twice and taken back.

They are passed over as gaps, so that one of them does not widen every interval of a year. What comes again is not one:
only as many as are rare count, and only where the series goes on afterwards as it was before.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
# So many usual changes away from both sides; how near the sides have to be to each other, in the same; how rare.
FAR, NEAR, RARE = 15.0, 5.0, 0.01
SIDE = 3
LEAST = 12


def without_slips(values: Floats, ordinary: npt.NDArray[np.bool_] | None = None) -> Floats:
    """The values with NaN in the place of slips. `ordinary`: where one may be; a holiday is no slip."""
    known = np.flatnonzero(np.isfinite(values))
    if len(known) < LEAST:
        return values
    there = values[known]
    change = np.abs(np.diff(there))
    usual = 1.4826 * float(np.median(change))
    if usual <= 0 or float(change.max()) <= FAR * usual:
        return values
    found = []
    for at in range(1, len(there) - 1):
        if change[at - 1] <= FAR * usual or change[at] <= FAR * usual:
            continue
        before, after = np.median(there[max(0, at - SIDE) : at]), np.median(there[at + 1 : at + 1 + SIDE])
        off = min(abs(there[at] - before), abs(there[at] - after))
        if off > FAR * usual and abs(before - after) <= NEAR * usual and (ordinary is None or ordinary[known[at]]):
            found.append(int(known[at]))
    if not found or len(found) > max(1.0, RARE * len(there)):
        return values
    out = values.copy()
    out[found] = np.nan
    return out
