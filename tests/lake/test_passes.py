"""What is counted in passes is what is counted at once."""

import duckdb
import pyarrow as pa
import pytest
import sqlglot
from deltalake import write_deltalake
from hypothesis import given, settings
from hypothesis import strategies as st

from nachim.lake.errors import QueryError
from nachim.lake.passes import PASSES, in_passes

COUNTED = """
SELECT t.k AS s0, COUNT(DISTINCT t.v) AS m0, COUNT(*) FILTER (WHERE t.x > 0) AS m0_n,
    SUM(CAST(t.x AS DECIMAL(38, 6))) AS m1, MIN(t.x) AS m2, MAX(t.x) AS m3
FROM t GROUP BY 1"""
ROLLING = """
WITH _kinds AS (
    SELECT _low, MAX(_high) AS _high, COUNT(*) AS _rows FROM (
        SELECT _value, MIN(_day) AS _low, MAX(_day) AS _high FROM (SELECT t.v AS _value, t.k AS _day FROM t) GROUP BY 1)
    GROUP BY 1)
SELECT _low AS period, SUM(_rows) AS m0 FROM _kinds GROUP BY 1"""
ROWS = st.lists(
    st.tuples(st.integers(0, 3), st.none() | st.integers(0, 40), st.integers(-9, 9).map(lambda n: n / 4)), min_size=1
)


def narrow(duck, most):
    """Runs a tree as an engine would that has room for one pass in `most`."""
    asked = []

    def run(tree):
        asked.append(tree)
        text = tree.sql(dialect="duckdb")
        if f"% {most}" not in text:
            raise QueryError("query_memory")
        return duck.sql(text).to_arrow_table()

    return run, asked


@pytest.mark.parametrize("text", [COUNTED, ROLLING])
@pytest.mark.parametrize("most", PASSES)
@settings(max_examples=12)
@given(rows=ROWS)
def test_passes_add_up_to_the_whole(text, most, rows):
    tree = sqlglot.parse_one(text, dialect="duckdb")
    with duckdb.connect() as duck:
        duck.execute("CREATE TABLE t (k INTEGER, v BIGINT, x DOUBLE)")
        duck.executemany("INSERT INTO t VALUES (?, ?, ?)", [list(row) for row in rows])
        whole = duck.sql(text).to_arrow_table()
        run, asked = narrow(duck, most)
        found = in_passes(tree, run)
    assert found.schema == whole.schema
    assert sorted(found.to_pylist(), key=str) == sorted(whole.to_pylist(), key=str)
    assert asked[0] == tree


@pytest.mark.parametrize("text", [
    "SELECT COUNT(DISTINCT t.v) AS a, COUNT(DISTINCT t.x) AS b FROM t",
    "SELECT MEDIAN(t.x) AS a FROM t",
    "SELECT t.k AS a, COUNT(DISTINCT t.v) / 2 AS b FROM t GROUP BY 1",
    "SELECT t.k AS a, COUNT(DISTINCT t.v) AS b FROM t GROUP BY 1 LIMIT 3",
])  # fmt: skip
def test_what_passes_do_not_add_up_to_is_refused_as_before(text):
    def run(tree):
        raise QueryError("query_memory")

    with pytest.raises(QueryError) as caught:
        in_passes(sqlglot.parse_one(text, dialect="duckdb"), run)
    assert caught.value.code == "query_memory"


def test_an_engine_short_of_memory_counts_all_the_same(lake):
    with duckdb.connect() as duck:
        rows = duck.sql("SELECT i % 3 AS k, hash(i % 700000) % 1000000007 AS v FROM range(1400000) AS t(i)")
        write_deltalake(lake.root / "many", rows.to_arrow_table().cast(pa.schema([("k", "int64"), ("v", "int64")])))
    tree = sqlglot.parse_one('SELECT "many".k AS s0, COUNT(DISTINCT "many".v) AS m0 FROM "many" GROUP BY 1')
    with lake.engine() as roomy, lake.engine(memory="32MB") as small:
        whole = roomy.execute(tree)
        with pytest.raises(QueryError):
            small.sql(tree.sql(dialect="duckdb"))
        found = small.execute(tree)
    assert sorted(map(str, found.to_pylist())) == sorted(map(str, whole.to_pylist()))
