"""Is it alive, and how is it doing? For a supervisor and for Prometheus; says nothing about the company."""

import hmac
import shutil

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.models import Count
from django.http import Http404, HttpResponse, JsonResponse
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from nachim.app.home import home
from nachim.app.models import ImportRun, Schedule, Series, Table
from nachim.app.present import workers
from nachim.web.events import open_streams
from nachim.web.measure import text

LOOPBACK = ("127.0.0.1", "::1")
LOCAL_NAMES = ("127.0.0.1", "localhost", "[::1]")
FORWARDED = ("X-Forwarded-For", "Forwarded", "X-Real-Ip")


def page(request):
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        database = "ok"
    except DatabaseError:
        database = "down"
    return JsonResponse({"database": database}, status=200 if database == "ok" else 503)


def metrics(request):
    """Prometheus' text format; only for who has the token, or without one asks from this machine itself."""
    if not _may_read(request):
        raise Http404
    return HttpResponse(text(_now()), content_type="text/plain; version=0.0.4; charset=utf-8")


def _may_read(request) -> bool:
    if settings.METRICS_TOKEN:
        given = request.headers.get("Authorization", "").removeprefix("Bearer ")
        return hmac.compare_digest(given.encode(), settings.METRICS_TOKEN.encode())
    # A proxy on this machine asks from loopback for the whole world: it names the host, and for whom it asks.
    near = request.META.get("REMOTE_ADDR") in LOOPBACK and request.get_host().rsplit(":", 1)[0] in LOCAL_NAMES
    return near and not any(name in request.headers for name in FORWARDED)


def _now():
    """(name, what it means, value) of what the database and the disk know; a handful of small queries."""
    jobs = dict(DBTaskResult.objects.order_by().values_list("status").annotate(Count("pk")))
    yield "nachim_jobs_waiting", "Jobs that no worker has taken.", jobs.get("READY", 0)
    yield "nachim_jobs_running", "Jobs that a worker is at.", jobs.get("RUNNING", 0)
    yield "nachim_jobs_failed", "Jobs of the last week that failed.", jobs.get("FAILED", 0)
    late = [(timezone.now() - due).total_seconds() for due in Schedule.objects.values_list("due", flat=True)]
    yield "nachim_schedule_late_seconds", "How long the most overdue schedule has been due.", max([0.0, *late])
    waiting = ImportRun.objects.filter(state__in=[ImportRun.State.QUEUED, ImportRun.State.RUNNING])
    yield "nachim_imports_waiting", "Imports that are not in yet.", waiting.count()
    yield "nachim_tables", "Tables with rows.", Table.objects.filter(version__gte=0).count()
    yield "nachim_series_failing", "Metrics that could not be computed.", Series.objects.exclude(problem={}).count()
    yield "nachim_workers", "Workers that live.", len(workers())
    yield "nachim_streams", "Open tabs that this process streams to.", sum(open_streams.values())
    yield "nachim_disk_free_bytes", "Room left where the home lies.", shutil.disk_usage(home()).free
