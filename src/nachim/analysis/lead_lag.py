"""Which series lead which: evidence that survives the usual ways of fooling oneself.

Two series with rhythms of their own correlate at some lag by chance, so each is first freed from season and its own
past (Haugh 1976, "Checking the Independence of Two Covariance-Stationary Time Series: A Univariate Residual
Cross-Correlation Approach"), turned into normal scores, so that outliers weigh little, and freed from what moves all of
them at the same time. Then: Šidák over the lags of
a pair; Benjamini & Yekutieli (2001) over all pairs, which are not independent; what a chain or a common cause explains
is dropped by partial correlation; and last, a link must predict better on data that did not choose it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import ndtri, stdtr

from nachim.core.korean import josa

Floats = npt.NDArray[np.float64]
MOST_OWN_LAGS = 8
SEASONS = {"day": (7.0, 365.25), "week": (365.25 / 7,), "month": (12.0,)}
HARMONICS = {7.0: 3, 365.25: 2, 365.25 / 7: 3, 12.0: 4}
FEWEST, PARTIAL, FEWEST_FOR_SHARED = 60, 0.01, 8
OUT_OF_LINE = 3.5  # sd, of the sum over years
UNITS = {"day": ("일", "day"), "week": ("주", "week"), "month": ("개월", "month")}


@dataclass(frozen=True)
class Link:
    """`leader` moves `lag` times before `follower`, in the direction of `correlation` (of what is new in both).

    `q`: false discovery rate at which this link would still stand (Benjamini-Yekutieli). `gain`: part of the squared
    error of predicting the follower one step ahead that the leader takes away, on the later part of the data.
    """

    leader: str
    follower: str
    lag: int
    correlation: float
    q: float
    gain: float

    def sentence(self, locale: str = "ko", *, grain: str = "week") -> str:
        korean, english = UNITS[grain]
        up = self.correlation > 0
        if locale == "en":
            lag = f"{self.lag} {english}{'s' if self.lag > 1 else ''}"
            return (
                f"When {self.leader} rises, {self.follower} tends to {'rise' if up else 'fall'} {lag} later "
                f"(correlation {self.correlation:+.2f}, error on later data {-self.gain:+.0%})."
            )
        return (
            f"{josa(self.leader, '이/가')} 오르면 {self.lag}{korean} 뒤 {josa(self.follower, '이/가')} "
            f"{'오르는' if up else '내리는'} 편입니다"
            f"(상관 {self.correlation:+.2f}, 이후 자료에서 오차 {-self.gain:+.0%})."
        )


@dataclass(frozen=True)
class LeadLag:
    """`links`, strongest evidence first: none is the usual answer. `tested`: pairs. `too_short`: series left out.

    `candidates`: links that were significant but fell to partial correlation or to later data.
    """

    links: tuple[Link, ...]
    candidates: int
    tested: int
    too_short: tuple[str, ...]

    def sentence(self, locale: str = "ko") -> str:
        if locale == "en":
            return f"{len(self.links)} of {self.tested} pairs show a lead." if self.links else "No evidence yet."
        return (
            f"{self.tested}쌍 가운데 {len(self.links)}쌍에서 선행이 보입니다."
            if self.links
            else "아직 근거가 없습니다."
        )


def lead_lag(
    values: npt.ArrayLike,
    names: Sequence[str],
    *,
    grain: str = "week",
    max_lag: int = 8,
    false_discovery: float = 0.10,
) -> LeadLag:
    """`values` (series, time) without gaps in time, nan for missing; at least 60 known values a series.

    ValueError where shapes differ or the grain is not day, week or month.
    """
    data = np.atleast_2d(np.array(values, np.float64))
    if grain not in SEASONS:
        raise ValueError(f"grain is one of {', '.join(SEASONS)}, not {grain!r}")
    if len(data) != len(names) or data.ndim != 2:
        raise ValueError(f"{len(names)} names need as many rows, not shape {data.shape}")
    known = np.isfinite(data).sum(1)
    fewest = max(FEWEST, 4 * max_lag)
    kept = [at for at in range(len(data)) if known[at] >= fewest and np.nanstd(data[at]) > 0]
    short = tuple(name for at, name in enumerate(names) if at not in kept)
    tested = len(kept) * (len(kept) - 1)
    if tested == 0:
        return LeadLag((), 0, 0, short)
    new, spent = _innovations(data[kept], grain)
    new = _without_shared(new)
    correlation, chance = _cross(new, spent, max_lag)
    lag = np.argmin(chance, axis=0)
    pair = 1 - (1 - np.take_along_axis(chance, lag[None], 0)[0]) ** max_lag
    q = _adjusted(pair)
    candidates = [(float(pair[x, y]), int(x), int(y), int(lag[x, y]) + 1) for x, y in np.argwhere(q <= false_discovery)]
    links = []
    for x, y, at in _direct(sorted(candidates), new):
        gain = _gain(new[x], new[y], at)
        if gain > 0:
            strength = float(correlation[at - 1, x, y])
            links.append(Link(names[kept[x]], names[kept[y]], at, strength, float(q[x, y]), gain))
    links.sort(key=lambda one: (one.q, -abs(one.correlation)))
    return LeadLag(tuple(links), len(candidates), tested, short)


def _innovations(data: Floats, grain: str) -> tuple[Floats, npt.NDArray[np.intp]]:
    """Normal scores of what is new in each value: residuals of an autoregression with season. nan where the value or
    the one before it is missing. And how many coefficients each series spent."""
    times = np.arange(data.shape[1], dtype=float)
    known = np.isfinite(data)
    with np.errstate(invalid="ignore", divide="ignore"):
        scaled = np.where((np.where(known, data, 1) > 0).all(1, keepdims=True), np.log(data), data)
    filled = np.stack([np.interp(times, times[ok], row[ok]) for row, ok in zip(scaled, known, strict=True)])
    season = np.column_stack([_season(times, grain), _profile(filled, times, grain)])
    first = [_left(row, season) for row in filled]
    left, spent = np.stack([one for one, _ in first]), np.array([used for _, used in first])
    for row, columns in enumerate(_recurring(left, times, grain)):
        if columns.shape[1]:
            left[row], spent[row] = _left(filled[row], np.column_stack([season, columns]))
    read = known[:, MOST_OWN_LAGS:] & known[:, MOST_OWN_LAGS - 1 : -1]
    out = np.full(data.shape, np.nan)
    out[:, MOST_OWN_LAGS:] = np.where(read, left, np.nan)
    return np.stack([_scores(row) for row in out]), spent


def _left(y: Floats, season: Floats) -> tuple[Floats, int]:
    """Residuals of the autoregression of the order that AICc likes, all orders judged on the same times; coefficients
    used. Too many own lags cost little here, too few leave what makes independent series correlate."""
    target, n = y[MOST_OWN_LAGS:], len(y) - MOST_OWN_LAGS
    best, found = np.inf, (target, 0)
    for order in range(MOST_OWN_LAGS + 1):
        own = [y[MOST_OWN_LAGS - at : len(y) - at] for at in range(1, order + 1)]
        design = np.column_stack([season[MOST_OWN_LAGS:], *own])
        left = target - design @ np.linalg.lstsq(design, target, rcond=None)[0]
        used = design.shape[1]
        aicc = n * np.log(max(float(left @ left) / n, 1e-300)) + 2 * used * n / max(n - used - 1, 1)
        if aicc < best:
            best, found = aicc, (left, used)
    return found


def _recurring(left: Floats, times: Floats, grain: str) -> list[Floats]:
    """For each series a column for each place in the year that is out of line every year, in this series or in many:
    sales weeks and feasts are no waves."""
    period = round(SEASONS[grain][-1])
    if len(times) < 2 * period:
        return [np.zeros((len(times), 0))] * len(left)
    phase = times.astype(int) % period
    sd = 1.4826 * np.median(np.abs(left - np.median(left, axis=1, keepdims=True)), axis=1)
    z = np.clip(left / np.where(sd > 0, sd, 1.0)[:, None], -4, 4)
    stands = np.zeros((len(left), period), bool)
    for one in range(period):
        here = z[:, phase[MOST_OWN_LAGS:] == one]
        total = here.sum(1) / np.sqrt(here.shape[1])
        alike = (np.sign(here) == np.sign(total)[:, None]).all(1) & (here.shape[1] > 1)
        stands[:, one] = alike & (np.abs(total) > OUT_OF_LINE)
        pooled = (total**2).mean() - 1
        if len(left) >= FEWEST_FOR_SHARED and pooled > OUT_OF_LINE * np.sqrt(2 / len(left)):
            stands[:, one] = True
    return [np.column_stack([phase == one for one in np.flatnonzero(row)]).astype(float) if row.any()
            else np.zeros((len(times), 0)) for row in stands]  # fmt: skip


def _season(times: Floats, grain: str) -> Floats:
    """Level, line, and waves of the seasons that the history shows at least twice."""
    columns = [np.ones(len(times)), times / max(len(times), 1)]
    for period in SEASONS[grain]:
        if len(times) >= 2 * period:
            for harmonic in range(1, HARMONICS[period] + 1):
                angle = 2 * np.pi * harmonic * times / period
                columns += [np.sin(angle), np.cos(angle)]
    return np.column_stack(columns)


def _profile(filled: Floats, times: Floats, grain: str) -> Floats:
    """A year that most series share, sales weeks and feasts included, as one column; none where the history or the
    number of series is too small to tell it from noise."""
    period = round(SEASONS[grain][-1])
    if len(times) < 2 * period or len(filled) < FEWEST_FOR_SHARED:
        return np.zeros((len(times), 0))
    window = np.ones(period + 1 - period % 2)
    weight = np.convolve(np.ones(len(times)), window, "same")
    left = filled - np.stack([np.convolve(row, window, "same") for row in filled]) / weight
    left = left / np.maximum(np.median(np.abs(left), axis=1, keepdims=True), 1e-300)
    phase = times.astype(int) % period
    year = np.array([np.median(left[:, phase == one]) for one in range(period)])
    return np.asarray(year[phase][:, None])


def _scores(values: Floats) -> Floats:
    """Normal scores by rank; nan stays."""
    from scipy.stats import rankdata  # half a second to import, which most processes never need

    known = np.isfinite(values)
    out = np.full(len(values), np.nan)
    out[known] = ndtri((rankdata(values[known]) - 0.375) / (known.sum() + 0.25))
    return out


def _without_shared(new: Floats) -> Floats:
    """Scores less their regression on the mean score of the other series at the same time."""
    count = len(new)
    if count < FEWEST_FOR_SHARED:
        return new
    known, zero = np.isfinite(new), np.nan_to_num(new)
    others = (zero.sum(0) - zero) / np.maximum(known.sum(0) - known, 1)
    slope = (zero * others).sum(1) / np.maximum((others**2 * known).sum(1), 1e-12)
    # Chance alone gives small slopes, and taking those out would only add noise.
    strong = slope * np.sqrt((others**2 * known).sum(1)) > 3
    return np.where(strong[:, None], new - slope[:, None] * others, new)


def _cross(new: Floats, spent: npt.NDArray[np.intp], max_lag: int) -> tuple[Floats, Floats]:
    """Correlations and two-sided chances (lag, leader, follower) for lags 1 to `max_lag`; chance 1 on the diagonal.

    Coefficients spent on season and own past are not there to correlate: their mean over the pair leaves the degrees
    of freedom."""
    count = len(new)
    known, zero = np.isfinite(new).astype(float), np.nan_to_num(new)
    correlation, chance = np.zeros((max_lag, count, count)), np.ones((max_lag, count, count))
    for at in range(1, max_lag + 1):
        early, late = slice(None, -at), slice(at, None)
        n = known[:, early] @ known[:, late].T
        both = zero[:, early] @ zero[:, late].T
        power = np.sqrt((zero[:, early] ** 2 @ known[:, late].T) * (known[:, early] @ (zero[:, late] ** 2).T))
        r = np.divide(both, power, out=np.zeros_like(both), where=power > 0).clip(-0.999999, 0.999999)
        df = np.maximum(n - 2 - (spent[:, None] + spent) / 2, 1)
        correlation[at - 1] = r
        chance[at - 1] = 2 * stdtr(df, -np.abs(r) * np.sqrt(df / (1 - r**2)))
        np.fill_diagonal(chance[at - 1], 1.0)
    return correlation, chance


def _adjusted(pair: Floats) -> Floats:
    """Benjamini-Yekutieli: p × m × Σ1/k ÷ rank, made monotone. The diagonal is no test."""
    off = ~np.eye(len(pair), dtype=bool)
    p = pair[off]
    m, order = len(p), np.argsort(p)
    scaled = p[order] * m * (1 / np.arange(1, m + 1)).sum() / np.arange(1, m + 1)
    q = np.empty(m)
    q[order] = np.minimum(np.minimum.accumulate(scaled[::-1])[::-1], 1)
    out = np.ones_like(pair)
    out[off] = q
    return out


def _direct(candidates: Sequence[tuple[float, int, int, int]], new: Floats) -> list[tuple[int, int, int]]:
    """Candidates by strength, each kept when it says something that those kept for its follower do not."""
    kept: list[tuple[int, int, int]] = []
    for _, x, y, lag in candidates:
        others = [(one, at) for one, follower, at in kept if follower == y]
        if not others or _partial(new, (x, lag), y, others) < PARTIAL:
            kept.append((x, y, lag))
    # And once more, each against all others: an early one may have stood for a later, more direct one.
    return [
        (x, y, lag) for x, y, lag in kept
        if not (others := [(one, at) for one, follower, at in kept if follower == y and one != x])
        or _partial(new, (x, lag), y, others) < PARTIAL
    ]  # fmt: skip


def _partial(new: Floats, leader: tuple[int, int], follower: int, others: Sequence[tuple[int, int]]) -> float:
    """Two-sided chance of the leader's coefficient beside the others', whose effects may spread a step either way."""
    around = [(series, lag + more) for series, lag in others for more in (-1, 0, 1) if lag + more > 0]
    columns = [_shifted(new[series], lag) for series, lag in (leader, *around)]
    rows = np.isfinite(np.column_stack([*columns, new[follower]])).all(1)
    design = np.column_stack([*(column[rows] for column in columns), np.ones(int(rows.sum()))])
    target = new[follower][rows]
    beta, *_ = np.linalg.lstsq(design, target, rcond=None)
    df = max(len(target) - design.shape[1], 1)
    spread = float(((target - design @ beta) ** 2).sum()) / df
    se = np.sqrt(spread * np.linalg.pinv(design.T @ design)[0, 0])
    return float(2 * stdtr(df, -abs(beta[0]) / se)) if se > 0 else 1.0


def _shifted(series: Floats, lag: int) -> Floats:
    return np.concatenate([np.full(lag, np.nan), series[:-lag]])


def _gain(leader: Floats, follower: Floats, lag: int) -> float:
    """Error taken away on the second half, the slope learned anew before every step."""
    x, y = _shifted(leader, lag), follower
    rows = np.isfinite(x) & np.isfinite(y)
    x, y = x[rows], y[rows]
    half = len(y) // 2
    power, both = np.cumsum(x**2), np.cumsum(x * y)
    slope = both[half - 1 : -1] / np.maximum(power[half - 1 : -1], 1e-12)
    without = float((y[half:] ** 2).sum())
    return 1 - float(((y[half:] - slope * x[half:]) ** 2).sum()) / without if without > 0 else 0.0
