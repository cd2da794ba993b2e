"""`nachim up` and `nachim demo`: processes that stay, and end together."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request

import pytest
from click.testing import CliRunner

from nachim.cli import serve


class Up:
    def __init__(self, home, *command):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.log = home.parent / "up.log"
        env = {**os.environ, "NACHIM_HOME": str(home), "NACHIM_LANG": "en", "PYTHONUNBUFFERED": "1"}
        with open(self.log, "w") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "nachim", *command, "--port", str(self.port)],
                env=env, stdout=log, stderr=subprocess.STDOUT, start_new_session=True,
            )  # fmt: skip

    def answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/health/", timeout=5) as answer:
                return answer.status == 200
        except OSError:
            return False

    def workers(self) -> list[int]:
        said = subprocess.run(
            ["pgrep", "-f", f"nachim worker --parent {self.process.pid}$"], capture_output=True, text=True
        )
        return [int(pid) for pid in said.stdout.split()]

    def wait(self, what, seconds=60):
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            found = what()
            if found:
                return found
            assert self.process.poll() is None, self.log.read_text()
            time.sleep(0.1)
        raise AssertionError(self.log.read_text())


@pytest.fixture
def up(home):
    started = []

    def start(*command):
        started.append(Up(home, *command))
        return started[-1]

    yield start
    for one in started:
        if one.process.poll() is None:
            one.process.kill()
        one.process.wait()


@pytest.mark.parametrize("sign", [signal.SIGTERM, signal.SIGINT])
def test_it_prints_a_link_answers_and_ends_with_its_worker(up, sign):
    running = up("up")
    running.wait(running.answers)
    assert re.search(rf"http://127.0.0.1:{running.port}/setup/\S+/", running.log.read_text())
    running.wait(running.workers)
    began = time.monotonic()
    running.process.send_signal(sign)
    running.process.wait(10)
    assert time.monotonic() - began < 4
    assert running.process.returncode == 0
    assert not running.workers()
    assert "Traceback" not in running.log.read_text()


def test_a_worker_that_dies_is_started_again_and_none_is_left_alone(up):
    running = up("up")
    running.wait(running.answers)
    first = running.wait(running.workers)[0]
    os.kill(first, signal.SIGKILL)
    running.wait(lambda: [pid for pid in running.workers() if pid != first], 30)
    time.sleep(1)
    running.process.kill()
    running.process.wait()
    deadline = time.monotonic() + 10
    while running.workers() and time.monotonic() < deadline:
        time.sleep(0.1)
    assert not running.workers()


def test_a_port_in_use_is_said(up, run):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        done = run("up", "--port", str(taken.getsockname()[1]), lang="en")
    assert done.returncode == 2 and "cannot be opened" in done.stderr


def test_the_demo_opens_and_its_today_moves(up, run, tmp_path):
    at = tmp_path / "demo"
    running = up("demo", "--home", str(at), "--days", "60", "--no-open")
    running.wait(running.answers)
    said = running.log.read_text()
    assert "alice@example.com" in said and f":{running.port}/" in said
    before = len(list((at / "lake" / "sessions" / "_delta_log").glob("*.json")))
    moved = lambda: len(list((at / "lake" / "sessions" / "_delta_log").glob("*.json"))) > before  # noqa: E731
    running.wait(moved, 60)
    running.process.terminate()
    running.process.wait(10)
    assert run("doctor", "--audit", at=at).returncode == 0
    done = run("up", "--behind-proxy", "--port", str(running.port), at=at, lang="en")
    assert done.returncode == 2 and "password is public" in done.stderr
    done = run("query", "revenue", "--grain", "all", "--format", "csv", at=at)
    assert done.returncode == 0 and "revenue,all," in done.stdout


@pytest.mark.parametrize("names", ["*", "kpi.example.com,.example.com"])
def test_it_answers_to_names_and_not_to_any(names, monkeypatch):
    monkeypatch.setenv("NACHIM_HOSTS", names)
    done = CliRunner().invoke(serve.up, ["--port", "1"])
    assert done.exit_code == 2 and "NACHIM_HOSTS" in done.output
