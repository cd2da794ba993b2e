"""Whose turn it is: a few requests are worked on at once, the others wait in the order they came.

Python computes for one thread at a time, and threads that all want to compute hinder each other: with eight at once a
page costs half as much again as with two (`benchmarks/bench_load.py`). So two are worked on. Who takes longer than a
moment waits for something else, a file or another machine, and lets the next one in. Who has waited too long is told
so at once: a crowd that nobody can catch up with must not keep everybody from being answered in time.
"""

import asyncio
from collections.abc import Awaitable, Callable

from django.template.loader import render_to_string
from django.utils.translation import override

from nachim.web.api.problem import MEDIA, problem
from nachim.web.events import headers

AT_ONCE, THREADS = 2, 8
MOMENT_SECONDS, PATIENCE_SECONDS = 0.1, 10.0
SOON = (b"retry-after", b"2")


class Turns:
    """An ASGI application before another one that has so many threads."""

    def __init__(
        self, app: Callable[..., Awaitable[None]], *, at_once: int = AT_ONCE, threads: int = THREADS,
        moment: float = MOMENT_SECONDS, patience: float = PATIENCE_SECONDS,
    ):  # fmt: skip
        self.app, self.moment, self.patience = app, moment, patience
        self._threads, self._places = asyncio.Semaphore(threads), asyncio.Semaphore(at_once)

    async def __call__(self, scope, receive, send) -> None:
        try:
            async with asyncio.timeout(self.patience):
                await self._wait()
        except TimeoutError:
            return await busy(scope, send)
        place = _Place(self._places)
        timer = asyncio.get_running_loop().call_later(self.moment, place.leave)
        try:
            return await self.app(scope, receive, send)
        finally:
            timer.cancel()
            place.leave()
            self._threads.release()

    async def _wait(self) -> None:
        await self._threads.acquire()
        try:
            await self._places.acquire()
        except BaseException:
            self._threads.release()
            raise


class _Place:
    """One place, left once."""

    def __init__(self, places: asyncio.Semaphore):
        self._places, self._held = places, True

    def leave(self) -> None:
        if self._held:
            self._held = False
            self._places.release()


async def busy(scope, send) -> None:
    """503 with the reason, to people as a page and to programs as a problem."""
    if scope["path"].startswith("/api/"):
        with override("en"):
            answer = problem(503, "Too many ask at once. Nothing was done.", code="busy")
        kind, said = MEDIA, answer.content
    else:
        kind, said = "text/html", render_to_string("errors/busy.html").encode()
    await send({"type": "http.response.start", "status": 503, "headers": [*headers(kind), SOON]})
    await send({"type": "http.response.body", "body": said})
