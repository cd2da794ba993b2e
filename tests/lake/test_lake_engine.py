"""The engine: right answers over snapshots, and nothing but one SELECT over lake tables."""

import duckdb
import pyarrow as pa
import pytest
import sqlglot
from lake_steps import keyed, load
from sqlglot import exp

from nachim.lake import LakeError, QueryError, TableError, import_file, inspect
from nachim.lake.errors import NoSuchTable

HEAD = "order_id,ordered_at,amount\n"


@pytest.fixture
def engine(lake, write):
    load(lake, write("a.csv", HEAD + "A1,2026-11-01,1000\nA2,2026-11-02,2000\n"))
    load(lake, write("b.csv", HEAD + "A2,2026-11-02,2500\nA3,2026-11-03,1\n"))
    with lake.engine(timeout=1.0) as made:
        yield made


def test_a_tree_is_computed_over_the_newest_version(engine):
    tree = exp.select(exp.Sum(this=exp.column("amount", quoted=True)).as_("total")).from_(
        exp.Table(this=exp.to_identifier("orders", quoted=True))
    )
    assert engine.execute(tree).to_pylist() == [{"total": 3501}]


def test_an_older_version_gives_its_own_answer(engine):
    tree = sqlglot.parse_one("SELECT sum(amount) AS total FROM orders", dialect="duckdb")
    assert engine.version("orders") == 1
    assert engine.execute(tree, {"orders": 0}).to_pylist() == [{"total": 3000}]
    assert engine.execute(tree).to_pylist() == [{"total": 3501}]
    with pytest.raises(TableError) as caught:
        engine.execute(tree, {"orders": 99})
    assert caught.value.code == "no_such_version"


def test_columns_version_and_extent(engine, lake):
    assert engine.columns("orders") == {"order_id": "text", "ordered_at": "time", "amount": "integer"}
    low, high = engine.extent("orders", "ordered_at")
    assert (low.isoformat(), high.isoformat()) == ("2026-10-31T15:00:00+00:00", "2026-11-02T15:00:00+00:00")
    assert lake.table("orders").extent("ordered_at") == (low, high)
    for ask in (engine.columns, engine.version):
        with pytest.raises(KeyError):
            ask("nothing")
    with pytest.raises(NoSuchTable) as caught:
        engine.sql("SELECT * FROM nothing").to_pylist()
    assert "orders" in str(caught.value)


def test_a_table_made_anew_is_read_anew(lake, write):
    load(lake, write("a.csv", HEAD + "A1,2026-11-01,1000\n"))
    tree = sqlglot.parse_one("SELECT sum(amount) AS total FROM orders", dialect="duckdb")
    with lake.engine() as engine:
        assert engine.execute(tree, {"orders": 0}).to_pylist() == [{"total": 1000}]
        first = engine.extent("orders", "ordered_at")
        lake.table("orders").delete()
        load(lake, write("b.csv", HEAD + "B1,2026-12-01,7\n"))
        assert engine.version("orders") == 0
        assert engine.execute(tree, {"orders": 0}).to_pylist() == [{"total": 7}]
        assert engine.extent("orders", "ordered_at") != first


def test_times_are_instants_and_can_be_cut_in_a_zone(engine):
    found = engine.sql("SELECT DISTINCT CAST(ordered_at AT TIME ZONE 'Asia/Seoul' AS DATE) AS d FROM orders ORDER BY d")
    assert [str(row["d"]) for row in found.to_pylist()] == ["2026-11-01", "2026-11-02", "2026-11-03"]
    assert engine.sql("SELECT ordered_at FROM orders").schema.field(0).type == pa.timestamp("us", tz="UTC")


def test_a_with_name_and_a_series_may_be_read(engine):
    series = "SELECT * FROM generate_series(1, 3) t(x)"
    sql = f"WITH o AS (SELECT amount FROM orders), s AS ({series}) SELECT count(*) AS n FROM o, s"  # noqa: S608
    assert engine.sql(sql).to_pylist() == [{"n": 9}]


def test_awkward_table_and_column_names(lake, write):
    path = write("a.csv", '"주문 번호(원)","a""b",일시\n1,5,2026-11-01\n')
    import_file(lake, path, "주문2", inspect(path).mapping)
    with lake.engine() as engine:
        assert engine.sql('SELECT "주문 번호(원)" AS k, "a""b" AS v FROM "주문2"').to_pylist() == [{"k": 1, "v": 5}]


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM read_text('/etc/passwd')",
        "SELECT * FROM read_csv('/etc/passwd')",
        "SELECT * FROM read_parquet('x.parquet')",
        "SELECT * FROM \"read_text\"('/etc/passwd')",
        "SELECT * FROM '/etc/passwd'",
        'SELECT * FROM "/etc/passwd"',
        "SELECT * FROM glob('/etc/*')",
        "SELECT * FROM query('SELECT 1')",
        "SELECT (SELECT content FROM read_text('/etc/passwd'))",
        "WITH a AS (SELECT * FROM read_blob('/etc/passwd')) SELECT * FROM a",
        "SELECT getenv('HOME')",
        "SELECT current_setting('memory_limit')",
        "SELECT * FROM duckdb_settings()",
        "SELECT * FROM information_schema.tables",
        "COPY (SELECT 1) TO 'x.csv'",
        "COPY orders TO 'x.csv'",
        "INSTALL httpfs",
        "LOAD httpfs",
        "ATTACH 'x.db'",
        "SET threads = 4",
        "PRAGMA version",
        "CREATE TABLE x AS SELECT 1",
        "DELETE FROM orders",
        "DROP VIEW orders",
        "SELECT * INTO x FROM orders",
        "SELECT 1; SELECT 2",
        "EXPORT DATABASE 'x'",
        "CALL duckdb_settings()",
        "SELECT * FROM",
    ],
)
def test_anything_but_one_select_over_the_lake_is_refused(engine, sql, caplog):
    with pytest.raises(LakeError) as caught:
        engine.sql(sql)
    assert caught.value.code in ("query_refused", "no_such_table")


def test_the_engine_itself_is_locked_too(engine, lake, tmp_path):
    outside = tmp_path / "secret.csv"
    outside.write_text("a\n1\n")
    inner = engine._duck  # the second wall, as it stands without the first
    for sql in (
        f"SELECT * FROM read_csv('{outside}')",  # noqa: S608
        f"SELECT * FROM read_csv('{lake.root}/../../secret.csv')",  # noqa: S608
        "SELECT * FROM read_text('/etc/passwd')",
        "INSTALL httpfs",
        f"ATTACH '{tmp_path}/x.db'",
        f"COPY (SELECT 1) TO '{tmp_path}/x.csv'",
        "SET enable_external_access = true",
        "SET lock_configuration = false",
        "SET allowed_directories = ['/']",
        "RESET threads",
    ):
        with pytest.raises(duckdb.Error):
            inner.execute(sql).fetchall()
    with pytest.raises(duckdb.Error):
        inner.execute("SELECT * FROM pa_table_of_python").fetchall()


def test_a_runaway_query_is_stopped_and_the_engine_lives(engine):
    with pytest.raises(QueryError) as caught:
        engine.sql("SELECT sum(a.range + b.range) FROM range(1000000) a, range(1000000) b")
    assert caught.value.code == "query_timeout"
    assert engine.sql("SELECT count(*) AS n FROM orders").to_pylist() == [{"n": 3}]


def test_a_query_over_its_memory_is_a_sentence(lake, engine):
    with lake.engine(memory="50MB") as small, pytest.raises(QueryError) as caught:
        small.sql(
            "SELECT count(DISTINCT range::VARCHAR || 'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx') FROM range(50000000)"
        )
    assert caught.value.code == "query_memory"


def test_a_wrong_query_is_a_sentence(engine):
    with pytest.raises(QueryError) as caught:
        engine.sql("SELECT nothing FROM orders")
    assert caught.value.code == "query_failed"


def test_a_table_whose_rows_are_all_gone_is_empty_not_an_error(lake, write):
    path = write("a.csv", HEAD + "A1,2026-11-01,1\n")
    load(lake, path)
    lake.table("orders").snapshot().delete()
    with lake.engine() as engine:
        assert engine.sql("SELECT count(*) AS n, sum(amount) AS s FROM orders").to_pylist() == [{"n": 0, "s": None}]
        assert engine.extent("orders", "ordered_at") is None


def test_online_retail(lake, outside):
    path = outside("online_retail/online_retail.csv.gz")
    preview = inspect(path)
    assert preview.mapping.keys == ()
    assert "warn_key_not_unique" in [warning.code for warning in preview.warnings]
    result = import_file(lake, path, "retail", preview.mapping)
    assert (result.read, result.inserted, result.quarantined) == (541_909, 541_909, 0)
    with lake.engine() as engine:
        (row,) = engine.sql(
            'SELECT count(*) AS n, sum("Quantity" * "UnitPrice") AS total, count(DISTINCT "InvoiceNo") AS invoices, '
            'count(DISTINCT "CustomerID") AS customers, count("CustomerID") AS known, max(_line) AS last FROM retail'
        ).to_pylist()
    assert round(row.pop("total"), 2) == 9_747_747.93
    assert row == {"n": 541_909, "invoices": 25_900, "customers": 4_372, "known": 406_829, "last": 541_910}


def test_pizza_place_by_key(lake, outside):
    path = outside("pizza_place/orders.csv")
    mapping = inspect(path).mapping
    assert (mapping.keys, mapping.time) == (("order_id",), "date")
    result = import_file(lake, path, "pizza", keyed(mapping, "order_id"))
    assert (result.inserted, result.quarantined) == (21_350, 0)
