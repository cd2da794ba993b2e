"""The browser's own files, straight from the package: small on the way, and asked for again only when they changed."""

import gzip
import hashlib
from functools import lru_cache
from pathlib import Path

from django.contrib.staticfiles import finders
from django.contrib.staticfiles.storage import StaticFilesStorage
from django.http import HttpResponse
from django.utils.cache import patch_vary_headers
from whitenoise.middleware import WhiteNoiseMiddleware

TEXT = ("text/", "application/javascript", "application/json", "image/svg+xml")


class StaticFiles(WhiteNoiseMiddleware):
    """Texts are compressed once a process and kept: there is no step of deployment that could do it before."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.small: dict[str, bytes] = {}

    def serve(self, static_file, request):
        response = super().serve(static_file, request)
        kind = response.headers.get("Content-Type", "")
        if response.status_code != 200 or request.method != "GET" or not kind.startswith(TEXT):
            return response
        patch_vary_headers(response, ["Accept-Encoding"])
        if "gzip" not in request.headers.get("Accept-Encoding", ""):
            return response
        path = request.path_info
        if path not in self.small:
            self.small[path] = gzip.compress(b"".join(response.streaming_content), mtime=0)
        response.close()
        kept = {name: value for name, value in response.headers.items() if name != "Content-Length"}
        return HttpResponse(self.small[path], headers={**kept, "Content-Encoding": "gzip"})


class NamedByContent(StaticFilesStorage):
    """An address says what it leads to: what changes has another one, so that no browser keeps the old. Vendored files
    have their version in their folder."""

    def url(self, name):
        url = super().url(name)
        mark = "" if name.startswith("vendor/") else _mark(name)
        return f"{url}?{mark}" if mark else url


@lru_cache(maxsize=64)
def _mark(name: str) -> str:
    found = finders.find(name)
    return hashlib.sha256(Path(found).read_bytes()).hexdigest()[:10] if found else ""
