"""One company for every side: the same rows as a lake for nachim and as Parquet for its peers.

Two years of orders and visits, of customers drawn evenly, in order of time. The lake keeps instants, as nachim has it;
peers get the same moments as wall time in Seoul, as they have no time zones. Amounts are of whole cents.
"""

# ruff: noqa: S608
from datetime import date
from pathlib import Path

import duckdb
from deltalake import write_deltalake

from nachim.lake.repair import WRITER

FIRST, END = date(2023, 1, 1), date(2025, 1, 1)
ZONE = "Asia/Seoul"
COUNTRIES = "['KR', 'KR', 'KR', 'KR', 'JP', 'JP', 'US', 'US', 'VN', 'DE']"
CHANNELS = "['app', 'web', 'store', 'call']"


def generate(folder: Path, lake: Path, orders: int, visits: int, customers: int) -> None:
    """Writes customers, orders and visits, as `folder`/NAME.parquet and as tables of a lake."""
    duck = duckdb.connect()
    duck.execute(f"SET TimeZone = '{ZONE}'")
    length = (END - FIRST).days * 86_400_000_000
    tables = {
        "customers": f"SELECT i AS customer_id, ({COUNTRIES})[1 + (hash(i * 31 + 4) % 10)::INTEGER] AS country "
        f"FROM range({customers}) AS t(i)",
        "orders": f"SELECT i AS order_id, {_moment(length // orders, 3)} AS ordered_at, "
        f"(hash(i * 7 + 1) % {customers})::BIGINT AS customer_id, "
        f"({CHANNELS})[1 + (hash(i * 3 + 2) % 4)::INTEGER] AS channel, "
        f"(1000 + hash(i * 5 + 3) % 20000)::DOUBLE / 100 AS amount FROM range({orders}) AS t(i)",
        "visits": f"SELECT i AS visit_id, {_moment(length // visits, 17)} AS visited_at, "
        f"(hash(i * 11 + 8) % {customers})::BIGINT AS customer_id FROM range({visits}) AS t(i)",
    }
    for name, select in tables.items():
        duck.execute(f"CREATE TABLE {name} AS {select}")
        duck.execute(f"COPY {name} TO '{folder / name}.parquet' (FORMAT parquet)")
        at = {"orders": "ordered_at", "visits": "visited_at"}.get(name)
        instants = f"SELECT * REPLACE ({at} AT TIME ZONE '{ZONE}' AS {at}) FROM {name}" if at else f"FROM {name}"
        write_deltalake(lake / name, duck.sql(instants).to_arrow_table(), writer_properties=WRITER)


def _moment(step: int, seed: int) -> str:
    """Row i somewhere in the i-th of the equal steps of the two years: moments grow with i and never meet."""
    return f"TIMESTAMP '{FIRST}' + to_microseconds((i * {step} + hash(i * 13 + {seed}) % {step})::BIGINT)"
