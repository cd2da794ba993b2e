"""Whether odds keep their word: rolling origins on M4 weekly and on made Korean retail series of forms not the model's.

    python benchmarks/bench_odds.py [--all] [--freq D|W|M] [--shops N]

At each origin targets are set from what was known then (the last periods and how much the series usually moves, never
from the forecast or the outcome), for the last value, the sum, the average and for keeping a level. Printed per set:
share of abstentions, ECE, and Brier beside the pace rule and climatology; also the pace rule at its best, told how
often it turns out right. Calls about one series at one origin err together, so the ECE of a short run is mostly
chance: beside it stands the ECE that odds known to be right would have had here (a path in place of the outcome).
Goals: ECE <= .03 per frequency where the forecast is reliable, Brier better than both.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter, defaultdict
from datetime import date
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent))
import retail
from m4_weekly import FOLDER, load

from nachim.analysis.forecast import forecast_many, history
from nachim.analysis.forecast.drawn import drawn, unpacked
from nachim.analysis.odds import Aim, measure, outlook
from nachim.analysis.odds_record import pace_call, record

STEPS = {"D": 28, "W": 13, "M": 6, "Q": 4}
OVERS = ("last", "sum", "average", "every")
# How far targets lie from going on as before, in usual movements over the horizon.
REACHES = np.array([-1.6, -0.8, -0.3, 0.0, 0.3, 0.8, 1.6])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--all", action="store_true", help="all series and six origins instead of a sample and three")
    parser.add_argument("--freq", choices=["D", "W", "M"], help="only this frequency")
    parser.add_argument("--shops", type=int, help="how many shops of each form")
    given = parser.parse_args()
    origins = 6 if given.all else 3
    sets: dict[str, tuple[str, list[tuple[np.ndarray, date | None]]]] = {}
    if FOLDER.is_dir():
        train, _test = load()
        names = list(train) if given.all else list(train)[::12]
        sets["M4 weekly"] = "W", [(train[name], None) for name in names]
    count = given.shops or (80 if given.all else 8)
    for name, form in retail.FORMS.items():
        for code in ("D", "W", "M"):
            sets[f"{name} {code}"] = code, [retail.made(form, code, seed) for seed in range(count)]
    if given.freq:
        sets = {name: one for name, one in sets.items() if one[0] == given.freq}
    by_code: dict[str, list[Calls]] = defaultdict(list)
    for name, (code, series) in sets.items():
        found = calls(series, code, origins)
        by_code[code].append(found)
        print(f"{name:16} {found}", flush=True)
    stored()
    print()
    for code, several in by_code.items():
        print(f"{'all ' + code:16} {sum(several[1:], several[0])}")


def stored() -> None:
    """What a page pays for odds: unpacking the stored paths and counting, beside forecasting anew."""
    for code, steps in (("D", 366), ("D", 28), ("M", 12)):
        values, first = retail.made(retail.breaks, code, 1)
        known = history(values, code, first)
        began = time.perf_counter()
        made = drawn(forecast_many([known], steps, processes=1)[0])
        anew = time.perf_counter() - began
        kept = made.packed()
        began = time.perf_counter()
        for _each in range(5):
            ahead = unpacked(kept, known, made.origins, made.doubt)
            outlook(ahead, Aim(float(values[-1]), "up", "sum"), values[-6:].tolist())
        page = (time.perf_counter() - began) / 5
        print(f"odds {code} {steps:3} ahead   from stored paths {1000 * page:5.1f} ms ({len(kept) / 1024:,.0f} KB)"
              f"  forecast anew {1000 * anew:5.0f} ms, {anew / page:.0f} times as long")  # fmt: skip


class Calls:
    """Odds that were given, with what came, the pace rule and a path said, and why others were not given."""

    def __init__(self, rows: list[tuple[float, float, float, float]], asked: int, doubts: Counter[str]):
        self.rows, self.asked, self.doubts = rows, asked, doubts

    def __add__(self, other: Calls) -> Calls:
        return Calls(self.rows + other.rows, self.asked + other.asked, self.doubts + other.doubts)

    def __str__(self) -> str:
        if not self.rows:
            return f"no odds given of {self.asked}: {dict(self.doubts)}"
        said, came, pace, drawn = np.array(self.rows).T
        found = record(said, came, pace)
        best = sum(((came[pace == one] - came[pace == one].mean()) ** 2).sum() for one in (0, 1) if (pace == one).any())
        chance = record(said, drawn).ece
        away = 100 * (1 - len(self.rows) / self.asked)
        return (
            f"{len(said):6,} calls, {away:4.1f} % not given  ECE {found.ece:.3f} (chance {chance:.3f})"
            f"  Brier {found.brier:.3f}"
            f"  pace {found.pace:.3f} (at best {best / len(said):.3f})  climatology {found.climatology:.3f}"
            f"  {'better' if found.better else 'NOT BETTER'}  {dict(self.doubts) or ''}"
        )


def calls(series: list[tuple[np.ndarray, date | None]], code: str, origins: int) -> Calls:
    steps = STEPS[code]
    rows: list[tuple[float, float, float, float]] = []
    doubts: Counter[str] = Counter()
    asked = 0
    for number in range(origins):
        back = steps * (number + 1)
        chance = np.random.default_rng(number)
        known, later, firsts = [], [], []
        for values, first in series:
            if len(values) - back >= 12:
                known.append(values[: len(values) - back])
                later.append(values[len(values) - back :][:steps])
                firsts.append(first)
        if not known:
            continue
        made = forecast_many([history(one, code, first) for one, first in zip(known, firsts, strict=True)], steps)
        for one, past, came in zip(made, known, later, strict=True):
            paths = one.paths(2000)
            other = int(chance.integers(len(paths)))
            for over in OVERS:
                so_far = past[-min(steps // 2, 6) :] if over in ("sum", "average") else past[:0]
                for reach in chance.choice(REACHES, 2, replace=False):
                    up = bool(chance.integers(2)) if over != "sum" else True
                    aim = target(past, so_far, steps, over, float(reach), up)
                    asked += 1
                    said = outlook(one, aim, so_far.tolist(), paths)
                    if said.p is None:
                        doubts[said.refusal.code if said.refusal else ""] += 1
                        continue
                    # A path as if it had come: how large an ECE chance alone makes of odds that are right.
                    values = measure(np.stack([came, paths[other]]), aim, so_far)
                    met, drawn = values >= aim.level if up else values <= aim.level
                    recent = past[-steps:]
                    pace = pace_call(aim.level, aim.direction, so_far, recent, steps, over)
                    rows.append((said.p, float(met), pace, float(drawn)))
    return Calls(rows, asked, doubts)


def target(past: np.ndarray, so_far: np.ndarray, steps: int, over: str, reach: float, up: bool) -> Aim:
    """A target as a person sets it: what it was lately, and so much more or less than it usually moves."""
    recent = past[-2 * steps :]
    blocks = recent[len(recent) % steps :].reshape(-1, steps).mean(axis=1) if len(recent) >= steps else recent
    longer = past[-8 * steps :]
    means = longer[len(longer) % steps :].reshape(-1, steps).mean(axis=1)
    moves = float(np.abs(np.diff(means)).mean()) if len(means) > 2 else float(past.std())
    noise = float(np.abs(np.diff(past[-8 * steps :])).mean())
    size = moves + (noise if over in ("last", "every") else 0.0)
    base = float(blocks[-1])
    level = base + reach * size
    if over == "every":
        level = base + (-1 if up else 1) * (1.5 + 0.7 * abs(reach)) * size
    if over == "sum":
        level = float(so_far.sum()) + level * steps
    elif over == "average":
        level = (float(so_far.sum()) + level * steps) / (len(so_far) + steps)
    return Aim(level, "up" if up else "down", over)


if __name__ == "__main__":
    main()
