"""How much may be asked: so many requests a minute for each token or person, over all web processes.

Each process counts by itself and tells the database once a second, so a limit may be overshot by what is asked in a
second, and a request costs no write.
"""

import threading
import time

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from nachim.app.models import ApiToken, ApiUse

SYNC_SECONDS = 1.0
MOST_KNOWN = 10_000
_lock = threading.Lock()


class Count:
    """What one who asks has used of the minute: `all` as last read of the database, `own` not told yet."""

    def __init__(self, minute: int):
        self.minute, self.all, self.own, self.told = minute, 0, 0, 0.0


_counts: dict[str, Count] = {}


def take(who: str, token: ApiToken | None) -> tuple[int, int]:
    """Count a request of `who`: (how many are left in this minute, in how many seconds the next begins).

    None are left: it has to be refused, and was not counted.
    """
    now = time.time()
    minute = int(now // 60)
    with _lock:
        if len(_counts) > MOST_KNOWN:
            _counts.clear()
        count = _counts.get(who)
        if count is None or count.minute != minute:
            count = _counts[who] = Count(minute)
        left = settings.API_RATE - count.all - count.own
        if left > 0:
            count.own += 1
        due = now - count.told >= SYNC_SECONDS
        if due:
            told, count.own, count.told = count.own, 0, now
    if due:
        total = _tell(who, minute, told, token)
        with _lock:
            count.all = total
    return max(0, left), 60 - int(now % 60)


def _tell(who: str, minute: int, told: int, token: ApiToken | None) -> int:
    with transaction.atomic():
        use, _made = ApiUse.objects.select_for_update().get_or_create(who=who, defaults={"minute": minute})
        use.requests = told + (use.requests if use.minute == minute else 0)
        use.minute = minute
        use.save(update_fields=["minute", "requests"])
        if token is not None:
            ApiToken.objects.filter(pk=token.pk).update(last_used_at=timezone.now())
    return use.requests
