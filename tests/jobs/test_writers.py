"""Many write at once, in threads of several processes: one chain, and a live feed whose numbers come in order."""

import subprocess
import sys

ENSURE = """
from nachim.app import policy
from nachim.app.actions.workspace import ensure
ensure(policy.SYSTEM, "x")
"""
WRITE = """
import sys, threading
from nachim.cli.start import begin
begin()
from django.db import connection, transaction
from nachim.app import audit, policy
from nachim.app.models import Workspace

def write(number):
    for _ in range(8):
        with transaction.atomic():
            audit.record(policy.SYSTEM, f"w{number}", Workspace.current(), topics=(f"w{number}",))
    connection.close()

threads = [threading.Thread(target=write, args=(number,)) for number in range(4)]
[one.start() for one in threads]
[one.join() for one in threads]
"""
# Reads as the live feed does: whatever is newer than the newest it has seen.
READ = """
import sys
from nachim.cli.start import begin
begin()
from nachim.app.models import Change
last, seen = 0, []
print("ready", flush=True)
import select
while True:
    over = select.select([sys.stdin], [], [], 0)[0]
    for pk in Change.objects.filter(pk__gt=last).order_by("pk").values_list("pk", flat=True):
        seen.append(pk)
        last = pk
    if over:
        break
assert seen == list(Change.objects.order_by("pk").values_list("pk", flat=True)), "a change was passed over"
print(len(seen))
"""


def test_one_chain_and_no_change_passed_over(house):
    house.python(ENSURE)
    reader = subprocess.Popen([sys.executable, "-c", READ], env=house.env, text=True, stdin=subprocess.PIPE,
                              stdout=subprocess.PIPE)  # fmt: skip
    assert reader.stdout.readline() == "ready\n"
    writers = [subprocess.Popen([sys.executable, "-c", WRITE], env=house.env) for _ in range(2)]
    assert [one.wait(120) for one in writers] == [0, 0]
    out, _ = reader.communicate("over\n", timeout=60)
    assert reader.returncode == 0 and int(out) >= 64
    broken = "from nachim.app import audit\nprint(audit.broken_link())"
    assert house.python(broken) == "None\n"
