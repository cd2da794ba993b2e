"""Live tabs, mixed reads and events at once, counted from the client's side, on SQLite and on PostgreSQL.

Every change is published by a process of its own, which says its number: each tab must hear it, or a later one, once.
Reads keep their pace whatever the answers take, so a slow server cannot hide (times count from when a read was due).
Some events are sent twice. Halfway a backup is taken and then restored: its cells must be those that were to be seen
while it was made, and every event that was acknowledged before it must be in it. Printed: p95 in milliseconds by kind,
how late changes arrive, what was lost or doubled, memory and processor time of each process.

    python benchmarks/bench_load.py [--minutes 10] [--tabs 200] [--reads 50] [--events 1000] [--pages 2]
                                    [--database sqlite|own|URL]
"""

import argparse
import asyncio
import contextlib
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT / "src"), str(ROOT)]

from load.client import BATCH, Load, Tab, Wires, p95  # noqa: E402
from load.house import BEGIN, PUBLISH, WATCH, House  # noqa: E402

STREAMS_EACH, SLOWEST_CHANGE = 5, 15
# How old the events' KPI may become while they come in.
OLDEST_SECONDS = 120
# What a process may grow by after the first half of a long run, before it is called a leak.
LONG_SECONDS, GROWTH, ROOM = 300, 1.10, 10


async def measure(house: House, given) -> dict:
    load = Load(house, given.seconds)
    await up(house)
    for port in house.ports:
        for _kind, path in load.paths[:-2]:
            await Wires(port).ask(path, f"Cookie: nachim={house.sessions[0]}\r\nConnection: close\r\n")
    tabs = [Tab() for _ in range(given.tabs)]
    listening = []
    for number, tab in enumerate(tabs):
        port = house.ports[number % len(house.ports)]
        session = house.sessions[number // len(house.ports) % len(house.sessions)]
        listening.append(asyncio.create_task(tab.listen(port, session)))
    await asyncio.sleep(3)
    memory, used, began = [house.memory()], house.seconds(), time.monotonic()
    publisher = await asyncio.create_subprocess_exec(
        sys.executable, "-c", BEGIN + PUBLISH, str(given.seconds), env=house.env, stdout=asyncio.subprocess.PIPE
    )
    busy = asyncio.gather(load.paced(given.reads, load.read), load.paced(given.events / BATCH, load.send))
    await asyncio.sleep(given.seconds / 2)
    memory.append(house.memory())
    backup = await back_up(house, load)
    await busy
    took = time.monotonic() - began
    used = {name: seconds - used.get(name, 0.0) for name, seconds in house.seconds().items()}
    said = (await publisher.communicate())[0].decode().split()
    published = {int(pk): float(at) for pk, at in zip(said[::3], said[1::3], strict=True)}
    for _ in range(SLOWEST_CHANGE):
        await asyncio.sleep(1)
        if all(tab.when(max(published)) for tab in tabs):
            break
    memory.append(house.memory())
    streams = sum(tab.status == 200 for tab in tabs)
    for one in listening:
        one.cancel()
    await asyncio.gather(*listening, return_exceptions=True)
    load.close()
    return {
        "load": load, "streams": streams, "published": published, "memory": memory, "used": used, "took": took,
        "late": [tab.when(pk) - at for tab in tabs for pk, at in published.items() if tab.when(pk)],
        "lost": sum(not tab.when(pk) for tab in tabs for pk in published),
        "old": max(map(float, said[2::3])),
        "doubled": sum(count - 1 for tab in tabs for count in tab.heard.values()),
        "backup": backup,
    }  # fmt: skip


async def up(house: House) -> None:
    for port in house.ports:
        for _ in range(600):
            with contextlib.suppress(OSError):
                if await Wires(port).ask("/health/", "Connection: close\r\n") == 200:
                    break
            await asyncio.sleep(0.2)


async def back_up(house: House, load: Load) -> dict:
    """Take a backup; the states of the cells meanwhile, and what was acknowledged before it began."""
    stop = house.home.parent / "enough"
    watcher = house.beside(WATCH, stop)
    await asyncio.to_thread(watcher.stdout.readline)
    before, began = set(load.accepted), time.monotonic()
    done = await asyncio.to_thread(house.run, "backup", "--to", house.home.parent / "backups")
    took = time.monotonic() - began
    stop.touch()
    states = (await asyncio.to_thread(watcher.communicate))[0].split()
    if done.returncode:
        raise RuntimeError(done.stderr[-2000:])
    return {"before": before, "after": set(load.sent), "states": set(states), "seconds": took}


def restored(house: House, backup: dict) -> tuple[str, bool]:
    """What a restore of the backup holds, in words, and whether it is whole. On SQLite, whatever it was taken from."""
    path = next((house.home.parent / "backups").glob("nachim-*[0-9]"))
    env = {"NACHIM_HOME": str(house.home.parent / "restored"), "NACHIM_DATABASE": ""}
    done = house.run("restore", path, "--keys", path.with_name(f"{path.name}.keys"), **env)
    if done.returncode:
        return f"the backup was not restored: {done.stderr[-500:]}", False
    found = house.stored(**env)
    batches = {batch: (rows, different) for batch, rows, different in found["batches"]}
    missing = sum(batches.get(batch) != (BATCH, BATCH) for batch in backup["before"])
    strange = sum(batch not in backup["after"] or counts != (BATCH, BATCH) for batch, counts in batches.items())
    same, agree = (
        found["cells"] in backup["states"],
        found["shown"]["clicks"] == sum(rows for rows, _ in batches.values()),
    )
    cells, seen = found["cells"].rsplit("-", 1)[1], "every one as it was to be seen" if same else "NOT as they were"
    text = (
        f"backup at half time in {backup['seconds']:.1f} s, restored: {cells} cells, {seen} while it was made; "
        f"{len(backup['before']) * BATCH:,} events acknowledged before it, {missing * BATCH} missing, "
        f"{strange * BATCH} doubled or never sent; the KPI {'counts each once' if agree else 'counts otherwise'}"
    )
    return text, same and agree and not missing and not strange


def judge(name: str, house: House, given) -> bool:
    first = os.getloadavg()[0]
    found = asyncio.run(measure(house, given))
    load, stored = found["load"], house.stored()
    batches = {batch: (rows, different) for batch, rows, different in stored["batches"]}
    rows = sum(count for count, _ in batches.values())
    lost = sum(BATCH - batches.get(batch, (0, 0))[1] for batch in load.accepted)
    doubled = rows - sum(different for _, different in batches.values())
    took, events = found["took"], load.times.pop("events", [])
    reads = [one for times in load.times.values() for one in times]
    by_kind = ", ".join(f"{kind} {p95(times):.0f}" for kind, times in sorted(load.times.items()))
    memory = [f"{part} {' → '.join(f'{at.get(part, 0):.0f}' for at in found['memory'])}" for part in found["memory"][0]]
    used = [f"{part} {seconds / took:.0%}" for part, seconds in found["used"].items()]
    shown = {name: int(value) for name, value in stored["shown"].items()}
    print(
        f"{name}, {took / 60:.1f} minutes, {given.pages} processes of pages; "
        f"load of the machine {first:.1f} before, {os.getloadavg()[0]:.1f} after\n"
        f"  reads: {len(reads):,} at {len(reads) / took:.0f}/s, p95 {p95(reads):.0f} ms ({by_kind})\n"
        f"  events: {len(events) * BATCH:,} at {len(events) * BATCH / took:.0f}/s, a hundred p95 {p95(events):.0f} ms; "
        f"{len(load.accepted) * BATCH:,} different acknowledged, {lost} lost, {doubled} doubled; "
        f"the KPIs show {shown['clicks']:,} and {shown['amount']:,} of {rows:,} rows, "
        f"{found['old']:.0f} s old at most\n"
        f"  tabs: {found['streams']} of {given.tabs} open at the end; {len(found['published'])} changes each, "
        f"p95 {p95(found['late']):.0f} ms late, {found['lost']} lost, {found['doubled']} doubled\n"
        f"  memory, MB at start, half time and end: {'; '.join(memory)}\n"
        f"  processor, of a core: {', '.join(used)}"
    )
    text, whole = restored(house, found["backup"])
    print(f"  {text}")
    print(f"  errors: {dict(load.wrong) or 'none'}", flush=True)
    told = shown["clicks"] == shown["amount"] == rows
    lean = given.seconds < LONG_SECONDS or all(
        found["memory"][2][part] <= found["memory"][1][part] * GROWTH + ROOM for part in found["memory"][1]
    )
    if not lean:
        print("  memory grew")
    fresh = found["old"] < OLDEST_SECONDS
    return fresh and whole and told and lean and found["streams"] == given.tabs and not any(
        (load.wrong, lost, doubled, found["lost"], found["doubled"])
    )  # fmt: skip


def run(name: str, database: str, given, folder: Path | None = None) -> bool:
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as place:
        (home := Path(place) / "home").mkdir(mode=0o700)
        people = -(-given.tabs // (STREAMS_EACH * given.pages))
        house = House(home, database, max(people, 20), given.pages, folder)
        try:
            return judge(name, house, given)
        except (RuntimeError, subprocess.SubprocessError) as error:
            print(f"{name}: {error}\n{(home / 'log').read_text()[-2000:]}")
            return False
        finally:
            house.stop()


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    arguments.add_argument("--minutes", type=float, default=0.25)
    arguments.add_argument("--tabs", type=int, default=60)
    arguments.add_argument("--reads", type=float, default=15, help="a second")
    arguments.add_argument("--events", type=float, default=1000, help=f"a second, in batches of {BATCH}")
    arguments.add_argument("--pages", type=int, default=2, help="processes of pages, as behind a proxy")
    arguments.add_argument("--database", default="both", help="sqlite, own (a PostgreSQL is started), an address, both")
    given = arguments.parse_args()
    given.seconds = given.minutes * 60
    good = True
    if given.database in ("both", "sqlite"):
        good &= run("SQLite", "", given)
    if given.database in ("both", "own"):
        from urllib.parse import quote

        from tests.engines.servers import postgres_server

        with postgres_server(durable=True) as (address, secret, folder):
            where = f"postgres://nachim:{quote(secret, safe='')}@127.0.0.1:{address.port}/postgres"
            good &= run("PostgreSQL", where, given, folder)
    elif given.database != "sqlite":
        good &= run("PostgreSQL", given.database, given)
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
