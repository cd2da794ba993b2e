"""How long an import of online_retail takes, beside pandas reading the same file, and the peak memory of both.

    python benchmarks/bench_import.py [FILE] [--runs 3]

Each run is a fresh process, so that nothing is warm and the peak is its own; the two take turns. The goals: less than
3 times pandas, less than 1.5 GB. An import does more: it detects, types, numbers lines, hashes, writes and commits.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

SHARED = Path(__file__).resolve().parents[2] / "shared" / "data" / "online_retail" / "online_retail.csv.gz"

PANDAS = """
import json, resource, sys, time
import pandas
began = time.perf_counter()
rows = len(pandas.read_csv(sys.argv[1], parse_dates=["InvoiceDate"]))
took = time.perf_counter() - began
print(json.dumps([took, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, rows]))
"""

# pyarrow imports pandas on its first array wherever pandas is installed; nachim does not ask for it, so that is done
# before the clock starts, as for pandas itself
NACHIM = """
import json, resource, sys, time
import pyarrow
pyarrow.array([0])
from nachim.lake import Lake, import_file, inspect
began = time.perf_counter()
mapping = inspect(sys.argv[1]).mapping
looked = time.perf_counter()
lake = Lake(sys.argv[2])
rows = import_file(lake, sys.argv[1], "retail", mapping).inserted
took = time.perf_counter() - looked
print(json.dumps([took, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, rows, looked - began]))
"""


def run(code: str, *arguments: str) -> list[float]:
    source = str(Path(__file__).resolve().parents[1] / "src")
    env = {**os.environ, "PYTHONPATH": os.pathsep.join([source, os.environ.get("PYTHONPATH", "")])}
    done = subprocess.run([sys.executable, "-c", code, *arguments], env=env, check=True, capture_output=True, text=True)
    return json.loads(done.stdout)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("file", nargs="?", default=str(SHARED))
    parser.add_argument("--runs", type=int, default=3)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        for kind, path in (("gz", given.file), ("plain", plain(given.file, folder))):
            pandas, nachim = [], []
            for number in range(given.runs):
                pandas.append(run(PANDAS, path))
                nachim.append(run(NACHIM, path, f"{folder}/{kind}{number}/lake"))
            assert {each[2] for each in pandas} == {each[2] for each in nachim}
            base, took = (statistics.median(each[0] for each in runs) for runs in (pandas, nachim))
            print(
                f"{kind:5} {int(nachim[0][2]):,} rows · pandas {base:.2f} s, {peak(pandas):.0f} MB · "
                f"import {took:.2f} s ({took / base:.2f} times), {peak(nachim):.0f} MB · "
                f"inspect {statistics.median(each[3] for each in nachim):.2f} s"
            )


def peak(runs: list[list[float]]) -> float:
    return max(each[1] for each in runs)


def plain(path: str, folder: str) -> str:
    if not path.endswith(".gz"):
        return path
    import gzip
    import shutil

    target = f"{folder}/plain.csv"
    with gzip.open(path) as source, open(target, "wb") as sink:
        shutil.copyfileobj(source, sink)
    return target


if __name__ == "__main__":
    main()
