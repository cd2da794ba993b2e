"""Lead and lag on generators that are not of the filter's form: false discoveries and power, beside naive correlation.

12 series; none linked (null), or 5 links at lags of 1 to 8. No generator is an autoregression with waves plus a linear
link: levels wander and break, seasons multiply, links are bent or spread over weeks, noise has heavy tails or bursts,
values are counts or lacking. A link found at another lag than the planted one (±1) is false, and so is one that passes
through a third series. Intervals: 95 %, Wilson for shares and over runs for the mean false discovery proportion.
"""

import json
import sys
import time

import numpy as np
from scipy.stats import t as student

from nachim.analysis.lead_lag import lead_lag

SERIES, WEEKS, LINKS, RUNS, LAGS = 12, 156, 5, 60, 8
STRENGTH = 0.9  # of the leader's shock, in sd of the follower's own


def wilson(hits, number, z=1.96):
    share, wide = hits / number, z * z / number
    middle, half = share + wide / 2, z * np.sqrt(share * (1 - share) / number + wide / number / 4)
    return [round(float(one) / (1 + wide), 3) for one in (middle - half, middle + half)]


def planted(rng, links):
    """Leader, follower and lag of every link, without loops; two may make a chain."""
    order = rng.permutation(SERIES)
    pairs = [(order[a], order[b]) for a in range(SERIES) for b in range(a + 1, SERIES)]
    return [(*map(int, pairs[at]), int(rng.integers(1, LAGS + 1))) for at in rng.choice(len(pairs), links, False)]


def driven(rng, truth, noise, weeks, bend=lambda x: x, spread=(1.0,)):
    """Shocks of every series: its own, and the bent ones of its leaders, spread over the weeks from the lag on."""
    shocks = noise.copy()
    for series in sorted(range(SERIES), key=lambda one: _depth(one, truth)):
        for leader, follower, lag in truth:
            if follower == series:
                for more, weight in enumerate(spread):
                    shocks[series, lag + more :] += STRENGTH * weight * bend(shocks[leader, : weeks - lag - more])
    return shocks


def _depth(series, truth):
    return max([1 + _depth(leader, truth) for leader, follower, _ in truth if follower == series], default=0)


def wave(rng, weeks):
    """A season that is no sine: weeks of sales, a holiday dent."""
    at = np.arange(weeks)
    return 0.3 * (at % 52 > 44) - 0.4 * (at % 52 == 4) + 0.15 * np.sin(2 * np.pi * at / 52 + rng.random() * 6)


def wandering(rng, truth, weeks):
    """Levels wander with the shocks and break twice; t noise with 4 degrees of freedom."""
    shocks = driven(rng, truth, rng.standard_t(4, (SERIES, weeks)) / np.sqrt(2), weeks)
    level = np.cumsum(0.5 * shocks, 1) + shocks
    for row in level:
        for at in rng.integers(20, weeks - 20, 2):
            row[at:] += rng.choice([-1, 1]) * 4
    return np.exp(8 + 0.05 * level + np.stack([wave(rng, weeks) for _ in range(SERIES)]))


def bent(rng, truth, weeks):
    """Links saturate; moving averages, not autoregressions; a season that multiplies."""
    noise = rng.standard_normal((SERIES, weeks))
    shocks = driven(rng, truth, noise, weeks, bend=lambda x: 1.3 * np.tanh(1.5 * x))
    smooth = np.stack([np.convolve(row, [1, 0.6, 0.3, 0.1])[:weeks] for row in shocks])
    return 100 * np.exp(0.1 * smooth) * (1 + np.stack([wave(rng, weeks) for _ in range(SERIES)]))


def bursts(rng, truth, weeks):
    """Quiet and wild stretches (stochastic volatility), each series with its own."""
    calm = np.cumsum(rng.standard_normal((SERIES, weeks)) * 0.25, 1)
    noise = rng.standard_normal((SERIES, weeks)) * np.exp(0.5 * np.clip(calm - calm.mean(1, keepdims=True), -2, 2))
    noise /= noise.std(1, keepdims=True)
    shocks = driven(rng, truth, noise, weeks)
    out = shocks.copy()
    for at in range(2, weeks):
        out[:, at] += np.where(out[:, at - 1] > 0, 0.7, 0.2) * out[:, at - 1]  # threshold autoregression
    return 50 + 4 * out


def counted(rng, truth, weeks):
    """Poisson counts around 40 to 400; one week of fifty is missing."""
    shocks = driven(rng, truth, rng.standard_normal((SERIES, weeks)), weeks)
    mean = np.exp(
        rng.uniform(3.7, 6, (SERIES, 1)) + 0.15 * shocks + np.stack([wave(rng, weeks) for _ in range(SERIES)])
    )
    out = rng.poisson(mean).astype(float)
    out[rng.random(out.shape) < 0.02] = np.nan
    return out


def spread(rng, truth, weeks):
    """A link works over two weeks; slow trends that turn."""
    shocks = driven(rng, truth, rng.standard_normal((SERIES, weeks)), weeks, spread=(0.8, 0.5))
    turn = np.stack(
        [np.interp(np.arange(weeks), [0, weeks * rng.random(), weeks], rng.normal(0, 3, 3)) for _ in shocks]
    )
    return np.exp(5 + 0.1 * shocks + 0.1 * turn + np.stack([wave(rng, weeks) for _ in range(SERIES)]))


FORMS = {"wandering": wandering, "bent": bent, "bursts": bursts, "counted": counted, "spread": spread}


def naive(values):
    """Pearson at every lag, p below .05 after Šidák over lags."""
    values = np.where(np.isfinite(values), values, np.nanmean(values, 1, keepdims=True))
    found = []
    for x in range(SERIES):
        for y in range(SERIES):
            if x != y:
                r = [np.corrcoef(values[x, :-lag], values[y, lag:])[0, 1] for lag in range(1, LAGS + 1)]
                best = int(np.argmax(np.abs(r)))
                df = values.shape[1] - best - 3
                p = 2 * student.sf(abs(r[best]) * np.sqrt(df / (1 - r[best] ** 2)), df)
                if 1 - (1 - p) ** LAGS < 0.05:
                    found.append((x, y, best + 1))
    return found


def ours(values):
    found = lead_lag(values, [str(at) for at in range(SERIES)], max_lag=LAGS)
    return [(int(one.leader), int(one.follower), one.lag) for one in found.links]


def right(found, truth):
    return [one for one in found if any(one[:2] == two[:2] and abs(one[2] - two[2]) <= 1 for two in truth)]


def measure(make, links, runs, method, seed):
    proportions, hits, false, any_false = [], 0, 0, 0
    for run in range(runs):
        rng = np.random.default_rng([seed, links, run, 7])  # not the seeds that the method was built on
        truth = planted(rng, links)
        found = method(make(rng, truth, WEEKS))
        good = len(right(found, truth))
        proportions.append((len(found) - good) / max(len(found), 1))
        hits, false, any_false = hits + good, false + len(found) - good, any_false + (len(found) > good)
    mean, se = float(np.mean(proportions)), float(np.std(proportions) / np.sqrt(runs))
    if not links:
        return {
            "false links a run": round(false / runs, 2),
            "runs with any": [any_false / runs, *wilson(any_false, runs)],
        }
    return {
        "FDP": [round(mean, 3), round(max(mean - 1.96 * se, 0), 3), round(mean + 1.96 * se, 3)],
        "power": [round(hits / runs / links, 3), *wilson(hits, runs * links)],
    }


def main():
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else RUNS
    result, began = {}, time.perf_counter()
    for seed, (form, make) in enumerate(FORMS.items()):
        result[form] = {"null": measure(make, 0, runs, ours, seed), "linked": measure(make, LINKS, runs, ours, seed)}
        result[form]["naive correlation"] = measure(make, LINKS, max(runs // 8, 2), naive, seed)
    result["seconds"] = round(time.perf_counter() - began)
    print(json.dumps(result, indent=1))


if __name__ == "__main__":
    main()
