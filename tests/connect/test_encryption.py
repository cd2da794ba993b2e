"""An encrypted connection to a database is one to a server that has shown who it is."""

import psycopg
import pytest

from nachim.connect.engines import Address
from nachim.connect.engines.postgres import Postgres


@pytest.mark.parametrize(("secure", "variable", "mode"), [
    (True, "", "verify-full"), (True, "/etc/ca.pem", "verify-full"), (False, "", "disable"),
])  # fmt: skip
def test_a_server_shows_who_it_is_or_nothing_is_encrypted(monkeypatch, secure, variable, mode):
    asked = {}

    def connect(**words):
        asked.update(words)
        raise psycopg.OperationalError("nobody there")

    monkeypatch.setenv("PGSSLROOTCERT", variable)
    monkeypatch.setattr(psycopg, "connect", connect)
    address = Address(
        "w", "postgres", "db.example.com", 5432, "shop", "reader", "public", secure=secure, at="192.0.2.1"
    )
    with pytest.raises(psycopg.OperationalError):
        Postgres(address, "x")._cursor()
    assert (asked["sslmode"], asked["host"], asked["hostaddr"]) == (mode, "db.example.com", "192.0.2.1")
    assert bool(asked.get("sslrootcert")) == secure and (not variable or asked["sslrootcert"] == variable)
