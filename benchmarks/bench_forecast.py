"""Forecasts of M4 weekly: error, width and coverage of the intervals, and time, beside Naive and Prophet.

    python benchmarks/bench_forecast.py [--all] [--validate] [--no-prophet]

By default every sixth series, so that it is short; --all is the whole set, and Naive then prints the published 9.161 /
2.777, which checks the scoring. --validate scores the last 13 weeks of the training data instead of the test weeks:
settings are chosen there. Prophet runs in an environment of its own, made beside the system's temporary files.
Goals: sMAPE <= 7.5, MSIS <= 17, coverage .93-.97 of the 95 % interval and .77-.83 of the 80 % one.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent))
from m4_weekly import FOLDER, STEPS, coverage, load, msis, points, scale

from nachim.analysis.forecast import forecast_many, history

PUBLISHED_NAIVE = (9.161, 2.777)
PROPHET = """
import json, logging, sys, time, warnings
import pandas as pd
warnings.simplefilter("ignore")
logging.disable(logging.CRITICAL)
from prophet import Prophet
out, took = [], 0.0
for values in json.load(open(sys.argv[1])):
    frame = pd.DataFrame({"ds": pd.date_range(end="2016-12-26", periods=len(values), freq="7D"), "y": values})
    began = time.perf_counter()
    model = Prophet(interval_width=0.95)
    model.fit(frame)
    made = model.predict(model.make_future_dataframe(13, freq="7D")).tail(13)
    took += time.perf_counter() - began
    out.append([made.yhat.tolist(), made.yhat_lower.tolist(), made.yhat_upper.tolist()])
json.dump({"rows": out, "seconds": took}, open(sys.argv[2], "w"))
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--all", action="store_true", help="all 359 series instead of every sixth")
    parser.add_argument("--validate", action="store_true", help="score the last 13 weeks of the training data")
    parser.add_argument("--no-prophet", action="store_true", help="leave Prophet out")
    given = parser.parse_args()
    if not FOLDER.is_dir():
        print("skipped: the shared data folder is not beside the repository")
        return
    train, test = load()
    names = list(train) if given.all else list(train)[::6]
    if given.validate:
        test = {name: train[name][-STEPS:] for name in names}
        train = {name: train[name][:-STEPS] for name in names}
    known = [train[name] for name in names]
    actual = np.array([test[name][:STEPS] for name in names])
    scales = np.array([scale(values) for values in known])
    print(f"M4 weekly, {len(names)} series, {'validation' if given.validate else 'test'} weeks")
    naive = points(actual, np.array([np.repeat(values[-1], STEPS) for values in known]), scales)
    print(f"{'Naive':10} sMAPE {naive[0]:.3f}  MASE {naive[1]:.3f}")
    if given.all and not given.validate:
        assert all(abs(one - other) < 0.001 for one, other in zip(naive, PUBLISHED_NAIVE, strict=True)), naive
    ours(known, actual, scales)
    if not given.no_prophet:
        prophet(known, actual, scales, given.all)


def ours(known: list[np.ndarray], actual: np.ndarray, scales: np.ndarray) -> None:
    began, used = time.perf_counter(), os.times()
    made = forecast_many([history(values, "W") for values in known], STEPS)
    wall, now = time.perf_counter() - began, os.times()
    cpu = sum(now[:4]) - sum(used[:4])
    mean = np.array([one.mean for one in made])
    (low, high), (low80, high80) = (
        tuple(np.array(ends) for ends in zip(*(one.interval(level) for one in made), strict=True))
        for level in (0.95, 0.80)
    )
    smape, mase = points(actual, mean, scales)
    print(f"{'nachim':10} sMAPE {smape:.3f}  MASE {mase:.3f}  MSIS {msis(actual, low, high, scales):.2f}"
          f"  {1000 * cpu / len(known):.0f} ms CPU, {1000 * wall / len(known):.0f} ms wall a series")  # fmt: skip
    print(f"{'':10} coverage by third and whole: 95 % {coverage(actual, low, high)}"
          f"  80 % {coverage(actual, low80, high80)}")  # fmt: skip
    doubts = Counter(one.doubt.code for one in made if one.doubt)
    print(f"{'':10} not to be relied on: {sum(doubts.values())} {dict(doubts) or ''}")


def prophet(known: list[np.ndarray], actual: np.ndarray, scales: np.ndarray, whole: bool) -> None:
    """Prophet with its defaults. M4 gives no dates, so it gets made-up ones: its yearly term may suffer for it."""
    python = Path(tempfile.gettempdir()) / "nachim-bench-prophet" / "bin" / "python"
    some = slice(None) if whole else slice(0, 30)
    try:
        if not python.exists():
            subprocess.run([sys.executable, "-m", "venv", str(python.parents[1])], check=True, capture_output=True)
            subprocess.run([str(python), "-m", "pip", "install", "-q", "--disable-pip-version-check", "prophet"],
                           check=True, capture_output=True, timeout=300)  # fmt: skip
        with tempfile.TemporaryDirectory() as folder:
            given, made = Path(folder, "given.json"), Path(folder, "made.json")
            given.write_text(json.dumps([values[-600:].tolist() for values in known[some]]))
            subprocess.run([str(python), "-c", PROPHET, str(given), str(made)], check=True, capture_output=True)
            found = json.loads(made.read_text())
    except (subprocess.SubprocessError, OSError) as error:
        detail = (getattr(error, "stderr", None) or b"").decode(errors="replace").strip().splitlines()[-1:]
        print(f"Prophet    skipped: {' '.join(detail) or error}")
        return
    rows = np.array(found["rows"])
    part, size = actual[some], scales[some]
    smape, mase = points(part, rows[:, 0], size)
    print(f"{'Prophet':10} sMAPE {smape:.3f}  MASE {mase:.3f}  MSIS {msis(part, rows[:, 1], rows[:, 2], size):.2f}"
          f"  {1000 * found['seconds'] / len(rows):.0f} ms a series ({len(rows)} series, defaults)")  # fmt: skip
    print(f"{'':10} coverage by third and whole: 95 % {coverage(part, rows[:, 1], rows[:, 2])}")


if __name__ == "__main__":
    main()
