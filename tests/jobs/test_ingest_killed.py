"""Web process and worker are killed (kill -9) at any moment: what was acknowledged is there once, and nothing twice."""

import os
import subprocess
import sys
from collections import Counter

from nachim.lake.store import Lake

ROUNDS = int(os.environ.get("NACHIM_KILLS", "6"))
# A process that imports once and forks: one child sends and tells what was acknowledged, one merges; both are killed.
HOUSE = """
import os, random, signal, sys, time
import django
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "nachim.web.settings")
django.setup()
from nachim.app import policy
from nachim.app.actions import ingest, new_table, workspace
from nachim.app.models import Table
from nachim.jobs import tasks

def child(work):
    pid = os.fork()
    if not pid:
        try:
            work()
        finally:
            os._exit(0)
    return pid

def make():
    from django.core.management import call_command
    call_command("migrate", verbosity=0)
    workspace.ensure(policy.SYSTEM, "x")
    columns = [{"name": "id", "type": "integer", "role": "key"}, {"name": "n", "type": "integer"}]
    new_table.describe_table(policy.SYSTEM, name="clicks", label="", columns=columns)

def send(first):
    table = Table.objects.get(name="clicks")
    while True:
        ingest.accept(policy.SYSTEM, table, [{"id": first + one, "n": 1} for one in range(10)])
        os.write(1, f"{first}\\n".encode())
        first += 10

def merge():
    while True:
        ingest.merge_waiting()

os.waitpid(child(make), 0)
chance = random.Random(7)
for at in range(int(sys.argv[1])):
    pids = [child(lambda: send(at * 1_000_000)), child(merge)]
    time.sleep(chance.uniform(0.2, 1.0))
    for pid in chance.sample(pids, 2):
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        time.sleep(chance.uniform(0, 0.1))
os.waitpid(child(ingest.merge_waiting), 0)
"""


def test_nothing_acknowledged_is_lost_and_nothing_doubled(home):
    env = os.environ | {"NACHIM_HOME": str(home)}
    command = [sys.executable, "-c", HOUSE, str(ROUNDS)]
    said = subprocess.run(command, env=env, capture_output=True, text=True, check=True).stdout
    acknowledged = [int(line) for line in said.split()]
    found = Counter(Lake(home / "lake").table("clicks").snapshot().to_pyarrow_table()["id"].to_pylist())
    assert len(acknowledged) > ROUNDS
    assert [at for first in acknowledged for at in range(first, first + 10) if at not in found] == []
    assert [at for at, times in found.items() if times > 1] == []
    # What was sent and not acknowledged is there whole or not at all, one request at most a kill.
    assert len(found) % 10 == 0 and len(found) - 10 * len(acknowledged) <= 10 * ROUNDS
