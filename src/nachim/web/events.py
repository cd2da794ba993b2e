"""The live stream: tells open pages *what* changed. The page fetches the thing itself through its ordinary view.

One poller a process reads the Change table while anyone listens. Nothing leaks through a stream: it carries topics only,
and who listens is checked again every minute.
"""

import asyncio
from collections import Counter
from http.cookies import SimpleCookie

from asgiref.sync import sync_to_async
from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.db import close_old_connections, connection

from nachim.app import policy
from nachim.app.models import Change, User

POLL_SECONDS = 0.3
HEARTBEAT_SECONDS = 15
RECHECK_SECONDS = 60
MOST_STREAMS = 12
BACKLOG = 200


class Feed:
    """Reads new changes once for all listeners of this process."""

    def __init__(self):
        self.listeners: set[asyncio.Queue] = set()
        self.task: asyncio.Task | None = None
        self.last = 0

    async def join(self) -> asyncio.Queue:
        queue: asyncio.Queue = asyncio.Queue(maxsize=BACKLOG)
        if self.task is None or self.task.done():
            self.last = await _last_change()
            self.task = asyncio.create_task(self._poll())
        self.listeners.add(queue)
        return queue

    def leave(self, queue: asyncio.Queue) -> None:
        self.listeners.discard(queue)

    async def _poll(self):
        while self.listeners:
            for pk, topic in await _changes_after(self.last):
                self.last = pk
                for queue in list(self.listeners):
                    # A tab that does not read is let go; its browser comes back with Last-Event-ID.
                    if queue.full():
                        self.listeners.discard(queue)
                    else:
                        queue.put_nowait((pk, topic))
            await asyncio.sleep(POLL_SECONDS)


feed = Feed()
open_streams: Counter = Counter()


async def stream(scope, receive, send):
    """Answer GET /events as text/event-stream, until the browser leaves or the person may no longer listen."""
    key = _session_key(scope)
    user_id = await _listener(key)
    if user_id is None or scope["method"] != "GET":
        return await _refuse(send, 404)
    if open_streams[user_id] >= MOST_STREAMS:
        return await _refuse(send, 429)
    open_streams[user_id] += 1
    queue = await feed.join()
    gone = asyncio.create_task(_disconnected(receive))
    try:
        await send({"type": "http.response.start", "status": 200, "headers": [
            (b"content-type", b"text/event-stream; charset=utf-8"), (b"cache-control", b"no-store"),
            (b"x-accel-buffering", b"no"), (b"x-content-type-options", b"nosniff")]})  # fmt: skip
        await _write(send, "retry: 2000\n\n")
        for pk, topic in await _missed(_header(scope, b"last-event-id")):
            await _write(send, _event(pk, topic))
        await _follow(send, queue, gone, key)
    except asyncio.CancelledError:
        # The server stops: end the answer properly; the browser comes back by itself.
        await send({"type": "http.response.body", "body": b""})
    finally:
        gone.cancel()
        feed.leave(queue)
        open_streams[user_id] -= 1


async def _follow(send, queue, gone, key):
    loop = asyncio.get_running_loop()
    checked = loop.time()
    while not gone.done():
        getter = asyncio.create_task(queue.get())
        await asyncio.wait({getter, gone}, timeout=HEARTBEAT_SECONDS, return_when=asyncio.FIRST_COMPLETED)
        if getter.done():
            pk, topic = getter.result()
            await _write(send, _event(pk, topic))
        else:
            getter.cancel()
            if gone.done() or queue not in feed.listeners:
                return
            await _write(send, ": still here\n\n")
        if loop.time() - checked > RECHECK_SECONDS:
            checked = loop.time()
            if await _listener(key) is None:
                return


def _event(pk: int, topic: str) -> str:
    return f"id: {pk}\nevent: {topic}\ndata: {topic}\n\n"


async def _write(send, text: str):
    await send({"type": "http.response.body", "body": text.encode(), "more_body": True})


async def _refuse(send, status: int):
    await send({"type": "http.response.start", "status": status, "headers": [(b"content-type", b"text/plain")]})
    await send({"type": "http.response.body", "body": b""})


async def _disconnected(receive):
    while (await receive())["type"] != "http.disconnect":
        pass


def _header(scope, name: bytes) -> str:
    return next((value.decode("latin-1") for key, value in scope["headers"] if key == name), "")


def _session_key(scope) -> str:
    cookies = SimpleCookie()
    cookies.load(_header(scope, b"cookie"))
    found = cookies.get(settings.SESSION_COOKIE_NAME)
    return found.value if found else ""


def _with_connection(read):
    """Run a read in a thread and give its connection back: a stream never keeps one."""

    def run(*args):
        close_old_connections()
        try:
            return read(*args)
        finally:
            if not connection.in_atomic_block:
                connection.close()

    return sync_to_async(run, thread_sensitive=False)


@_with_connection
def _listener(key: str) -> int | None:
    """The id of the signed-in member behind a session; None for everyone else."""
    if not key:
        return None
    user_id = SessionStore(session_key=key).get(SESSION_KEY)
    user = User.objects.filter(pk=user_id).first() if user_id else None
    return user.pk if user is not None and policy.can(user, "company.view") else None


@_with_connection
def _last_change() -> int:
    return Change.objects.order_by("-pk").values_list("pk", flat=True).first() or 0


@_with_connection
def _changes_after(pk: int) -> list[tuple[int, str]]:
    return list(Change.objects.filter(pk__gt=pk).order_by("pk").values_list("pk", "topic")[:BACKLOG])


async def _missed(last_id: str) -> list[tuple[int, str]]:
    """What happened while the browser was away."""
    return await _changes_after(int(last_id)) if last_id.isdigit() else []
