"""Lifetime models on CDNOW: parameters against the published ones, and weeks 40 to 78 against what happened.

The master file holds 23,570 customers; the published parameters are of a tenth of them (2,357), so both are fitted.
Reads ../shared/data/cdnow beside the checkout.
"""

import json
import sys
import time
from pathlib import Path

import numpy as np

from nachim.analysis import lifetime

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))
from tests.analysis.cdnow import CUT, END, purchases, sample  # noqa: E402

PUBLISHED = {"r": 0.2426, "alpha": 4.4135, "a": 0.7929, "b": 2.4258, "p": 6.25, "q": 3.74, "gamma": 15.44}


def holdout(customer, day, value) -> dict:
    """Fit on 39 weeks, forecast the next 39, and compare with the purchases and the money that came."""
    began = time.perf_counter()
    found = lifetime.fit(lifetime.histories(customer, day, value, CUT))
    seconds = time.perf_counter() - began
    assert isinstance(found, lifetime.Lifetime), found.sentence("en")
    weeks = (END - CUT).days / 7
    total, worth = found.total_purchases(weeks), found.total_value(weeks)
    end = lifetime.histories(customer, day, value, END)
    kept = np.isin(end.customers, found.histories.customers)
    actual = end.repeats[kept] - found.histories.repeats
    expected = found.expected_purchases(weeks)
    same_rate = float((found.histories.repeats / found.histories.age).sum() * weeks)
    later = (day > np.datetime64(CUT)) & (day <= np.datetime64(END))
    spend = found.spend if isinstance(found.spend, lifetime.Refusal) else dict(
        zip(found.spend.names, found.spend.values.round(4).tolist(), strict=True))  # fmt: skip
    return {
        "customers": len(found.histories),
        "fit_seconds": round(seconds, 2),
        "BG/NBD": dict(zip(found.purchases.names, found.purchases.values.round(4).tolist(), strict=True)),
        "se": found.purchases.se.round(4).tolist(),
        "log_likelihood": round(found.purchases.log_likelihood, 2),
        "Gamma-Gamma": spend.sentence("en") if isinstance(spend, lifetime.Refusal) else spend,
        "weeks_40_to_78": {
            "purchases": int(actual.sum()),
            "forecast": round(total.value),
            "interval": [round(total.low), round(total.high)],
            "error_percent": round(100 * (total.value / actual.sum() - 1), 1),
            "same_rate_forecast": round(same_rate),
            "customer_correlation": round(float(np.corrcoef(actual, expected)[0, 1]), 3),
            "mean_absolute_error": round(float(np.abs(actual - expected).mean()), 3),
            "money": round(float(value[later].sum())),
            "money_forecast": None if isinstance(worth, lifetime.Refusal) else round(worth.value),
        },
    }


def main():
    customer, day, value = purchases()
    tenth = np.isin(customer, sample())
    print(json.dumps({
        "published (a tenth, 2,357 customers)": PUBLISHED,
        "a tenth": holdout(customer[tenth], day[tenth], value[tenth]),
        "all": holdout(customer, day, value),
    }, indent=1))  # fmt: skip


if __name__ == "__main__":
    main()
