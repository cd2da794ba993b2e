"""Live tabs, mixed reads and events at once, counted from the client's side, on SQLite and on PostgreSQL.

Every change is published by a process of its own, which says its number: each tab must hear each once. Reads keep their
pace whatever the answers take, so a slow server cannot hide (times count from when a read was due). Printed: p95 in
milliseconds, how late changes arrive, what was lost or doubled, and the memory of the server at the start and the end.

    python benchmarks/bench_load.py [--seconds 12] [--tabs 60] [--reads 25] [--events 0] [--database sqlite|own|URL]
"""

import argparse
import asyncio
import contextlib
import importlib.util
import json
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT / "src"), str(ROOT)]
PEOPLE, STREAMS_EACH = 40, 6
SETTING_UP = """
import json, sys, tempfile
from pathlib import Path
from nachim.cli.start import begin
begin()
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from nachim.app import policy
from nachim.app.actions.refresh import refresh
from nachim.app.models import Kpi, Membership, Role, User
from tests import company
people = company.people()
company.import_orders(Path(tempfile.mkdtemp()))
goal = company.goal(people.alice)
for metric in (company.revenue(), company.orders_metric()):
    for cadence in ("day", "week", "month"):
        company.kpi(people.alice, goal, metric, cadence=cadence, label=f"{metric.name} {cadence}")
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
token = ""
if sys.argv[2] == "events":
    from nachim.app.actions import new_table, tokens
    columns = [{"name": "id", "type": "integer", "role": "key"}, {"name": "at", "type": "time", "role": "time"}]
    new_table.describe_table(policy.SYSTEM, name="clicks", label="", columns=columns)
    token = tokens.make_token(people.alice, name="load", scopes=["read", "write", "ingest"], days=1)[1]
print(json.dumps([sessions, list(Kpi.objects.values_list("pk", flat=True)), goal.pk, token]))
"""
# Publishes a change a second until it is told to stop, and says its number and the moment it was through.
PUBLISH = """
import sys, time
from nachim.cli.start import begin
begin()
from nachim.app import audit
from nachim.app.models import Change
for _ in range(int(sys.argv[1])):
    audit.publish("company")
    print(Change.objects.order_by("-pk").values_list("pk", flat=True).first(), time.time(), flush=True)
    time.sleep(1)
"""


class Server:
    """A home with pages and a worker on one database."""

    def __init__(self, home: str, database: str, events: bool):
        from tests.engines.servers import free_port

        self.env = {
            **{name: value for name, value in os.environ.items() if not name.startswith("NACHIM")},
            "NACHIM_HOME": home, "NACHIM_DATABASE": database, "NACHIM_LANG": "en", "NACHIM_API_RATE": "10000000",
            "NACHIM_CONNECTION_HOSTS": "127.0.0.1", "PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}",
        }  # fmt: skip
        made = subprocess.run([sys.executable, "-c", SETTING_UP, str(PEOPLE), "events" if events else ""],
                              env=self.env, capture_output=True, text=True, check=True)  # fmt: skip
        self.sessions, self.kpis, self.goal, self.token = json.loads(made.stdout.splitlines()[-1])
        self.port = free_port()
        self.process = subprocess.Popen(
            [sys.executable, "-m", "nachim", "up", "--port", str(self.port)], env=self.env, stdout=subprocess.DEVNULL
        )

    def memory(self) -> float:
        """Megabytes of the pages' process."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(status.split("VmRSS:")[1].split()[0]) / 1024

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(20)


async def ask(server: Server, session: str, path: str, method: str = "GET", body: str = "", more: str = ""):
    """One request on a connection of its own; its status."""
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    try:
        writer.write(
            f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\nCookie: nachim={session}\r\n{more}"
            f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n{body}".encode()
        )
        await writer.drain()
        head = await reader.readline()
        await reader.read()
        return int(head.split()[1])
    finally:
        writer.close()


class Tab:
    """One live page: which changes it heard, when, and how often."""

    def __init__(self):
        self.heard: Counter[int] = Counter()
        self.at: dict[int, float] = {}
        self.status = 0

    async def listen(self, server: Server, session: str):
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        try:
            host = f"Host: 127.0.0.1:{server.port}"
            writer.write(f"GET /events HTTP/1.1\r\n{host}\r\nCookie: nachim={session}\r\n\r\n".encode())
            self.status = int((await reader.readline()).split()[1])
            number = 0
            while line := await reader.readline():
                if line.startswith(b"id: "):
                    number = int(line[4:])
                elif line.startswith(b"event: company"):
                    self.heard[number] += 1
                    self.at.setdefault(number, time.time())
        finally:
            writer.close()


class Load:
    """Everything that goes on at once."""

    def __init__(self, server: Server, given):
        self.server, self.given = server, given
        self.times: list[float] = []
        self.sent: list[float] = []
        self.wrong: Counter = Counter()
        self.accepted = 0
        kpis = server.kpis
        self.paths = ["/", f"/goals/{server.goal}/", "/goals/", "/data/", "/findings/",
                      *(f"/kpis/{pk}/" for pk in kpis), *(f"/cards/{pk}/" for pk in kpis)]  # fmt: skip

    async def paced(self, per_second: float, job) -> None:
        tasks, began = [], time.perf_counter()
        for number in range(int(per_second * self.given.seconds)):
            due = began + number / per_second
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            tasks.append(asyncio.create_task(job(number, due)))
        await asyncio.gather(*tasks)

    async def read(self, number: int, due: float) -> None:
        path = self.paths[number % len(self.paths)]
        try:
            status = await ask(self.server, self.server.sessions[number % PEOPLE], path)
        except OSError as error:
            status = repr(error)
        self.times.append(time.perf_counter() - due)
        if status != 200:
            self.wrong[path, status] += 1

    async def send(self, number: int, due: float) -> None:
        now = time.strftime("%Y-%m-%dT%H:%M:%S+00:00", time.gmtime())
        body = "\n".join(json.dumps({"id": number * 100 + at, "at": now}) for at in range(100))
        more = f"Authorization: Bearer {self.server.token}\r\nContent-Type: application/x-ndjson\r\n"
        try:
            status = await ask(self.server, "", "/api/events/clicks", "POST", body, more)
        except OSError as error:
            status = repr(error)
        self.sent.append(time.perf_counter() - due)
        if status == 202:
            self.accepted += 100
        else:
            self.wrong["/api/events/clicks", status] += 1

    async def run(self) -> dict:
        given, server = self.given, self.server
        for _ in range(300):
            with contextlib.suppress(OSError):
                if await ask(server, "", "/health/") == 200:
                    break
            await asyncio.sleep(0.2)
        for path in self.paths:
            await ask(server, server.sessions[0], path)
        tabs = [Tab() for _ in range(given.tabs)]
        open_tabs = [
            asyncio.create_task(tab.listen(server, server.sessions[number % PEOPLE])) for number, tab in enumerate(tabs)
        ]
        await asyncio.sleep(3)
        before = server.memory()
        publisher = await asyncio.create_subprocess_exec(
            sys.executable, "-c", PUBLISH, str(int(given.seconds)), env=server.env, stdout=asyncio.subprocess.PIPE
        )
        await asyncio.gather(self.paced(given.reads, self.read), self.paced(given.events / 100, self.send))
        said = (await publisher.communicate())[0].decode().split()
        await asyncio.sleep(2)
        after = server.memory()
        for one in open_tabs:
            one.cancel()
        await asyncio.gather(*open_tabs, return_exceptions=True)
        published = {int(pk): float(at) for pk, at in zip(said[::2], said[1::2], strict=True)}
        late = [tab.at[pk] - at for tab in tabs for pk, at in published.items() if pk in tab.at]
        return {
            "reads": len(self.times), "read p95": p95(self.times), "wrong": dict(self.wrong),
            "tabs": sum(tab.status == 200 for tab in tabs), "changes": len(published),
            "lost": sum(pk not in tab.heard for tab in tabs for pk in published),
            "doubled": sum(count - 1 for tab in tabs for count in tab.heard.values()),
            "change p95": p95(late), "memory": (before, after), "events": self.accepted, "send p95": p95(self.sent),
        }  # fmt: skip


def p95(times: list[float]) -> float:
    """Milliseconds; 0 of nothing."""
    return sorted(times)[int(len(times) * 0.95)] * 1000 if times else 0.0


def stored(server: Server, accepted: int) -> tuple[int, int]:
    """Events lost and doubled, once none waits."""
    code = """
import time
from nachim.cli.start import begin
begin()
import duckdb
from nachim.app.actions import ingest
from nachim.app.home import lake
from nachim.app.models import EventBatch
from nachim.lake.sql import files_of
end = time.time() + 120
while EventBatch.objects.exists() and time.time() < end:
    ingest.merge_waiting()
    time.sleep(0.3)
files = files_of(lake().table("clicks").snapshot())
print(*duckdb.sql(f"SELECT count(*), count(DISTINCT id) FROM read_parquet({files!r})").fetchone())
"""
    done = subprocess.run([sys.executable, "-c", code], env=server.env, capture_output=True, text=True, check=True)
    rows, different = map(int, done.stdout.split())
    return accepted - different, rows - different


def measure(name: str, database: str, given) -> bool:
    with tempfile.TemporaryDirectory() as home:
        server = Server(home, database, given.events > 0)
        try:
            found = asyncio.run(Load(server, given).run())
            lost, doubled = stored(server, found["events"]) if given.events else (0, 0)
        finally:
            server.stop()
    first, last = found["memory"]
    print(f"{name:<11} {found['reads']} reads, p95 {found['read p95']:.0f} ms · "
          f"{found['tabs']} tabs × {found['changes']} changes, p95 {found['change p95']:.0f} ms late, "
          f"{found['lost']} lost, {found['doubled']} doubled · "
          f"{found['events']} events, p95 {found['send p95']:.0f} ms, {lost} lost, {doubled} doubled · "
          f"{first:.0f} → {last:.0f} MB · errors: {found['wrong'] or 'none'}")  # fmt: skip
    whole = not any((found["lost"], found["doubled"], lost, doubled, found["wrong"]))
    return whole and found["tabs"] == given.tabs


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    arguments.add_argument("--seconds", type=float, default=12)
    arguments.add_argument("--tabs", type=int, default=60)
    arguments.add_argument("--reads", type=float, default=25, help="a second")
    arguments.add_argument("--events", type=float, default=0, help="a second, in batches of 100")
    arguments.add_argument("--database", default="both", help="sqlite, own (a PostgreSQL is started), an address, both")
    given = arguments.parse_args()
    if given.tabs > PEOPLE * STREAMS_EACH:
        arguments.error(f"at most {PEOPLE * STREAMS_EACH} tabs")
    if given.events and importlib.util.find_spec("nachim.app.actions.ingest") is None:
        arguments.error("this nachim takes no events")
    good = True
    if given.database in ("both", "sqlite"):
        good &= measure("SQLite", "", given)
    if given.database in ("both", "own"):
        from tests.engines.servers import app_database

        with app_database() as address:
            good &= measure("PostgreSQL", address, given)
    elif given.database != "sqlite":
        good &= measure("PostgreSQL", given.database, given)
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
