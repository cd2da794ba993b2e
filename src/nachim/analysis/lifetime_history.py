"""What each customer has done so far, condensed from purchases, and the plain value of past cohorts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Days = npt.NDArray[np.datetime64]


@dataclass(frozen=True)
class Histories:
    """One row a customer, in the order of `customers`; times in units of `unit_days` days.

    `repeats`: days with a purchase after the first. `recency`: time from the first to the last purchase. `age`: time
    from the first purchase to the end of observation. `spend`: mean value of a repeat day, nan without one.
    """

    customers: npt.NDArray[np.object_]
    repeats: Floats
    recency: Floats
    age: Floats
    spend: Floats
    unit_days: float

    def __len__(self) -> int:
        return len(self.repeats)


def histories(
    customer: npt.ArrayLike, day: npt.ArrayLike, value: npt.ArrayLike, until: date, unit_days: float = 7.0
) -> Histories:
    """Histories from one row a purchase; purchases after `until` are not seen.

    All purchases of a customer on one day are one purchase, and its value their sum: this is the definition under
    which the published CDNOW parameters hold. Averaging rows instead shifts the Gamma-Gamma parameters by 3 to 5 %.
    """
    who, when, worth = _purchase_days(customer, day, value, until)
    names, first_row, inverse = np.unique(who, return_index=True, return_inverse=True)
    count = np.bincount(inverse, minlength=len(names)).astype(float)
    last_row = first_row + count.astype(int) - 1
    total = np.bincount(inverse, weights=worth, minlength=len(names))
    repeats = count - 1
    with np.errstate(invalid="ignore"):
        spend = np.where(repeats > 0, (total - worth[first_row]) / repeats, np.nan)
    start = when[first_row]
    return Histories(
        names,
        repeats,
        (when[last_row] - start).astype(float) / unit_days,
        (np.datetime64(until, "D") - start).astype(float) / unit_days,
        spend,
        unit_days,
    )


@dataclass(frozen=True)
class Cohorts:
    """What customers of each first month have brought, a customer, by months since the first.

    `cumulative[i, k]`: value so far per customer of cohort `months[i]` through its k-th month, nan where that month
    had not ended. `pooled[k]`: over the cohorts that have lived that long, weighted by customers; the same cohorts
    appear in each month's increment, so the curve never falls when a cohort leaves it.
    """

    months: Days
    customers: npt.NDArray[np.int64]
    cumulative: Floats
    pooled: Floats


def cohorts(customer: npt.ArrayLike, day: npt.ArrayLike, value: npt.ArrayLike, until: date) -> Cohorts:
    """The plain historical value of cohorts by calendar month; no model, no future."""
    who, when, worth = _purchase_days(customer, day, value, until)
    if not len(who):
        return Cohorts(np.array([], "datetime64[M]"), np.zeros(0, np.int64), np.zeros((0, 0)), np.zeros(0))
    _, first_row, inverse = np.unique(who, return_index=True, return_inverse=True)
    month = when.astype("datetime64[M]")
    born = month[first_row][inverse]
    months = np.arange(month.min(), month.max() + 1)
    row = (born - months[0]).astype(int)
    column = (month - born).astype(int)
    size = np.bincount((month[first_row] - months[0]).astype(int), minlength=len(months))
    sums = np.zeros((len(months), len(months)))
    np.add.at(sums, (row, column), worth)
    # A month is closed when the observation reaches its last day.
    closed_months = (np.datetime64(until, "D") + 1).astype("datetime64[M]") - months[0]
    lived = closed_months.astype(int) - np.arange(len(months))
    closed = np.arange(len(months))[None, :] < lived[:, None]
    with np.errstate(invalid="ignore", divide="ignore"):
        cumulative = np.where(closed & (size[:, None] > 0), np.cumsum(sums, 1) / size[:, None], np.nan)
        weight = np.where(closed, size[:, None], 0).sum(0)
        pooled = np.cumsum(np.where(closed, sums, 0).sum(0) / weight)
    return Cohorts(months, size.astype(np.int64), cumulative, pooled)


def _purchase_days(
    customer: npt.ArrayLike, day: npt.ArrayLike, value: npt.ArrayLike, until: date
) -> tuple[npt.NDArray[np.object_], Days, Floats]:
    """One row a customer and day, sorted by both, values of the same day summed."""
    who, when = np.asarray(customer), np.asarray(day, "datetime64[D]")
    worth = np.asarray(value, float)
    seen = when <= np.datetime64(until, "D")
    who, when, worth = who[seen], when[seen], worth[seen]
    names, code = np.unique(who, return_inverse=True)
    order = np.lexsort((when, code))
    code, when, worth = code[order], when[order], worth[order]
    fresh = np.ones(len(code), bool)
    fresh[1:] = (code[1:] != code[:-1]) | (when[1:] != when[:-1])
    starts = np.flatnonzero(fresh)
    summed = np.add.reduceat(worth, starts) if len(starts) else worth
    return names[code[starts]], when[starts], summed
