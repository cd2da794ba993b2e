"""The worker dies at any moment and nothing is lost."""

import os
import random
import signal
import subprocess
import sys
import time

import pytest

STAGE = """
from django.core.files import File
from pathlib import Path
from nachim.app.actions import tables
from nachim.app.actions.workspace import ensure
from nachim.app.models import User
from nachim.app import policy
ensure(policy.SYSTEM, "test")
from nachim.app.models import Membership, Workspace
user = User.objects.create_user("a@example.com", "Alice")
Membership.objects.create(user=user, workspace=Workspace.current(), role="owner")
path = Path(sys.argv[1])
with path.open("rb") as file:
    run = tables.stage_upload(user, File(file, name=path.name), "orders")
tables.confirm_import(user, run)
print(run.pk)
"""


ENQUEUE = """
from nachim.jobs import tasks
for _ in range(int(sys.argv[1])):
    tasks.foresee.enqueue()
"""


def mine(house) -> list[tuple]:
    return [job for job in house.jobs() if job[0] == "foresee"]


def write_orders(path, rows: int):
    made = random.Random(1)  # noqa: S311
    days = [f"2026-{made.randint(1, 9):02}-{made.randint(1, 28):02}" for _ in range(rows)]
    lines = [f"{n},{day} 10:{n % 60:02},c{n % 999},{n % 99_991}" for n, day in enumerate(days)]
    path.write_text("order_id,ordered_at,customer_id,amount\n" + "\n".join(lines) + "\n", encoding="utf-8")


def test_a_worker_killed_in_the_middle_of_an_import_is_followed_by_one_that_completes_it(house, tmp_path):
    rows = 200_000
    path = tmp_path / "orders.csv"
    write_orders(path, rows)
    pk = int(house.python(STAGE, path))
    state = lambda: house.rows("SELECT state FROM app_importrun WHERE id = ?", pk)[0][0]  # noqa: E731
    assert state() == "queued"
    for _ in range(2):
        worker = house.start("worker")
        house.wait(lambda pid=worker.pid: list((house.path / "lake" / ".staging").glob(f"{pid}-*")))
        worker.send_signal(signal.SIGKILL)
        worker.wait()
        assert state() == "running"
    house.start("worker")
    house.wait(lambda: state() == "done", 120)
    read, inserted = house.rows("SELECT read, inserted FROM app_importrun WHERE id = ?", pk)[0]
    assert (read, inserted) == (rows, rows)
    assert int(house.python("from nachim.app.home import lake\nprint(lake().table('orders').rows)")) == rows
    assert ("import_staged", "SUCCESSFUL", 3) in house.wait(
        lambda: [job for job in house.jobs() if job[1] != "RUNNING"]
    )


def test_after_eight_deaths_an_import_says_so(house, tmp_path):
    path = tmp_path / "orders.csv"
    write_orders(path, 50)
    pk = int(house.python(STAGE, path))
    house.python(
        "from django_tasks_db.models import DBTaskResult\n"
        "DBTaskResult.objects.update(status='RUNNING', worker_ids=[str(n) for n in range(8)])\n"
        "from nachim.app.models import ImportRun\nImportRun.objects.update(state='running')"
    )
    house.start("worker")
    house.wait(lambda: house.rows("SELECT state FROM app_importrun WHERE id = ?", pk)[0][0] == "failed")
    assert "eight times" in str(house.rows("SELECT message FROM app_importrun WHERE id = ?", pk)[0][0])
    assert ("import_staged", "FAILED", 8) in house.jobs()


def test_an_import_without_a_job_is_taken_up(house, tmp_path):
    path = tmp_path / "orders.csv"
    write_orders(path, 50)
    pk = int(house.python(STAGE, path))
    house.python("from django_tasks_db.models import DBTaskResult\nDBTaskResult.objects.all().delete()")
    house.start("worker")
    house.wait(lambda: house.rows("SELECT state FROM app_importrun WHERE id = ?", pk)[0][0] == "done")


def test_four_workers_do_every_job_once(house):
    house.python("pass")
    house.python(ENQUEUE, 60)
    for _ in range(4):
        house.start("worker")
    house.wait(lambda: len([1 for job in mine(house) if job[1] == "SUCCESSFUL"]) == 60, 90)
    assert [job[2] for job in mine(house)] == [1] * 60, "a job was taken twice"


def test_a_killed_workers_job_is_taken_up_by_one_that_lives(house, tmp_path):
    rows = 200_000
    path = tmp_path / "orders.csv"
    write_orders(path, rows)
    house.python("pass")
    first = house.start("worker")
    house.wait(lambda: [job for job in house.jobs() if job[1] == "SUCCESSFUL"])
    # The worker may be through before whoever staged the file has ended.
    staging = house.beside(STAGE, path)
    house.wait(lambda: list((house.path / "lake" / ".staging").glob(f"{first.pid}-*")))
    house.start("worker")
    pk = int(staging.communicate()[0])
    time.sleep(1.5)
    assert [job[2] for job in house.jobs() if job[0] == "import_staged"] == [1], "taken from a worker that lives"
    first.send_signal(signal.SIGKILL)
    first.wait()
    house.wait(lambda: house.rows("SELECT state FROM app_importrun WHERE id = ?", pk)[0][0] == "done", 120)
    assert house.rows("SELECT read, inserted FROM app_importrun WHERE id = ?", pk) == [(rows, rows)]


def test_a_worker_ends_with_the_process_that_started_it(house):
    house.python("pass")
    code = (
        "import subprocess, sys, os, time\n"
        "command = [sys.executable, '-m', 'nachim', 'worker', '--parent', str(os.getpid())]\n"
        "print(subprocess.Popen(command).pid, flush=True)\ntime.sleep(60)"
    )
    parent = subprocess.Popen([sys.executable, "-c", code], env=house.env, stdout=subprocess.PIPE, text=True)
    worker = int(parent.stdout.readline())
    house.wait(lambda: house.rows("SELECT 1 FROM app_schedule"))
    parent.kill()
    parent.communicate()
    house.wait(lambda: not alive(worker), 20)


def test_a_signal_ends_an_idle_worker_at_once(house):
    house.python("pass")
    worker = house.start("worker")
    house.wait(lambda: {job[1] for job in house.jobs()} == {"SUCCESSFUL"})
    worker.terminate()
    # Nothing is due for two minutes: one that waited for a job would not end in this time, on however busy a machine.
    assert worker.wait(20) == 0


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    with open(f"/proc/{pid}/stat") as stat:
        return stat.read().rsplit(")", 1)[1].split()[0] != "Z"


@pytest.fixture(autouse=True)
def _linux_only():
    if not os.path.isdir("/proc"):
        pytest.skip("reads /proc")
