"""The clients: tabs that listen, people who read, a program that sends events. They count; nobody else is asked."""

import asyncio
import json
import random
import time
from bisect import bisect_left, insort
from collections import Counter, defaultdict

BATCH, PATIENCE = 100, 60
# As proxies do, whose connections the server must outlast.
IDLE_SECONDS = 60


class Wires:
    """Connections to one process of pages, kept open between requests as browsers and proxies do."""

    def __init__(self, port: int):
        self.port, self.idle = port, []

    async def ask(self, path: str, headers: str, method: str = "GET", body: str = "") -> int:
        """The status of one request; OSError when no whole answer came."""
        async with asyncio.timeout(PATIENCE):
            reader, writer = self._kept() or await asyncio.open_connection("127.0.0.1", self.port)
            try:
                writer.write(
                    f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1:{self.port}\r\n{headers}"
                    f"Content-Length: {len(body)}\r\n\r\n{body}".encode()
                )
                status, kept = await _answer(reader)
            except BaseException:
                writer.close()
                raise
            if kept:
                self.idle.append((time.monotonic(), reader, writer))
            else:
                writer.close()
            return status

    def _kept(self):
        while self.idle:
            since, reader, writer = self.idle.pop()
            if time.monotonic() - since < IDLE_SECONDS:
                return reader, writer
            writer.close()
        return None

    def close(self) -> None:
        for _since, _reader, writer in self.idle:
            writer.close()


async def _answer(reader) -> tuple[int, bool]:
    """The status, and whether the connection may be used again; the body is read to its end."""
    try:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        fields = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in head[1:])}
        status = int(head[0].split()[1])
        if fields.get("transfer-encoding") == "chunked":
            while size := int(await reader.readline(), 16):
                await reader.readexactly(size + 2)
            await reader.readline()
        elif "content-length" in fields:
            await reader.readexactly(int(fields["content-length"]))
        elif status not in (204, 304):
            await reader.read()
            return status, False
        return status, fields.get("connection") != "close"
    except (asyncio.IncompleteReadError, ValueError, IndexError) as error:
        raise OSError(f"no whole answer: {error!r}") from None


class Tab:
    """One live page: which changes it heard, when, and how often."""

    def __init__(self):
        self.heard: Counter[int] = Counter()
        self.at: dict[int, float] = {}
        self.numbers: list[int] = []
        self.status, self.other = 0, 0

    def when(self, pk: int) -> float | None:
        """When the tab knew of a change: of several between two looks of the feed it is told the last."""
        place = bisect_left(self.numbers, pk)
        return self.at[self.numbers[place]] if place < len(self.numbers) else None

    async def listen(self, port: int, session: str):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        try:
            writer.write(f"GET /events HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nCookie: nachim={session}\r\n\r\n".encode())
            self.status = int((await reader.readline()).split()[1])
            number = 0
            while line := await reader.readline():
                if line.startswith(b"id: "):
                    number = int(line[4:])
                elif line.startswith(b"event: load"):
                    self.heard[number] += 1
                    if self.heard[number] == 1:
                        self.at[number] = time.time()
                        insort(self.numbers, number)
                elif line.startswith(b"event: "):
                    self.other += 1
            self.status = -1  # the stream ended by itself
        finally:
            writer.close()


class Load:
    """Reads and sends at a pace, whatever the answers take; times count from when a request was due."""

    def __init__(self, house, seconds: float):
        self.house, self.seconds = house, seconds
        self.wires = [Wires(port) for port in house.ports]
        self.times: dict[str, list[float]] = defaultdict(list)
        self.wrong: Counter = Counter()
        self.sent: set[int] = set()
        self.accepted: set[int] = set()
        kpis = house.kpis
        self.paths = [
            ("company", "/"), ("goal", f"/goals/{house.goal}/"), ("goals", "/goals/"), ("data", "/data/"),
            ("findings", "/findings/"), *(("kpi", f"/kpis/{pk}/") for pk in kpis),
            *(("card", f"/cards/{pk}/") for pk in kpis),
            ("api", "/api/scorecard"), ("api", "/api/kpis/clicks/observations"),
        ]  # fmt: skip
        self.order = random.Random(7)  # noqa: S311

    async def paced(self, per_second: float, job) -> None:
        tasks, began = set(), time.perf_counter()
        for number in range(int(per_second * self.seconds)):
            due = began + number / per_second
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            task = asyncio.create_task(job(number, due))
            tasks.add(task)
            task.add_done_callback(tasks.discard)
        while tasks:
            await asyncio.wait(set(tasks))

    async def _ask(self, kind: str, number: int, due: float, wanted: int, *request) -> bool:
        try:
            status = await self.wires[number % len(self.wires)].ask(*request)
        except (OSError, TimeoutError) as error:
            status = repr(error)
        self.times[kind].append(time.perf_counter() - due)
        if status != wanted:
            self.wrong[kind, status] += 1
        return status == wanted

    async def read(self, number: int, due: float) -> None:
        kind, path = self.order.choice(self.paths)
        if kind == "api":
            headers = f"Authorization: Bearer {self.house.token}\r\n"
        else:
            headers = f"Cookie: nachim={self.order.choice(self.house.sessions)}\r\n"
        await self._ask(kind, number, due, 200, path, headers)

    async def send(self, number: int, due: float) -> None:
        """A batch; every tenth is the one before it again, as after an answer that was lost."""
        batch = number - 1 if number % 10 == 9 else number
        now = time.strftime("%Y-%m-%dT%H:%M:%S+00:00", time.gmtime())
        lines = [
            json.dumps({"id": batch * BATCH + at, "at": now, "amount": 1, "page": f"/{at % 7}"}) for at in range(BATCH)
        ]
        headers = f"Authorization: Bearer {self.house.token}\r\nContent-Type: application/x-ndjson\r\n"
        self.sent.add(batch)
        if await self._ask("events", number, due, 202, "/api/events/clicks", headers, "POST", "\n".join(lines)):
            self.accepted.add(batch)

    def close(self) -> None:
        for one in self.wires:
            one.close()


def p95(times: list[float]) -> float:
    """Milliseconds; 0 of nothing."""
    return sorted(times)[int(len(times) * 0.95)] * 1000 if times else 0.0
