"""The worker: runs jobs, enqueues what is due, and picks up what a dead worker left.

On SQLite one worker holds a lock on the home, so whatever is marked as running when it starts was left behind.
"""

import fcntl
import logging
from contextlib import contextmanager
from datetime import timedelta

from django.db import close_old_connections
from django.utils import timezone
from django_tasks_db.management.commands.db_worker import Worker as TaskWorker
from django_tasks_db.models import DBTaskResult

from nachim.app.home import home
from nachim.app.models import Schedule
from nachim.jobs import tasks

log = logging.getLogger(__name__)
INTERVAL = 0.2
MOST_ATTEMPTS = 3
SCHEDULES = {
    # Days close and open periods move without any new row.
    "refresh": (tasks.refresh, timedelta(minutes=10)),
    "tidy": (tasks.tidy, timedelta(hours=6)),
}


class Worker(TaskWorker):
    """django-tasks' worker, which also looks at the schedule between tasks."""

    def __init__(self):
        super().__init__(
            queue_names=["*"], interval=INTERVAL, batch=False, backend_name="default", startup_delay=False, max_tasks=None,
            worker_id="worker", excluded_queue_names=[],
        )  # fmt: skip
        self._looked = None

    @property
    def running(self) -> bool:
        """Asked before every task: the moment to see what is due."""
        now = timezone.now()
        if self._running and (self._looked is None or now - self._looked > timedelta(seconds=1)):
            self._looked = now
            claim_due(now)
        return self._running

    @running.setter
    def running(self, value: bool) -> None:
        self._running = value


def claim_due(now) -> list[str]:
    """Enqueue every schedule that is due. Of several workers, the one whose update changes the row does it."""
    claimed = []
    for name, (job, every) in SCHEDULES.items():
        schedule, _made = Schedule.objects.get_or_create(
            name=name, defaults={"due": now, "every_seconds": int(every.total_seconds())}
        )
        if schedule.due <= now and claim(schedule, now):
            job.enqueue()
            claimed.append(name)
    return claimed


def claim(schedule: Schedule, now) -> bool:
    """Move `due` on, if nobody else has: compare and swap."""
    due = now + timedelta(seconds=schedule.every_seconds)
    return Schedule.objects.filter(pk=schedule.pk, due=schedule.due).update(due=due) == 1


def sweep() -> int:
    """Put jobs that a dead worker was running back in the queue; give up after three tries."""
    left = 0
    for job in DBTaskResult.objects.filter(status="RUNNING"):
        tries = len(job.worker_ids or [])
        status = "READY" if tries < MOST_ATTEMPTS else "FAILED"
        DBTaskResult.objects.filter(pk=job.pk, status="RUNNING").update(
            status=status, started_at=None, finished_at=None if status == "READY" else timezone.now()
        )
        log.warning("job %s was left by a dead worker: now %s", job.task_path, status)
        left += 1
    return left


@contextmanager
def only_worker():
    """Hold this home's worker lock; BlockingIOError when another worker has it."""
    with open(home() / "worker.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield


def work() -> None:
    """Run until told to stop. A killed worker's jobs are taken up first."""
    with only_worker():
        sweep()
        worker = Worker()
        worker.configure_signals()
        close_old_connections()
        worker.run()
