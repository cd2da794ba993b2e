"""Cheaper words give the same values: wall time by addition, and sums of narrow decimals."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import duckdb
import pyarrow as pa
import pytest
import sqlglot
from deltalake import DeltaTable, write_deltalake
from hypothesis import given
from hypothesis import strategies as st

from nachim.lake.bounds import bounds_of
from nachim.lake.quicker import quicker
from nachim.lake.quicker.zones import steady

ZONES = ("Asia/Seoul", "Asia/Tokyo", "Asia/Kolkata", "America/Sao_Paulo", "UTC")
MOMENTS = st.datetimes(datetime(1880, 1, 1), datetime(2200, 1, 1), timezones=st.just(UTC))
SUM = 'SELECT SUM(CAST("t"."x" AS DECIMAL(38, 6))) AS m FROM "t"'


def said(text, **bounds):
    return quicker(sqlglot.parse_one(text, dialect="duckdb"), lambda _table: bounds)


def of(tree, kind, values):
    with duckdb.connect() as duck:
        duck.execute("SET TimeZone = 'UTC'")
        duck.execute(f"CREATE TABLE t (x {kind})")
        duck.executemany("INSERT INTO t VALUES (?)", [[one] for one in values])
        return duck.sql(tree.sql(dialect="duckdb")).fetchall()[0][0]


def both(text, kind, values, **bounds):
    plain = sqlglot.parse_one(text, dialect="duckdb")
    return of(said(text, **bounds), kind, values), of(plain, kind, values)


def wall(zone, condition=""):
    return f"SELECT t.x AT TIME ZONE '{zone}' AS w FROM t {condition}"  # noqa: S608


@given(st.sampled_from(ZONES), MOMENTS)
def test_wall_time_is_the_same(zone, moment):
    assert "MAKE_TIMESTAMP" in said(wall(zone)).sql(dialect="duckdb")
    ours, plain = both(wall(zone), "TIMESTAMPTZ", [moment.isoformat()])
    assert ours == plain
    bounded = said(wall(zone), x=(moment, moment))
    assert of(bounded, "TIMESTAMPTZ", [moment.isoformat()]) == plain


@pytest.mark.parametrize("zone", ZONES)
def test_around_the_last_change(zone):
    since, _offset = steady(zone)
    for away in (-14, -7, 0, 7):
        ours, plain = both(wall(zone), "TIMESTAMPTZ", [(since + timedelta(days=away)).isoformat()])
        assert ours == plain
    assert both(wall(zone), "TIMESTAMPTZ", [None]) == (None, None)


def test_rows_that_are_all_later_are_only_added_to():
    late, early = datetime(2020, 1, 1, tzinfo=UTC), datetime(1985, 1, 1, tzinfo=UTC)
    assert "CASE" not in said(wall("Asia/Seoul"), x=(late, late)).sql(dialect="duckdb")
    assert "CASE" in said(wall("Asia/Seoul"), x=(early, late)).sql(dialect="duckdb")
    asked = "WHERE t.x >= CAST('{}' AS TIMESTAMPTZ) AND t.x < CAST('2021-01-01 00:00:00+00:00' AS TIMESTAMPTZ)"
    assert "CASE" not in said(wall("Asia/Seoul", asked.format(late))).sql(dialect="duckdb")
    assert "CASE" in said(wall("Asia/Seoul", asked.format(early))).sql(dialect="duckdb")


@pytest.mark.parametrize("zone", ["America/New_York", "Europe/Berlin", "Africa/Casablanca", "nowhere"])
def test_a_zone_that_changes_stays_as_it_is(zone):
    tree = sqlglot.parse_one(wall(zone), dialect="duckdb")
    assert quicker(tree, lambda _table: {}) == tree


def test_a_wall_time_is_not_taken_for_an_instant():
    found = said("SELECT ((x AT TIME ZONE 'UTC') + INTERVAL 1 MONTH) AT TIME ZONE 'Asia/Seoul' FROM t")
    assert found.sql(dialect="duckdb").count("MAKE_TIMESTAMP") == 1


AMOUNTS = st.one_of(
    st.floats(-(10**10), 10**10), st.integers(-(10**16), 10**16).map(lambda n: n / 2_000_000), st.just(0.0000005)
)


@given(st.lists(AMOUNTS, min_size=1, max_size=8))
def test_sums_are_the_same(values):
    assert "DECIMAL(18, 6)" in said(SUM, x=(min(values), max(values))).sql(dialect="duckdb")
    ours, plain = both(SUM, "DOUBLE", values, x=(min(values), max(values)))
    assert ours == plain


def test_a_sum_may_grow_beyond_its_rows():
    values = [9.9e10] * 300
    ours, plain = both(SUM, "DOUBLE", values, x=(9.9e10, 9.9e10))
    assert ours == plain == Decimal("29700000000000")


LAST = """
SELECT k, MAX(_high) OVER (PARTITION BY k ORDER BY _day NULLS FIRST
    ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS _before
FROM (SELECT d % 3 AS k, d AS _day, LEAST(d / 2, 20) AS _high FROM range(100) AS t(d))"""


def test_the_last_end_before_is_the_row_befores():
    assert "LAG(" in said(LAST).sql(dialect="duckdb")
    with duckdb.connect() as duck:
        ours, plain = (sorted(map(str, duck.sql(one).fetchall())) for one in (said(LAST).sql(dialect="duckdb"), LAST))
    assert ours == plain
    assert "LAG(" not in said(LAST.replace("_high", "other")).sql(dialect="duckdb")


@pytest.mark.parametrize("held", [{}, {"x": (0.0, 1e12)}, {"x": (-1e12, 0.0)}, {"y": (0.0, 1.0)}])
def test_values_that_may_not_fit_stay_wide(held):
    assert "DECIMAL(38, 6)" in said(SUM, **held).sql(dialect="duckdb")


def test_what_goes_by_a_tables_name_is_not_the_table():
    other = 'SELECT SUM(CAST("t"."x" AS DECIMAL(38, 6))) AS m FROM (SELECT 1e30 AS x) AS "t"'
    assert "DECIMAL(38, 6)" in said(other, x=(0.0, 1.0)).sql(dialect="duckdb")
    within = f'WITH "t" AS (SELECT 1e30 AS x) {SUM}'
    assert "DECIMAL(38, 6)" in said(within, x=(0.0, 1.0)).sql(dialect="duckdb")
    both_of_them = f'SELECT a.m FROM ({SUM}) AS "a", (SELECT 1e30 AS x) AS "t"'  # noqa: S608
    assert "DECIMAL(18, 6)" in said(both_of_them, x=(0.0, 1.0)).sql(dialect="duckdb")


MONTH = """
SELECT EXTRACT(YEAR FROM CAST(t.x AT TIME ZONE 'Asia/Seoul' AS DATE)) * 12
    + EXTRACT(MONTH FROM CAST(t.x AT TIME ZONE 'Asia/Seoul' AS DATE)) - 1 AS period,
    COUNT(*) FILTER (WHERE t.x > CAST('2020-01-15 00:00:00+00:00' AS TIMESTAMPTZ)) AS n,
    SUM(CAST(1.5 AS DECIMAL(38, 6))) AS m, MIN(CAST(EXTRACT(HOUR FROM t.x) AS DOUBLE)) AS low
FROM t GROUP BY 1 ORDER BY 1"""


@given(st.lists(st.datetimes(datetime(2019, 11, 1), datetime(2020, 4, 1), timezones=st.just(UTC)), min_size=1))
def test_months_of_days_are_the_months(moments):
    text, bounds = MONTH.replace("ORDER BY 1", ""), {"x": (min(moments), max(moments))}
    assert "_days" in said(text, **bounds).sql(dialect="duckdb")
    with duckdb.connect() as duck:
        duck.execute("SET TimeZone = 'UTC'")
        duck.execute("CREATE TABLE t (x TIMESTAMPTZ)")
        duck.executemany("INSERT INTO t VALUES (?)", [[one.isoformat()] for one in moments])
        ours, plain = (
            duck.sql(tree.sql(dialect="duckdb")).to_arrow_table() for tree in (said(text, **bounds), said(text))
        )
    assert ours.schema == plain.schema
    assert sorted(ours.to_pylist(), key=str) == sorted(plain.to_pylist(), key=str)


def test_a_part_of_a_query_is_taken_apart_where_it_stands():
    late = datetime(2020, 1, 1, tzinfo=UTC)
    part = MONTH.replace("ORDER BY 1", "")
    text = f"WITH _part0 AS ({part}), _part1 AS ({part}) SELECT _part0.n + _part1.n AS n FROM _part0 CROSS JOIN _part1"  # noqa: S608
    ours, plain = both(text, "TIMESTAMPTZ", [late.isoformat()], x=(late, late))
    assert ours == plain == 0
    assert said(text, x=(late, late)).sql(dialect="duckdb").count("GROUP BY") == 4


@pytest.mark.parametrize("value", ["COUNT(DISTINCT t.k)", "MEDIAN(t.k)", "SUM(t.k) / 2"])
def test_what_days_do_not_add_up_to_is_not_taken_apart(value):
    late = datetime(2020, 1, 1, tzinfo=UTC)
    text = MONTH.replace("MIN(CAST(EXTRACT(HOUR FROM t.x) AS DOUBLE))", value).replace("ORDER BY 1", "")
    assert "_days" not in said(text, x=(late, late)).sql(dialect="duckdb")
    assert "_days" not in said(MONTH, x=(late, late)).sql(dialect="duckdb")  # ordered


def test_bounds_are_of_all_files_or_unknown(tmp_path):
    def write(**columns):
        write_deltalake(tmp_path / "t", pa.table(columns), mode="append", schema_mode="merge")
        return bounds_of(DeltaTable(tmp_path / "t"))

    assert write(금액=[1.5, 3.0, None]) == {"금액": (1.5, 3.0)}
    assert write(금액=[-7.0])["금액"] == (-7.0, 3.0)
    found = write(금액=pa.array([None], pa.float64()), other=[4])
    assert found["금액"] == (-7.0, 3.0)
    assert "other" not in found  # files without the column hold nulls, but say nothing of them
