"""nachim's side, in nachim's own environment: ask_nachim.py LAKE. Prints JSON."""

import json
import sys
import time
from datetime import UTC, date, datetime
from importlib.metadata import version
from pathlib import Path

from questions import ROWS, YEAR, best

from nachim.core.period import Grain
from nachim.lake.store import Lake
from nachim.metrics.run import Query, evaluate
from nachim.metrics.spec import Model

FIRST, END = date(2023, 1, 1), date(2025, 1, 1)
ASKED = {
    "revenue_month": Query(("revenue",), Grain.MONTH, FIRST, END),
    "revenue_month_country": Query(("revenue",), Grain.MONTH, FIRST, END, ("country",)),
    "aov_channel": Query(("aov",), Grain.ALL, FIRST, END, ("channel",)),
    "mau_day": Query(("mau",), Grain.DAY, date(YEAR, 1, 1), date(YEAR + 1, 1, 1)),
    "conversion_month": Query(("conversion",), Grain.MONTH, FIRST, END),
}


def main() -> None:
    began = time.perf_counter()
    model = Model.load((Path(__file__).parent / "nachim.yaml").read_text())
    engine, bare = Lake(sys.argv[1]).engine(), Lake(sys.argv[1]).engine(held=0)
    out = {"versions": {name: version(name) for name in ("nachim", "duckdb")}, "rows": {}}
    out["ready"] = time.perf_counter() - began
    for name in ROWS:
        seconds, cells = best(lambda name=name: ask(model, engine, ASKED[name]), name, time.perf_counter)
        files, others = best(lambda name=name: ask(model, bare, ASKED[name]), name, time.perf_counter)
        if others != cells:
            raise SystemExit(f"{name}: what is held in memory gives other cells than the files")
        out["rows"][name] = {
            "seconds": seconds,
            "files": files,
            "values": {key(name, cell): cell.value for cell in cells},
        }
    print(json.dumps(out))


def ask(model, engine, query):
    return evaluate(model, query, engine, as_of=datetime(2025, 2, 1, tzinfo=UTC)).cells


def key(name, cell) -> str:
    slices = [value for _name, value in cell.slices]
    return "/".join([*([] if name == "aov_channel" else [cell.period]), *slices])


if __name__ == "__main__":
    main()
