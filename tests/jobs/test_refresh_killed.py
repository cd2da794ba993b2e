"""A refresh killed at any moment leaves the mart wholly before or wholly after, and the next one completes it."""

import random
import signal
import subprocess
import sys
import time

PREPARE = """
from pathlib import Path
from nachim.app import policy
from nachim.app.actions.workspace import ensure
ensure(policy.SYSTEM, "test")
from tests import company
folder = Path(sys.argv[1])
company.import_orders(folder, (folder / "first.csv").read_text())
revenue, orders = company.revenue(), company.orders_metric()
goal = company.goal(policy.SYSTEM)
for at, metric in enumerate((revenue, orders)):
    for cadence in ("day", "week", "month"):
        company.kpi(policy.SYSTEM, goal, metric, cadence=cadence, label=f"{at} {cadence}")
from nachim.app.actions.refresh import refresh
refresh()
"""
# Completes what the killed one left, says what a further refresh finds to do, and brings the next day.
GO_ON = """
from pathlib import Path
from nachim.app import policy
from nachim.app.actions import tables
from nachim.app.actions.refresh import refresh
refresh()
print(refresh().cells)
path = Path(sys.argv[1])
tables.import_now(policy.SYSTEM, path, "orders", tables.look(path, path.name, "orders").mapping)
"""
# Says when it begins, so that the kill falls into the refresh and not into loading modules.
REFRESH = """
import sys
from nachim.cli.start import begin
begin()
from nachim.app.actions.refresh import refresh
print("ready", flush=True)
input()
refresh()
print("done", flush=True)
"""
DAYS = """SELECT sum(value) FROM app_observation JOIN app_series ON series_id = app_series.id
          WHERE grain = 'day' AND dim = ''"""
TWICE = """SELECT 1 FROM app_observation GROUP BY series_id, grain, dim, part, period HAVING count(*) > 1"""
ROWS = 4000


def orders(path, day: int):
    """A file of the orders of one day."""
    lines = ["주문번호,주문일시,고객ID,결제금액,채널,상태"]
    lines += [
        f"{day}-{n},2026-03-{day:02} {n % 24:02}:00,c{n % 99},{day + n % 7},{'앱웹'[n % 2]},paid" for n in range(ROWS)
    ]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def test_twenty_refreshes_killed(house, tmp_path):
    orders(tmp_path / "first.csv", 1)
    house.python(PREPARE, tmp_path)
    chance = random.Random(20261124)  # noqa: S311
    before = after = 0
    whole = 0.0
    # the first is let through, to know how long one takes
    for number in range(2, 23):
        was = house.rows(DAYS)[0][0]
        said = house.python(GO_ON, orders(tmp_path / f"{number}.csv", number))
        assert said == "0\n", "a refresh after a whole one found work"
        expected_was = sum(ROWS + sum(day + n % 7 for n in range(ROWS)) for day in range(1, number))
        assert house.rows(DAYS)[0][0] == expected_was, f"lost or doubled: {was}"
        process = subprocess.Popen(
            [sys.executable, "-c", REFRESH], env=house.env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        assert process.stdout.readline() == "ready\n"
        began = time.monotonic()
        process.stdin.write("\n")
        process.stdin.flush()
        if not whole:
            assert process.stdout.readline() == "done\n"
            whole = time.monotonic() - began
        else:
            time.sleep(chance.uniform(0.0, 1.6) * whole)
            process.send_signal(signal.SIGKILL)
        process.communicate()
        expected = expected_was + ROWS + sum(number + n % 7 for n in range(ROWS))
        now = house.rows(DAYS)[0][0]
        assert now in (expected_was, expected), "the mart is half of a refresh"
        assert house.rows(TWICE) == [], "a cell is there twice"
        if number > 2:
            # However busy the machine is, some come before and some after.
            whole *= 1.25 if now == expected_was else 0.8
            before, after = before + (now == expected_was), after + (now == expected)
    print(f"killed before it was stored {before} times, after it {after} times")
    assert before and after
    doctor = [sys.executable, "-m", "nachim", "doctor", "--audit"]
    said = subprocess.run(doctor, env=house.env, capture_output=True, text=True)
    assert said.returncode == 0, said.stdout + said.stderr
