"""A workspace moves to PostgreSQL and back; every row is compared, and nothing is filled that is not empty."""

import subprocess

import psycopg
import pytest

from tests.backup.test_backup import DIGEST, PREPARE
from tests.engines.servers import app_database
from tests.house import House

HASHES = """
from django.apps import apps
from nachim.app.backup import rows
print([rows.summed(rows.lines(model, "default")) for model in rows.tables(apps)])
"""
NEXT = """
from nachim.app.models import Change, Connection, User
from nachim.app.engines import password_of
made = User.objects.create_user("new@example.com", "New")
print(made.pk == User.objects.count(), password_of(Connection.objects.get()))
Change.objects.create(topic="x")
"""
# Numbers and texts that the two databases keep in different ways.
ODD = """
from django.db import transaction
from nachim.app import audit, policy
from nachim.app.models import Workspace
with transaction.atomic():
    audit.record(policy.SYSTEM, "odd", Workspace.current(), before={"large": 1e16, "small": 1e-7, "whole": 3.0},
                 after={"text": "나침 🧭 \\\\u0041", "list": [1e300, -0.0, True, None]})
"""


@pytest.fixture(scope="module")
def server():
    with app_database() as address:
        yield address


def renamed(address: str, name: str) -> str:
    with psycopg.connect(address, autocommit=True) as one:
        one.execute(f"CREATE DATABASE {name}")
    return f"{address.rsplit('/', 1)[0]}/{name}"


def test_to_postgres_and_back(server, home, tmp_path, monkeypatch):
    monkeypatch.delenv("NACHIM_TEST_DATABASE", raising=False)
    house = House(home)
    house.python(PREPARE, tmp_path)
    house.python(ODD)
    cells, hashes = house.python(DIGEST), house.python(HASHES)
    address = renamed(server, "moved")
    done = house.run("move", "--to", address)
    assert done.returncode == 0, done.stderr
    assert "app.observation" in done.stdout and "audit chain holds" in done.stdout
    assert "p%40ss" not in done.stdout + done.stderr and "p@ss" not in done.stdout + done.stderr
    house.env["NACHIM_DATABASE"] = address
    assert (house.python(DIGEST), house.python(HASHES)) == (cells, hashes)
    assert house.python(NEXT).split() == ["True", "c4nary-in-the-mine"], "the next number, and a password"
    assert "✓ The chain of" in house.run("doctor", "--audit").stdout
    again = house.run("move", "--to", "sqlite")
    assert again.returncode == 1 and "not empty" in again.stderr, again.stderr
    hashes = house.python(HASHES)
    (home / "app.db").unlink()
    back = house.run("move", "--to", "sqlite")
    assert back.returncode == 0, back.stderr
    del house.env["NACHIM_DATABASE"]
    assert house.python(HASHES) == hashes


def test_a_backup_of_sqlite_fills_postgres(server, home, tmp_path, monkeypatch):
    monkeypatch.delenv("NACHIM_TEST_DATABASE", raising=False)
    house = House(home)
    house.python(PREPARE, tmp_path)
    assert house.run("backup", "--to", tmp_path / "kept").returncode == 0
    backup = next((tmp_path / "kept").glob("nachim-*[0-9]"))
    second = House(tmp_path / "second")
    second.env["NACHIM_DATABASE"] = renamed(server, "restored")
    done = second.run("restore", backup, "--keys", backup.with_name(f"{backup.name}.keys"))
    assert done.returncode == 0, done.stderr
    assert second.python(DIGEST) == house.python(DIGEST)
    # And the trail on PostgreSQL cannot be changed behind the app's back.
    with psycopg.connect(second.env["NACHIM_DATABASE"]) as one, pytest.raises(psycopg.errors.RaiseException):
        one.execute("UPDATE app_auditentry SET action = 'x'")


@pytest.mark.parametrize("address", ["mysql://a:s3cret@b/c", "postgres://a:s3cret@b", "postgres://h:notaport/x"])
def test_an_address_that_is_none_is_refused_without_showing_the_password(home, address, monkeypatch):
    monkeypatch.delenv("NACHIM_TEST_DATABASE", raising=False)
    done = House(home).run("move", "--to", address)
    assert done.returncode == 2 and "s3cret" not in done.stdout + done.stderr and "Traceback" not in done.stderr


def test_nobody_moves_while_a_worker_runs(home, monkeypatch):
    monkeypatch.delenv("NACHIM_TEST_DATABASE", raising=False)
    house = House(home)
    house.python("pass")
    house.start("worker")
    house.wait(lambda: any((home / "workers").iterdir()) if (home / "workers").exists() else False)
    try:
        done = house.run("move", "--to", "postgres://nobody@127.0.0.1:9/x")
        assert done.returncode == 1 and "Stop nachim first" in done.stderr
    finally:
        house.close()


def test_a_server_that_is_not_there(home, monkeypatch):
    monkeypatch.delenv("NACHIM_TEST_DATABASE", raising=False)
    done: subprocess.CompletedProcess = House(home).run("move", "--to", "postgres://nobody:s3cret@127.0.0.1:9/x")
    assert done.returncode == 1 and "s3cret" not in done.stderr and "Traceback" not in done.stderr
