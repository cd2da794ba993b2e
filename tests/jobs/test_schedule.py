"""Whoever moves `due` first enqueues; nobody else does."""

import os
import random
from datetime import timedelta

import pytest
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from nachim.app.models import Change, Schedule
from nachim.app.present import present
from nachim.jobs import schedule, tasks
from nachim.jobs.worker import sweep

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
for name in ("tidy", "look", "tell", "events"):
    Schedule.objects.create(name=name, due=now + timedelta(minutes=1), every_seconds=600)
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
    assert schedule.enqueue_due(now + timedelta(minutes=9)) == ["events"]
    assert schedule.enqueue_due(now + timedelta(minutes=10)) == ["refresh"]
    assert Schedule.objects.get(name="refresh").due == now + timedelta(minutes=20)


@pytest.mark.django_db
def test_a_clock_that_jumps_neither_stops_work_nor_piles_it_up():
    rounds = int(os.environ.get("NACHIM_FAULT_ROUNDS", "50"))
    chance, clock, lived = random.Random(7), timezone.now(), 0.0  # noqa: S311
    began: dict[str, float] = {}
    for _ in range(rounds):
        clock += timedelta(seconds=chance.choice((-1, 1)) * chance.choice((30, 3600, 86400, 400 * 86400)))
        for _ in range(40):
            began |= dict.fromkeys(schedule.enqueue_due(clock), lived)
            clock, lived = clock + timedelta(seconds=60), lived + 60
            # Its interval, what clocks may differ by, and two looks of a minute here.
            assert lived - began["refresh"] <= 600 + 60 + 120, "a jump stopped the refresh"
        began |= dict.fromkeys(schedule.enqueue_due(clock), lived)
        assert schedule.enqueue_due(clock) == [], "the same moment twice"
    due = {one.name: one.due for one in Schedule.objects.all()}
    assert all(due[name] <= clock + every + schedule.SKEW for name, (_job, every) in schedule.SCHEDULES.items())


@pytest.mark.django_db
def test_old_feed_entries_go_and_young_ones_stay():
    now = timezone.now()
    Change.objects.create(topic="old", at=now - timedelta(days=2))
    Change.objects.create(topic="young", at=now - timedelta(hours=2))
    tasks.tidy.call()
    assert list(Change.objects.values_list("topic", flat=True)) == ["young"]


@pytest.mark.django_db
def test_a_job_that_lost_its_database_is_taken_up_though_its_worker_lives():
    job = DBTaskResult.objects.create(
        status="RUNNING", worker_ids=["me"], args_kwargs={"args": [], "kwargs": {}}, backend_name="default",
        task_path=tasks.foresee.module_path, run_after=timezone.now(), exception_class_path="", traceback="",
    )  # fmt: skip
    with present("me"):
        assert sweep("somebody else") == 0
        assert sweep("me") == 1
    job.refresh_from_db()
    assert job.status == "READY"
