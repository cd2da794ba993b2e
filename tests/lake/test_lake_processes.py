"""Several processes at one table, and processes killed at any moment."""

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from lake_steps import load, rows

from nachim.lake import import_file, inspect

IMPORT = """
import sys
from nachim.lake import Lake, import_file, inspect
lake, paths = Lake(sys.argv[1]), sys.argv[2:]
print("ready", flush=True)
input()
mapping = inspect(paths[0]).mapping
for path in paths:
    result = import_file(lake, path, "orders", mapping, drift="accept")
    print(result.inserted, result.updated, result.already, flush=True)
"""


def start(lake, *paths):
    """A process that has loaded its modules and waits for `go`."""
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    # compiled modules are kept for the next process, which otherwise spends two seconds on compiling
    env |= {"PYTHONDONTWRITEBYTECODE": "", "PYTHONPYCACHEPREFIX": str(lake.root.parent.parent / "compiled")}
    return subprocess.Popen(
        [sys.executable, "-c", IMPORT, str(lake.root), *map(str, paths)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=env,
    )  # fmt: skip


def go(*processes):
    """Lets processes begin their imports together."""
    for process in processes:
        assert process.stdout.readline() == "ready\n", process.stderr.read()
    for process in processes:
        process.stdin.write("\n")
        process.stdin.flush()


def finish(process):
    """What a process printed: inserted, updated, already; a line an import."""
    out, error = process.communicate(timeout=120)
    assert process.returncode == 0, error
    return [line.split() for line in out.splitlines()]


@pytest.mark.parametrize("key", ["order_id", "number"])
def test_four_processes_importing_at_once_all_land(lake, write, key):
    """With a key (order_id) they merge, without one they append."""
    head = f"{key},ordered_at,amount\n"
    files = []
    for process in range(4):
        files.append([])
        for file in range(4):
            body = "".join(f"P{process}F{file}R{row},2026-11-0{file + 1},{row}\n" for row in range(50))
            files[-1].append(write(f"{process}-{file}.csv", head + f"X,2026-11-01,{process * 4 + file}\n" + body))
    processes = [start(lake, *paths) for paths in files]
    go(*processes)
    for process in processes:
        finish(process)
    found = rows(lake)
    marks = 1 if key == "order_id" else 16
    assert len(found) == 16 * 50 + marks
    assert len({row[key] for row in found}) == 16 * 50 + 1
    assert len(lake.table("orders").imports()) == 16
    for paths in files:
        for path in paths:
            assert import_file(lake, path, "orders", inspect(path).mapping).already
    assert list(lake.staging.iterdir()) == []


def test_the_same_file_from_four_processes_lands_once(lake, write):
    path = write("a.csv", "ordered_at,amount\n" + "2026-11-01,1\n" * 5000)
    processes = [start(lake, path) for _ in range(4)]
    go(*processes)
    said = [finish(process)[0] for process in processes]
    assert sorted(line[2] for line in said) == ["False", "True", "True", "True"]
    assert lake.table("orders").rows == 5000


def test_a_killed_import_leaves_the_table_before_or_after_and_a_re_run_completes(lake, write):
    """kill -9 at 20 random moments of an import that updates, inserts and quarantines."""
    count = 12_000
    load(
        lake, write("base.csv", "order_id,ordered_at,amount\n" + "".join(f"{n},2026-11-01,{n}\n" for n in range(count)))
    )
    chance = random.Random(20261124)  # noqa: S311
    table = lake.table("orders")

    def body(number: int) -> Path:
        # half the rows change, 500 are new, one is wrong
        changed = "".join(f"{n},2026-11-02,{n + number}\n" for n in range(0, count, 2))
        fresh = "".join(f"{count + number * 500 + n},2026-11-03,0\n" for n in range(500))
        return write(f"{number}.csv", f"order_id,ordered_at,amount\n{changed}{fresh}X,2026-02-30,1\n")

    first = start(lake, body(1))
    go(first)
    began = time.monotonic()
    finish(first)
    whole = time.monotonic() - began
    before_commit = after_commit = 0
    waiting = start(lake, body(2))
    for number in range(2, 22):
        path, process = body(number), waiting
        version, size, total = table.version, table.rows, _sum(lake)
        go(process)
        # the next process loads its modules meanwhile
        waiting = start(lake, body(number + 1))
        time.sleep(chance.uniform(0.0, 1.3) * whole)
        process.send_signal(signal.SIGKILL)
        process.communicate()
        landed = table.version != version
        # However busy the machine is, some are killed before the commit and some after.
        whole *= 0.8 if landed else 1.25
        if landed:
            after_commit += 1
            assert (table.version, table.rows) == (version + 1, size + 500)
        else:
            before_commit += 1
            assert (table.rows, _sum(lake)) == (size, total)
        again = import_file(lake, path, "orders", inspect(path).mapping)
        assert again.already == landed
        assert (table.version, table.rows) == (version + 1, size + 500)
        assert _sum(lake) == sum(n + number for n in range(0, count, 2)) + sum(range(1, count, 2))
    waiting.kill()
    waiting.communicate()
    print(f"killed before the commit {before_commit} times, after it {after_commit} times")
    assert before_commit
    assert after_commit
    assert not [problem for problem in lake.check() if problem.kind in ("unreadable", "missing_file")]
    lake.clean()
    assert list(lake.staging.iterdir()) == []
    assert len(list(lake.quarantine.glob("*.csv"))) == 21
    assert len(list(lake.quarantine.iterdir())) <= 21 + before_commit


def _sum(lake) -> int:
    with lake.engine() as engine:
        return engine.sql("SELECT sum(amount) AS total FROM orders").to_pylist()[0]["total"]
