"""What stands out in many series at once, within an alert budget for the whole company.

Faults of the data come first. The rest is judged by one-step residuals of a robust seasonal model with Korean
holidays, freed from the factor that moves many series together, which is an alert of its own. The budget ("about two a
week for the company") sets one threshold on how surprising a day is; days close together are one episode.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt

from nachim.analysis.detect_alert import Surprises, spans, surprises, threshold
from nachim.analysis.detect_calendar import korean_days
from nachim.analysis.detect_faults import faults
from nachim.analysis.detect_model import Fit, back, fit, without_monthly, without_shared
from nachim.analysis.detect_result import DataFault, Detection, Episode

__all__ = ["DataFault", "Detection", "Episode", "detect"]

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
FEWEST_FOR_SHARED = 20
SHARED = "shared"
CLIP_SINCE = 4.0
WIDEST = 3.0


@dataclass(frozen=True)
class Grain:
    """`season` classes from a day; `windows` for spike, shift and trend; `warm`: times before anything is judged;
    `gap`: quiet times within an episode; `weeks` a time."""

    windows: tuple[int, int, int]
    warm: int
    gap: int
    weeks: float


GRAINS = {
    "day": Grain((1, 7, 28), 56, 7, 1 / 7),
    "week": Grain((1, 4, 12), 16, 2, 1.0),
    "month": Grain((1, 3, 6), 24, 1, 365.25 / 12 / 7),
}


def detect(
    values: npt.ArrayLike,
    days: Sequence[date],
    names: Sequence[str] | None = None,
    *,
    grain: str = "day",
    budget_per_week: float = 2.0,
    judged_from: date | None = None,
    rarest: float = 0.01,
    families: Sequence[str] | None = None,
    behind: npt.ArrayLike | None = None,
    shared: bool = True,
) -> Detection:
    """`values` (series, time), nan for missing, at `days` without gaps (first days of weeks or months).

    The threshold is set on the days before `judged_from` and only later ones are judged. Without it all days set it and
    all are judged: the budget then holds for what is found in the whole history, and a change that fills a good part of
    the history counts as usual. A day is never an alert when more
    than `rarest` of all past days stood out as far, so small companies get fewer alerts than the budget allows.
    Series of one of `families` (a name each) that stand out at the same time are one alert of the budget. `behind`
    (series, time): how many things a rate or a mean is of, nan where that says nothing: the fewer, the wider it swings.
    `shared`: whether what moves many series together is taken out of each and told by itself; not where the series are
    parts of one another, as it would be what moved them.
    ValueError where shapes differ or the grain is unknown.
    """
    if grain not in GRAINS:
        raise ValueError(f"grain is one of {', '.join(GRAINS)}, not {grain!r}")
    data, how = np.atleast_2d(np.array(values, np.float64)), GRAINS[grain]
    if data.ndim != 2 or data.shape[1] != len(days):
        raise ValueError(f"values have one column a day ({len(days)}), not shape {data.shape}")
    named = [str(one) for one in names] if names is not None else [str(at) for at in range(len(data))]
    if len(named) != len(data):
        raise ValueError(f"{len(data)} series need as many names, not {len(named)}")
    data[~np.isfinite(data)] = np.nan
    until = data.shape[1] if judged_from is None else sum(day < judged_from for day in days)
    season, special = _classes(days, grain)
    broken, unread = faults(data, season, special)
    told = tuple(DataFault(named[one.series], one.kind, days[one.first], days[one.last]) for one in broken)
    data[unread] = np.nan
    enough = np.isfinite(data[:, :until]).sum(1) >= 1.5 * how.warm
    short = tuple(name for name, yes in zip(named, enough, strict=True) if not yes)
    kept = np.flatnonzero(enough)
    if not len(kept):
        return Detection(told, (), 0.0, 0.0, short)
    of = None if behind is None else np.atleast_2d(np.array(behind, np.float64))[kept]
    noise = None if of is None else _noise(of, until)
    model = fit(data[kept], season, special, how.warm, until, noise, of)
    residual = model.residual
    if grain == "day":
        residual = without_monthly(residual, np.array([day.day for day in days], np.intp), until)
    left, factor, loading = (
        without_shared(residual, until)
        if shared and len(kept) >= FEWEST_FOR_SHARED
        else (residual, np.zeros(len(days)), np.zeros(len(kept)))
    )
    rows = np.concatenate([left, factor[None]]) if loading.any() else left
    # Chances are told from days on which the model had settled, where there are enough of them.
    settled = 2 * how.warm if until >= 4 * how.warm else how.warm
    found = surprises(rows, how.windows, settled, until)
    past = found.level[:, settled:until]
    weeks = max(past.shape[1] * how.weeks, how.weeks)
    told_with = [*(families[int(at)] for at in kept), SHARED] if families is not None else None
    limit, alerts = threshold(past, budget_per_week * weeks, how.gap, -np.log10(rarest), told_with)
    first = how.warm if judged_from is None else until
    flags = found.level > limit
    flags[:, :first] = False
    episodes = [
        _episode(row, begin, end, found, flags[row], rows, model, days, [named[at] for at in kept], loading, how)
        for row, begin, end in spans(flags, how.gap)
    ]
    episodes.sort(key=lambda one: -one.one_in)
    return Detection(told, tuple(episodes), limit, alerts / weeks, short)


def _noise(behind: Floats, until: int) -> Floats:
    """How much wider than usual a value swings that is the mean of so many: by the root of how many less."""
    known = np.where(behind > 0, behind, np.nan)
    usual = np.array([np.median(row[np.isfinite(row)]) if np.isfinite(row).any() else 1.0 for row in known[:, :until]])
    return np.nan_to_num(np.sqrt(usual[:, None] / known), nan=1.0).clip(1 / WIDEST, WIDEST)


def _classes(days: Sequence[date], grain: str) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
    none = np.zeros(len(days), np.intp)
    if grain == "day":
        return np.array([day.weekday() for day in days], np.intp), korean_days(days)
    return (np.array([day.month - 1 for day in days], np.intp) if grain == "month" and len(days) >= 36 else none), none


def _episode(
    row: int, begin: int, end: int, found: Surprises, flagged: Bools, rows: Floats, model: Fit, days: Sequence[date],
    names: Sequence[str], loading: Floats, how: Grain,
) -> Episode:  # fmt: skip
    # What comes back is told by the episode's end: it is described by its first direction.
    turned = np.flatnonzero(flagged[begin : end + 1] & (found.upward[row, begin : end + 1] != found.upward[row, begin]))
    until = begin + int(turned[0]) if len(turned) else end + 1
    peak = begin + int(np.argmax(found.level[row, begin:until]))
    up = bool(found.upward[row, peak])
    window = how.windows[found.window[row, peak]]
    since = min(_since(rows[row], begin, peak, window, up), begin)
    common = (days[since], days[begin], days[end], up)
    one_in, ongoing = float(10 ** min(found.level[row, peak], 300)), end == len(days) - 1
    spike = found.window[row, peak] == 0 and until - 1 - since < how.windows[1] // 2
    if row == len(names):
        kind = "spike" if spike else "shift"
        most = np.argsort(-np.abs(loading))[:3]
        return Episode(SHARED, kind, *common, 0.0, 0.0, one_in, ongoing, True, tuple(names[at] for at in most))
    free = model.values[row] - model.season[row]
    with np.errstate(invalid="ignore"):
        before = free[max(0, since - how.windows[2]) : since]
        inside = free[since:until]
    third = max(len(inside) // 3, 1)
    parts = (before, inside[:third], inside[-third:], free[since : peak + 1])
    was, early, late, within = (_median(part) for part in parts)
    # A level that stays is there from the start; a trend is still far from where it goes.
    kind = "spike" if spike else "trend" if abs(early - was) < 0.5 * abs(late - was) else "shift"
    now = late if kind == "trend" else within
    if not (now > was if up else now < was):
        # It stood out against what the season and the other series let expect, not against the weeks before.
        recent = slice(max(peak - window + 1, 0), peak + 1)
        now = _median(free[recent])
        was = now - np.nanmean(rows[row, recent] * model.scale[row, recent])
    usual, seen = (float(back(one, int(model.how[row]))) for one in (was, now))
    return Episode(names[row], kind, *common, usual, seen, one_in, ongoing)


def _median(values: Floats) -> Floats:
    known = values[np.isfinite(values)]
    return np.asarray(np.median(known) if len(known) else np.nan)


def _since(z: Floats, begin: int, peak: int, window: int, up: bool) -> int:
    """When it began: the start of the stretch up to the peak whose sum is furthest out for its length."""
    if window == 1:
        return min(begin, peak)
    first = max(0, min(begin, peak) - window + 1)
    part = np.clip(np.nan_to_num(z[first : peak + 1]), -CLIP_SINCE, CLIP_SINCE)[::-1]
    sums = np.cumsum(part) / np.sqrt(np.arange(1, len(part) + 1))
    return peak - int(np.argmax(sums if up else -sums))
