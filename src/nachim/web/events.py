"""The live stream: tells open pages *what* changed. The page fetches the thing itself through its ordinary view.

One poller a process reads the Change table while anyone listens. Nothing leaks through a stream: it carries topics
only, those of things the listener sees, and who listens is checked again every minute.
"""

import asyncio
import logging
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from http.cookies import CookieError, SimpleCookie
from types import SimpleNamespace

from asgiref.sync import sync_to_async
from django.conf import settings
from django.contrib.auth import get_user
from django.contrib.sessions.backends.db import SessionStore
from django.db import DatabaseError, close_old_connections
from django.http.request import split_domain_port, validate_host
from django.utils import timezone

from nachim.app import policy
from nachim.app.models import Change, Finding, Goal, ImportRun, Kpi, User
from nachim.web.security import HEADERS
from nachim.web.signin import expired, weak

POLL_SECONDS = 0.3
HEARTBEAT_SECONDS = 15
RECHECK_SECONDS = 60
# What changed between a page's making and its stream's opening must not be lost.
CATCH_UP = timedelta(seconds=5)
MOST_STREAMS = 8
BACKLOG = 200

# Topics of one thing, kpi-12: who does not see it does not hear of it.
TOPICS = {"kpi": Kpi, "goal": Goal, "finding": Finding, "import": ImportRun}

READERS = ThreadPoolExecutor(2, thread_name_prefix="stream")
log = logging.getLogger(__name__)


class Feed:
    """Reads new changes once for all listeners of this process."""

    def __init__(self):
        self.listeners: set[asyncio.Queue] = set()
        self.task: asyncio.Task | None = None

    def join(self) -> asyncio.Queue:
        """A queue of what happens from now on, once the feed reads."""
        queue: asyncio.Queue = asyncio.Queue(maxsize=BACKLOG)
        self.listeners.add(queue)
        return queue

    def read(self, after: int) -> None:
        """Read on from the change `after`, unless it is being done."""
        if self.task is None or self.task.done():
            self.task = asyncio.create_task(self._poll(after))

    def leave(self, queue: asyncio.Queue) -> None:
        self.listeners.discard(queue)

    async def _poll(self, last: int):
        while self.listeners:
            try:
                for pk, topic in await _changes_after(last):
                    last = pk
                    self._tell(pk, topic)
            except DatabaseError:
                log.warning("the live feed could not be read and is read again", exc_info=True)
            await asyncio.sleep(POLL_SECONDS)

    def _tell(self, pk: int, topic: str) -> None:
        for queue in list(self.listeners):
            # A tab that does not read is let go; its browser comes back with Last-Event-ID.
            if queue.full():
                self.listeners.discard(queue)
            else:
                queue.put_nowait((pk, topic))


feed = Feed()
open_streams: Counter = Counter()


async def stream(scope, receive, send):
    """Answer GET /events as text/event-stream, until the browser leaves or the person may no longer listen."""
    if not validate_host(split_domain_port(_header(scope, b"host"))[0], settings.ALLOWED_HOSTS):
        return await _refuse(send, 400)
    key = _session_key(scope)
    user_id, wide = await _listener(key)
    if user_id is None or scope["method"] != "GET":
        return await _refuse(send, 404)
    if open_streams[user_id] >= MOST_STREAMS:
        return await _refuse(send, 429)
    open_streams[user_id] += 1
    gone = asyncio.create_task(_disconnected(receive))
    queue = feed.join()
    try:
        seen, missed = await _since(_header(scope, b"last-event-id"))
        feed.read(seen)
        await send({"type": "http.response.start", "status": 200, "headers": headers("text/event-stream")})
        # The id alone, so that a browser that has heard nothing yet knows where to go on from.
        heard = [_event(*one) for one in missed if wide or await _hears(user_id, one[1])]
        await _write(send, "retry: 2000\n\n" + "".join(heard) + f"id: {seen}\n\n")
        await _follow(send, queue, gone, key, seen, user_id, wide)
        await send({"type": "http.response.body", "body": b""})
    except asyncio.CancelledError:
        # The server stops: end the answer properly; the browser comes back by itself.
        await send({"type": "http.response.body", "body": b""})
    finally:
        gone.cancel()
        feed.leave(queue)
        open_streams[user_id] -= 1
        if not open_streams[user_id]:
            del open_streams[user_id]


async def _follow(send, queue, gone, key, seen, user_id, wide):
    loop = asyncio.get_running_loop()
    checked = loop.time()
    while not gone.done():
        getter = asyncio.create_task(queue.get())
        await asyncio.wait({getter, gone}, timeout=HEARTBEAT_SECONDS, return_when=asyncio.FIRST_COMPLETED)
        if getter.done():
            pk, topic = getter.result()
            if pk > seen and (wide or await _hears(user_id, topic)):
                await _write(send, _event(pk, topic))
        else:
            getter.cancel()
            if gone.done() or queue not in feed.listeners:
                return
            await _write(send, ": still here\n\n")
        if loop.time() - checked > RECHECK_SECONDS:
            checked = loop.time()
            still, wide = await _listener(key)
            if still is None:
                return


def _event(pk: int, topic: str) -> str:
    return f"id: {pk}\nevent: {topic}\ndata: {topic}\n\n"


async def _write(send, text: str):
    await send({"type": "http.response.body", "body": text.encode(), "more_body": True})


def headers(kind: str) -> list[tuple[bytes, bytes]]:
    """What the middleware of Django puts on every other answer."""
    given = {
        "content-type": f"{kind}; charset=utf-8", "cache-control": "no-store", "x-accel-buffering": "no",
        "x-content-type-options": "nosniff", "referrer-policy": "same-origin",
        "content-security-policy": "default-src 'none'; style-src 'self'; frame-ancestors 'none'", **HEADERS,
    }  # fmt: skip
    if settings.SECURE_HSTS_SECONDS:
        given["strict-transport-security"] = f"max-age={settings.SECURE_HSTS_SECONDS}; includeSubDomains"
    return [(name.lower().encode(), value.encode()) for name, value in given.items()]


async def _refuse(send, status: int):
    await send({"type": "http.response.start", "status": status, "headers": headers("text/plain")})
    await send({"type": "http.response.body", "body": b""})


async def _disconnected(receive):
    while (await receive())["type"] != "http.disconnect":
        pass


def _header(scope, name: bytes) -> str:
    return next((value.decode("latin-1") for key, value in scope["headers"] if key == name), "")


def _session_key(scope) -> str:
    cookies = SimpleCookie()
    try:
        cookies.load(_header(scope, b"cookie"))
    except CookieError:
        return ""
    found = cookies.get(settings.SESSION_COOKIE_NAME)
    return found.value if found else ""


def _beside(read):
    """Run a read in one of the few threads of the streams, whose connections stay: a stream itself keeps none."""

    def run(*args):
        close_old_connections()
        return read(*args)

    return sync_to_async(run, thread_sensitive=False, executor=READERS)


@_beside
def _listener(key: str) -> tuple[int | None, bool]:
    """The id of the signed-in member behind a session, and whether they see the whole company and so hear everything.

    None for everyone else, also after a change of password.
    """
    session = SessionStore(session_key=key) if key else None
    if session is None or expired(session) or weak(session):
        return None, False
    user = get_user(SimpleNamespace(session=session))
    if not user.is_authenticated or not policy.can(user, "company.view"):
        return None, False
    return user.pk, policy.sight(user).wide


def may_hear(user_id: int, topic: str) -> bool:
    """Whether a topic may be told: those of one thing only to who sees the thing, now."""
    kind, _dash, pk = topic.partition("-")
    if kind not in TOPICS:
        return True
    user = User.objects.filter(pk=user_id).first()
    return user is not None and policy.visible(user, TOPICS[kind].objects.filter(pk=pk)).exists()


_hears = _beside(may_hear)


@_beside
def _changes_after(pk: int) -> list[tuple[int, str]]:
    """The next changes, each topic once by its latest."""
    found = Change.objects.filter(pk__gt=pk).order_by("pk").values_list("pk", "topic")[:BACKLOG]
    latest = {topic: pk for pk, topic in found}
    return sorted((pk, topic) for topic, pk in latest.items())


@_beside
def _since(last_id: str) -> tuple[int, list[tuple[int, str]]]:
    """The last change there is, and what happened while the browser was away, or just before it came."""
    seen = Change.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    known = Change.objects.filter(pk__lte=seen)
    if last_id.isdecimal() and len(last_id) < 19:
        missed = known.filter(pk__gt=int(last_id))
    else:
        missed = known.filter(at__gt=timezone.now() - CATCH_UP)
    latest = dict(missed.order_by("-pk").values_list("topic", "pk")[:BACKLOG][::-1])
    return seen, sorted((pk, topic) for topic, pk in latest.items())
