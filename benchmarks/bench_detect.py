"""Detection: false alerts against the budget, events found against the 28-day ±3 sd rule, and speed.

Nulls: event-free panels of five forms, thresholds set on the first year, alerts counted in the second. Power: the
events are put into the second year of the same panels, and both methods may raise equally many false alerts: the rule
as it is, nachim with the rule's count as its budget. Both alert in episodes. Intervals: Poisson for counts, Wilson for
shares, 95 %.
"""

import itertools
import json
import sys
import time
from datetime import date, timedelta

import numpy as np
from scipy.stats import chi2

from nachim.analysis.detect import detect
from nachim.analysis.detect_alert import count, spans
from nachim.analysis.detect_calendar import FEAST, FEAST_WEEKEND, HOLIDAY, korean_days

SERIES, DAYS, YEAR = 100, 730, 365
START = date(2023, 1, 2)
WHEN = [START + timedelta(at) for at in range(DAYS)]
SPECIAL = korean_days(WHEN)
PANELS = 12
BUDGET = 2.0
WITHIN = 14  # days in which an event must be found
GAP = 7


def rhythm(rng, series=SERIES, days=DAYS):
    """Weekday pattern and slow yearly season, by series; and half the sales on holidays."""
    week = rng.uniform(-0.3, 0.3, (series, 7))[:, np.arange(days) % 7]
    year = rng.uniform(0, 0.15, (series, 1)) * np.sin(2 * np.pi * (np.arange(days) / 365.25 + rng.random((series, 1))))
    off = np.isin(SPECIAL, (HOLIDAY, FEAST, FEAST_WEEKEND))[:days]
    return week + year + np.log(rng.uniform(0.5, 1, (series, 1))) * off


def correlated(noise, lag):
    out = noise.copy()
    for at in range(1, noise.shape[1]):
        out[:, at] = lag[:, 0] * out[:, at - 1] + np.sqrt(1 - lag[:, 0] ** 2) * noise[:, at]
    return out


def money(rng, noise):
    """Around a level of the series' own, with 5 to 15 % noise: values, and the sd of the noise in logs."""
    sd = rng.uniform(0.05, 0.15, (SERIES, 1))
    return np.exp(rng.normal(10, 2, (SERIES, 1)) + rhythm(rng) + sd * noise), sd


def normal(rng):
    return money(rng, correlated(rng.standard_normal((SERIES, DAYS)), rng.uniform(0, 0.3, (SERIES, 1))))


def heavy(rng):
    """t with 4 degrees of freedom, correlation up to .7."""
    noise = rng.standard_t(4, (SERIES, DAYS)) / np.sqrt(2)
    return money(rng, correlated(noise, rng.uniform(0, 0.7, (SERIES, 1))))


def counts(rng):
    """Poisson with means of 5 to 200."""
    mean = np.exp(rng.uniform(np.log(5), np.log(200), (SERIES, 1)))
    return rng.poisson(mean * np.exp(rhythm(rng))).astype(float), 1 / np.sqrt(mean)


def shared(rng):
    """A third of every series' variance is one factor of the company with heavy tails."""
    common = rng.standard_t(4, (1, DAYS)) / np.sqrt(2)
    own = rng.standard_normal((SERIES, DAYS))
    return money(rng, np.sqrt(1 / 3) * common + np.sqrt(2 / 3) * own)


def wandering(rng):
    """Levels that wander, days that lack, and a fifth of the series at zero on three days of ten."""
    steps = np.cumsum(rng.standard_normal((SERIES, DAYS)), 1) * 0.05
    values, sd = money(rng, rng.standard_normal((SERIES, DAYS)) + steps)
    values[: SERIES // 5][rng.random((SERIES // 5, DAYS)) < 0.3] = 0
    values[rng.random(values.shape) < 0.01] = np.nan
    return values, sd


def flat(rng):
    """No weekday, season or holiday: the form that suits the rule best. For power only."""
    sd = rng.uniform(0.05, 0.15, (SERIES, 1))
    noise = correlated(rng.standard_t(4, (SERIES, DAYS)) / np.sqrt(2), rng.uniform(0, 0.7, (SERIES, 1)))
    return np.exp(rng.normal(10, 2, (SERIES, 1)) + sd * noise), sd


FORMS = {"normal": normal, "heavy tails": heavy, "counts": counts, "shared shocks": shared, "wandering": wandering}


def rule(values):
    """Outside the mean ± 3 sd of the 28 days before."""
    flags = np.zeros(values.shape, bool)
    for at in range(28, values.shape[1]):
        past = values[:, at - 28 : at]
        flags[:, at] = np.abs(values[:, at] - np.nanmean(past, 1)) > 3 * np.nanstd(past, 1)
    flags[:, :YEAR] = False
    return flags


def found_by(values, budget, rarest=0.05):
    return detect(values, WHEN, judged_from=WHEN[YEAR], budget_per_week=budget, rarest=rarest)


def poisson(number):
    return [chi2.ppf(0.025, 2 * number) / 2 if number else 0.0, chi2.ppf(0.975, 2 * number + 2) / 2]


def wilson(hits, number, z=1.96, digits=3):
    share, wide = hits / number, z * z / number
    middle, half = share + wide / 2, z * np.sqrt(share * (1 - share) / number + wide / number / 4)
    return [round(float(one) / (1 + wide), digits) for one in (middle - half, middle + half)]


def nulls(panels):
    weeks, days = (DAYS - YEAR) / 7 * panels, (DAYS - YEAR) * SERIES * panels
    said = {}
    for at, (form, make) in enumerate(FORMS.items()):
        alerts = sum(
            len(found_by(make(np.random.default_rng([at, panel]))[0], BUDGET).episodes) for panel in range(panels)
        )
        low, high = poisson(alerts)
        said[form] = {
            "a week": round(alerts / weeks, 2),
            "of budget": round(alerts / weeks / BUDGET, 2),
            "interval": [round(float(one) / weeks / BUDGET, 2) for one in (low, high)],
            "per 1,000 series-days": [round(1000 * one, 2) for one in (alerts / days, *wilson(alerts, days, digits=5))],
        }
    return said


def power(panels):
    """A third of the series get a 6 sd spike, up or down, a third a 20 % fall that stays.

    Found: the series is in an episode on the day of the spike, or within 14 days of the fall. `by chance`: the same
    rows and days in the panel without events.
    """
    said = {}
    for at, (form, make) in enumerate((FORMS | {"no rhythm": flat}).items()):
        hits, total, false = {}, 0, [0, 0]
        for panel in range(panels):
            rng = np.random.default_rng([at, panel, 1])
            quiet, sd = make(rng)
            false[0] += count(rule(quiet), GAP)
            budget = count(rule(quiet), GAP) / ((DAYS - YEAR) / 7)
            values = quiet.copy()
            day = rng.integers(YEAR + 28, DAYS - WITHIN, SERIES)
            for series in range(SERIES // 3):
                values[series, day[series]] *= np.exp(rng.choice([-1, 1]) * 6 * sd[series, 0])
            for series in range(SERIES // 3, 2 * SERIES // 3):
                values[series, day[series] :] *= 0.8
            if form == "counts":
                values = np.round(values)
            total += SERIES // 3
            runs = itertools.product(("nachim", "rule"), ((values, ""), (quiet, " by chance")))
            for name, (data, chance) in runs:
                alerts = spans(rule(data), GAP) if name == "rule" else _spans(found_by(data, budget).episodes)
                false[1] += len(alerts) if name == "nachim" and chance else 0
                for kind, first, reach in (("6 sd spike", 0, 0), ("20 % fall", SERIES // 3, WITHIN)):
                    near = {
                        row for row, begin, end in alerts
                        if first <= row < first + SERIES // 3 and begin <= day[row] + reach and end >= day[row]
                    }  # fmt: skip
                    key = f"{kind}: {name}{chance}"
                    hits[key] = hits.get(key, 0) + len(near)
        said[form] = {"false alerts, rule and nachim": false} | {
            key: [round(hit / total, 3), *wilson(hit, total)] for key, hit in sorted(hits.items())
        }
    return said


def _spans(episodes):
    return [
        (int(one.series), (one.noticed - START).days, (one.last - START).days) for one in episodes if not one.shared
    ]


def speed(series=5000):
    rng = np.random.default_rng(3)
    values = np.exp(10 + 0.1 * rng.standard_normal((series, DAYS)) + rhythm(rng, series))
    began = time.perf_counter()
    detect(values, WHEN, budget_per_week=BUDGET)
    return {"series": series, "days": DAYS, "seconds": round(time.perf_counter() - began, 1)}


def main():
    panels = int(sys.argv[1]) if len(sys.argv) > 1 else PANELS
    print(json.dumps({
        "false alerts, budget 2 a week": nulls(panels),
        "found at equal false alerts": power(panels),
        "speed": speed(),
    }, indent=1))  # fmt: skip


if __name__ == "__main__":
    main()
