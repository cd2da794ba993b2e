"""nachim beside MetricFlow and boring-semantic-layer: the same questions of the same rows, in one run, as ratios.

    make bench-peers            (or: python benchmarks/peers/compare.py --python .bench/peers/bin/python)

Every side is a process of its own and is timed in it, after some runs to warm up; compiling is part of it, for nachim
once a question. MetricFlow and boring-semantic-layer read tables of DuckDB; nachim the lake's Parquet files, of which
it takes into memory what is asked again. What it takes with nothing in memory is printed beside.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import data
from differences import checked
from questions import ROWS

HERE = Path(__file__).resolve().parent
SOURCE = HERE.parents[1] / "src"
PEERS = {"metricflow": "MetricFlow", "bsl": "boring-semantic-layer"}
GOALS = {"mau_day": 50, "conversion_month": 4}
ORDERS, VISITS, CUSTOMERS = 1_000_000, 400_000, 50_000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--python", required=True, type=Path, help="the interpreter of the peers' environment")
    parser.add_argument("--orders", type=int, default=ORDERS)
    arguments = parser.parse_args()
    orders, peers = arguments.orders, arguments.python.absolute()
    visits, customers = orders * VISITS // ORDERS, orders * CUSTOMERS // ORDERS
    with tempfile.TemporaryDirectory(prefix="nachim-peers-") as name:
        folder = Path(name)
        lake = folder / "home" / "lake"
        lake.mkdir(parents=True)
        data.generate(folder, lake, orders, visits, customers)
        print(f"{orders:,} orders, {visits:,} visits, {customers:,} customers, {data.FIRST} to {data.END}")
        environment = {
            **os.environ, "PYTHONPATH": str(SOURCE), "NACHIM_HOME": str(folder / "home"), "LANGUAGE": "en",
            "PEERS_DUCKDB": str(folder / "metricflow.duckdb"), "DO_NOT_TRACK": "1",
        }  # fmt: skip
        answers = {"nachim": asked([sys.executable, HERE / "ask_nachim.py", lake], environment)}
        apart = {one: value for one, value in environment.items() if one != "PYTHONPATH"}
        for peer in PEERS:
            answers[peer] = asked([peers, HERE / f"ask_{peer}.py", folder], apart)
        show(answers)
        for line in checked(answers, folder):
            print(line)
        starts(folder, peers, environment, apart)


def asked(call: list, environment: dict[str, str]) -> dict:
    found = subprocess.run(call, env=environment, stdout=subprocess.PIPE, text=True, check=True)
    return json.loads(found.stdout.splitlines()[-1])


def show(answers: dict[str, dict]) -> None:
    for side, answer in answers.items():
        print(f"  {side}: " + ", ".join(f"{name} {number}" for name, number in answer["versions"].items()))
    print(f"\n{'':<34}{'nachim':>10}{'from files':>12}" + "".join(f"{title:>32}" for title in PEERS.values()))
    for name, title in ROWS.items():
        ours = answers["nachim"]["rows"][name]["seconds"]
        files = answers["nachim"]["rows"][name]["files"]
        line = f"{title:<34}{ours * 1000:7.0f} ms{files * 1000:7.0f} ms"
        for peer in PEERS:
            theirs = answers[peer]["rows"][name]["seconds"]
            line += f"{theirs * 1000:20.0f} ms {theirs / ours:6.1f} ×"
        goal = GOALS.get(name, 1)
        reached = answers["metricflow"]["rows"][name]["seconds"] / ours >= goal
        print(f"{line}   goal {goal} ×: {'reached' if reached else 'MISSED'}")


def starts(folder: Path, peers: Path, environment: dict[str, str], apart: dict[str, str]) -> None:
    """Processes from their start to their end: help, and one simple query."""
    ours = [sys.executable, "-m", "nachim"]
    mf = peers.with_name("mf")
    subprocess.run([*ours, "apply", HERE / "nachim.yaml"], env=environment, check=True, stdout=subprocess.DEVNULL)
    calls = {
        "process start: --help": ([*ours, "--help"], [mf, "--help"]),
        "process start: revenue by month": (
            [*ours, "query", "revenue", "--grain", "month"],
            [mf, "query", "--metrics", "revenue", "--group-by", "metric_time__month"],
        ),
    }
    for title, (one, other) in calls.items():
        here, there = lasting(one, folder, environment), lasting(other, folder / "dbt", apart)
        reached = "reached" if there >= 5 * here else "MISSED"
        print(f"{title:<34}{here * 1000:7.0f} ms{there * 1000:20.0f} ms {there / here:6.1f} ×   goal 5 ×: {reached}")


def lasting(call: list, folder: Path, environment: dict[str, str], times: int = 3) -> float:
    fastest = float("inf")
    for _ in range(times):
        began = time.perf_counter()
        subprocess.run(call, cwd=folder, env=environment, check=True, stdout=subprocess.DEVNULL)
        fastest = min(fastest, time.perf_counter() - began)
    return fastest


if __name__ == "__main__":
    main()
