"""Processes on a home of their own; what they did is read from its database, SQLite or PostgreSQL."""

import json
import os
import secrets
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import psycopg
import pytest

ROOT = Path(__file__).parents[1]
PATHS = os.pathsep.join([str(ROOT / "src"), str(ROOT)])


class House:
    """A home with its processes."""

    def __init__(self, path):
        path.mkdir(mode=0o700, exist_ok=True)
        self.path = path
        self.running = []
        self.env = {**os.environ, "NACHIM_HOME": str(path), "NACHIM_LANG": "en", "PYTHONPATH": PATHS}
        self.env["NACHIM_CONNECTION_HOSTS"] = "127.0.0.1"
        self.server = os.environ.get("NACHIM_TEST_DATABASE", "")
        if self.server:
            self.name = f"house_{secrets.token_hex(6)}"
            with psycopg.connect(self.server, autocommit=True) as server:
                server.execute(f"CREATE DATABASE {self.name}")
            self.address = self.env["NACHIM_DATABASE"] = f"{self.server.rsplit('/', 1)[0]}/{self.name}"

    def python(self, code: str, *arguments) -> str:
        """Run code inside nachim, as a page would, and give what it printed."""
        process = self.beside(code, *arguments)
        said, errors = process.communicate(timeout=300)
        assert process.returncode == 0, errors
        return said

    def beside(self, code: str, *arguments) -> subprocess.Popen:
        """Code inside nachim that goes on while something else is looked at."""
        begin = "import sys\nfrom nachim.cli.start import begin\nbegin()\n"
        command = [sys.executable, "-c", begin + code, *map(str, arguments)]
        pipe = subprocess.PIPE
        return subprocess.Popen(command, env=self.env, text=True, stdout=pipe, stderr=pipe)

    def run(self, *command) -> subprocess.CompletedProcess:
        """A command to its end."""
        whole = [sys.executable, "-m", "nachim", *map(str, command)]
        return subprocess.run(whole, env=self.env, capture_output=True, text=True, timeout=300)

    def start(self, *command) -> subprocess.Popen:
        process = subprocess.Popen(
            [sys.executable, "-m", "nachim", *map(str, command)],
            env=self.env,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        self.running.append(process)
        return process

    def rows(self, sql: str, *values) -> list[tuple]:
        if self.server:
            with psycopg.connect(self.address) as database:
                return database.execute(sql.replace("?", "%s"), values).fetchall()
        database = sqlite3.connect(f"file:{self.path / 'app.db'}?mode=ro", uri=True, timeout=20)
        try:
            return database.execute(sql, values).fetchall()
        finally:
            database.close()

    def jobs(self) -> list[tuple]:
        """(name, status, tries) of every job."""
        found = self.rows(
            "SELECT task_path, status, worker_ids FROM django_tasks_database_dbtaskresult ORDER BY enqueued_at"
        )
        return [(path.rsplit(".", 1)[1], status, len(plain(workers))) for path, status, workers in found]

    def wait(self, what, seconds=60):
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            found = what()
            if found:
                return found
            time.sleep(0.02)
        raise AssertionError(f"not within {seconds} s; jobs: {self.jobs()}")

    def close(self):
        for process in self.running:
            if process.poll() is None:
                process.send_signal(signal.SIGKILL)
            process.communicate()
        if self.server:
            with psycopg.connect(self.server, autocommit=True) as server:
                server.execute(f"DROP DATABASE {self.name} WITH (FORCE)")


def plain(value):
    """JSON as SQLite keeps it, or as PostgreSQL gives it."""
    return json.loads(value) if isinstance(value, str) else value


@pytest.fixture
def house(home):
    made = House(home)
    yield made
    made.close()
