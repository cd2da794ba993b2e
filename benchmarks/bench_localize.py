"""Segment search on 68 labelled cases of a video service (RobustSpot RS, a ratio), beside Adtributor as published.

Both get the same table: the minute of the alarm, and the mean of the four minutes before as the expected value (Lin et
al. 2020). `Search`'s values come from five-fold cross-validation here: what is printed as out of fold was scored on
cases that did not choose. Reads ../shared/data/rca_rs beside the checkout, or the folder given as the first argument.
With --choose every setting is tried again.
"""

import collections
import csv
import itertools
import json
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import yaml

from nachim.analysis.localize import Localization, Search, localize

FOLDER = Path(__file__).resolve().parents[2] / "shared/data/rca_rs"
HISTORY = 4  # minutes
FOLDS, REPEATS = 5, 20
GRID = {
    "unevenness": (0.25, 0.4, 0.6),
    "naming": (0.5, 1.0, 2.0),
    "next_gain": (0.3, 0.4, 0.5),
    "half_unit": (0.1, 0.25, 0.5),
    "prior": (1.0, 2.0, 4.0),
}


def read(folder):
    """Each case: its columns of labels, real and expected (n, 2), and the labelled causes."""
    for case in yaml.safe_load((folder / "anomaly.yaml").read_text(encoding="utf-8")):
        with open(folder / f"{case['data']}.csv", encoding="utf-8") as lines:
            rows = list(csv.DictReader(lines))
        names = [name for name in rows[0] if name not in ("min", "value", "cnt")]
        at = case["timestamp"]
        before = {at - 60 * ago for ago in range(1, HISTORY + 1)}
        minutes = len(before & {int(row["min"]) for row in rows})
        leaves = collections.defaultdict(lambda: np.zeros((2, 2)))
        for row in rows:
            minute, counted = int(row["min"]), np.array([float(row["value"]), float(row["cnt"])])
            leaf = tuple(row[name] for name in names)
            if minute == at:
                leaves[leaf][0] += counted
            elif minute in before:
                leaves[leaf][1] += counted / minutes
        # A leaf of the past alone says nothing about a rate now.
        kept = [leaf for leaf, (now, _) in leaves.items() if now[1] > 0]
        columns = {name: [leaf[at] for leaf in kept] for at, name in enumerate(names)}
        table = np.array([leaves[leaf] for leaf in kept])
        causes = case["cause"] if isinstance(case["cause"], list) else [case["cause"]]
        yield columns, table[:, 0], table[:, 1], {frozenset((k, str(v)) for k, v in one.items()) for one in causes}


def ours(columns, real, expected, how):
    found = localize(columns, real, expected, how=how)
    segments = found.segments if isinstance(found, Localization) else ()
    return {frozenset(one.where.items()) for one in segments}


def adtributor(columns, real, expected, *, total_power=0.67, each_power=0.1, most=3):
    """Bhagwan et al. (NSDI 2014), algorithm 1 with its thresholds, explanatory power and surprise of a derived
    measure as in its section 3.4: partial derivatives in finite differences, and the surprises of both parts added."""
    found = []
    sums = real.sum(0), expected.sum(0)
    for name, labels in columns.items():
        values, of_row = np.unique(labels, return_inverse=True)
        now, then = (np.stack([np.bincount(of_row, part[:, at]) for at in (0, 1)], 1) for part in (real, expected))
        top, bottom = (now - then).T
        power = (top * sums[1][1] - bottom * sums[1][0]) / (sums[1][1] * (sums[1][1] + bottom))
        power = power / power.sum()
        surprise = np.zeros(len(values))
        for at in (0, 1):
            p, q = then[:, at] / sums[1][at], now[:, at] / sums[0][at]
            with np.errstate(divide="ignore", invalid="ignore"):
                surprise += 0.5 * np.nan_to_num(p * np.log(2 * p / (p + q)))
                surprise += 0.5 * np.nan_to_num(q * np.log(2 * q / (p + q)))
        chosen, explained = [], 0.0
        for at in np.argsort(-surprise):
            if power[at] > each_power:
                chosen.append(at)
                explained += power[at]
            if explained > total_power:
                found.append((surprise[chosen].sum(), {frozenset([(name, str(values[at]))]) for at in chosen}))
                break
    found.sort(key=lambda one: -one[0])
    return set().union(*(one for _, one in found[:most])) if found else set()


def score(found, causes):
    hits = sum(len(one & cause) for one, cause in zip(found, causes, strict=True))
    f1 = 2 * hits / (sum(map(len, found)) + sum(map(len, causes)))
    return f1, float(np.mean([one == cause for one, cause in zip(found, causes, strict=True)]))


def said(found, causes, seconds=None):
    f1, exact = score(found, causes)
    each = {"micro_F1": round(f1, 3), "exact": round(exact, 3), "abstained": sum(not one for one in found)}
    return each | ({"ms_a_case": round(1000 * seconds / len(causes), 1)} if seconds else {})


def choose(cases):
    """Cross-validation, repeated: the best setting of four fifths (F1 + exact), scored on the fifth left out."""
    settings = [
        replace(Search(), **dict(zip(GRID, values, strict=True))) for values in itertools.product(*GRID.values())
    ]
    causes = [case[3] for case in cases]
    found = [[ours(*case[:3], how) for case in cases] for how in settings]
    rng, votes, outside = np.random.default_rng(1), collections.Counter(), []
    for _ in range(REPEATS):
        order = rng.permutation(len(cases))
        answers = [set()] * len(cases)
        for fold in np.array_split(order, FOLDS):
            inside = [at for at in range(len(cases)) if at not in set(fold.tolist())]
            totals = [sum(score([one[at] for at in inside], [causes[at] for at in inside])) for one in found]
            best = int(np.argmax(totals))
            votes[best] += 1
            for at in fold:
                answers[at] = found[best][at]
        outside.append(score(answers, causes))
    every = np.array([score(one, causes) for one in found])
    return {
        "out of fold": dict(zip(("micro_F1", "exact"), np.mean(outside, 0).round(3).tolist(), strict=True)),
        "settings tried": len(settings),
        "F1 over settings, least median most": np.quantile(every[:, 0], (0, 0.5, 1)).round(3).tolist(),
        "exact over settings": np.quantile(every[:, 1], (0, 0.5, 1)).round(3).tolist(),
        "chosen most often": [
            {key: getattr(settings[at], key) for key in GRID} | {"folds": count} for at, count in votes.most_common(3)
        ],
    }


def speed(leaves=100_000):
    """A sum over six dimensions with one struck segment."""
    rng = np.random.default_rng(2)
    columns = {f"d{at}": rng.integers(0, size, leaves) for at, size in enumerate((40, 25, 20, 12, 8, 5))}
    expected = rng.gamma(2, 500, leaves)
    struck = (columns["d1"] == 3) & (columns["d4"] == 2)
    real = expected * rng.lognormal(-0.005, 0.1, leaves) * np.where(struck, 0.6, 1)
    began = time.perf_counter()
    found = localize(columns, real, expected)
    return {"leaves": leaves, "seconds": round(time.perf_counter() - began, 2),
            "right": [one.where for one in found.segments] == [{"d1": "3", "d4": "2"}]}  # fmt: skip


def main():
    folders = [Path(one) for one in sys.argv[1:] if not one.startswith("--")]
    folder = folders[0] if folders else FOLDER
    result = {"speed": speed()}
    if folder.exists():
        cases = list(read(folder))
        causes = [case[3] for case in cases]
        began = time.perf_counter()
        found = [ours(*case[:3], Search()) for case in cases]
        result["cases"] = len(cases)
        result["nachim"] = said(found, causes, time.perf_counter() - began)
        for most in (3, 1):
            began = time.perf_counter()
            peer = [adtributor(*case[:3], most=most) for case in cases]
            result[f"Adtributor, best {most}"] = said(peer, causes, time.perf_counter() - began)
        if "--choose" in sys.argv:
            result["cross-validation"] = choose(cases)
    print(json.dumps(result, indent=1, ensure_ascii=False))


if __name__ == "__main__":
    main()
