"""The list of findings with forty open, and the page of one, from the mart: milliseconds in one process."""

import json
import statistics
import time
from datetime import date, timedelta

from bench_findings import opened

OPEN, ASKED, LIMIT = 40, 40, 100.0


def planted(today):
    """Forty open findings as a look leaves them: a paragraph, a waterfall of six bars, an answer of the playbook."""
    from nachim.app.models import Finding, Metric
    from nachim.catalog.playbook import playbook

    metrics, answers = list(Metric.objects.all()), list(playbook().answers)
    text = "평소 ₩1.23억에서 ₩9,800만으로 20.6% 줄었습니다. 동인별로는 방문 수 -₩1,161만, 전환율 -₩600만입니다. "
    bars = [[f"부분 {at}", f"Part {at}", 1000.0 * (-1) ** at] for at in range(6)]
    made = [
        Finding(
            metric=metrics[at % len(metrics)], slice={"store": "강남역점"} if at % 2 else {}, kind="shift", usual=10.0,
            since=today - timedelta(days=at % 20), noticed=today - timedelta(days=at % 20), last=today, seen=8.0,
            one_in=5e3, worse=at % 3 > 0, paragraph={"ko": text * 3, "en": text * 3}, waterfall=bars,
            answer=answers[at % len(answers)],
        ) for at in range(OPEN)
    ]  # fmt: skip
    return Finding.objects.bulk_create(made)


def timed(client, path, language):
    taken = []
    for at in range(ASKED + 3):
        began = time.perf_counter()
        answer = client.get(path, headers={"accept-language": language})
        if at >= 3:
            taken.append(1000 * (time.perf_counter() - began))
        assert answer.status_code == 200, (path, answer.status_code)
    taken.sort()
    return {"p50_ms": round(statistics.median(taken), 1), "p95_ms": round(taken[int(0.95 * len(taken))], 1)}


def main():
    import django

    django.setup()
    _model, _start, today = opened("saas", 7)
    from django.conf import settings
    from django.test import Client

    from nachim.app.models import User

    settings.ALLOWED_HOSTS = ["*"]
    made = planted(date.fromisoformat(str(today)))
    client = Client()
    client.force_login(User.objects.get(email="alice@example.com"))
    pages = {"list of 40": "/findings/", "one": f"/findings/{made[0].pk}/"}
    said = {
        f"{name} ({language})": timed(client, path, language)
        for name, path in pages.items()
        for language in ("ko", "en")
    }
    print(json.dumps(said | {"all under 100 ms": all(one["p95_ms"] < LIMIT for one in said.values())}, indent=1))


if __name__ == "__main__":
    main()
