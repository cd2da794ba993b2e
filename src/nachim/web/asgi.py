"""The server's entry: the live stream natively, every other request in its turn through a small pool of threads.

A stream held by Django would hold a thread and a database connection for as long as a tab is open; here it holds
neither.
"""

import atexit
import gc
import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "nachim.web.settings")

from a2wsgi import WSGIMiddleware
from django.core.wsgi import get_wsgi_application

django = get_wsgi_application()

# These read models: Django is ready from the line above on.
from nachim.web.events import stream  # noqa: E402
from nachim.web.turns import THREADS, Turns  # noqa: E402

pages = Turns(WSGIMiddleware(django, workers=THREADS))

# What is loaded by now stays, and a page makes some ten thousand things: looking through all of them for garbage after
# every seven hundred takes a twelfth of the time.
gc.collect()
gc.freeze()
gc.set_threshold(20_000, 20, 20)
# At the end it goes like everything else: what is left then, libraries take for a leak and say so.
atexit.register(gc.unfreeze)


async def application(scope, receive, send):
    if scope["type"] == "lifespan":
        return await _lifespan(receive, send)
    if scope["type"] == "http" and scope["path"] == "/events":
        return await stream(scope, receive, send)
    return await pages(scope, receive, send)


async def _lifespan(receive, send):
    while True:
        message = await receive()
        await send({"type": f"{message['type']}.complete"})
        if message["type"] == "lifespan.shutdown":
            return
