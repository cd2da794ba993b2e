"""Workers: run jobs, enqueue what is due, and pick up what a dead worker left.

Any number may work on one home. Each holds the lock of a file of its own (`app.present`), so that a job which is
marked as running by a worker whose lock is free was left behind by one that died, and another takes it up.
"""

import logging
import os
import signal
import time

from django.db import InterfaceError, OperationalError, close_old_connections, transaction
from django.utils import timezone
from django_tasks import TaskResultStatus as Status
from django_tasks_db.management.commands.db_worker import Worker as TaskWorker
from django_tasks_db.models import DBTaskResult

from nachim.app import audit
from nachim.app.models import ImportRun
from nachim.app.present import is_present, new_name, others, present
from nachim.jobs import tasks
from nachim.jobs.schedule import enqueue_due

log = logging.getLogger(__name__)
INTERVAL = 0.2
TEND_SECONDS = 5
# A job that kills its worker must not be tried for ever; one whose workers are killed for other reasons gets through.
MOST_ATTEMPTS = 8
# The database went away in the middle: the job is as good as one whose worker died.
OUTAGES = tuple(f"{error.__module__}.{error.__qualname__}" for error in (OperationalError, InterfaceError))


class Worker(TaskWorker):
    """django-tasks' worker in batches: between them it looks at the schedule, at the dead, and at who started it."""

    def __init__(self, parent: int | None = None):
        super().__init__(
            queue_names=["*"], interval=INTERVAL, batch=True, backend_name="default", startup_delay=False,
            max_tasks=None, worker_id=new_name(), excluded_queue_names=[],
        )  # fmt: skip
        self.parent = parent
        self.jobless: set[int] | None = None

    def shutdown(self, signum, frame) -> None:
        """The first signal ends after the present job; the second at once, and another worker takes the job up."""
        if not self.running:
            os._exit(1)
        self.running = False

    def work(self) -> None:
        looked = tended = 0.0
        while self.wanted:
            close_old_connections()
            try:
                if time.monotonic() - looked > 1:
                    looked = time.monotonic()
                    enqueue_due(timezone.now())
                if time.monotonic() - tended > TEND_SECONDS:
                    tended = time.monotonic()
                    self.tend()
                # Looking takes no lock on the database; claiming a job does.
                if DBTaskResult.objects.ready().exists():
                    self.run()
            except (OperationalError, InterfaceError) as error:
                log.warning("the database does not answer and is asked again: %s", str(error).strip())
                time.sleep(1)
            if self.running:
                time.sleep(self.interval)

    def run_task(self, db_task_result: DBTaskResult) -> None:
        super().run_task(db_task_result)
        job = db_task_result
        if job.status == Status.FAILED and job.exception_class_path in OUTAGES and len(job.worker_ids) < MOST_ATTEMPTS:
            DBTaskResult.objects.filter(pk=job.pk).update(status=Status.READY, started_at=None, finished_at=None)

    def tend(self) -> None:
        """Take up what dead workers left. An import without a job is taken up when it still has none next time:
        whoever confirmed it may be about to enqueue it. At once only by a worker that starts and is alone."""
        sweep(self.worker_id)
        jobless = _jobless()
        first = self.jobless is None and not others(self.worker_id)
        for pk in jobless if first else jobless & (self.jobless or set()):
            tasks.import_staged.enqueue(pk)
        self.jobless = jobless

    @property
    def wanted(self) -> bool:
        """Nobody has told it to stop, and the process that started it is still there."""
        return self.running and self.parent in (None, os.getppid())


def sweep(idle: str = "") -> int:
    """Put jobs that dead workers were running back in the queue, and give up after eight tries; how many there were.

    `idle`: a worker that is between jobs. One still marked as its own was interrupted by the database going away,
    before it could be written down that it failed.
    """
    if not any(_is_left(job, idle) for job in DBTaskResult.objects.running()):
        return 0
    # One writer at a time: of several workers one takes a job up.
    with transaction.atomic():
        left = [job for job in DBTaskResult.objects.running() if _is_left(job, idle)]
        for job in left:
            tries = len(job.worker_ids)
            if tries < MOST_ATTEMPTS:
                DBTaskResult.objects.filter(pk=job.pk).update(status=Status.READY, started_at=None)
            else:
                job.set_failed(RuntimeError(f"the worker died {tries} times while running this"))
                _give_up_import(job)
            log.warning("%s was left by a dead worker after %d tries", job.task_path, tries)
    return len(left)


def _is_left(job: DBTaskResult, idle: str) -> bool:
    return not job.worker_ids or job.worker_ids[-1] == idle or not is_present(job.worker_ids[-1])


def _give_up_import(job: DBTaskResult) -> None:
    if job.task_path == tasks.import_staged.module_path:
        for run in ImportRun.objects.filter(pk=job.args_kwargs["args"][0]):
            tasks.give_up(run, *tasks.DIED)


def _jobless() -> set[int]:
    """Imports that should be going on and that no job stands behind. One whose job failed says so."""
    jobs = {}
    for job in DBTaskResult.objects.filter(task_path=tasks.import_staged.module_path).order_by("enqueued_at"):
        jobs[job.args_kwargs["args"][0]] = job
    going = ImportRun.objects.filter(state__in=[ImportRun.State.QUEUED, ImportRun.State.RUNNING]).exclude(path="")
    found = set()
    for run in going:
        job = jobs.get(run.pk)
        if job is None:
            found.add(run.pk)
        elif job.status == Status.FAILED and job.exception_class_path not in OUTAGES:
            tasks.give_up(run, *tasks.DIED)
    return found


def work(parent: int | None = None) -> None:
    """Run until told to stop, or until `parent` is gone."""
    audit.this_process(via="job")
    worker = Worker(parent)
    for each in (signal.SIGINT, signal.SIGTERM):
        signal.signal(each, worker.shutdown)
    with present(worker.worker_id):
        worker.work()
