"""What comes round, and who enqueues it: of several workers, the one whose update moves `due` first."""

from datetime import datetime, timedelta

from nachim.app.models import Schedule
from nachim.jobs import tasks

SKEW = timedelta(minutes=1)
SCHEDULES = {
    # Days close and open periods move without any new row.
    "refresh": (tasks.refresh, timedelta(minutes=10)),
    # Whatever an enqueued merge did not take up.
    "events": (tasks.merge_events, timedelta(minutes=2)),
    "look": (tasks.look, timedelta(hours=6)),
    "tell": (tasks.tell, timedelta(hours=1)),
    "tidy": (tasks.tidy, timedelta(days=1)),
}


def enqueue_due(now: datetime) -> list[str]:
    """Enqueue every schedule that is due, and name those this process claimed."""
    known = {schedule.name: schedule for schedule in Schedule.objects.filter(name__in=SCHEDULES)}
    claimed = []
    for name, (job, every) in SCHEDULES.items():
        seconds = int(every.total_seconds())
        schedule = known.get(name)
        if schedule is None:
            schedule, _made = Schedule.objects.get_or_create(name=name, defaults={"due": now, "every_seconds": seconds})
        # Due later than it can be: the clock has jumped back since. Machines may differ by a little.
        jumped = schedule.due > now + every + SKEW
        if (schedule.due <= now or jumped) and claim(schedule, now, seconds):
            job.enqueue()
            claimed.append(name)
    return claimed


def claim(schedule: Schedule, now: datetime, seconds: int) -> bool:
    """Move `due` on, unless somebody else has moved it since it was read: compare and swap."""
    seen = Schedule.objects.filter(pk=schedule.pk, due=schedule.due)
    return seen.update(due=now + timedelta(seconds=seconds), every_seconds=seconds) == 1
