"""Web, workers and PostgreSQL are killed with -9 in the midst of uploads, imports and refreshes, again and again.

What a client was told is in is in, once; what it was not told may or may not be. Nothing is there twice.
"""

import json
import os
import random
import re
import signal
import subprocess
import sys
import threading
import time
from contextlib import suppress
from html import unescape
from pathlib import Path
from urllib.parse import urlencode

import pytest

from tests.engines.servers import free_port, postgres_server
from tests.faults import ROUNDS
from tests.faults.visitor import GONE, SESSION, Visitor
from tests.house import House

PREPARE = """
from pathlib import Path
from tests import company
people = company.people()
from nachim.app import policy
from nachim.app.actions import metrics, tables
path = Path(sys.argv[1]) / "orders.csv"
path.write_text("order_id,ordered_at,customer_id,amount\\n0,2026-03-01 10:00,c,1\\n")
tables.import_now(policy.SYSTEM, path, "orders", tables.look(path, path.name, "orders").mapping)
count = metrics.save_metric(policy.SYSTEM, name="orders", label_ko="주문", label_en="Orders", unit="count", better="up",
                            spec={"agg": "count(orders)"})
company.kpi(people.alice, company.goal(people.alice), count, cadence="day")
"""
COUNT = """
import json
import duckdb
from nachim.app.actions.refresh import refresh
from nachim.app.home import lake
from nachim.app.models import Observation
from nachim.lake.sql import files_of
refresh()
files = files_of(lake().table("orders").snapshot())
rows = duckdb.sql("SELECT order_id // 100000 AS file, count(*), count(DISTINCT order_id) "
                  f"FROM read_parquet({files!r}) GROUP BY 1").fetchall()
shown = sum(Observation.objects.filter(grain="day", dim="").values_list("value", flat=True))
print(json.dumps([rows, shown]))
"""
ROWS = 3000


class Server:
    """A PostgreSQL that can be killed and started again."""

    def __init__(self, folder: Path, port: int):
        self.folder, self.port = folder, port
        self.bin = sorted(Path("/usr/lib/postgresql").glob("*/bin"))[-1]

    def kill(self) -> None:
        first = int((self.folder / "data" / "postmaster.pid").read_text().split()[0])
        children = Path(f"/proc/{first}/task/{first}/children").read_text().split()
        for pid in [first, *map(int, children)]:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    def start(self) -> None:
        as_someone = ["runuser", "-u", "nobody", "--"] if os.getuid() == 0 else []
        options = f"-p {self.port} -c listen_addresses=127.0.0.1 -k {self.folder} -c shared_buffers=32MB"
        # Where nobody reaps orphans, the dead seem to hold these.
        for path in [self.folder / "data" / "postmaster.pid", *self.folder.glob(".s.PGSQL.*")]:
            path.unlink(missing_ok=True)
        subprocess.run(
            [*as_someone, str(self.bin / "pg_ctl"), "-D", str(self.folder / "data"), "-w", "-l",
             str(self.folder / "log"), "-o", options, "start"],
            check=True, capture_output=True, cwd=self.folder,
        )  # fmt: skip


class Fleet:
    """The processes of a house, started again when they are gone."""

    def __init__(self, house, port):
        self.house, self.port, self.there = house, port, {}

    def keep(self) -> None:
        wanted = {"web": ("up", "--workers", "0", "--port", self.port), "worker": ("worker",), "worker 2": ("worker",)}
        for name, command in wanted.items():
            if name not in self.there or self.there[name].poll() is not None:
                whole = [sys.executable, "-m", "nachim", *map(str, command)]
                with open(self.house.path / f"{name}.log", "ab") as log:
                    self.there[name] = subprocess.Popen(whole, env=self.house.env, stdout=log, stderr=log)
                self.house.running.append(self.there[name])

    def kill(self, name: str) -> None:
        self.there[name].send_signal(signal.SIGKILL)
        self.there[name].wait()

    def answers(self, visitor, seconds=240) -> None:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self.keep()
            try:
                if visitor.ask("GET", "/health/")[0] == 200:
                    return
            except GONE:
                pass
            time.sleep(0.2)
        raise AssertionError((self.house.path / "web.log").read_text()[-2000:])


def bout(house, victims, server, tmp_path):
    house.python(PREPARE, tmp_path)
    visitor = Visitor(free_port(), house.python(SESSION).strip())
    fleet, chance = Fleet(house, visitor.port), random.Random(9)  # noqa: S311
    confirmed, stale_pages, usual = {}, 0, 1.0
    for number in range(1, ROUNDS * len(victims) + 1):
        victim = victims[number % len(victims)]
        fleet.answers(visitor)
        lines = [f"{number * 100000 + n},2026-03-{1 + n % 28:02} 10:00,c{n % 50},{n}" for n in range(ROWS)]
        text = "order_id,ordered_at,customer_id,amount\n" + "\n".join(lines) + "\n"
        # Anywhere between the first byte of the upload and some time after the page's answer.
        blow = threading.Timer(chance.uniform(0.0, 2.0) * usual, strike, [victim, fleet, server])
        began = time.monotonic()
        blow.start()
        try:
            pk = visitor.upload(f"{number}.csv", text, "orders")
            if (status := confirm(visitor, pk)) == 302:
                confirmed[number] = pk
                usual = 0.7 * usual + 0.3 * (time.monotonic() - began)
            else:
                stale_pages += status == 503
        except GONE:
            pass
        blow.join()
        if number % 10 == 0:
            print(f"{number} kills, {len(confirmed)} acknowledged", flush=True)
        if victim == "database":
            try:
                status, _, page = visitor.ask("GET", "/")
                stale_pages += status == 503 and "데이터베이스가 답하지 않습니다".encode() in page
            except GONE:
                pass
            server.start()
    fleet.answers(visitor)
    assert confirmed, "every round broke before it began"
    states = lambda: dict(house.rows("SELECT id, state FROM app_importrun"))  # noqa: E731

    def done():
        fleet.keep()
        return all(states()[pk] == "done" for pk in confirmed.values())

    house.wait(done, 240)
    for one in fleet.there.values():
        one.kill()
        one.wait()
    found, shown = json.loads(house.python(COUNT))
    rows = {file: (count, different) for file, count, different in found}
    assert all(count == different for count, different in rows.values()), "a row is there twice"
    assert all(rows.get(number) == (ROWS, ROWS) for number in confirmed), "what was said to be in is not"
    assert all(count == ROWS for (count, _), file in zip(rows.values(), rows, strict=True) if file), "half a file is in"
    assert shown == sum(count for count, _ in rows.values()), "the page shows another number than there are rows"
    doctor = house.run("doctor", "--audit").stdout
    assert "✓ All 1 tables are sound" in doctor and "✓ The chain of" in doctor, doctor
    print(f"{number} kills of {', '.join(victims)}: {len(confirmed)} imports acknowledged, {len(rows) - 1} in, "
          f"{stale_pages} pages said that the database is away")  # fmt: skip


def confirm(visitor, pk: int) -> int:
    """Press the button of the page with what its form holds."""
    _, _, page = visitor.ask("GET", f"/data/imports/{pk}/")
    form = page.decode()
    fields = [("csrfmiddlewaretoken", visitor.csrf)]
    for tag in re.findall(r"<input\b[^>]*>", form):
        name, value = re.search(r'\bname="([^"]*)"', tag), re.search(r'\bvalue="([^"]*)"', tag)
        if name and name[1] != "csrfmiddlewaretoken" and 'type="checkbox"' not in tag and 'type="submit"' not in tag:
            fields.append((name[1], unescape(value[1]) if value else ""))
    for name, body in re.findall(r'<select\b[^>]*\bname="([^"]*)"[^>]*>(.*?)</select>', form, re.DOTALL):
        chosen = re.search(r'<option value="([^"]*)"[^>]*\bselected', body)
        fields.append((name, unescape(chosen[1]) if chosen else ""))
    for tag in re.findall(r'<button\b[^>]*\bname="[^"]*"[^>]*>', form):
        if "import" in tag:
            fields.append((re.search(r'name="([^"]*)"', tag)[1], re.search(r'value="([^"]*)"', tag)[1]))
    return visitor.ask("POST", f"/data/imports/{pk}/confirm/", urlencode(fields).encode())[0]


def strike(victim, fleet, server) -> None:
    if victim == "database":
        server.kill()
    else:
        fleet.kill(victim)


def test_web_and_workers_killed_on_sqlite(home, tmp_path, monkeypatch):
    monkeypatch.delenv("NACHIM_TEST_DATABASE", raising=False)
    house = House(home)
    try:
        bout(house, ("web", "worker"), None, tmp_path)
    finally:
        house.close()


def test_web_workers_and_database_killed_on_postgres(home, tmp_path, monkeypatch):
    with postgres_server() as (address, _secret, folder):
        monkeypatch.setenv(
            "NACHIM_TEST_DATABASE", f"postgres://nachim:p%40ss%20w%2Ford@127.0.0.1:{address.port}/postgres"
        )
        house = House(home)
        try:
            bout(house, ("web", "worker", "database"), Server(folder, address.port), tmp_path)
        finally:
            house.close()


@pytest.fixture(autouse=True)
def _linux_only():
    if not os.path.isdir("/proc"):
        pytest.skip("reads /proc")
