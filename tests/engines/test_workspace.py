"""A company whose rows stay in its own PostgreSQL: connected, defined, refreshed and shown, by the real command."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[2] / "src"
FILE = """
sources:
  orders: {connection: warehouse, table: orders, key: order_id, time: ordered_at, entities: {customer: customer_id},
           dims: [채널]}
  visits: {connection: warehouse, table: web.visits, key: visit_id, time: visited_at, dims: [채널]}
metrics:
  paid: {label: {ko: 결제 건수, en: Paid orders}, agg: count(orders), where: paid}
  visits: {label: {ko: 방문, en: Visits}, agg: count(visits)}
  conversion: {unit: percent, calc: paid / visits}
goals:
  - name: grow
    title: 매출 키우기
    start: 2026-01-01
    due: 2026-12-31
    kpis:
      - {name: paid, metric: paid, cadence: month, target: {baseline: 1, level: 99, start: 2026-01-01, due: 2026-12-31}}
      - {name: conversion, metric: conversion, cadence: month}
"""
MONTHS = ("--grain", "month", "--from", "2025-12-01", "--to", "2026-02-01")


class Shell:
    """nachim on one home."""

    def __init__(self, home, **extra):
        self.home, self.extra = home, extra

    def __call__(self, *arguments, code=0, stdin="", **more):
        env = {name: value for name, value in os.environ.items() if not name.startswith(("NACHIM", "LC_", "LANG"))}
        env |= {"NACHIM_HOME": str(self.home), "NACHIM_LANG": "en", "PYTHONPATH": str(SOURCE), **self.extra, **more}
        command = [sys.executable, "-m", "nachim", *map(str, arguments)]
        done = subprocess.run(command, env=env, input=stdin, capture_output=True, text=True, timeout=120)
        assert "Traceback" not in done.stderr, done.stderr
        assert done.returncode == code, (arguments, done.stdout, done.stderr)
        return done


@pytest.fixture
def shell(home, postgres):
    return Shell(home, NACHIM_CONNECTION_HOSTS=f"127.0.0.1:{postgres.address.port}")


@pytest.fixture
def add(shell, postgres):
    at = postgres.address

    def give(*more, password=postgres.secret, code=0):
        return shell(
            "connect", "add", "warehouse", "--engine", "postgres", "--host", at.host, "--port", at.port,
            "--database", at.database, "--user", at.user, "--schema", "web", "--insecure", "--password-stdin", *more,
            stdin=password + "\n", code=code,
        )  # fmt: skip

    return give


@pytest.fixture
def connected(shell, add, tmp_path):
    add()
    (tmp_path / "kpis.yaml").write_text(FILE, encoding="utf-8")
    shell("apply", tmp_path / "kpis.yaml")
    return shell


def in_home(home: Path, word: str) -> list[str]:
    return [str(path) for path in home.rglob("*") if path.is_file() and word.encode() in path.read_bytes()]


def test_a_kpi_is_served_from_where_its_rows_are(connected, postgres, home):
    listed = connected("connect", "list").stdout
    assert "PostgreSQL" in listed and "kept" in listed and "answers" in listed
    cells = connected("query", "paid", "conversion", *MONTHS, "--format", "csv").stdout
    wanted = postgres.fetch(
        "SELECT count(*) FILTER (WHERE paid) AS n FROM web.orders "
        "WHERE ordered_at >= '2025-12-31T15:00Z' AND ordered_at < '2026-01-31T15:00Z'"
    ).to_pylist()[0]["n"]
    assert wanted > 10 and f"paid,2026-01-01,{wanted}.0," in cells
    explained = connected("query", "conversion", *MONTHS, "--explain").stdout
    assert "-- warehouse: PostgreSQL" in explained and '"web"."visits"' in explained
    assert re.search(r"^warehouse:orders: read at 2\S+ \S+ UTC, PostgreSQL$", explained, re.MULTILINE)
    assert "observations" in connected("refresh").stdout
    assert "✓ The connection “warehouse” (PostgreSQL) answered" in connected("doctor").stdout
    assert in_home(home, postgres.secret) == [], "the password stands somewhere in the clear"


def test_the_file_round_trips_without_the_password(connected, home, postgres, tmp_path):
    text = connected("export").stdout
    assert "password: kept" in text and postgres.secret not in text
    (tmp_path / "again.yaml").write_text(text, encoding="utf-8")
    assert "0 to change" in connected("apply", tmp_path / "again.yaml", "--dry-run").stdout
    other = Shell(tmp_path / "other", **connected.extra)
    told = other("apply", tmp_path / "again.yaml")
    assert "cannot be reached" in told.stderr, "the password did not come along, and that is said"
    by_name = text.replace("password: kept", "password: ${WAREHOUSE_PASSWORD}")
    (tmp_path / "named.yaml").write_text(by_name, encoding="utf-8")
    third = Shell(tmp_path / "third", **connected.extra, WAREHOUSE_PASSWORD=postgres.secret)
    assert third("apply", tmp_path / "named.yaml").stderr == ""
    assert "${WAREHOUSE_PASSWORD}" in third("export").stdout
    assert "paid  " in third("query", "paid", *MONTHS).stdout
    assert in_home(third.home, postgres.secret) == []
    away = third("query", "paid", *MONTHS, WAREHOUSE_PASSWORD="", code=1)
    assert "WAREHOUSE_PASSWORD" in away.stderr


def test_a_connection_that_does_not_answer_is_a_sentence_and_exit_code_1(connected, postgres, home):
    wrong = connected("connect", "add", "warehouse", "--password-stdin", stdin="n0t-this-one\n", code=1)
    assert "cannot be reached" in wrong.stderr and "n0t-this-one" not in wrong.stderr + wrong.stdout
    assert postgres.address.user not in wrong.stderr.replace("nachim connect", "")
    asked = connected("query", "paid", *MONTHS, code=1)
    assert "“warehouse” (PostgreSQL) cannot be reached" in asked.stderr and not asked.stdout
    assert "cannot be reached" in connected("doctor", code=1).stdout
    refreshed = connected("refresh", code=1)
    assert "2 series could not be computed" in refreshed.stderr
    assert in_home(home, "n0t-this-one") == []


def test_keys_change_and_the_passwords_stay(connected, home):
    before = (home / "connections.key").read_text()
    assert "1 passwords" in connected("connect", "rotate").stdout
    after = (home / "connections.key").read_text()
    assert after != before and len(after.split()) == 1
    connected("connect", "test")
    (home / "connections.key").write_text(before)
    assert "cannot be read" in connected("connect", "test", code=1).stderr


def test_what_is_not_allowed_is_refused_with_the_way_out(shell, add, home):
    shell.extra = {}
    refused = add(code=1)
    assert "NACHIM_CONNECTION_HOSTS" in refused.stderr
    assert shell("connect", "list").stdout == ""
    missing = shell("connect", "test", "warehous", code=2)
    assert "There is no connection" in missing.stderr


def test_a_connection_in_use_stays(connected):
    assert "orders" in connected("connect", "remove", "warehouse", "--yes", code=1).stderr


def test_a_password_in_a_file_is_refused_and_not_repeated(shell, tmp_path):
    text = "connections:\n  warehouse: {engine: postgres, host: db.example.com, password: hunter2-canary}\n"
    (tmp_path / "bad.yaml").write_text(text)
    told = shell("apply", tmp_path / "bad.yaml", code=2)
    assert "bad.yaml:2" in told.stderr and "never stands in a file" in told.stderr
    assert "hunter2" not in told.stderr + told.stdout
