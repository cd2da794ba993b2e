"""Wall time by addition is DuckDB's own wall time, at every instant."""

from datetime import UTC, datetime, timedelta

import duckdb
import pytest
import sqlglot
from hypothesis import given
from hypothesis import strategies as st

from nachim.lake.zones import faster, steady

ZONES = ("Asia/Seoul", "Asia/Tokyo", "Asia/Kolkata", "America/Sao_Paulo", "UTC")
MOMENTS = st.datetimes(datetime(1880, 1, 1), datetime(2200, 1, 1), timezones=st.just(UTC))


def wall(tree, moment):
    with duckdb.connect() as duck:
        duck.execute("SET TimeZone = 'UTC'")
        duck.execute("CREATE TABLE t AS SELECT CAST(? AS TIMESTAMPTZ) AS x", [moment.isoformat() if moment else None])
        return duck.sql(tree.sql(dialect="duckdb")).fetchall()[0][0]


@given(st.sampled_from(ZONES), MOMENTS)
def test_both_ways_give_the_same_wall_time(zone, moment):
    tree = sqlglot.parse_one(f"SELECT x AT TIME ZONE '{zone}' AS w FROM t", dialect="duckdb")  # noqa: S608
    assert "MAKE_TIMESTAMP" in faster(tree).sql(dialect="duckdb")
    assert wall(faster(tree), moment) == wall(tree, moment)


@pytest.mark.parametrize("zone", ZONES)
def test_around_the_last_change(zone):
    tree = sqlglot.parse_one(f"SELECT x AT TIME ZONE '{zone}' AS w FROM t", dialect="duckdb")  # noqa: S608
    since, _offset = steady(zone)
    for away in (-14, -7, 0, 7):
        moment = since + timedelta(days=away)
        assert wall(faster(tree), moment) == wall(tree, moment)
    assert wall(faster(tree), None) is None


@pytest.mark.parametrize("zone", ["America/New_York", "Europe/Berlin", "Africa/Casablanca", "nowhere"])
def test_a_zone_that_changes_stays_as_it_is(zone):
    tree = sqlglot.parse_one(f"SELECT x AT TIME ZONE '{zone}' AS w FROM t", dialect="duckdb")  # noqa: S608
    assert faster(tree) == tree


def test_a_wall_time_is_not_taken_for_an_instant():
    tree = sqlglot.parse_one("SELECT ((x AT TIME ZONE 'UTC') + INTERVAL 1 MONTH) AT TIME ZONE 'Asia/Seoul' FROM t")
    assert faster(tree).sql(dialect="duckdb").count("MAKE_TIMESTAMP") == 1
