"""What a refresh asks of a connection, and when; the same definitions on each engine, through the workspace."""

import time
from datetime import date, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from nachim.app import engines, language, policy
from nachim.app.actions import connections, goals, metrics
from nachim.app.actions.refresh import refresh
from nachim.app.models import Connection, Observation, Series, Table
from nachim.app.queries.scorecard import kpi_rows
from nachim.connect.engines import Address
from nachim.core.period import Grain
from nachim.core.status import Status
from nachim.metrics.run import Query, evaluate
from tests import company as made
from tests.engines.company import NOW, tables

WINTER = (date(2025, 12, 1), date(2026, 2, 1))


@pytest.fixture(autouse=True)
def loopback_allowed(settings):
    settings.CONNECTION_HOSTS = "127.0.0.1"
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def company(db):
    return made.people()


def connect(address: Address, secret: str = "", **fields) -> Connection:
    given = {name: getattr(address, name) for name in ("engine", "host", "port", "database", "user", "schema", "zone")}
    return connections.save_connection(
        policy.SHELL, name="warehouse", password=secret, **{**given, "secure": False, **fields}
    )


def visits(table: str = "visits", **source):
    Table.objects.create(name="visits", source={
        "connection": "warehouse", "table": table, "key": "visit_id", "time": "visited_at", "dims": ["채널"], **source
    })  # fmt: skip
    return metrics.save_metric(
        policy.SHELL, name="visits", label_ko="방문", unit="count", better="up", spec={"agg": "count(visits)"}
    )


@pytest.fixture
def served(company, postgres):
    """A KPI on PostgreSQL."""
    connect(postgres.address, postgres.secret)
    return made.kpi(company.alice, made.goal(company.alice), visits())


def asked(engine_calls) -> int:
    return len([one for one in engine_calls if "SELECT 1" not in one])


@pytest.fixture
def calls(monkeypatch):
    """Every text that PostgreSQL was asked."""
    from nachim.connect.engines.postgres import Postgres

    seen = []
    fetch = Postgres.fetch
    monkeypatch.setattr(Postgres, "fetch", lambda self, sql: (seen.append(sql), fetch(self, sql))[1])
    return seen


def test_the_scorecard_shows_what_the_warehouse_holds(served, postgres):
    refresh()
    row = kpi_rows(type(served).objects.filter(pk=served.pk))[0]
    month = row.closed.period.key
    by_month = "SELECT to_char(visited_at AT TIME ZONE 'Asia/Seoul', 'YYYY-MM-01') AS month FROM web.visits"
    wanted = postgres.fetch(by_month)["month"].to_pylist().count(month)
    assert row.closed.value == wanted > 0
    assert row.freshness.last_row_at is not None
    table = Table.objects.get(name="visits")
    assert table.last_row_at == max(tables()["visits"]["visited_at"].to_pylist())
    assert Observation.objects.filter(dim="채널", part="app").exists()


def test_young_numbers_are_not_asked_again(served, calls):
    assert refresh().series == 1
    count = asked(calls)
    assert count > 0
    assert refresh().series == 0 and asked(calls) == count, "an hour has not passed"
    time.sleep(1.1)  # a connection's version is the second in which it was read
    assert refresh(patient=False).series == 1 and asked(calls) > count, "somebody asked for it"
    count = asked(calls)
    time.sleep(1.1)
    assert refresh(timezone.now() + timedelta(minutes=61)).series == 1 and asked(calls) > count
    Connection.objects.update(every_minutes=600)
    assert refresh(timezone.now() + timedelta(minutes=61)).series == 0


def test_a_changed_definition_is_asked_at_once(served, calls):
    refresh()
    metrics.save_metric(
        policy.SHELL, served.metric, spec={"agg": "count_distinct(visits.visit_id)"}, reason="방문을 셉니다"
    )
    assert refresh().series == 1


def test_a_warehouse_that_went_away_keeps_its_last_numbers_and_comes_back(served, postgres, tmp_path, company):
    refresh()
    numbers = Observation.objects.count()
    connections.save_connection(policy.SHELL, Connection.objects.get(), password="n0t-this-one")
    assert refresh(patient=False).problems == 1
    assert Observation.objects.count() == numbers
    row = kpi_rows(type(served).objects.filter(pk=served.pk))[0]
    assert row.closed.value and "닿을 수 없습니다" in row.series.problem["ko"]
    assert row.status is Status.FAULT
    connections.save_connection(policy.SHELL, Connection.objects.get(), password=postgres.secret)
    done = refresh()
    assert (done.problems, Series.objects.get().problem) == (0, {})


def test_an_unreachable_engine_is_tried_once_a_refresh(served, monkeypatch):
    other = metrics.save_metric(
        policy.SHELL,
        name="more",
        label_ko="더",
        unit="count",
        better="up",
        spec={"agg": "count_distinct(visits.visit_id)"},
    )
    made.kpi(policy.SHELL, served.goal, other)
    connections.save_connection(policy.SHELL, Connection.objects.get(), password="n0t-this-one")
    import psycopg

    tries = []
    real = psycopg.connect
    monkeypatch.setattr(psycopg, "connect", lambda **how: (tries.append(1), real(**how))[1])
    assert refresh(patient=False).problems == 2
    assert len(tries) == 1


def test_a_slice_of_a_table_elsewhere_is_checked(served):
    goals.save_kpi(policy.SHELL, served, check=True, slice={"채널": "app"}, reason="앱만")
    assert refresh().problems == 0
    with pytest.raises(ValidationError) as told:
        goals.save_kpi(policy.SHELL, served, check=True, slice={"기기": "app"}, reason="기기만")
    assert "기기" in str(told.value)


def expected(**extra):
    from tests.engines.company import duck

    source = {"lake": "visits", "key": "visit_id", "time": "visited_at", "dims": ["채널"], **extra}
    from nachim.metrics.spec import Model

    model = Model.load({"sources": {"visits": source}, "metrics": {"visits": {"agg": "count(visits)"}}})
    return evaluate(model, Query(("visits",), Grain.WEEK, *WINTER, by=("채널",)), duck(), as_of=NOW).cells


def found():
    with engines.opened() as engine:
        result = evaluate(language.model(), Query(("visits",), Grain.WEEK, *WINTER, by=("채널",)), engine, as_of=NOW)
    assert "-- warehouse: " in result.sql
    return result.cells


def test_on_clickhouse_the_cells_are_the_same(company, clickhouse, monkeypatch):
    """ClickHouse runs inside a process of the tests; the connection's own driver would dial a server."""
    monkeypatch.setattr(engines, "open_engine", lambda address, secret: Kept(clickhouse))
    connect(Address("clicks", "clickhouse", "127.0.0.1", 8123, schema="web"))
    visits()
    assert found() == expected()


class Kept:
    """An engine that outlives the question."""

    def __init__(self, engine):
        self._engine = engine

    def __getattr__(self, name):
        return getattr(self._engine, name)

    def close(self):
        pass


@pytest.mark.xdist_group("spark")
def test_on_a_spark_cluster_the_cells_are_the_same_of_its_own_tables_and_of_the_lakes(company, spark, tmp_path):
    host, port = spark.address.host.removeprefix("spark://").split(":")
    spark.session.sql("CREATE TABLE own_visits USING parquet AS SELECT * FROM visits")
    connect(Address("cluster", "spark", host, int(port)))
    visits("own_visits")
    assert found() == expected()

    import pyarrow.parquet as pq

    pq.write_table(tables()["visits"], tmp_path / "visits.parquet")
    from nachim.app.actions import tables as files

    path = tmp_path / "visits.parquet"
    files.import_now(policy.SYSTEM, path, "lake_visits", files.look(path, path.name, "lake_visits").mapping)
    table = Table.objects.get(name="visits")
    table.source["table"] = "lake.lake_visits"
    table.save()
    assert found() == expected()
    spark.session.sql("DROP TABLE own_visits")


def test_redirects_are_not_followed():
    """A ClickHouse that points elsewhere is not followed there."""
    import threading
    from http.server import BaseHTTPRequestHandler, HTTPServer

    from nachim.connect.engines import open_engine
    from nachim.metrics.messages import EngineFailed

    hits = []

    class Answer(BaseHTTPRequestHandler):
        def do_POST(self):
            hits.append(self.server.server_port)
            self.send_response(302)
            self.send_header("Location", f"http://127.0.0.1:{other.server_port}/")
            self.end_headers()

        do_GET = do_POST

        def log_message(self, *_told):
            pass

    with HTTPServer(("127.0.0.1", 0), Answer) as first, HTTPServer(("127.0.0.1", 0), Answer) as other:
        for one in (first, other):
            threading.Thread(target=one.serve_forever, daemon=True).start()
        address = Address("c", "clickhouse", "ch.example", first.server_port, secure=False, at="127.0.0.1")
        engine = open_engine(address, "c4nary")
        with pytest.raises(EngineFailed) as told:
            engine.columns("visits")
        engine.close()
        for one in (first, other):
            one.shutdown()
    assert set(hits) == {first.server_port}
    assert "c4nary" not in told.value.text("en") and "127.0.0.1" not in told.value.text("en")
