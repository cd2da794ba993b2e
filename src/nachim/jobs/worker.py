"""The worker: runs jobs, enqueues what is due, and picks up what a dead worker left.

One worker holds a lock on the home, so whatever is marked as running when it starts was left behind by one that died.
"""

import fcntl
import logging
import os
import signal
import time
from contextlib import contextmanager

from django.db import close_old_connections
from django.utils import timezone
from django_tasks import TaskResultStatus as Status
from django_tasks_db.management.commands.db_worker import Worker as TaskWorker
from django_tasks_db.models import DBTaskResult

from nachim.app import audit
from nachim.app.home import home
from nachim.app.models import ImportRun
from nachim.jobs import tasks
from nachim.jobs.schedule import enqueue_due

log = logging.getLogger(__name__)
INTERVAL = 0.2
MOST_ATTEMPTS = 3


class Worker(TaskWorker):
    """django-tasks' worker in batches: between them it looks at the schedule and at who started it."""

    def __init__(self, parent: int | None = None):
        super().__init__(
            queue_names=["*"], interval=INTERVAL, batch=True, backend_name="default", startup_delay=False,
            max_tasks=None, worker_id=f"{os.getpid()}", excluded_queue_names=[],
        )  # fmt: skip
        self.parent = parent

    def shutdown(self, signum, frame) -> None:
        """The first signal ends after the present job; the second at once, and the next worker takes the job up."""
        if not self.running:
            os._exit(1)
        self.running = False

    def work(self) -> None:
        looked = 0.0
        while self.wanted:
            close_old_connections()
            if time.monotonic() - looked > 1:
                looked = time.monotonic()
                enqueue_due(timezone.now())
            # Looking takes no lock on the database; claiming a job does.
            if DBTaskResult.objects.ready().exists():
                self.run()
            if self.running:
                time.sleep(self.interval)

    @property
    def wanted(self) -> bool:
        """Nobody has told it to stop, and the process that started it is still there."""
        return self.running and self.parent in (None, os.getppid())


def sweep() -> int:
    """Put jobs that a dead worker was running back in the queue, and give up after three tries; how many there were."""
    left = list(DBTaskResult.objects.running())
    for job in left:
        tries = len(job.worker_ids or [])
        if tries < MOST_ATTEMPTS:
            DBTaskResult.objects.filter(pk=job.pk).update(status=Status.READY, started_at=None)
        else:
            job.set_failed(RuntimeError(f"the worker died {tries} times while running this"))
        log.warning("%s was left by a dead worker after %d tries", job.task_path, tries)
    _adopt_imports()
    return len(left)


def _adopt_imports() -> None:
    """Imports that no job stands behind any more: continued, or failed where three workers died on them."""
    path = tasks.import_staged.module_path
    jobs = {
        job.args_kwargs["args"][0]: job for job in DBTaskResult.objects.filter(task_path=path).order_by("enqueued_at")
    }
    for run in ImportRun.objects.filter(state__in=[ImportRun.State.QUEUED, ImportRun.State.RUNNING]).exclude(path=""):
        job = jobs.get(run.pk)
        if job is None:
            tasks.import_staged.enqueue(run.pk)
        elif job.status == Status.FAILED:
            tasks.give_up(run, *tasks.DIED)


@contextmanager
def only_worker():
    """Hold this home's worker lock; BlockingIOError when another worker has it."""
    with open(home() / "worker.lock", "a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield


def is_working() -> bool:
    """Whether a worker holds this home."""
    try:
        with only_worker():
            return False
    except BlockingIOError:
        return True


def work(parent: int | None = None) -> None:
    """Run until told to stop, or until `parent` is gone. A killed worker's jobs are taken up first.

    BlockingIOError when another worker is at it; beside a parent it waits for that one to end.
    """
    audit.this_process(via="job")
    worker = Worker(parent)
    for each in (signal.SIGINT, signal.SIGTERM):
        signal.signal(each, worker.shutdown)
    while parent is not None and is_working():
        if not worker.wanted:
            return
        time.sleep(1)
    with only_worker():
        sweep()
        worker.work()
