"""The server's entry: the live stream natively, every other request through a small pool of threads.

A stream held by Django would hold a thread and a database connection for as long as a tab is open; here it holds
neither.
"""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "nachim.web.settings")

from a2wsgi import WSGIMiddleware
from django.core.wsgi import get_wsgi_application

pages = WSGIMiddleware(get_wsgi_application(), workers=8)

from nachim.web.events import stream  # noqa: E402  (reads models: Django is ready from the line above on)


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
