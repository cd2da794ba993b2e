"""The same KPIs on each engine as the rows grow: seconds a query, and how they compare with the lake's own DuckDB.

    python benchmarks/bench_scale.py [--rows 1000000 3000000] [--engines lake postgres clickhouse spark]

One generated table of orders over three years lies in the lake, in a PostgreSQL, in a ClickHouse (chdb, in a process
of its own) and, if asked, before a Spark cluster of two workers; all on this machine. Every engine's cells are compared
with the lake's. An engine that is not installed is left out, and that is said. `docs/scale.md` reads the numbers.
"""

# ruff: noqa: E402, S608
import argparse
import multiprocessing
import shutil
import statistics
import sys
import tempfile
import time
from contextlib import ExitStack, suppress
from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path

import duckdb
import pyarrow.parquet as pq
from deltalake import write_deltalake

sys.path[:0] = [str(Path(__file__).resolve().parents[1]), str(Path(__file__).resolve().parents[1] / "src")]
from nachim.core.period import Grain
from nachim.lake.errors import LakeError
from nachim.lake.repair import WRITER
from nachim.lake.store import Lake
from nachim.metrics.messages import EngineFailed
from nachim.metrics.run import Query, evaluate
from nachim.metrics.spec import Model
from tests.engines import servers

CHUNK = 1_000_000
NOW = datetime(2027, 1, 1, tzinfo=UTC)
METRICS = {
    "revenue": {"agg": "sum(orders.amount)", "where": "paid"},
    "orders": {"agg": "count(orders)"},
    "aov": {"calc": "revenue / orders"},
    "paid_share": {"agg": "avg(orders.paid)"},
    "buyers": {"agg": "count_distinct(orders.customer)"},
}
ASKED = {
    "4 KPIs by month": Query(("revenue", "orders", "aov", "paid_share"), Grain.MONTH),
    "revenue by month and channel": Query(("revenue",), Grain.MONTH, by=("channel",)),
    "buyers by month (distinct)": Query(("buyers",), Grain.MONTH),
}
ROW = """
SELECT i AS order_id,
       TIMESTAMPTZ '2023-12-31 15:00:00+00'
           + to_microseconds(CAST(i * (94694400000000.0 / {rows}) AS BIGINT)) AS ordered_at,
       'c' || (hash(i * 7 + 1) % {customers})::VARCHAR AS customer_id,
       (['app', 'web', 'store', 'call'])[1 + (hash(i * 3 + 2) % 4)::INTEGER] AS channel,
       (1000 + hash(i * 5 + 3) % 90000)::DOUBLE AS amount,
       hash(i * 11 + 5) % 20 <> 0 AS paid
FROM range({first}, {last}) AS t(i)
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, nargs="+", default=[1_000_000, 3_000_000])
    parser.add_argument("--engines", nargs="+", default=["lake", "postgres", "clickhouse"],
                        choices=["lake", "postgres", "clickhouse", "spark"])  # fmt: skip
    given = parser.parse_args()
    print(f"{'rows':>12}  {'engine':<11}{'load s':>8}{'GB':>7}  " + "".join(f"{name:>31}" for name in ASKED))
    for rows in given.rows:
        with tempfile.TemporaryDirectory(prefix="nachim-scale-") as folder, ExitStack() as stack:
            measure(rows, given.engines, Path(folder), stack)


def measure(rows: int, names: list[str], folder: Path, stack: ExitStack) -> None:
    began = time.perf_counter()
    files = generate(rows, folder / "files")
    lake = Lake(folder / "lake")
    for file in files:
        write_deltalake(folder / "lake" / "orders", pq.read_table(file), mode="append", writer_properties=WRITER)
    loaded, base, cells = time.perf_counter() - began, {}, {}
    for name in names:
        missing = MISSING[name]()
        if missing:
            print(f"{rows:>12,}  {name:<11}not measured: {missing} is not installed")
            continue
        began = time.perf_counter()
        engine, size = OPEN[name](folder, files, lake, stack)
        loaded = loaded if name == "lake" else time.perf_counter() - began
        model = Model.load({"sources": {"orders": SOURCE}, "metrics": METRICS})
        shown = []
        for title, query in ASKED.items():
            try:
                took, found = timed(lambda query=query: evaluate(model, query, engine, as_of=NOW).cells)  # noqa: B023
            except (LakeError, EngineFailed) as error:
                shown.append(f"{error.text('en')[:30]:>31}")
                continue
            base.setdefault(title, took)
            same(cells.setdefault(title, found), found, name)
            shown.append(f"{took:>20.2f} s ×{took / base[title]:>7.2f}")
        print(f"{rows:>12,}  {name:<11}{loaded:>8.1f}{size / 1e9:>7.2f}  " + "".join(shown), flush=True)


SOURCE = {"lake": "orders", "key": "order_id", "time": "ordered_at", "entities": {"customer": "customer_id"},
          "dims": ["channel"]}  # fmt: skip


def timed(work) -> tuple[float, list]:
    """The median of three after one that warms up; where one takes long, that one."""
    times = []
    while len(times) < 4 and sum(times) < 20:
        began = time.perf_counter()
        found = work()
        times.append(time.perf_counter() - began)
    return statistics.median(times[1:] or times), found


def same(wanted: list, found: list, name: str) -> None:
    assert len(wanted) == len(found), (name, len(wanted), len(found))
    for one, two in zip(wanted, found, strict=True):
        close = one.value == two.value or abs(one.value - two.value) <= 1e-9 * abs(one.value)
        assert close and (one.n, one.state, one.slices) == (two.n, two.state, two.slices), (name, one, two)


def generate(rows: int, folder: Path) -> list[Path]:
    folder.mkdir()
    duck = duckdb.connect()
    duck.execute("SET TimeZone = 'UTC'; SET threads = 2")
    files = []
    for first in range(0, rows, CHUNK):
        path = folder / f"{first // CHUNK:05}.parquet"
        text = ROW.format(rows=rows, customers=max(1000, rows // 10), first=first, last=min(first + CHUNK, rows))
        duck.execute(f"COPY ({text}) TO '{path}' (FORMAT parquet)")
        files.append(path)
    return files


def open_lake(folder, files, lake, stack):
    engine = stack.enter_context(lake.engine(timeout=600))
    return engine, sum(path.stat().st_size for path in (folder / "lake").rglob("*.parquet"))


def open_postgres(folder, files, lake, stack):
    import psycopg

    from nachim.connect.engines import open_engine

    address, secret = stack.enter_context(servers.postgres({}))
    with psycopg.connect(host=address.host, port=address.port, dbname=address.database, user=address.user,
                         password=secret, autocommit=True) as one:  # fmt: skip
        one.execute("CREATE UNLOGGED TABLE web.orders (order_id bigint, ordered_at timestamptz, customer_id text, "
                    "channel text, amount double precision, paid boolean)")  # fmt: skip
        for file in files:
            text = folder / "rows.csv"
            duckdb.sql(f"COPY (SELECT * FROM '{file}') TO '{text}' (FORMAT csv, HEADER false)")
            with text.open("rb") as rows, one.cursor().copy("COPY web.orders FROM STDIN (FORMAT csv)") as copy:
                while piece := rows.read(1 << 20):
                    copy.write(piece)
        one.execute("VACUUM ANALYZE web.orders")
        size = one.execute("SELECT pg_total_relation_size('web.orders')").fetchone()[0]
    engine = open_engine(address, secret)
    stack.callback(engine.close)
    return engine, size


def open_clickhouse(folder, files, lake, stack):
    here, there = multiprocessing.get_context("spawn").Pipe()
    process = multiprocessing.get_context("spawn").Process(target=serve, args=(there, folder), daemon=True)
    process.start()
    stack.callback(process.kill)
    there.close()
    assert here.recv() == "ready"
    size = sum(path.stat().st_size for path in (folder / "clickhouse").rglob("*") if path.is_file())
    return servers.Apart(here), size


def serve(pipe, folder: Path) -> None:
    """The process that holds ClickHouse."""
    import clickhouse_connect

    from nachim.connect.engines import Address
    from nachim.connect.engines.clickhouse import ClickHouse

    client = clickhouse_connect.get_client(interface="chdb", path=str(folder / "clickhouse"))
    client.command("CREATE DATABASE web")
    columns = (
        "order_id Int64, ordered_at DateTime64(6, 'UTC'), customer_id String, channel LowCardinality(String), "
        "amount Float64, paid Bool"
    )
    client.command(f"CREATE TABLE web.orders ({columns}) ENGINE = MergeTree ORDER BY ordered_at")
    client.command(f"INSERT INTO web.orders SELECT * FROM file('{folder}/files/*.parquet', Parquet)")

    class InProcess(ClickHouse):
        def connect(self):
            for setting, value in self.settings().items():
                client.command(f"SET {setting} = '{value}'")
            return client

    engine = InProcess(Address("clicks", "clickhouse", schema="web", seconds=600))
    pipe.send("ready")
    with suppress(EOFError):  # whoever asks has gone
        while asked := pipe.recv():
            method, arguments = asked
            pipe.send((True, getattr(engine, method)(*arguments)))


def open_spark(folder, files, lake, stack):
    master, work = stack.enter_context(servers.spark_cluster())
    engine = servers.spark_engine(master, work)
    stack.callback(engine.stop)
    engine.show_files("orders", [str(file) for file in files])
    return engine, sum(file.stat().st_size for file in files)


OPEN = {"lake": open_lake, "postgres": open_postgres, "clickhouse": open_clickhouse, "spark": open_spark}
MISSING = {
    "lake": lambda: "",
    "postgres": lambda: "" if any(Path("/usr/lib/postgresql").glob("*/bin/initdb")) else "PostgreSQL",
    "clickhouse": lambda: "" if find_spec("chdb") else "chdb",
    "spark": lambda: "" if find_spec("pyspark") and shutil.which("java") else "Spark (pyspark and Java)",
}

if __name__ == "__main__":
    main()
