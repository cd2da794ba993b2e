"""Whether intervals hold what they say, by frequency, length and form of made series.

    python benchmarks/bench_coverage.py [--all] [--freq H|D|W|M|Q] [--forms]

The forms are laws of statistics, none of the models': trend and season with autoregressive noise, a random walk with
drift, a multiplicative season with growth, slow sellers, jumps of the level, and heavy tails with gaps. Each frequency
is forecast from a short and from a long history, all forms in one batch as in one file. Printed: MASE beside the better
of naive and seasonal naive (chosen for each series after the fact), and what the 80 and 95 % intervals held, by third
of the horizon and whole. Goals: .77-.83 and .93-.97.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent))
from m4_weekly import coverage

from nachim.analysis.forecast import forecast_many, history

# Season, horizon, a short and a long history.
SHAPES = {"H": (24, 48, 240, 1000), "D": (7, 28, 90, 730), "W": (52, 13, 60, 260), "M": (12, 12, 36, 120),
          "Q": (4, 6, 16, 60)}  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--all", action="store_true", help="200 series a form and length instead of 25")
    parser.add_argument("--freq", choices=list(SHAPES), help="only this frequency")
    parser.add_argument("--forms", action="store_true", help="a line for each form too")
    given = parser.parse_args()
    count = 200 if given.all else 25
    for code in [given.freq] if given.freq else SHAPES:
        season, steps, *lengths = SHAPES[code]
        for length in lengths:
            began = time.process_time()
            whole = []
            for name, law in FORMS.items():
                chance = np.random.default_rng([length, *code.encode(), *name.encode()])
                whole += [law(chance, length + steps, season) for _each in range(count)]
            found = scored([one[:length] for one in whole], np.array([one[length:] for one in whole]), code, season)
            for at, name in enumerate(FORMS):
                if given.forms:
                    say(f"  {name}", {key: values[at * count : (at + 1) * count] for key, values in found.items()})
            say(f"{code}, {length} known", found, 1000 * (time.process_time() - began) / len(whole))


def scored(known: list[np.ndarray], actual: np.ndarray, code: str, season: int) -> dict[str, np.ndarray]:
    """Forecast all in one batch, as one file is, and gather what was said and what came."""
    steps = actual.shape[1]
    made = forecast_many([history(one, code) for one in known], steps, processes=1)
    mean = np.array([one.mean for one in made])
    scales = np.array([max(np.nanmean(np.abs(np.diff(one))), 0.2) for one in known])[:, None]
    last = np.array([one[-1] for one in known])[:, None]
    seasonal = np.array([np.resize(_filled(one[-season:]), steps) for one in known])
    plain = np.minimum(np.abs(actual - last).mean(axis=1), np.abs(actual - seasonal).mean(axis=1))[:, None]
    found = {"mase": (np.abs(actual - mean) / scales).mean(axis=1), "naive": (plain / scales).mean(axis=1),
             "actual": actual, "reliable": np.array([one.reliable for one in made])}  # fmt: skip
    for level in (80, 95):
        ends = [one.interval(level / 100) for one in made]
        found[f"low{level}"], found[f"high{level}"] = (np.array(side) for side in zip(*ends, strict=True))
    return found


def say(name: str, found: dict[str, np.ndarray], spent: float | None = None) -> None:
    held = [coverage(found["actual"], found[f"low{level}"], found[f"high{level}"]) for level in (80, 95)]
    print(f"{name:22} MASE {found['mase'].mean():.2f} (naive {found['naive'].mean():.2f})"
          f"  80 % {held[0]}  95 % {held[1]}  relied on {found['reliable'].mean():.0%}"
          + (f"  {spent:.0f} ms" if spent is not None else ""), flush=True)  # fmt: skip


def trend(chance: np.random.Generator, length: int, season: int) -> np.ndarray:
    """A line, a season of two waves and autoregressive noise."""
    at = np.arange(length)
    noise = _walked(chance.normal(0, 1, length), chance.uniform(0.2, 0.9))
    waves = sum(chance.normal(0, 2) * np.sin(2 * np.pi * k * at / season + chance.uniform(0, 6)) for k in (1, 2))
    return 60 + chance.normal(0, 0.3) * 10 * at / length + waves + 1.5 * noise


def walk(chance: np.random.Generator, length: int, season: int) -> np.ndarray:
    return 200 + np.cumsum(chance.normal(chance.normal(0, 0.1), 1, length))


def multiplied(chance: np.random.Generator, length: int, season: int) -> np.ndarray:
    """Growth times season times noise."""
    at = np.arange(length)
    waves = chance.uniform(0.05, 0.4) * np.sin(2 * np.pi * at / season + chance.uniform(0, 6))
    growth = np.cumsum(chance.normal(0.0, 0.01, length)) + chance.normal(0.1, 0.3) * at / length
    return 100 * np.exp(waves + growth + chance.normal(0, 0.05, length))


def rare(chance: np.random.Generator, length: int, season: int) -> np.ndarray:
    """Counts that are zero more often than not."""
    return (chance.random(length) < chance.uniform(0.15, 0.6)) * (1.0 + chance.poisson(chance.uniform(0, 4), length))


def jumps(chance: np.random.Generator, length: int, season: int) -> np.ndarray:
    """Counts about a level that jumps now and then."""
    level = np.full(length, chance.uniform(30, 200))
    for at in np.flatnonzero(chance.random(length) < 2 / length):
        level[at:] *= np.exp(chance.normal(0, 0.3))
    return chance.poisson(level).astype(float)


def holes(chance: np.random.Generator, length: int, season: int) -> np.ndarray:
    """Student noise of three degrees of freedom about a wandering level, a tenth of it missing but at the end."""
    values = 100 + np.cumsum(chance.normal(0, 0.3, length)) + 2 * chance.standard_t(3, length)
    values[: length // 2][chance.random(length // 2) < 0.2] = np.nan
    return values


FORMS = {"trend and season": trend, "random walk": walk, "multiplied": multiplied, "slow sellers": rare,
         "jumps": jumps, "heavy with gaps": holes}  # fmt: skip


def _walked(noise: np.ndarray, keep: float) -> np.ndarray:
    out = noise.copy()
    for at in range(1, len(out)):
        out[at] += keep * out[at - 1]
    return out


def _filled(values: np.ndarray) -> np.ndarray:
    return (
        np.where(np.isfinite(values), values, np.nanmean(values))
        if np.isfinite(values).any()
        else np.zeros_like(values)
    )


if __name__ == "__main__":
    main()
