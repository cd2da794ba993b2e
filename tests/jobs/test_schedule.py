"""Whoever moves `due` first enqueues; nobody else does."""

from datetime import timedelta

import pytest
from django.utils import timezone

from nachim.app.models import Change, Schedule
from nachim.jobs import schedule, tasks

RACE = """
import threading
from datetime import timedelta
from django.db import connection
from django.utils import timezone
from django_tasks_db.models import DBTaskResult
from nachim.app.models import Schedule
from nachim.jobs.schedule import enqueue_due

now = timezone.now()
Schedule.objects.create(name="refresh", due=now - timedelta(seconds=1), every_seconds=600)
for name in ("tidy", "look", "tell"):
    Schedule.objects.create(name=name, due=now + timedelta(hours=1), every_seconds=600)
gate, won = threading.Barrier(20), []

def claim():
    connection.ensure_connection()
    gate.wait()
    won.extend(enqueue_due(now))
    connection.close()

threads = [threading.Thread(target=claim) for _ in range(20)]
[thread.start() for thread in threads]
[thread.join() for thread in threads]
print(len(won), DBTaskResult.objects.count())
"""


def test_of_twenty_workers_one_enqueues(house):
    assert house.python(RACE).split() == ["1", "1"]


@pytest.mark.django_db
def test_work_comes_round_only_when_it_is_due():
    now = timezone.now()
    assert set(schedule.enqueue_due(now)) == set(schedule.SCHEDULES)
    assert schedule.enqueue_due(now) == []
    assert schedule.enqueue_due(now + timedelta(minutes=9)) == []
    assert schedule.enqueue_due(now + timedelta(minutes=10)) == ["refresh"]
    assert Schedule.objects.get(name="refresh").due == now + timedelta(minutes=20)


@pytest.mark.django_db
def test_old_feed_entries_go_and_young_ones_stay():
    now = timezone.now()
    Change.objects.create(topic="old", at=now - timedelta(days=2))
    Change.objects.create(topic="young", at=now - timedelta(hours=2))
    tasks.tidy.call()
    assert list(Change.objects.values_list("topic", flat=True)) == ["young"]
