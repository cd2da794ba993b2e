"""A question over a stretch of time opens only the files that can hold its rows, and has the same answer."""

import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pytest
import sqlglot
from deltalake import write_deltalake
from hypothesis import given, settings
from hypothesis import strategies as st

from nachim.lake.pruning import Stretch, stretch
from nachim.lake.store import Lake

BEGINS = datetime(2026, 1, 1, tzinfo=UTC)
MOMENTS = st.integers(-3_000, 3_000).map(lambda one: BEGINS + timedelta(microseconds=one * 700))
FILES = st.lists(st.lists(MOMENTS | st.none(), min_size=1, max_size=4), min_size=1, max_size=5)


def write(root, moments):
    rows = {"at": pa.array(moments, pa.timestamp("us", "UTC")), "x": pa.array([1] * len(moments))}
    write_deltalake(str(root / "t"), pa.table(rows), mode="append")


def asked(low, high, more=""):
    return (
        f'SELECT SUM("t"."x") AS n FROM "t" WHERE "t"."at" >= CAST(\'{low.isoformat()}\' AS TIMESTAMPTZ) '  # noqa: S608
        f'AND "t"."at" < CAST(\'{high.isoformat()}\' AS TIMESTAMPTZ) {more}'
    )


@settings(max_examples=25)
@given(FILES, MOMENTS, MOMENTS)
def test_the_rows_of_a_stretch_are_all_there(files, one, two):
    low, high = sorted((one, two))
    with tempfile.TemporaryDirectory() as name:
        for moments in files:
            write(Path(name), moments)
        with Lake(Path(name)).engine(held=0) as engine:
            found = engine.sql(asked(low, high)).to_pylist()[0]["n"]
    expected = sum(at is not None and low <= at < high for moments in files for at in moments)
    assert (found or 0) == expected


@pytest.fixture
def lake(tmp_path):
    for day in range(5):
        write(tmp_path, [BEGINS + timedelta(days=day), BEGINS + timedelta(days=day, hours=20)])
    return Lake(tmp_path)


@pytest.mark.parametrize(
    ("low", "high", "files"), [(0, 5, 5), (1, 2, 2), (1.1, 1.5, 1), (1.9, 1.95, 0), (-3, -1, 0), (9, 12, 0)]
)
def test_only_files_that_reach_into_the_stretch_are_opened(lake, low, high, files):
    with lake.engine(held=0) as engine:
        engine.sql(asked(BEGINS + timedelta(days=low), BEGINS + timedelta(days=high)))
        body, _mark = engine._views["t"]
    assert body.count(".parquet") == files


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("SELECT 1 FROM t WHERE t.at >= {a} AND t.at < {b}", (0, 1)),
        ("SELECT 1 FROM t WHERE (t.at >= {a} AND t.at < {b}) AND t.x > 0", (0, 1)),
        ("SELECT 1 FROM (SELECT x FROM t WHERE t.at >= {a} AND t.at < {b}) UNION SELECT 1 FROM t "
         "WHERE t.at > {b} AND t.at <= {c}", (0, 2)),
        ("SELECT 1 FROM t WHERE t.at >= {a} AND t.at < {b} AND t.at < {c}", (0, 1)),
        ("SELECT 1 FROM t WHERE t.at >= {a} OR t.at < {b}", None),
        ("SELECT 1 FROM t WHERE NOT (t.at >= {a} AND t.at < {b})", None),
        ("SELECT 1 FROM t WHERE t.at >= {a}", None),
        ("SELECT 1 FROM t AS o WHERE t.at >= {a} AND t.at < {b}", None),
        ("SELECT 1 FROM (SELECT x FROM t WHERE t.at >= {a} AND t.at < {b}) UNION SELECT 1 FROM t", None),
        ("SELECT 1 FROM t WHERE t.at + INTERVAL 1 DAY >= {a} AND t.at < {b}", None),
        ("SELECT 1 FROM t WHERE t.at >= {a} AND t.other < {b}", None),
        ("SELECT 1 FROM t WHERE {a} >= t.at AND t.at < {b}", None),
        ("SELECT 1 FROM u LEFT JOIN t ON t.at >= {a} AND t.at < {b}", None),
    ],
)  # fmt: skip
def test_a_stretch_is_known_only_where_every_reading_has_one(text, same):
    moments = [BEGINS + timedelta(days=day) for day in range(3)]
    a, b, c = (f"CAST('{one.isoformat()}' AS TIMESTAMPTZ)" for one in moments)
    found = stretch(sqlglot.parse_one(text.format(a=a, b=b, c=c), dialect="duckdb"), "t")
    assert found == (None if same is None else Stretch("at", moments[same[0]], moments[same[1]]))


def test_a_question_without_a_stretch_sees_all_after_one_with(lake):
    with lake.engine(held=0) as engine:
        engine.sql(asked(BEGINS, BEGINS + timedelta(days=1)))
        assert engine.sql('SELECT COUNT(*) AS n FROM "t"').to_pylist() == [{"n": 10}]
