"""Every request: its id, how long it took, one line in the log, and counters that all processes of a home share.

Counters lie in files of the home (`metrics/`), one a process; whoever is asked adds them up (prometheus_client's
multiprocess mode). What the database knows better is read when asked: `web.views.health`.
"""

import logging
import os
import re
import secrets
import time
from collections.abc import Iterable
from pathlib import Path

from nachim.app.home import folder
from nachim.app.tracing import one_request

os.environ.setdefault("PROMETHEUS_MULTIPROC_DIR", str(folder("metrics")))

from prometheus_client import CollectorRegistry, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.multiprocess import MultiProcessCollector

log = logging.getLogger("nachim.request")
SECONDS = Histogram(
    "nachim_request_seconds", "Time to answer, by address and status.", ["route", "method", "status"],
    buckets=(0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)  # fmt: skip
PID = re.compile(r"_(\d+)\.db$")


class Measured:
    """The outermost middleware. An address is told by its route, never by its path: paths may hold tokens."""

    def __init__(self, get_response):
        self.get_response = get_response
        forget_dead(Path(os.environ["PROMETHEUS_MULTIPROC_DIR"]))

    def __call__(self, request):
        request.id = secrets.token_hex(8)
        began = time.perf_counter()
        with one_request(request.id):
            response = self.get_response(request)
            seconds = time.perf_counter() - began
            match = request.resolver_match
            route = match.route if match else "static" if request.path.startswith("/static/") else "none"
            method = request.method if request.method in ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE") else "other"
            SECONDS.labels(route, method, response.status_code).observe(seconds)
            log.info("%s /%s %s", method, route, response.status_code, extra={"fields": {
                "method": method, "route": route, "status": response.status_code, "ms": round(seconds * 1000, 1),
            }})  # fmt: skip
        response.headers["X-Request-ID"] = request.id
        return response


def text(now: Iterable[tuple[str, str, float]]) -> bytes:
    """The counters of all processes, added up, and gauges (name, meaning, value), as Prometheus reads them."""
    found = CollectorRegistry()
    MultiProcessCollector(found)
    # Gauges of this moment belong to no process: they stay out of the shared files.
    beside = CollectorRegistry()
    for name, meaning, value in now:
        beside.register(_Value(name, meaning, value))
    return generate_latest(found) + generate_latest(beside)


class _Value:
    """One number for one answer."""

    def __init__(self, name: str, meaning: str, value: float):
        self.metric = GaugeMetricFamily(name, meaning, value=value)

    def collect(self):
        return [self.metric]


def forget_dead(place: Path) -> None:
    """Drop the files of processes that are no more: counters begin anew, as after any restart."""
    for path in place.glob("*.db"):
        match = PID.search(path.name)
        if match and int(match[1]) != os.getpid() and not Path(f"/proc/{match[1]}").exists() and Path("/proc").is_dir():
            path.unlink(missing_ok=True)
