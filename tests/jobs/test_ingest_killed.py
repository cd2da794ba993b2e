"""Web process and worker are killed (kill -9) at any moment: what was acknowledged is there once, and nothing twice."""

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter

from nachim.lake.store import Lake

ROUNDS = int(os.environ.get("NACHIM_KILLS", "3"))
BEGIN = """
import sys, os
import django
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "nachim.web.settings")
django.setup()
from nachim.app import policy
from nachim.app.actions import ingest
from nachim.app.models import Table
from nachim.jobs import tasks
"""
MAKE = """
from django.core.management import call_command
call_command("migrate", verbosity=0)
from nachim.app.actions.new_table import describe_table
from nachim.app.actions.workspace import ensure
ensure(policy.SYSTEM, "x")
describe_table(policy.SYSTEM, name="clicks", label="", columns=[
    {"name": "id", "type": "integer", "role": "key"}, {"name": "n", "type": "integer"}])
"""
SEND = """
table, at = Table.objects.get(name="clicks"), int(sys.argv[1])
print("up", flush=True)
while True:
    ingest.accept(policy.SYSTEM, table, [{"id": at + one, "n": 1} for one in range(10)])
    print(at, flush=True)
    at += 10
"""
MERGE = """
print("up", flush=True)
while True:
    ingest.merge_waiting()
"""


def start(home, program, *arguments):
    env = os.environ | {"NACHIM_HOME": str(home)}
    command = [sys.executable, "-c", BEGIN + program, *arguments]
    return subprocess.Popen(command, env=env, stdout=subprocess.PIPE, text=True)


def done(home, program):
    with start(home, program) as process:
        return process.wait()


def test_nothing_acknowledged_is_lost_and_nothing_doubled(home):
    assert done(home, MAKE) == 0
    chance, acknowledged = random.Random(7), []  # noqa: S311
    for at in range(ROUNDS):
        sender, merger = start(home, SEND, str(at * 1_000_000)), start(home, MERGE)
        for one in (sender, merger):
            assert one.stdout.readline() == "up\n"
        time.sleep(chance.uniform(0.1, 1.2))
        for one in chance.sample([sender, merger], 2):
            one.send_signal(signal.SIGKILL)
            time.sleep(chance.uniform(0, 0.1))
        # A killed process may have written half a line, which is no acknowledgement.
        said = sender.communicate()[0]
        acknowledged += [int(line) for line in said[: said.rfind("\n") + 1].split()]
        merger.communicate()
    assert done(home, "ingest.merge_waiting()") == 0
    found = Counter(Lake(home / "lake").table("clicks").snapshot().to_pyarrow_table()["id"].to_pylist())
    assert len(acknowledged) > ROUNDS
    assert [at for first in acknowledged for at in range(first, first + 10) if at not in found] == []
    assert [at for at, times in found.items() if times > 1] == []
    # What was sent and not acknowledged is there whole or not at all, one request at most a kill.
    assert len(found) % 10 == 0 and len(found) - 10 * len(acknowledged) <= 10 * ROUNDS
