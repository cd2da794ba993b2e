"""MetricFlow's side, in the peers' environment: ask_metricflow.py FOLDER. Prints JSON.

Loads the Parquet files into a DuckDB of its own, as the tables its models stand for, and asks the engine that
`mf query` uses.
"""

import json
import os
import shutil
import subprocess
import sys
import time
from datetime import datetime
from importlib.metadata import version
from pathlib import Path

import duckdb
from questions import ROWS, YEAR, best

ASKED = {
    "revenue_month": {"metric_names": ["revenue"], "group_by_names": ["metric_time__month"]},
    "revenue_month_country": {
        "metric_names": ["revenue"],
        "group_by_names": ["metric_time__month", "customer__country"],
    },
    "aov_channel": {"metric_names": ["aov"], "group_by_names": ["order__channel"]},
    "mau_day": {
        "metric_names": ["mau"],
        "group_by_names": ["metric_time__day"],
        "time_constraint_start": datetime(YEAR, 1, 1),
        "time_constraint_end": datetime(YEAR, 12, 31),
    },
    "conversion_month": {"metric_names": ["conversion"], "group_by_names": ["metric_time__month"]},
}


def load(folder: Path, path: Path) -> None:
    """Tables where dbt expects its models, so that nothing has to be built."""
    with duckdb.connect(str(path)) as duck:
        for name in ("customers", "orders", "visits"):
            duck.execute(f"CREATE TABLE main.{name} AS FROM '{folder / name}.parquet'")
        duck.execute("""
            CREATE TABLE main.days AS SELECT CAST(UNNEST(GENERATE_SERIES(
                TIMESTAMP '2022-12-01', TIMESTAMP '2025-01-31', INTERVAL 1 DAY)) AS DATE) AS day""")


def main() -> None:
    folder = Path(sys.argv[1])
    project = folder / "dbt"
    if not project.exists():
        load(folder, Path(os.environ["PEERS_DUCKDB"]))
        shutil.copytree(Path(__file__).parent / "dbt", project)
        subprocess.run([Path(sys.executable).with_name("dbt"), "parse", "--quiet"], cwd=project, check=True)
    began = time.perf_counter()
    from dbt_metricflow.cli.cli_configuration import CLIConfiguration
    from metricflow.engine.metricflow_engine import MetricFlowQueryRequest

    configuration = CLIConfiguration()
    configuration.setup(project, project, configure_file_logging=False)
    engine = configuration.mf
    names = ("dbt-metricflow", "metricflow", "dbt-core", "duckdb")
    out = {"versions": {name: version(name) for name in names}, "rows": {}, "ready": time.perf_counter() - began}
    for name in ROWS:
        request = ASKED[name]
        seconds, table = best(
            lambda request=request: engine.query(MetricFlowQueryRequest.create(**request)).result_df,
            name,
            time.perf_counter,
        )
        out["rows"][name] = {"seconds": seconds, "values": dict(map(pair, table.rows))}
    print(json.dumps(out))


def pair(row) -> tuple[str, float | None]:
    *keys, value = row
    words = (one.date().isoformat() if isinstance(one, datetime) else str(one) for one in keys)
    return "/".join(words), None if value is None else float(value)


if __name__ == "__main__":
    main()
