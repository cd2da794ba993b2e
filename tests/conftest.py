"""Every test has a home of its own; sockets reach loopback only (pyproject: --allow-hosts)."""

import os
import tempfile
from contextlib import ExitStack
from pathlib import Path

import pytest
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings
from hypothesis.internal.conjecture import providers

# The same examples on every run and no deadline, so that a red run is the change's doing, not the machine's;
# NACHIM_EXPLORE=1 looks for new ones.
hypothesis_settings.register_profile(
    "same",
    derandomize=True,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
hypothesis_settings.register_profile("explore", derandomize=False, deadline=None)
if os.environ.get("NACHIM_EXPLORE"):
    hypothesis_settings.load_profile("explore")
else:
    hypothesis_settings.load_profile("same")
    # Hypothesis also draws numbers it reads in whichever of our modules are imported by then: that differs from one
    # order of the tests to another, and with it every derandomized example.
    providers.is_local_module_file = lambda _: False

# Settings read the home when Django starts: never the developer's own.
os.environ["NACHIM_HOME"] = tempfile.mkdtemp(prefix="nachim-tests-")
for name in ("NACHIM_TLS", "NACHIM_DATABASE"):
    os.environ.pop(name, None)

# NACHIM_TEST_DATABASE runs everything on that PostgreSQL; `own` starts one for this run.
SERVER = ExitStack()


def pytest_configure(config):
    wanted = os.environ.get("NACHIM_TEST_DATABASE", "")
    if wanted == "own" and not hasattr(config, "workerinput"):
        from tests.engines.servers import app_database

        wanted = os.environ["NACHIM_TEST_DATABASE"] = SERVER.enter_context(app_database())
    if wanted:
        # pytest-django has read the settings by now; no connection is open yet.
        from django.conf import settings
        from django.db import connections

        from nachim.app.database import database

        os.environ["NACHIM_DATABASE"] = wanted
        settings.DATABASES["default"] = database(wanted)
        connections.settings = connections.configure_settings(settings.DATABASES)
        del connections["default"]


def pytest_unconfigure(config):
    SERVER.close()


SHARED = Path(__file__).resolve().parents[2] / "shared" / "data"


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    """A fresh NACHIM_HOME."""
    path = tmp_path / "home"
    path.mkdir(mode=0o700)
    monkeypatch.setenv("NACHIM_HOME", str(path))
    return path


@pytest.fixture(autouse=True)
def tasks_at_once(settings):
    """Jobs run where they are enqueued; tests of the worker choose the database backend themselves."""
    settings.TASKS = {"default": {"BACKEND": "django_tasks.backends.immediate.ImmediateBackend", "QUEUES": []}}


@pytest.fixture
def shared():
    """The folder of real data beside the repository."""
    if not SHARED.is_dir():
        pytest.skip("the shared data folder is not beside the repository")
    return SHARED
