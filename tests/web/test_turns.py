"""Requests take turns: few at once, in order, the slow ones beside, and a crowd is told that it is one."""

import asyncio
import json

import pytest

from nachim.web.turns import Turns


class Door:
    """An application whose requests stay in until they are let go; it knows who is in and who came when."""

    def __init__(self):
        self.inside, self.order, self.most, self.go = set(), [], 0, {}

    async def __call__(self, scope, receive, send):
        name = scope["path"]
        self.order.append(name)
        self.inside.add(name)
        self.most = max(self.most, len(self.inside))
        try:
            await self.go.setdefault(name, asyncio.Event()).wait()
        finally:
            self.inside.discard(name)

    def leave(self, name):
        self.go.setdefault(name, asyncio.Event()).set()


async def settle():
    for _ in range(20):
        await asyncio.sleep(0)


def ask(turns, path, sent=None):
    async def send(message):
        if sent is not None:
            sent.append(message)

    return asyncio.create_task(turns({"type": "http", "path": path}, None, send))


def test_so_many_at_once_and_the_others_in_the_order_they_came():
    async def story():
        door = Door()
        turns = Turns(door, at_once=2, threads=8, moment=60)
        tasks = [ask(turns, f"/{at}") for at in range(5)]
        for at in range(5):
            await settle()
            assert door.order == [f"/{one}" for one in range(min(at + 2, 5))]
            door.leave(f"/{at}")
        await asyncio.gather(*tasks)
        assert door.most == 2 and not door.inside

    asyncio.run(story())


def test_who_takes_longer_than_a_moment_lets_the_next_one_in_and_no_more():
    async def story():
        door = Door()
        turns = Turns(door, at_once=1, threads=3, moment=0.02)
        slow, *others = [ask(turns, f"/{at}") for at in range(4)]
        await asyncio.sleep(0.2)
        assert door.inside == {"/0", "/1", "/2"}, "three threads are all there are"
        door.leave("/1")
        await asyncio.sleep(0.1)
        assert door.inside == {"/0", "/2", "/3"}
        for at in (0, 2, 3):
            door.leave(f"/{at}")
        await asyncio.gather(slow, *others)
        # Every place was given back once: one at a time again.
        again = [ask(turns, f"/again/{at}") for at in range(2)]
        await settle()
        assert door.inside == {"/again/0"}
        for at in range(2):
            door.leave(f"/again/{at}")
        await asyncio.gather(*again)

    asyncio.run(story())


def test_a_place_comes_free_when_the_application_falls():
    async def story():
        async def falls(scope, receive, send):
            raise RuntimeError("fell")

        turns = Turns(falls, at_once=1, threads=1, moment=60, patience=5)
        for _ in range(3):
            with pytest.raises(RuntimeError, match="fell"):
                await ask(turns, "/")

    asyncio.run(story())


@pytest.mark.parametrize("threads", [1, 8])
@pytest.mark.parametrize(("path", "kind"), [("/kpis/1/", b"text/html"), ("/api/kpis", b"application/problem+json")])
def test_who_has_waited_too_long_is_told_and_the_place_is_not_lost(path, kind, threads):
    async def story():
        door, sent = Door(), []
        turns = Turns(door, at_once=1, threads=threads, moment=60, patience=0.05)
        first = ask(turns, "/first")
        await settle()
        await ask(turns, path, sent)
        assert door.order == ["/first"], "the one who was refused was never worked on"
        door.leave("/first")
        await first
        door.leave("/next")
        await ask(turns, "/next")
        assert door.order == ["/first", "/next"]
        return sent

    start, body = asyncio.run(story())
    headers = dict(start["headers"])
    assert start["status"] == 503 and headers[b"retry-after"] == b"2" and headers[b"content-type"].startswith(kind)
    said = body["body"].decode()
    if kind == b"text/html":
        assert "저장되지 않았습니다" in said and "Nothing" not in said and "nothing was done" in said
    else:
        assert json.loads(said)["code"] == "busy"
