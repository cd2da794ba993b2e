"""The tasks a worker runs. Each is safe to run again: a worker may die in the middle."""

from datetime import timedelta

from django.contrib.sessions.models import Session
from django.utils import timezone
from django_tasks import task
from django_tasks_db.models import DBTaskResult

from nachim.app.actions import refresh as refreshing
from nachim.app.actions import tables
from nachim.app.models import Change, ImportRun

KEEP_CHANGES = timedelta(days=1)
KEEP_RESULTS = timedelta(days=7)


@task()
def import_staged(run_id: int) -> None:
    run = tables.run_staged(ImportRun.objects.get(pk=run_id))
    if run.state == ImportRun.State.DONE:
        refreshing.refresh()


@task()
def refresh() -> None:
    refreshing.refresh()


@task()
def tidy() -> None:
    """Forget what nobody will ask for: old feed entries, finished jobs, ended sessions."""
    now = timezone.now()
    Change.objects.filter(at__lt=now - KEEP_CHANGES).delete()
    DBTaskResult.objects.filter(finished_at__lt=now - KEEP_RESULTS).delete()
    Session.objects.filter(expire_date__lt=now).delete()

