"""The tasks a worker runs. Each is safe to run again: a worker may die in the middle."""

from django.db import transaction
from django_tasks import task

from nachim.app.actions import refresh as refreshing
from nachim.app.actions import tables
from nachim.app.models import ImportRun


def later(job, *args) -> None:
    """Enqueue when the present transaction is through, so that the worker sees what it wrote."""
    transaction.on_commit(lambda: job.enqueue(*args))


@task()
def import_staged(run_id: int) -> None:
    run = tables.run_staged(ImportRun.objects.get(pk=run_id))
    if run.state == ImportRun.State.DONE:
        refreshing.refresh()


@task()
def refresh() -> None:
    refreshing.refresh()
