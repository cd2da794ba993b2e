"""A home under load: its processes, what they take of the machine, and what is asked of it before and afterwards."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
BEGIN = "import json, sys, time\nfrom pathlib import Path\nfrom nachim.cli.start import begin\nbegin()\n"
SETTING_UP = """
import tempfile
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from nachim.app import policy
from nachim.app.actions import metrics, new_table, tokens
from nachim.app.actions.refresh import refresh
from nachim.app.models import Kpi, Membership, Role, User
from tests import company
people = company.people()
company.import_orders(Path(tempfile.mkdtemp()))
goal = company.goal(people.alice)
for metric in (company.revenue(), company.orders_metric()):
    for cadence in ("day", "week", "month"):
        company.kpi(people.alice, goal, metric, cadence=cadence, label=f"{metric.name} {cadence}")
columns = [{"name": "id", "type": "integer", "role": "key"}, {"name": "at", "type": "time", "role": "time"},
           {"name": "amount", "type": "number", "role": "amount"}, {"name": "page", "role": "dimension"}]
new_table.describe_table(policy.SYSTEM, name="clicks", label="", columns=columns)
for name, agg in (("clicks", "count(clicks)"), ("amount", "sum(clicks.amount)")):
    metric = metrics.save_metric(policy.SYSTEM, name=name, unit="count", better="up", spec={"agg": agg})
    company.kpi(people.alice, goal, metric, cadence="day", label=name)
refresh()
sessions = []
for number in range(int(sys.argv[1])):
    user = User.objects.create_user(f"tab{number}@example.com", f"Tab {number}")
    Membership.objects.create(user=user, workspace=people.workspace, role=Role.VIEWER)
    session = SessionStore()
    session[SESSION_KEY], session[HASH_SESSION_KEY] = str(user.pk), user.get_session_auth_hash()
    session[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
    session.save()
    sessions.append(session.session_key)
token = tokens.make_token(people.alice, name="load", scopes=["read", "write", "ingest"], days=1)[1]
print(json.dumps([sessions, list(Kpi.objects.values_list("pk", flat=True)), goal.pk, token]))
"""
# Publishes a change a second for so many seconds, and says its number, the moment it was through, and how old the
# number of the events' KPI is.
PUBLISH = """
from nachim.app import audit
from nachim.app.models import Change, Series
began = time.time()
end = time.time() + float(sys.argv[1])
while time.time() < end:
    audit.publish("load")
    computed = Series.objects.get(metric__name="clicks").computed_at
    old = time.time() - (computed.timestamp() if computed else began)
    print(Change.objects.filter(topic="load").latest("pk").pk, time.time(), old, flush=True)
    time.sleep(1)
"""
# Every state of the cells that was ever to be seen, until the file given is there.
WATCH = """
from nachim.app.models import Refresh
from tests.backup.cells import digest
stop, last = Path(sys.argv[1]), None
newest = lambda: Refresh.objects.order_by("-pk").values_list("pk", flat=True).first()
print("ready", flush=True)
while True:
    end, before = stop.exists(), newest()
    if before != last:
        found = digest()
        if newest() == before:
            last = before
            print(found, flush=True)
    if end:
        break
    time.sleep(0.1)
"""
STORED = """
import duckdb
from nachim.app.actions import ingest
from nachim.app.actions.refresh import refresh
from nachim.app.home import lake
from nachim.app.models import EventBatch, Observation
from nachim.lake.sql import files_of
from tests.backup.cells import digest
cells, end = digest(), time.time() + 180
while EventBatch.objects.exists() and time.time() < end:
    ingest.merge_waiting()
    time.sleep(0.3)
refresh()
files = files_of(lake().table("clicks").snapshot())
found = duckdb.sql(f"SELECT id // 100, count(*), count(DISTINCT id) FROM read_parquet({files!r}) GROUP BY 1").fetchall()
days = Observation.objects.filter(grain="day", dim="")
shown = {name: sum(days.filter(series__metric__name=name).values_list("value", flat=True))
         for name in ("clicks", "amount")}
print(json.dumps({"batches": found, "shown": shown, "cells": cells}))
"""


class House:
    """Pages, a worker and their database on one home."""

    def __init__(self, home: Path, database: str, people: int, pages: int, database_folder: Path | None = None):
        from tests.engines.servers import free_port

        self.env = {
            **{name: value for name, value in os.environ.items() if not name.startswith("NACHIM")},
            "NACHIM_HOME": str(home), "NACHIM_DATABASE": database, "NACHIM_LANG": "en", "NACHIM_API_RATE": "10000000",
            "NACHIM_CONNECTION_HOSTS": "127.0.0.1", "PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}",
        }  # fmt: skip
        self.home, self.folder = home, database_folder
        self.sessions, self.kpis, self.goal, self.token = json.loads(self.python(SETTING_UP, people).splitlines()[-1])
        self.ports = [free_port() for _ in range(pages)]
        self.running = {f"pages {at + 1}" if pages > 1 else "pages": self.start("up", "--workers", 0, "--port", port)
                        for at, port in enumerate(self.ports)}  # fmt: skip
        self.running["worker"] = self.start("worker")

    def python(self, code: str, *arguments, **env: str) -> str:
        """Run code inside nachim and give what it printed."""
        done = subprocess.run([sys.executable, "-c", BEGIN + code, *map(str, arguments)], env=self.env | env,
                              capture_output=True, text=True)  # fmt: skip
        if done.returncode:
            raise RuntimeError(done.stderr[-3000:])
        return done.stdout

    def beside(self, code: str, *arguments) -> subprocess.Popen:
        """Code inside nachim that goes on while something else is done."""
        return subprocess.Popen([sys.executable, "-c", BEGIN + code, *map(str, arguments)], env=self.env,
                                stdout=subprocess.PIPE, text=True)  # fmt: skip

    def start(self, *command) -> subprocess.Popen:
        whole = [sys.executable, "-m", "nachim", *map(str, command)]
        with open(self.home / "log", "ab") as log:
            return subprocess.Popen(whole, env=self.env, stdout=log, stderr=log)

    def run(self, *command, **env: str) -> subprocess.CompletedProcess:
        whole = [sys.executable, "-m", "nachim", *map(str, command)]
        return subprocess.run(whole, env=self.env | env, capture_output=True, text=True)

    def stored(self, **env: str) -> dict:
        """Once nothing waits: rows and different ids of each hundred, what the KPIs show, and the cells before that."""
        return json.loads(self.python(STORED, **env).splitlines()[-1])

    def processes(self) -> dict[str, list[int]]:
        found = {name: [one.pid] for name, one in self.running.items()}
        if self.folder is not None:
            first = int((self.folder / "data" / "postmaster.pid").read_text().split()[0])
            found["database"] = [first, *map(int, Path(f"/proc/{first}/task/{first}/children").read_text().split())]
        return found

    def memory(self) -> dict[str, float]:
        """Megabytes of each, what is shared split between those who share it."""
        return {name: sum(map(_megabytes, pids)) for name, pids in self.processes().items()}

    def seconds(self) -> dict[str, float]:
        """Processor seconds of each so far; of a database's connections, those open now."""
        return {name: sum(map(_seconds, pids)) for name, pids in self.processes().items()}

    def stop(self) -> None:
        for one in self.running.values():
            one.send_signal(signal.SIGTERM)
        for one in self.running.values():
            try:
                one.wait(30)
            except subprocess.TimeoutExpired:
                one.kill()
                one.wait()


def _megabytes(pid: int) -> float:
    try:
        rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
    except OSError:
        return 0.0
    return int(rollup.split("\nPss:")[1].split()[0]) / 1024


def _seconds(pid: int) -> float:
    try:
        after = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    except OSError:
        return 0.0
    return (int(after[11]) + int(after[12])) / os.sysconf("SC_CLK_TCK")
