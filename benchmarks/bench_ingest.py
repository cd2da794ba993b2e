"""Events in at a rate, reads beside them, counted from the client's side: what is lost or doubled, how long it takes.

A server and a worker of their own on a fresh home. Reads are measured without events first, then beside them: the ratio
of their p95 is what the events cost. Some requests are sent twice, as after an answer that was lost.

    python benchmarks/bench_ingest.py [--seconds 8] [--events 1000] [--reads 50]
"""

import argparse
import http.client
import json
import os
import queue
import socket
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

SOURCE = Path(__file__).parents[1] / "src"
BATCH, READERS, SENDERS = 100, 8, 4
SETTING_UP = """
import django
django.setup()
from django.core.management import call_command
call_command("migrate", verbosity=0)
from datetime import date, datetime, timedelta
from nachim.app import policy
from nachim.app.actions import goals, metrics, new_table, tokens
from nachim.app.models import Membership, User, Workspace
workspace = Workspace.objects.create(name="bench")
user = User.objects.create_user("a@example.com", "A", None)
Membership.objects.create(user=user, workspace=workspace, role="owner")
columns = [{"name": "id", "type": "integer", "role": "key"}, {"name": "at", "type": "time", "role": "time"},
           {"name": "amount", "type": "number", "role": "amount"}, {"name": "page", "role": "dimension"}]
new_table.describe_table(policy.SYSTEM, name="clicks", label="", columns=columns)
from nachim.app.actions import ingest
from nachim.app.models import Table
now = datetime.now().astimezone()
ingest.accept(policy.SYSTEM, Table.objects.get(), [
    {"id": -1 - at, "at": (now - timedelta(days=at)).isoformat(), "amount": 1, "page": "old"} for at in range(60)])
ingest.merge_waiting()
goal = goals.save_goal(policy.SYSTEM, title="g", start=date(2026, 1, 1), due=date(2199, 12, 31), owner=None)
for name, agg in (("clicks", "count(clicks)"), ("amount", "sum(clicks.amount)")):
    metric = metrics.save_metric(policy.SYSTEM, name=name, unit="count", better="up", spec={"agg": agg})
    goals.save_kpi(policy.SYSTEM, goal=goal, metric=metric, name=name, cadence="day")
from nachim.app.actions.refresh import refresh
refresh()
print(tokens.make_token(user, name="bench", scopes=["read", "write", "ingest"], days=1)[1])
"""
READS = ("/api/scorecard", "/api/kpis", "/api/kpis/clicks/observations", "/api/kpis/amount/scorecard", "/api/goals",
         "/api/findings", "/api/tables/clicks", "/api/events/clicks")  # fmt: skip


class House:
    """A home with a table, two KPIs and a token; the server on it."""

    def __init__(self, home: str):
        self.env = os.environ | {
            "NACHIM_HOME": home, "PYTHONPATH": str(SOURCE), "DJANGO_SETTINGS_MODULE": "nachim.web.settings",
            "NACHIM_API_RATE": "1000000", "NACHIM_LANG": "en",
        }  # fmt: skip
        made = subprocess.run(
            [sys.executable, "-c", SETTING_UP], env=self.env, capture_output=True, text=True, check=True
        )
        self.token = made.stdout.split()[-1]
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.server = subprocess.Popen([sys.executable, "-m", "nachim", "up", "--port", str(self.port)], env=self.env,
                                       stdout=subprocess.DEVNULL)  # fmt: skip
        for _ in range(300):
            try:
                if self.ask(self.connection(), "GET", "/api/me")[0] == 200:
                    return
            except OSError:
                time.sleep(0.1)
        raise RuntimeError("the server did not come up")

    def connection(self):
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)

    def ask(self, connection, method, path, body=None):
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/x-ndjson"}
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read() or b"null")


class Load:
    """Asks at a pace from several threads, whatever the answers take; keeps the times and the refusals."""

    def __init__(self, house: House, workers: int):
        self.house, self.jobs, self.times, self.wrong = house, queue.Queue(), [], []
        self.threads = [threading.Thread(target=self._work) for _ in range(workers)]
        for one in self.threads:
            one.start()

    def _work(self):
        connection = self.house.connection()
        while (job := self.jobs.get()) is not None:
            method, path, body, wanted, due = job
            try:
                status, _said = self.house.ask(connection, method, path, body)
            except (OSError, http.client.HTTPException) as error:
                status, connection = repr(error), self.house.connection()
            self.times.append(time.perf_counter() - due)
            if status != wanted:
                self.wrong.append((path, status))

    def run(self, per_second: float, seconds: float, job):
        """`job(n)` gives method, path, body and the wanted status; a late start counts as waiting."""
        began = time.perf_counter()
        for n in range(int(per_second * seconds)):
            due = began + n / per_second
            time.sleep(max(0.0, due - time.perf_counter()))
            self.jobs.put((*job(n), due))
        for _ in self.threads:
            self.jobs.put(None)
        for one in self.threads:
            one.join()
        return self


def p95(times: list[float]) -> float:
    return sorted(times)[int(len(times) * 0.95)] * 1000


def read(n: int):
    return "GET", READS[n % len(READS)], None, 200


def batch(n: int):
    """Every tenth request is the one before it again."""
    first = (n - 1 if n % 10 == 9 else n) * BATCH
    now = time.strftime("%Y-%m-%dT%H:%M:%S+00:00", time.gmtime())
    lines = [json.dumps({"id": first + at, "at": now, "amount": 1, "page": f"/{at % 7}"}) for at in range(BATCH)]
    return "POST", "/api/events/clicks", "\n".join(lines), 202


def main() -> int:
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--seconds", type=float, default=8)
    arguments.add_argument("--events", type=float, default=1000, help="a second")
    arguments.add_argument("--reads", type=float, default=50, help="a second")
    given = arguments.parse_args()
    with tempfile.TemporaryDirectory() as home:
        house = House(home)
        try:
            return measured(house, given)
        finally:
            house.server.terminate()
            house.server.wait()


def measured(house: House, given) -> int:
    Load(house, READERS).run(given.reads / 2, 2, read)  # what is made once is made
    alone = Load(house, READERS).run(given.reads, given.seconds / 2, read)
    reads, sends = Load(house, READERS), Load(house, SENDERS)
    beside = threading.Thread(target=reads.run, args=(given.reads, given.seconds, read))
    began = time.perf_counter()
    beside.start()
    sends.run(given.events / BATCH, given.seconds, batch)
    took = time.perf_counter() - began
    beside.join()
    connection, waited = house.connection(), time.perf_counter()
    while house.ask(connection, "GET", "/api/events/clicks")[1]["waiting"] and time.perf_counter() - waited < 120:
        time.sleep(0.2)
    merged = time.perf_counter() - waited
    requests = len(sends.times)
    sent = {at for n in range(requests) for at in [(n - 1 if n % 10 == 9 else n) * BATCH]}
    expected = len(sent) * BATCH
    rows = house.ask(connection, "GET", "/api/query?metric=clicks&grain=all&where=page%20!%3D%20%27old%27")[1]
    found = rows["cells"][0]["n"]
    amount = house.ask(connection, "GET", "/api/query?metric=amount&grain=all&where=page%20!%3D%20%27old%27")[1]
    total = amount["cells"][0]["value"]
    print(f"events: {requests * BATCH:,} sent in {requests} requests at {requests * BATCH / took:,.0f}/s, "
          f"{expected:,} different; in the table {found:,} ({total:,.0f} by their sum)")  # fmt: skip
    print(
        f"lost {expected - found}, doubled {int(total) - found}; the last merged {merged:.1f} s after the last answer"
    )
    print(f"p95 of a send of {BATCH}: {p95(sends.times):.0f} ms; of a read {p95(reads.times):.0f} ms, "
          f"without events {p95(alone.times):.0f} ms: ratio {p95(reads.times) / p95(alone.times):.2f}")  # fmt: skip
    wrong = [*sends.wrong, *reads.wrong, *alone.wrong]
    print(f"refused or failed: {len(wrong)} {wrong[:3]}")
    return int(bool(wrong) or found != expected or total != expected)


if __name__ == "__main__":
    sys.exit(main())
