"""The tasks a worker runs. Each is safe to run again: a worker may die in the middle."""

import errno
import time
from datetime import timedelta

from django.contrib.sessions.models import Session
from django.db import InterfaceError, OperationalError, transaction
from django.utils import timezone
from django_tasks import task
from django_tasks_db.models import DBTaskResult

from nachim.app import audit
from nachim.app.actions import digest, ingest, tables
from nachim.app.actions import findings as finding
from nachim.app.actions import refresh as refreshing
from nachim.app.actions.forecasts import look_ahead
from nachim.app.doctor import forgotten_uploads
from nachim.app.home import lake
from nachim.app.models import ApiAnswer, Change, EventBatch, ImportRun, NoticeRead, Refresh
from nachim.app.queries.notices import LATELY

REFRESH_SECONDS = 15
_refreshed = 0.0
KEEP_CHANGES = timedelta(days=1)
KEEP_RESULTS = timedelta(days=7)
DIED = (
    "가져오는 도중 여덟 번 멈추었습니다. 메모리나 디스크가 모자라지 않은지 보고 다시 시도하세요.",
    "It stopped eight times on the way. See whether memory or disk ran short, and try again.",
)
NO_ROOM = (errno.ENOSPC, errno.EDQUOT)
FULL = (
    "디스크가 가득 차서 가져오지 못했습니다. 표는 그대로입니다. 자리를 만든 뒤 다시 시도하세요.",
    "The disk is full, so nothing was imported; the table is as it was. Make room and try again.",
)


@task()
def import_staged(run_id: int) -> None:
    run = ImportRun.objects.filter(pk=run_id).first()
    if run is None:
        return
    try:
        run = tables.run_staged(run)
    except (OperationalError, InterfaceError):
        # The database went away: the worker runs this again, and the file is not imported twice.
        raise
    except Exception as error:
        detail = f"{type(error).__name__}: {error}"
        unexpected = (f"예상하지 못한 문제로 멈추었습니다: {detail}", f"It stopped on something unexpected: {detail}")
        give_up(run, *(FULL if getattr(error, "errno", None) in NO_ROOM else unexpected))
        raise
    if run.state == ImportRun.State.DONE:
        refreshing.refresh()
        look_ahead()


@task()
def merge_events() -> None:
    """Accepted events into their tables; then the numbers, but while more events come, not after each merge."""
    global _refreshed
    if ingest.merge_waiting() and (time.monotonic() - _refreshed > REFRESH_SECONDS or not EventBatch.objects.exists()):
        refreshing.refresh()
        look_ahead()
        _refreshed = time.monotonic()


@task()
def refresh() -> None:
    refreshing.refresh()
    look_ahead()


@task()
def foresee() -> None:
    """The odds alone: a target has changed, and no number."""
    look_ahead()


@task()
def look() -> None:
    """What stands out, told in one digest."""
    finding.look()
    digest.tell()


@task()
def tell() -> None:
    """What was found in the quiet hours, or did not arrive."""
    digest.tell()


@task()
def tidy() -> None:
    """Forget what nobody will ask for: old feed entries, finished jobs, ended sessions, uploads that are in."""
    now = timezone.now()
    Change.objects.filter(at__lt=now - KEEP_CHANGES).delete()
    DBTaskResult.objects.filter(finished_at__lt=now - KEEP_RESULTS).delete()
    Session.objects.filter(expire_date__lt=now).delete()
    ApiAnswer.objects.filter(created_at__lt=now - KEEP_CHANGES).delete()
    NoticeRead.objects.filter(at__lt=now - 2 * LATELY).delete()
    for path in forgotten_uploads():
        path.unlink(missing_ok=True)
    tidy_lake()


def tidy_lake() -> None:
    """Join small files; of old versions keep those that an observation on a page was computed from."""
    rows = lake()
    rows.clean()
    used: dict[str, set[int]] = {}
    for versions in Refresh.objects.values_list("versions", flat=True):
        for table, version in versions.items():
            used.setdefault(table, set()).add(version)
    for name in rows.names():
        rows.table(name).compact()
        rows.table(name).clean(keep_versions=tuple(sorted(used.get(name, ()))))


@transaction.atomic
def give_up(run: ImportRun, korean: str, english: str) -> None:
    """An import that will not go on says why, so that nobody waits for it."""
    unfinished = [ImportRun.State.QUEUED, ImportRun.State.RUNNING]
    changed = ImportRun.objects.filter(pk=run.pk, state__in=unfinished).update(
        state=ImportRun.State.FAILED, message={"ko": korean, "en": english}, finished_at=timezone.now()
    )
    if changed:
        audit.publish("data", f"import-{run.pk}")
