"""The company page under load: 16 clients on the demo company, against computing the same cells straight from the lake.

Prints server p50 and p95 in milliseconds and the ratio. One run, one machine, one process of the server.
"""

import http.cookiejar
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse
import urllib.request
from datetime import UTC, datetime
from pathlib import Path

CLIENTS, SECONDS = 16, 15
HOME = Path(tempfile.mkdtemp(prefix="nachim-bench-")) / "home"
PORT = 8431
URL = f"http://127.0.0.1:{PORT}"


def start() -> subprocess.Popen:
    process = subprocess.Popen(
        [sys.executable, "-m", "nachim", "demo", "--home", str(HOME), "--no-live", "--no-open", "--port", str(PORT)],
        env={**os.environ, "NACHIM_HOME": str(HOME)}, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    for _ in range(600):
        try:
            urllib.request.urlopen(f"{URL}/health/", timeout=1)  # noqa: S310
            return process
        except OSError:
            time.sleep(0.2)
    raise SystemExit("the demo did not start")


def signed_in() -> urllib.request.OpenerDirector:
    opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()))
    page = opener.open(f"{URL}/login/").read().decode()
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page).group(1)
    form = {"csrfmiddlewaretoken": token, "email": "alice@example.com", "password": "compass-2026"}
    opener.open(f"{URL}/login/", urllib.parse.urlencode(form).encode())
    return opener


def load() -> list[float]:
    """Closed-loop clients, each with a session of its own; milliseconds of every answer."""
    openers = [signed_in() for _ in range(CLIENTS)]
    times: list[float] = []
    deadline = time.monotonic() + SECONDS

    def client(opener):
        while time.monotonic() < deadline:
            began = time.perf_counter()
            answer = opener.open(f"{URL}/")
            body = answer.read()
            assert answer.status == 200 and b"</html>" in body
            times.append((time.perf_counter() - began) * 1000)

    threads = [threading.Thread(target=client, args=(opener,)) for opener in openers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return times


def alone() -> list[float]:
    """One client, a hundred answers: the page's own cost."""
    opener = signed_in()
    times = []
    for _ in range(100):
        began = time.perf_counter()
        opener.open(f"{URL}/").read()
        times.append((time.perf_counter() - began) * 1000)
    return times


def from_the_lake() -> float:
    """Milliseconds to compute the cells of one company page without the mart."""
    os.environ["NACHIM_HOME"] = str(HOME)
    os.environ["DJANGO_SETTINGS_MODULE"] = "nachim.web.settings"
    import django

    django.setup()
    from nachim.app import language
    from nachim.app.actions.series import wanted
    from nachim.app.home import lake
    from nachim.app.models import Kpi
    from nachim.app.queries.points import last_periods
    from nachim.core.period import Grain
    from nachim.metrics.run import Query, evaluate

    calendar, model, now = language.calendar(), language.model(), datetime.now(UTC)
    kpis = list(Kpi.objects.select_related("metric"))
    assert wanted()
    best = float("inf")
    for _ in range(3):
        began = time.perf_counter()
        engine = lake().engine()
        for kpi in kpis:
            periods = last_periods(calendar, Grain(kpi.cadence), calendar.today(now), 13)
            where = " and ".join(f"{dim} = '{value}'" for dim, value in kpi.slice.items()) or None
            query = Query(
                (kpi.metric.name,), Grain(kpi.cadence), periods[0].start.date(), periods[-1].end.date(), (), where
            )
            evaluate(model, query, engine, as_of=now)
        best = min(best, (time.perf_counter() - began) * 1000)
    return best


def main():
    server = start()
    try:
        single = alone()
        times = sorted(load())
    finally:
        server.terminate()
        server.wait(10)
    p50, p95 = statistics.median(times), times[int(len(times) * 0.95)]
    lake = from_the_lake()
    print(json.dumps({
        "page_alone_p50_ms": round(statistics.median(single), 1),
        "page_alone_p95_ms": round(sorted(single)[int(len(single) * 0.95)], 1),
        "clients": CLIENTS, "requests": len(times), "per_second": round(len(times) / SECONDS, 1),
        "p50_ms": round(p50, 1), "p95_ms": round(p95, 1),
        "same_cells_from_lake_ms": round(lake, 1), "lake_over_page_alone": round(lake / statistics.median(single), 1),
    }, indent=1))  # fmt: skip


if __name__ == "__main__":
    main()
