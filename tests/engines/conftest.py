"""The engines, each started once for all tests that ask for it."""

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from nachim.connect.engines import open_engine
from tests.engines import servers
from tests.engines.company import kpi_tables, tables


def every() -> dict[str, pa.Table]:
    return tables() | kpi_tables()


@pytest.fixture(scope="session")
def postgres():
    with servers.postgres(every()) as (address, secret):
        engine = open_engine(address, secret)
        yield engine
        engine.close()


@pytest.fixture(scope="session")
def clickhouse():
    with servers.clickhouse(every()) as engine:
        yield engine


@pytest.fixture(scope="session")
def spark(tmp_path_factory):
    """The tables as Parquet files, as the lake keeps them, and one of the cluster's own."""
    files = tmp_path_factory.mktemp("rows")
    with servers.spark_cluster() as (master, folder):
        engine = servers.spark_engine(master, folder)
        try:
            for number, (name, table) in enumerate(every().items()):
                half = (table.num_rows + 1) // 2
                parts = [table.slice(0, half), table.slice(half)] if half > 1 else [table]
                paths = [str(files / f"{number}-{at}.parquet") for at in range(len(parts))]
                for path, part in zip(paths, parts, strict=True):
                    pq.write_table(part, path)
                engine.show_files(name, paths)
            yield engine
        finally:
            engine.stop()
