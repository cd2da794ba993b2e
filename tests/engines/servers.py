"""Real engines on loopback for the tests: PostgreSQL, a Spark cluster, and ClickHouse in a process of its own."""

import multiprocessing
import os
import shutil
import socket
import subprocess
import tempfile
import time
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import quote

import pyarrow as pa
import pytest

from nachim.connect.engines import Address, Warehouse
from nachim.metrics.messages import MetricError

PG_TYPES = {"string": "text", "int64": "bigint", "double": "double precision", "bool": "boolean",
            "timestamp[us, tz=UTC]": "timestamptz"}  # fmt: skip
CH_TYPES = {"string": "Nullable(String)", "int64": "Nullable(Int64)", "double": "Nullable(Float64)",
            "bool": "Nullable(Bool)", "timestamp[us, tz=UTC]": "Nullable(DateTime64(6, 'UTC'))"}  # fmt: skip


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def waits(ready, seconds: float, what: str) -> None:
    end = time.monotonic() + seconds
    while not ready():
        if time.monotonic() > end:
            pytest.fail(f"{what} was not ready after {seconds:g} s")
        time.sleep(0.1)


@contextmanager
def postgres(tables: dict[str, pa.Table]):
    """A server of one's own, with the tables in the schema `web`; gives its Address and the password."""
    with postgres_server() as (address, secret, _folder):
        load_postgres(address, secret, tables)
        yield address, secret


@contextmanager
def app_database():
    """A server for the app itself; gives the address as NACHIM_DATABASE writes it."""
    with postgres_server() as (address, secret, _folder):
        yield f"postgres://nachim:{quote(secret, safe='')}@127.0.0.1:{address.port}/postgres"


@contextmanager
def postgres_server(*, durable: bool = False):
    """An empty server; gives its Address, the password and its folder. `durable`: a commit waits for the disk."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin")) if Path("/usr/lib/postgresql").is_dir() else []
    if not found:
        pytest.skip("PostgreSQL is not installed (scripts/services.sh installs it)")
    folder = Path(tempfile.mkdtemp(prefix="nachim-pg-"))
    as_someone = ["runuser", "-u", "nobody", "--"] if os.getuid() == 0 else []
    if as_someone:
        shutil.chown(folder, "nobody")
    port, secret = free_port(), "p@ss w/ord"
    (folder / "password").write_text(secret)
    shutil.chown(folder / "password", "nobody" if as_someone else None, None) if as_someone else None

    def run(*command: str) -> None:
        subprocess.run([*as_someone, *command], check=True, capture_output=True, cwd=folder)

    run(str(found[-1] / "initdb"), "-D", str(folder / "data"), "-U", "nachim", "-E", "UTF8", "--locale=C.UTF-8",
        "-A", "scram-sha-256", f"--pwfile={folder / 'password'}", "--no-sync")  # fmt: skip
    options = f"-p {port} -c listen_addresses=127.0.0.1 -k {folder} -c shared_buffers=32MB"
    options += "" if durable else " -c fsync=off"
    run(str(found[-1] / "pg_ctl"), "-D", str(folder / "data"), "-w", "-l", str(folder / "log"), "-o", options, "start")
    address = Address("warehouse", "postgres", "127.0.0.1", port, "postgres", "nachim", "web", secure=False)
    try:
        yield address, secret, folder
    finally:
        run(str(found[-1] / "pg_ctl"), "-D", str(folder / "data"), "-m", "immediate", "stop")
        shutil.rmtree(folder, ignore_errors=True)


def load_postgres(address: Address, secret: str, tables: dict[str, pa.Table]) -> None:
    import psycopg

    with psycopg.connect(
        host=address.host, port=address.port, dbname=address.database, user=address.user, password=secret
    ) as one:
        one.execute("CREATE SCHEMA web")
        for name, table in tables.items():
            columns = ", ".join(f"{quoted(field.name)} {PG_TYPES[str(field.type)]}" for field in table.schema)
            one.execute(f"CREATE TABLE web.{quoted(name)} ({columns})")
            with one.cursor().copy(f"COPY web.{quoted(name)} FROM STDIN") as copy:
                for row in table.to_pylist():
                    copy.write_row(list(row.values()))


def serve_clickhouse(pipe, tables: dict[str, pa.Table]) -> None:
    """The process that holds ClickHouse: answers calls of the driver until it is told None."""
    import clickhouse_connect

    from nachim.connect.engines.clickhouse import ClickHouse

    client = clickhouse_connect.get_client(interface="chdb")
    client.command("CREATE DATABASE web")
    for name, table in tables.items():
        columns = ", ".join(f"{quoted(field.name)} {CH_TYPES[str(field.type)]}" for field in table.schema)
        client.command(f"CREATE TABLE web.{quoted(name)} ({columns}) ENGINE = MergeTree ORDER BY tuple()")
        if table.num_rows:
            client.insert(quoted(name), [list(row.values()) for row in table.to_pylist()], database="web",
                          column_names=table.column_names)  # fmt: skip
    for statement in ("CREATE TABLE web.native (n Int32, d Decimal(12, 2), day Date, t DateTime('Asia/Seoul'), "
                      "s LowCardinality(String), j JSON) ENGINE = Memory",
                      "INSERT INTO web.native VALUES "
                      "(2000000000, 0.10, '2026-01-04', '2026-01-04 00:30:00', 'x', '{}'), "
                      "(2000000000, 0.20, '2026-01-05', '2026-01-04 23:59:59', 'y', '{}')"):  # fmt: skip
        client.command(statement)

    class InProcess(ClickHouse):
        def connect(self):
            for setting, value in self.settings().items():
                client.command(f"SET {setting} = '{value}'")
            return client

    engine = InProcess(Address("clicks", "clickhouse", schema="web", zone="Asia/Seoul", seconds=20))
    pipe.send("ready")
    while (asked := pipe.recv()) is not None:
        method, arguments = asked
        try:
            pipe.send((True, getattr(engine, method)(*arguments)))
        except MetricError as error:
            pipe.send((False, (type(error), error.issues)))
        except KeyError as error:
            pipe.send((False, (KeyError, error.args[0])))


class Apart:
    """An engine that answers from the process which holds it."""

    dialect = "clickhouse"

    def __init__(self, pipe):
        self.pipe = pipe

    def __getattr__(self, method):
        if method.startswith("_"):
            raise AttributeError(method)

        def ask(*arguments):
            self.pipe.send((method, arguments))
            good, answer = self.pipe.recv()
            if good:
                return answer
            kind, what = answer
            error = KeyError(what) if kind is KeyError else kind.__new__(kind)
            if kind is not KeyError:
                MetricError.__init__(error, what)
            raise error

        return ask


@contextmanager
def clickhouse(tables: dict[str, pa.Table]):
    here, there = multiprocessing.get_context("spawn").Pipe()
    process = multiprocessing.get_context("spawn").Process(target=serve_clickhouse, args=(there, tables), daemon=True)
    process.start()
    there.close()
    try:
        if not here.poll(60) or here.recv() != "ready":
            pytest.fail("ClickHouse did not start")
        yield Apart(here)
    finally:
        with suppress(BrokenPipeError):  # it may have died
            here.send(None)
        process.join(10)
        process.kill()
        here.close()


@contextmanager
def spark_cluster():
    """A master and two workers of one core each, from the wheel's own classes; gives the master's address."""
    if shutil.which("java") is None:
        pytest.skip("Java is not installed (scripts/services.sh installs it)")
    import pyspark

    home, folder = Path(pyspark.__file__).parent, Path(tempfile.mkdtemp(prefix="nachim-spark-"))
    environment = {**os.environ, "SPARK_HOME": str(home), "SPARK_LOCAL_IP": "127.0.0.1", "SPARK_DAEMON_MEMORY": "192m",
                   "SPARK_LOG_DIR": str(folder), "SPARK_WORKER_DIR": str(folder / "work")}  # fmt: skip
    port, log = free_port(), folder / "log"

    def start(kind: str, *arguments: str) -> subprocess.Popen:
        command = [str(home / "bin" / "spark-class"), f"org.apache.spark.deploy.{kind}", "--host", "127.0.0.1",
                   "--webui-port", "0", *arguments]  # fmt: skip
        with log.open("a") as file:
            return subprocess.Popen(command, env=environment, stdout=file, stderr=subprocess.STDOUT, cwd=folder)

    running = [start("master.Master", "--port", str(port))]
    try:
        waits(lambda: "Starting Spark master" in log.read_text() and _open(port), 40, "Spark's master")
        running += [
            start("worker.Worker", "--cores", "1", "--memory", "600m", f"spark://127.0.0.1:{port}") for _ in range(2)
        ]
        waits(lambda: log.read_text().count("Successfully registered with master") == 2, 40, "Spark's workers")
        yield f"spark://127.0.0.1:{port}", folder
    finally:
        for one in reversed(running):
            one.terminate()
        for one in running:
            one.wait(20)
        shutil.rmtree(folder, ignore_errors=True)


def _open(port: int) -> bool:
    with socket.socket() as one:
        return one.connect_ex(("127.0.0.1", port)) == 0


def spark_engine(master: str, folder: Path) -> Warehouse:
    from nachim.connect.engines.spark import Spark

    engine = Spark(Address("cluster", "spark", master, zone="Asia/Seoul"))
    os.environ["SPARK_LOCAL_IP"] = "127.0.0.1"
    engine.options = {
        "spark.driver.host": "127.0.0.1", "spark.driver.bindAddress": "127.0.0.1", "spark.driver.memory": "600m",
        "spark.executor.memory": "450m", "spark.sql.shuffle.partitions": "2", "spark.default.parallelism": "2",
        "spark.sql.warehouse.dir": str(folder / "warehouse"), "spark.ui.showConsoleProgress": "false",
        "spark.log.level": "ERROR",
        "spark.driver.extraJavaOptions": f"-Dderby.system.home={folder}",
    }  # fmt: skip
    return engine
